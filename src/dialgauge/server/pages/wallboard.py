"""What shall everybody in the room see?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.tiles import Crew, Tiles

_CREW = ("dials", "contacts", "contact_rate", "conversions")

PAGE = Page(
    name="wallboard",
    path="/wallboard",
    icon="M3 5h18v11H3zM12 16v4m-4 0h8",
    panels=always(
        Tiles(
            kpis=(
                "dials",
                "contacts",
                "contact_rate",
                "conversions",
                "contact_conversion_rate",
                "avg_handle_time",
                "drop_rate",
                "service_level_20s",
            )
        ),
        Crew(by="team", kpis=_CREW, name="teams"),
        Crew(by="agent", kpis=_CREW, name="agents"),
    ),
)
"""Served by `full_screen`: it has neither menu nor filters."""
