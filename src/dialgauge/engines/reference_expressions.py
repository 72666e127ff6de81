"""What does an expression give for one row, in plain Python?

NULL is None. Numbers are int, Decimal or float as they come: whole and decimal numbers stay
exact, a float on either side makes both floats, and division always gives a float.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from dialgauge.errors import EngineError
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
)
from dialgauge.model.question import Grain
from dialgauge.plan.nodes import Bucket, Offset

Row: TypeAlias = Mapping[str, Any]
"""Name to value; every name an expression may read is there."""

EXACT = decimal.Context(prec=200)
"""Enough digits that sums and products of stored money never round."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(expression: Expression, row: Row) -> Any:  # noqa: C901, PLR0912 - a branch a node
    """Compute an expression for one row.

    Args:
        expression: Checked by `model.check`, or a `Bucket`.
        row: What its names stand for.

    Returns:
        None, str, bool, int, Decimal, float, an aware datetime, or a date.

    Raises:
        EngineError: The row lacks a name, or the node is not part of the language.

    Example:
        >>> from dialgauge.model.parse import parse
        >>> evaluate(parse("a / b"), {"a": 1, "b": 0}) is None
        True
    """
    match expression:
        case Literal(value):
            return value
        case Name(name):
            if name not in row:
                raise EngineError(f"the plan reads '{name}', which its leg does not provide")
            return row[name]
        case Not(operand):
            truth = evaluate(operand, row)
            return None if truth is None else not truth
        case And(operands):
            truths = [evaluate(operand, row) for operand in operands]
            return False if False in truths else None if None in truths else True
        case Or(operands):
            truths = [evaluate(operand, row) for operand in operands]
            return True if True in truths else None if None in truths else False
        case Compare(sign, left, right):
            return _compare(sign, evaluate(left, row), evaluate(right, row))
        case In(operand, values):
            found = Literal(evaluate(operand, row))
            return evaluate(Or(tuple(Compare("=", found, each) for each in values)), row)
        case IsNull(operand):
            return evaluate(operand, row) is None
        case Arithmetic(sign, left, right):
            return _arithmetic(sign, evaluate(left, row), evaluate(right, row))
        case Case(branches, otherwise):
            for condition, result in branches:
                if evaluate(condition, row) is True:
                    return evaluate(result, row)
            return evaluate(otherwise, row)
        case Call(function, arguments):
            return _call(function, [evaluate(argument, row) for argument in arguments])
        case Bucket(at, grain, offsets, week_starts):
            return bucket(evaluate(at, row), grain, offsets, week_starts)
    raise EngineError(f"the reference engine does not know {type(expression).__name__}")


def alike(values: list[Any]) -> list[Any]:
    """Make all numbers floats when one is, so that 0.1 equals 0.1 whatever holds it.

    Example:
        >>> alike([Decimal("0.1"), 0.1])
        [0.1, 0.1]
    """
    if any(isinstance(value, float) for value in values):
        return [float(value) if isinstance(value, Decimal) else value for value in values]
    return values


def bucket(
    at: dt.datetime | None, grain: Grain, offsets: tuple[Offset, ...], week_starts: int
) -> int | dt.date | None:
    """Find the bucket an instant falls in, as described at `Bucket`.

    Example:
        >>> noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
        >>> bucket(noon, Grain.WEEK, (Offset(None, 20_700),), 1)
        datetime.date(2026, 2, 23)
    """
    if at is None:
        return None
    second = (at - _EPOCH) // dt.timedelta(seconds=1)
    offset = [each for each in offsets if each.since is None or each.since <= second][-1]
    local = second + offset.seconds
    if grain is Grain.HOUR:
        begins = local // 3600 * 3600 - offset.seconds
        # Some zones change in the middle of an hour: the hour in which they land begins there.
        return begins if offset.since is None else max(begins, offset.since)
    day = _EPOCH.date() + dt.timedelta(days=local // 86_400)
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - dt.timedelta(days=(day.isoweekday() - week_starts) % 7)
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)


def _compare(sign: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    left, right = alike([left, right])
    return _COMPARISONS[sign](left, right)


def _arithmetic(sign: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if sign == "/":
        return float(left) / float(right) if right != 0 else None
    left, right = alike([left, right])
    with decimal.localcontext(EXACT):
        match sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case _:
                return left * right


def _call(function: str, arguments: list[Any]) -> Any:
    known = alike([argument for argument in arguments if argument is not None])
    if function in ("coalesce", "least", "greatest"):
        if not known:
            return None
        return {"coalesce": known[0], "least": min(known), "greatest": max(known)}[function]
    if len(known) < len(arguments):
        return None
    return _FUNCTIONS[function](*arguments)


def _json_text(text: str, name: str) -> str | None:
    try:
        found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_members)
        member = found.get(name) if isinstance(found, dict) else None
        if member is not None and not isinstance(member, str):
            member = json.dumps(member, separators=(",", ":"), ensure_ascii=False)
        if member is not None:
            member.encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return member


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Let the first of several members of one name stand."""
    return dict(reversed(pairs)) if len(dict(pairs)) < len(pairs) else dict(pairs)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _periods(day: dt.date, at: dt.datetime, days: Any) -> int | None:
    return math.floor((at.astimezone(dt.UTC).date() - day).days / days) if days else None


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": lambda text: text.strip(" "),
    "starts_with": str.startswith,
    "contains": operator.contains,
    "seconds_between": lambda a, b: (b - a).total_seconds(),
    "days_between": lambda day, at: (at.astimezone(dt.UTC).date() - day).days,
    "periods_between": _periods,
    "json_text": _json_text,
    "add_seconds": lambda at, seconds: at + dt.timedelta(seconds=seconds),
}
