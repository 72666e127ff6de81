"""What will a number be at the end of its period, at the present pace?

What has come in on the days that are over is carried on to the others, as if all days were alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Z
from dialgauge.analysis.interval import Interval
from dialgauge.analysis.pace import Pace
from dialgauge.model.answer import Value
from dialgauge.plan.reading import Certainty

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
    if how in (Pace.GROWS, Pace.FALLS):
        return _of_the_first_day(value, how, share)
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


def _of_the_first_day(value: Value, how: Pace, share: float) -> Forecast:
    """Carry on how many were lost, of as many as there were on the first day."""
    top, bottom = value.numerator or 0.0, value.denominator or 0.0
    lost = top if how is Pace.GROWS else bottom - top
    ends = (float(end) for end in count_to_come(lost, share))
    expected, low, high = (min(each / bottom, 1.0) for each in (lost / share, *ends))
    if how is Pace.GROWS:
        return Forecast(value=expected, low=low, high=high)
    return Forecast(value=1 - expected, low=1 - high, high=1 - low)


def _bounded(value: float, ends: Interval) -> Forecast:
    low, high = (float(end) for end in ends)
    return Forecast(value=value, low=low, high=high)
