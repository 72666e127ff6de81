"""What does a KPI mean, how did it go, and what moved it?"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.lineage import Lineage, Statement
from dialgauge.server.panels.listing import Listing
from dialgauge.server.panels.meaning import Meaning, Now
from dialgauge.server.panels.moved import Moved
from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.panels.trend import Trend


def _panels(look: Look) -> Sequence[Panel]:
    name = look.gauge.words.kpi(look.view.first("name")).name
    return (
        Now(kpi=name),
        Meaning(kpi=name),
        Trend(kpi=name, span=12),
        Moved(kpi=name),
        Lineage(kpi=name),
        Statement(kpi=name),
    )


def _title(look: Look) -> str:
    return look.say.title(look.gauge.words.kpi(look.view.first("name")))


PAGE = Page(name="kpi", path="/kpi/{name}", panels=_panels, heading=_title)

LIST = Page(
    name="kpis",
    path="/kpis",
    icon="M4 6h2m3 0h11M4 12h2m3 0h11M4 18h2m3 0h11",
    panels=always(Listing()),
    filtered=False,
)
