"""Which groups bring most? Bars, one a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dialgauge.server.panels.cards import made_of
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.panel import Look, Shown

MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Groups of a dimension by a KPI, with another one beside it.

    Attributes:
        kpi: What the bars show.
        by: The dimension.
        beside: A KPI that is told behind the bar.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "ranking"
    kpi: str
    by: str
    beside: str
    title: str
    name: str = "ranking"
    span: int = 4

    def show(self, look: Look) -> Shown:
        """Ask both KPIs for each group, the largest first."""
        view, say, words = look.view, look.say, look.gauge.words
        answer = look.gauge.ask(view.question(self.kpi, self.beside, by=(self.by,)))
        kpi, beside = words.kpi(self.kpi), words.kpi(self.beside)
        ordered = sorted(answer.rows, key=lambda row: -(row.values[kpi.name].value or 0.0))
        most = max((row.values[kpi.name].value or 0.0 for row in ordered), default=0.0)
        bars = [
            {
                "name": say.key(self.by, group),
                "href": view.with_filter(self.by, None if group is None else str(group)).address,
                "rows": rows_href(look, kpi.name, row.keys),
                "told": say.number(value.value, kpi.unit),
                "share": round(100 * max(0.0, value.value or 0.0) / most, 1) if most else 0.0,
                "interval": say.interval(value, kpi.unit),
                "beside": say.number(row.values[beside.name].value, beside.unit),
                "made_of": made_of(row.values[beside.name], say),
            }
            for row in ordered[:MOST]
            for group, value in ((row.keys[self.by], row.values[kpi.name]),)
        ]
        return Shown(
            title=say.t(self.title),
            subtitle=f"{say.title(kpi)}, {say.title(beside)}",
            answers={"ranking": answer},
            face={"bars": bars, "left": max(0, len(ordered) - MOST)},
            notes=answer.notes,
        )
