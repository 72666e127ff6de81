"""`dialgauge why`: why did a number change?"""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from dialgauge.asking import Words, question
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, notes
from dialgauge.lang import Texts, texts
from dialgauge.lang.numbers import number
from dialgauge.lang.why import difference, group, summary
from dialgauge.model.answer import Value
from dialgauge.model.csv_text import to_csv
from dialgauge.model.explanation import Explanation, effect_records, explanation_json
from dialgauge.model.kpi import Kpi, Unit


def command(  # noqa: PLR0913 - each option is one word of the question
    kpi: str,
    *,
    by: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    versus: str = "previous",
    timezone: str | None = None,
    as_of: str | None = None,
    format: str = "table",
    lang: str = "en",
) -> None:
    """Say why a KPI changed: what each group did to the change.

    The change of a ratio is split into what changed shares of groups did and what changed values
    within groups did; the effects add up to the change.

    Args:
        kpi: A KPI: a count, a sum, or a ratio of those.
        by: A dimension to split the change by, such as list or agent; may be repeated.
        where: A condition, such as "team = 'Alder'"; may be repeated.
        start: First day inside, such as 2026-02-01.
        end: First day after.
        versus: Compare with previous, year, or a range such as 2026-01-01..2026-02-01.
        timezone: Zone in which days begin, such as Europe/Berlin.
        as_of: The moment at which outcomes are judged to be known; now by default.
        format: table, json or csv.
        lang: en, zh, ru or ka.
    """
    check_format(format, ("table", "json", "csv"))
    said = texts(lang)
    gauge, config = open_gauge()
    found = gauge.why(
        question(
            Words(
                kpis=(kpi,),
                by=by,
                where=where,
                start=start,
                end=end,
                timezone=timezone or config.timezone,
                versus=versus,
                week_starts=config.week_starts,
                as_of=as_of,
            )
        )
    )
    asked = gauge.words.kpis[found.question.kpis[0]]
    if format == "csv":
        emit(to_csv(effect_records(found)), None)
    elif format == "json":
        written = {"summary": summary(found, asked, said), **explanation_json(found)}
        emit(json.dumps(written, ensure_ascii=False, indent=2, allow_nan=False) + "\n", None)
    else:
        to = console()
        to.print(Text(summary(found, asked, said), style="bold"))
        to.print(_table(found, asked, said))
        marks = ["why.mark", *(["why.in_points"] if asked.unit is Unit.SHARE else [])]
        notes([*(said.t(each) for each in marks), *found.notes], to)


def _table(found: Explanation, kpi: Kpi, said: Texts) -> Table:
    ratio = found.mix is not None
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    names = [said.dimension(name) for name in found.question.by]
    table.add_column(", ".join(names))
    table.add_column(said.t("why.before"), justify="right")
    table.add_column(said.t("why.after"), justify="right")
    table.add_column(said.t("ui.change"), justify="right")
    table.add_column(said.t("ui.interval"), justify="right", style="dim")
    if ratio:
        for heading in ("share_before", "share_after", "mix", "rate"):
            table.add_column(said.t(f"why.{heading}"), justify="right")
    table.add_column(said.t("why.effect"), justify="right", style="bold")
    for each in found.effects:
        shares = [number(share, Unit.SHARE) for share in (each.share_before, each.share_after)]
        parts = [difference(part or 0.0, kpi.unit) for part in (each.mix, each.rate)]
        table.add_row(
            group(each.keys, said),
            *_values(each.value, kpi),
            *((*shares, *parts) if ratio else ()),
            difference(each.effect, kpi.unit),
        )
    table.add_section()
    whole = [difference(part or 0.0, kpi.unit) for part in (found.mix, found.rate)]
    table.add_row(
        said.t("ui.total"),
        *_values(found.total, kpi),
        *(("", "", *whole) if ratio else ()),
        difference(found.change, kpi.unit),
        style="bold",
    )
    return table


def _values(value: Value, kpi: Kpi) -> tuple[str, str, str, str]:
    """Write a group's value before and after, its change, and the change's interval."""
    change = value.change
    before = number(change.value.value if change else None, kpi.unit)
    after = number(value.value, kpi.unit)
    if change is None or change.difference is None:
        return before, after, "", ""
    written = difference(change.difference, kpi.unit)
    if change.low is None or change.high is None:
        return before, after, written, ""
    mark = " *" if change.likely_real else ""
    low, high = (difference(end, kpi.unit) for end in (change.low, change.high))
    return before, after, f"{written}{mark}", f"{low} .. {high}"
