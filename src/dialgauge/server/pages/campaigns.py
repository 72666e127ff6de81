"""Which campaigns, lists, lead sources and scripts bring what they cost?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.dots import Dots
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.hints import Hints, Losing, StandOut

PAGE = Page(
    name="campaigns",
    path="/campaigns",
    icon="M4 10v4h3l8 4.5v-13L7 10zm14-1.5a5 5 0 0 1 0 7",
    panels=always(
        Cards(kpis=("conversions", "revenue", "cost", "cost_per_conversion")),
        Grid(
            kpis=(
                "dials",
                "contacts",
                "contact_conversion_rate",
                "conversions",
                "revenue",
                "cost",
                "roi",
                "cost_per_conversion",
            ),
            by="campaign",
            title="boards.campaigns",
            name="campaigns",
            compared=True,
        ),
        Dots(
            kpi="roi",
            by="campaign",
            title="boards.campaign_dots",
            name="campaign_dots",
            choices=("roi", "contact_conversion_rate", "contact_rate", "cost_per_conversion"),
        ),
        Dots(
            kpi="roi",
            by="lead_source",
            title="boards.source_dots",
            name="source_dots",
            choices=("roi", "contact_conversion_rate", "contact_rate", "cost_per_conversion"),
        ),
        Grid(
            kpis=(
                "leads_created",
                "list_penetration",
                "contact_rate",
                "invalid_number_rate",
                "never_contacted_rate",
                "conversions",
                "revenue",
            ),
            by="list",
            title="boards.lists",
            name="lists",
            compared=True,
        ),
        Grid(
            kpis=(
                "leads_created",
                "contact_rate",
                "contact_conversion_rate",
                "lead_conversion_rate",
                "cost_per_lead",
                "revenue",
                "cost",
                "roi",
            ),
            by="lead_source",
            title="boards.sources",
            name="sources",
            compared=True,
        ),
        Grid(
            kpis=("dials", "contact_conversion_rate", "conversions"),
            by="script",
            title="boards.scripts",
            name="scripts",
            span=6,
        ),
        Grid(
            kpis=("revenue", "cost", "roi"),
            by="product",
            title="boards.products",
            name="products",
            span=6,
        ),
        Hints(
            rules=(
                Losing(kpi="roi", by="campaign", limit=0.0, below="boards.campaign_loses"),
                Losing(kpi="roi", by="lead_source", limit=0.0, below="boards.source_loses"),
                StandOut(kpi="invalid_number_rate", by=("list",), worst="boards.lists_dirty"),
                StandOut(
                    kpi="contact_conversion_rate",
                    by=("campaign",),
                    best="boards.campaigns_best",
                    worst="boards.campaigns_worst",
                    none="boards.campaigns_none",
                ),
                StandOut(
                    kpi="contact_conversion_rate",
                    by=("lead_source",),
                    best="boards.sources_best",
                    worst="boards.sources_worst",
                ),
                StandOut(kpi="contact_conversion_rate", by=("script",), best="boards.scripts_best"),
                StandOut(kpi="never_contacted_rate", by=("list",), worst="boards.lists_unreached"),
            )
        ),
    ),
)
