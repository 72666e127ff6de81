"""How do tests run one step of `prepare` on small tables?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from dialgauge.model.rules import Rules
from dialgauge.model.table import Table, Type
from dialgauge.prepare.scratch import Scratch
from dialgauge.prepare.step import Given, Step
from dialgauge.tables import TABLES
from dialgauge.tables.storage import DUCKDB_TYPES

Row: TypeAlias = dict[str, Any]

_ARROW = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.decimal128(18, 4),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
    Type.JSON: pa.string(),
}


def run_step(
    step: Step, rules: Rules | None = None, batch: Sequence[Row] = (), **stored: Sequence[Row]
) -> list[Row]:
    """Run a step and return its rows, after a look at their columns and keys.

    Args:
        step: The step.
        rules: What the team decided; nothing by default.
        batch: Rows of the step's own table about to be stored; without any, all that is stored.
        stored: Table name to stored rows; what a row lacks is NULL.
    """
    assert set(stored) <= step.reads | {step.table}, "a step may read only what it names"
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    views = {}
    for name in step.reads | {step.table}:
        con.register(f"stored_{name}", arrow_rows(TABLES[name], stored.get(name, ())))
        views[name] = f"stored_{name}"
    own = views[step.table]
    if batch:
        rows = arrow_rows(TABLES[step.table], batch, derived=False)
        con.register("batch", rows.append_column("_row", pa.array(range(len(batch)))))
        own = "batch"
    query = step.rows(Given(scratch=Scratch(con), own=own, views=views, rules=rules or Rules()))
    found = con.sql(query)
    types = {name: str(type) for name, type in zip(found.columns, found.types, strict=True)}
    table = TABLES[step.table]
    assert types == {name: DUCKDB_TYPES[kind] for name, kind in table.types.items()}
    rows = [dict(zip(types, row, strict=True)) for row in found.fetchall()]
    con.close()
    assert len({row[table.key] for row in rows}) == len(rows), "a key comes once"
    return rows


def arrow_rows(table: Table, rows: Sequence[Row], *, derived: bool = True) -> pa.Table:
    """Make an Arrow table of rows given as dicts, what a row lacks as NULL."""
    fields = [
        pa.field(column.name, _ARROW[column.type])
        for column in table.columns
        if derived or not column.derived
    ]
    filled = [{field.name: row.get(field.name) for field in fields} for row in rows]
    return pa.Table.from_pylist(filled, schema=pa.schema(fields))
