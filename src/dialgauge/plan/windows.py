"""Which time buckets may a row be alive in, or have days in?

A row with a single time falls into its bucket by arithmetic. A row that lasts must be held
against each bucket, so the buckets are listed in the plan.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

from dialgauge.errors import UsageError
from dialgauge.model.expression import Expression, walk
from dialgauge.model.fact import Fact
from dialgauge.model.question import Grain, Period
from dialgauge.plan.buckets import labels
from dialgauge.plan.frame import Frame
from dialgauge.plan.nodes import Bucket, Window
from dialgauge.plan.zones import midnight

_DAY = dt.timedelta(days=1)
_MOST = 3_700  # ten years of days
_NEVER = Window(
    start=dt.datetime(1, 1, 2, tzinfo=dt.UTC), end=dt.datetime(1, 1, 1, tzinfo=dt.UTC), whole=True
)
"""A window in which nothing lives."""


def whole(period: Period, timezone: str) -> Window:
    """Return the window of the whole period.

    Example:
        >>> whole(Period(None, dt.date(2026, 2, 1)), "UTC").after
        datetime.date(2026, 2, 1)
    """
    start, end = period.start, period.end
    return Window(
        start=midnight(start, timezone) if start else None,
        end=midnight(end, timezone) if end else None,
        first=start,
        after=end,
        whole=True,
    )


def buckets(
    period: Period, grain: Grain, timezone: str, week_starts: int = 1
) -> tuple[Window, ...]:
    """List the buckets of a period, the first and the last cut at the period's ends.

    Args:
        period: With both ends.
        grain: The width, a day or more.
        timezone: In which days begin.
        week_starts: 1 for Monday to 7 for Sunday.

    Raises:
        UsageError: There are too many.

    Example:
        >>> cut = buckets(Period(dt.date(2026, 1, 30), dt.date(2026, 2, 3)), Grain.MONTH, "UTC")
        >>> [(str(window.first), str(window.after)) for window in cut]
        [('2026-01-30', '2026-02-01'), ('2026-02-01', '2026-02-03')]
    """
    if period.start is None or period.end is None:
        return ()
    days = (period.end - period.start).days
    if grain is Grain.DAY and days > _MOST:
        raise UsageError(
            f"{days} days are too many to be told apart; at most {_MOST} can be, so choose a "
            "shorter period or a coarser grain"
        )
    starts = [dt.date.fromisoformat(day) for day in labels(period, grain, timezone, week_starts)]
    edges = [period.start, *starts[1:], period.end]
    return tuple(
        Window(
            start=midnight(first, timezone),
            end=midnight(after, timezone),
            first=first,
            after=after,
        )
        for first, after in itertools.pairwise(edges)
    )


def widened(period: Period, low: dt.date | None, high: dt.date | None) -> Period:
    """Close an open period where the data begin and end.

    Args:
        period: Perhaps without a start or an end.
        low: The first day of the data; None when there are none.
        high: The last day of the data.

    Returns:
        The period with both ends, or as it is when nothing is known.

    Example:
        >>> widened(Period(), dt.date(2026, 1, 5), dt.date(2026, 1, 7)).end
        datetime.date(2026, 1, 8)
    """
    start = period.start or low
    end = period.end or (high + _DAY if high else None)
    if start is None or end is None or start >= end:
        return period
    return Period(start, end)


def windows_of(
    fact: Fact, frame: Frame, *, alive: bool, where: Expression | None
) -> tuple[Window, ...]:
    """List the buckets that a fact's lasting rows are held against.

    Raises:
        UsageError: The buckets are finer than what lasts is known, or of two widths.
    """
    if not alive and fact.days is None:
        return ()
    question = frame.question
    grains = frame.grains
    if Grain.HOUR in grains:
        raise UsageError(f"{fact.name} is known by the day; use --grain day or a coarser one")
    filtered = any(isinstance(node, Bucket) for node in walk(where))
    if alive and (filtered or len(grains) > 1):
        raise UsageError(
            f"{fact.name} tells how things stand at the end of a bucket, so it cannot be "
            + ("filtered by a bucket; use --from and --to" if filtered else "cut by two widths")
        )
    period = whole(question.period, question.timezone)
    if alive:
        period = _until(period, frame)
    if not grains and not filtered:
        return (period,)
    grain = Grain.DAY if filtered or len(grains) > 1 else grains[0]
    closed = widened(question.period, *frame.extents.get(fact.name, (None, None)))
    cut = buckets(closed, grain, question.timezone, question.week_starts)
    if not alive:
        return cut or (period,)
    known = (window for window in cut if window.start and window.start < frame.as_of)
    return (*(_until(window, frame) for window in known), period)


def _until(window: Window, frame: Frame) -> Window:
    """End a window at the moment of asking: how things stand later is not known."""
    if window.start is not None and window.start >= frame.as_of:
        return _NEVER
    return replace(window, end=min(window.end or frame.as_of, frame.as_of))
