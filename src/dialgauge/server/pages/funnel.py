"""Where do calls, leads and deals get lost, and how long does a sale take?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.advice import PlainMean
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.dots import Dots, Order
from dialgauge.server.panels.funnel import Funnel
from dialgauge.server.panels.hints import Hints, StandOut
from dialgauge.server.panels.ranking import Ranking
from dialgauge.server.panels.remained import Remained
from dialgauge.server.panels.trend import Trend

PAGE = Page(
    name="funnel",
    path="/funnel",
    icon="M4 5h16l-6 7v7l-4-2v-5z",
    panels=always(
        Funnel(
            steps=("dials", "answered_calls", "contacts", "conversions"),
            title="boards.calls_lost",
            name="calls",
            span=6,
        ),
        Remained(
            kpi="leads_created",
            steps=(
                ("boards.kept_dialled", "journeys.dials is not null"),
                ("boards.kept_contacted", "journeys.first_contact_at is not null"),
                ("boards.kept_mql", "mql_at is not null"),
                ("boards.kept_sql", "sql_at is not null"),
                ("boards.kept_converted", "converted_at is not null"),
            ),
            title="boards.leads_kept",
            name="leads",
            span=6,
        ),
        Cards(
            kpis=(
                "win_rate",
                "sales_cycle",
                "sales_cycle_mean",
                "sales_cycle_median",
                "avg_deal_size",
                "pipeline_value",
                "pipeline_velocity",
                "stalled_deals",
            ),
            title="boards.deals",
        ),
        Dots(
            kpi="stage_conversion_rate",
            by="stage",
            title="boards.stages",
            name="stages",
            order=Order.SIZE,
            choices=("stage_conversion_rate", "time_in_stage"),
            span=8,
        ),
        Ranking(
            kpi="stalled_deals",
            by="stage",
            beside="time_in_stage",
            title="boards.stalled",
            name="stalled",
        ),
        Trend(
            kpi="pipeline_value",
            choices=("pipeline_value", "pipeline_velocity", "win_rate", "sales_cycle"),
            name="pipeline",
            span=8,
        ),
        Dots(
            kpi="win_rate",
            by="lead_source",
            title="boards.wins",
            name="wins",
            choices=("win_rate", "sales_cycle", "avg_deal_size"),
            span=4,
        ),
        Hints(
            rules=(
                StandOut(kpi="stage_conversion_rate", by=("stage",), worst="boards.stages_worst"),
                StandOut(kpi="time_in_stage", by=("stage",), worst="boards.stages_slow"),
                StandOut(kpi="win_rate", by=("lead_source",), best="boards.wins_best"),
                StandOut(kpi="sales_cycle", by=("list",), worst="boards.cycle_slow"),
                PlainMean(),
            )
        ),
    ),
)
