"""Does the page Customers say what became of customers?"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from starlette.testclient import TestClient

from dialgauge.gauge import Gauge
from dialgauge.model.cohort import CohortQuestion, cohorts_json
from dialgauge.model.question import Period, Question
from dialgauge.server.panels.panel import Look, show
from dialgauge.server.panels.triangle import Triangle, known_until, step
from dialgauge.server.panels.worth import Worth
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME

APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
DAYS = "from=2026-04-01&to=2026-05-01"


def panels(client: TestClient, address: str) -> dict[str, Any]:
    """Read a page's twin by the names of its panels."""
    answer = client.get(address)
    assert answer.status_code == 200
    return {panel["name"]: panel for panel in answer.json()["panels"]}


def look(gauge: Gauge, period: Period = APRIL) -> Look:
    """Look at customers."""
    view = View(path="/customers", period=period, preset="")
    return Look(gauge=gauge, view=view, say=speech("en", "EUR"), viewer=AT_HOME)


@pytest.mark.parametrize("kpi", ["active_customers", "revenue", "orders"])
def test_the_triangle_is_what_cohorts_say(client: TestClient, gauge: Gauge, kpi: str) -> None:
    """The twin has the cohorts of the months that are over at the end of the page's days."""
    found = panels(client, f"/customers.json?{DAYS}&follow={kpi}")["follow"]
    asked = CohortQuestion(kpi=kpi, as_of=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
    assert found["data"]["cohorts"] == cohorts_json(gauge.cohorts(asked))


def test_cards_are_what_ask_says(client: TestClient, gauge: Gauge) -> None:
    """New customers and satisfaction are those of a plain question; a filter changes them."""
    kpis = ("new_customers", "csat", "nps")
    for address, where in (
        (f"/customers.json?{DAYS}", ()),
        (f"/customers.json?{DAYS}&lead_source=partner", ("lead_source = 'partner'",)),
    ):
        asked = gauge.ask(Question(kpis=kpis, period=APRIL, where=where)).rows[0].values
        card = panels(client, address)["cards"]["answers"]["now"]["total"]
        assert {kpi: card[kpi]["value"] for kpi in kpis} == {kpi: asked[kpi].value for kpi in kpis}


def test_a_triangle_stands_on_one_corner(gauge: Gauge) -> None:
    """Each month has one cell more than the month after it, and the empty ones fill the row."""
    rows = Triangle().show(look(gauge)).face["rows"]
    months = [len(row["cells"]) for row in rows]
    assert months == sorted(months, reverse=True)
    assert {len(row["cells"]) + row["empty"] for row in rows} == {max(months)}


def test_what_cannot_be_followed_is_refused(client: TestClient) -> None:
    """Another KPI stops no other panel and says which can be followed."""
    found = panels(client, f"/customers.json?{DAYS}&follow=dials")
    assert "active_customers" in found["follow"]["refusal"]
    assert found["cards"]["answers"]


def test_nothing_is_told_of_days_after_the_records(gauge: Gauge) -> None:
    """The newest record is of 30 April: asked in November about all days, April is the last."""
    later = dataclasses.replace(gauge, clock=lambda: dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    assert known_until(look(later, Period())) <= dt.datetime(2026, 5, 2, tzinfo=dt.UTC)
    march = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    assert known_until(look(later, march)) == dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


def test_the_lowest_cell_is_the_palest() -> None:
    """Nine colours lie between the lowest and the highest cell."""
    assert [step(each, 0.0, 80.0) for each in (0.0, 10.0, 40.0, 80.0)] == [1, 2, 5, 9]


def test_every_way_of_counting_tells_its_caveat(gauge: Gauge) -> None:
    """Each number of what a customer is worth stands beside what it does not say."""
    names = ("clv_historic", "clv_simple", "clv_predicted")
    shown = show(Worth(kpis=names, title="customers.worth"), look(gauge))
    told = shown.face["worths"]
    assert len(told) + len(shown.face["refused"]) == 3
    assert told
    assert all(each["caveat"] and each["definition"] for each in told)
