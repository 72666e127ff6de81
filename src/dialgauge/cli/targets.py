"""`dialgauge targets`: will we get where we want to?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialgauge.asking import moment
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, notes
from dialgauge.lang import Texts, texts
from dialgauge.lang.numbers import interval, number
from dialgauge.model.answer import Value
from dialgauge.model.csv_text import to_csv
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.target import Status, TargetStatus, target_records, targets_json

_COLOURS = {
    Status.REACHED: "green",
    Status.ON_TRACK: "green",
    Status.AT_RISK: "yellow",
    Status.MISSED: "red",
}


def command(
    *,
    as_of: str | None = None,
    timezone: str | None = None,
    format: str = "table",
    lang: str = "en",
) -> None:
    """Tell how each target stands, and whether the present pace will do.

    Args:
        as_of: The moment of judging, such as 2026-03-16; now by default.
        timezone: Zone in which days begin, such as Europe/Berlin.
        format: table, json or csv.
        lang: en, zh, ru or ka.
    """
    check_format(format, ("table", "json", "csv"))
    said = texts(lang)
    gauge, config = open_gauge()
    found = gauge.targets(moment(as_of), timezone or config.timezone)
    if format == "csv":
        emit(to_csv(target_records(found)), None)
    elif format == "json":
        written = json.dumps(targets_json(found), ensure_ascii=False, indent=2, allow_nan=False)
        emit(written + "\n", None)
    else:
        _show(found, gauge.words.kpis, said, console())


def _show(found: Sequence[TargetStatus], kpis: Mapping[str, Kpi], said: Texts, to: Console) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    left = ("target.target", "ui.kpi", "target.scope", "target.days")
    for heading in left:
        table.add_column(said.t(heading), overflow="fold")
    right = ("so_far", "target", "gap", "elapsed", "forecast")
    for heading in right:
        table.add_column(said.t(f"target.{heading}"), justify="right")
    table.add_column(said.t("ui.interval"), justify="right", style="dim")
    table.add_column(said.t("target.status"))
    for each in found:
        table.add_row(*_cells(each, kpis, said))
    to.print(table)
    notes(_sentences(found), to)


def _sentences(found: Sequence[TargetStatus]) -> list[str]:
    """Write each sentence once, behind the targets that it is about."""
    about: dict[str, list[str]] = {}
    for each in found:
        # What every question leaves out is told by `ask`, and by --format json.
        kept = [note for note in each.notes if not note.startswith("Left out:")]
        for sentence in (each.reason, *kept):
            about.setdefault(sentence, []).append(each.target.target_id)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in about.items() if sentence]


def _cells(found: TargetStatus, kpis: Mapping[str, Kpi], said: Texts) -> list[str | Text]:
    target = found.target
    kpi = kpis.get(target.kpi or "")
    unit = kpi.unit if kpi else Unit.RATIO
    ahead = Value(value=found.forecast, low=found.low, high=found.high)
    gap = "" if found.gap is None else number(abs(found.gap), unit)
    if found.gap is not None and unit is Unit.SHARE:
        gap = said.t("why.points", number=f"{abs(found.gap) * 100:.2f}")
    return [
        target.target_id,
        said.kpi(kpi, "title") if kpi else target.kpi or "",
        target.scope,
        f"{target.starts_on or ''}..{target.ends_on or ''}",
        number(found.value.value, unit) if found.value else "",
        number(target.value, unit),
        f"{'-' if (found.gap or 0) < 0 else '+'}{gap}" if gap else "",
        "" if found.elapsed is None else f"{found.elapsed:.0%}",
        "" if found.forecast is None else number(found.forecast, unit),
        interval(ahead, unit),
        Text(said.t(f"target.{found.status.value}"), style=_COLOURS.get(found.status, "dim")),
    ]
