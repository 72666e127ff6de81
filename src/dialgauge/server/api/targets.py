"""Will we get where we want to?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from dialgauge.asking import moment
from dialgauge.model.target import targets_json
from dialgauge.server.api.query import AsOf, Timezone, need_text, zone_of
from dialgauge.server.api.shapes import TargetShape
from dialgauge.server.needs import GaugeHere, SiteHere, needs
from dialgauge.server.panels.marks import within
from dialgauge.server.viewer import May

router = APIRouter(tags=["Reasons"], dependencies=[Depends(needs(May.ASK))])


@router.get("/targets", summary="Tell how each target stands", response_model=list[TargetShape])
def targets(gauge: GaugeHere, here: SiteHere, as_of: AsOf = None, timezone: Timezone = None) -> Any:
    """Tell how each target stands and whether the pace will do, as `dialgauge targets` does."""
    need_text([as_of], "as_of")
    found = gauge.targets(moment(as_of or None), zone_of(timezone, here))
    # What others shall reach would tell of them, as on the page.
    return JSONResponse(targets_json([t for t in found if within(t.target.scope, gauge.guard)]))
