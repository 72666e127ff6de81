"""What else would you like to know? Any KPIs by any dimensions."""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.plan.resolve import TIME_DIMENSIONS
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.figures import Figures
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.panels.picker import Picker
from dialgauge.server.panels.pivot import Pivot
from dialgauge.server.view import View

FIRST_KPIS = ("dials", "contact_rate", "conversions")
FIRST_BY = ("campaign", "agent")
"""What is shown to who has not chosen yet."""

_NARROW = 3  # so many KPIs leave room for two tables side by side


def chosen(view: View) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say which KPIs and dimensions an address asks for.

    Example:
        >>> from dialgauge.model.question import Period
        >>> chosen(View(path="/explore", period=Period(), rest={"kpi": ("revenue",)}))
        (('revenue',), ())
    """
    kpis = tuple(dict.fromkeys(view.rest.get("kpi", ())))
    by = tuple(dict.fromkeys(view.rest.get("by", ())))
    if not kpis:
        return FIRST_KPIS, by or FIRST_BY
    return kpis, by


def _panels(look: Look) -> Sequence[Panel]:
    kpis, by = chosen(look.view)
    for name in kpis:
        look.gauge.words.kpi(name)
    found: list[Panel] = [Picker(kpis=kpis, by=by), Figures(kpis=kpis)]
    half = len(by) > 1 and len(kpis) <= _NARROW
    found += [
        Grid(
            kpis=kpis,
            by=name,
            name=f"by.{name}",
            compared=name not in TIME_DIMENSIONS,
            parts=bool(look.view.first("parts")),
            span=6 if half and not (len(by) % 2 and name == by[-1]) else 12,
        )
        for name in by
    ]
    if len(by) > 1:
        found.append(Pivot(kpis=kpis, down=by[0], across=by[1]))
    return found


PAGE = Page(
    name="explore",
    path="/explore",
    icon="M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zm5-1.5L20 20",
    panels=_panels,
)
