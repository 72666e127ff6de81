"""What stands around every form of the settings?"""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from dialgauge.server.pages.shell import shell
from dialgauge.server.viewer import May

TABS = (
    ("targets", "/settings/targets", May.DECIDE),
    ("segments", "/settings/segments", May.DECIDE),
    ("annotations", "/settings/annotations", May.KEEP),
    ("views", "/views", May.KEEP),
)
"""Name, address and what one must be allowed, of each form."""


def form(request: Request, tab: str, status: int = 200, said: str = "", **values: Any) -> Response:
    """Show one of the forms.

    Args:
        request: What was sent.
        tab: Which of `TABS`.
        status: The HTTP status.
        said: What is wrong with what was typed.
        values: What the form shows.
    """
    frame = shell(request)
    tabs = [(name, address) for name, address, what in TABS if what in frame.who.may]
    return frame.render(f"settings/{tab}.html", status, tabs=tabs, tab=tab, said=said, **values)


def back(address: str) -> Response:
    """Send a browser on after a change, so that reloading does not repeat it."""
    return RedirectResponse(address, status_code=303)
