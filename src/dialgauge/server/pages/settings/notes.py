"""How do people write on a day what numbers alone do not tell?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from dialgauge.asking import day
from dialgauge.errors import UsageError
from dialgauge.server.access.people import local
from dialgauge.server.needs import SiteHere, ViewerHere, needs
from dialgauge.server.pages.settings.frame import back, form
from dialgauge.server.site import Site
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May, Viewer
from dialgauge.store.annotations import Annotation

router = APIRouter(dependencies=[Depends(needs(May.KEEP))])

_HERE = "/settings/annotations"


class NoteForm(BaseModel):
    """What was typed of a note.

    Attributes:
        day: The day.
        text: The note.
        back: The page from where it was written.
    """

    day: str = ""
    text: str = ""
    back: str = ""


@router.get(_HERE)
def show(request: Request, here: SiteHere, who: ViewerHere) -> Response:
    """List the notes, with a form to write one."""
    asked = request.query_params
    return _page(request, here, who, NoteForm(day=asked.get("day", "")))


@router.get(f"{_HERE}.json")
def told(here: SiteHere, who: ViewerHere) -> Response:
    """Tell the notes as JSON."""
    return JSONResponse({"page": "settings", "annotations": [_json(e) for e in seen(here, who)]})


@router.post(_HERE)
def write(
    request: Request, here: SiteHere, who: ViewerHere, of: Annotated[NoteForm, Form()]
) -> Response:
    """Write a note; of someone who sees only some teams it is for those."""
    try:
        at = day(of.day.strip(), "the day")
        if at is None:
            raise UsageError("say on which day, such as 2026-01-31")  # noqa: TRY301 - told in the form
        note = here.store.annotations.add(at, of.text, by=who.name, teams=who.teams)
    except UsageError as error:
        return _page(request, here, who, of, 400, str(error))
    audit(request, "annotation", f"{note.day}: {note.text}")
    return back(local(of.back) if of.back else _HERE)


@router.post(f"{_HERE}/remove")
def remove(
    request: Request, here: SiteHere, who: ViewerHere, number: Annotated[int, Form()]
) -> Response:
    """Take a note back: one's own, or anybody's for those who decide."""
    by = None if May.DECIDE in who.may else who.name
    note = here.store.annotations.remove(number, by)
    audit(request, "annotation_removed", f"{note.day}: {note.text}")
    return back(_HERE)


def seen(here: Site, who: Viewer) -> tuple[Annotation, ...]:
    """List the notes that someone reads, the newest day first."""
    return here.store.annotations.list(teams=who.teams if who.guard else None)[::-1]


def _page(  # noqa: PLR0913, PLR0917 - what the page tells
    request: Request,
    here: Site,
    who: Viewer,
    typed: NoteForm,
    status: int = 200,
    said: str = "",
) -> Response:
    notes = [(note, May.DECIDE in who.may or note.by == who.name) for note in seen(here, who)]
    return form(request, "annotations", status, said, typed=typed, notes=notes, readers=who.teams)


def _json(note: Annotation) -> dict[str, Any]:
    return {
        "id": note.id,
        "day": note.day.isoformat(),
        "text": note.text,
        "teams": list(note.teams),
        "by": note.by,
    }
