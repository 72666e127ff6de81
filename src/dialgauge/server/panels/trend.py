"""How does a KPI go, and which days are unusual?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue, Value
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.question import Grain
from dialgauge.server.charts.axes import value_axis
from dialgauge.server.charts.theme import chart, encode
from dialgauge.server.panels.drill import bucket_days, narrowed, rows_href
from dialgauge.server.panels.grains import fine_grain
from dialgauge.server.panels.heat import LEAST_ROWS
from dialgauge.server.panels.panel import Behind, Look, Shown, total

_SIGMAS = 3.0
_INTERVAL = 1.96  # half a 95 % interval in standard errors
_LABELS = 52  # pixels for the words of the axis, so that charts below each other share their days
_RATES = (Unit.SHARE, Unit.RATIO, Unit.SECONDS, Unit.POINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A KPI over time, with the band in which chance alone would keep it.

    Attributes:
        kpi: Which, unless the address names another with `trend`.
        name: Its name on the page.
        choices: KPIs the reader may choose among.
        height: Of the chart, in pixels.
    """

    kind: ClassVar[str] = "trend"
    kpi: str
    name: str = "trend"
    choices: tuple[str, ...] = ()
    span: int = 8
    height: int = 260

    def show(self, look: Look) -> Shown:
        """Ask the KPI bucket by bucket, beside the period before."""
        view, say = look.view, look.say
        asked = view.first(self.name)
        kpi = look.gauge.words.kpi(asked or self.kpi)
        grain = view.grain or fine_grain(view.period)
        answer = look.gauge.ask(view.question(kpi.name, grain=grain, compared=view.versus))
        points = points_of(answer, kpi, grain, look)
        return Shown(
            title=say.t("panel.trend", kpi=say.title(kpi)),
            subtitle=say.t(f"panel.by_grain.{grain.value}"),
            answers={"trend": answer},
            chart=drawn(points, kpi, look, self.height) if points else None,
            face={
                "kpi": kpi.name,
                "grain": grain.value,
                "choices": [
                    (name, say.title(look.gauge.words.kpis[name]))
                    for name in self.choices
                    if name in look.gauge.words.kpis
                ],
                "band": any("low" in point for point in points),
                "compared": any("before" in point for point in points),
                "odd": [point["label"] for point in points if point.get("odd")],
            },
            behind=behind(answer, kpi, grain, look),
            notes=answer.notes,
        )


def band(
    values: Sequence[Value], centre: float | None, unit: Unit
) -> list[tuple[float, float] | None]:
    """Say within which bounds each value stays when only chance moves it.

    A Shewhart chart with bounds of three standard errors around the whole, each as wide as its
    own number of rows makes it (Montgomery, Introduction to Statistical Quality Control, 7.3.2);
    the standard error comes from the value's 95 % interval.

    Args:
        values: One a bucket.
        centre: The value over all buckets.
        unit: Counts and sums have no band: they follow the calendar before they follow chance.

    Example:
        >>> band([Value(value=0.5, n=100, low=0.402, high=0.598)], 0.5, Unit.SHARE)
        [(0.35, 0.65)]
    """
    return [_bounds(value, centre, unit) for value in values]


def _bounds(value: Value, centre: float | None, unit: Unit) -> tuple[float, float] | None:
    if unit not in _RATES or centre is None or value.low is None or value.high is None:
        return None
    if value.n < LEAST_ROWS:
        return None
    reach = _SIGMAS * (value.high - value.low) / (2 * _INTERVAL)
    low, high = centre - reach, centre + reach
    if unit is Unit.SHARE:
        low, high = max(low, 0.0), min(high, 1.0)
    return round(low, 12), round(high, 12)


def points_of(answer: Answer, kpi: Kpi, grain: Grain, look: Look) -> list[dict[str, Any]]:
    """Say of each bucket what is drawn and told of it."""
    say = look.say
    values = [row.values[kpi.name] for row in answer.rows]
    bounds = band(values, total(answer).values[kpi.name].value, kpi.unit)
    found = []
    for row, value, bound in zip(answer.rows, values, bounds, strict=True):
        point: dict[str, Any] = {
            "label": say.bucket(row.keys["period"], grain),
            "key": str(row.keys["period"]),
            "value": value.value,
            "told": say.number(value.value, kpi.unit),
            "interval": say.interval(value, kpi.unit),
            "href": rows_of_bucket(row.keys["period"], kpi, grain, look),
        }
        if bound is not None and value.value is not None:
            point["low"], point["high"] = bound
            point["odd"] = not bound[0] <= value.value <= bound[1]
        if value.change is not None and value.change.value.value is not None:
            point["before"] = value.change.value.value
            point["before_told"] = say.number(value.change.value.value, kpi.unit)
        found.append(point)
    return found


