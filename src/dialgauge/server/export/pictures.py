"""How is a chart drawn without a browser?"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from dialgauge.server.charts.theme import LIGHT, dressed
from dialgauge.server.export.fonts import own

_WIDTH = 760
_SCALE = 2.0


def svg(chart: Mapping[str, Any], width: int = _WIDTH) -> str:
    """Draw a chart as SVG.

    Args:
        chart: A Vega-Lite specification, as pages carry it.
        width: In pixels.
    """
    return str(_converter().vegalite_to_svg(_spec(chart, width), allowed_base_urls=[]))


def png(chart: Mapping[str, Any], width: int = _WIDTH, scale: float = _SCALE) -> bytes:
    """Draw a chart as PNG.

    Args:
        chart: A Vega-Lite specification, as pages carry it.
        width: In pixels before scaling.
        scale: How many pixels one becomes.
    """
    spec = _spec(chart, width)
    return bytes(_converter().vegalite_to_png(spec, scale=scale, allowed_base_urls=[]))


def _spec(chart: Mapping[str, Any], width: int) -> str:
    drawn = dressed(_without_links(chart), LIGHT)
    if drawn.get("width") == "container":
        drawn["width"] = width
    return json.dumps(drawn)


def _without_links(part: Any) -> Any:
    """Take out where a click leads: a picture is looked at elsewhere."""
    if isinstance(part, Mapping):
        return {name: _without_links(each) for name, each in part.items() if name != "href"}
    return [_without_links(each) for each in part] if isinstance(part, list) else part


@functools.cache
def _converter() -> Any:
    import vl_convert  # noqa: PLC0415 - takes a moment

    vl_convert.register_font_directory(str(own()))
    return vl_convert
