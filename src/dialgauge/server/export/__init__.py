"""How does what is seen leave as a file?

The same panels, asked under the same row rules, as CSV, Excel, PNG, SVG and a PDF report. One file
a form.
"""

from __future__ import annotations

from fastapi import FastAPI

from dialgauge.server.export import routes


def install(app: FastAPI) -> None:
    """Offer every page as files."""
    routes.install(app)
