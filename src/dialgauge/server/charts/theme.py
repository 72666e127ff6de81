"""What do charts look like, by day and by night?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FONT = "Inter, Noto Sans, Noto Sans Georgian, Noto Sans CJK SC, PingFang SC, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The colours of one theme; app.css has the same."""

    card: str
    ink: str
    muted: str
    line: str
    accent: str
    soft: str
    good: str
    bad: str
    heat: tuple[str, str, str]
    kinds: tuple[str, ...]


LIGHT = Colours(
    card="#ffffff",
    ink="#14181f",
    muted="#5a6473",
    line="#e3e6eb",
    accent="#3553d1",
    soft="#dbe2fb",
    good="#0d7a4f",
    bad="#c02a2f",
    heat=("#eef2fb", "#8ea6ee", "#2138a3"),
    kinds=(
        *("#3553d1", "#0e8a7d", "#b35c00", "#8a3fb0"),
        *("#5a6473", "#c2417c", "#6b7d00", "#1686c4"),
    ),
)
DARK = Colours(
    card="#161b22",
    ink="#e8ebf0",
    muted="#98a3b3",
    line="#262d37",
    accent="#8aa2ff",
    soft="#25305c",
    good="#45c48b",
    bad="#ff7d7d",
    heat=("#1a2130", "#3c55b8", "#a9bbff"),
    kinds=(
        *("#8aa2ff", "#3fc1b0", "#f0a04b", "#c890ea"),
        *("#98a3b3", "#f08fb8", "#b9cc4a", "#6cc5f2"),
    ),
)


def theme(colours: Colours) -> dict[str, Any]:
    """Write a theme as the `config` of a Vega-Lite specification.

    Example:
        >>> theme(LIGHT)["style"]["band"]["color"]
        '#dbe2fb'
    """
    text = {"labelColor": colours.muted, "titleColor": colours.muted}
    return {
        "background": colours.card,
        "font": FONT,
        "padding": 2,
        "view": {"stroke": None},
        "axis": {
            **text,
            "titleFontWeight": 500,
            "labelFontSize": 11,
            "labelPadding": 8,
            "gridColor": colours.line,
            "tickColor": colours.line,
            "domain": False,
            "ticks": False,
            "labelOverlap": True,
        },
        "axisX": {"grid": False},
        "legend": {**text, "title": None, "orient": "top", "labelFontSize": 11},
        "title": {"anchor": "start", "color": colours.ink, "fontSize": 14, "offset": 12},
        "range": {
            "ramp": list(colours.heat),
            "heatmap": list(colours.heat),
            "category": list(colours.kinds),
        },
        "line": {"color": colours.accent, "strokeWidth": 2, "strokeJoin": "round"},
        "bar": {"color": colours.accent, "cornerRadiusEnd": 3},
        "rule": {"color": colours.muted},
        "text": {"color": colours.muted, "fontSize": 11},
        "rect": {"stroke": colours.card, "strokeWidth": 2, "cornerRadius": 3},
        "style": {
            "band": {"color": colours.soft, "opacity": 0.55},
            "main": {"color": colours.accent, "filled": True},
            "before": {"color": colours.muted, "strokeDash": [4, 4], "strokeWidth": 1.2},
            "odd": {"color": colours.bad, "filled": True, "opacity": 1},
            "whole": {"color": colours.muted, "strokeDash": [2, 3]},
            "note": {"color": colours.muted, "strokeDash": [2, 3]},
            "good": {"color": colours.good},
            "bad": {"color": colours.bad},
            "quiet": {"color": colours.heat[1]},
            "net": {"color": colours.good},
        },
    }


def dressed(chart: Mapping[str, Any], colours: Colours = LIGHT) -> dict[str, Any]:
    """Give a specification a theme, for drawing without a browser."""
    return {**chart, "config": theme(colours)}


def encode(field: str, kind: str, **more: Any) -> dict[str, Any]:
    """Write one channel; titles stand in the page's language beside the chart.

    Example:
        >>> encode("value", "quantitative", stack=None)
        {'field': 'value', 'type': 'quantitative', 'title': None, 'stack': None}
    """
    return {"field": field, "type": kind, "title": None, **more}


SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""What the specifications keep to; nothing is fetched from there."""


def chart(height: int, **parts: Any) -> dict[str, Any]:
    """Begin a chart as wide as its place."""
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        **parts,
    }
