"""What is in a lake, and what was refused?"""

from __future__ import annotations

import contextlib
from typing import Any

import duckdb

from dialgauge.lake import QUARANTINE, Lake, Snapshot, view
from dialgauge.tables import TABLES
from dialgauge.tables.storage import quoted


def contents(lake: Lake, limit: int) -> dict[str, Any]:
    """Count rows of every table, and refused rows by reason, with some of them.

    Args:
        lake: The lake.
        limit: How many refused rows are shown at most.

    Returns:
        The version that was looked at; `tables` with rows, oldest and newest; `quarantine` with
        rows and how many of them were mended since, by reason; `rows` that are not mended.
    """
    snapshot = lake.snapshot()
    with contextlib.closing(lake.connect()) as con:
        tables = []
        for table in TABLES.values():
            name = view(con, snapshot, table)
            clock = quoted(table.clock) if table.clock else "NULL"
            ((count, oldest, newest),) = con.execute(
                f"SELECT count(*), min({clock}), max({clock}) FROM {name}"
            ).fetchall()
            tables.append(
                {
                    "table": table.name,
                    "rows": count,
                    "oldest": oldest and oldest.isoformat(),
                    "newest": newest and newest.isoformat(),
                    "meaning": table.meaning,
                }
            )
        reasons = refused(con, snapshot)
        quarantine = view(con, snapshot, QUARANTINE)
        kept = con.execute(
            f"SELECT table_name, file, row, reason, raw FROM {quarantine}"
            " WHERE mended_at IS NULL ORDER BY file, row LIMIT ?",
            [limit],
        ).fetchall()
    return {
        "version": snapshot.version,
        "tables": tables,
        "quarantine": reasons,
        "rows": [
            dict(zip(("table", "file", "row", "reason", "raw"), row, strict=True)) for row in kept
        ],
    }


def refused(con: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Count refused rows by reason, the most frequent first.

    Args:
        con: A connection of the lake.
        snapshot: The version that is looked at.

    Returns:
        For each table and reason `rows`, how many of them were `mended` since, and one `file`.
    """
    reasons = con.execute(
        "SELECT table_name, reason, count(*), count(mended_at), any_value(file)"
        f" FROM {view(con, snapshot, QUARANTINE)} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    names = ("table", "reason", "rows", "mended", "file")
    return [dict(zip(names, reason, strict=True)) for reason in reasons]
