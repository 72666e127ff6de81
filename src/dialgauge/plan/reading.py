"""What must be fetched so that a KPI's value comes with parts and an interval?

A KPI's formula decides which statistics describe its uncertainty; the planner adds the aggregates
they need to the same scan, so that an interval costs no second query.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.expression import (
    Arithmetic,
    Call,
    Expression,
    Literal,
    Name,
    names,
    walk,
)
from dialgauge.model.fact import Fact
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.vocabulary import Vocabulary


class Certainty(enum.Enum):
    """Which statistics give a KPI's interval."""

    SHARE = "share"  # a count out of a count: Wilson
    MEAN = "mean"  # a sum over the rows that are counted: t
    RATIO = "ratio"  # a sum over a sum of the same fact: delta method
    RATE = "rate"  # a count over something measured elsewhere: exact Poisson
    COUNT = "count"  # a count: exact Poisson
    SUM = "sum"  # a sum of a random number of terms: compound Poisson
    QUANTILE = "quantile"  # order statistics
    TIME_TO = "time_to"  # the curve's own interval, inverted
    PLUGGED = "plugged"  # one uncertain number among known ones: the formula at its ends
    NONE = "none"  # nothing honest can be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a KPI is read off an engine's table.

    Attributes:
        kpi: The KPI.
        certainty: How its interval is found.
        formula: Over measures, `fact.measure`.
        numerator: What is divided; the whole formula when nothing is, None for quantiles.
        denominator: What it is divided by.
        measures: The measures it reads, as (fact name, measure name).
        counted: The column that says how many rows, or different things, the value rests on.
        reason: Why there is no interval, when there is none.
        listed: Whether it rests on lists that are worked out after the engine.
        uncertain: The one measure whose interval the value's follows from, for PLUGGED.
    """

    kpi: Kpi
    certainty: Certainty
    formula: Expression
    numerator: Expression | None
    denominator: Expression | None
    measures: tuple[tuple[str, str], ...]
    counted: str
    reason: str = ""
    listed: bool = False
    uncertain: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it reads, each once."""
        return tuple(dict.fromkeys(fact for fact, _ in self.measures))

    def column(self, part: str) -> str:
        """Name the column that holds its `numerator` or `denominator`.

        A part that is nothing but a measure is that measure's own column.
        """
        formula = self.numerator if part == "numerator" else self.denominator
        return formula.name if isinstance(formula, Name) else f"{self.kpi.name}:{part}"


_COUNTS = (Aggregate.COUNT, Aggregate.DISTINCT)
_FUNCTIONS = ("coalesce", "least", "greatest")
_CLUSTERED = "several rows are of one lead or customer, so no interval is given"
_FORMULA = "a formula of this shape has no interval yet"
_MEASURED = "recorded time is measured in full, not sampled"
_PAID = "costs are recorded in full, not sampled"
_MODELLED = "it follows from a model; see the notes"
_WAITED = "a formula over a survival median has no interval yet"
_LISTED = (Aggregate.TIME_TO, Aggregate.EXPECTED_VALUE)


def read(kpi: Kpi, words: Vocabulary) -> Reading:
    """Decide how a KPI is read.

    Raises:
        ExpressionError: Its formula is not one.
        UnknownNameError: It reads a measure that nobody declared.
    """
    formula = parse(kpi.formula)
    for node in walk(formula):
        allowed = isinstance(node, Literal | Name | Arithmetic)
        if not allowed and not (isinstance(node, Call) and node.function in _FUNCTIONS):
            raise ExpressionError(
                f"the formula of '{kpi.name}' may hold fact.measure names, numbers, + - * / ( ), "
                f"coalesce, least and greatest, but not {type(node).__name__.lower()}"
            )
    measures = tuple(_measure_name(name, words) for name in names(formula))
    if not measures:
        raise ExpressionError(f"the formula of '{kpi.name}' reads no measure; name one")
    numerator, denominator = _split(formula)
    certainty, reason = _certainty(kpi, numerator, denominator, words)
    uncertain = ""
    if certainty is Certainty.NONE:
        uncertain = _uncertain(numerator, measures, words)
        certainty = Certainty.PLUGGED if uncertain else certainty
    whole = certainty in (Certainty.QUANTILE, Certainty.TIME_TO)
    return Reading(
        kpi=kpi,
        certainty=certainty,
        formula=formula,
        numerator=None if whole else numerator,
        denominator=denominator,
        measures=measures,
        counted=_counted(measures, certainty, words, uncertain),
        reason="" if uncertain else reason,
        listed=any(_measure(each, words).aggregate in _LISTED for each in measures),
        uncertain=uncertain,
    )


def expects(reading: Reading, words: Vocabulary) -> bool:
    """Whether a KPI rests on what customers are expected to be worth."""
    kinds = (_measure(each, words).aggregate for each in reading.measures)
    return Aggregate.EXPECTED_VALUE in kinds


def measure_of(expression: Expression, words: Vocabulary) -> tuple[Fact, Measure] | None:
    """Return the fact and measure when an expression is nothing but one."""
    if not isinstance(expression, Name):
        return None
    fact, measure = _measure_name(expression.name, words)
    return words.facts[fact], words.facts[fact].measures[measure]


def _measure_name(name: str, words: Vocabulary) -> tuple[str, str]:
    fact_name, _, measure = name.partition(".")
    fact = words.fact(fact_name)
    if measure not in fact.measures:
        raise UnknownNameError(f"measure of {fact_name}", measure, fact.measures)
    return fact_name, measure


