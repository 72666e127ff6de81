"""`dialgauge overview`: how are we doing?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from dialgauge.cli.asking import day
from dialgauge.cli.numbers import interval, number
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, key, listing, notes
from dialgauge.config import Config
from dialgauge.errors import NoDataError
from dialgauge.gauge import Gauge
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
_OF_AGENTS = ("agent_hours", "contacts_per_agent_hour", "occupancy")
_OF_LEADS = ("leads_created", "speed_to_lead")
_BAR = 24


def command(
    *,
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    timezone: str | None = None,
) -> None:
    """Show the main KPIs, the best hours and the worst lists.

    Args:
        start: First day inside; by default 30 days before the end.
        end: First day after; by default the day after the newest call.
        timezone: Zone in which days begin.
    """
    gauge, config = open_gauge()
    show(gauge, config, console(), start=start, end=end, timezone=timezone)


def show(  # noqa: PLR0913 - a period has two ends and a zone
    gauge: Gauge,
    config: Config,
    to: Console,
    *,
    start: str | None = None,
    end: str | None = None,
    timezone: str | None = None,
) -> None:
    """Print the overview of a lake."""
    zone = known_zone(timezone or config.timezone).key
    last = day(end, "--to") or _day_after_newest(gauge, zone)
    first = day(start, "--from") or last - dt.timedelta(days=30)
    asked = Question(kpis=("contact_rate",), period=Period(first, last), timezone=zone)
    main = _headline(gauge, asked)
    by_hour = gauge.ask(replace(asked, by=("hour",)))
    by_list = gauge.ask(replace(asked, kpis=("invalid_number_rate",), by=("list",)))
    # Nothing is printed before every question is answered.
    to.print()
    to.print(Text(f"Overview {first} to {last - dt.timedelta(days=1)} ({zone})", style="bold"))
    to.print(listing(main.rows[0], [gauge.words.kpis[name] for name in main.question.kpis]))
    to.print(
        "  change: against the period before; * its 95 % interval excludes no change", style="dim"
    )
    contact_rate = gauge.words.kpis["contact_rate"]
    _ranking("Best hours to call, by the called party's clock", by_hour, contact_rate, to)
    invalid_rate = gauge.words.kpis["invalid_number_rate"]
    _ranking("Worst lists, by invalid numbers", by_list, invalid_rate, to)
    to.print()
    # What the other period leaves out matters to nobody who looks at the whole.
    told = [note for note in main.notes if not note.startswith("In the other period: Left out:")]
    notes(told, to)


def _headline(gauge: Gauge, asked: Question) -> Answer:
    """Ask the main KPIs, and those of tables that hold something."""
    wanted: tuple[str, ...] = _MAIN
    for group in (_OF_AGENTS, _OF_LEADS):
        try:
            gauge.ask(replace(asked, kpis=group[:1]))
        except NoDataError:
            continue
        wanted += group
    return gauge.ask(replace(asked, kpis=wanted, versus="previous"))


def _ranking(title: str, answer: Answer, kpi: Kpi, to: Console) -> None:
    """Print the groups with the highest rates, by the low end of the interval: sure ones first."""
    whole = answer.total.values[kpi.name].value if answer.total else None
    (name,) = answer.question.by
    known = [row for row in answer.rows if row.keys[name] is not None and _bounded(row, kpi)]
    ranked = sorted(known, key=lambda row: row.values[kpi.name].low or 0.0, reverse=True)
    colour = "red" if kpi.better is Better.LOWER else "green"
    to.print()
    to.print(Text(title, style="bold"), Text(f"(all: {number(whole, kpi.unit)})", style="dim"))
    if not ranked:
        to.print(f"  no call whose {name} is known", style="dim")
    highest = max((row.values[kpi.name].value or 0 for row in known), default=0) or 1
    for row in ranked[:5]:
        value = row.values[kpi.name]
        line = Text(f"  {key(name, row.keys[name]):<18}")
        line.append(_bar(value, highest), style=colour)
        line.append(f" {number(value.value, kpi.unit):>7}", style="bold")
        line.append(f"  {interval(value, kpi.unit):>16}  n {value.n:,}", style="dim")
        to.print(line)


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
