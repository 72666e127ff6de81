"""How do owners add people and say what they see?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from dialgauge.errors import UsageError
from dialgauge.server.access.people import in_person
from dialgauge.server.needs import GaugeHere, SiteHere, needs
from dialgauge.server.pages.shell import shell
from dialgauge.server.site import Site
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May
from dialgauge.store.secrets import make_password
from dialgauge.store.users import ROLES, User, need_a_way

router = APIRouter(dependencies=[Depends(needs(May.ADMINISTER)), Depends(in_person)])


class Person(BaseModel):
    """What is said of someone in a form.

    Attributes:
        name: What they will type.
        role: What they are.
        teams: The teams of a team lead.
        agent: Whose rows an agent sees.
        email: How the log-in service knows them.
        way: How they log in: password or service.
    """

    name: str = ""
    role: str = ""
    teams: list[str] = []
    agent: str = ""
    email: str = ""
    way: str = "password"

    @property
    def seen(self) -> dict[str, Any]:
        """What they see; of an agent's rows nothing is left when they become something else."""
        agent = self.agent if self.role == "agent" else ""
        return {"teams": tuple(self.teams), "agent": agent, "email": self.email}


PersonForm = Annotated[Person, Form()]


@router.get("/users")
def show(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
    """List everybody, with a form to add one."""
    return _page(request, here, gauge)


@router.get("/users.json")
def told(here: SiteHere) -> Response:
    """Tell the same as JSON."""
    users = [user.as_json() for user in here.store.users.list()]
    return JSONResponse({"page": "users", "users": users})


@router.post("/users")
def add(request: Request, here: SiteHere, gauge: GaugeHere, of: PersonForm) -> Response:
    """Add someone; their first password is shown, this once."""
    password = None if of.way == "service" else make_password()
    try:
        need_a_way(password, of.email)
        user = here.store.users.add(of.name, of.role, password=password, **of.seen)
    except UsageError as error:
        return _page(request, here, gauge, 400, said=str(error))
    audit(request, "user", _told(user))
    return _page(request, here, gauge, secret=password or "", whose=user.name)


@router.get("/users/{user_id}")
def edit(request: Request, here: SiteHere, gauge: GaugeHere, user_id: int) -> Response:
    """Show one person, with forms to change what they are."""
    return _one(request, here, gauge, _need(here, user_id))


@router.post("/users/{user_id}")
def change(
    request: Request, here: SiteHere, gauge: GaugeHere, user_id: int, of: PersonForm
) -> Response:
    """Say anew what someone is and sees."""
    try:
        user = here.store.users.change(user_id, role=of.role, **of.seen)
    except UsageError as error:
        return _one(request, here, gauge, _need(here, user_id), 400, said=str(error))
    audit(request, "user_changed", _told(user))
    return RedirectResponse("/users", status_code=303)


@router.post("/users/{user_id}/password")
def reset(request: Request, here: SiteHere, gauge: GaugeHere, user_id: int) -> Response:
    """Give someone a new password, shown this once; they are logged out everywhere."""
    user, password = _need(here, user_id), make_password()
    here.store.users.set_password(user_id, password)
    audit(request, "user_password", user.name)
    return _one(request, here, gauge, _need(here, user_id), secret=password)


@router.post("/users/{user_id}/disable")
def disable(request: Request, here: SiteHere, gauge: GaugeHere, user_id: int) -> Response:
    """Keep someone out, at once."""
    try:
        user = here.store.users.disable(user_id)
    except UsageError as error:
        return _one(request, here, gauge, _need(here, user_id), 400, said=str(error))
    audit(request, "user_disabled", user.name)
    return RedirectResponse("/users", status_code=303)


@router.post("/users/{user_id}/enable")
def enable(request: Request, here: SiteHere, user_id: int) -> Response:
    """Let someone in again."""
    user = here.store.users.enable(user_id)
    audit(request, "user_enabled", user.name)
    return RedirectResponse("/users", status_code=303)


def _page(  # noqa: PLR0913, PLR0917 - what the page tells
    request: Request,
    here: Site,
    gauge: GaugeHere,
    status: int = 200,
    said: str = "",
    secret: str = "",
    whose: str = "",
) -> Response:
    return shell(request).render(
        "access/users.html",
        status,
        users=here.store.users.list(),
        user=None,
        said=said,
        secret=secret,
        whose=whose,
        service=here.oidc is not None,
        **_choices(request, here, gauge),
    )


def _one(  # noqa: PLR0913, PLR0917 - what the page tells
    request: Request,
    here: Site,
    gauge: GaugeHere,
    user: User,
    status: int = 200,
    said: str = "",
    secret: str = "",
) -> Response:
    return shell(request).render(
        "access/user.html",
        status,
        user=user,
        said=said,
        secret=secret,
        whose=user.name,
        service=here.oidc is not None,
        **_choices(request, here, gauge),
    )


def _choices(request: Request, here: Site, gauge: GaugeHere) -> Mapping[str, Any]:
    """List the teams and agents of the lake, and the roles."""
    known = request.app.state.choices.of(gauge, here.config.timezone)
    names = known.names.get("agent", {})
    agents = [(agent, names.get(agent, agent)) for agent in known.groups.get("agent", ())]
    return {"roles": ROLES, "teams": known.groups.get("team", ()), "agents": agents}


def _need(here: Site, user_id: int) -> User:
    user = here.store.users.by_id(user_id)
    if user is None:
        raise UsageError(f"there is no user with the number {user_id}; look under Users")
    return user


def _told(user: User) -> str:
    rows = ", ".join(user.teams) if user.role != "agent" else user.agent
    return f"{user.name}: {user.role}" + (f" ({rows})" if rows else "")
