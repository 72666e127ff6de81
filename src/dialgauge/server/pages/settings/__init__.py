"""What do people decide and keep in the dashboard?

Targets, segments, notes on days and kept views: forms that say what is wrong and keep what was
typed; every change asks for the page's token and leaves a line in the audit trail.
"""

from __future__ import annotations

from fastapi import FastAPI

from dialgauge.server.pages.settings import notes, segments, targets, views


def install(app: FastAPI) -> None:
    """Serve the forms."""
    for part in (targets, segments, notes, views):
        app.include_router(part.router, include_in_schema=False)
