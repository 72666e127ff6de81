"""What becomes of a row when its record was deleted where it came from?

It stays, so that what was counted can still be explained; it only stops to count as before:

- a call was none, as calls are that were made as a test
- a lead was given up then
- a deal was open until then (or closed when it was), and is neither won nor lost
- an order was cancelled
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import duckdb

from dialgauge.model.table import Table
from dialgauge.sources.base import Staged
from dialgauge.sources.staging import Shape, stage_shapes

AFTERWARDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "calls": {"test": "true"},
        "leads": {"lost_at": "coalesce(known.lost_at, said.lost_at)"},
        "deals": {
            "closed_at": "CASE WHEN known.status = 'open' THEN said.closed_at"
            " ELSE coalesce(known.closed_at, said.closed_at) END",
            "status": "NULL",
        },
        "orders": {"cancelled": "true"},
    }
)
"""Table to what its columns say afterwards; as `Staged.from_lake` wants it."""

_WHEN: Mapping[str, str] = MappingProxyType({"leads": "lost_at", "deals": "closed_at"})
"""Table to the column that tells when, where one does."""


def stage_gone(
    con: duckdb.DuckDBPyConnection, table: Table, rows: str, notes: Sequence[str] = ()
) -> Staged:
    """Stage the keys of rows whose records were deleted.

    Args:
        con: Where the rows are.
        table: A table of `AFTERWARDS`.
        rows: What stands behind FROM: `key`, `gone_at` (when it was deleted, or missed first),
            `_row`, `_file` and `_said`, the row as JSON.
        notes: What to tell people.
    """
    problem = (
        "CASE WHEN key IS NULL THEN 'it is not said what was deleted'"
        " WHEN gone_at IS NULL THEN 'it is not said when it was deleted' END"
    )
    when = {column: "gone_at" for name, column in _WHEN.items() if name == table.name}
    shape = Shape(columns={table.key: "key", **when}, rows=rows, problem=problem, raw="_said")
    found = stage_shapes(con, table, [shape], notes)
    return replace(found, from_lake=AFTERWARDS[table.name])
