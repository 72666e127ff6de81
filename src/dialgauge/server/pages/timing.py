"""When do calls pay, and how soon and how often should one call?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.advice import AnotherAttempt, FastCalls
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.dots import Dots, Order
from dialgauge.server.panels.heat import Heat
from dialgauge.server.panels.hints import Hints, StandOut
from dialgauge.server.panels.ways import SPEED, Ways

_CHOICES = (
    "contact_rate",
    "contact_conversion_rate",
    "call_conversion_rate",
    "connect_rate",
    "avg_call_duration",
)

PAGE = Page(
    name="timing",
    path="/timing",
    icon="M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18m0 4v5l3.5 2",
    panels=always(
        Heat(kpi="contact_rate", title="boards.heat_reach", name="reach", span=6),
        Heat(kpi="contact_conversion_rate", title="boards.heat_sell", name="sell", span=6),
        Dots(
            kpi="contact_rate",
            by="hour",
            title="boards.hours",
            name="hours",
            choices=_CHOICES,
            span=12,
        ),
        Cards(
            kpis=(
                "speed_to_lead",
                "dialled_within_5_minutes",
                "never_dialled_rate",
                "callback_kept_rate",
                "attempts_to_contact",
                "never_contacted_rate",
                "follow_up_success_rate",
                "follow_up_conversion_rate",
            ),
            title="boards.follow_up",
        ),
        Dots(
            kpi="contact_rate",
            by="weekday",
            title="boards.weekdays",
            name="weekdays",
            choices=_CHOICES,
            span=4,
        ),
        Dots(
            kpi="call_conversion_rate",
            by="attempt",
            title="boards.attempts",
            name="attempts",
            order=Order.KEY,
            choices=("call_conversion_rate", "contact_rate", "contact_conversion_rate"),
            span=4,
        ),
        Ways(
            kpi="lead_conversion_rate",
            ways=SPEED,
            heading="boards.first_dial",
            title="boards.speed",
            name="speed",
            choices=("lead_conversion_rate", "lead_quality_rate"),
            days=365,
            span=4,
        ),
        Hints(
            rules=(
                StandOut(
                    kpi="contact_rate",
                    by=("hour",),
                    best="boards.hours_best",
                    worst="boards.hours_worst",
                    none="boards.hours_none",
                ),
                StandOut(
                    kpi="contact_rate",
                    by=("weekday",),
                    best="boards.weekdays_best",
                    worst="boards.weekdays_worst",
                    none="boards.weekdays_none",
                ),
                StandOut(kpi="contact_rate", by=("weekday", "hour"), best="boards.cells_best"),
                AnotherAttempt(),
                FastCalls(),
            )
        ),
    ),
)
