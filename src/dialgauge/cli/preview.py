"""`dialgauge import --dry-run`: what would become of these files?"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dialgauge.cli.export import emit
from dialgauge.cli.opening import open_lake
from dialgauge.cli.table import console
from dialgauge.errors import LakeError
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.sources.preview import FileSeen, Preview, TableSeen, preview, table_seen


def show_preview(request: Request, source_name: str, format: str) -> None:
    """Show what an import would do; nothing is stored, and no lake is needed.

    Args:
        request: What would be imported.
        source_name: By which source.
        format: table or json.
    """
    with _scratch() as (con, phone_key):
        asked = replace(request, phone_key=phone_key)
        if source_name == "files":
            found = preview(con, asked)
        else:
            staged = source(source_name)(con, asked)
            found = Preview(files=(), tables=tuple(table_seen(con, part) for part in staged))
    if format == "json":
        emit(json.dumps(preview_json(found), ensure_ascii=False, indent=2) + "\n", None)
    else:
        _show(found, console())


def preview_json(found: Preview) -> dict[str, Any]:
    """Write a preview as `import --dry-run --format json` prints it."""
    written = asdict(found)
    for file, seen in zip(written["files"], found.files, strict=True):
        file["path"], file["details"] = str(seen.path), dict(seen.details)
    for table in written["tables"]:
        table["reasons"] = [{"reason": why, "rows": rows} for why, rows in table["reasons"]]
    return written


@contextlib.contextmanager
def _scratch() -> Iterator[tuple[duckdb.DuckDBPyConnection, bytes]]:
    """Open a connection to stage in; the lake's where there is one, with its phone key."""
    try:
        lake = open_lake()
        con, phone_key = lake.connect(), lake.phone_key
    except LakeError:
        con, phone_key = duckdb.connect(), secrets.token_bytes(32)
        con.execute("SET TimeZone = 'UTC'")
    with contextlib.closing(con):
        yield con, phone_key


def _show(found: Preview, to: Console) -> None:
    for file in found.files:
        _show_file(file, to)
    if found.trouble:
        to.print(found.trouble, style="yellow")
    if found.proposal:
        to.print()
        to.print(
            "Proposed mapping; check it, save it as mapping.toml, and give it with "
            "--mapping mapping.toml:",
            style="bold",
        )
        to.print(found.proposal, soft_wrap=True)
    for table in found.tables:
        _show_table(table, to)
    to.print("nothing was imported", style="dim")


def _show_file(file: FileSeen, to: Console) -> None:
    details = "".join(f", {name} {value}" for name, value in file.details.items())
    to.print(f"{file.path}: {file.kind}{details}", style="bold")
    headers = _table("header", "becomes", "type", "first value")
    for seen in file.headers:
        becomes = f"{'.'.join(file.table[:1])}.{seen.column}" if seen.column else "(not used)"
        headers.add_row(seen.header, becomes, seen.type, seen.sample)
    to.print(headers)
    if file.before:
        to.print(f"Before: the first {len(file.before)} rows as they stand", style="bold")
        to.print(_turned(file.before))


def _show_table(table: TableSeen, to: Console) -> None:
    to.print(
        f"{table.table}: {table.rows:,} rows, of which {table.refused:,} would be refused",
        style="bold",
    )
    for reason, rows in table.reasons:
        to.print(f"  {rows:,} refused: {reason}", style="yellow")
    if table.unused:
        to.print(f"  headers not used: {', '.join(table.unused)}", style="dim")
    for note in table.notes:
        to.print(f"  {note}", style="dim")
    if table.after:
        to.print(f"After: the first {len(table.after)} rows as they would be stored", style="bold")
        to.print(_turned(table.after))


def _turned(rows: Sequence[Mapping[str, str | None]]) -> Table:
    """Lay rows out side by side: files have more columns than a terminal."""
    table = _table("", *(str(number + 1) for number in range(len(rows))))
    for name in rows[0]:
        table.add_row(name, *(row[name] or "" for row in rows))
    return table


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True, overflow="ellipsis", max_width=28)
    return table
