"""Does an expression make sense over these columns?

Checking happens once, before any engine sees an expression: names must be declared, kinds must
fit, and texts that are compared with times become times. Time arithmetic becomes a call, so that
engines need no knowledge of durations.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.expression import (
    NULL,
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    Duration,
    Expression,
    In,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
)
from dialgauge.model.table import Type


class Kind(enum.Enum):
    """What an expression gives, as far as checking cares."""

    TEXT = "a text"
    BOOL = "true or false"
    NUMBER = "a number"
    TIME = "a time"
    DATE = "a date"
    NULL = "null"


KINDS: Mapping[Type, Kind] = {
    Type.TEXT: Kind.TEXT,
    Type.BOOL: Kind.BOOL,
    Type.INTEGER: Kind.NUMBER,
    Type.NUMBER: Kind.NUMBER,
    Type.MONEY: Kind.NUMBER,
    Type.TIME: Kind.TIME,
    Type.DATE: Kind.DATE,
    Type.JSON: Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives; `more` lets the last argument repeat, None fits any kind."""

    arguments: tuple[Kind | None, ...]
    result: Kind | None
    more: bool = False


FUNCTIONS: Mapping[str, Signature] = {
    "coalesce": Signature((None, None), None, more=True),
    "least": Signature((None, None), None, more=True),
    "greatest": Signature((None, None), None, more=True),
    "lower": Signature((Kind.TEXT,), Kind.TEXT),
    "upper": Signature((Kind.TEXT,), Kind.TEXT),
    "trim": Signature((Kind.TEXT,), Kind.TEXT),
    "starts_with": Signature((Kind.TEXT, Kind.TEXT), Kind.BOOL),
    "contains": Signature((Kind.TEXT, Kind.TEXT), Kind.BOOL),
    "seconds_between": Signature((Kind.TIME, Kind.TIME), Kind.NUMBER),
    "days_between": Signature((Kind.DATE, Kind.TIME), Kind.NUMBER),
    "periods_between": Signature((Kind.DATE, Kind.TIME, Kind.NUMBER), Kind.NUMBER),
    "json_text": Signature((Kind.TEXT, Kind.TEXT), Kind.TEXT),
}
"""Functions of the language:

- `coalesce` gives the first known argument; `least` and `greatest` skip unknown ones
- `trim` takes the spaces off both ends of a text, and no other white space
- `lower` and `upper` are the same everywhere for letters that have one counterpart; for the few
  that have two (the German sharp s) or none, engines differ
- `seconds_between(a, b)` is b less a, with fractions
- `days_between(day, time)` is the UTC day of the time less the day
- `periods_between(day, time, days)` is how many whole periods of so many days lie between them,
  negative before the day
- `json_text(object, name)` is the text of a member, NULL when it is missing or not an object
"""


def check(
    expression: Expression, types: Mapping[str, Type], zone: str = "UTC"
) -> tuple[Expression, Kind]:
    """Check an expression against columns and make it ready for engines.

    Args:
        expression: As parsed.
        types: The names it may read, with their types.
        zone: The zone of time literals that name none.

    Returns:
        The expression with literals of the right kind, time arithmetic as `add_seconds` calls,
        and NULL for calls of NULL; and its kind.

    Raises:
        ExpressionError: Kinds do not fit.
        UnknownNameError: A name or a function is not declared.

    Example:
        >>> from dialgauge.model.parse import parse
        >>> check(parse("talk_s >= 30"), {"talk_s": Type.NUMBER})[1].name
        'BOOL'
    """
    return _Checker(types, zone).visit(expression)


def condition(expression: Expression, types: Mapping[str, Type], zone: str = "UTC") -> Expression:
    """Check an expression that must be true or false.

    Raises:
        ExpressionError: It is something else.
    """
    checked, kind = check(expression, types, zone)
    if kind not in (Kind.BOOL, Kind.NULL):
        raise ExpressionError(
            f"a condition must be true or false, but this gives {kind.value}; "
            "compare it with something, for example talk_s >= 30"
        )
    return checked


_MOST_SECONDS = 36_500 * 86_400  # farther, times leave the calendars of engines


