"""`dialgauge check`: what is in the lake, and what is wrong with it?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import pyarrow as pa
from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dialgauge.checks import Finding, Severity, finding_json
from dialgauge.checkup import look
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.findings import flat, show_finding, show_findings
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.rows import show_rows
from dialgauge.cli.table import console
from dialgauge.contents import contents
from dialgauge.errors import DataError, UsageError
from dialgauge.lake import Lake
from dialgauge.lang import Texts, texts
from dialgauge.model.csv_text import to_csv
from dialgauge.model.wire import plain_records
from dialgauge.telling import said_in


def command(  # noqa: PLR0913 - each option is one wish
    name: str | None = None,
    /,
    *,
    rows: Annotated[bool, Parameter(negative="")] = False,
    limit: int = 20,
    format: str = "table",
    lang: str = "en",
    strict: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Tell what is in the lake, which rows were refused, and what is wrong with the others.

    Args:
        name: The check whose rows are wanted; without it all checks are run.
        rows: Show the refused rows themselves.
        limit: At most so many of them, or of a check's.
        format: table, json or csv.
        lang: en, zh, ru or ka.
        strict: Fail with exit status 1 when rows are found that cannot be true.
    """
    check_format(format, ("table", "json", "csv"))
    said = texts(lang)
    if (rows or name) and limit < 1:
        raise UsageError(f"at least 1 row must be listed, not {limit}")
    gauge, _ = open_gauge()
    findings: tuple[Finding, ...]
    if name:
        found, behind = look(gauge.lake, gauge.words, gauge.clock(), name, limit)
        findings = () if found is None else (said_in(found, said),)
        _one(findings, behind, said, format, limit)
    else:
        findings = tuple(said_in(each, said) for each in gauge.check())
        _all(gauge.lake, findings, said, format, limit if rows else 0)
    wrong = [finding.check for finding in findings if finding.severity is Severity.ERROR]
    if strict and wrong:
        raise DataError(
            f"rows were found that cannot be true: {', '.join(wrong)}; mend them where they come"
            " from and import them again"
        )


def _one(
    findings: Sequence[Finding], behind: pa.Table, said: Texts, format: str, limit: int
) -> None:
    """Tell about one check and the rows it found."""
    if format == "csv":
        emit(to_csv(plain_records(behind.to_pylist())), None)
    elif format == "json":
        told = {
            "finding": finding_json(findings[0]) if findings else None,
            "rows": plain_records(behind.to_pylist()),
        }
        emit(json.dumps(told, ensure_ascii=False, indent=2) + "\n", None)
    elif findings:
        show_finding(findings[0], said, console())
        if behind.num_rows:
            show_rows(behind, limit, console())
    else:
        show_findings((), said, console())


def _all(lake: Lake, findings: Sequence[Finding], said: Texts, format: str, limit: int) -> None:
    """Tell about all tables, refused rows and findings."""
    if format == "csv":
        emit(to_csv(flat(findings)), None)
        return
    found = contents(lake, limit)
    if format == "json":
        found["findings"] = [finding_json(finding) for finding in findings]
        emit(json.dumps(found, ensure_ascii=False, indent=2) + "\n", None)
        return
    _show(found, console())
    show_findings(findings, said, console())


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
