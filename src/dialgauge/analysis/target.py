"""Will a target be reached at the present pace?

Only whole days count: what has come in on the days that are over, and which share of the
target's calendar days those are. Nothing is assumed about weekdays.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.additive import adds_up
from dialgauge.analysis.distribution import Z
from dialgauge.analysis.interval import Interval
from dialgauge.model.answer import Value
from dialgauge.model.expression import names
from dialgauge.model.fact import ALIVE
from dialgauge.model.kpi import Better, Kpi
from dialgauge.model.measure import Aggregate
from dialgauge.model.parse import parse
from dialgauge.model.target import Status
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import Certainty, Reading

_INFINITE = math.inf


class Pace(enum.Enum):
    """How a KPI moves while its period passes."""

    ADDS = "adds"  # a count or a sum: as much again in as many days
    AVERAGES = "averages"  # a ratio, a mean or a median: what is to come is like what came
    STANDS = "stands"  # how things stand on a day
    REPEATS = "repeats"  # different things, of which some come again
    DRIFTS = "drifts"  # what has happened since the period began, of what there was then


WHY_NO_FORECAST = {
    Pace.REPEATS: "things that were counted may come again, so a pace says nothing about the end",
    Pace.DRIFTS: (
        "it is counted from the first day on and moves as days pass, so its value now says nothing "
        "about the end"
    ),
}
"""Why some KPIs have no forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is expected at the end of a period.

    Attributes:
        value: The number; None where nothing can be said.
        low: The lower end of its 95 % interval.
        high: The upper end.
        reason: Why the number or its interval is missing.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def pace(reading: Reading, words: Vocabulary) -> Pace:
    """Tell how a KPI moves while its period passes."""
    measures = [words.facts[fact].measures[name] for fact, name in reading.measures]
    alive = [measure for measure in measures if measure.clock == ALIVE]
    if any("bucket_start" in names(parse(measure.where)) for measure in alive if measure.where):
        return Pace.DRIFTS
    trailing = any(measure.trailing for measure in measures)
    if trailing or (alive and reading.denominator is None):
        return Pace.STANDS
    if reading.denominator is not None or not adds_up(reading.formula, words):
        return Pace.AVERAGES
    if any(measure.aggregate is Aggregate.DISTINCT for measure in measures):
        return Pace.REPEATS
    return Pace.ADDS


def elapsed(first: dt.date, last: dt.date, today: dt.date) -> float:
    """Tell which share of a range of days is over.

    Args:
        first: The first day.
        last: The last day, included.
        today: The day that is not over yet.

    Example:
        >>> day = dt.date
        >>> elapsed(day(2026, 3, 1), day(2026, 3, 31), day(2026, 3, 11))
        0.3225806451612903
    """
    over = (min(today, last) - first).days + (today > last)
    return min(max(over / ((last - first).days + 1), 0.0), 1.0)


def count_to_come(count: npt.ArrayLike, share: npt.ArrayLike) -> Interval:
    """Bound what a count will be at the end of a period.

    Of the events of the whole period, those so far are so many by chance, each with the
    probability that its time has passed; both their number so far and the number to come scatter.
    The ends are the totals T for which (T - count / share)^2 = 1.96^2 T (1 - share) / share, the
    joint sampling approach (Krishnamoorthy and Peng 2011, Journal of Statistical Planning and
    Inference 141:1709-1718).

    Args:
        count: Events so far.
        share: The share of the period that has passed, above 0 and up to 1.

    Returns:
        The ends; never below what has come already.

    Example:
        >>> low, high = count_to_come(50, 0.5)
        >>> round(float(low), 1), round(float(high), 1)
        (82.2, 121.6)
    """
    so_far, passed = np.asarray(count, np.float64), np.asarray(share, np.float64)
    odds = (1 - passed) / passed
    expected = so_far / passed
    middle = expected + Z**2 * odds / 2
    half = np.sqrt(Z**2 * odds * expected + (Z**2 * odds / 2) ** 2)
    return np.maximum(middle - half, so_far), np.maximum(middle + half, so_far)


