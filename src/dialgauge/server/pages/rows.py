"""What is behind a number, and what happened with a lead?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dialgauge.server.pages.page import Page
from dialgauge.server.panels.journey import Journey
from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.panels.records import Records
from dialgauge.server.viewer import May


def _kpi(look: Look) -> str:
    return look.gauge.words.kpi(look.view.first("kpi", "dials")).name


def _listed(look: Look) -> Sequence[Panel]:
    return (Records(kpi=_kpi(look)),)


def _heading(look: Look) -> str:
    title = look.say.title(look.gauge.words.kpi(_kpi(look)))
    return look.say.t("rows.heading", kpi=title)


def _journey(column: str) -> Callable[[Look], Sequence[Panel]]:
    def chosen(look: Look) -> Sequence[Panel]:
        return (Journey(who=look.view.first("id"), column=column),)

    return chosen


def _named(column: str) -> Callable[[Look], str]:
    def heading(look: Look) -> str:
        return f"{look.say.t(f'page.{column}')} {look.view.first('id')}"

    return heading


ROWS = Page(name="rows", path="/rows", panels=_listed, needs=May.ROWS, heading=_heading)

LEAD = Page(
    name="lead",
    path="/lead/{id:path}",
    panels=_journey("lead"),
    needs=May.ROWS,
    heading=_named("lead"),
    filtered=False,
)

CUSTOMER = Page(
    name="customer",
    path="/customer/{id:path}",
    panels=_journey("customer"),
    needs=May.ROWS,
    heading=_named("customer"),
    filtered=False,
)
