"""What are the numbers?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from dialgauge.model.question import Question
from dialgauge.model.wire import answer_json
from dialgauge.server.api.posted import BODY, PostedQuestion
from dialgauge.server.api.problems import problems
from dialgauge.server.api.query import asked
from dialgauge.server.api.shapes import AnswerShape
from dialgauge.server.masking import need_no_tokens
from dialgauge.server.needs import GaugeHere, ViewerHere, needs
from dialgauge.server.viewer import May

router = APIRouter(tags=["Numbers"], dependencies=[Depends(needs(May.ASK))])


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
    openapi_extra=BODY,
)
def ask_with_body(gauge: GaugeHere, who: ViewerHere, question: PostedQuestion) -> Any:
    """Answer a question that is written as answers repeat it."""
    need_no_tokens(question, who)
    return JSONResponse(answer_json(gauge.ask(question)))
