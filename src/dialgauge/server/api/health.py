"""Does the server live, and can it answer?

For whoever watches over it; nobody needs to log in, so nothing is told but that.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse

from dialgauge.errors import DialgaugeError
from dialgauge.lake import Lake
from dialgauge.server.api.problems import problems
from dialgauge.server.api.shapes import AliveShape, ReadyShape
from dialgauge.server.needs import SiteHere

router = APIRouter(tags=["Health"])


@router.get("/healthz", summary="Does the process live?", response_model=AliveShape)
def healthz() -> Any:
    """Answer as long as the process can."""
    return JSONResponse({"status": "alive"})


@router.get(
    "/readyz",
    summary="Can questions be answered?",
    response_model=ReadyShape,
    responses=problems(503),
)
def readyz(here: SiteHere) -> Any:
    """Look whether the lake can be read and the application database answers."""
    try:
        version = Lake.open(str(here.config.lake)).snapshot().version
    except (DialgaugeError, OSError):
        raise HTTPException(
            503, "the lake cannot be read; look at its folder, and run: dialgauge check"
        ) from None
    try:
        here.store.decisions()
    except DialgaugeError:
        raise HTTPException(
            503, "the application database does not answer; look at DIALGAUGE_DATABASE_URL"
        ) from None
    return JSONResponse({"status": "ready", "version": version})
