"""How do rows become Parquet files?

DuckDB writes them: zstd at its lowest level, because it costs hardly more than snappy on dialler
data and takes two thirds of the room (the usual level takes a tenth less and costs a tenth more),
in files of about a quarter of a million rows, so that one late call rewrites one such file and not
a year.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from dialgauge.lake import connection, disk
from dialgauge.lake.deltalog import MONTH, DataFile, NewFile
from dialgauge.model.table import Table
from dialgauge.tables.storage import quoted, text

ROW_GROUP = 122_880
"""Rows of a row group, DuckDB's own measure."""

SMALL_ROW_GROUP = 30_720
"""The same where memory is short, because a thread holds a whole row group while it writes."""

DICTIONARY = 4096
"""Different values up to which a column is stored by numbers; looking for more costs writers."""

LEVEL = 1
"""How hard zstd tries."""

FILE_ROWS = 2 * ROW_GROUP
"""Rows of a file, about a quarter of a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where files go.

    Attributes:
        table: The table.
        folder: Its folder.
        month: 'YYYY-MM', None for a table not kept by month.
        stem: How the files' names begin; new in this folder.
    """

    table: Table
    folder: str
    month: str | None
    stem: str


def write(con: duckdb.DuckDBPyConnection, query: str, target: Target) -> list[NewFile]:
    """Run a query and write its rows into files.

    Args:
        con: Where the query runs.
        query: Gives all columns of the table, of rows of the target's month.
        target: Where the files go.

    Returns:
        The files, none for no rows. They are on disk, and not yet part of the table.
    """
    month = target.month
    folder = target.folder if month is None else f"{target.folder}/{MONTH}={month}"
    disk.make_folder(folder)
    short = connection.memory_of_thread(con) < connection.THREAD_MEMORY
    group = SMALL_ROW_GROUP if short else ROW_GROUP
    written = con.execute(
        f"COPY ({query}) TO {text(folder)} (FORMAT parquet, COMPRESSION zstd,"
        f" COMPRESSION_LEVEL {LEVEL},"
        f" ROW_GROUP_SIZE {group}, ROW_GROUPS_PER_FILE {FILE_ROWS // group},"
        f" DICTIONARY_SIZE_LIMIT {DICTIONARY},"
        f" FILENAME_PATTERN {text(target.stem + '-{i}')}, OVERWRITE_OR_IGNORE, RETURN_STATS)"
    ).fetchall()
    made = []
    for path, rows, size, _, statistics, *_ in written:
        if rows == 0:
            disk.remove(path)
            continue
        disk.sync(path)
        stats = {"numRecords": rows} | _bounds(target.table, statistics)
        made.append(NewFile(DataFile(path, month, rows, size), json.dumps(stats)))
    disk.sync_folder(folder)
    return made


def _bounds(table: Table, statistics: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """Return Delta's least and greatest clock; readers skip files by them."""
    found = {} if table.clock is None else statistics.get(quoted(table.clock), {})
    try:
        low = dt.datetime.fromisoformat(found["min"])
        high = dt.datetime.fromisoformat(found["max"])
    except (KeyError, ValueError):  # no statistics, or a year Python does not know
        return {}
    # Delta keeps milliseconds and cuts off the rest, which must not put the last row outside.
    high += dt.timedelta(milliseconds=1)
    return {"minValues": {table.clock: _millis(low)}, "maxValues": {table.clock: _millis(high)}}


def _millis(instant: dt.datetime) -> str:
    shown = instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return shown + "Z"
