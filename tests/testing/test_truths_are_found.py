"""Do the KPIs of a lake find what was planted, and are they what its tables say?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dialgauge import Period, Question, connect
from dialgauge.cli import main
from dialgauge.gauge import Gauge
from dialgauge.model.answer import KeyValue, Value
from dialgauge.testing import DEMO_END, World, make_world

CALLS = 60_000
END = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's lake, asked at the world's end, and the tables it was made from.

    Attributes:
        gauge: Answers questions.
        world: The same world.
        con: Its tables in DuckDB.
    """

    gauge: Gauge
    world: World
    con: duckdb.DuckDBPyConnection

    def ask(self, kpi: str, by: str = "", **question: Any) -> dict[KeyValue, Value]:
        """Ask a KPI by a dimension; the whole stands under 'all'."""
        asked = Question(kpis=(kpi,), by=(by,) if by else (), as_of=END, **question)
        answer = self.gauge.ask(asked)
        found = {row.keys[by]: row.values[kpi] for row in answer.rows} if by else {}
        assert answer.total is not None
        return {**found, "all": answer.total.values[kpi]}

    def value(self, kpi: str, **question: Any) -> float:
        """Ask a KPI as a whole."""
        value = self.ask(kpi, **question)["all"].value
        assert value is not None
        return value

    def sql(self, query: str) -> tuple[Any, ...]:
        """Ask the world's tables for one row."""
        row = self.con.execute(query).fetchone()
        assert row is not None
        return tuple(row)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Make the demo with `dialgauge demo`, and its world once more beside it."""
    folder = tmp_path_factory.mktemp("demo") / "lake"
    assert main(["demo", str(folder), "--calls", str(CALLS)]) == 0
    world = make_world(calls=CALLS)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, table in world.tables.items():
            con.register(name, table)
        yield Demo(connect(folder), world, con)


def apart(values: Mapping[KeyValue, Value], found: KeyValue) -> set[str]:
    """Tell on which sides of a group's interval those of all other known groups lie."""
    low, high = values[found].low, values[found].high
    assert low is not None
    assert high is not None
    sides = set()
    for name, value in values.items():
        if name in (found, "all", None):
            continue
        assert value.low is not None
        sides.add("below" if value.high is not None and value.high < low else "above")
        assert value.low > high or "below" in sides, (name, value)
    return sides


def test_a_lead_source_loses_money_and_another_shines(demo: Demo) -> None:
    """Leads of one source cost more than they bring; the one that costs nothing brings most."""
    truths, roi = demo.world.truths, demo.ask("roi", "lead_source")
    losing = roi[truths.losing_source]
    assert losing.value is not None
    assert losing.high is not None
    assert losing.high < 0
    assert apart(roi, truths.losing_source) == {"above"}
    assert apart(roi, truths.best_source) == {"below"}
    assert truths.lead_costs[truths.losing_source] == max(truths.lead_costs.values())


def test_deals_of_a_list_take_longer(demo: Demo) -> None:
    """Half of the deals are won far later on one list, and its won deals took longer."""
    slow = demo.world.truths.slow_list
    for kpi in ("sales_cycle_mean", "sales_cycle"):
        found = demo.ask(kpi, "list")
        whole, longest = found["all"].value, found[slow].low
        assert whole is not None
        assert longest is not None
        assert longest > whole
        assert max(found, key=lambda name: found[name].low or 0.0) == slow


def test_a_team_talks_too_much_and_pleases_less(demo: Demo) -> None:
    """One team has the lowest satisfaction and quality, and by far the highest talk share."""
    truths = demo.world.truths
    for kpi, planted, side in (
        ("csat", truths.satisfied_shares, "above"),
        ("quality_question_score", truths.quality_shares, "above"),
        ("talk_share", truths.talk_shares, "below"),
    ):
        found = demo.ask(kpi, "team")
        others = {name: value for name, value in found.items() if name != "all"}
        assert set(others) == set(planted)
        for value in others.values():
            assert value.value is not None
        ends = min if side == "above" else max
        assert ends(others, key=lambda name: others[name].value or 0.0) == truths.weak_team
    assert apart(demo.ask("talk_share", "team"), truths.weak_team) == {"below"}
    assert apart(demo.ask("quality_score", "team"), truths.weak_team) == {"above"}
    low, whole = demo.ask("csat", "team")[truths.weak_team], demo.value("csat")
    assert low.high is not None
    assert low.high < whole


