"""How do two dimensions play together? A KPI for each pair of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue, Row, Value
from dialgauge.model.kpi import Kpi
from dialgauge.plan.resolve import TIME_DIMENSIONS
from dialgauge.server.panels.cards import made_of
from dialgauge.server.panels.drill import narrowed, rows_href
from dialgauge.server.panels.heat import LEAST_ROWS
from dialgauge.server.panels.panel import Look, Shown, total

MOST_ROWS, MOST_COLUMNS = 40, 24
"""So many groups are shown; the rest is in the exports."""

SHADES = 5
"""Into so many depths of colour values are sorted, from the lowest to the highest."""

_INBORN = ("hour", "weekday", "attempt", "agent_tenure", "campaign_period", "cohort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """A table of two dimensions.

    The totals at its edges are answers of their own, asked without the other dimension: a ratio
    of the whole is no mean of its parts, and a lead may be in several of them.

    Attributes:
        kpis: Of which the address may choose one; the first by default.
        down: The dimension of the rows.
        across: The dimension of the columns.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "pivot"
    kpis: tuple[str, ...]
    down: str
    across: str
    name: str = "pivot"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask the cells, and both edges."""
        view, say, words = look.view, look.say, look.gauge.words
        kpi = words.kpi(view.first(self.name) or self.kpis[0])
        cells = look.gauge.ask(view.question(kpi.name, by=(self.down, self.across)))
        downs = look.gauge.ask(view.question(kpi.name, by=(self.down,)))
        acrosses = look.gauge.ask(view.question(kpi.name, by=(self.across,)))
        rows, columns = _ordered(downs, self.down, kpi), _ordered(acrosses, self.across, kpi)
        by_pair = {
            (row.keys[self.down], row.keys[self.across]): row.values[kpi.name] for row in cells.rows
        }
        depth = shades([value.value for value in by_pair.values() if value.n >= LEAST_ROWS])
        shown_columns = columns[:MOST_COLUMNS]
        return Shown(
            title=say.t(
                "explore.pivot",
                kpi=say.title(kpi),
                down=say.dimension(self.down),
                across=say.dimension(self.across),
            ),
            answers={"cells": cells, "down": downs, "across": acrosses},
            face={
                "kpi": kpi.name,
                "choices": [(name, say.title(words.kpis[name])) for name in self.kpis],
                "down": say.dimension(self.down),
                "columns": [
                    {
                        "name": say.key(self.across, row.keys[self.across]),
                        "href": narrowed(view, row.keys).address,
                    }
                    for row in shown_columns
                ],
                "rows": [
                    {
                        "name": say.key(self.down, row.keys[self.down]),
                        "href": narrowed(view, row.keys).address,
                        "cells": [
                            _cell(
                                by_pair.get((row.keys[self.down], column.keys[self.across])),
                                kpi,
                                {**row.keys, **column.keys},
                                depth,
                                look,
                            )
                            for column in shown_columns
                        ],
                        "total": _cell(row.values[kpi.name], kpi, row.keys, {}, look),
                    }
                    for row in rows[:MOST_ROWS]
                ],
                "totals": [
                    _cell(row.values[kpi.name], kpi, row.keys, {}, look) for row in shown_columns
                ],
                "total": _cell(total(cells).values[kpi.name], kpi, {}, {}, look),
                "left_rows": max(0, len(rows) - MOST_ROWS),
                "left_columns": max(0, len(columns) - MOST_COLUMNS),
                "turned": self._turned(look),
            },
            notes=tuple(dict.fromkeys((*cells.notes, *downs.notes, *acrosses.notes))),
        )

    def _turned(self, look: Look) -> str:
        others = look.view.rest.get("by", ())[2:]
        kept = look.view.with_rest(kpi=self.kpis, by=[self.across, self.down, *others])
        return kept.address


def shades(numbers: Sequence[float | None]) -> Mapping[float, int]:
    """Sort numbers into depths of colour, evenly between the lowest and the highest.

    Example:
        >>> shades([0.1, 0.2, 0.3, None])
        {0.1: 0, 0.2: 2, 0.3: 4}
    """
    known = [number for number in numbers if number is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high:
        return {}
    step = (high - low) / (SHADES - 1)
    return {number: round((number - low) / step) for number in known}


def _ordered(answer: Answer, dimension: str, kpi: Kpi) -> list[Row]:
    """Order groups as their names want it, where those say one; else those of most rows first."""
    if dimension in TIME_DIMENSIONS or dimension in _INBORN:
        return list(answer.rows)
    return sorted(answer.rows, key=lambda row: -row.values[kpi.name].n)


def _cell(
    value: Value | None,
    kpi: Kpi,
    keys: Mapping[str, KeyValue],
    depth: Mapping[float, int],
    look: Look,
) -> Mapping[str, Any]:
    if value is None:
        return {"told": "", "rows": "", "shade": "", "title": ""}
    say = look.say
    told = (say.interval(value, kpi.unit), value.reason or made_of(value, say))
    sure = value.value is not None and value.n >= LEAST_ROWS
    shade = depth.get(value.value or 0.0, "") if sure else ""
    return {
        "told": say.number(value.value, kpi.unit),
        "rows": rows_href(look, kpi.name, keys),
        "shade": shade,
        "title": " · ".join(text for text in told if text),
    }
