"""Which time buckets does a period hold?"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from dialgauge.model.question import Grain, Period
from dialgauge.plan.zones import common_step, midnight, offsets

_HOUR = 3600


def labels(period: Period, grain: Grain, timezone: str, week_starts: int = 1) -> tuple[str, ...]:
    """List the labels of all buckets that a period touches, in order.

    Args:
        period: With both ends.
        grain: The width.
        timezone: In which days begin.
        week_starts: 1 for Monday to 7 for Sunday.

    Example:
        >>> labels(Period(dt.date(2026, 1, 30), dt.date(2026, 2, 2)), Grain.MONTH, "UTC")
        ('2026-01-01', '2026-02-01')
    """
    if period.start is None or period.end is None:
        return ()
    if grain is Grain.HOUR:
        return _hours(period.start, period.end, timezone)
    found: dict[str, None] = {}
    day = period.start
    while day < period.end:
        found[first_day(day, grain, week_starts).isoformat()] = None
        day += dt.timedelta(days=1)
    return tuple(found)


def first_day(day: dt.date, grain: Grain, week_starts: int = 1) -> dt.date:
    """Return the first day of the bucket that a day lies in.

    Example:
        >>> first_day(dt.date(2026, 5, 20), Grain.QUARTER)
        datetime.date(2026, 4, 1)
    """
    match grain:
        case Grain.WEEK:
            return day - dt.timedelta(days=(day.isoweekday() - week_starts) % 7)
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
    return day


def _hours(start: dt.date, end: dt.date, timezone: str) -> tuple[str, ...]:
    """Walk in steps that meet every local hour: half hours where clocks change by half an hour."""
    place = ZoneInfo(timezone)
    at, last = midnight(start, timezone), midnight(end, timezone)
    changes = offsets(timezone, at, last)
    found: dict[str, None] = {}
    for second in range(int(at.timestamp()), int(last.timestamp()), common_step(changes)):
        now = [each for each in changes if each.since is None or each.since <= second][-1]
        begins = (second + now.seconds) // _HOUR * _HOUR - now.seconds
        # Clocks may land in the middle of an hour, which then begins there and not before.
        begins = begins if now.since is None else max(begins, now.since)
        found[dt.datetime.fromtimestamp(begins, tz=place).isoformat()] = None
    return tuple(found)
