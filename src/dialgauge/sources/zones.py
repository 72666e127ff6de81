"""When was a wall-clock time, in UTC?

The transitions come from Python's zoneinfo, so that every engine agrees. Rules, those of
zoneinfo with fold=0: a time that the clock shows twice (autumn) is the first of the two; a time
that the clock skips (spring) is read with the offset before the gap, which moves it forward.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from dialgauge.errors import UnknownNameError

FIRST_YEAR, LAST_YEAR = 1970, 2100
"""Times are read from the first of these years up to, not including, the second."""

GAP, FOLD = 1, 2
BETWEEN = "|"
"""Stands between the zones of a place that may be in any of them."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """One moment at which a zone's offset changes.

    Attributes:
        at: Seconds since 1970 UTC.
        before: Offset from UTC until then, in seconds.
        after: Offset from then on.
    """

    at: int
    before: int
    after: int


@functools.lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Return the IANA zones this computer knows."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """Return the zone of that name.

    Raises:
        UnknownNameError: There is no such zone.
    """
    if name not in known_zones():
        raise UnknownNameError("time zone", name, known_zones())
    return ZoneInfo(name)


@functools.lru_cache(maxsize=512)
def changes(name: str, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> tuple[Change, ...]:
    """List a zone's changes of offset from one year up to, not including, another.

    Example:
        >>> changes("Europe/Berlin", 2026, 2027)[0]
        Change(at=1774746000, before=3600, after=7200)
    """
    where = zone(name)
    day = _seconds(dt.datetime(first, 1, 1, tzinfo=dt.UTC))
    end = _seconds(dt.datetime(last, 1, 1, tzinfo=dt.UTC))
    found = []
    before = _offset(where, day)
    while day < end:
        after = _offset(where, day + 86_400)
        if before != after:
            found.append(_bisect(where, day, day + 86_400))
        day, before = day + 86_400, after
    return tuple(found)


def offset_before(name: str, year: int) -> int:
    """Return a zone's offset in seconds at the beginning of a year, UTC."""
    return _offset(zone(name), _seconds(dt.datetime(year, 1, 1, tzinfo=dt.UTC)))


def utc_sql(wall: str, name: str, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> str:
    """Write the SQL that turns microseconds of wall-clock time into microseconds of UTC.

    Args:
        wall: A BIGINT expression, the wall-clock time as if it were UTC.
        name: The zone.
        first: The first year the tree of comparisons covers.
        last: The year after the last one.
    """
    return f"({wall} - {_tree(wall, _offsets(name, first, last))})"


def oddity_sql(wall: str, name: str, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> str:
    """Write the SQL that says whether a zone's clock skipped a time (1) or showed it twice (2).

    Args:
        wall: A BIGINT expression, the wall-clock time as if it were UTC, in microseconds.
        name: The zone.
        first: The first year the tree of comparisons covers.
        last: The year after the last one.
    """
    leaves = [(0, 0)]
    for change in changes(name, first, last):
        low, high = sorted((change.at + change.before, change.at + change.after))
        leaves.append((low * _SECOND, GAP if change.after > change.before else FOLD))
        leaves.append((high * _SECOND, 0))
    return _tree(wall, leaves)


def _offsets(name: str, first: int, last: int) -> list[tuple[int, int]]:
    found = changes(name, first, last)
    start = found[0].before if found else offset_before(name, first)
    leaves = [(0, start * _SECOND)]
    for change in found:
        boundary = change.at + max(change.before, change.after)
        leaves.append((boundary * _SECOND, change.after * _SECOND))
    return leaves


def _tree(wall: str, leaves: list[tuple[int, int]]) -> str:
    """Write a balanced tree of comparisons; each leaf holds from its bound to the next one's."""
    if len(leaves) == 1:
        return str(leaves[0][1])
    middle = len(leaves) // 2
    left, right = _tree(wall, leaves[:middle]), _tree(wall, leaves[middle:])
    return f"CASE WHEN {wall} < {leaves[middle][0]} THEN {left} ELSE {right} END"


def _bisect(where: ZoneInfo, low: int, high: int) -> Change:
    before, after = _offset(where, low), _offset(where, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(where, middle) == before:
            low = middle
        else:
            high = middle
    return Change(high, before, after)


def _seconds(moment: dt.datetime) -> int:
    return int((moment - _EPOCH).total_seconds())


def _offset(where: ZoneInfo, seconds: int) -> int:
    offset = (_EPOCH + dt.timedelta(seconds=seconds)).astimezone(where).utcoffset()
    return int((offset or dt.timedelta()).total_seconds())
