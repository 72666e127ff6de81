"""Does the page Money say what `ask` says, and do its bars add up?"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dialgauge.gauge import Gauge
from dialgauge.lang import LANGUAGES
from dialgauge.model.answer import Answer, Row, Value
from dialgauge.model.question import Period, Question
from dialgauge.server.pages.menu import PAGES
from dialgauge.server.panels.panel import Look, show
from dialgauge.server.panels.pays import Pays, Verdict, ranked, verdict
from dialgauge.server.panels.stack import Stack, by_weight
from dialgauge.server.panels.waterfall import Waterfall, steps
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME

APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
KINDS = ("labour", "training", "technology", "lead_data", "infrastructure", "management")
MONEY = st.integers(0, 10_000_000).map(lambda cents: cents / 100)


def panels(client: TestClient, address: str) -> dict[str, Any]:
    """Read a page's twin by the names of its panels."""
    answer = client.get(address)
    assert answer.status_code == 200
    return {panel["name"]: panel for panel in answer.json()["panels"]}


def look(gauge: Gauge, language: str = "en", **filters: tuple[str | None, ...]) -> Look:
    """Look at April."""
    view = View(path="/money", period=APRIL, preset="", filters=filters)
    return Look(gauge=gauge, view=view, say=speech(language, "EUR"), viewer=AT_HOME)


def test_cards_and_bars_are_what_ask_says(client: TestClient, gauge: Gauge) -> None:
    """Revenue, cost and return of the cards and of the bars are those of one plain question."""
    found = panels(client, "/money.json?from=2026-04-01&to=2026-05-01")
    asked = gauge.ask(Question(kpis=("revenue", "cost", "roi"), period=APRIL)).rows[0].values
    card = found["cards"]["answers"]["now"]["total"]
    bars = {step["name"]: step["amount"] for step in found["waterfall"]["data"]["steps"]}
    for name in ("revenue", "cost", "roi"):
        assert card[name]["value"] == asked[name].value
    assert bars["revenue"] == asked["revenue"].value
    assert bars["return"] == pytest.approx(
        (asked["revenue"].value or 0) - (asked["cost"].value or 0), abs=0.005
    )


def test_a_filter_changes_the_bars(client: TestClient, gauge: Gauge) -> None:
    """With one lead source kept, the bars are of its revenue and cost."""
    found = panels(client, "/money.json?from=2026-04-01&to=2026-05-01&lead_source=referral")
    asked = Question(kpis=("revenue", "cost"), where=("lead_source = 'referral'",), period=APRIL)
    values = gauge.ask(asked).rows[0].values
    bars = {step["name"]: step["amount"] for step in found["waterfall"]["data"]["steps"]}
    assert bars["revenue"] == values["revenue"].value
    assert bars["return"] == pytest.approx(
        (values["revenue"].value or 0) - (values["cost"].value or 0), abs=0.005
    )


def test_bars_go_down_from_revenue_to_the_return() -> None:
    """200 in, 60 of labour and 20 of data out, of 90 in all: 10 have no kind, 110 are left."""
    found = steps(200.0, 90.0, [("lead_data", 20.0), ("labour", 60.0), ("training", 0.0)])
    assert [(step.name, step.amount) for step in found] == [
        ("revenue", 200.0),
        ("labour", -60.0),
        ("lead_data", -20.0),
        ("unsaid", -10.0),
        ("return", 110.0),
    ]
    assert [(step.low, step.high) for step in found] == [
        (0.0, 200.0),
        (140.0, 200.0),
        (120.0, 140.0),
        (110.0, 120.0),
        (0.0, 110.0),
    ]


def test_a_loss_hangs_below_zero() -> None:
    """50 in and 80 out leave a bar from -30 up to 0."""
    last = steps(50.0, 80.0, [("labour", 80.0)])[-1]
    assert (last.amount, last.low, last.high, last.kind) == (-30.0, -30.0, 0.0, "loss")


