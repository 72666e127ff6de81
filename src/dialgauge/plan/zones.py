"""How far is a place ahead of UTC, and when does that change?

Offsets are worked out here, once, from Python's zone data, and rendered as numbers into each
plan: so every engine, whatever zone data it carries, puts a call into the same day.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from zoneinfo import ZoneInfo, available_timezones

from dialgauge.errors import UnknownNameError
from dialgauge.plan.nodes import Offset

_FIRST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_WEEK = 7 * 86_400


def zone(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises:
        UnknownNameError: It is not an IANA name.

    Example:
        >>> zone("Asia/Tbilisi").key
        'Asia/Tbilisi'
    """
    if name not in _names():
        raise UnknownNameError(
            "time zone", name, _names(), " Use an IANA name such as Europe/Berlin."
        )
    return ZoneInfo(name)


def midnight(day: dt.date, name: str) -> dt.datetime:
    """Return the instant, in UTC, at which a day begins in a zone.

    Example:
        >>> midnight(dt.date(2026, 7, 1), "Asia/Tbilisi").isoformat()
        '2026-06-30T20:00:00+00:00'
    """
    return dt.datetime.combine(day, dt.time(), tzinfo=zone(name)).astimezone(dt.UTC)


def offsets(
    name: str, start: dt.datetime | None = None, end: dt.datetime | None = None
) -> tuple[Offset, ...]:
    """List a zone's offsets from UTC between two instants.

    Args:
        name: The zone.
        start: The first instant that matters; None for 1970.
        end: The last instant that matters; None for 2100.

    Example:
        >>> [offset.seconds for offset in offsets("Asia/Kathmandu", *2 * [_LAST])]
        [20700]
    """
    low = int(max(start or _FIRST, _FIRST).timestamp())
    high = int(min(end or _LAST, _LAST).timestamp())
    every = _offsets(name)
    since = [offset for offset in every if offset.since is None or offset.since <= low]
    later = [offset for offset in every if offset.since is not None and low < offset.since <= high]
    return (Offset(None, since[-1].seconds), *later)


def common_step(zone_offsets: tuple[Offset, ...], most: int = 3600) -> int:
    """Return the longest time that fits between all edges of local buckets.

    Cutting intervals at UTC multiples of it cuts them at every local bucket edge.

    Args:
        zone_offsets: The zone.
        most: Seconds of the narrowest bucket, an hour or a day.

    Example:
        >>> common_step((Offset(None, 20_700),))
        900
        >>> common_step((Offset(None, 14_400),), 86_400)
        14400
    """
    edges = (edge for each in zone_offsets for edge in (each.seconds, each.since or 0))
    return math.gcd(most, *edges)


@functools.lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


@functools.lru_cache(maxsize=64)
def _offsets(name: str) -> tuple[Offset, ...]:
    place = zone(name)

    def seconds(at: int) -> int:
        offset = dt.datetime.fromtimestamp(at, tz=dt.UTC).astimezone(place).utcoffset()
        return int(offset.total_seconds()) if offset else 0

    first, last = int(_FIRST.timestamp()), int(_LAST.timestamp())
    found = [Offset(None, seconds(first))]
    for week in range(first, last, _WEEK):
        if seconds(week + _WEEK) == found[-1].seconds:
            continue
        low, high = week, week + _WEEK
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if seconds(middle) == found[-1].seconds else (low, middle)
        found.append(Offset(high, seconds(high)))
    return tuple(found)
