"""`dialgauge import`: how do records come in?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from dialgauge.cli.export import check_format, emit
from dialgauge.cli.given import need_files, option_values
from dialgauge.cli.opening import configuration, open_lake
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.errors import UsageError
from dialgauge.intake import Report, take_in
from dialgauge.plan.zones import zone
from dialgauge.sources import source
from dialgauge.sources.base import Request


def command(  # noqa: PLR0913 - each option changes how a file is read
    source_name: Annotated[str, Parameter(name="SOURCE")],
    *paths: Path,
    table: str | None = None,
    mapping: Path | None = None,
    timezone: str = "",
    option: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    strict: Annotated[bool, Parameter(negative="")] = False,
    format: str = "table",
) -> None:
    """Read files or a system's logs into the lake: all of them, or nothing when something fails.

    Importing the same file twice changes nothing. Rows that cannot be understood are kept aside
    with the reason; `dialgauge check` lists them.

    Args:
        source_name: files for CSV, Parquet, Excel and JSON lines; asterisk for Asterisk's logs.
        paths: Files or folders.
        table: The canonical table, when the headers do not tell.
        mapping: A mapping file (TOML) for headers that are not ours.
        timezone: IANA zone of times that carry none; UTC by default.
        option: What only some sources understand, as name=value; may be repeated.
        dry_run: Only show what would be understood.
        strict: Import nothing when any row has to be refused.
        format: table or json.
    """
    check_format(format, ("table", "json"))
    stage = source(source_name)
    request = _request(paths, table, mapping, timezone, option)
    if dry_run:
        from dialgauge.cli.preview import show_preview  # noqa: PLC0415 - only when asked

        show_preview(request, source_name, format)
        return
    config = configuration()
    lake = open_lake(config)
    asked = Request(
        paths=request.paths,
        table=request.table,
        mapping=request.mapping,
        timezone=request.timezone,
        options=request.options,
        phone_key=lake.phone_key,
    )
    names = ", ".join(path.name for path in paths[:3]) + (" ..." if len(paths) > 3 else "")
    with telling(f"import {names}") as progress:
        report = take_in(lake, stage, asked, rules=config.rules, strict=strict, progress=progress)
    if format == "json":
        emit(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n", None)
    else:
        show_report(report, console())


def show_report(report: Report, to: Console) -> None:
    """Print what became of every row."""
    for name, counts in report.tables.items():
        parts = ", ".join(
            f"{number:,} {word}" for word, number in counts.as_json().items() if word != "read"
        )
        to.print(f"{name}: {counts.read:,} rows read: {parts}", highlight=False)
    for reason in report.reasons:
        where = f" ({reason.where})" if reason.where else ""
        told = f"  {reason.rows:,} refused: {reason.reason}{where}"
        to.print(told, style="yellow", soft_wrap=bool(where))
    if report.reasons:
        to.print("  refused rows are kept: `dialgauge check --rows` lists them", style="dim")
    if report.unused:
        to.print(f"  headers not used: {', '.join(report.unused)}", style="dim")
    for note in report.notes:
        to.print(f"  {note}", style="dim")
    to.print(f"  the lake is now at version {report.version}", style="dim")


def _request(
    paths: tuple[Path, ...],
    table: str | None,
    mapping: Path | None,
    timezone: str,
    option: tuple[str, ...],
) -> Request:
    if not paths:
        raise UsageError("no file was named; write it behind the source: import files calls.csv")
    need_files((*paths, *([mapping] if mapping else [])))
    return Request(
        paths=paths,
        table=table,
        mapping=mapping,
        timezone=zone(timezone).key if timezone else "",
        options=option_values(option),
    )
