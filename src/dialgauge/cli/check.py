"""`dialgauge check`: what is in the lake, and what is wrong with it?"""

from __future__ import annotations

import contextlib
import json
from typing import Annotated, Any

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import open_lake
from dialgauge.cli.table import console
from dialgauge.errors import UsageError
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.tables import TABLES


def command(
    *,
    rows: Annotated[bool, Parameter(negative="")] = False,
    limit: int = 20,
    format: str = "table",
) -> None:
    """Tell what is in the lake and which rows were refused.

    Args:
        rows: Show the refused rows themselves.
        limit: At most so many of them.
        format: table or json.
    """
    check_format(format, ("table", "json"))
    if rows and limit < 1:
        raise UsageError(f"at least 1 row must be listed, not {limit}")
    found = examine(open_lake(), limit if rows else 0)
    if format == "json":
        emit(json.dumps(found, ensure_ascii=False, indent=2) + "\n", None)
    else:
        _show(found, console())


def examine(lake: Lake, limit: int) -> dict[str, Any]:
    """Count rows of every table, and refused rows by reason, with some of them."""
    snapshot = lake.snapshot()
    with contextlib.closing(lake.connect()) as con:
        tables = []
        for table in TABLES.values():
            name = view(con, snapshot, table)
            clock = table.clock or "NULL"
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
        quarantine = view(con, snapshot, QUARANTINE)
        reasons = con.execute(
            "SELECT table_name, reason, count(*), count(mended_at), any_value(file)"
            f" FROM {quarantine} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        ).fetchall()
        kept = con.execute(
            f"SELECT table_name, file, row, reason, raw FROM {quarantine}"
            " WHERE mended_at IS NULL ORDER BY file, row LIMIT ?",
            [limit],
        ).fetchall()
    return {
        "version": snapshot.version,
        "tables": tables,
        "quarantine": [
            dict(zip(("table", "reason", "rows", "mended", "file"), reason, strict=True))
            for reason in reasons
        ],
        "rows": [
            dict(zip(("table", "file", "row", "reason", "raw"), row, strict=True)) for row in kept
        ],
    }


def _show(found: dict[str, Any], to: Console) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("table", "rows", "oldest", "newest", "what it holds"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for each in found["tables"]:
        oldest, newest = ((each[end] or "")[:16].replace("T", " ") for end in ("oldest", "newest"))
        table.add_row(each["table"], f"{each['rows']:,}", oldest, newest, each["meaning"])
    to.print(table)
    if not found["quarantine"]:
        to.print("  no row was refused", style="dim")
    for each in found["quarantine"]:
        mended = f", {each['mended']:,} of them mended since" if each["mended"] else ""
        to.print(
            f"  {each['rows']:,} refused for {each['table']}: {each['reason']}{mended}"
            f" (such as in {each['file']})",
            style="yellow",
        )
    for each in found["rows"]:
        to.print(f"  {each['file']} row {each['row']}: {each['raw']}", style="dim")
