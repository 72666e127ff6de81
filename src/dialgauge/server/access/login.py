"""How do people log in and out?"""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from dialgauge.errors import UnknownNameError
from dialgauge.server.access.cookies import SESSION, forget, keep
from dialgauge.server.access.people import local
from dialgauge.server.needs import SiteHere, viewer
from dialgauge.server.pages.shell import shell
from dialgauge.server.site import Site
from dialgauge.server.trail import address_of, audit
from dialgauge.server.viewer import AT_HOME
from dialgauge.store import Store
from dialgauge.store.users import User

router = APIRouter()

_FREE_PER_NAME = 5
_FREE_PER_ADDRESS = 30  # an office comes from one


@router.get("/login")
def show(request: Request, here: SiteHere, next: str = "/") -> Response:  # noqa: A002 - in addresses
    """Show where to log in; whoever is known goes on."""
    who = viewer(request)
    if who.user_id is not None or who is AT_HOME:
        return RedirectResponse(local(next), status_code=303)
    return _page(request, here, next)


@router.post("/login")
def enter(
    request: Request,
    here: SiteHere,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - in addresses
) -> Response:
    """Let someone in who knows their password."""
    keys = ((f"address {address_of(request)}", _FREE_PER_ADDRESS), (_key(name), _FREE_PER_NAME))
    for key, free in keys:
        wait = here.store.attempts.take(key, free)
        if wait:
            seconds = math.ceil(wait.total_seconds())
            return _page(
                request, here, next, 429, {"Retry-After": str(seconds)}, name=name, wait=seconds
            )
    user = here.store.users.verify(name, password)
    if user is None:
        audit(request, "login_failed", who=_known(here.store, name))
        return _page(request, here, next, 403, name=name, wrong=True)
    here.store.attempts.clear(_key(name))
    here.store.attempts.give_back(keys[0][0])
    return let_in(request, here, user, next)


@router.post("/logout")
def leave(request: Request, here: SiteHere) -> Response:
    """Log out: the secret opens nothing any more, wherever it was copied to."""
    secret = request.cookies.get(SESSION, "")
    if secret:
        audit(request, "logout")
        here.store.sessions.close(secret)
    response = RedirectResponse("/login", status_code=303)
    forget(response, SESSION, secure=here.secure)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def let_in(request: Request, here: Site, user: User, onward: str) -> Response:
    """Log someone in with a secret of their own, whatever the browser showed before.

    Args:
        request: What was sent.
        here: The server.
        user: Who has shown who they are.
        onward: Where they wanted to go.
    """
    before = request.cookies.get(SESSION, "")
    if before:
        here.store.sessions.close(before)
    response = RedirectResponse(local(onward), status_code=303)
    keep(response, SESSION, here.store.sessions.open(user.id), secure=here.secure)
    audit(request, "login", who=user.name)
    return response


def refused(request: Request, here: Site, reason: str, status: int = 403) -> Response:
    """Show the log-in page with why the log-in service's word was not enough.

    Args:
        request: What was sent.
        here: The server.
        reason: A key of `[access]` in the language files.
        status: The HTTP status.
    """
    return _page(request, here, "/", status, reason=reason)


def _page(
    request: Request,
    here: Site,
    onward: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **told: Any,
) -> Response:
    values = {"name": "", "wrong": False, "wait": 0, "reason": ""} | told
    response = shell(request).render(
        "access/login.html",
        status,
        onward=local(onward),
        service=None if here.oidc is None else here.oidc.label or here.oidc.issuer,
        **values,
    )
    response.headers.update(headers or {})
    return response


def _key(name: str) -> str:
    return f"name {name.strip().casefold()}"


def _known(store: Store, name: str) -> str:
    """Name a user who exists: what is typed into the wrong field may be a password."""
    try:
        return store.users.by_name(name).name
    except UnknownNameError:
        return "?"
