"""How do the systems stand that are read while they run?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from dialgauge.lake import Lake
from dialgauge.server.api.shapes import SourcesShape
from dialgauge.server.needs import SiteHere, needs
from dialgauge.server.viewer import May
from dialgauge.syncing.feeds import statuses

router = APIRouter(tags=["Data"], dependencies=[Depends(needs(May.HEALTH))])


@router.get("/sources", summary="How the sources stand", response_model=SourcesShape)
def sources(here: SiteHere) -> Any:
    """Tell when each system was read, what came of it, and how far behind it is.

    The same as `dialgauge sync --status --format json` prints.
    """
    now = dt.datetime.now(dt.UTC)
    found = statuses(Lake.open(str(here.config.lake)), here.config.sources)
    return JSONResponse({"sources": [status.as_json(now) for status in found]})
