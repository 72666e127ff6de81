"""What are the numbers?"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialgauge.asking import Words
from dialgauge.errors import UsageError
from dialgauge.model.question import Question
from dialgauge.model.wire import answer_json
from dialgauge.server.api.problems import problems
from dialgauge.server.api.query import asked, filled, read, readable
from dialgauge.server.api.receiving import receive
from dialgauge.server.api.shapes import AnswerShape
from dialgauge.server.masking import need_no_tokens
from dialgauge.server.needs import GaugeHere, SiteHere, ViewerHere, needs
from dialgauge.server.site import Site
from dialgauge.server.viewer import May

router = APIRouter(tags=["Numbers"], dependencies=[Depends(needs(May.ASK))])

MOST_BYTES = 1_000_000
"""So long a question may be."""


class QuestionBody(BaseModel):
    """A question; what is left out is not asked."""

    model_config = ConfigDict(extra="forbid", strict=True, title="Question")

    kpis: list[str] = Field(min_length=1, examples=[["dials", "contact_rate"]])
    by: list[str] = Field([], examples=[["campaign"]])
    where: list[str] = Field([], examples=[["line_type = 'mobile'"]])
    from_: str | None = Field(None, alias="from", examples=["2026-01-01"])
    to: str | None = Field(None, examples=["2026-04-01"])
    grain: str | None = Field(None, examples=["month"])
    timezone: str | None = Field(None, examples=["Europe/Berlin"])
    versus: str | None = Field(None, examples=["previous"])
    week_starts: int | None = Field(None, ge=1, le=7)
    as_of: str | None = None
    totals: bool = True


async def asked_in_body(request: Request, here: SiteHere) -> Question:
    """Read a question from a JSON body.

    Raises:
        UsageError: It cannot be read.
    """
    body = await receive(request, MOST_BYTES)
    return question_of(body, here)


def question_of(body: bytes, here: Site) -> Question:
    """Read a question as `question_json` writes it.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        told = QuestionBody.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(readable(str(part)) for part in first["loc"]) or "the question"
        raise UsageError(f"{where}: {first['msg']}; see /api for what a question has") from None
    except (ValueError, RecursionError):
        raise UsageError(
            'the body is not JSON in UTF-8; send a question such as {"kpis": ["dials"]}'
        ) from None
    return read(
        Words(
            kpis=told.kpis,
            by=told.by,
            where=filled(told.where),
            start=told.from_,
            end=told.to,
            grain=told.grain,
            timezone=told.timezone or here.config.timezone,
            versus=told.versus,
            week_starts=told.week_starts or here.config.week_starts,
            as_of=told.as_of,
            totals=told.totals,
        )
    )


@router.get("/ask", summary="Ask KPIs", response_model=AnswerShape)
def ask(gauge: GaugeHere, who: ViewerHere, question: Annotated[Question, Depends(asked)]) -> Any:
    """Answer as `dialgauge ask --format json` does for the same words.

    Every number has its numerator, denominator and 95 % interval; notes must be read with them.
    """
    need_no_tokens(question, who)
    return JSONResponse(answer_json(gauge.ask(question)))


@router.post(
    "/ask",
    summary="Ask KPIs, the question as JSON",
    response_model=AnswerShape,
    responses=problems(413),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": QuestionBody.model_json_schema()}},
        }
    },
)
def ask_with_body(
    gauge: GaugeHere, who: ViewerHere, question: Annotated[Question, Depends(asked_in_body)]
) -> Any:
    """Answer a question that is written as answers repeat it."""
    need_no_tokens(question, who)
    return JSONResponse(answer_json(gauge.ask(question)))
