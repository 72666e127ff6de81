"""How do people say into which groups they cut what they see?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse

from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.segment import Segment
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.resolve import all_dimensions
from dialgauge.server.masking import need_none_in
from dialgauge.server.needs import GaugeHere, SiteHere, ViewerHere, needs
from dialgauge.server.pages.settings import drafts
from dialgauge.server.pages.settings.drafts import SegmentForm
from dialgauge.server.pages.settings.frame import back, form
from dialgauge.server.pages.shell import shell
from dialgauge.server.site import Site
from dialgauge.server.speech import Speech
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May

router = APIRouter(dependencies=[Depends(needs(May.DECIDE))])

_HERE = "/settings/segments"
_LEAST, _MORE = 3, 3
"""So many lines a form has at least, and so many empty ones `more` adds."""


@router.get(_HERE)
def show(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
    """List the segments, with a form to make one or to change the one the address names."""
    found = {segment.name: segment for segment in here.store.segments.list()}
    chosen = found.get(request.query_params.get("change", ""))
    return _page(request, here, gauge, _typed(chosen) if chosen else SegmentForm())


@router.get(f"{_HERE}.json")
def told(here: SiteHere) -> Response:
    """Tell the segments that were made here as JSON."""
    return JSONResponse(
        {"page": "settings", "segments": [_json(each) for each in here.store.segments.list()]}
    )


@router.post(_HERE)
def keep(
    request: Request,
    here: SiteHere,
    gauge: GaugeHere,
    who: ViewerHere,
    of: Annotated[SegmentForm, Form()],
) -> Response:
    """Show how large the groups are, or keep the segment."""
    if of.do == "more":
        return _page(request, here, gauge, of, more=_MORE)
    try:
        need_none_in(of.where if May.PHONES not in who.may else ())
        made = drafts.segment(of)
        kept = here.store.segments.list()
        words = drafts.with_segment(here.gauge.words, kept, made, of.was)
        drafts.need_same_targets(gauge, words)
        counted = [] if of.do == "keep" else drafts.sizes(gauge, words, made.name)
    except UsageError as error:
        return _page(request, here, gauge, of, 400, str(error))
    if of.do != "keep":
        return _page(
            request, here, gauge, of, sizes=_sizes(counted, made, words, shell(request).say)
        )
    here.store.segments.put(made, who.name)
    if of.was and of.was != made.name:
        here.store.segments.remove(of.was)
    audit(request, "segment", _line(made))
    return back(_HERE)


@router.post(f"{_HERE}/remove")
def remove(
    request: Request, here: SiteHere, gauge: GaugeHere, name: Annotated[str, Form()]
) -> Response:
    """Give a segment up, unless a target speaks of it."""
    try:
        kept = here.store.segments.list()
        drafts.need_same_targets(
            gauge, drafts.with_segment(here.gauge.words, kept, None, without=name)
        )
    except UsageError as error:
        return _page(request, here, gauge, SegmentForm(), 400, str(error))
    here.store.segments.remove(name)
    audit(request, "segment_removed", name)
    return back(_HERE)


def _page(  # noqa: PLR0913, PLR0917 - what the page tells
    request: Request,
    here: Site,
    gauge: Gauge,
    typed: SegmentForm,
    status: int = 200,
    said: str = "",
    sizes: Mapping[str, Any] | None = None,
    more: int = 0,
) -> Response:
    lines = drafts.lines(typed)
    empty = max(more, _LEAST - len(lines))
    own = here.store.segments.list()
    names = {segment.name for segment in own}
    return form(
        request,
        "segments",
        status,
        said,
        typed=typed,
        lines=[*lines, *[("", "")] * empty],
        own=own,
        others=[each for each in gauge.words.segments.values() if each.name not in names],
        sizes=sizes,
        dimensions=all_dimensions(here.gauge.words),
    )


def _sizes(
    counted: list[tuple[str, Any]], made: Segment, words: Vocabulary, say: Speech
) -> Mapping[str, Any]:
    """Lay out a table of groups by what is counted."""
    groups = [*dict.fromkeys(group for group, _ in made.rules), made.otherwise]
    of = {kpi: dict(found) for kpi, found in counted}
    whole = {kpi: sum(found.values()) for kpi, found in of.items()}
    return {
        "name": made.name,
        "columns": [say.title(words.kpis[kpi]) for kpi in of],
        "rows": [
            (
                group,
                [
                    (
                        say.number(found.get(group, 0.0), words.kpis[kpi].unit),
                        say.share(found.get(group, 0.0) / whole[kpi]) if whole[kpi] else "",
                    )
                    for kpi, found in of.items()
                ],
            )
            for group in groups
        ],
    }


def _typed(segment: Segment) -> SegmentForm:
    return SegmentForm(
        was=segment.name,
        name=segment.name,
        group=[group for group, _ in segment.rules],
        where=[where for _, where in segment.rules],
        otherwise=segment.otherwise,
    )


def _line(segment: Segment) -> str:
    rules = "; ".join(f"{group}: {where}" for group, where in segment.rules)
    return f"{segment.name}: {rules}; otherwise {segment.otherwise}"


def _json(segment: Segment) -> dict[str, Any]:
    return {
        "name": segment.name,
        "rules": [{"name": group, "where": where} for group, where in segment.rules],
        "otherwise": segment.otherwise,
    }
