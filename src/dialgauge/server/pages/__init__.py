"""Which pages can be opened?

One file a page; each is a list of panels and stands in `menu`. Every page has a twin: the same
path with `.json` returns what it shows.
"""

from __future__ import annotations

from fastapi import FastAPI

from dialgauge.server.pages import checking, full_screen, routes


def install(app: FastAPI) -> None:
    """Serve every page and its twin, and the forms where people decide and keep something."""
    from dialgauge.server.pages import settings  # noqa: PLC0415 - it needs the door, which needs us

    routes.install(app)
    settings.install(app)
    for part in (checking, full_screen):
        app.include_router(part.router, include_in_schema=False)