def _split(formula: Expression) -> tuple[Expression, Expression | None]:
    if (
        isinstance(formula, Arithmetic)
        and formula.operator == "/"
        and names(formula.left)
        and names(formula.right)
    ):
        return formula.left, formula.right
    return formula, None


def _certainty(
    kpi: Kpi, numerator: Expression, denominator: Expression | None, words: Vocabulary
) -> tuple[Certainty, str]:
    top = measure_of(numerator, words)
    if denominator is None:
        return _plain(numerator, top, words)
    bottom = measure_of(denominator, words)
    kinds = {
        _measure(_measure_name(name, words), words).aggregate
        for name in (*names(numerator), *names(denominator))
    }
    if Aggregate.EXPECTED_VALUE in kinds:
        return Certainty.NONE, _MODELLED
    if Aggregate.TIME_TO in kinds:
        return Certainty.NONE, _WAITED
    if top and bottom and top[0].name == bottom[0].name:
        if top[0].measured:
            return Certainty.NONE, _measured(top[0])
        return _within(kpi, top[1], bottom[1])
    if top and top[1].aggregate is Aggregate.COUNT and top[0].name not in _facts(denominator):
        return Certainty.RATE, ""
    return Certainty.NONE, _FORMULA


def _plain(
    numerator: Expression, top: tuple[Fact, Measure] | None, words: Vocabulary
) -> tuple[Certainty, str]:
    if top is None:
        facts = [words.facts[fact] for fact in _facts(numerator)]
        measured = [fact for fact in facts if fact.measured]
        return Certainty.NONE, _measured(measured[0]) if measured else _FORMULA
    if top[0].measured:
        return Certainty.NONE, _measured(top[0])
    if top[1].aggregate is Aggregate.EXPECTED_VALUE:
        return Certainty.NONE, _MODELLED
    kinds = {
        Aggregate.COUNT: Certainty.COUNT,
        Aggregate.DISTINCT: Certainty.COUNT,
        Aggregate.SUM: Certainty.SUM,
        Aggregate.QUANTILE: Certainty.QUANTILE,
        Aggregate.TIME_TO: Certainty.TIME_TO,
    }
    certainty = kinds.get(top[1].aggregate, Certainty.NONE)
    return certainty, "" if certainty is not Certainty.NONE else _FORMULA


def _within(kpi: Kpi, top: Measure, bottom: Measure) -> tuple[Certainty, str]:
    """Two measures of one fact."""
    if top.aggregate in _COUNTS and top.aggregate is bottom.aggregate and kpi.unit is Unit.SHARE:
        return Certainty.SHARE, ""
    if top.aggregate is Aggregate.SUM and bottom.aggregate is Aggregate.COUNT:
        return Certainty.MEAN, ""
    if top.aggregate is Aggregate.SUM and bottom.aggregate is Aggregate.SUM:
        return Certainty.RATIO, ""
    if Aggregate.DISTINCT in (top.aggregate, bottom.aggregate):
        return Certainty.NONE, _CLUSTERED
    return Certainty.NONE, _FORMULA


def _uncertain(
    numerator: Expression, measures: tuple[tuple[str, str], ...], words: Vocabulary
) -> str:
    """Name the one measure whose scatter is the value's.

    That is the only one that is not recorded in full; else, where it is divided by other facts,
    the numerator's, what it is divided by being taken as known (as rates do).
    """
    if any(_measure(each, words).aggregate in _LISTED for each in measures):
        return ""
    scattered = [each for each in measures if not words.facts[each[0]].measured]
    if len(scattered) == 1 and len(measures) > 1:
        pass
    elif measure_of(numerator, words) and len({fact for fact, _ in measures}) == len(measures):
        scattered = [measures[0]] if not words.facts[measures[0][0]].measured else []
    else:
        return ""
    if not scattered or _measure(scattered[0], words).aggregate not in (*_COUNTS, Aggregate.SUM):
        return ""
    fact, name = scattered[0]
    return f"{fact}.{name}"


def _measure(named: tuple[str, str], words: Vocabulary) -> Measure:
    return words.facts[named[0]].measures[named[1]]


def _measured(fact: Fact) -> str:
    return _MEASURED if fact.days is None else _PAID


def _facts(expression: Expression) -> set[str]:
    return {name.partition(".")[0] for name in names(expression)}


def _counted(
    measures: tuple[tuple[str, str], ...], certainty: Certainty, words: Vocabulary, uncertain: str
) -> str:
    """A rate rests on its count, a plugged value on what scatters, all else on its last measure."""
    fact, name = measures[0] if certainty is Certainty.RATE else measures[-1]
    if uncertain:
        fact, _, name = uncertain.partition(".")
    is_count = words.facts[fact].measures[name].aggregate in _COUNTS
    return f"{fact}.{name}" if is_count else f"{fact}.{name}:n"


def by_fact(readings: tuple[Reading, ...]) -> Mapping[str, tuple[str, ...]]:
    """List each fact's measures that readings need, in order, each once."""
    found: dict[str, dict[str, None]] = {}
    for reading in readings:
        for fact, measure in reading.measures:
            found.setdefault(fact, {})[measure] = None
    return {fact: tuple(measures) for fact, measures in found.items()}
