"""How does a target stand?

Only whole days count: what has come in on the days that are over, and which share of the
target's calendar days those are. Nothing is assumed about weekdays.
"""

from __future__ import annotations

import datetime as dt
import math

from dialgauge.analysis.pace import Pace
from dialgauge.errors import UsageError
from dialgauge.model.kpi import Better, Kpi
from dialgauge.model.target import Status, Target

_INFINITE = math.inf


def complete(target: Target) -> tuple[str, float, dt.date, dt.date]:
    """Return what a target needs to be judged: KPI, value, first and last day.

    Raises:
        UsageError: Something is missing or makes no sense.
    """
    kpi, value, first, last = target.kpi, target.value, target.starts_on, target.ends_on
    if kpi is None or value is None or first is None or last is None:
        told = {"kpi": kpi, "value": value, "starts_on": first, "ends_on": last}
        missing = [name for name, of in told.items() if of is None]
        raise UsageError(
            f"the target does not say its {' and '.join(missing)}; import it again with that"
        )
    if not math.isfinite(value):
        raise UsageError(f"the target's value is {value}, which nothing reaches; name a number")
    if last < first:
        raise UsageError(f"the target ends on {last}, before it starts on {first}; mend its days")
    return kpi, value, first, last


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
        how: How the KPI moves; counts, sums and what grows do not fall, what falls does not rise.
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
    gone_too_far = (how is Pace.GROWS and value > high) or (how is Pace.FALLS and value < low)
    if gone_too_far:
        return Status.MISSED
    if expected is None:
        return Status.UNKNOWN
    return Status.ON_TRACK if low <= expected <= high else Status.AT_RISK
