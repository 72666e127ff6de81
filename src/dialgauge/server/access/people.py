"""What do the pages for people and their keys need from a request?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from dialgauge.errors import UsageError
from dialgauge.server.access.door import By
from dialgauge.server.forbidden import ForbiddenError
from dialgauge.server.needs import site, viewer
from dialgauge.server.viewer import May
from dialgauge.store.users import User


def myself(request: Request) -> User:
    """Give the user who is logged in.

    Raises:
        ForbiddenError: A program asks; it may not make keys or change passwords.
        UsageError: Nobody logs in here.
    """
    who = viewer(request)
    if who.user_id is None:
        raise UsageError(
            "nobody logs in on this server yet, so there is no account; add the first user under "
            "Users, or with: dialgauge users add NAME --role owner"
        )
    found = site(request).store.users.by_id(who.user_id)
    if found is None or request.state.by is not By.SESSION:
        raise ForbiddenError(May.ADMINISTER, who)
    return found


def in_person(request: Request) -> None:
    """Refuse programs: what a stolen token could do here would outlive it."""
    if request.state.by is By.TOKEN:
        raise ForbiddenError(May.ADMINISTER, viewer(request))


MyselfHere = Annotated[User, Depends(myself)]


def local(address: str) -> str:
    r"""Give an address when it leads to a page of this server, else the first page.

    Example:
        >>> local("/agents?team=Alder"), local("//evil.example"), local("/\\evil.example")
        ('/agents?team=Alder', '/', '/')
    """
    parts = urlsplit(address)
    plain = address.isprintable() and "\\" not in address
    inside = address.startswith("/") and not address.startswith("//")
    out = parts.path in ("/login", "/logout") or parts.path.startswith(("/oidc/", "/api/"))
    if not plain or not inside or out or parts.scheme or parts.netloc:
        return "/"
    return address
