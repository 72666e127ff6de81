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
from dialgauge.model.fact import ALIVE, Fact, Spread
from dialgauge.model.kpi import Kpi
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.table import Type
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.tables.lifetimes import LIFETIMES

NOW, BUCKET_START, BUCKET_END = "now", "bucket_start", "bucket_end"
PIECES = ("seconds", "opens", "portion")
"""Names that mean something only in measures of facts that are cut into buckets."""
NAMES = (*PIECES, NOW, BUCKET_START, BUCKET_END)
"""What may be read beside columns, each where it means something."""
_FUNCTIONS = ("coalesce", "least", "greatest")
_NUMBERS = (
    *(Aggregate.SUM, Aggregate.QUANTILE, Aggregate.MIN, Aggregate.MAX),
    Aggregate.TIME_TO,
)
_REPEATING = (Aggregate.COUNT, *_NUMBERS[:2], Aggregate.TIME_TO)
"""Aggregates that change when a row is counted in several pieces."""


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
    """Refuse a clock that the fact does not have, or that does not go with the measure.

    Raises:
        ExpressionError: Rows that are alive in a bucket are neither mature nor trailing.
        UnknownNameError: It has others.
    """
    clocks = fact.clocks if fact.alive is None else (*fact.clocks, ALIVE)
    if measure.clock and measure.clock not in clocks:
        raise UnknownNameError("clock", measure.clock, clocks)
    if measure.clock != ALIVE:
        return
    told = {"matures_in": measure.matures_in, "trailing": measure.trailing}
    for key, seconds in told.items():
        if seconds is not None:
            raise ExpressionError(f"a measure on clock {ALIVE} has no {key}; leave it out")
    if measure.aggregate in (Aggregate.TIME_TO, Aggregate.EXPECTED_VALUE):
        raise ExpressionError(
            f"{measure.aggregate.value} is counted on a time of each row, not on clock {ALIVE}"
        )


def check_of(measure: Measure, fact: Fact, words: Vocabulary) -> None:
    """Refuse to aggregate what cannot be.

    Raises:
        ExpressionError: Kinds do not fit.
        UnknownNameError: The fact has no such column.
    """
    if measure.aggregate is Aggregate.EXPECTED_VALUE and fact.name != LIFETIMES.name:
        raise ExpressionError(
            f"only customers are expected to be worth something; write it under {LIFETIMES.name}"
        )
    if not measure.of:
        return
    of, types = parse(measure.of), columns(fact, words) | _edges(measure)
    _need_columns(of, fact, types)
    _, kind = check(of, with_attributes(of, fact, types))
    if kind is Kind.NULL or not names(of):
        raise ExpressionError(f"'{measure.of}' reads no column; name one")
    if measure.aggregate in _NUMBERS and kind is not Kind.NUMBER:
        raise ExpressionError(
            f"'{measure.of}' gives {kind.value}, and this aggregate needs a number"
        )
    if measure.aggregate is Aggregate.SUM:
        return
    for piece in ("seconds", "portion"):
        if piece in names(of) and piece in types:
            raise ExpressionError(
                f"{piece} of {fact.name} is cut at the edges of hours and days, so only its sum "
                f"means something; use sum: {piece}"
            )


def check_event(measure: Measure, fact: Fact, words: Vocabulary) -> None:
    """Refuse an event that the fact cannot tell.

    Raises:
        ExpressionError: It is not a condition, or kinds do not fit.
        UnknownNameError: The fact has no such column.
    """
    _check_condition(measure.event, fact, columns(fact, words))


def check_instead(measure: Measure, fact: Fact, words: Vocabulary) -> None:
    """Refuse another end that the fact cannot tell.

    Raises:
        ExpressionError: It is not a condition, or kinds do not fit.
        UnknownNameError: The fact has no such column.
    """
    _check_condition(measure.instead, fact, columns(fact, words))


def check_where(measure: Measure, fact: Fact, words: Vocabulary) -> None:
    """Refuse a condition that the fact cannot tell.

    Raises:
        ExpressionError: It is not a condition, or kinds do not fit.
        UnknownNameError: The fact has no such column.
    """
    where = parse(measure.where) if measure.where else None
    if where is not None:
        if measure.clock != ALIVE:
            _need_bucket_end_to_be_a_limit(where)
        types = columns(fact, words) | {BUCKET_END: Type.TIME} | _edges(measure)
        _check_condition(measure.where, fact, types)
    if fact.spread is not Spread.NONE:
        _need_whole_intervals(measure, where, fact)
    if fact.days is not None:
        _need_portions(measure, fact)


def _edges(measure: Measure) -> dict[str, Type]:
    return dict.fromkeys((BUCKET_START, BUCKET_END), Type.TIME) if measure.clock == ALIVE else {}


def _check_condition(text: str, fact: Fact, types: Mapping[str, Type]) -> None:
    if not text:
        return
    expression = parse(text)
    _need_columns(expression, fact, types)
    condition(expression, with_attributes(expression, fact, types))


def _need_columns(expression: Expression, fact: Fact, types: Mapping[str, Type]) -> None:
    for name in names(expression):
        if name == BUCKET_START and name not in types:
            raise ExpressionError(f"{BUCKET_START} stands only in measures on clock: {ALIVE}")
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
            f"{BUCKET_END} stands only on the right of <, such as converted_at < {BUCKET_END}, "
            f"or in measures on clock: {ALIVE}"
        )


def _need_whole_intervals(measure: Measure, where: Expression | None, fact: Fact) -> None:
    """Intervals are cut at bucket edges, so only their seconds may be added up piece by piece."""
    of = parse(measure.of) if measure.of else None
    repeats = measure.aggregate in _REPEATING
    once = where.operands if isinstance(where, And) else (where,)
    if repeats and "seconds" not in names(of) and Name("opens") not in once:
        raise ExpressionError(
            f"intervals of {fact.name} are cut at the edges of hours and days; write "
            "where: opens and ... to count each once"
        )


def _need_portions(measure: Measure, fact: Fact) -> None:
    """Rows count in every bucket that one of their days lies in, so only portions add up."""
    of = parse(measure.of) if measure.of else None
    if measure.aggregate in _REPEATING and "portion" not in names(of):
        raise ExpressionError(
            f"rows of {fact.name} are spread over their days, so only the sum of their portions "
            "means something; use sum: portion"
        )


def columns(fact: Fact, words: Vocabulary) -> dict[str, Type]:
    """List what measures of a fact may read, looked-up columns as `table.column`."""
    types = dict(fact.table.types)
    for lookup in fact.lookups:
        for name, type_ in words.tables[lookup.table].types.items():
            types[f"{lookup.table}.{name}"] = type_
    if fact.spread is not Spread.NONE:
        types |= {"seconds": Type.NUMBER, "opens": Type.BOOL}
    if fact.days is not None:
        types["portion"] = Type.NUMBER
    return types | {NOW: Type.TIME}


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
