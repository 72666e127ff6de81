"""How do people make keys for their programs?"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from dialgauge.errors import UsageError
from dialgauge.server.access.people import MyselfHere, in_person
from dialgauge.server.needs import SiteHere, viewer
from dialgauge.server.pages.shell import shell
from dialgauge.server.site import Site
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May, Viewer
from dialgauge.store.tokens import Token
from dialgauge.store.users import User

router = APIRouter(dependencies=[Depends(in_person)])

_DAYS = (7, 30, 90, 365)


class Wish(BaseModel):
    """What a token shall be.

    Attributes:
        name: What it is for.
        scope: What it may.
        days: After how many days it ends.
    """

    name: str = ""
    scope: list[str] = []
    days: Annotated[int, Field(ge=1, le=366)] = 90


@router.get("/tokens")
def show(request: Request, here: SiteHere, me: MyselfHere) -> Response:
    """Show one's tokens; an owner sees everybody's."""
    return _page(request, here, me)


@router.get("/tokens.json")
def told(request: Request, here: SiteHere, me: MyselfHere) -> Response:
    """Tell the same as JSON."""
    found = _seen(here, me, viewer(request))
    return JSONResponse({"page": "tokens", "tokens": [_json(token) for token in found]})


@router.post("/tokens")
def make(
    request: Request,
    here: SiteHere,
    me: MyselfHere,
    wish: Annotated[Wish, Form()],
) -> Response:
    """Make a token and show its secret, this once."""
    allowed = {what.value for what in offered(viewer(request))}
    chosen = sorted(set(wish.scope))
    beyond = [what for what in chosen if what not in allowed]
    if beyond:
        raise UsageError(
            f"a token may do no more than you: not '{beyond[0]}'; allowed: "
            f"{', '.join(sorted(allowed))}"
        )
    ends_at = here.store.database.clock() + dt.timedelta(days=wish.days)
    try:
        secret = here.store.tokens.make(me.id, wish.name, chosen, ends_at)
    except UsageError as error:
        return _page(request, here, me, said=str(error))
    audit(request, "token", f"{wish.name.strip()}: {', '.join(chosen)}; {ends_at:%Y-%m-%d}")
    return _page(request, here, me, secret=secret)


@router.post("/tokens/{token_id}/revoke")
def revoke(request: Request, here: SiteHere, me: MyselfHere, token_id: int) -> Response:
    """End a token."""
    anybodys = May.ADMINISTER in viewer(request).may
    token = here.store.tokens.revoke(token_id, None if anybodys else me.id)
    audit(request, "token_ended", f"{token.user}: {token.name}")
    return RedirectResponse("/tokens", status_code=303)


def offered(who: Viewer) -> list[May]:
    """Say what a token of someone may be allowed: what they may themselves, but not users."""
    return [what for what in May if what in who.may and what is not May.ADMINISTER]


def _seen(here: Site, me: User, who: Viewer) -> tuple[Token, ...]:
    return here.store.tokens.list(None if May.ADMINISTER in who.may else me.id)


def _page(request: Request, here: Site, me: User, *, said: str = "", secret: str = "") -> Response:
    who = viewer(request)
    return shell(request).render(
        "access/tokens.html",
        400 if said else 200,
        tokens=_seen(here, me, who),
        now=here.store.database.clock(),
        scopes=[what.value for what in offered(who)],
        spans=_DAYS,
        said=said,
        secret=secret,
    )


def _json(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "user": token.user,
        "name": token.name,
        "scope": list(token.scope),
        "made_at": token.made_at.isoformat(),
        "ends_at": token.ends_at.isoformat(),
        "used_at": token.used_at.isoformat() if token.used_at else None,
    }
