"""How does an expression become SQL?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from sqlglot import exp

from dialgauge.engines.dialect import Dialect, cast, function, number, text
from dialgauge.model.expression import (
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    Expression,
    In,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
    Value,
)
from dialgauge.model.question import Grain
from dialgauge.plan.nodes import Bucket, Offset

_COMPARISONS: Mapping[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_ARITHMETIC: Mapping[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
_UNTYPED = ("coalesce", "least", "greatest")
_MICROSECONDS = 1_000_000
_DAY = 86_400

Columns = Callable[[str], exp.Expr]
"""How a name is written where the expression stands."""


def render(  # noqa: C901 - one branch a node
    node: Expression, columns: Columns, dialect: Dialect
) -> exp.Expr:
    """Write an expression as SQL.

    Args:
        node: A checked expression.
        columns: How names are written here.
        dialect: The engine's differences.
    """

    def sub(child: Expression) -> exp.Expr:
        return render(child, columns, dialect)

    match node:
        case Literal(value):
            return literal(value, dialect)
        case Name(name):
            return columns(name)
        case Not(operand):
            return exp.Not(this=exp.paren(sub(operand), copy=False))
        case And(operands):
            return exp.and_(*map(sub, operands), copy=False)
        case Or(operands):
            return exp.paren(exp.or_(*map(sub, operands), copy=False), copy=False)
        case Compare(operator, left, right):
            return _COMPARISONS[operator](this=_tight(sub(left)), expression=_tight(sub(right)))
        case In(operand, values):
            return exp.In(this=_tight(sub(operand)), expressions=[sub(value) for value in values])
        case IsNull(operand):
            return exp.Is(this=_tight(sub(operand)), expression=exp.null())
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, sub(left), sub(right))
        case Case(branches, otherwise):
            ifs = [exp.If(this=truth(sub(when)), true=sub(then)) for when, then in branches]
            return exp.Case(ifs=ifs, default=sub(otherwise))
        case Call(name, arguments):
            return _call(name, [sub(argument) for argument in arguments], dialect)
        case Bucket():
            return bucket(node, sub(node.at), dialect)
    raise TypeError(node)


def literal(value: Value, dialect: Dialect) -> exp.Expr:
    """Write a constant."""
    match value:
        case None:
            return exp.null()
        case bool():
            return exp.true() if value else exp.false()
        case int() | float() | Decimal():
            return number(value)  # type: ignore[arg-type]
        case dt.datetime():
            return dialect.moment(value)
        case dt.date():
            return cast(text(value.isoformat()), "DATE")
    return text(value)


def bucket(node: Bucket, at: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Write the time bucket of an instant; see `Bucket`."""
    microseconds = dialect.microseconds(at)
    offset = _offset(microseconds, node.offsets)
    local = (
        microseconds
        if offset is None
        else exp.paren(exp.Add(this=microseconds, expression=_scaled(offset)))
    )
    if node.grain is Grain.HOUR:
        hours = floor_division(local, 3600 * _MICROSECONDS)
        start: exp.Expr = exp.Mul(this=hours, expression=number(3600))
        if offset is not None:
            start = exp.paren(exp.Sub(this=start, expression=offset.copy()))
        if any(each.since and (each.since + each.seconds) % 3600 for each in node.offsets):
            # Clocks may land in the middle of an hour, which then begins there and not before.
            changes = [exp.null() if o.since is None else number(o.since) for o in node.offsets]
            landed = _by_offset(microseconds, node.offsets, changes)
            later = exp.LT(this=start, expression=exp.paren(landed))
            start = exp.Case(ifs=[exp.If(this=later, true=landed.copy())], default=start.copy())
        return start
    days = floor_division(local, _DAY * _MICROSECONDS)
    if node.grain is Grain.DAY:
        return dialect.day(days)
    if node.grain is Grain.WEEK:
        # 1970-01-01 was a Thursday, day 4 of a week that starts on Monday, day 1.
        shifted = exp.paren(exp.Add(this=days, expression=number(4 - node.week_starts)))
        weeks = exp.Mul(this=floor_division(shifted, 7), expression=number(7))
        return dialect.day(exp.paren(exp.Sub(this=weeks, expression=number(4 - node.week_starts))))
    return dialect.month(dialect.day(days), node.grain.value)


