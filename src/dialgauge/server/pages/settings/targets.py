"""How do people say what should be reached?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse

from dialgauge.catalogue import GROUPS
from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.kpi import Unit
from dialgauge.model.target import Target
from dialgauge.server.masking import need_none_in
from dialgauge.server.needs import GaugeHere, SiteHere, ViewerHere, needs
from dialgauge.server.pages.settings import drafts
from dialgauge.server.pages.settings.drafts import TargetForm
from dialgauge.server.pages.settings.frame import back, form
from dialgauge.server.pages.shell import shell
from dialgauge.server.site import Site
from dialgauge.server.speech import Speech
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May
from dialgauge.targets import listed

router = APIRouter(dependencies=[Depends(needs(May.DECIDE))])

_HERE = "/settings/targets"


@router.get(_HERE)
def show(request: Request, here: SiteHere, gauge: GaugeHere) -> Response:
    """List the targets, with a form to make one or to change the one the address names."""
    asked = request.query_params
    found = {target.target_id: target for target in here.store.targets.list()}
    chosen = found.get(asked.get("change", ""))
    typed = (
        _typed(chosen, gauge, shell(request).say)
        if chosen
        else TargetForm(kpi=asked.get("kpi", ""), scope=asked.get("scope", ""))
    )
    return _page(request, here, gauge, typed)


@router.get(f"{_HERE}.json")
def told(here: SiteHere) -> Response:
    """Tell the targets that were made here as JSON."""
    return JSONResponse(
        {"page": "settings", "targets": [_json(each) for each in here.store.targets.list()]}
    )


@router.post(_HERE)
def keep(
    request: Request,
    here: SiteHere,
    gauge: GaugeHere,
    who: ViewerHere,
    of: Annotated[TargetForm, Form()],
) -> Response:
    """Make a target, or change one."""
    try:
        need_none_in((of.scope,) if May.PHONES not in who.may else ())
        made = drafts.target(of, gauge, shell(request).say.language)
    except UsageError as error:
        return _page(request, here, gauge, of, 400, str(error))
    here.store.targets.put(made, who.name)
    if of.was and of.was != made.target_id:
        here.store.targets.remove(of.was)
    audit(request, "target", _line(made))
    return back(_HERE)


@router.post(f"{_HERE}/remove")
def remove(request: Request, here: SiteHere, name: Annotated[str, Form()]) -> Response:
    """Give a target up."""
    here.store.targets.remove(name)
    audit(request, "target_removed", name)
    return back(_HERE)


def _page(  # noqa: PLR0913, PLR0917 - what the page tells
    request: Request,
    here: Site,
    gauge: Gauge,
    typed: TargetForm,
    status: int = 200,
    said: str = "",
) -> Response:
    say = shell(request).say
    own = here.store.targets.list()
    names = {target.target_id for target in own}
    return form(
        request,
        "targets",
        status,
        said,
        typed=typed,
        own=[_row(each, gauge, say) for each in own],
        others=[_row(each, gauge, say) for each in listed(gauge) if each.target_id not in names],
        groups=_kpis(gauge, say),
    )


def _kpis(gauge: Gauge, say: Speech) -> list[tuple[str, list[tuple[str, str]]]]:
    """List the KPIs by the groups of the catalogue, the team's own at the end."""
    known = gauge.words.kpis
    built_in = {name: [kpi.name for kpi in kpis] for name, kpis in GROUPS.items()}
    listed_in = {kpi for kpis in built_in.values() for kpi in kpis}
    found = [
        (
            say.t(f"group.{name}").partition(":")[0],
            [(k, say.title(known[k])) for k in kpis if k in known],
        )
        for name, kpis in built_in.items()
    ]
    own = [(name, say.title(kpi)) for name, kpi in known.items() if name not in listed_in]
    return [*found, (say.t("settings.own_kpis"), own)] if own else found


def _row(target: Target, gauge: Gauge, say: Speech) -> Mapping[str, Any]:
    kpi = gauge.words.kpis.get(target.kpi or "")
    ends = [say.day(each) for each in (target.starts_on, target.ends_on) if each]
    return {
        "name": target.target_id,
        "title": say.title(kpi) if kpi else target.kpi or "",
        "value": say.number(target.value, kpi.unit if kpi else Unit.RATIO),
        "scope": target.scope,
        "days": " \u2013 ".join(ends),
    }


def _typed(target: Target, gauge: Gauge, say: Speech) -> TargetForm:
    kpi = gauge.words.kpis.get(target.kpi or "")
    share = kpi is not None and kpi.unit is Unit.SHARE
    value = (target.value or 0.0) * (100 if share else 1)
    return TargetForm(
        was=target.target_id,
        name=target.target_id,
        kpi=target.kpi or "",
        value=drafts.written(value, say.language) + (" %" if share else ""),
        scope=target.scope,
        starts_on=str(target.starts_on or ""),
        ends_on=str(target.ends_on or ""),
    )


def _line(target: Target) -> str:
    where = f" where {target.scope}" if target.scope else ""
    days = f"{target.starts_on}..{target.ends_on}"
    return f"{target.target_id}: {target.kpi} {target.value:g}{where}, {days}"


def _json(target: Target) -> dict[str, Any]:
    return {
        "target_id": target.target_id,
        "kpi": target.kpi,
        "value": target.value,
        "scope": target.scope,
        "starts_on": str(target.starts_on),
        "ends_on": str(target.ends_on),
    }
