"""What can be asked, and what does it mean?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse

from dialgauge.server.api.query import Language
from dialgauge.server.api.shapes import DimensionShape, KpiShape
from dialgauge.server.needs import GaugeHere, needs
from dialgauge.server.viewer import May
from dialgauge.telling import describe, list_dimensions

router = APIRouter(tags=["What can be asked"], dependencies=[Depends(needs(May.ASK))])


@router.get("/kpis", summary="List the KPIs", response_model=list[KpiShape])
def list_kpis(gauge: GaugeHere, lang: Language = None) -> Any:
    """List all KPIs with what is said of them in a language, as `dialgauge kpis` does."""
    words = gauge.words
    return JSONResponse([describe(kpi, words, lang or "en") for kpi in words.kpis.values()])


@router.get("/kpis/{name}", summary="Explain a KPI", response_model=KpiShape)
def explain_kpi(
    gauge: GaugeHere,
    name: Annotated[str, Path(description="Its name.", examples=["contact_rate"])],
    lang: Language = None,
) -> Any:
    """Tell what a KPI counts, what it does not say, and by what it can be split."""
    words = gauge.words
    return JSONResponse(describe(words.kpi(name), words, lang or "en"))


@router.get("/dimensions", summary="List the dimensions", response_model=list[DimensionShape])
def dimensions(gauge: GaugeHere, lang: Language = None) -> Any:
    """List by what numbers can be split and filtered, segments of your own as well."""
    return JSONResponse(list_dimensions(gauge.words, lang or "en"))
