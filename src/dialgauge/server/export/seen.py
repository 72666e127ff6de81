"""What of a page is taken away?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.answer import Answer
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.server.panels.panel import Look, Panel, Shown

_PARTS = ("value", "numerator", "denominator", "n", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page as its reader saw it.

    Attributes:
        heading: The page's title.
        look: Who looked, at what, in which language.
        panels: Panels and what they showed; only one of them when one was asked for.
        at: When.
    """

    heading: str
    look: Look
    panels: Sequence[tuple[Panel, Shown]]
    at: dt.datetime

    @property
    def about(self) -> list[tuple[str, str]]:
        """What the numbers are of: days, comparison, filters, moment."""
        say, view = self.look.say, self.look.view
        told = [
            (say.t("report.page"), self.heading),
            (say.t("report.days"), say.period(view.period)),
            (say.t("report.timezone"), view.timezone),
        ]
        told += [
            (say.texts.dimension(name), ", ".join(say.key(name, group) for group in kept))
            for name, kept in view.filters.items()
        ]
        told += [(say.t("report.where"), condition) for condition in view.where]
        return [*told, (say.t("report.made"), f"{self.at:%Y-%m-%d %H:%M} UTC")]

    @property
    def notes(self) -> list[str]:
        """What a reader must know, each sentence once."""
        return list(dict.fromkeys(note for _, shown in self.panels for note in shown.notes))

    @property
    def file_name(self) -> str:
        """A name for the file, without its ending.

        Plain letters only: it stands in a header.
        """
        period = self.look.view.period
        days = "-".join(str(day) for day in (period.start, period.end) if day)
        page = "".join(c if c.isascii() and c.isalnum() else "-" for c in self.look.view.path)
        only = f"-{self.panels[0][0].name}" if len(self.panels) == 1 else ""
        return f"dialgauge{page}{only}" + (f"-{days}" if days else "")


def only(panels: Sequence[Panel], name: str) -> Panel:
    """Give the panel of a name.

    Raises:
        UsageError: None was named.
        UnknownNameError: The page has no such panel.
    """
    names = [panel.name for panel in panels]
    if not name:
        raise UsageError(f"say which panel, for example panel={names[0]}: {', '.join(names)}")
    for panel in panels:
        if panel.name == name:
            return panel
    raise UnknownNameError("panel", name, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet.

    Attributes:
        name: Its name, as in `ask --format csv`.
        unit: What its numbers are counted in; None for keys and counts of rows.
    """

    name: str
    unit: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An answer as a table of typed cells.

    Attributes:
        name: Its name.
        columns: One a key, then six a KPI, and four more where it was compared.
        rows: A cell for each column; None where nothing is known.
    """

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]


def sheets(
    shown: Shown,
    name: str,
    kpis: Mapping[str, Kpi],
    names: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> list[Sheet]:
    """Give the answers of a panel as sheets; the last row of each is the total.

    Args:
        shown: What the panel showed.
        name: The panel's name.
        kpis: All KPIs, for their units.
        names: Dimension to what its groups are called, which then stands beside them.
    """
    several = len(shown.answers) > 1
    return [
        _sheet(answer, f"{name} {key}" if several else name, kpis, names)
        for key, answer in shown.answers.items()
    ] or _words(shown, name)


def _sheet(
    answer: Answer, name: str, kpis: Mapping[str, Kpi], names: Mapping[str, Mapping[str, str]]
) -> Sheet:
    question = answer.question
    keys = (["period"] if question.grain else []) + list(question.by)
    called = [key for key in keys if names.get(key)]
    columns = [Column(name=key) for key in (*keys, *(f"{key}_name" for key in called))]
    compared = question.versus is not None
    for kpi in question.kpis:
        columns += [
            Column(
                name=kpi if part == "value" else f"{kpi}_{part}",
                unit=kpis[kpi].unit if part in ("value", "low", "high") else None,
            )
            for part in _PARTS
        ]
        if compared:
            columns += [
                Column(name=f"{kpi}_{part}", unit=kpis[kpi].unit)
                for part in ("versus", "difference", "difference_low", "difference_high")
            ]
    groups = [*answer.rows, *((answer.total,) if answer.total and keys else ())]
    rows = []
    for place, row in enumerate(groups):
        last = bool(keys) and answer.total is not None and place == len(groups) - 1
        cells: list[object] = [row.keys.get(key) for key in keys]
        cells += [names[key].get(str(row.keys.get(key))) for key in called]
        if last:
            cells = ["total", *([None] * (len(cells) - 1))]
        for kpi in question.kpis:
            value = row.values[kpi]
            cells += [getattr(value, part) for part in _PARTS]
            if compared:
                change = value.change
                cells += [
                    change.value.value if change else None,
                    change.difference if change else None,
                    change.low if change else None,
                    change.high if change else None,
                ]
        rows.append(cells)
    return Sheet(name=name, columns=columns, rows=rows)


def _words(shown: Shown, name: str) -> list[Sheet]:
    """Give what is not made of answers: its records, else the table that stands behind it."""
    if shown.records:
        names = list(shown.records[0])
        cells = [[record[name] for name in names] for record in shown.records]
        return [Sheet(name=name, columns=[Column(name=each) for each in names], rows=cells)]
    if shown.behind is None:
        return []
    columns = [Column(name=heading) for heading in shown.behind.headings]
    return [Sheet(name=name, columns=columns, rows=shown.behind.rows)]


def as_record(sheet: Sheet, row: Sequence[object]) -> dict[str, Any]:
    """Give a row with its columns' names."""
    return {column.name: cell for column, cell in zip(sheet.columns, row, strict=True)}