@dataclass(frozen=True, slots=True)
class _Checker:
    types: Mapping[str, Type]
    zone: str

    def visit(  # noqa: C901, PLR0912 - one branch a node
        self, node: Expression
    ) -> tuple[Expression, Kind]:
        match node:
            case Literal(value):
                return node, _literal_kind(value)
            case Duration():
                raise ExpressionError(
                    "a length of time can only be added to a time or taken from one, as in "
                    "created_at + 30 days"
                )
            case Name(name):
                if name not in self.types:
                    raise UnknownNameError("column", name, self.types)
                return node, KINDS[self.types[name]]
            case Not(operand):
                return Not(self.need(operand, Kind.BOOL)), Kind.BOOL
            case And(operands) | Or(operands):
                checked = tuple(self.need(operand, Kind.BOOL) for operand in operands)
                return replace(node, operands=checked), Kind.BOOL
            case IsNull(operand):
                return IsNull(self.visit(operand)[0]), Kind.BOOL
            case Compare(operator, left, right):
                sides, kind = self.same((left, right), f"'{operator}'")
                if kind is Kind.BOOL and operator not in ("=", "!="):
                    raise ExpressionError(f"true and false have no order; '{operator}' needs more")
                return Compare(operator, *sides), Kind.BOOL
            case In(operand, values):
                checked, _ = self.same((operand, *values), "'in'")
                listed = tuple(value for value in checked[1:] if isinstance(value, Literal))
                return In(checked[0], listed), Kind.BOOL
            case Arithmetic():
                return self.arithmetic(node)
            case Case(branches, otherwise):
                return self.case(branches, otherwise)
            case Call(function, arguments):
                return self.call(function, arguments)
        raise ExpressionError(f"{type(node).__name__} is not in the language")

    def need(self, node: Expression, kind: Kind) -> Expression:
        checked, found = self.visit(node)
        if found not in (kind, Kind.NULL):
            raise ExpressionError(f"expected {kind.value}, found {found.value}{_named(node)}")
        return checked

    def same(
        self, nodes: tuple[Expression, ...], where: str
    ) -> tuple[tuple[Expression, ...], Kind]:
        """Bring nodes to one kind, reading text literals as times where others are times."""
        visited = [self.visit(node) for node in nodes]
        kinds = {kind for _, kind in visited if kind is not Kind.NULL}
        target = next((kind for kind in (Kind.TIME, Kind.DATE) if kind in kinds), None)
        if target and Kind.TEXT in kinds:
            visited = [self.coerce(node, kind, target) for node, kind in visited]
            kinds = {kind for _, kind in visited if kind is not Kind.NULL}
        if len(kinds) > 1:
            found = " and ".join(sorted(kind.value for kind in kinds))
            raise ExpressionError(f"{where} cannot join {found}{_named(*nodes)}")
        return tuple(node for node, _ in visited), next(iter(kinds), Kind.NULL)

    def coerce(self, node: Expression, kind: Kind, target: Kind) -> tuple[Expression, Kind]:
        if kind is not Kind.TEXT or not isinstance(node, Literal):
            return node, kind
        try:
            if target is Kind.DATE:
                return Literal(dt.date.fromisoformat(str(node.value))), Kind.DATE
            moment = dt.datetime.fromisoformat(str(node.value))
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=ZoneInfo(self.zone))
            return Literal(moment.astimezone(dt.UTC)), Kind.TIME
        except (ValueError, OverflowError):
            raise ExpressionError(
                f"'{node.value}' is not {target.value}; write it as 2026-01-31 or "
                "2026-01-31T09:30:00+00:00"
            ) from None

    def arithmetic(self, node: Arithmetic) -> tuple[Expression, Kind]:
        left, left_kind = self.visit(node.left)
        duration = node.right
        if left_kind is Kind.TIME and isinstance(duration, Duration) and node.operator in "+-":
            if duration.seconds > _MOST_SECONDS:
                raise ExpressionError("a time can be moved by at most 36500 days")
            seconds = duration.seconds if node.operator == "+" else -duration.seconds
            return Call("add_seconds", (left, Literal(seconds))), Kind.TIME
        right, right_kind = self.visit(node.right)
        for side, kind in ((node.left, left_kind), (node.right, right_kind)):
            if kind not in (Kind.NUMBER, Kind.NULL):
                raise ExpressionError(
                    f"'{node.operator}' needs numbers, found {kind.value}{_named(side)}; "
                    "times take + 30 days, and seconds_between(a, b) subtracts them"
                )
        return Arithmetic(node.operator, left, right), Kind.NUMBER

    def case(
        self, branches: tuple[tuple[Expression, Expression], ...], otherwise: Expression
    ) -> tuple[Expression, Kind]:
        conditions = [self.need(when, Kind.BOOL) for when, _ in branches]
        results, kind = self.same((*(then for _, then in branches), otherwise), "'case'")
        if kind is Kind.NULL:
            return NULL, kind
        pairs = tuple(zip(conditions, results[:-1], strict=True))
        return Case(pairs, results[-1]), kind

    def call(self, function: str, arguments: tuple[Expression, ...]) -> tuple[Expression, Kind]:
        signature = FUNCTIONS.get(function)
        if signature is None:
            raise UnknownNameError("function", function, FUNCTIONS)
        wanted = signature.arguments
        enough = len(arguments) >= len(wanted) if signature.more else len(arguments) == len(wanted)
        if not enough:
            least = "at least " if signature.more else ""
            raise ExpressionError(
                f"{function} takes {least}{len(wanted)} arguments, found {len(arguments)}"
            )
        if signature.result is None:
            same, kind = self.same(arguments, function)
            return (NULL if kind is Kind.NULL else Call(function, same)), kind
        checked = tuple(
            self.need(argument, kind or Kind.NULL)
            for argument, kind in zip(arguments, wanted, strict=True)
        )
        # Engines cannot choose a function by the kind of an argument that has none.
        unknown = NULL in checked
        return (NULL if unknown else Call(function, checked)), signature.result


def _literal_kind(value: object) -> Kind:
    match value:
        case None:
            return Kind.NULL
        case bool():
            return Kind.BOOL
        case int() | float() | Decimal():
            return Kind.NUMBER
        case dt.datetime():
            return Kind.TIME
        case dt.date():
            return Kind.DATE
        case _:
            return Kind.TEXT


def _named(*nodes: Expression) -> str:
    found = [node.name for node in nodes if isinstance(node, Name)]
    return f" ({', '.join(found)})" if found else ""
