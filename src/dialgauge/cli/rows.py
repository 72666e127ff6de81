"""`dialgauge rows`: what is behind a number?"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import pyarrow as pa
from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialgauge.asking import Words, question
from dialgauge.cli.export import check_format, emit, write_parquet
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console
from dialgauge.model.csv_text import to_csv
from dialgauge.model.wire import plain, plain_records

_DIM = "dim italic"
_GAP = 3  # blanks between two columns


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
        records = json.dumps(plain_records(found.to_pylist()), ensure_ascii=False, indent=2)
        emit(records + "\n", output)
    elif format == "csv" or output is not None:
        emit(to_csv(plain_records(found.to_pylist())), output)
    else:
        show_rows(found, limit, console())


def show_rows(found: pa.Table, limit: int, to: Console) -> None:
    """Print as many columns as fit side by side, the first ones first, and name the others.

    Args:
        found: The rows.
        limit: How many were asked for at most.
        to: Where to.
    """
    columns = {
        name: ["" if cell is None else _short(cell) for cell in found.column(name).to_pylist()]
        for name in found.column_names
        if found.column(name).null_count < found.num_rows
    }
    fitting = _fitting(columns, to.width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in fitting:
        table.add_column(name, overflow="fold")
    for cells in zip(*(columns[name] for name in fitting), strict=True):
        table.add_row(*(Text(cell) for cell in cells))
    to.print(table)
    more = f"; --limit shows more than {limit}" if found.num_rows == limit else ""
    to.print(f"  {found.num_rows} rows, columns without a value hidden{more}", style=_DIM)
    others = ", ".join(name for name in columns if name not in fitting)
    rest = f"; no room for {others}; --format csv has them all" if others else ""
    to.print(f"  times are UTC{rest}", style=_DIM, soft_wrap=True)


def _fitting(columns: Mapping[str, Sequence[str]], width: int) -> list[str]:
    """Choose the first columns that fit into a width, one at least.

    Example:
        >>> _fitting({"a": ["123"], "b": ["12345"], "c": [""]}, 15)
        ['a', 'b']
    """
    fitting: list[str] = []
    taken = 0
    for name, cells in columns.items():
        taken += max(map(cell_len, (name, *cells))) + _GAP
        if fitting and taken > width:
            break
        fitting.append(name)
    return fitting


def _short(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return str(plain(cell))
