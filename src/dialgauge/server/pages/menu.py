"""Which pages are there, and in which order does the menu show them?"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.server.pages import (
    agents,
    campaigns,
    compliance,
    customers,
    experiments,
    explore,
    funnel,
    health,
    kpi,
    money,
    overview,
    quality,
    regions,
    rows,
    segments,
    targets,
    timing,
    wallboard,
)
from dialgauge.server.pages.page import Page, always
from dialgauge.server.viewer import May, Viewer

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    explore.PAGE,
    kpi.LIST,
    kpi.PAGE,
    rows.ROWS,
    rows.LEAD,
    rows.CUSTOMER,
    timing.PAGE,
    regions.PAGE,
    segments.PAGE,
    campaigns.PAGE,
    agents.PAGE,
    agents.ONE_PAGE,
    funnel.PAGE,
    money.PAGE,
    customers.PAGE,
    quality.PAGE,
    compliance.PAGE,
    experiments.PAGE,
    targets.PAGE,
    health.PAGE,
)
"""Every page made of panels; those with an icon stand in the menu, in this order."""

SETTINGS = Page(
    name="settings",
    path="/settings",
    icon="M4 7h10m4 0h2M4 17h2m4 0h10M16 4.5v5m-8 5v5",
    panels=always(),
    needs=May.KEEP,
)
"""Where targets, segments, notes and views are changed; forms and no panels."""


def entries(who: Viewer) -> Sequence[Page]:
    """List the pages that a viewer finds in the menu."""
    return [
        page for page in (*PAGES, wallboard.PAGE, SETTINGS) if page.icon and page.needs in who.may
    ]
