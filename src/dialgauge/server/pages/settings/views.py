"""How do people keep what they look at, and share it?"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from dialgauge.errors import UsageError
from dialgauge.server.forbidden import ForbiddenError
from dialgauge.server.needs import SiteHere, ViewerHere, needs
from dialgauge.server.pages import menu
from dialgauge.server.pages.page import Page
from dialgauge.server.pages.settings.frame import TABS, back, form
from dialgauge.server.pages.shell import shell
from dialgauge.server.site import Site
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May, Viewer
from dialgauge.store.views import Shared, View

router = APIRouter(dependencies=[Depends(needs(May.KEEP))])

_PART = re.compile(r"\\\{\w+\\\}")


class ViewForm(BaseModel):
    """What was typed of a view.

    Attributes:
        name: Its name.
        page: The page's path.
        query: What stands behind the question mark.
        shared: me, team or all.
    """

    name: str = ""
    page: str = ""
    query: str = ""
    shared: str = "me"


@router.get("/settings")
def begin(who: ViewerHere) -> Response:
    """Begin with the first form that someone may open."""
    return back(next(address for _, address, what in TABS if what in who.may))


@router.get("/views")
def show(request: Request, here: SiteHere, who: ViewerHere) -> Response:
    """List what someone kept and what others share with them."""
    return _page(request, here, who)


@router.get("/views.json")
def told(here: SiteHere, who: ViewerHere) -> Response:
    """Tell the same as JSON."""
    return JSONResponse({"page": "views", "views": [_json(each) for each in seen(here, who)]})


@router.post("/views")
def keep(
    request: Request, here: SiteHere, who: ViewerHere, of: Annotated[ViewForm, Form()]
) -> Response:
    """Keep a page under a name; one of one's own with this name is replaced."""
    try:
        shared = _shared(of.shared, who)
        page_of(of.page, who)
        view = here.store.views.keep(who.user_id, of.name, of.page, of.query, shared)
    except UsageError as error:
        return _page(request, here, who, of, 400, str(error))
    audit(request, "view", f"{view.name}: {address(view)} ({view.shared.value})")
    return back(address(view))


@router.post("/views/{number}/remove")
def remove(request: Request, here: SiteHere, who: ViewerHere, number: int) -> Response:
    """Give up a view of one's own."""
    view = here.store.views.remove(number, who.user_id)
    audit(request, "view_removed", view.name)
    return back("/views")


@router.post("/views/first")
def put_first(
    request: Request,
    here: SiteHere,
    who: ViewerHere,
    number: Annotated[int, Form()] = 0,
    whose: Annotated[str, Form()] = "me",
) -> Response:
    """Say which view opens first, for oneself or for everybody who has not chosen; 0 for none."""
    if whose == "all" and May.DECIDE not in who.may:
        raise ForbiddenError(May.DECIDE, who)
    found = {view.id: view for view in seen(here, who)}
    if number and number not in found:
        raise UsageError(f"there is no view with the number {number} that you see")
    here.store.views.put_first(number or None, who.user_id, for_all=whose == "all")
    name = found[number].name if number else "-"
    audit(request, "view_first", f"{name} ({whose})")
    return back("/views")


def seen(here: Site, who: Viewer) -> tuple[View, ...]:
    """List the views that someone sees and may open."""
    found = here.store.views.list(who.user_id, who.teams)
    return tuple(view for view in found if _open(view.page, who))


def address(view: View) -> str:
    """Give where a view leads."""
    return f"{view.page}?{view.query}" if view.query else view.page


def page_of(path: str, who: Viewer) -> Page:
    """Find the page that has a path.

    Raises:
        UsageError: There is none that someone may open.
    """
    for page in menu.PAGES:
        pattern = _PART.sub("[^/]+", re.escape(page.path))
        if re.fullmatch(pattern, path) and page.needs in who.may:
            return page
    raise UsageError(f"'{path}' is not a page that can be kept; open it and keep it from there")


def choices(who: Viewer) -> list[Shared]:
    """List with whom someone may share: who sees only some teams shares with those."""
    if who.user_id is None:
        return [Shared.ME]
    found = [Shared.ME, *([Shared.TEAM] if who.teams else [])]
    # The address of a view names what it is about; those without row rules may tell it to all.
    return found if who.guard else [*found, Shared.ALL]


def _open(path: str, who: Viewer) -> bool:
    try:
        page_of(path, who)
    except UsageError:
        return False
    return True


def _shared(text: str, who: Viewer) -> Shared:
    allowed = {each.value: each for each in choices(who)}
    if text not in allowed:
        raise UsageError(f"a view can be for {' or '.join(allowed)}, not for '{text}'")
    return allowed[text]


def _page(  # noqa: PLR0913, PLR0917 - what the page tells
    request: Request,
    here: Site,
    who: Viewer,
    typed: ViewForm | None = None,
    status: int = 200,
    said: str = "",
) -> Response:
    say = shell(request).say
    views = [
        (view, say.t(f"page.{page_of(view.page, who).name}"), address(view))
        for view in seen(here, who)
    ]
    first = here.store.views.first(who.user_id, who.teams)
    return form(
        request,
        "views",
        status,
        said,
        typed=typed,
        views=views,
        first=first.id if first else 0,
        sharing=[each.value for each in choices(who)],
    )


def _json(view: View) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "by": view.by,
        "address": address(view),
        "shared": view.shared.value,
    }
