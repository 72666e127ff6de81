"""Which pieces of SQL does the lake share?"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence

import duckdb

from dialgauge.model.table import Table
from dialgauge.tables.storage import DUCKDB_TYPES, empty_select, quoted, text


@contextlib.contextmanager
def temporary(con: duckdb.DuckDBPyConnection) -> Iterator[Temporary]:
    """Keep intermediate tables until the block ends.

    Example:
        >>> con = duckdb.connect()
        >>> with temporary(con) as temp:
        ...     con.execute(f"FROM {temp.table('numbers', 'SELECT 1 AS n')}").fetchall()
        [(1,)]
    """
    temp = Temporary(con)
    try:
        yield temp
    finally:
        temp.drop()


class Temporary:
    """Intermediate tables of one connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._names: list[str] = []

    def table(self, word: str, query: str) -> str:
        """Run a query, keep its rows and return the table's name."""
        name = fresh(word)
        self._con.execute(f"CREATE TEMP TABLE {name} AS {query}")
        self._names.append(name)
        return name

    def drop(self) -> None:
        """Forget all of them."""
        while self._names:
            self._con.execute(f"DROP TABLE IF EXISTS {self._names.pop()}")


def fresh(word: str) -> str:
    """Return a relation name nobody uses.

    Args:
        word: What it holds, for people who look into a plan.
    """
    return f"lake_{word}_{uuid.uuid4().hex[:12]}"


def columns(names: Iterable[str], relation: str = "") -> str:
    """Write column names for a SELECT.

    Example:
        >>> columns(["call_id", "source"], "b")
        'b."call_id", b."source"'
    """
    prefix = f"{relation}." if relation else ""
    return ", ".join(prefix + quoted(name) for name in names)


def differs(names: Iterable[str], left: str, right: str) -> str:
    """Write the condition that two rows differ in some column; unknown equals unknown.

    Example:
        >>> differs(["team"], "o", "n")
        '(o."team" IS DISTINCT FROM n."team")'
    """
    parts = [f"{left}.{quoted(name)} IS DISTINCT FROM {right}.{quoted(name)}" for name in names]
    return f"({' OR '.join(parts) or 'false'})"


def stored(table: Table, paths: Sequence[str], held: Sequence[str]) -> str:
    """Write the query that reads a table's files with all its columns.

    Args:
        table: The table; its columns come in its order.
        paths: The files.
        held: The columns in the files; one the table has gained since reads as NULL.
    """
    if not paths:
        return empty_select(table)
    known = set(held)
    names = ", ".join(
        quoted(column.name)
        if column.name in known
        else f"CAST(NULL AS {DUCKDB_TYPES[column.type]}) AS {quoted(column.name)}"
        for column in table.columns
    )
    return f"SELECT {names} FROM {files(paths)}"


def files(paths: Iterable[str]) -> str:
    """Write a table function over Parquet files, with the column `filename`."""
    listed = ", ".join(text(path) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false, filename = true)"


def month_start(column: str) -> str:
    """Write the expression of the first instant of an instant's UTC month, without a zone.

    Example:
        >>> con = duckdb.connect()
        >>> con.execute("SET TimeZone = 'Asia/Tokyo'").fetchall()
        []
        >>> at = "TIMESTAMPTZ '2026-02-01 08:59:59+09'"
        >>> con.execute(f"SELECT CAST({month_start(at)} AS VARCHAR)").fetchall()
        [('2026-01-01 00:00:00',)]
    """
    # Through epoch_us because functions of zoned times are many times slower.
    return f"date_trunc('month', make_timestamp(epoch_us({column})))"


def in_month(column: str, month: str) -> str:
    """Write the condition that an instant lies in a UTC month.

    Example:
        >>> in_month("due_at", "2026-12").split(" AND ")[1]
        "due_at < TIMESTAMPTZ '2027-01-01 00:00:00+00')"
    """
    year, number = int(month[:-3]), int(month[-2:])
    later = (year + 1, 1) if number == 12 else (year, number + 1)
    start, end = f"{year:04d}-{number:02d}", f"{later[0]:04d}-{later[1]:02d}"
    return (
        f"({column} >= TIMESTAMPTZ '{start}-01 00:00:00+00'"
        f" AND {column} < TIMESTAMPTZ '{end}-01 00:00:00+00')"
    )


def count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the single number a query gives."""
    ((number,),) = con.execute(query).fetchall()
    return int(number)
