"""When is the best time? A KPI by weekday and hour of the called party."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue, Value
from dialgauge.model.kpi import Kpi
from dialgauge.server.charts.theme import chart, encode
from dialgauge.server.panels.drill import narrowed, rows_href
from dialgauge.server.panels.panel import Behind, Look, Shown

LEAST_ROWS = 30
"""Cells that rest on fewer rows are drawn empty: their colour would be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A KPI over two dimensions, as colours and as a table.

    Attributes:
        kpi: Which, unless the address names another.
        down: The dimension of the rows.
        across: The dimension of the columns.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "heat"
    kpi: str
    down: str = "weekday"
    across: str = "hour"
    title: str = "panel.heat"
    name: str = "heat"
    span: int = 8
    height: int = 300

    def show(self, look: Look) -> Shown:
        """Ask the KPI for each cell."""
        view, say = look.view, look.say
        kpi = look.gauge.words.kpi(view.first(self.name) or self.kpi)
        answer = look.gauge.ask(view.question(kpi.name, by=(self.down, self.across)))
        cells = _cells(answer, kpi, self.down, self.across, look)
        return Shown(
            title=say.t(self.title),
            subtitle=say.t("panel.heat_of", kpi=say.title(kpi)),
            answers={"heat": answer},
            chart=_drawn(cells, self, kpi, look) if _enough(cells) else None,
            face={"kpi": kpi.name, "least": LEAST_ROWS},
            behind=_behind(answer, self, kpi, look),
            notes=answer.notes,
        )


def _cells(answer: Answer, kpi: Kpi, down: str, across: str, look: Look) -> list[dict[str, Any]]:
    say = look.say
    return [
        {
            "down": say.key(down, row.keys[down]),
            "across": say.key(across, row.keys[across]),
            "value": value.value if value.n >= LEAST_ROWS else None,
            "told": say.number(value.value, kpi.unit),
            "interval": say.interval(value, kpi.unit),
            "n": say.count(value.n),
            "href": rows_href(look, kpi.name, row.keys),
        }
        for row in answer.rows
        if row.keys[down] is not None and row.keys[across] is not None
        for value in (row.values[kpi.name],)
    ]


def _enough(cells: list[dict[str, Any]]) -> bool:
    return any(cell["value"] is not None for cell in cells)


def _order(answer: Answer, name: str) -> list[KeyValue]:
    found = {row.keys[name] for row in answer.rows} - {None}
    return sorted(found, key=lambda key: (isinstance(key, str), key))


def _drawn(cells: list[dict[str, Any]], panel: Heat, kpi: Kpi, look: Look) -> Mapping[str, Any]:
    say = look.say
    across = list(dict.fromkeys(sorted(cell["across"] for cell in cells)))
    down = [
        name
        for number in range(1, 8)
        if (name := say.key("weekday", number)) in {cell["down"] for cell in cells}
    ] or list(dict.fromkeys(cell["down"] for cell in cells))
    linked = bool(cells[0]["href"])
    return chart(
        panel.height,
        data={"values": cells},
        mark={"type": "rect", **({"cursor": "pointer"} if linked else {})},
        encoding={
            "x": encode("across", "ordinal", sort=across, axis={"labelAngle": 0}),
            "y": encode("down", "ordinal", sort=down),
            "color": encode("value", "quantitative", legend=None),
            "tooltip": [
                {"field": "down", "title": say.texts.dimension(panel.down)},
                {"field": "across", "title": say.texts.dimension(panel.across)},
                {"field": "told", "title": say.title(kpi)},
                {"field": "interval", "title": say.t("ui.interval")},
                {"field": "n", "title": say.t("ui.n")},
            ],
            **({"href": {"field": "href"}} if linked else {}),
        },
    )


def _behind(answer: Answer, panel: Heat, kpi: Kpi, look: Look) -> Behind:
    say = look.say
    across = _order(answer, panel.across)
    found: dict[tuple[KeyValue, KeyValue], Value] = {
        (row.keys[panel.down], row.keys[panel.across]): row.values[kpi.name] for row in answer.rows
    }
    return Behind(
        headings=(
            say.texts.dimension(panel.down),
            *(say.key(panel.across, each) for each in across),
        ),
        rows=[
            (
                say.key(panel.down, down),
                *(
                    say.number(value.value, kpi.unit) if (value := found.get((down, each))) else ""
                    for each in across
                ),
            )
            for down in _order(answer, panel.down)
        ],
        links=[
            (
                narrowed(look.view, {panel.down: down}).address,
                *(
                    rows_href(look, kpi.name, {panel.down: down, panel.across: each})
                    if (down, each) in found
                    else ""
                    for each in across
                ),
            )
            for down in _order(answer, panel.down)
        ],
    )
