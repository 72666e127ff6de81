"""Which rows does a leg stand on, in plain Python?

Reads whole Parquet files into lists of dicts, looks up joined rows, and repeats a row for each of
its clocks or pieces.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq

from dialgauge.engines.base import ARROW_TYPES, TableFiles
from dialgauge.engines.reference_expressions import Row, evaluate
from dialgauge.model.fact import ALIVE, Days, Spread
from dialgauge.plan.nodes import Join, Leg, Window

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def read(files: TableFiles) -> list[dict[str, Any]]:
    """Read all rows of a table; columns a file lacks are None.

    Raises:
        pyarrow.ArrowInvalid: A file is not Parquet or holds other types.
    """
    rows: list[dict[str, Any]] = []
    for path in files.paths:
        stored = pq.ParquetFile(path).read()
        columns = {
            column.name: stored[column.name].cast(ARROW_TYPES[column.type]).to_pylist()
            if column.name in stored.column_names
            else [None] * stored.num_rows
            for column in files.table.columns
        }
        rows += ({name: columns[name][i] for name in columns} for i in range(stored.num_rows))
    return rows


def standing(leg: Leg, files: Mapping[str, TableFiles]) -> Iterator[tuple[dict[str, Any], Row]]:
    """List the rows a leg keeps, left-out ones too.

    Args:
        leg: What to keep.
        files: Every table the leg reads.

    Yields:
        The stored row, and the names that expressions of the leg may read: its `columns`, the
        columns of joins as `table.column`, and `at`, `clock`, `seconds` and `opens`.
    """
    lookups = [
        (join, {row[join.key]: row for row in read(files[join.table]) if _meant(join, row)})
        for join in leg.joins
    ]
    for stored in read(files[leg.fact]):
        names: dict[str, Any] = {name: stored[name] for name in leg.columns}
        for join, found in lookups:
            # A NULL key finds nothing: None is never a key.
            other = found.get(stored[join.on], {})
            names |= {f"{join.table}.{column}": other.get(column) for column in join.columns}
        for time in _times(leg, stored):
            row = names | time
            if leg.where is None or evaluate(leg.where, row) is True:
                yield stored, row


def _meant(join: Join, row: Row) -> bool:
    return join.only is None or row[join.only[0]] == join.only[1]


def _times(leg: Leg, stored: Row) -> Iterator[dict[str, Any]]:
    if leg.spread is Spread.INTERVAL:
        yield from _pieces(leg, stored["started_at"], stored["ended_at"])
        return
    if leg.days is not None:
        yield from _in_days(leg.windows, leg.days, stored)
        return
    nowhere = {"bucket_start": None, "bucket_end": None, "whole": False}
    for clock in leg.clocks:
        at = stored[clock]
        if at is not None and _reaches(leg, at) and (leg.end is None or at < leg.end):
            yield {"at": at, "clock": clock, **nowhere}
    if leg.alive is not None:
        yield from _alive(leg.windows, stored[leg.alive.since], stored[leg.alive.until])


def _alive(
    windows: Iterable[Window], since: dt.datetime | None, until: dt.datetime | None
) -> Iterator[dict[str, Any]]:
    """Find the windows that a part of a life lies in."""
    for window in windows:
        begun = since is not None and (window.end is None or since < window.end)
        over = until is not None and window.start is not None and until < window.start
        if begun and not over:
            yield {
                "at": window.start,
                "clock": ALIVE,
                "bucket_start": window.start,
                "bucket_end": window.end,
                "whole": window.whole,
            }


def _in_days(windows: Iterable[Window], days: Days, stored: Row) -> Iterator[dict[str, Any]]:
    """Find the windows that some of a row's days lie in, and the portion that falls on them."""
    first, last, number = stored[days.first], stored[days.last], stored[days.portion_of]
    if first is None:
        return
    last = first if last is None else max(first, last)
    length = (last - first).days + 1
    for window in windows:
        low = 0 if window.first is None else (window.first - first).days
        high = length if window.after is None else (window.after - first).days
        if low >= length or high <= 0:
            continue
        portion = None
        if number is not None:
            edges = (min(high, length), max(low, 0))
            through, before = (_part(number, days_, length) for days_ in edges)
            portion = through - before
        yield {"at": window.start, "clock": None, "portion": portion}


def _part(number: Decimal, days: int, length: int) -> Decimal:
    """Take what is due by the end of some days, cut off to 0.0001 towards 0."""
    units = abs(int(number.scaleb(4))) * days // length
    return Decimal(units if number >= 0 else -units).scaleb(-4)


def _reaches(leg: Leg, at: dt.datetime) -> bool:
    return leg.start is None or at >= leg.start


def _pieces(
    leg: Leg, started: dt.datetime | None, ended: dt.datetime | None
) -> Iterator[dict[str, Any]]:
    """Cut the part of an interval that lies in the range."""
    if started is None or (leg.end is not None and started >= leg.end):
        return
    high = started if ended is None else max(started, ended)
    if leg.start is not None and started < leg.start and high <= leg.start:
        return
    low = started if leg.start is None else max(started, leg.start)
    high = high if leg.end is None else min(high, leg.end)
    edges = [low, *_cuts(low, high, leg.pieces_s), high]
    for number, (at, until) in enumerate(itertools.pairwise(edges)):
        seconds = None if ended is None else (until - at).total_seconds()
        yield {"at": at, "clock": leg.clocks[0], "seconds": seconds, "opens": number == 0}


def _cuts(low: dt.datetime, high: dt.datetime, pieces_s: int) -> Iterator[dt.datetime]:
    """List the UTC multiples of so many seconds strictly between two instants."""
    if not pieces_s:
        return
    piece = dt.timedelta(seconds=pieces_s)
    cut = _EPOCH + ((low - _EPOCH) // piece + 1) * piece
    while cut < high:
        yield cut
        cut += piece
