"""Which group does how well? A table of KPIs by a dimension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import KeyValue, Row
from dialgauge.model.kpi import Kpi
from dialgauge.server.panels.cards import made_of
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.mood import turn
from dialgauge.server.panels.panel import Look, Shown, ask_able, titled, total
from dialgauge.server.panels.parts import part_of
from dialgauge.server.view import View

MOST_ROWS = 50
"""So many groups are shown at once; the rest is behind `more`, and always in exports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table with bars in its cells, sorted as the reader likes.

    Attributes:
        kpis: One a column.
        by: The dimension of the rows.
        title: Key of its heading; empty for the dimension's own name.
        name: Its name on the page; `sort` and `more` of the address carry it.
        link: Where a group's name leads; to the same page filtered by it, by default.
        compared: Whether to say how each value changed.
        parts: Whether to say each group's share of the whole, of what adds up.
    """

    kind: ClassVar[str] = "grid"
    kpis: tuple[str, ...]
    by: str
    title: str = ""
    name: str = "grid"
    span: int = 12
    link: str = ""
    compared: bool = False
    parts: bool = False

    def show(self, look: Look) -> Shown:
        """Ask the KPIs for each group."""
        view, say = look.view, look.say
        answer, refused = ask_able(
            look.gauge,
            view.question(
                *self.kpis, by=(self.by,), compared=view.versus if self.compared else None
            ),
        )
        kpis = [look.gauge.words.kpis[name] for name in answer.question.kpis]
        sort = view.first(f"{self.name}.sort", f"-{kpis[0].name}")
        ordered = sorted(answer.rows, key=_by(sort, self.by), reverse=sort.startswith("-"))
        shown = ordered if view.first(f"{self.name}.more") else ordered[:MOST_ROWS]
        most = {kpi.name: _most(answer.rows, kpi) for kpi in kpis}
        whole = total(answer)
        face = {
            "dimension": say.dimension(self.by),
            "columns": [self._column(kpi, sort, look) for kpi in kpis],
            "by_name": self._sorted_by(self.by, sort, view),
            "rows": [self._row(row, kpis, most, whole, look) for row in shown],
            "total": [
                {**_cell(whole, kpi, 0.0, look), "part": self._part(whole, whole, kpi, look)}
                for kpi in kpis
            ],
            "left_out": titled(refused, look),
            "left": len(ordered) - len(shown),
            "more": view.with_rest(**{f"{self.name}.more": "1"}).address,
        }
        return Shown(
            title=say.t(self.title) if self.title else say.dimension(self.by),
            answers={"grid": answer},
            face=face,
            data={"left_out": dict(refused)},
            notes=answer.notes,
        )

    def _column(self, kpi: Kpi, sort: str, look: Look) -> Mapping[str, Any]:
        return {
            "kpi": kpi.name,
            "title": look.say.title(kpi),
            "meaning": look.say.texts.kpi(kpi, "definition"),
            **self._sorted_by(kpi.name, sort, look.view),
        }

    def _sorted_by(self, name: str, sort: str, view: View) -> Mapping[str, Any]:
        down = sort != f"-{name}"
        sorted_now = {f"-{name}": "descending", name: "ascending"}.get(sort, "")
        other = f"-{name}" if down else name
        return {
            "sorted": sorted_now,
            "href": view.with_rest(**{f"{self.name}.sort": other}).address,
        }

    def _row(
        self, row: Row, kpis: Sequence[Kpi], most: Mapping[str, float], whole: Row, look: Look
    ) -> Mapping[str, Any]:
        group = row.keys[self.by]
        return {
            "name": look.say.key(self.by, group),
            "href": self._href(group, look.view),
            "cells": [
                {**_cell(row, kpi, most[kpi.name], look), "part": self._part(row, whole, kpi, look)}
                for kpi in kpis
            ],
        }

    def _part(self, row: Row, whole: Row, kpi: Kpi, look: Look) -> str:
        if not self.parts:
            return ""
        part = part_of(row.values[kpi.name], whole.values[kpi.name], kpi, look.gauge.words)
        return "" if part is None else look.say.share(part)

    def _href(self, group: KeyValue, view: View) -> str:
        if self.link and group is not None:
            return view.at(self.link.format(group)).address
        return view.with_filter(self.by, None if group is None else str(group)).address


def _cell(row: Row, kpi: Kpi, most: float, look: Look) -> Mapping[str, Any]:
    say, value = look.say, row.values[kpi.name]
    share = 0.0 if not most or value.value is None else max(0.0, value.value / most)
    return {
        "kpi": kpi.name,
        "rows": rows_href(look, kpi.name, row.keys),
        "told": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "made_of": made_of(value, say),
        "reason": value.reason,
        "bar": round(100 * share, 1),
        "turn": turn(value, kpi, say),
    }


def _most(rows: Sequence[Row], kpi: Kpi) -> float:
    return max((row.values[kpi.name].value or 0.0 for row in rows), default=0.0)


def _by(sort: str, dimension: str) -> Callable[[Row], tuple[bool, Any]]:
    name, down = sort.removeprefix("-"), sort.startswith("-")

    def key(row: Row) -> tuple[bool, Any]:
        if name == dimension:
            found: Any = row.keys[dimension]
            return (found is not None) == down, found if found is not None else ""
        value = row.values[name].value if name in row.values else None
        # What is not known stands last, whichever way the rest is sorted.
        return (value is not None) == down, value or 0.0

    return key
