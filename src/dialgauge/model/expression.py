"""What can a formula or a condition say?

One small language serves KPI formulas, measure conditions, filters, segments and mappings. Its
sentences are the frozen nodes below; `parse` reads them, `typing` checks them against columns,
and each engine renders or evaluates them. NULL follows SQL: unknown, never equal to anything.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypeAlias

Value: TypeAlias = str | int | float | bool | Decimal | dt.datetime | dt.date | None
"""What a literal may hold."""


class Expression:
    """Base of all nodes; compare and hash them by value."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    """The fields in order, which dataclasses fill in; every node's are positional."""


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Duration(Expression):
    """A length of time, such as `30 days`.

    Attributes:
        seconds: Its length; a day is 86,400 seconds.
    """

    seconds: int


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A column, a dimension, or in formulas a `fact.measure`."""

    name: str


@dataclass(frozen=True, slots=True)
class Not(Expression):
    """True when the operand is false, NULL when it is NULL."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class And(Expression):
    """True when all operands are."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or(Expression):
    """True when any operand is."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Compare(Expression):
    """A comparison; `operator` is one of = != < <= > >=."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class In(Expression):
    """Whether the operand equals one of some constants."""

    operand: Expression
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Expression):
    """Whether the operand is unknown; itself never NULL."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic(Expression):
    """A sum; `operator` is one of + - * /; dividing by zero gives NULL."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """An allow-listed function applied to arguments; see `typing.FUNCTIONS`."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Case(Expression):
    """The value of the first branch whose condition is true, else `otherwise`."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression


TRUE = Literal(value=True)
NULL = Literal(None)


def conjunction(*conditions: Expression | None) -> Expression | None:
    """Join conditions with `and`, flattening; None stands for no condition.

    Example:
        >>> conjunction(None, Name("test"), None)
        Name(name='test')
    """
    operands: list[Expression] = []
    for condition in conditions:
        if isinstance(condition, And):
            operands.extend(condition.operands)
        elif condition is not None and condition not in operands:
            operands.append(condition)
    if not operands:
        return None
    return operands[0] if len(operands) == 1 else And(tuple(operands))


def names(expression: Expression | None) -> tuple[str, ...]:
    """List the names an expression reads, each once, in order of appearance.

    Example:
        >>> names(Compare(">", Name("talk_s"), Name("ring_s")))
        ('talk_s', 'ring_s')
    """
    found = (node.name for node in walk(expression) if isinstance(node, Name))
    return tuple(dict.fromkeys(found))


def walk(expression: Expression | None) -> Iterator[Expression]:
    """Yield the expression and everything below it, parents first."""
    if expression is None:
        return
    yield expression
    for child in _children(expression):
        yield from walk(child)


def depth(expression: Expression) -> int:
    """Count the levels of an expression, without recursion, so that none is too deep for it.

    Example:
        >>> depth(Not(Name("a")))
        2
    """
    deepest = 0
    waiting = [(expression, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in _children(node))
    return deepest


def transform(
    expression: Expression, change: Callable[[Expression], Expression | None]
) -> Expression:
    """Rebuild an expression, replacing each node for which `change` returns another.

    A replacement is taken as it is; its children are not visited again.

    Example:
        >>> transform(Not(Name("a")), lambda node: Name("b") if node == Name("a") else None)
        Not(operand=Name(name='b'))
    """
    changed = change(expression)
    if changed is not None:
        return changed
    values = [getattr(expression, name) for name in expression.__match_args__]
    rebuilt = [_rebuild(value, change) for value in values]
    same = all(map(operator.is_, values, rebuilt))
    return expression if same else type(expression)(*rebuilt)


def _rebuild(value: object, change: Callable[[Expression], Expression | None]) -> object:
    if isinstance(value, Expression):
        return transform(value, change)
    if isinstance(value, tuple):
        rebuilt = tuple([_rebuild(item, change) for item in value])
        return value if all(map(operator.is_, value, rebuilt)) else rebuilt
    return value


def _children(expression: Expression) -> list[Expression]:
    found: list[Expression] = []
    for name in expression.__match_args__:
        _collect(getattr(expression, name), found)
    return found


def _collect(value: object, found: list[Expression]) -> None:
    if isinstance(value, Expression):
        found.append(value)
    elif isinstance(value, tuple):
        for item in value:
            _collect(item, found)
