"""How does a KPI move while its period passes?"""

from __future__ import annotations

import enum

from dialgauge.analysis.additive import adds_up
from dialgauge.model.expression import Compare, Name, names, walk
from dialgauge.model.fact import ALIVE
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import Reading, measure_of


class Pace(enum.Enum):
    """How a KPI moves while its period passes."""

    ADDS = "adds"  # a count or a sum: as much again in as many days
    AVERAGES = "averages"  # a ratio, a mean or a median: what is to come is like what came
    STANDS = "stands"  # how things stand on a day
    REPEATS = "repeats"  # different things, of which some come again
    GROWS = "grows"  # a share of what was there on the first day, such as those lost since
    FALLS = "falls"  # the same, of those that are left
    DRIFTS = "drifts"  # counted from the first day on in any other way


def pace(reading: Reading, words: Vocabulary) -> Pace:
    """Tell how a KPI moves while its period passes."""
    measures = [words.facts[fact].measures[name] for fact, name in reading.measures]
    alive = [measure for measure in measures if measure.clock == ALIVE]
    if any(_reads("bucket_start", measure) for measure in alive):
        return _since_the_start(reading, words)
    trailing = any(measure.trailing for measure in measures)
    if trailing or (alive and reading.denominator is None):
        return Pace.STANDS
    distinct = any(measure.aggregate is Aggregate.DISTINCT for measure in measures)
    if reading.denominator is not None or not adds_up(reading.formula, words):
        # Leads are reached by more calls the longer a period lasts, and customers buy more.
        return Pace.DRIFTS if distinct else Pace.AVERAGES
    return Pace.REPEATS if distinct else Pace.ADDS


def _since_the_start(reading: Reading, words: Vocabulary) -> Pace:
    """Tell whether a share of what was there at the start grows or falls, from its condition."""
    top = measure_of(reading.numerator, words) if reading.numerator else None
    bottom = measure_of(reading.denominator, words) if reading.denominator else None
    if top is None or bottom is None or _reads("bucket_end", bottom[1]):
        return Pace.DRIFTS
    ends = {
        node.operator
        for node in walk(parse(top[1].where))
        if isinstance(node, Compare) and node.right == Name("bucket_end")
    }
    if ends == {"<"}:
        return Pace.GROWS
    return Pace.FALLS if ends == {">="} else Pace.DRIFTS


def _reads(name: str, measure: Measure) -> bool:
    return bool(measure.where) and name in names(parse(measure.where))
