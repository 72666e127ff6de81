"""Do a team's own KPIs and measures mean something?

What can be known before any question is asked: measures and columns exist, kinds fit, functions
are allowed. Errors say what is wrong; the caller says where.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.check import Kind, check, condition
from dialgauge.model.expression import (
    And,
    Arithmetic,
    Call,
    Compare,
    Expression,
    Literal,
    Name,
    names,
    walk,
)
from dialgauge.model.fact import Fact, Spread
from dialgauge.model.kpi import Kpi
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.table import Type
from dialgauge.model.vocabulary import Vocabulary

BUCKET_END = "bucket_end"
_FUNCTIONS = ("coalesce", "least", "greatest")
_NUMBERS = (Aggregate.SUM, Aggregate.QUANTILE, Aggregate.MIN, Aggregate.MAX)


def check_kpi(kpi: Kpi, words: Vocabulary) -> None:
    """Refuse a formula that is not one over declared measures.

    Raises:
        UsageError: It is not.
    """
    formula = parse(kpi.formula)
    for node in walk(formula):
        allowed = isinstance(node, Literal | Name | Arithmetic)
        if not allowed and not (isinstance(node, Call) and node.function in _FUNCTIONS):
            what = node.function if isinstance(node, Call) else type(node).__name__.lower()
            raise ExpressionError(
                "a formula may hold fact.measure names, numbers, + - * / ( ), "
                f"{', '.join(_FUNCTIONS)}, but not {what}; put conditions into measures"
            )
    if not names(formula):
        raise ExpressionError("a formula reads at least one measure, such as calls.dials")
    for name in names(formula):
        _need_measure(name, words)
    _, kind = check(formula, dict.fromkeys(names(formula), Type.NUMBER))
    if kind is not Kind.NUMBER:
        raise ExpressionError(f"a formula gives a number, but this gives {kind.value}")


def _need_measure(name: str, words: Vocabulary) -> None:
    fact, _, measure = name.partition(".")
    if name in words.kpis:
        formula = words.kpis[name].formula
        raise ExpressionError(f"'{name}' is a KPI, and formulas read measures; write ({formula})")
    if not measure:
        every = [f"{fact.name}.{known}" for fact in words.facts.values() for known in fact.measures]
        raise UnknownNameError("measure", name, every)
    if measure not in words.fact(fact).measures:
        raise UnknownNameError(f"measure of {fact}", measure, words.facts[fact].measures)


def check_clock(measure: Measure, fact: Fact, words: Vocabulary) -> None:  # noqa: ARG001
    """Refuse a clock that the fact does not have.

    Raises:
        UnknownNameError: It has others.
    """
    if measure.clock and measure.clock not in fact.clocks:
        raise UnknownNameError("clock", measure.clock, fact.clocks)


def check_of(measure: Measure, fact: Fact, words: Vocabulary) -> None:
    """Refuse to aggregate what cannot be.

    Raises:
        ExpressionError: Kinds do not fit.
        UnknownNameError: The fact has no such column.
    """
    if not measure.of:
        return
    of, types = parse(measure.of), columns(fact, words)
    _need_columns(of, fact, types)
    _, kind = check(of, with_attributes(of, fact, types))
    if kind is Kind.NULL or not names(of):
        raise ExpressionError(f"'{measure.of}' reads no column; name one")
    if measure.aggregate in _NUMBERS and kind is not Kind.NUMBER:
        raise ExpressionError(
            f"'{measure.of}' gives {kind.value}, and this aggregate needs a number"
        )
    if fact.spread is not Spread.NONE and "seconds" in names(of):
        if measure.aggregate is Aggregate.SUM:
            return
        raise ExpressionError(
            f"seconds of {fact.name} are cut at the edges of hours and days, so only their sum "
            "means something; use sum: seconds"
        )


def check_where(measure: Measure, fact: Fact, words: Vocabulary) -> None:
    """Refuse a condition that the fact cannot tell.

    Raises:
        ExpressionError: It is not a condition, or kinds do not fit.
        UnknownNameError: The fact has no such column.
    """
    where = parse(measure.where) if measure.where else None
    if where is not None:
        _need_bucket_end_to_be_a_limit(where)
        types = columns(fact, words) | {BUCKET_END: Type.TIME}
        _need_columns(where, fact, types)
        condition(where, with_attributes(where, fact, types))
    if fact.spread is not Spread.NONE:
        _need_whole_intervals(measure, where, fact)


def _need_columns(expression: Expression, fact: Fact, types: Mapping[str, Type]) -> None:
    for name in names(expression):
        if name not in types and name in fact.dimensions:
            raise ExpressionError(
                f"'{name}' is a dimension, and measures read columns; write {fact.dimensions[name]}"
            )


def _need_bucket_end_to_be_a_limit(where: Expression) -> None:
    limits = [
        node
        for node in walk(where)
        if isinstance(node, Compare) and node.operator == "<" and node.right == Name(BUCKET_END)
    ]
    used = sum(node == Name(BUCKET_END) for node in walk(where))
    if used != len(limits):
        raise ExpressionError(
            f"{BUCKET_END} stands only on the right of <, such as converted_at < {BUCKET_END}"
        )


def _need_whole_intervals(measure: Measure, where: Expression | None, fact: Fact) -> None:
    """Intervals are cut at bucket edges, so only their seconds may be added up piece by piece."""
    of = parse(measure.of) if measure.of else None
    repeats = measure.aggregate in (Aggregate.COUNT, Aggregate.SUM, Aggregate.QUANTILE)
    once = where.operands if isinstance(where, And) else (where,)
    if repeats and "seconds" not in names(of) and Name("opens") not in once:
        raise ExpressionError(
            f"intervals of {fact.name} are cut at the edges of hours and days; write "
            "where: opens and ... to count each once"
        )


def columns(fact: Fact, words: Vocabulary) -> dict[str, Type]:
    """List what measures of a fact may read, looked-up columns as `table.column`."""
    types = dict(fact.table.types)
    for lookup in fact.lookups:
        for name, type_ in words.tables[lookup.table].types.items():
            types[f"{lookup.table}.{name}"] = type_
    if fact.spread is not Spread.NONE:
        types |= {"seconds": Type.NUMBER, "opens": Type.BOOL}
    return types


def with_attributes(
    expression: Expression, fact: Fact, types: Mapping[str, Type]
) -> dict[str, Type]:
    """Add each `attributes.x` that an expression reads to the types.

    Raises:
        ExpressionError: The fact has no attributes.
    """
    has = "attributes" in types or "leads.attributes" in types
    read = [name for name in names(expression) if name.startswith("attributes.")]
    if read and not has:
        raise ExpressionError(f"{fact.name} has no attributes; leads have, and what looks them up")
    return {**types, **dict.fromkeys(read, Type.TEXT)}
