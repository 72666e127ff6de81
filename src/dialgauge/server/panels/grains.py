"""Into how wide buckets is a period cut when nobody says?"""

from __future__ import annotations

from dialgauge.model.question import Grain, Period

_DAYS, _WEEKS = 62, 371


def fine_grain(period: Period) -> Grain:
    """Choose days for two months, weeks for a year, months for longer.

    Example:
        >>> import datetime as dt
        >>> fine_grain(Period(dt.date(2026, 1, 1), dt.date(2026, 1, 29))).value
        'day'
    """
    if period.start is None or period.end is None:
        return Grain.MONTH
    days = (period.end - period.start).days
    return Grain.DAY if days <= _DAYS else Grain.WEEK if days <= _WEEKS else Grain.MONTH
