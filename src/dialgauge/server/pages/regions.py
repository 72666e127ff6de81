"""Where do calls reach people and sell?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.dots import Dots
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.heat import Heat
from dialgauge.server.panels.hints import Hints, Say, StandOut

_CHOICES = (
    "contact_rate",
    "contact_conversion_rate",
    "call_conversion_rate",
    "lead_conversion_rate",
    "avg_order_value",
)
_KPIS = (
    "dials",
    "contact_rate",
    "contact_conversion_rate",
    "conversions",
    "revenue",
    "revenue_per_dial",
    "avg_order_value",
    "invalid_number_rate",
)

PAGE = Page(
    name="regions",
    path="/regions",
    icon="M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21"
    "m0-9a2.5 2.5 0 1 0 0-5a2.5 2.5 0 0 0 0 5",
    panels=always(
        Dots(
            kpi="contact_rate",
            by="country",
            title="boards.countries",
            name="country_dots",
            choices=_CHOICES,
            span=8,
        ),
        Dots(
            kpi="contact_rate",
            by="line_type",
            title="boards.line_types",
            name="line_types",
            choices=("contact_rate", "contact_conversion_rate", "invalid_number_rate"),
            span=4,
        ),
        Dots(
            kpi="contact_rate",
            by="region",
            title="boards.regions",
            name="regions",
            choices=_CHOICES,
            span=12,
        ),
        Grid(kpis=_KPIS, by="country", name="countries", compared=True),
        Grid(kpis=_KPIS, by="region", name="table", compared=True),
        Heat(
            kpi="contact_rate",
            down="region",
            across="hour",
            title="boards.region_hours",
            name="region_hours",
            height=460,
            span=12,
        ),
        Hints(
            rules=(
                StandOut(
                    kpi="contact_rate",
                    by=("region",),
                    best="boards.regions_best",
                    worst="boards.regions_worst",
                    none="boards.regions_none",
                ),
                StandOut(
                    kpi="call_conversion_rate",
                    by=("region",),
                    best="boards.regions_sell",
                    worst="boards.regions_fail",
                ),
                StandOut(kpi="contact_rate", by=("line_type",), worst="boards.line_types_worst"),
                StandOut(
                    kpi="contact_rate", by=("region", "hour"), best="boards.region_hours_best"
                ),
                Say(key="boards.no_roi_by_region"),
            )
        ),
    ),
)
