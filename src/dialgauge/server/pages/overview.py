"""How are we doing?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.funnel import Funnel
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.heat import Heat
from dialgauge.server.panels.ranking import Ranking
from dialgauge.server.panels.trend import Trend

PAGE = Page(
    name="overview",
    path="/overview",
    icon="M4 13h6V4H4zm10 7h6V4h-6zM4 20h6v-4H4z",
    panels=always(
        Cards(
            kpis=(
                "dials",
                "contact_rate",
                "contact_conversion_rate",
                "conversions",
                "revenue",
                "roi",
                "avg_handle_time",
                "drop_rate",
            )
        ),
        Trend(
            kpi="contact_rate",
            choices=("contact_rate", "contact_conversion_rate", "dials", "conversions", "revenue"),
        ),
        Funnel(steps=("dials", "answered_calls", "contacts", "conversions")),
        Heat(kpi="contact_rate"),
        Ranking(kpi="conversions", by="region", beside="contact_rate", title="panel.regions"),
        Grid(
            kpis=(
                "dials",
                "contact_rate",
                "contact_conversion_rate",
                "conversions",
                "revenue",
                "avg_handle_time",
            ),
            by="agent",
            name="agents",
            title="panel.agents",
        ),
    ),
)
