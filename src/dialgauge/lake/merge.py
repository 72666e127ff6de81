"""Which files must be written anew for some rows, and with what in them?

A file that holds a row to be replaced is written without it; the rows themselves are written into
files of their months. Only keys are looked up in files that turn out not to matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from dialgauge.errors import LakeError
from dialgauge.lake import distinct, sql
from dialgauge.lake.deltalog import DataFile, Stored
from dialgauge.lake.sql import Temporary
from dialgauge.model.table import Table
from dialgauge.tables.storage import quoted, text

MANY_MONTHS = 30
"""A view is read once a month; with more months than this its rows are kept in a table first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written.

    Attributes:
        queries: For each month the query of the rows that its new files will hold.
        touched: The files these take the place of.
        rows: How many rows all queries together give.
    """

    queries: tuple[tuple[str | None, str], ...]
    touched: tuple[DataFile, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Rows that are to be stored.

    Attributes:
        table: Their table.
        relation: The full rows, each key once; a row without clock in a derived table is gone.
        keys: The keys and clocks of the same rows, in a relation that costs less to read; empty
            where there is none.
    """

    table: Table
    relation: str
    keys: str = ""


def plan(
    con: duckdb.DuckDBPyConnection, temp: Temporary, incoming: Incoming, stored: Stored
) -> Plan:
    """Find out which files to write, and with what.

    Args:
        con: Where the rows are.
        temp: Keeps what the queries read.
        incoming: The rows.
        stored: The table as it is.

    Raises:
        LakeError: A key comes twice, or is missing, or a row has no clock.
    """
    table, relation = incoming.table, incoming.relation
    keys = _keys(temp, incoming)
    months = _months(con, table, keys)
    hits = _hits(temp, table, keys, stored)
    touched = _touched(con, table, stored, hits)
    taken = sql.count(con, f"SELECT count(*) FROM {hits}")
    rows = sum(months.values()) + sum(file.rows for file in touched) - taken
    if len(months) > MANY_MONTHS and _is_view(con, relation):
        relation = temp.table("rows", f"SELECT {_listed(table)} FROM {relation}")
    queries = []
    for month in sorted({*months, *(file.month for file in touched)}, key=lambda it: it or ""):
        old = [file.path for file in touched if file.month == month]
        parts = [_remaining(table, stored, old, hits)] if old else []
        if month in months:
            parts.append(_of_month(table, relation, month))
        queries.append((month, " UNION ALL ".join(parts)))
    return Plan(queries=tuple(queries), touched=touched, rows=rows)


def _keys(temp: Temporary, incoming: Incoming) -> str:
    """Return a relation with `key` and `clock` of the rows."""
    table = incoming.table
    clock = "NULL" if table.clock is None else quoted(table.clock)
    select = f"SELECT {quoted(table.key)} AS key, {clock} AS clock FROM "
    if incoming.keys:
        return f"({select}{incoming.keys})"
    return temp.table("keys", f"{select}{incoming.relation}")


def _months(con: duckdb.DuckDBPyConnection, table: Table, keys: str) -> dict[str | None, int]:
    """Count the rows of each month that are to be stored, after checking that they can be."""
    start, month = "NULL", "NULL"
    if table.by_month:
        start, month = sql.month_start("clock"), "strftime(start, '%Y-%m')"
    found = con.execute(
        f"SELECT {month}, number, keyless, clockless FROM (SELECT {start} AS start, count(*)"
        " AS number, count(*) - count(key) AS keyless, count(*) - count(clock) AS clockless"
        f" FROM {keys} GROUP BY 1)"
    ).fetchall()
    timeless = table.clock is not None and not table.derived
    if any(keyless or (clockless and timeless) for *_, keyless, clockless in found):
        names = " or no ".join(filter(None, (table.key, table.clock)))
        raise LakeError(
            f"rows of {table.name} have no {names};"
            " nothing was stored. Such rows belong into quarantine."
        )
    twice = 0
    if distinct.may_repeat(con, keys, "key"):
        twice = sql.count(
            con,
            f"SELECT count(*) FROM (SELECT key FROM {keys} WHERE hash(key) IN"
            f" ({distinct.repeated(keys, 'key')}) GROUP BY 1 HAVING count(*) > 1)",
        )
    if twice:
        raise LakeError(
            f"{twice} keys of {table.name} come more than once in what shall be stored;"
            " nothing was stored. Each key may come once."
        )
    return {month: rows for month, rows, *_ in found if month is not None or not table.by_month}


def _hits(temp: Temporary, table: Table, keys: str, stored: Stored) -> str:
    """Find the stored rows whose place is taken, as `key` and `file`."""
    if not stored.files:
        return temp.table("hits", "SELECT '' AS key, '' AS file WHERE false")
    return temp.table(
        "hits",
        f"SELECT n.key, o.filename AS file FROM {sql.files(stored.paths)} AS o"
        f" JOIN {keys} AS n ON o.{quoted(table.key)} = n.key",
    )


def _touched(
    con: duckdb.DuckDBPyConnection, table: Table, stored: Stored, hits: str
) -> tuple[DataFile, ...]:
    if {column.name for column in table.columns} - set(stored.columns):
        # The package has given the table a column: all files get it.
        return stored.files
    paths = {path for (path,) in con.execute(f"SELECT DISTINCT file FROM {hits}").fetchall()}
    return tuple(file for file in stored.files if file.path in paths)


def _remaining(table: Table, stored: Stored, paths: Sequence[str], hits: str) -> str:
    listed = ", ".join(text(path) for path in paths)
    return (
        f"SELECT * FROM ({stored.reading(table, paths)}) AS o ANTI JOIN"
        f" (SELECT key FROM {hits} WHERE file IN ({listed})) AS h ON o.{quoted(table.key)} = h.key"
    )


def _of_month(table: Table, relation: str, month: str | None) -> str:
    wanted = f"SELECT {_listed(table)} FROM {relation}"
    if month is None or table.clock is None:
        return wanted
    return f"{wanted} WHERE {sql.in_month(quoted(table.clock), month)}"


def _is_view(con: duckdb.DuckDBPyConnection, relation: str) -> bool:
    return (relation,) in con.execute("SELECT view_name FROM duckdb_views()").fetchall()


def _listed(table: Table) -> str:
    return sql.columns(column.name for column in table.columns)
