"""What can be asked?"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass


class Grain(enum.Enum):
    """The width of a time bucket."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open range of days in the question's time zone; None is without end.

    Attributes:
        start: The first day inside.
        end: The first day after.
    """

    start: dt.date | None = None
    end: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What someone wants to know.

    Attributes:
        kpis: Names of KPIs, at least one.
        by: Names of dimensions to group by.
        where: Conditions over dimensions and columns, all of which must hold.
        period: Which days; everything by default.
        grain: The width of time buckets, None for one bucket.
        timezone: The zone in which days begin, for filter and bucket alike.
        versus: `previous`, `year`, a `Period`, or None for no comparison.
        week_starts: 1 for Monday to 7 for Sunday.
        as_of: The instant at which maturity is judged; None for now.
        totals: Whether a row over all groups is wanted too.
    """

    kpis: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    period: Period = Period()
    grain: Grain | None = None
    timezone: str = "UTC"
    versus: str | Period | None = None
    week_starts: int = 1
    as_of: dt.datetime | None = None
    totals: bool = True
