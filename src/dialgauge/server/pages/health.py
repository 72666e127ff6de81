"""Can the numbers be trusted, and how fresh are they?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.findings import Findings
from dialgauge.server.panels.imports import Imports
from dialgauge.server.panels.refused import Refused
from dialgauge.server.panels.sources import Sources
from dialgauge.server.panels.stock import Stock
from dialgauge.server.viewer import May

PAGE = Page(
    name="health",
    path="/health",
    icon="M3 12h4l2.5-7 5 14 2.5-7h4",
    panels=always(Findings(), Stock(), Refused(), Sources(), Imports()),
    needs=May.HEALTH,
    filtered=False,
)
