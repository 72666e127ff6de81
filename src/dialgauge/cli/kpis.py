"""`dialgauge kpis`: what can be asked, and what does it mean?"""

from __future__ import annotations

import json
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import vocabulary
from dialgauge.cli.table import console
from dialgauge.telling import describe


def command(kpi: str | None = None, *, lang: str = "en", format: str = "table") -> None:
    """List the KPIs, or explain one.

    Args:
        kpi: The KPI to explain; all are listed without it.
        lang: en, zh, ru or ka.
        format: table or json.
    """
    check_format(format, ("table", "json"))
    words = vocabulary()
    chosen = [words.kpi(kpi)] if kpi else list(words.kpis.values())
    described = [describe(each, words, lang) for each in chosen]
    if format == "json":
        listed: Any = described[0] if kpi else described
        emit(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", None)
    elif kpi:
        _explain(described[0], console())
    else:
        _list(described, console())


def _list(described: list[dict[str, Any]], to: Console) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("KPI", "title", "unit", "better", "question"):
        table.add_column(heading, overflow="fold")
    for each in described:
        table.add_row(*(each[name] for name in ("name", "title", "unit", "better", "question")))
    to.print(table)


def _explain(described: dict[str, Any], to: Console) -> None:
    to.print(Text(described["title"], style="bold"), f" ({described['name']})")
    to.print(described["question"])
    for name in ("definition", "caveat", "formula", "unit", "better", "source"):
        if described[name]:
            to.print(Text(f"{name}:", style="dim"), str(described[name]))
    to.print(Text("split by:", style="dim"), ", ".join(described["dimensions"]))