def floor_division(dividend: exp.Expr, divisor: int) -> exp.Expr:
    """Divide downwards to a whole number; exact below 2**53."""
    quotient = exp.Div(this=cast(dividend, "DOUBLE"), expression=number(divisor))
    return cast(function("floor", quotient), "BIGINT")


def conditional(where: exp.Expr | None, then: exp.Expr) -> exp.Expr:
    """Write a value that is NULL unless a condition is true.

    CASE inside the aggregate measured 2.4 times cheaper than FILTER on DuckDB 2.0.
    """
    return then if where is None else exp.Case(ifs=[exp.If(this=truth(where), true=then)])


def truth(condition: exp.Expr) -> exp.Expr:
    """Let a condition that may be nothing but NULL be a truth value; Spark refuses it else.

    Example:
        >>> truth(exp.null()).sql()
        'CAST(NULL AS BOOLEAN)'
    """
    untyped = isinstance(condition, exp.Null | exp.Case) or (
        isinstance(condition, exp.Anonymous) and condition.name in _UNTYPED
    )
    return cast(condition, "BOOLEAN") if untyped else condition


def _offset(microseconds: exp.Expr, offsets: tuple[Offset, ...]) -> exp.Expr | None:
    if len(offsets) == 1:
        return number(offsets[0].seconds) if offsets[0].seconds else None
    return _by_offset(microseconds, offsets, [number(each.seconds) for each in offsets])


def _by_offset(
    microseconds: exp.Expr, offsets: tuple[Offset, ...], values: Sequence[exp.Expr]
) -> exp.Expr:
    """Choose the value of the offset that holds at an instant."""
    branches = [
        exp.If(
            this=exp.LT(
                this=microseconds.copy(), expression=number((later.since or 0) * _MICROSECONDS)
            ),
            true=value,
        )
        for later, value in zip(offsets[1:], values, strict=False)
    ]
    return exp.Case(ifs=branches, default=values[-1])


def _scaled(offset: exp.Expr) -> exp.Expr:
    return exp.Mul(this=offset, expression=cast(number(_MICROSECONDS), "BIGINT"))


def _arithmetic(operator: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    if operator == "/":
        divisor = function("nullif", right, number(0))
        return exp.Div(this=cast(left, "DOUBLE"), expression=divisor)
    return _ARITHMETIC[operator](this=_tight(left), expression=_tight(right))


def _call(name: str, arguments: list[exp.Expr], dialect: Dialect) -> exp.Expr:
    match name, arguments:
        case "trim", [whole]:
            return dialect.trim(whole)
        case "starts_with", [whole, part]:
            return dialect.starts_with(whole, part)
        case "contains", [whole, part]:
            return dialect.contains(whole, part)
        case "json_text", [whole, part]:
            return dialect.json_text(whole, part)
        case "add_seconds", [at, seconds]:
            added = exp.Add(this=dialect.microseconds(at), expression=_scaled(seconds))
            return dialect.instant(added)
        case "seconds_between", [start, end]:
            span = exp.Sub(this=dialect.microseconds(end), expression=dialect.microseconds(start))
            return exp.paren(
                exp.Div(this=cast(exp.paren(span), "DOUBLE"), expression=number(_MICROSECONDS))
            )
        case "periods_between", [day, at, days]:
            whole = cast(_call("days_between", [day, at], dialect), "DOUBLE")
            quotient = exp.Div(this=whole, expression=function("nullif", days, number(0)))
            return cast(function("floor", quotient), "BIGINT")
        case "days_between", [day, at]:
            today = floor_division(dialect.microseconds(at), _DAY * _MICROSECONDS)
            return exp.paren(exp.Sub(this=today, expression=dialect.day_number(day)))
    return function(name, *arguments)


def _tight(expression: exp.Expr) -> exp.Expr:
    loose = (exp.Binary, exp.Not, exp.In, exp.Case, exp.Neg)
    return exp.paren(expression, copy=False) if isinstance(expression, loose) else expression
