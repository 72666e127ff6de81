"""Do we keep to the law and to what people asked of us?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.crossed import Crossed
from dialgauge.server.panels.dots import Dots
from dialgauge.server.panels.hints import Hints, Say
from dialgauge.server.panels.limits import Broken, Limits
from dialgauge.server.panels.trend import Trend

_KPIS = (
    "drop_rate",
    "drop_rate_30d",
    "out_of_hours_rate",
    "over_frequency_rate",
    "do_not_call_violations",
    "do_not_call_rate",
    "abandonment_rate",
    "abandonment_rate_over_5s",
)
_RATES = (
    "drop_rate",
    "out_of_hours_rate",
    "over_frequency_rate",
    "do_not_call_violations",
    "do_not_call_rate",
    "abandonment_rate",
)

PAGE = Page(
    name="compliance",
    path="/compliance",
    icon="M12 3l8 3v5c0 5-3.4 8.6-8 10-4.6-1.4-8-5-8-10V6zm-3.5 9l2.5 2.5 4.5-5",
    panels=always(
        Limits(kpis=_KPIS),
        Trend(kpi="drop_rate", choices=_RATES),
        Crossed(
            kpi="drop_rate",
            down="campaign",
            across="campaign_period",
            title="boards.campaign_periods",
            name="periods",
            days=365,
            span=4,
        ),
        Dots(
            kpi="drop_rate",
            by="campaign",
            title="boards.limit_campaigns",
            name="campaigns",
            choices=_RATES,
        ),
        Dots(
            kpi="out_of_hours_rate",
            by="country",
            title="boards.limit_countries",
            name="countries",
            choices=("out_of_hours_rate", "over_frequency_rate", "do_not_call_rate", "drop_rate"),
        ),
        Hints(rules=(Broken(kpis=_KPIS), Say(key="boards.limits_care"))),
    ),
)
