"""`dialgauge overview`: how are we doing?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from dialgauge.asking import day
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, listing, notes
from dialgauge.config import Config
from dialgauge.errors import CurrencyError, NoDataError
from dialgauge.gauge import Gauge
from dialgauge.lang import Texts, texts
from dialgauge.lang.numbers import interval, key, number
from dialgauge.model.answer import Answer, Row, Value
from dialgauge.model.kpi import Better, Kpi
from dialgauge.model.question import Period, Question
from dialgauge.plan.zones import zone as known_zone

_MAIN = (
    "dials",
    "connect_rate",
    "contact_rate",
    "contacts",
    "conversions",
    "contact_conversion_rate",
    "avg_call_duration",
    "drop_rate",
)
# Tables to the KPIs that need them, beside the calls.
_PLAIN: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("agent_time",): ("agent_hours", "contacts_per_agent_hour", "occupancy"),
    ("leads",): ("leads_created", "speed_to_lead"),
}
_OF_MONEY: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("orders",): ("revenue",),
    ("cost_shares",): ("cost",),
    ("orders", "cost_shares", "lifetimes"): ("roi", "customer_acquisition_cost"),
}
_LISTED = 3  # of the best and of the worst: all shall stand on one screen
_BAR = 24


def command(
    *,
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    timezone: str | None = None,
    lang: str = "en",
) -> None:
    """Show the main KPIs, the best hours, the worst lists, and which lead sources pay.

    Args:
        start: First day inside; by default 30 days before the end.
        end: First day after; by default the day after the newest call.
        timezone: Zone in which days begin.
        lang: en, zh, ru or ka.
    """
    said = texts(lang)
    gauge, config = open_gauge()
    show(gauge, config, console(), start=start, end=end, timezone=timezone, said=said)


def show(  # noqa: PLR0913 - a period has two ends and a zone
    gauge: Gauge,
    config: Config,
    to: Console,
    *,
    start: str | None = None,
    end: str | None = None,
    timezone: str | None = None,
    said: Texts | None = None,
) -> None:
    """Print the overview of a lake."""
    said = said or texts("en")
    zone = known_zone(timezone or config.timezone).key
    last = day(end, "--to") or _day_after_newest(gauge, zone)
    first = day(start, "--from") or last - dt.timedelta(days=30)
    asked = Question(kpis=("contact_rate",), period=Period(first, last), timezone=zone)
    main = _headline(gauge, asked)
    by_hour = gauge.ask(replace(asked, by=("hour",)))
    by_list = gauge.ask(replace(asked, kpis=("invalid_number_rate",), by=("list",)))
    by_source = _if_any(gauge, replace(asked, kpis=("roi",), by=("lead_source",)))
    # Nothing is printed before every question is answered.
    to.print()
    newest = last - dt.timedelta(days=1)
    to.print(Text(said.t("ui.overview", start=first, end=newest, zone=zone), style="bold"))
    to.print(listing(main.rows[0], [gauge.words.kpis[name] for name in main.question.kpis]))
    to.print(f"  {said.t('ui.change_note')}", style="dim")
    _ranking("ui.best_hours", by_hour, gauge.words.kpis["contact_rate"], said, to)
    _ranking("ui.worst_lists_by", by_list, gauge.words.kpis["invalid_number_rate"], said, to)
    if by_source is not None:
        _ends("ui.lead_sources_by", by_source, gauge.words.kpis["roi"], said, to)
    to.print()
    # What the other period leaves out matters to nobody who looks at the whole.
    told = [note for note in main.notes if not note.startswith("In the other period: Left out:")]
    notes(told, to)


def _headline(gauge: Gauge, asked: Question) -> Answer:
    """Ask the main KPIs, and those of tables that hold something."""
    wanted, money = _held(gauge, _PLAIN), _held(gauge, _OF_MONEY)
    whole = replace(asked, kpis=(*_MAIN, *wanted, *money), versus="previous")
    return _if_any(gauge, whole) or gauge.ask(replace(whole, kpis=(*_MAIN, *wanted)))


def _held(gauge: Gauge, groups: Mapping[tuple[str, ...], tuple[str, ...]]) -> tuple[str, ...]:
    """Choose the KPIs whose tables hold something."""
    return tuple(
        kpi
        for tables, kpis in groups.items()
        if all(gauge.reach(table).end is not None for table in tables)
        for kpi in kpis
    )


def _if_any(gauge: Gauge, asked: Question) -> Answer | None:
    """Ask, unless a table is empty, or holds money that cannot be added up."""
    try:
        return gauge.ask(asked)
    except (NoDataError, CurrencyError):
        return None


def _ranking(title: str, answer: Answer, kpi: Kpi, said: Texts, to: Console) -> None:
    """Print the groups with the highest rates, by the low end of the interval: sure ones first."""
    (name,) = answer.question.by
    known = [row for row in answer.rows if row.keys[name] is not None and _bounded(row, kpi)]
    ranked = sorted(known, key=lambda row: row.values[kpi.name].low or 0.0, reverse=True)
    colour = "red" if kpi.better is Better.LOWER else "green"
    _heading(title, answer, kpi, said, to)
    if not ranked:
        to.print(f"  {said.t('ui.no_call_known', name=said.dimension(name).lower())}", style="dim")
    highest = max((row.values[kpi.name].value or 0 for row in known), default=0) or 1
    for row in ranked[:_LISTED]:
        value = row.values[kpi.name]
        line = Text(f"  {key(name, row.keys[name]):<18}")
        line.append(_bar(value, highest), style=colour)
        line.append(f" {number(value.value, kpi.unit):>7}", style="bold")
        line.append(f"  {interval(value, kpi.unit):>16}  n {value.n:,}", style="dim")
        to.print(line)


def _ends(title: str, answer: Answer, kpi: Kpi, said: Texts, to: Console) -> None:
    """Print the group that is surely highest and the one that is surely lowest."""
    (name,) = answer.question.by
    known = [row for row in answer.rows if row.keys[name] is not None and _bounded(row, kpi)]
    if not known:
        return
    best = max(known, key=lambda row: row.values[kpi.name].low or 0.0)
    worst = min(known, key=lambda row: row.values[kpi.name].high or 0.0)
    _heading(title, answer, kpi, said, to)
    words = (said.t("ui.best"), said.t("ui.worst"))
    wide = max(len(word) for word in words)
    for word, row, colour in zip(words, (best, worst), ("green", "red"), strict=True):
        value = row.values[kpi.name]
        line = Text(f"  {word:<{wide}}  {key(name, row.keys[name]):<18}")
        line.append(f"{number(value.value, kpi.unit):>7}", style=f"bold {colour}")
        line.append(f"  {interval(value, kpi.unit):>16}", style="dim")
        to.print(line)


def _heading(title: str, answer: Answer, kpi: Kpi, said: Texts, to: Console) -> None:
    whole = answer.total.values[kpi.name].value if answer.total else None
    beside = said.t("ui.whole", value=number(whole, kpi.unit))
    to.print()
    to.print(Text(said.t(title), style="bold"), Text(f"({beside})", style="dim"))


def _bounded(row: Row, kpi: Kpi) -> bool:
    return row.values[kpi.name].low is not None


def _bar(value: Value, highest: float) -> str:
    filled = round((value.value or 0) / highest * _BAR)
    return "█" * filled + "·" * (_BAR - filled)


def _day_after_newest(gauge: Gauge, zone: str) -> dt.date:
    """Find the day after the newest call's."""
    newest = gauge.reach("calls").end
    if newest is None:
        raise NoDataError(
            "the overview needs the table calls, which is empty; import it first, for example "
            "with: dialgauge import files calls.csv --table calls"
        )
    return newest.astimezone(ZoneInfo(zone)).date() + dt.timedelta(days=1)
