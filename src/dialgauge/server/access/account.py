"""How do people change their own password?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from dialgauge.errors import UsageError
from dialgauge.server.access.cookies import SESSION, keep
from dialgauge.server.access.people import MyselfHere
from dialgauge.server.needs import SiteHere
from dialgauge.server.pages.shell import shell
from dialgauge.server.trail import audit

router = APIRouter()

_FREE = 5


class Passwords(BaseModel):
    """What is typed to change a password.

    Attributes:
        old: The present one.
        new: The new one.
        again: The new one, so that nobody locks themselves out by a slip.
    """

    old: str = ""
    new: str = ""
    again: str = ""


@router.get("/account")
def show(request: Request, me: MyselfHere) -> Response:
    """Show what one is here."""
    return shell(request).render("access/account.html", me=me, told="", said="")


@router.post("/account/password")
def change(
    request: Request,
    here: SiteHere,
    me: MyselfHere,
    typed: Annotated[Passwords, Form()],
) -> Response:
    """Change one's password; other browsers are logged out."""
    frame, attempts = shell(request), here.store.attempts
    key = f"password {me.id}"
    if attempts.take(key, _FREE):
        return frame.render("access/account.html", 429, me=me, told="slow", said="")
    if here.store.users.verify(me.name, typed.old) is None:
        return frame.render("access/account.html", 400, me=me, told="wrong_old", said="")
    if typed.new != typed.again:
        return frame.render("access/account.html", 400, me=me, told="not_again", said="")
    try:
        here.store.users.set_password(me.id, typed.new)
    except UsageError as error:
        return frame.render("access/account.html", 400, me=me, told="", said=str(error))
    attempts.clear(key)
    audit(request, "password")
    response = frame.render("access/account.html", me=me, told="changed", said="")
    secret = here.store.sessions.open(me.id)
    keep(response, SESSION, secret, secure=here.secure)
    return response
