"""What do the lake's tests store?

Two small tables made for the purpose: visits, kept by month, and places, kept in one folder.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from dialgauge.lake import Change, Classified, Lake, view
from dialgauge.lake.layout import check, create
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.storage import DUCKDB_TYPES

Row: TypeAlias = dict[str, Any]

VISITS = Table(
    name="visits",
    key="visit_id",
    clock="began_at",
    by_month=True,
    meaning="Somebody went somewhere.",
    columns=(
        Column("visit_id", Type.TEXT, "Names the visit."),
        Column("began_at", Type.TIME, "When it began."),
        Column("place_id", Type.TEXT, "Where."),
        Column("cost", Type.MONEY, "What it cost."),
    ),
)
PLACES = Table(
    name="places",
    key="place_id",
    clock=None,
    meaning="Where one can go.",
    columns=(
        Column("place_id", Type.TEXT, "Names the place."),
        Column("open_on", Type.DATE, "Since when."),
        Column("stars", Type.NUMBER, "How good."),
    ),
)
TABLES = {table.name: table for table in (VISITS, PLACES)}


def new_lake(folder: Path) -> Lake:
    """Make a lake of visits and places."""
    return Lake(create(str(folder)), TABLES)


def open_lake(folder: Path | str) -> Lake:
    """Open a lake of visits and places."""
    return Lake(check(str(folder)), TABLES)


def at(text: str) -> dt.datetime:
    """Return an instant given in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def visit(key: str, began: str, place: str | None = None, cost: float | None = None) -> Row:
    """Make a visit; `began` is in UTC."""
    return {"visit_id": key, "began_at": at(began), "place_id": place, "cost": cost}


def place(key: str, stars: float | None = None) -> Row:
    """Make a place."""
    return {"place_id": key, "open_on": dt.date(2020, 1, 1), "stars": stars}


def stage(con: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Row]) -> str:
    """Put rows into a temporary table as sources do; a column a row lacks is NULL."""
    name = f"staged_{table.name}"
    columns = ", ".join(f"{c.name} {DUCKDB_TYPES[c.type]}" for c in table.columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns}, _row BIGINT)")
    values = [[*(row.get(c.name) for c in table.columns), n] for n, row in enumerate(rows)]
    if values:
        marks = ", ".join("?" for _ in values[0])
        con.executemany(f"INSERT INTO {name} VALUES ({marks})", values)
    return name


def add(
    con: duckdb.DuckDBPyConnection,
    change: Change,
    table: Table,
    rows: Sequence[Row],
    present: Sequence[str] | None = None,
) -> Classified:
    """Classify and store rows in a change that somebody else publishes."""
    names = [c.name for c in table.columns] if present is None else present
    found = change.classify(con, table, stage(con, table, rows), names)
    if found.loaded or found.updated:
        change.upsert(con, table, found.rows)
    return found


def put(
    lake: Lake, table: Table, rows: Sequence[Row], present: Sequence[str] | None = None
) -> tuple[int, int, int]:
    """Store rows and return how many were loaded, updated and unchanged."""
    with contextlib.closing(lake.connect()) as con, lake.write("put") as change:
        found = add(con, change, table, rows, present)
        change.publish()
    return found.loaded, found.updated, found.unchanged


def content(lake: Lake, table: Table, version: int | None = None) -> Mapping[str, Row]:
    """Read a table: its rows by key; a key that comes twice fails."""
    with contextlib.closing(lake.connect()) as con:
        cursor = con.execute(f"FROM {view(con, lake.snapshot(version), table)}")
        names = [str(description[0]) for description in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found = {str(row[table.key]): row for row in rows}
    assert len(found) == len(rows), "a key is stored twice"
    return found


def paths(lake: Lake, table: Table) -> set[str]:
    """Return the files of a table's newest state."""
    return {file.path for file in lake.snapshot().stored(table).files}


def on_disk(lake: Lake) -> set[str]:
    """Return every Parquet file of rows in the lake's folder, known or not."""
    found = {str(path) for path in Path(lake.path).rglob("*.parquet")}
    return {path for path in found if "/_delta_log/" not in path}  # checkpoints of the log
