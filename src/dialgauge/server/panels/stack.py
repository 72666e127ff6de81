"""Of what is a sum made, and how does that change? Bars over time, one colour a group."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue
from dialgauge.model.kpi import Kpi
from dialgauge.server.charts.axes import value_axis
from dialgauge.server.charts.theme import chart, encode
from dialgauge.server.panels.grains import fine_grain
from dialgauge.server.panels.panel import Behind, Look, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A KPI that adds up, by a dimension, over time.

    Attributes:
        kpi: A count or a sum: shares cannot be stacked.
        by: The dimension; one with few groups.
        title: Key of its heading.
        name: Its name on the page.
        height: Of the chart, in pixels.
    """

    kind: ClassVar[str] = "stack"
    kpi: str
    by: str
    title: str
    name: str = "stack"
    span: int = 12
    height: int = 300

    def show(self, look: Look) -> Shown:
        """Ask the KPI by group and time bucket."""
        view, say = look.view, look.say
        kpi = look.gauge.words.kpi(self.kpi)
        grain = view.grain or fine_grain(view.period)
        answer = look.gauge.ask(view.question(kpi.name, by=(self.by,), grain=grain))
        groups = by_weight(answer, kpi.name, self.by)
        buckets = list(dict.fromkeys(row.keys["period"] for row in answer.rows))
        labels = {str(each): say.bucket(each, grain) for each in buckets}
        found = {
            (row.keys["period"], row.keys[self.by]): row.values[kpi.name] for row in answer.rows
        }
        points = [
            {
                "key": str(bucket),
                "label": labels[str(bucket)],
                "group": say.key(self.by, group),
                "value": value.value or 0.0,
                "told": say.number(value.value, kpi.unit),
            }
            for bucket in buckets
            for group in groups
            if (value := found.get((bucket, group))) is not None
        ]
        names = [say.key(self.by, group) for group in groups]
        return Shown(
            title=say.t(self.title),
            subtitle=say.t(f"panel.by_grain.{grain.value}"),
            answers={"stack": answer},
            chart=_drawn(points, names, labels, self, kpi, look) if points else None,
            behind=Behind(
                headings=(say.t("ui.period"), *names),
                rows=[
                    (
                        labels[str(bucket)],
                        *(
                            say.number(value.value, kpi.unit)
                            if (value := found.get((bucket, group)))
                            else ""
                            for group in groups
                        ),
                    )
                    for bucket in buckets
                ],
            ),
            notes=answer.notes,
        )


def by_weight(answer: Answer, kpi: str, by: str) -> list[KeyValue]:
    """List the groups of an answer, those that bring most first; those of nothing not at all."""
    weights: dict[KeyValue, float] = {}
    for row in answer.rows:
        group = row.keys[by]
        weights[group] = weights.get(group, 0.0) + (row.values[kpi].value or 0.0)
    return sorted((group for group in weights if weights[group]), key=lambda each: -weights[each])


def _drawn(  # noqa: PLR0913, PLR0917 - all that is drawn
    points: list[dict[str, Any]],
    names: Sequence[str],
    labels: Mapping[str, str],
    panel: Stack,
    kpi: Kpi,
    look: Look,
) -> Mapping[str, Any]:
    say = look.say
    sums: dict[str, float] = {}
    for point in points:
        sums[point["key"]] = sums.get(point["key"], 0.0) + point["value"]
    axis = value_axis([{"sum": each} for each in sums.values()], kpi.unit, say, ("sum",), least=0.0)
    said = json.dumps(labels, ensure_ascii=False)
    places = {name: place for place, name in enumerate(names)}
    return chart(
        panel.height,
        data={"values": [{**point, "place": places[point["group"]]} for point in points]},
        mark={"type": "bar", "cornerRadiusEnd": 0},
        encoding={
            "x": encode(
                "key",
                "ordinal",
                axis={"labelExpr": f"({said})[datum.value]", "labelAngle": 0, "labelSeparation": 8},
                sort=list(labels),
                scale={"paddingInner": 0.25},
            ),
            "y": encode("value", "quantitative", axis=axis, stack="zero"),
            "color": encode(
                "group",
                "nominal",
                sort=list(names),
                scale={"domain": list(names), "range": "category"},
                legend={"columns": 3, "symbolType": "square", "labelLimit": 110},
            ),
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [
                {"field": "label", "title": say.t("ui.period")},
                {"field": "group", "title": say.texts.dimension(panel.by)},
                {"field": "told", "title": say.title(kpi)},
            ],
        },
    )