def sum_to_come(
    total: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, share: npt.ArrayLike
) -> Interval:
    """Bound what a sum will be at the end of a period.

    The variance of what is to come adds to that of the pace. Both follow from the interval of the
    sum so far, each side for itself, as MOVER recovers variances (Zou and Donner 2008, Statistics
    in Medicine 27:1693-1702): the sum so far is off by d, so is the pace by d / share, of which
    the part that has come already is known.

    Args:
        total: The sum so far.
        low: The lower end of its 95 % interval.
        high: The upper end.
        share: The share of the period that has passed, above 0 and up to 1.

    Returns:
        The ends: total / share, less or more d x sqrt(1 - share) / share.

    Example:
        >>> low, high = sum_to_come(300, 200, 420, 0.75)
        >>> round(float(low), 1), round(float(high), 1)
        (333.3, 480.0)
    """
    amount, below, above, passed = (
        np.asarray(each, np.float64) for each in (total, low, high, share)
    )
    factor = np.sqrt(1 - passed) / passed
    expected = amount / passed
    return expected - (amount - below) * factor, expected + (above - amount) * factor


def mean_to_come(
    value: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, share: npt.ArrayLike
) -> Interval:
    """Bound what a ratio, a mean or a median will be at the end of a period.

    As a sum's, with as many rows to come a day as came so far: of the whole period's mean the
    part that has come is known, so it is off by less than the mean so far.

    Args:
        value: The value so far.
        low: The lower end of its 95 % interval.
        high: The upper end.
        share: The share of the period that has passed, above 0 and up to 1.

    Returns:
        The ends: the value, less or more its distance to its own ends times sqrt(1 - share).

    Example:
        >>> low, high = mean_to_come(0.2, 0.16, 0.26, 0.75)
        >>> round(float(low), 2), round(float(high), 2)
        (0.18, 0.23)
    """
    mean, below, above, passed = (
        np.asarray(each, np.float64) for each in (value, low, high, share)
    )
    factor = np.sqrt(1 - passed)
    return mean - (mean - below) * factor, mean + (above - mean) * factor


def forecast(value: Value, how: Pace, share: float, certainty: Certainty) -> Forecast:
    """Tell what a KPI is expected to be at the end of its period.

    Args:
        value: The KPI over the days that are over.
        how: How it moves.
        share: The share of the period that has passed, above 0 and up to 1.
        certainty: Which statistics give its interval.
    """
    if value.value is None:
        return Forecast(value=None, reason=value.reason)
    if share >= 1:
        return Forecast(value=value.value, low=value.value, high=value.value)
    if how in WHY_NO_FORECAST:
        return Forecast(value=None, reason=WHY_NO_FORECAST[how])
    expected = value.value / share if how is Pace.ADDS else value.value
    if how is Pace.ADDS and certainty is Certainty.COUNT:
        return _bounded(expected, count_to_come(value.value, share))
    if value.low is None or value.high is None:
        return Forecast(value=expected, reason=value.reason)
    if how is Pace.ADDS:
        return _bounded(expected, sum_to_come(value.value, value.low, value.high, share))
    if how is Pace.AVERAGES:
        return _bounded(expected, mean_to_come(value.value, value.low, value.high, share))
    return Forecast(value=expected, low=value.low, high=value.high)


def _bounded(value: float, ends: Interval) -> Forecast:
    low, high = (float(end) for end in ends)
    return Forecast(value=value, low=low, high=high)


def wanted(kpi: Kpi, target: float) -> tuple[float, float] | None:
    """Tell between which values a target is met.

    At least the target where more is better or neither way is, at most where less is; where a
    band is best, the KPI's band, widened to hold the target.

    Returns:
        The ends, both included; None when the KPI has no band though it should.

    Example:
        >>> from dialgauge.catalogue import KPIS
        >>> wanted(KPIS["drop_rate"], 0.02), wanted(KPIS["occupancy"], 0.8)
        ((-inf, 0.02), (0.75, 0.88))
    """
    match kpi.better:
        case Better.LOWER:
            return -_INFINITE, target
        case Better.BAND:
            if kpi.band is None:
                return None
            low, high = kpi.band
            return (
                -_INFINITE if low is None else min(low, target),
                _INFINITE if high is None else max(high, target),
            )
    return target, _INFINITE


def judge(
    value: float, expected: float | None, ends: tuple[float, float], how: Pace, share: float
) -> Status:
    """Tell how a target stands.

    Args:
        value: The KPI over the days that are over.
        expected: What it is expected to be at the end; None where nothing can be said.
        ends: Between which values the target is met.
        how: How the KPI moves; counts and sums do not fall.
        share: The share of the period that has passed, above 0 and up to 1.
    """
    low, high = ends
    if share >= 1:
        return Status.REACHED if low <= value <= high else Status.MISSED
    if how in (Pace.ADDS, Pace.REPEATS):
        if value > high:
            return Status.MISSED
        if value >= low and high == _INFINITE:
            return Status.REACHED
    if expected is None:
        return Status.UNKNOWN
    return Status.ON_TRACK if low <= expected <= high else Status.AT_RISK
