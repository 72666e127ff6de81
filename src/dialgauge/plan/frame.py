"""What do all legs of a question have in common?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from dialgauge.model.question import Grain, Question
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.nodes import Offset
from dialgauge.plan.resolve import TIME_DIMENSIONS

Extent: TypeAlias = tuple[dt.date | None, dt.date | None]
"""The first and the last day of a fact's data; None when unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all legs of a question have in common.

    Attributes:
        question: What is asked.
        words: What may be named.
        offsets: The question's zone as far as the data reaches.
        start: First instant inside; None for no bound.
        end: First instant after; None for no bound.
        as_of: The instant at which maturity is judged.
        until: The end of the period; without one, of the records or the moment of asking,
            whichever comes first.
        guard: Conditions that every row must meet, whoever asks.
        extents: Fact name to the first and the last day of its data, where buckets are listed.
    """

    question: Question
    words: Vocabulary
    offsets: tuple[Offset, ...]
    start: dt.datetime | None
    end: dt.datetime | None
    as_of: dt.datetime
    until: dt.datetime
    guard: tuple[str, ...] = ()
    extents: Mapping[str, Extent] = field(default_factory=dict)

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The widths of the time buckets among the keys, narrowest first."""
        grains = {TIME_DIMENSIONS[name] for name in self.question.by if name in TIME_DIMENSIONS}
        grains |= {self.question.grain} if self.question.grain else set()
        return tuple(sorted(grains, key=list(Grain).index))


def earlier(at: dt.datetime, seconds: int) -> dt.datetime:
    """Go back in time, at most to the first day of the calendar.

    Example:
        >>> earlier(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), 86_400).isoformat()
        '2025-12-31T00:00:00+00:00'
        >>> earlier(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), 10**18).year
        1
    """
    first = dt.datetime.min.replace(tzinfo=dt.UTC)
    return first if seconds > (at - first).total_seconds() else at - dt.timedelta(seconds=seconds)
