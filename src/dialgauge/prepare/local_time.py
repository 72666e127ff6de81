"""What time was it where the called party lives?

The zone's rules at the moment of the call decide, never its offset of today (a call in July is
not one hour off because it is loaded in January). Python's zoneinfo knows the rules; DuckDB joins
the few stretches of constant offset that a batch touches, so that no row asks for its zone.

A phone number may leave several zones open; then they are joined by |. Its hour is known whenever
it is the same in all of them, and NULL otherwise, never a guess; so is its weekday.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator

from dialgauge.prepare.scratch import Scratch

BUCKET_BITS = 41
"""Stretches are cut into buckets of 2^41 microseconds (25 days), to be joined by equality."""

SEVERAL = "|"
"""Stands between the zones that are possible."""

_SECOND_US = 1_000_000
_HOUR_US = 3_600 * _SECOND_US
_DAY_US = 24 * _HOUR_US
_BUCKET_US = 1 << BUCKET_BITS
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EDGE = dt.timedelta(days=2)
_TYPES = {"zone": "VARCHAR"} | dict.fromkeys(
    ("bucket", "utc_from_us", "utc_to_us", "low_us", "high_us"), "BIGINT"
)


def stretches(zone: str, from_us: int, to_us: int) -> list[tuple[int, int, int]]:
    """Cut a span of time where a zone's distance to UTC changes.

    Args:
        zone: IANA name; a name nobody knows gives no stretch.
        from_us: First instant, microseconds since 1970 in UTC.
        to_us: End of the span, exclusive.

    Returns:
        For each stretch its first instant, its exclusive end and its offset, in microseconds.

    Example:
        >>> [(offset // 3_600_000_000) for _, _, offset in stretches("Europe/Berlin",
        ...     1_767_225_600_000_000, 1_798_761_600_000_000)]
        [1, 2, 1]
        >>> stretches("Moon/Base", 0, 1)
        []
    """
    rules = _rules(zone)
    if rules is None or not _within_calendar(from_us, to_us):
        return []
    found: list[tuple[int, int, int]] = []
    start, offset, at = from_us, _offset(rules, from_us), from_us
    while at < to_us:
        step = min(at + 86_400 * _SECOND_US, to_us)
        later = _offset(rules, step)
        if later != offset:
            turn = _turn(rules, at, step, offset)
            if turn >= to_us:
                break
            found.append((start, turn, offset))
            start, offset = turn, later
        at = step
    return [*found, (start, to_us, offset)]


def offsets(scratch: Scratch, moments: str) -> str:
    """Make the table of offsets that a relation's rows need.

    Args:
        scratch: Where the table is made.
        moments: Relation with `zone` and `at_us`, microseconds in UTC; rows without zone are
            passed over.

    Returns:
        The name of a table with zone, bucket, utc_from_us, utc_to_us (exclusive), low_us and
        high_us: the least and the greatest offset, the same where there is one zone.
    """
    pairs = scratch.con.execute(
        f"SELECT DISTINCT zone, at_us >> {BUCKET_BITS} FROM {moments}"
        " WHERE zone IS NOT NULL AND at_us IS NOT NULL ORDER BY ALL"
    ).fetchall()
    rows = list(_rows(pairs))
    columns = [f"CAST(NULL AS {kind}) AS {name}" for name, kind in _TYPES.items()]
    table = scratch.table("offsets", f"SELECT {', '.join(columns)} WHERE false")
    # Lists instead of an Arrow table, whose making would load pandas.
    lists = [f"unnest(CAST(? AS {kind}[]))" for kind in _TYPES.values()]
    scratch.con.execute(
        f"INSERT INTO {table} SELECT {', '.join(lists)}",
        [list(column) for column in zip(*rows, strict=True)] or [[]] * len(_TYPES),
    )
    return table


def joined(table: str, zone: str, at_us: str) -> str:
    """Write the join that finds a row's offsets as `o.low_us` and `o.high_us`, NULL when unknown.

    Args:
        table: What `offsets` made.
        zone: Expression of the row's zone.
        at_us: Expression of the row's instant in microseconds.
    """
    return (
        f"LEFT JOIN {table} AS o ON o.zone = {zone} AND o.bucket = {at_us} >> {BUCKET_BITS}"
        f" AND o.utc_from_us <= {at_us} AND o.utc_to_us > {at_us}"
    )


def hour(at_us: str) -> str:
    """Write the local hour, 0 to 23, of a row joined by `joined`; NULL when it is not certain."""
    return _certain("hour", at_us, _HOUR_US)


def weekday(at_us: str) -> str:
    """Write the local weekday, 1 Monday to 7 Sunday, of a row; NULL when it is not certain."""
    return _certain("isodow", at_us, _DAY_US)


def zone_of(call: str, lead: str) -> str:
    """Write the zone of a call: its own, but its lead's where it has none or leaves several open.

    Args:
        call: Expression of the call's own zone.
        lead: Expression of its lead's.
    """
    return f"CASE WHEN {unsettled(call)} THEN coalesce({lead}, {call}) ELSE {call} END"


def unsettled(zone: str) -> str:
    """Write the condition that a zone is unknown, or one of several."""
    return f"coalesce(contains({zone}, '{SEVERAL}'), true)"


def possible(zones: str, from_us: int, to_us: int) -> list[tuple[int, int, int, int]]:
    """Cut a span of time where the distance to UTC of any possible zone changes.

    Args:
        zones: One IANA name or several; where nobody knows one of them, there is no stretch.
        from_us: First instant, microseconds since 1970 in UTC.
        to_us: End of the span, exclusive.

    Returns:
        For each stretch its first instant, its exclusive end, its least and greatest offset.

    Example:
        >>> hours = 3_600_000_000
        >>> [(low // hours, high // hours) for _, _, low, high in possible(
        ...     "America/New_York|America/Bogota", 1_767_225_600_000_000, 1_798_761_600_000_000)]
        [(-5, -5), (-5, -4), (-5, -5)]
    """
    every = [stretches(zone, from_us, to_us) for zone in zones.split(SEVERAL)]
    if not all(every):
        return []
    found: list[tuple[int, int, int, int]] = []
    for start in sorted({start for one in every for start, _, _ in one}):
        now = [offset for one in every for begin, end, offset in one if begin <= start < end]
        if found and found[-1][2:] == (min(now), max(now)):
            continue
        if found:
            found[-1] = (found[-1][0], start, *found[-1][2:])
        found.append((start, to_us, min(now), max(now)))
    return found


def _certain(part: str, at_us: str, length_us: int) -> str:
    """Write a part of the local time that is the same by the least and the greatest offset.

    Times in between then agree, too, as long as the two are less than one such part apart.
    """
    low, high = (f"{part}(make_timestamp({at_us} + o.{name}))" for name in ("low_us", "high_us"))
    same = f"o.high_us - o.low_us < {length_us} AND {low} = {high}"
    return f"CASE WHEN o.low_us = o.high_us OR ({same}) THEN {low} END"


def _rows(pairs: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int, int, int, int, int]]:
    for zone, bucket in pairs:
        from_us = bucket * _BUCKET_US
        for start, end, low, high in possible(zone, from_us, from_us + _BUCKET_US):
            yield zone, bucket, start, end, low, high


def _rules(zone: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # no such zone, or a path instead of a name
        return None


def _within_calendar(from_us: int, to_us: int) -> bool:
    first = dt.datetime.min.replace(tzinfo=dt.UTC) + _EDGE
    last = dt.datetime.max.replace(tzinfo=dt.UTC) - _EDGE
    return _us(first) <= from_us and to_us <= _us(last)


def _us(instant: dt.datetime) -> int:
    return (instant - _EPOCH) // dt.timedelta(microseconds=1)


def _offset(rules: zoneinfo.ZoneInfo, at_us: int) -> int:
    local = (_EPOCH + dt.timedelta(microseconds=at_us)).astimezone(rules)
    offset = local.utcoffset()
    return 0 if offset is None else offset // dt.timedelta(microseconds=1)


def _turn(rules: zoneinfo.ZoneInfo, low: int, high: int, offset: int) -> int:
    """Return the first instant after `low` at which the offset is another; it is by `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(rules, middle) == offset else (low, middle)
    return high
