"""Which pages can be opened?

One file a page; each is a list of panels and stands in `menu`. Every page has a twin: the same
path with `.json` returns what it shows.
"""

from __future__ import annotations

from fastapi import FastAPI

from dialgauge.server.pages import routes


def install(app: FastAPI) -> None:
    """Serve every page and its twin."""
    routes.install(app)
