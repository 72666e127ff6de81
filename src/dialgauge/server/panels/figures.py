"""How much is it, and how did it go? A big number and a line for each KPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Grain
from dialgauge.server.charts.theme import SCHEMA
from dialgauge.server.panels.cards import figure
from dialgauge.server.panels.grains import fine_grain
from dialgauge.server.panels.panel import Behind, Look, Shown, ask_able, titled, total
from dialgauge.server.panels.trend import drawn, points_of, rows_of_bucket, zoomed

HEIGHT = 150
_WIDE = 900  # of a picture, which has no page to be as wide as


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """KPIs below each other, on one axis of time.

    Attributes:
        kpis: Which, in order; those that cannot be asked here are left out, and it is said why.
        name: Its name on the page.
        title: Key of its heading.
    """

    kind: ClassVar[str] = "figures"
    kpis: tuple[str, ...]
    name: str = "figures"
    title: str = "explore.figures"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask all KPIs at once, whole and bucket by bucket, beside the period before."""
        view, say = look.view, look.say
        grain = view.grain or fine_grain(view.period)
        now, refused = ask_able(look.gauge, view.question(*self.kpis, compared=view.versus))
        kpis = [look.gauge.words.kpis[name] for name in now.question.kpis]
        names = [kpi.name for kpi in kpis]
        course, uncut = ask_able(
            look.gauge, view.question(*names, grain=grain, compared=view.versus)
        )
        cut = [kpi for kpi in kpis if kpi.name in course.question.kpis]
        points = {kpi.name: points_of(course, kpi, grain, look) for kpi in cut}
        drawings = {
            kpi.name: drawn(points[kpi.name], kpi, look, HEIGHT) for kpi in cut if points[kpi.name]
        }
        whole = total(now)
        every = [point for each in points.values() for point in each]
        return Shown(
            title=say.t(self.title),
            subtitle=say.t(f"panel.by_grain.{grain.value}"),
            answers={"now": now, "course": course},
            chart=_together(drawings, cut, look) if drawings else None,
            face={
                "rows": [
                    {
                        **figure(kpi, whole.values[kpi.name], look),
                        "chart": drawings.get(kpi.name),
                        "uncut": uncut.get(kpi.name, ""),
                    }
                    for kpi in kpis
                ],
                "band": any("low" in point for point in every),
                "compared": any("before" in point for point in every),
                "left_out": titled(refused, look),
            },
            behind=_behind(course, cut, grain, look),
            data={"left_out": {**refused, **uncut}},
            notes=tuple(dict.fromkeys((*now.notes, *course.notes))),
        )


def _together(
    drawings: Mapping[str, Mapping[str, Any]], kpis: Sequence[Kpi], look: Look
) -> Mapping[str, Any]:
    """Put the lines into one picture, for those who take it along."""
    parts = []
    for kpi in kpis:
        drawing = drawings.get(kpi.name, {})
        plain = {
            name: part
            for name, part in drawing.items()
            if name not in ("$schema", "autosize", "width")
        }
        if plain:
            parts.append({**plain, "width": _WIDE, "title": look.say.title(kpi)})
    return {"$schema": SCHEMA, "vconcat": parts}


def _behind(answer: Answer, kpis: Sequence[Kpi], grain: Grain, look: Look) -> Behind:
    say = look.say
    return Behind(
        headings=(say.t("ui.period"), *(say.title(kpi) for kpi in kpis)),
        rows=[
            (
                say.bucket(row.keys["period"], grain),
                *(say.number(row.values[kpi.name].value, kpi.unit) for kpi in kpis),
            )
            for row in answer.rows
        ],
        links=[
            (
                zoomed(row.keys["period"], grain, look),
                *(rows_of_bucket(row.keys["period"], kpi, grain, look) for kpi in kpis),
            )
            for row in answer.rows
        ],
    )
