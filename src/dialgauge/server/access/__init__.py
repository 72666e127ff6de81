"""Who is it, and may they come in?

Each request passes, from outside in: headers that tell browsers to be strict (`headers`), the name
under which the server is called (`hosts`), and the door that finds out who it is and refuses what
another page has forged (`door`). The pages here let people log in and owners add users.
"""

from __future__ import annotations

from fastapi import FastAPI

from dialgauge.server.access import account, audit_page, login, oidc, tokens, users
from dialgauge.server.access.door import Door
from dialgauge.server.access.headers import Headers
from dialgauge.server.access.hosts import Hosts
from dialgauge.server.site import Site


def install(app: FastAPI, site: Site) -> None:
    """Let nobody in who may not, and offer the pages for it.

    Args:
        app: The application; its routes may trust `request.state.viewer`.
        site: What the server knows.
    """
    app.add_middleware(Door, site=site)
    app.add_middleware(Hosts, site=site)
    app.add_middleware(Headers, site=site)
    for part in (login, account, tokens, users, audit_page):
        app.include_router(part.router, include_in_schema=False)
    if site.oidc is not None:
        app.include_router(oidc.router(site.oidc), include_in_schema=False)