def test_customers_of_a_campaign_leave_faster(demo: Demo) -> None:
    """In April one campaign loses about twice the share of its customers."""
    truths = demo.world.truths
    churn = demo.ask("churn_rate", "campaign", period=APRIL)
    known = {name: value.value or 0.0 for name, value in churn.items() if name is not None}
    assert max(known, key=lambda name: known[name]) == truths.churning_campaign
    found = churn[truths.churning_campaign]
    assert found.low is not None
    assert found.high is not None
    assert found.low < truths.churn_rates[truths.churning_campaign] < found.high


def test_deals_stall_in_a_stage(demo: Demo) -> None:
    """Most stalled deals stand in one stage, and visits to it last longest."""
    truths = demo.world.truths
    stalled = demo.ask("stalled_deals", "stage")
    others = sum(
        value.value or 0 for name, value in stalled.items()
        if name not in (truths.stalling_stage, "all")
    )  # fmt: skip
    assert (stalled[truths.stalling_stage].value or 0) > 2 * others
    days = demo.ask("time_in_stage", "stage")
    longest = max(truths.stage_days, key=lambda stage: days[stage].value or 0.0)
    assert longest == truths.stalling_stage


def test_a_product_is_sold_to_those_who_have_another(demo: Demo) -> None:
    """One product has by far the highest share of cross-sold orders."""
    rate = demo.ask("cross_sell_rate", "product")
    assert apart(rate, demo.world.truths.cross_sell_product) == {"below"}


def test_the_better_script_converts_more(demo: Demo) -> None:
    """The better of two scripts has the higher rate; assignments split their calls by lot."""
    truths = demo.world.truths
    rate = demo.ask("contact_conversion_rate", "script")
    other = next(name for name in truths.script_factors if name != truths.best_script)
    better, worse = rate[truths.best_script], rate[other]
    assert better.low is not None
    assert worse.high is not None
    assert better.low > worse.high
    n, best = demo.sql(
        f"SELECT count(*), count(*) FILTER (variant = '{truths.best_script}') FROM assignments"
        f" WHERE experiment = '{truths.experiment}'"
    )
    assert abs(best - n / 2) < 3.29 * (n / 4) ** 0.5


def test_the_experiment_finds_the_better_script(demo: Demo) -> None:
    """By variant, and with nobody outside: every dial was put into a script."""
    truths = demo.world.truths
    where = f"experiment = '{truths.experiment}'"
    rate = demo.ask("contact_conversion_rate", "variant", where=(where,))
    assert apart(rate, truths.best_script) == {"below"}
    assert {name: value.n for name, value in rate.items()} == {
        name: value.n
        for name, value in demo.ask("contact_conversion_rate", "script").items()
        if name is not None
    }
    assert set(demo.ask("revenue", "variant", where=(where,))) == {*truths.script_factors, "all"}


def test_revenue_is_orders_less_refunds_at_the_days_rate(demo: Demo) -> None:
    """To the cent, all orders and those of each product."""
    rates = demo.con.execute('SELECT currency, "on", rate FROM currencies').fetchall()
    worth = {(currency, day): Decimal(repr(rate)) for currency, day, rate in rates}
    expected: dict[str, Decimal] = {}
    foreign = 0
    for at, currency, amount, refunded, product in demo.con.execute(
        "SELECT ordered_at, currency, amount, coalesce(refunded, 0), product FROM orders"
    ).fetchall():
        rate = Decimal(1) if currency == "EUR" else worth[currency, at.date()]
        foreign += currency != "EUR"
        value = ((amount - refunded) * rate).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
        expected[product] = expected.get(product, Decimal(0)) + value
    assert foreign > 50
    expected["all"] = sum(expected.values(), Decimal(0))
    found = demo.ask("revenue", "product")
    assert {name: round(value.value or 0, 2) for name, value in found.items()} == {
        name: round(float(value), 2) for name, value in expected.items()
    }


