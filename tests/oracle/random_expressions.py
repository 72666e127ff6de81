"""What expressions may stand in a plan?

Expressions are drawn by kind over the names a leg offers, then checked as users' expressions are.
Plain functions draw from `draw`, because strategies nested so deep take longer to build than to
draw from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from random_worlds import OBJECTS, RESULTS, STATES, STEPS, TEXTS

from dialgauge.model.check import KINDS, Kind, check
from dialgauge.model.expression import (
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

_TEXTS = (*TEXTS, *RESULTS, *STATES, "outbound", "l1", "a1")
_MEMBERS = ("a", "b", "t", "n", "missing", "$", "a.b", "é", "it's", "A")
_NUMBERS = (0, 1, 2, 7, 30, 3600, -1, Decimal("0.5"), Decimal("0.1"), Decimal("-12.25"))
_DURATIONS = (Duration(0), Duration(90), Duration(86_400), Duration(30 * 86_400))
_KINDS = (Kind.NUMBER, Kind.TEXT, Kind.TIME, Kind.DATE)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names an expression may read.

    Attributes:
        types: Name to type.
        instants: Where the times of the world lie.
    """

    types: Mapping[str, Type]
    instants: tuple[dt.datetime, ...]

    def names(self, kind: Kind) -> tuple[str, ...]:
        """List the names of a kind."""
        return tuple(name for name, type_ in self.types.items() if KINDS[type_] is kind)

    def constants(self, kind: Kind) -> tuple[Any, ...]:
        """List the constants of a kind that are likely to be met."""
        return {
            Kind.TEXT: _TEXTS,
            Kind.BOOL: (True, False),
            Kind.NUMBER: _NUMBERS,
            Kind.TIME: edges(self.instants),
            Kind.DATE: tuple(at.date() for at in self.instants),
        }[kind]


def edges(instants: Sequence[dt.datetime]) -> tuple[dt.datetime, ...]:
    """List the instants at which rows of a world may lie."""
    return tuple(at + sign * step for at in instants for step in STEPS for sign in (1, -1))


@st.composite
def checked(draw: st.DrawFn, scope: Scope, kind: Kind, depth: int = 2) -> Expression:
    """Draw an expression of a kind and check it, as the planner does."""
    return check(_Drawing(draw, scope).any(kind, depth), scope.types)[0]


@dataclass(frozen=True, slots=True)
class _Drawing:
    draw: st.DrawFn
    scope: Scope

    def pick(self, values: Sequence[Any]) -> Any:
        return values[self.draw(st.integers(0, len(values) - 1))]

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(1, one_in)) == one_in

    def constant(self, kind: Kind) -> Literal:
        return Literal(None if self.chance(12) else self.pick(self.scope.constants(kind)))

    def leaf(self, kind: Kind) -> Expression:
        known = self.scope.names(kind)
        return Name(self.pick(known)) if known and not self.chance(4) else self.constant(kind)

    def any(self, kind: Kind, depth: int) -> Expression:
        if depth == 0 or self.chance(3):
            return self.leaf(kind)
        if self.chance(8):
            branches = [
                (self.any(Kind.BOOL, depth - 1), self.any(kind, depth - 1))
                for _ in range(self.pick((1, 2)))
            ]
            return Case(tuple(branches), self.any(kind, depth - 1))
        if self.chance(8):
            return self.call("coalesce", kind, kind, depth=depth)
        make: Callable[[int], Expression] = {
            Kind.BOOL: self.bool,
            Kind.NUMBER: self.number,
            Kind.TEXT: self.text,
            Kind.TIME: self.time,
            Kind.DATE: lambda _: self.leaf(Kind.DATE),
        }[kind]
        return make(depth)

    def call(self, function: str, *kinds: Kind, depth: int) -> Call:
        return Call(function, tuple(self.any(kind, depth - 1) for kind in kinds))

    def bool(self, depth: int) -> Expression:
        below = depth - 1
        match self.pick(range(10)):
            case 0 | 1 | 2:
                sign, kind = self.pick(("=", "!=", "<", "<=", ">", ">=")), self.pick(_KINDS)
                return Compare(sign, self.any(kind, below), self.any(kind, below))
            case 3:
                kind = self.pick(_KINDS)
                values = tuple(self.constant(kind) for _ in range(self.pick((1, 2, 3))))
                return In(self.any(kind, below), values)
            case 4:
                return Not(self.any(Kind.BOOL, below))
            case 5 | 6:
                operands = (self.any(Kind.BOOL, below) for _ in range(self.pick((2, 3))))
                both = tuple(operands)
                return And(both) if self.chance(2) else Or(both)
            case 7:
                return IsNull(self.any(self.pick((*_KINDS, Kind.BOOL)), below))
            case 8:
                sides = (self.any(Kind.BOOL, below), self.any(Kind.BOOL, below))
                return Compare(self.pick(("=", "!=")), *sides)
            case _:
                function = self.pick(("starts_with", "contains"))
                return self.call(function, Kind.TEXT, Kind.TEXT, depth=depth)

    def number(self, depth: int) -> Expression:
        match self.pick(range(7)):
            case 0 | 1 | 2:
                sign, below = self.pick("+-*/"), depth - 1
                return Arithmetic(sign, self.any(Kind.NUMBER, below), self.any(Kind.NUMBER, below))
            case 3:
                function = self.pick(("least", "greatest"))
                return self.call(function, Kind.NUMBER, Kind.NUMBER, depth=depth)
            case 4:
                return self.call("seconds_between", Kind.TIME, Kind.TIME, depth=depth)
            case 5:
                days = self.call("days_between", Kind.DATE, Kind.TIME, depth=depth)
                return replace(
                    days,
                    function="periods_between",
                    arguments=(*days.arguments, Literal(self.pick((0, 1, 7, 30)))),
                )
            case _:
                return self.call("days_between", Kind.DATE, Kind.TIME, depth=depth)

    def text(self, depth: int) -> Expression:
        if self.chance(2):
            return self.call(self.pick(("lower", "upper", "trim")), Kind.TEXT, depth=depth)
        stored = [Name(n) for n, type_ in self.scope.types.items() if type_ is Type.JSON]
        whole = self.pick((*stored, *stored, *map(Literal, OBJECTS)))
        return Call("json_text", (whole, Literal(self.pick(_MEMBERS))))

    def time(self, depth: int) -> Expression:
        moved = self.any(Kind.TIME, depth - 1)
        if check(moved, self.scope.types)[1] is Kind.NULL:
            return moved  # NULL + 1 day has no kind
        return Arithmetic(self.pick("+-"), moved, self.pick(_DURATIONS))
