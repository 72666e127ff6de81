"""Why did a number change?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from dialgauge.gauge import Gauge
from dialgauge.lang import texts
from dialgauge.lang.why import summary
from dialgauge.model.explanation import explanation_json
from dialgauge.model.question import Question
from dialgauge.server.api.posted import BODY, PostedQuestion
from dialgauge.server.api.problems import problems
from dialgauge.server.api.query import Language, asked_why
from dialgauge.server.api.shapes import ExplanationShape
from dialgauge.server.masking import need_no_tokens
from dialgauge.server.needs import GaugeHere, ViewerHere, needs
from dialgauge.server.viewer import May, Viewer

router = APIRouter(tags=["Reasons"], dependencies=[Depends(needs(May.ASK))])


@router.get("/why", summary="Say why a KPI changed", response_model=ExplanationShape)
def why(
    gauge: GaugeHere,
    who: ViewerHere,
    question: Annotated[Question, Depends(asked_why)],
    lang: Language = None,
) -> Any:
    """Split a change into what each group did to it, as `dialgauge why --format json` does."""
    return _explained(gauge, who, question, lang)


@router.post(
    "/why",
    summary="Say why a KPI changed, the question as JSON",
    response_model=ExplanationShape,
    responses=problems(413),
    openapi_extra=BODY,
)
def why_with_body(
    gauge: GaugeHere, who: ViewerHere, question: PostedQuestion, lang: Language = None
) -> Any:
    """Split the change of a question's one KPI into what each group did to it."""
    return _explained(gauge, who, question, lang)


def _explained(gauge: Gauge, who: Viewer, question: Question, lang: str | None) -> JSONResponse:
    need_no_tokens(question, who)
    said = texts(lang or "en")
    found = gauge.why(question)
    kpi = gauge.words.kpis[found.question.kpis[0]]
    return JSONResponse({"summary": summary(found, kpi, said), **explanation_json(found)})