def test_costs_are_shared_out_without_a_rest(demo: Demo) -> None:
    """The whole is the sum of all costs, and so are the parts, by whatever they are split."""
    (spent,) = demo.sql("SELECT sum(amount) FROM costs")
    for dimension in ("lead_source", "campaign", "team", "list", "agent", "cost_category"):
        found = demo.ask("cost", dimension)
        assert found.pop("all").value == pytest.approx(float(spent), abs=0.005)
        parts = sum(value.value or 0.0 for value in found.values())
        assert parts == pytest.approx(float(spent), abs=0.005)
    (data,) = demo.sql("SELECT sum(cost) FROM leads")
    assert demo.value("cost_lead_data") == pytest.approx(float(data), abs=0.005)


def test_return_and_acquisition_cost_follow_from_their_parts(demo: Demo) -> None:
    """ROI is what comes back over what was spent; a customer costs all cost over customers."""
    (spent,) = demo.sql("SELECT CAST(sum(amount) AS DOUBLE) FROM costs")
    (customers,) = demo.sql("SELECT count(*) FROM customers")
    revenue = demo.value("revenue")
    assert demo.value("roi") == pytest.approx((revenue - spent) / spent)
    assert demo.value("customer_acquisition_cost") == pytest.approx(spent / customers)
    assert demo.value("new_customers") == customers


def test_opinions_are_counted_as_they_were_given(demo: Demo) -> None:
    """CSAT, NPS and response are shares of the rows; a review's score is its weighted points."""
    satisfied, answers = demo.sql(
        "SELECT count(*) FILTER (score >= 4), count(score) FROM surveys WHERE kind = 'csat'"
    )
    assert demo.value("csat") == pytest.approx(satisfied / answers)
    promoters, detractors, answers = demo.sql(
        "SELECT count(*) FILTER (score >= 9), count(*) FILTER (score <= 6), count(score)"
        " FROM surveys WHERE kind = 'nps'"
    )
    assert demo.value("nps") == pytest.approx(100 * (promoters - detractors) / answers)
    (response,) = demo.sql("SELECT count(score) / count(*) FROM surveys")
    assert demo.value("survey_response_rate") == pytest.approx(response)
    (score,) = demo.sql(
        "SELECT avg(CASE WHEN failed THEN 0 ELSE earned END) FROM ("
        "SELECT bool_or(auto_fail) AS failed,"
        " sum(weight * score / max_score) / sum(weight) FILTER (score IS NOT NULL) AS earned"
        " FROM reviews WHERE kind <> 'calibration' GROUP BY review_id)"
    )
    assert demo.value("quality_score") == pytest.approx(score)
    (share,) = demo.sql(
        "SELECT avg(agent_talk_s / (agent_talk_s + customer_talk_s))"
        " FROM conversations JOIN calls USING (call_id) WHERE direction = 'outbound'"
    )
    assert demo.value("talk_share") == pytest.approx(share)


def test_pipeline_and_customers_are_counted_at_the_end(demo: Demo) -> None:
    """Wins of deals closed, meetings held of those due, customers there before and kept."""
    won, closed = demo.sql("SELECT count(*) FILTER (status = 'won'), count(closed_at) FROM deals")
    assert demo.value("win_rate") == pytest.approx(won / closed)
    held, due = demo.sql(
        "SELECT count(held_at), count(*) FROM meetings"
        f" WHERE cancelled_at IS NULL AND due_at < '{DEMO_END}'"
    )
    assert demo.value("meeting_show_rate") == pytest.approx(held / due)
    assert held == demo.sql("SELECT count(*) FROM stages WHERE stage = 'offer'")[0]
    before, left, there = demo.sql(
        "SELECT count(*) FILTER (acquired_at < '2026-04-01'),"
        " count(*) FILTER (acquired_at < '2026-04-01' AND churned_at IS NOT NULL"
        " AND churned_at >= '2026-04-01'), count(*) FILTER (churned_at IS NULL)"
        " FROM (FROM customers WHERE churned_at IS NULL OR churned_at >= '2026-04-01')"
    )
    assert demo.value("churn_rate", period=APRIL) == pytest.approx(left / before)
    assert demo.value("retention_rate", period=APRIL) == pytest.approx(1 - left / before)
    assert demo.value("active_customers", period=APRIL) == there
