"""How is the data checked from the dashboard, and what does a check find?"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from dialgauge.checks import Finding, finding_json
from dialgauge.checkup import look, need_all_rows
from dialgauge.gauge import Gauge
from dialgauge.model.wire import plain_records
from dialgauge.server.masking import for_viewer
from dialgauge.server.needs import GaugeHere, ViewerHere, needs
from dialgauge.server.pages.shell import shell
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May, Viewer
from dialgauge.telling import said_in

router = APIRouter(dependencies=[Depends(needs(May.HEALTH))])

MOST_ROWS = 200


@router.post("/health/check")
def check(request: Request, gauge: GaugeHere) -> Response:
    """Look at every row of the newest version, and keep what is found."""
    found = gauge.check()
    audit(request, "check", f"{len(found)}")
    return RedirectResponse("/health", status_code=303)


@router.get("/health/rows/{name}.json", dependencies=[Depends(needs(May.ROWS))])
def told(gauge: GaugeHere, who: ViewerHere, name: str) -> Response:
    """Tell the rows that a check finds as JSON."""
    finding, rows = _rows(gauge, who, name)
    return JSONResponse(
        {"page": "health", "finding": finding and finding_json(finding), "rows": rows}
    )


@router.get("/health/rows/{name}", dependencies=[Depends(needs(May.ROWS))])
def show(request: Request, gauge: GaugeHere, who: ViewerHere, name: str) -> Response:
    """List the rows that a check finds."""
    finding, rows = _rows(gauge, who, name)
    frame = shell(request)
    return frame.render(
        "health_rows.html",
        said=said_in(finding, frame.say.texts).says if finding else "",
        check=name,
        rows=rows,
        most=MOST_ROWS,
    )


def _rows(gauge: Gauge, who: Viewer, name: str) -> tuple[Finding | None, list[dict[str, object]]]:
    need_all_rows(gauge.guard)
    found, behind = look(gauge.lake, gauge.words, gauge.clock(), name, MOST_ROWS)
    return found, plain_records(for_viewer(behind, who).to_pylist())
