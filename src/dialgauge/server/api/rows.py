"""What is behind a number?"""

from __future__ import annotations

import io
from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from dialgauge.model.question import Question
from dialgauge.model.wire import plain_records
from dialgauge.server.api.query import Limit, asked_rows
from dialgauge.server.api.shapes import Cell
from dialgauge.server.masking import for_viewer, need_no_tokens
from dialgauge.server.needs import GaugeHere, ViewerHere, needs
from dialgauge.server.viewer import May

router = APIRouter(tags=["Numbers"], dependencies=[Depends(needs(May.ROWS))])

ARROW = "application/vnd.apache.arrow.stream"


@router.get(
    "/rows",
    summary="List the rows behind a KPI",
    response_model=list[dict[str, Cell]],
    responses={200: {"content": {ARROW: {"schema": {"type": "string", "format": "binary"}}}}},
)
def rows(
    gauge: GaugeHere,
    who: ViewerHere,
    question: Annotated[Question, Depends(asked_rows)],
    limit: Limit = 100,
    format: Annotated[
        Literal["json", "arrow"],
        Query(description="json for records, arrow for an Arrow stream with all types."),
    ] = "json",
) -> Any:
    """List the calls, leads or intervals a KPI counts, the earliest first.

    The answer is what `dialgauge rows --format json` prints. Phone tokens are masked for who may
    not see them.
    """
    need_no_tokens(question, who)
    found = for_viewer(gauge.rows(question, limit), who)
    if format == "arrow":
        return Response(_stream(found), media_type=ARROW)
    return JSONResponse(plain_records(found.to_pylist()))


def _stream(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()
