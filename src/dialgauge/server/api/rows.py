"""What is behind a number?"""

from __future__ import annotations

import io
from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BeforeValidator

from dialgauge.gauge import Gauge
from dialgauge.model.question import Question
from dialgauge.model.wire import plain_records
from dialgauge.server.api.posted import BODY, PostedQuestion
from dialgauge.server.api.problems import problems
from dialgauge.server.api.query import Limit, asked_rows, blank, most
from dialgauge.server.api.shapes import Cell
from dialgauge.server.masking import for_viewer, need_no_tokens
from dialgauge.server.needs import GaugeHere, needs, viewer
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May

router = APIRouter(tags=["Numbers"], dependencies=[Depends(needs(May.ROWS))])

ARROW = "application/vnd.apache.arrow.stream"


Format = Annotated[
    Literal["json", "arrow"] | None,
    BeforeValidator(blank),
    Query(description="json for records, arrow for an Arrow stream with all types."),
]
_ARROW_TOO: dict[int | str, dict[str, Any]] = {
    200: {"content": {ARROW: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/rows",
    summary="List the rows behind a KPI",
    response_model=list[dict[str, Cell]],
    responses=_ARROW_TOO,
)
def rows(
    request: Request,
    gauge: GaugeHere,
    question: Annotated[Question, Depends(asked_rows)],
    limit: Limit = None,
    format: Format = None,
) -> Any:
    """List the calls, leads or intervals a KPI counts, the earliest first.

    The answer is what `dialgauge rows --format json` prints. Phone tokens are masked for who may
    not see them.
    """
    return _listed(request, gauge, question, limit, format)


@router.post(
    "/rows",
    summary="List the rows behind a KPI, the question as JSON",
    response_model=list[dict[str, Cell]],
    responses={**_ARROW_TOO, **problems(413)},
    openapi_extra=BODY,
)
def rows_with_body(
    request: Request,
    gauge: GaugeHere,
    question: PostedQuestion,
    limit: Limit = None,
    format: Format = None,
) -> Any:
    """List the rows behind the first KPI of a question."""
    return _listed(request, gauge, question, limit, format)


def _listed(
    request: Request, gauge: Gauge, question: Question, limit: int | None, format: str | None
) -> Response:
    who = viewer(request)
    need_no_tokens(question, who)
    found = for_viewer(gauge.rows(question, most(limit, 100)), who)
    audit(request, "rows", " and ".join((question.kpis[0], *question.where)))
    if format == "arrow":
        return Response(_stream(found), media_type=ARROW)
    return JSONResponse(plain_records(found.to_pylist()))


def _stream(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()
