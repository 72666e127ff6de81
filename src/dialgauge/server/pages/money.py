"""What do we spend, what comes back, and where does the next unit of money go?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.pays import Pays
from dialgauge.server.panels.stack import Stack
from dialgauge.server.panels.trend import Trend
from dialgauge.server.panels.waterfall import Waterfall

_BY = ("revenue", "cost", "roi", "customer_acquisition_cost", "payback_months")

PAGE = Page(
    name="money",
    path="/money",
    icon="M12 3v18m4.5-14.5c-1-1.2-2.6-1.7-4.5-1.7-2.6 0-4.5 1.2-4.5 3.3 0 4.7 9.3 2.3"
    " 9.3 7 0 2.1-2 3.3-4.8 3.3-2.1 0-3.9-.7-5-2",
    panels=always(
        Cards(
            kpis=(
                "revenue",
                "cost",
                "roi",
                "customer_acquisition_cost",
                "cost_per_conversion",
                "payback_months",
                "avg_order_value",
                "ltv_to_cac",
            )
        ),
        Waterfall(),
        Pays(),
        Stack(kpi="cost", by="cost_category", title="money.costs", name="costs", span=6),
        Trend(
            kpi="roi",
            choices=("roi", "margin_roi", "revenue", "cost", "customer_acquisition_cost"),
            span=6,
            height=300,
        ),
        Cards(
            kpis=("margin_roi", "revenue_per_customer", "cross_sell_rate", "up_sell_rate"),
            name="selling",
            title="money.selling",
        ),
        Grid(kpis=_BY, by="lead_source", name="sources", title="money.by_lead_source"),
        Grid(kpis=_BY, by="campaign", name="campaigns", title="money.by_campaign"),
    ),
)
