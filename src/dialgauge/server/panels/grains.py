"""Into how wide buckets is a period cut when nobody says?"""

from __future__ import annotations

from dialgauge.model.question import Grain, Period


def fine_grain(period: Period) -> Grain:
    """Choose days for two months, weeks for a year, months for longer.

    Example:
        >>> import datetime as dt
        >>> fine_grain(Period(dt.date(2026, 1, 1), dt.date(2026, 1, 29))).value
        'day'
    """
    return _grain(period, days=62, weeks=371)


def calm_grain(period: Period) -> Grain:
    """Choose buckets that hold enough of each group: days for two weeks, weeks for half a year.

    Example:
        >>> import datetime as dt
        >>> calm_grain(Period(dt.date(2026, 1, 1), dt.date(2026, 1, 29))).value
        'week'
    """
    return _grain(period, days=14, weeks=200)


def _grain(period: Period, days: int, weeks: int) -> Grain:
    if period.start is None or period.end is None:
        return Grain.MONTH
    long = (period.end - period.start).days
    return Grain.DAY if long <= days else Grain.WEEK if long <= weeks else Grain.MONTH
