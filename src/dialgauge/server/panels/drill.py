"""Where are the rows behind a number?

Every number on a page leads to the calls, leads or orders it was made of, for those who may see
them; for the others it is a number and no more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from dialgauge.model.answer import KeyValue
from dialgauge.model.question import Grain, Period
from dialgauge.server.panels.panel import Look
from dialgauge.server.view import View
from dialgauge.server.viewer import May

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
_DAYS = {Grain.DAY: 1, Grain.WEEK: 7}


def rows_href(
    look: Look,
    kpi: str,
    keys: Mapping[str, KeyValue] | None = None,
    period: Period | None = None,
) -> str:
    """Give the address of the rows behind a number.

    Args:
        look: Who looks at what.
        kpi: The KPI's name.
        keys: Dimension to the group that the number is about.
        period: The days it is about, where those are not the page's.

    Returns:
        An address; empty for who may not see rows.
    """
    if May.ROWS not in look.viewer.may:
        return ""
    kept = narrowed(look.view, keys or {}, period)
    return kept.at("/rows").with_rest(kpi=kpi).address


def narrowed(view: View, keys: Mapping[str, KeyValue], period: Period | None = None) -> View:
    """Keep only the groups and days that a number is about.

    Example:
        >>> narrowed(View(path="/", period=Period()), {"hour": 9, "team": None}).filters
        {'hour': ('9',), 'team': (None,)}
    """
    for name, group in keys.items():
        view = view.with_filter(name, None if group is None else str(group))
    return view if period is None else replace(view, period=period, preset="")


def bucket_days(label: KeyValue, grain: Grain, within: Period) -> Period | None:
    """Give the days of a time bucket, as far as they lie in a period.

    Args:
        label: The bucket's first day, as answers write it.
        grain: Its width.
        within: The days that were asked.

    Returns:
        The days; None for hours, which no address can say.

    Example:
        >>> bucket_days("2026-01-26", Grain.WEEK, Period(dt.date(2026, 1, 28)))
        Period(start=datetime.date(2026, 1, 28), end=datetime.date(2026, 2, 2))
    """
    if grain is Grain.HOUR or label is None:
        return None
    first = dt.date.fromisoformat(str(label)[:10])
    if grain in _DAYS:
        after = first + dt.timedelta(days=_DAYS[grain])
    else:
        month = first.month - 1 + _MONTHS[grain]
        after = dt.date(first.year + month // 12, month % 12 + 1, 1)
    start = first if within.start is None else max(first, within.start)
    return Period(start, after if within.end is None else min(after, within.end))
