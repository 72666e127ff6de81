"""How does a request become a page or its twin?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from dialgauge.gauge import Gauge
from dialgauge.model.wire import question_json
from dialgauge.server.charts.theme import DARK, LIGHT, theme
from dialgauge.server.masking import need_none_in
from dialgauge.server.needs import GaugeHere, SiteHere, ViewerHere, needs
from dialgauge.server.pages.boards import Board, boards, key
from dialgauge.server.pages.choices import Choices, Remembered
from dialgauge.server.pages.foresight import Foresight, Likely
from dialgauge.server.pages.menu import PAGES
from dialgauge.server.pages.page import Page
from dialgauge.server.pages.shell import PERSONAL, filters, shell
from dialgauge.server.panels.panel import Look, Panel, Shown, show, twin
from dialgauge.server.site import Site
from dialgauge.server.speech import speech
from dialgauge.server.view import Known, View, read
from dialgauge.server.viewer import AT_HOME, May, Viewer

EXPORTS = "/export"
"""Under which every page is offered as files."""


def install(app: FastAPI) -> None:
    """Serve every page of the menu, and its twin."""
    app.state.choices = Remembered()
    app.state.boards = boards()
    app.state.foresight = Foresight()
    for page in PAGES:
        _serve(app, page)
    first = PAGES[0]
    app.get("/", include_in_schema=False, dependencies=[Depends(needs(first.needs))])(_home(first))


def _serve(app: FastAPI, page: Page) -> None:
    allowed = [Depends(needs(page.needs))]
    app.get(f"{page.path}.json", include_in_schema=False, dependencies=allowed)(_twin(page))
    app.get(page.path, include_in_schema=False, dependencies=allowed)(_opened(page))


def _home(page: Page) -> Any:
    opened = _opened(page)

    def home(request: Request, here: SiteHere, gauge: GaugeHere, who: ViewerHere) -> Response:
        """Open the view that someone wants to see first, else the first page."""
        kept = here.store.views.first(who.user_id, who.teams)
        if kept is None or request.query_params:
            return cast(Response, opened(request, here, gauge))
        address = f"{kept.page}?{kept.query}" if kept.query else kept.page
        return RedirectResponse(address, status_code=303)

    return home


def _opened(page: Page) -> Any:
    def opened(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
        foresight: Foresight = request.app.state.foresight
        with foresight.reading():
            return written_page(request, here, gauge, foresight)

    def written_page(request: Request, here: Site, gauge: Gauge, foresight: Foresight) -> Response:
        look, choices = looked(request, here, gauge)
        frame = shell(request)
        empty = is_empty(gauge)
        part = request.headers.get("x-part", "")
        first = part == "first"
        bar = page.filtered and not first

        known = key(page, look, part, here.store.decisions().version)

        def write() -> Board:
            panels = page.panels(look)[:1] if first else page.panels(look)
            shown = [(panel, show(panel, look)) for panel in panels]
            written = frame.fill(
                "board.html",
                leave_out=PERSONAL if known else (),
                view=look.view,
                filters=filters(look.view, look.say, choices) if bar else None,
                panels=() if empty and page.filtered else shown,
                empty=empty,
            )
            return Board(written=written, notes=gathered([each for _, each in shown]))

        board = request.app.state.boards.of(known, write) if known else write()
        if not first:
            foresight.expect(known, Likely(page=page, look=look, groups=choices.groups))
        return frame.render(
            "page.html",
            heading=page.heading(look) or look.say.t(f"page.{page.name}"),
            view=look.view,
            board=board.written,
            notes=board.notes,
            empty=empty,
            newest=look.say.day(choices.newest - dt.timedelta(days=1)),
            chart_themes={"light": theme(LIGHT), "dark": theme(DARK)},
        )

    return opened


def _twin(page: Page) -> Any:
    def told(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
        look, _ = looked(request, here, gauge)
        panels = page.panels(look)
        return JSONResponse(page_json(page, look.view, [(p, show(p, look)) for p in panels]))

    return told


def looked(request: Request, here: Site, gauge: Gauge) -> tuple[Look, Choices]:
    """Read from a request how its reader looks at the lake.

    Raises:
        UsageError: The address says what cannot be asked.
    """
    frame = shell(request)
    choices = request.app.state.choices.of(gauge, here.config.timezone)
    path = page_path(request)
    asked = request.query_params.multi_items()
    view = read("/overview" if path == "/" else path, asked, _known(here, choices))
    need_none_in(view.where if May.PHONES not in frame.who.may else ())
    look = Look(
        gauge=gauge,
        view=replace(view, parts=request.path_params),
        say=replace(frame.say, names=choices.names),
        viewer=frame.who,
        annotations=written(here, view, frame.who),
    )
    return look, choices


def first_page(app: FastAPI, here: Site) -> Likely:
    """Give the page that most will open first, as one sees it who sees everything."""
    choices = app.state.choices.of(here.gauge, here.config.timezone)
    page = PAGES[0]
    look = Look(
        gauge=here.asking(AT_HOME),
        view=read(page.path, [], _known(here, choices)),
        say=speech("en", here.config.rules.currency),
        viewer=AT_HOME,
        annotations=(),
    )
    return Likely(page=page, look=look, groups=choices.groups)


def _known(here: Site, choices: Choices) -> Known:
    return Known(
        newest=choices.newest,
        dimensions=choices.dimensions,
        timezone=here.config.timezone,
        week_starts=here.config.week_starts,
    )


def page_path(request: Request) -> str:
    """Give the path of the page that a request is about, whatever form of it is wanted."""
    path = request.url.path
    if path.startswith(EXPORTS):
        path = path.removeprefix(EXPORTS).rpartition(".")[0]
    return path.removesuffix(".json")


def written(here: Site, view: View, who: Viewer) -> Sequence[tuple[str, str]]:
    """List what people wrote on the days of a view."""
    teams = who.teams if who.guard else None
    found = here.store.annotations.list(view.period.start, view.period.end, teams)
    return [(each.day.isoformat(), each.text) for each in found]


def page_json(page: Page, view: View, shown: Sequence[tuple[Panel, Shown]]) -> Mapping[str, Any]:
    """Write what a page shows as JSON."""
    asked = question_json(view.question())
    return {
        "page": page.name,
        "view": {
            **{name: asked[name] for name in ("from", "to", "where", "timezone", "week_starts")},
            "versus": question_json(view.question(compared=view.versus))["versus"],
            "address": view.address,
        },
        "panels": [twin(panel, each) for panel, each in shown],
    }


def is_empty(gauge: Gauge) -> bool:
    """Tell whether nothing has been imported yet that a page could show."""
    snapshot = gauge.lake.snapshot()
    return not any(
        snapshot.rows(table) for table in gauge.words.tables.values() if table.clock is not None
    )


def gathered(shown: Sequence[Shown]) -> list[str]:
    """Gather the notes of all panels, each once."""
    return list(dict.fromkeys(note for each in shown for note in each.notes))
