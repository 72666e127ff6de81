"""What is in both? One KPI over two dimensions, as a table of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue, Value
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.server.panels.dots import choices, longer
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.panel import Look, Shown

_MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """A table with a number in each cell; counts also as a share of their row.

    Attributes:
        kpi: Which, unless the address names another under this panel's name.
        down: The dimension of the rows, unless the address names another under `name.down`.
        across: The dimension of the columns, or `name.across`.
        title: Key of its heading.
        name: Its name on the page.
        choices: KPIs the reader may choose among.
        pick: Dimensions the reader may choose among for rows and columns.
        days: Look at so many days up to the end of the page's; 0 for the page's own days.
    """

    kind: ClassVar[str] = "crossed"
    kpi: str
    down: str
    across: str
    title: str
    name: str = "crossed"
    choices: tuple[str, ...] = ()
    pick: tuple[str, ...] = ()
    days: int = 0
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask the KPI for each pair of groups."""
        view, say = longer(look.view, self.days), look.say
        kpi = look.gauge.words.kpi(view.first(self.name) or self.kpi)
        down = view.first(f"{self.name}.down") or self.down
        across = view.first(f"{self.name}.across") or self.across
        answer = look.gauge.ask(view.question(kpi.name, by=(down, across)))
        columns, rows = _keys(answer, across), _keys(answer, down)
        found = {(row.keys[down], row.keys[across]): row.values[kpi.name] for row in answer.rows}
        behind_it = replace(look, view=view)
        most = max((value.value or 0.0 for value in found.values()), default=0.0)
        return Shown(
            title=say.t(self.title),
            subtitle=say.t(
                "boards.crossed",
                kpi=say.title(kpi),
                down=say.texts.dimension(down),
                across=say.texts.dimension(across),
            )
            + (f", {say.period(view.period)}" if self.days else ""),
            answers={"crossed": answer},
            face={
                "kpi": kpi.name,
                "choices": choices(self.choices, look),
                "picks": [
                    (f"{self.name}.{side}", say.t(f"boards.{side}"), _named(self.pick, look), now)
                    for side, now in (("down", down), ("across", across))
                    if len(self.pick) > 2
                ],
                "heading": say.texts.dimension(down),
                "columns": [say.key(across, key) for key in columns],
                "rows": [
                    {
                        "name": say.key(down, key),
                        "cells": [
                            {
                                "rows": rows_href(behind_it, kpi.name, {down: key, across: column}),
                                **_cell(value, kpi, _sum(found, key, kpi), most, look),
                            }
                            if (value := found.get((key, column)))
                            else None
                            for column in columns
                        ],
                    }
                    for key in rows
                ],
            },
            notes=answer.notes,
        )


def _named(dimensions: Sequence[str], look: Look) -> list[tuple[str, str]]:
    return [(name, look.say.texts.dimension(name)) for name in dimensions]


def _keys(answer: Answer, name: str) -> list[KeyValue]:
    found = {row.keys[name] for row in answer.rows}
    return sorted(found, key=lambda key: (key is None, isinstance(key, str), key or 0))[:_MOST]


def _sum(found: Mapping[tuple[KeyValue, KeyValue], Value], row: KeyValue, kpi: Kpi) -> float | None:
    """Add up a row of counts; other values do not add up."""
    if kpi.unit is not Unit.COUNT:
        return None
    return sum(value.value or 0.0 for (key, _), value in found.items() if key == row)


def _cell(value: Value, kpi: Kpi, row: float | None, most: float, look: Look) -> Mapping[str, Any]:
    say = look.say
    return {
        "told": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "reason": value.reason,
        "share": say.share((value.value or 0.0) / row) if row else "",
        "bar": round(100 * max(0.0, value.value or 0.0) / most, 1) if most else 0.0,
        "over": over(value, kpi),
    }


def over(value: Value, kpi: Kpi) -> str:
    """Say whether a value breaks its KPI's upper limit: over, maybe or ''.

    Example:
        >>> drops = Kpi(name="d", formula="calls.dials", unit=Unit.SHARE, band=(None, 0.03))
        >>> over(Value(value=0.04, low=0.02), drops), over(Value(value=0.04, low=0.035), drops)
        ('maybe', 'over')
    """
    limit = kpi.band[1] if kpi.band else None
    if limit is None or value.value is None or value.value <= limit:
        return ""
    return "over" if value.low is not None and value.low > limit else "maybe"


def overlapping(names: Sequence[str]) -> tuple[str, str] | None:
    """Choose two dimensions to cross first; None when there are fewer than two."""
    return (names[0], names[1]) if len(names) > 1 else None
