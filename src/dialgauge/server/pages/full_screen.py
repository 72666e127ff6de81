"""How does the wallboard fill a screen?

A page without menu and filters that fills a screen and loads itself anew; which KPIs, which team
and how often stand in its address: `/wallboard?kpi=dials&kpi=contacts&team=Alder&refresh=30`.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from dialgauge.errors import UsageError
from dialgauge.server.needs import GaugeHere, SiteHere, needs
from dialgauge.server.pages.routes import looked, page_json
from dialgauge.server.pages.shell import shell
from dialgauge.server.pages.wallboard import PAGE
from dialgauge.server.panels.panel import Look, show
from dialgauge.server.viewer import May

router = APIRouter(dependencies=[Depends(needs(May.ASK))])

EVERY_S, LEAST_S, MOST_S = 60, 10, 3600


@router.get("/wallboard.json")
def told(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
    """Tell the same as JSON."""
    look, _ = looked(request, here, gauge)
    return JSONResponse(page_json(PAGE, look.view, [(p, show(p, look)) for p in PAGE.panels(look)]))


@router.get("/wallboard")
def opened(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
    """Fill the screen."""
    look, _ = looked(request, here, gauge)
    tiles, *crews = [show(panel, look) for panel in PAGE.panels(look)]
    return shell(request).render(
        "wallboard.html",
        tiles=tiles,
        crews=crews,
        every=every(look),
        still=look.view.with_rest(refresh="0").address,
        at=look.say.moment(here.store.database.clock()),
    )


def every(look: Look) -> int:
    """Read after how many seconds the page loads itself anew; 0 for never.

    Raises:
        UsageError: It is no such number.
    """
    text = look.view.first("refresh", str(EVERY_S))
    if not text.isdecimal() or not (text == "0" or LEAST_S <= int(text) <= MOST_S):
        raise UsageError(
            f"refresh is '{text}'; write after how many seconds, {LEAST_S} to {MOST_S}, or 0 for "
            "never"
        )
    return int(text)
