"""How do rows of a spool or a dump become tables that SQL can rely on?

Live and archive tables hold rows of one kind, and a row may be in both, or be read twice: the
last one counts. Epochs are seconds of UTC and count before wall-clock times, which have no zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dialgauge.errors import UsageError
from dialgauge.sources.base import ROW
from dialgauge.sources.spooled import find_streams, load_stream
from dialgauge.sources.vicidial.tables import ALL, ARCHIVE, CONTEXT, LEFT_OUT, STREAMS, Source
from dialgauge.sources.zones import utc_sql
from dialgauge.tables.storage import quoted, text

LEFT_OUT_ROWS = "vd_left_out"
"""Temporary table of the tables that `fetch` left out, `name`, and the reasons, `why`."""

_GIVEN = "vd_given"
_HIDDEN = ("phone_number", "filename", "location")
_FIRST_YEAR, _LAST_YEAR = 2000, 2050  # VICIdial is of 2003; more rules of zones cost time


def relation(table: Source) -> str:
    """Name the temporary table that holds a table's rows.

    Besides the columns of `tables.Source`, all VARCHAR with '' as NULL, it has `_row`, `_file`,
    `_said` (the row as JSON, phone numbers included) and `_context BOOLEAN`.
    """
    return f"vd_{table.name.removeprefix('vicidial_')}"


def load(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> int:
    """Read all tables; those that have no files are empty.

    Args:
        con: Where the temporary tables shall be.
        paths: Files and folders of a spool or a dump.

    Returns:
        How many rows of a log were read more than once.

    Raises:
        FileError: A file cannot be read.
        UsageError: No file is of VICIdial.
    """
    files = find_streams(paths, (*STREAMS, LEFT_OUT))
    if not set(files) & set(STREAMS):
        raise UsageError(
            "nothing here is of VICIdial; give a folder or files named for its tables, such as "
            "vicidial_log.csv"
        )
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_GIVEN} (name VARCHAR)")
    con.executemany(f"INSERT INTO {_GIVEN} VALUES (?)", [[name] for name in files])
    load_stream(con, LEFT_OUT_ROWS, files.get(LEFT_OUT, ()), ("name", "why"))
    rows = repeated = 0
    for table in ALL.values():
        # the archive first, so that the live row is the last one
        found = (*files.get(table.name + ARCHIVE, ()), *files.get(table.name, ()))
        columns = (*table.columns, CONTEXT)
        rows += load_stream(con, "vd_loaded", found, columns, rows + 1)
        repeated += _keep_last(con, table)
    con.execute("DROP TABLE vd_loaded")
    return repeated


def drop(con: duckdb.DuckDBPyConnection) -> None:
    """Remove what `load` and the modules after it made."""
    names = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND table_name LIKE 'vd\\_%' "
        "ESCAPE '\\'"
    ).fetchall()
    for (name,) in names:
        con.execute(f"DROP TABLE {name}")


def given(table: Source) -> str:
    """Write SQL that tells whether there were files of a table, also when no row was in them."""
    names = f"{text(table.name)}, {text(table.name + ARCHIVE)}"
    return f"(SELECT count(*) > 0 FROM {_GIVEN} WHERE name IN ({names}))"


def left_out(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Say which tables a running VICIdial has that were not read, and why."""
    found = con.execute(f"SELECT DISTINCT name, why FROM {LEFT_OUT_ROWS} ORDER BY 1").fetchall()
    return [f"The table {name} was left out: {why}." for name, why in found]


def number(column: str) -> str:
    """Write SQL for a column as a number, NULL when it is none."""
    return f"TRY_CAST({column} AS DOUBLE)"


def instant(epoch: str, wall: str, zone: str) -> str:
    """Write SQL for microseconds of UTC by an epoch, or else by a wall-clock time.

    Args:
        epoch: Column of the epoch; `NULL` for none.
        wall: Column of the wall-clock time; `NULL` for none.
        zone: The zone of wall clocks.
    """
    clock = f"epoch_us(TRY_CAST({wall} AS TIMESTAMP))"
    seconds = f"TRY_CAST({epoch} AS BIGINT)"
    by_epoch = f"WHEN {seconds} BETWEEN 631152000 AND 4102444800 THEN {seconds} * 1000000"
    if wall == "NULL":
        return f"CASE {by_epoch} END"
    return (
        f"CASE {by_epoch if epoch != 'NULL' else ''} "
        f"WHEN year(TRY_CAST({wall} AS TIMESTAMP)) BETWEEN {_FIRST_YEAR} AND {_LAST_YEAR - 1} "
        f"THEN {utc_sql(clock, zone, _FIRST_YEAR, _LAST_YEAR)} END"
    )


def called(phone_code: str, phone_number: str) -> str:
    """Write SQL for a phone number as `phones.understand` wants it."""
    return (
        f"CASE WHEN regexp_full_match({phone_code}, '[0-9]+') "
        f"THEN '+' || {phone_code} || {phone_number} ELSE {phone_number} END"
    )


def raw(said: str) -> str:
    """Write SQL for a row as it may be kept: as JSON, without what could be a phone number.

    It is dear; write it only where there is a problem.
    """
    hidden = ", ".join(f'"{column}": null' for column in _HIDDEN)
    return f"json_merge_patch({said}, '{{{hidden}}}')"


def named(value: str, server: str) -> str:
    """Write SQL for a name, with the server's before it; NULL stays NULL."""
    return f"{text(server + '/')} || {value}" if server else value


def _keep_last(con: duckdb.DuckDBPyConnection, table: Source) -> int:
    name = relation(table)
    columns = ", ".join(
        f"nullif(trim({quoted(column)}), '') {quoted(column)}" for column in table.columns
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns}, {ROW}, _file, _said, "
        f"coalesce({CONTEXT} = '1', false) {CONTEXT} FROM vd_loaded"
    )
    keys = ", ".join(table.key)
    whole = " AND ".join(f"{key} IS NOT NULL" for key in table.key)
    ((rows, kinds),) = con.execute(
        f"SELECT count(*), count(DISTINCT ({keys})) FROM {name} WHERE {whole}"
    ).fetchall()
    if rows == kinds:
        return 0
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS "
        f"SELECT * REPLACE (bool_and({CONTEXT}) OVER (PARTITION BY {keys}) AS {CONTEXT}) "
        f"FROM {name} QUALIFY NOT ({whole}) "
        f"OR row_number() OVER (PARTITION BY {keys} ORDER BY {ROW} DESC) = 1"
    )
    return int(rows - kinds)