def drawn(points: list[dict[str, Any]], kpi: Kpi, look: Look, height: int) -> Mapping[str, Any]:
    """Draw a line through the buckets, with its band, the period before, and what was written."""
    say = look.say
    days = {point["key"] for point in points}
    written = [
        {"label": say.bucket(day, Grain.DAY), "key": day, "text": text}
        for day, text in look.annotations
        if day in days
    ]
    x = encode(
        "key",
        "ordinal",
        axis={"labelExpr": _labels(points), "labelAngle": 0},
        sort=[point["key"] for point in points],
    )
    axis = value_axis(points, kpi.unit, say)
    hints = [
        {"field": "label", "title": say.t("ui.period")},
        {"field": "told", "title": say.title(kpi)},
        {"field": "interval", "title": say.t("ui.interval")},
        {"field": "before_told", "title": say.t("panel.before")},
    ]
    y = {"axis": {**axis, "minExtent": _LABELS}, "scale": {"zero": False}}
    layers: list[dict[str, Any]] = []
    # A layer without a point would have an axis without an end.
    if any("low" in point for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "area", "style": "band", "interpolate": "step"},
                "encoding": {
                    "x": x,
                    "y": encode("low", "quantitative", **y),
                    "y2": {"field": "high"},
                },
            }
        )
    if any("before" in point for point in points):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.before)"}],
                "mark": {"type": "line", "style": "before"},
                "encoding": {"x": x, "y": encode("before", "quantitative", **y)},
            }
        )
    layers.append(
        {
            "mark": {"type": "line", "point": {"size": 22, "style": "main"}},
            "encoding": {"x": x, "y": encode("value", "quantitative", **y)},
        }
    )
    if any(point.get("odd") for point in points):
        layers.append(
            {
                "transform": [{"filter": "datum.odd"}],
                "mark": {"type": "point", "style": "odd", "size": 90, "shape": "diamond"},
                "encoding": {"x": x, "y": encode("value", "quantitative", **y)},
            }
        )
    hit = encode("value", "quantitative", **y)
    layers.append(_reached(x, hit, hints, linked=_linked(points)))
    if written:
        layers += [
            {
                "data": {"values": written},
                "mark": {"type": "rule", "style": "note"},
                "encoding": {"x": x, "tooltip": [{"field": "text", "title": " "}]},
            },
            {
                "data": {"values": written},
                "mark": {"type": "text", "align": "left", "dx": 5, "y": 8},
                "encoding": {"x": x, "text": {"field": "text"}},
            },
        ]
    return chart(height, data={"values": points}, layer=layers)


def _reached(
    x: Mapping[str, Any], y: Mapping[str, Any], hints: list[dict[str, str]], *, linked: bool
) -> dict[str, Any]:
    """Draw nothing, but wide enough to be met by a pointer: for hints, and to the rows behind."""
    encoding = {"x": x, "y": y, "tooltip": hints}
    if linked:
        encoding["href"] = {"field": "href"}
    cursor = {"cursor": "pointer"} if linked else {}
    return {
        "mark": {"type": "point", "filled": True, "opacity": 0, "size": 480, **cursor},
        "encoding": encoding,
    }


def _linked(points: Sequence[Mapping[str, Any]]) -> bool:
    return any(point["href"] for point in points)


def rows_of_bucket(label: KeyValue, kpi: Kpi, grain: Grain, look: Look) -> str:
    """Give the address of the rows of a bucket."""
    days = bucket_days(label, grain, look.view.period)
    return rows_href(look, kpi.name, period=days) if days else ""


def zoomed(label: KeyValue, grain: Grain, look: Look) -> str:
    """Give the address of the page with the days of a bucket alone; a day is one already."""
    days = bucket_days(label, grain, look.view.period)
    return narrowed(look.view, {}, days).address if days and grain is not Grain.DAY else ""


def _labels(points: Sequence[Mapping[str, Any]]) -> str:
    """Write the expression that says buckets in the reader's language."""
    words = {point["key"]: point["label"] for point in points}
    return f"({json.dumps(words, ensure_ascii=False)})[datum.value]"


def behind(answer: Answer, kpi: Kpi, grain: Grain, look: Look) -> Behind:
    """Write the buckets as a table."""
    say = look.say
    return Behind(
        headings=(
            say.t("ui.period"),
            say.title(kpi),
            say.t("ui.interval"),
            say.t("ui.n"),
            say.t("panel.before"),
        ),
        rows=[
            (
                say.bucket(row.keys["period"], grain),
                say.number((value := row.values[kpi.name]).value, kpi.unit),
                say.interval(value, kpi.unit),
                say.count(value.n),
                say.number(value.change.value.value, kpi.unit) if value.change else "",
            )
            for row in answer.rows
        ],
        links=[
            (
                zoomed(row.keys["period"], grain, look),
                rows_of_bucket(row.keys["period"], kpi, grain, look),
                *("" for _ in range(3)),
            )
            for row in answer.rows
        ],
    )
