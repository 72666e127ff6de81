"""Is what will be clicked next worked out before, and only while nobody waits?"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pytest

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.plan.nodes import Plan, RowsPlan
from dialgauge.server.app import create_app
from dialgauge.server.pages.foresight import Foresight, Likely
from dialgauge.server.pages.overview import PAGE
from dialgauge.server.pages.routes import first_page
from dialgauge.server.panels.panel import show
from dialgauge.server.site import Site, steady


class Noting:
    """The real engine, and how often it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked = 0
        self.changed = threading.Condition()

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Note and answer."""
        with self.changed:
            self.asked += 1
            self.changed.notify_all()
        return self.engine.run(plan, files)

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List."""
        return self.engine.rows(plan, files)

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Explain."""
        return self.engine.explain(plan, files)


@pytest.fixture
def noted(site: Site) -> tuple[Site, Noting]:
    """Count what the site asks its engine."""
    noting = Noting(site.gauge.engine)
    return replace(site, gauge=steady(replace(site.gauge, engine=noting))), noting


def test_the_first_click_asks_nothing_more(noted: tuple[Site, Noting]) -> None:
    """Neither the largest nor the last campaign: one question answers for all of them."""
    site, noting = noted
    likely = first_page(create_app(site), site)
    for look in likely.views():
        for panel in PAGE.panels(look):
            show(panel, look)
    before = noting.asked
    campaigns = likely.groups["campaign"]
    assert len(campaigns) > 2
    clicked = replace(likely.look, view=likely.look.view.with_filter("campaign", campaigns[-1]))
    shown = [show(panel, clicked) for panel in PAGE.panels(clicked)]
    assert noting.asked == before
    assert [each.refusal for each in shown if each.refusal] == []


def test_nothing_is_begun_while_somebody_waits(noted: tuple[Site, Noting]) -> None:
    """It goes on as soon as their page is there."""
    site, noting = noted
    likely, foresight, begun = first_page(create_app(site), site), Foresight(), threading.Event()
    before = noting.asked

    def first() -> Likely:
        begun.set()
        return likely

    with foresight.reading():
        foresight.start(first)
        assert begun.wait(60)
        with noting.changed:
            assert not noting.changed.wait_for(lambda: noting.asked > before, timeout=0.3)
    with noting.changed:
        assert noting.changed.wait_for(lambda: noting.asked > before, timeout=60)
    foresight.stop()
