"""Will we get where we want to?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.targets import Targets

PAGE = Page(
    name="targets",
    path="/targets",
    icon="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-4.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z"
    "M12 12h.01",
    panels=always(Targets()),
    filtered=False,
)
