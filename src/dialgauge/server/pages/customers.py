"""Do customers come, stay, pay and like it?"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.server.pages.page import Page
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.panels.trend import Trend
from dialgauge.server.panels.triangle import Triangle
from dialgauge.server.panels.worth import Worth

_MAIN = (
    "new_customers",
    "active_customers",
    "churn_rate",
    "retention_rate",
    "repeat_rate",
    "revenue_per_customer",
    "csat",
    "nps",
)
_BY = ("new_customers", "churn_rate", "repeat_rate", "clv_historic", "clv_simple", "csat", "nps")


def _panels(look: Look) -> Sequence[Panel]:
    """Show customers by source and product, and by each segment the team made."""
    groups = ("lead_source", "product", *look.gauge.words.segments)
    return (
        Cards(kpis=_MAIN),
        Trend(kpi="new_customers", choices=_MAIN, span=12),
        Triangle(),
        Worth(kpis=("clv_historic", "clv_simple", "clv_predicted"), title="customers.worth"),
        *(Grid(kpis=_BY, by=name, name=f"by_{name}") for name in groups),
    )


PAGE = Page(
    name="customers",
    path="/customers",
    icon="M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.4-3.6 3-5.5 6.5-5.5s6.1 1.9 6.5 5.5"
    "M16 4.3a3.5 3.5 0 0 1 0 6.4m2 4.3c2 .8 3.2 2.5 3.5 5",
    panels=_panels,
)
