"""What is in the lake, and what is wrong with it?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse

from dialgauge.checks import finding_json
from dialgauge.checkup import look, need_all_rows
from dialgauge.contents import contents
from dialgauge.lang import texts
from dialgauge.model.wire import plain_records
from dialgauge.server.api.query import Language, Limit, most
from dialgauge.server.api.shapes import CheckShape, ChecksShape
from dialgauge.server.masking import for_viewer, masked_record
from dialgauge.server.needs import GaugeHere, ViewerHere, needs
from dialgauge.server.viewer import May
from dialgauge.telling import said_in

router = APIRouter(tags=["Data"], dependencies=[Depends(needs(May.HEALTH))])


@router.get("/checks", summary="Check the data", response_model=ChecksShape)
def checks(
    gauge: GaugeHere,
    who: ViewerHere,
    lang: Language = None,
    limit: Limit = None,
) -> Any:
    """Tell what is in the lake, which rows were refused, and what is wrong with the others.

    Looks at all rows, as `dialgauge check --format json` does; with a limit, so many refused rows
    are shown.
    """
    said = texts(lang or "en")
    findings = gauge.check()
    found = contents(gauge.lake, most(limit, 0))
    if May.PHONES not in who.may:
        found["rows"] = [masked_record(row) for row in found["rows"]]
    found["findings"] = [finding_json(said_in(each, said)) for each in findings]
    return JSONResponse(found)


@router.get("/checks/{name}", summary="Run one check", response_model=CheckShape)
def check(
    gauge: GaugeHere,
    who: ViewerHere,
    name: Annotated[str, Path(description="The check.", examples=["calls_overlapping"])],
    lang: Language = None,
    limit: Limit = None,
) -> Any:
    """Tell what one check finds, and the rows it finds."""
    said = texts(lang or "en")
    need_all_rows(gauge.guard)
    found, behind = look(gauge.lake, gauge.words, gauge.clock(), name, most(limit, 20))
    finding = None if found is None else finding_json(said_in(found, said))
    shown = for_viewer(behind, who)
    return JSONResponse({"finding": finding, "rows": plain_records(shown.to_pylist())})
