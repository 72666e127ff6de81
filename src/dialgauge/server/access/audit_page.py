"""How do owners read who did what?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from dialgauge.lang import Texts
from dialgauge.server.access.people import in_person
from dialgauge.server.needs import SiteHere, needs
from dialgauge.server.pages.shell import shell
from dialgauge.server.viewer import May

router = APIRouter(dependencies=[Depends(needs(May.ADMINISTER)), Depends(in_person)])

_MOST = 100
Before = Annotated[int | None, Query(ge=1)]


@router.get("/audit")
def show(request: Request, here: SiteHere, before: Before = None) -> Response:
    """List what was done, the newest first."""
    found = here.store.audit.list(_MOST + 1, before)
    older = found[_MOST - 1].id if len(found) > _MOST else None
    frame = shell(request)
    return frame.render(
        "access/audit.html",
        entries=found[:_MOST],
        older=older,
        deeds=_deeds(frame.say.texts),
    )


@router.get("/audit.json")
def told(here: SiteHere, before: Before = None) -> Response:
    """Tell the same as JSON."""
    return JSONResponse(
        {
            "page": "audit",
            "entries": [
                {
                    "id": each.id,
                    "at": each.at.isoformat(),
                    "who": each.who,
                    "what": each.what,
                    "detail": each.detail,
                    "address": each.address,
                }
                for each in here.store.audit.list(_MOST, before)
            ],
        }
    )


def _deeds(said: Texts) -> dict[str, str]:
    """Name the deeds: what a newer version has written keeps its key."""
    start = "deed."
    return {key[len(start) :]: text for key, text in said.words.items() if key.startswith(start)}
