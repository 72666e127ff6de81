"""`dialgauge cohorts`: do the customers of each month stay?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dialgauge.asking import day, moment
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, notes
from dialgauge.lang import Texts, texts
from dialgauge.lang.numbers import number
from dialgauge.model.answer import Value
from dialgauge.model.cohort import STAYED, CohortQuestion, Cohorts, cohort_records, cohorts_json
from dialgauge.model.csv_text import to_csv
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Period

_SHOWN = 12  # the last month of life that has a column; more do not fit a screen
_UNITS = {STAYED: Unit.SHARE, "revenue": Unit.MONEY}


def command(  # noqa: PLR0913 - each option is one word of the question
    *,
    kpi: str = STAYED,
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    as_of: str | None = None,
    format: str = "table",
    lang: str = "en",
) -> None:
    """Follow the customers of each month: how many stay, what they bring.

    Args:
        kpi: active_customers, for the share that stays; revenue or orders, a customer to date.
        where: A condition on customers, such as "lead_source = 'web'"; may be repeated.
        start: The first month in which they were won, by its first day, such as 2026-01-01.
        end: The first day of the month after the last.
        as_of: Months that end after it are left out; now by default.
        format: table, json or csv.
        lang: en, zh, ru or ka.
    """
    check_format(format, ("table", "json", "csv"))
    said = texts(lang)
    gauge, _ = open_gauge()
    found = gauge.cohorts(
        CohortQuestion(
            kpi=kpi,
            where=where,
            period=Period(day(start, "--from"), day(end, "--to")),
            as_of=moment(as_of),
        )
    )
    if format == "csv":
        emit(to_csv(cohort_records(found)), None)
    elif format == "json":
        written = json.dumps(cohorts_json(found), ensure_ascii=False, indent=2, allow_nan=False)
        emit(written + "\n", None)
    else:
        _show(found, said, console())


def _show(found: Cohorts, said: Texts, to: Console) -> None:
    months = min(len(found.total), _SHOWN + 1)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(said.dimension("cohort"))
    table.add_column(said.t("cohorts.size"), justify="right", style="dim")
    for month in range(months):
        table.add_column(str(month), justify="right")
    unit = _UNITS.get(found.kpi, Unit.RATIO)
    for each in found.cohorts:
        cells = _cells(each.values[:months], unit)
        table.add_row(each.name, f"{each.size:,}", *cells, *[""] * (months - len(cells)))
    table.add_section()
    size = sum(each.size for each in found.cohorts)
    whole = _cells(found.total[:months], unit)
    table.add_row(said.t("ui.total"), f"{size:,}", *whole, style="bold")
    to.print(said.t(f"cohorts.{found.kpi}"))
    to.print(table)
    more = [said.t("cohorts.more", last=_SHOWN)] if len(found.total) > months else []
    notes([*more, *(note for note in found.notes if not note.startswith("Left out:"))], to)


def _cells(values: Sequence[Value], unit: Unit) -> list[str]:
    return [number(value.value, unit) for value in values]