@given(MONEY, st.lists(MONEY, max_size=6), MONEY)
def test_bars_add_up_to_the_cent(revenue: float, parts: list[float], more: float) -> None:
    """Whatever comes in and is spent, the bars before the last sum to the last."""
    cost = sum(parts) + more
    found = steps(revenue, cost, list(zip(KINDS, parts, strict=False)))
    assert sum(step.amount for step in found[:-1]) == pytest.approx(found[-1].amount, abs=0.05)
    assert found[-1].amount == pytest.approx(revenue - cost, abs=0.005)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 0.9, Verdict.PAYS),
        (-0.1, 0.9, Verdict.OPEN),
        (-0.9, -0.1, Verdict.LOSES),
        (None, None, Verdict.UNKNOWN),
    ],
)
def test_what_is_sure_of_a_return(low: float | None, high: float | None, expected: Verdict) -> None:
    """Only an interval that leaves 0 out says that money came back, or did not."""
    assert verdict(Value(value=0.3, low=low, high=high)) is expected


def row(source: str | None, roi: Value, cost: float) -> Row:
    """Make a row of a lead source."""
    values = {"roi": roi, "cost": Value(value=cost), "revenue": Value(value=1.0)}
    return Row(keys={"lead_source": source}, values=values)


def test_sources_stand_by_the_low_end() -> None:
    """A high but unsure return stands below a lower sure one; without interval they stand last."""
    answer = Answer(
        question=Question(kpis=("roi", "revenue", "cost"), by=("lead_source",)),
        rows=(
            row("lucky", Value(value=9.0, low=-0.5, high=30.0), 10.0),
            row("steady", Value(value=2.0, low=1.5, high=2.5), 100.0),
            row("silent", Value(value=-1.0), 50.0),
            row("free", Value(value=None), 0.0),
            row(None, Value(value=5.0, low=4.0, high=6.0), 10.0),
        ),
    )
    found = [each.keys["lead_source"] for each in ranked(answer, "lead_source")]
    assert found == ["steady", "lucky", "silent"]


def test_groups_of_a_stack_are_ordered_by_weight() -> None:
    """Those that bring most over all buckets stand first; those of nothing are left out."""
    found = Answer(
        question=Question(kpis=("cost",), by=("cost_category",)),
        rows=tuple(
            Row(keys={"cost_category": kind}, values={"cost": Value(value=amount)})
            for kind, amount in (("a", 1.0), ("b", 5.0), ("a", 2.0), ("c", 0.0), ("b", -1.0))
        ),
    )
    assert by_weight(found, "cost", "cost_category") == ["b", "a"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_charts_keep_to_the_schema(gauge: Gauge, language: str) -> None:
    """Altair's schema accepts what is drawn, in each language, and a table stands behind it."""
    for panel in (
        Waterfall(),
        Stack(kpi="cost", by="cost_category", title="money.costs"),
    ):
        shown = show(panel, look(gauge, language))
        assert not shown.refusal
        assert shown.chart
        alt.Chart.from_dict(dict(shown.chart))
        assert shown.behind
        assert all(len(each) == len(shown.behind.headings) for each in shown.behind.rows)


def test_the_stack_sums_to_the_cost(gauge: Gauge) -> None:
    """All bars of the stack together are the cost of the period."""
    shown = Stack(kpi="cost", by="cost_category", title="money.costs").show(look(gauge))
    assert shown.chart
    drawn = sum(point["value"] for point in shown.chart["data"]["values"])
    asked = gauge.ask(Question(kpis=("cost",), period=APRIL)).rows[0].values["cost"]
    assert drawn == pytest.approx(asked.value)


def test_intervals_lie_around_their_dots(gauge: Gauge) -> None:
    """Each dot lies within its bar, and all within the width."""
    bars = Pays().show(look(gauge)).face["bars"]
    assert bars
    for bar in bars:
        assert 0 <= bar["dot"] <= 100
        if bar["from"] is not None:
            assert bar["from"] - 0.02 <= bar["dot"] <= bar["from"] + bar["wide"] + 0.02


def test_a_lake_without_costs_says_so(gauge: Gauge) -> None:
    """In days without any row, panels show nothing or a sentence, and never fail."""
    empty = dataclasses.replace(
        look(gauge),
        view=View(path="/money", period=Period(dt.date(2020, 1, 1), dt.date(2020, 2, 1))),
    )
    (page,) = (page for page in PAGES if page.name == "money")
    assert all(show(panel, empty) for panel in page.panels(empty))
