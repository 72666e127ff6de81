"""How is what checks found shown, and written for programs?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialgauge.checks import Finding, Severity, finding_json
from dialgauge.lang import Texts

_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_MOST_SPLITS = 4


def flat(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Write findings as records of a table; what is a list stands in one cell."""
    return [
        {
            name: " ".join(value) if isinstance(value, list) else value
            for name, value in finding_json(finding).items()
        }
        for finding in findings
    ]


def show_findings(findings: Sequence[Finding], said: Texts, to: Console) -> None:
    """Print findings, the worst first, one a line."""
    if not findings:
        to.print(f"  {said.t('finding.nothing')}", style="dim")
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("severity", "finding", "touches", "check"):
        table.add_column(said.t(f"finding.{heading}"), overflow="fold")
    for finding in findings:
        table.add_row(
            Text(said.t(f"finding.{finding.severity.value}"), style=_COLOURS[finding.severity]),
            finding.says,
            _touched(finding, said),
            finding.check,
        )
    to.print(table)
    to.print(f"  {said.t('finding.listed')}", style="dim")


def show_finding(finding: Finding, said: Texts, to: Console) -> None:
    """Print all about one finding but its rows."""
    to.print(Text(finding.says, style=_COLOURS[finding.severity]), soft_wrap=True)
    for label, names in (("KPI", finding.kpis), ("", finding.dimensions)):
        if names:
            words = ", ".join(names)
            told = f"{label}: {words}" if label else said.t("finding.split", names=words)
            to.print(f"  {told}", style="dim", soft_wrap=True)


def _touched(finding: Finding, said: Texts) -> str:
    """Write how many KPIs it touches, and by what they cannot be split where it touches none."""
    if finding.kpis:
        return said.t("finding.kpis", count=len(finding.kpis))
    names = list(dict.fromkeys(each.partition(".")[2] for each in finding.dimensions))
    if not names:
        return ""
    more = " ..." if len(names) > _MOST_SPLITS else ""
    return said.t("finding.split", names=", ".join(names[:_MOST_SPLITS]) + more)
