"""`dialgauge rows`: what is behind a number?"""

from __future__ import annotations

import json
from typing import Annotated

import pyarrow as pa
from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from dialgauge.cli.asking import Words, question
from dialgauge.cli.export import check_format, emit, to_csv, write_parquet
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console


def command(  # noqa: PLR0913 - each option is one word of the question
    kpi: str,
    *,
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    timezone: str | None = None,
    limit: int = 100,
    format: str = "table",
    output: Annotated[str | None, Parameter(name=["--output", "-o"])] = None,
    engine: str = "duckdb",
) -> None:
    """List the calls, leads or intervals behind a number, the earliest first.

    Args:
        kpi: The KPI whose rows are wanted: those it counts, above or below its line.
        where: A condition, such as "team = 'Alder'"; may be repeated.
        start: First day inside, such as 2026-01-01.
        end: First day after.
        timezone: Zone in which days begin.
        limit: At most so many rows.
        format: table, json, csv or parquet.
        output: File to write to instead of standard output.
        engine: duckdb, spark or reference.
    """
    check_format(format)
    gauge, config = open_gauge(engine)
    words = Words(
        kpis=(kpi,), where=where, start=start, end=end, timezone=timezone or config.timezone
    )
    found = gauge.rows(question(words), limit)
    if format == "parquet":
        write_parquet(found, output)
    elif format == "json":
        records = json.dumps(found.to_pylist(), ensure_ascii=False, indent=2, default=_plain)
        emit(records + "\n", output)
    elif format == "csv" or output is not None:
        emit(to_csv([_written(record) for record in found.to_pylist()]), output)
    else:
        _show(found, limit)


def _show(found: pa.Table, limit: int) -> None:
    to = console()
    filled = [name for name in found.column_names if found.column(name).null_count < found.num_rows]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in filled:
        table.add_column(name, overflow="fold")
    for record in found.select(filled).to_pylist():
        table.add_row(*("" if cell is None else str(_plain(cell)) for cell in record.values()))
    to.print(table)
    more = f"; --limit shows more than {limit}" if found.num_rows == limit else ""
    to.print(f"  {found.num_rows} rows, columns without a value hidden{more}", style="dim italic")


def _written(record: dict[str, object]) -> dict[str, object]:
    return {name: None if cell is None else _plain(cell) for name, cell in record.items()}


def _plain(cell: object) -> object:
    """Write times and days as ISO text, money as a number."""
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    return cell if isinstance(cell, str | int | float | bool) else float(str(cell))
