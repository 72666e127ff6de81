"""Do the customers of each month stay?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from dialgauge.asking import day, moment
from dialgauge.model.cohort import STAYED, CohortQuestion, cohorts_json
from dialgauge.model.question import Period
from dialgauge.server.api.query import AsOf, From, To, Where, filled, need_text
from dialgauge.server.api.shapes import CohortsShape
from dialgauge.server.masking import need_none_in
from dialgauge.server.needs import GaugeHere, ViewerHere, needs
from dialgauge.server.viewer import May

router = APIRouter(tags=["Reasons"], dependencies=[Depends(needs(May.ASK))])


@router.get("/cohorts", summary="Follow the customers of each month", response_model=CohortsShape)
def cohorts(  # noqa: PLR0913, PLR0917 - each is one word of the question
    gauge: GaugeHere,
    who: ViewerHere,
    kpi: Annotated[
        str,
        Query(
            description="active_customers, for the share that stays; revenue or orders, a "
            "customer to date.",
            examples=[STAYED],
        ),
    ] = STAYED,
    where: Where = [],  # noqa: B006 - FastAPI gives each request its own
    start: From = None,
    end: To = None,
    as_of: AsOf = None,
) -> Any:
    """Tell how many customers of each month stay or what they bring.

    The answer is what `dialgauge cohorts --format json` prints.
    """
    need_text([kpi, start, end, as_of], "the question")
    need_text(where, "where")
    if May.PHONES not in who.may:
        need_none_in(where)
    found = gauge.cohorts(
        CohortQuestion(
            kpi=kpi or STAYED,
            where=filled(where),
            period=Period(day(start or None, "--from"), day(end or None, "--to")),
            as_of=moment(as_of or None),
        )
    )
    return JSONResponse(cohorts_json(found))
