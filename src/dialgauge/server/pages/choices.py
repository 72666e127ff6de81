"""What can be chosen in the filters?"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dialgauge.engines.once import Once
from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.question import Question
from dialgauge.plan.resolve import all_dimensions

FILTERS = ("campaign", "team", "agent", "lead_source", "region", "list")
"""The dimensions that stand in the bar, as far as the lake knows them."""

_MOST = 16
_NAMED = {"agent": "agents", "campaign": "campaigns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a reader may choose.

    Attributes:
        newest: The day after the newest record, in the lake's time zone.
        groups: Dimension to its groups, in order.
        segments: The names of segments.
        dimensions: All that may be filtered by.
        names: Dimension to what its groups are called.
    """

    newest: dt.date
    groups: Mapping[str, tuple[str, ...]]
    segments: tuple[str, ...]
    dimensions: frozenset[str]
    names: Mapping[str, Mapping[str, str]]


class Remembered:
    """Choices that were looked up, until the lake changes."""

    def __init__(self) -> None:
        self._found: Once[object, Choices] = Once(size=lambda _: 1, most=_MOST, at_once=1)

    def of(self, gauge: Gauge, timezone: str) -> Choices:
        """Give what a gauge's reader may choose."""
        version = gauge.lake.snapshot().version
        key = (version, gauge.guard, tuple(gauge.words.segments.values()), timezone)
        return self._found.of(key, lambda: choices(gauge, timezone))


def choices(gauge: Gauge, timezone: str) -> Choices:
    """Look up what can be chosen in a lake.

    Args:
        gauge: Answers under the reader's row rules.
        timezone: In which days begin.
    """
    segments = gauge.words.segments
    groups = {name: _groups(gauge, name) for name in (*FILTERS, *segments)}
    return Choices(
        newest=_newest(gauge, timezone),
        groups={name: found for name, found in groups.items() if found},
        segments=tuple(name for name in segments if groups[name]),
        dimensions=frozenset(all_dimensions(gauge.words)),
        names={name: _seen(name, groups[name], gauge) for name in _NAMED},
    )


def _seen(dimension: str, groups: Collection[str], gauge: Gauge) -> Mapping[str, str]:
    """Name groups; under row rules only those whose rows one sees: an address may ask for any."""
    known = _names(gauge, _NAMED[dimension])
    if not gauge.guard:
        return known
    return {key: name for key, name in known.items() if key in groups}


def _groups(gauge: Gauge, dimension: str) -> tuple[str, ...]:
    asked = ("dials", "leads_created", "orders")
    # Calls look it up in leads, which hold it themselves.
    for kpi in ("leads_created", *asked) if dimension == "lead_source" else asked:
        try:
            answer = gauge.ask(Question(kpis=(kpi,), by=(dimension,), totals=False))
        except UsageError:
            continue
        found = (row.keys[dimension] for row in answer.rows)
        return tuple(str(group) for group in found if group is not None)
    return ()


def _names(gauge: Gauge, table: str) -> Mapping[str, str]:
    """Read what the groups of a dimension are called; two of one name keep their keys."""
    columns = gauge.words.tables[table]
    stored = gauge.lake.snapshot().stored(columns)
    if not stored.files:
        return {}
    with contextlib.closing(gauge.lake.connect()) as con:
        rows = con.execute(
            f"SELECT {columns.key}, name FROM ({stored.reading(columns, stored.paths)})"
            " WHERE name IS NOT NULL"
        ).fetchall()
    often = Counter(name for _, name in rows)
    return {key: name if often[name] == 1 else f"{name} ({key})" for key, name in rows}


def _newest(gauge: Gauge, timezone: str) -> dt.date:
    for table in ("calls", "orders", "leads", "agent_time"):
        newest = gauge.reach(table).end
        if newest is not None:
            return newest.astimezone(ZoneInfo(timezone)).date() + dt.timedelta(days=1)
    return gauge.clock().astimezone(ZoneInfo(timezone)).date() + dt.timedelta(days=1)
