"""Which pages are there, and in which order does the menu show them?"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.server.pages import overview
from dialgauge.server.pages.page import Page
from dialgauge.server.viewer import Viewer

PAGES: tuple[Page, ...] = (overview.PAGE,)
"""Every page made of panels; those with an icon stand in the menu, in this order."""


def entries(who: Viewer) -> Sequence[Page]:
    """List the pages that a viewer finds in the menu."""
    return [page for page in PAGES if page.icon and page.needs in who.may]
