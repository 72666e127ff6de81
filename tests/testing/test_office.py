"""Do the invented deals, orders, costs and opinions hang together with the calls?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest

from dialgauge.analysis.expected import expect
from dialgauge.testing import World, make_world

SURE = 3.29  # standard errors on each side of a 99.9 % interval


@pytest.fixture(scope="module")
def world() -> World:
    """Make one world for all tests."""
    return make_world(calls=60_000)


@pytest.fixture(scope="module")
def con(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the world's tables in DuckDB."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in world.tables.items():
            connection.register(name, table)
        yield connection


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Ask for one row."""
    row = con.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def number(con: duckdb.DuckDBPyConnection, query: str) -> float:
    """Ask for one number."""
    return float(one(con, query)[0])


@pytest.mark.parametrize(
    "orphans",
    [
        "orders ANTI JOIN customers USING (customer_id)",
        "customers ANTI JOIN leads USING (customer_id)",
        "customers ANTI JOIN leads USING (lead_id)",
        "(FROM leads WHERE customer_id IS NOT NULL) ANTI JOIN customers USING (customer_id)",
        "deals ANTI JOIN leads USING (lead_id)",
        "deals ANTI JOIN agents USING (agent_id)",
        "(FROM deals WHERE status = 'won') ANTI JOIN orders USING (deal_id, customer_id)",
        "(FROM orders WHERE deal_id IS NOT NULL) ANTI JOIN deals USING (deal_id, lead_id)",
        "(FROM orders WHERE call_id IS NOT NULL) ANTI JOIN calls USING (call_id, lead_id)",
        "stages ANTI JOIN deals USING (deal_id)",
        "deals ANTI JOIN stages USING (deal_id)",
        "meetings ANTI JOIN deals USING (lead_id, agent_id, campaign_id)",
        "(FROM surveys WHERE call_id IS NOT NULL) ANTI JOIN calls USING (call_id, agent_id)",
        "(FROM surveys WHERE kind = 'nps') ANTI JOIN customers USING (customer_id)",
        "reviews ANTI JOIN (FROM calls WHERE contact) USING (call_id, agent_id)",
        "conversations ANTI JOIN (FROM calls WHERE contact) USING (call_id)",
        (
            "assignments ANTI JOIN (SELECT call_id AS unit_id, script AS variant,"
            " started_at AS assigned_at FROM calls) USING (unit_id, variant, assigned_at)"
        ),
        "(FROM costs WHERE campaign_id IS NOT NULL) ANTI JOIN campaigns USING (campaign_id)",
        "(FROM costs WHERE team IS NOT NULL) ANTI JOIN agents USING (team)",
        "(FROM costs WHERE lead_source IS NOT NULL) ANTI JOIN leads USING (lead_source)",
        (
            "(SELECT currency, ordered_at::DATE AS \"on\" FROM orders WHERE currency <> 'EUR')"
            ' ANTI JOIN currencies USING (currency, "on")'
        ),
    ],
)
def test_nothing_refers_to_nothing(con: duckdb.DuckDBPyConnection, orphans: str) -> None:
    """What a row names is there, and says the same."""
    assert number(con, f"SELECT count(*) FROM {orphans}") == 0


@pytest.mark.parametrize(
    ("table", "impossible"),
    [
        ("deals", "(status = 'open') <> (closed_at IS NULL) OR closed_at < created_at"),
        ("deals", "(status = 'won') <> (customer_id IS NOT NULL)"),
        ("deals", "campaign_id NOT IN ('insurance', 'software') OR amount <= 0"),
        ("stages", "left_at < entered_at"),
        ("meetings", "due_at <= set_at OR held_at < set_at OR cancelled_at > due_at"),
        ("meetings", "held_at IS NOT NULL AND cancelled_at IS NOT NULL"),
        ("meetings", "isodow(due_at) = 7"),
        ("customers", "acquired_at < first_contact_at OR churned_at < acquired_at"),
        ("orders", "amount <= 0 OR margin >= amount OR refunded > amount OR refunded <= 0"),
        ("orders", "(kind = 'new') <> (call_id IS NOT NULL OR deal_id IS NOT NULL)"),
        ("orders", "(currency = 'GEL') <> (customer_id IN (FROM georgians))"),
        ("costs", "amount <= 0 OR ends_on < starts_on"),
        ("surveys", "(score IS NULL) <> (answered_at IS NULL) OR answered_at <= asked_at"),
        ("surveys", "score < (CASE kind WHEN 'csat' THEN 1 ELSE 0 END) OR score > scale"),
        ("reviews", "score < 0 OR score > max_score OR (score IS NULL) <> (state = 'na')"),
        ("reviews", "auto_fail AND score > 0"),
        ("conversations", "least(agent_talk_s, customer_talk_s, silence_s, overlap_s) < 0"),
        ("conversations", "longest_monologue_s > agent_talk_s"),
    ],
)
def test_no_row_is_impossible(con: duckdb.DuckDBPyConnection, table: str, impossible: str) -> None:
    """No row contradicts itself."""
    con.execute(
        "CREATE OR REPLACE TEMP VIEW georgians AS"
        " SELECT customer_id FROM customers WHERE country = 'GE'"
    )
    assert number(con, f"SELECT count(*) FROM {table}") > 0
    assert number(con, f"SELECT count(*) FROM {table} WHERE {impossible}") == 0


@pytest.mark.parametrize(
    "late",
    [
        "SELECT max(greatest(created_at, closed_at)) FROM deals",
        "SELECT max(greatest(entered_at, left_at)) FROM stages",
        "SELECT max(greatest(set_at, held_at, cancelled_at)) FROM meetings",
        "SELECT max(greatest(acquired_at, churned_at)) FROM customers",
        "SELECT max(ordered_at) FROM orders",
        "SELECT max(greatest(asked_at, answered_at)) FROM surveys",
        "SELECT max(reviewed_at) FROM reviews",
        "SELECT max(ends_on) FROM costs",
        'SELECT max("on") FROM currencies',
    ],
)
def test_nothing_is_known_before_it_happens(
    con: duckdb.DuckDBPyConnection, world: World, late: str
) -> None:
    """No row tells of a time after the world's end, and some of its last week."""
    (newest,) = one(con, f"SELECT CAST(({late}) AS DATE)")
    assert world.end - dt.timedelta(days=7) <= newest < world.end


def test_conversions_become_orders_or_deals(con: duckdb.DuckDBPyConnection) -> None:
    """Each conversion opens a deal where deals are made, and else is an order and a customer."""
    deals = "campaign_id IN ('insurance', 'software')"
    sold = "SELECT count(*) FROM calls WHERE converted AND "
    assert number(con, "SELECT count(*) FROM deals") == number(con, sold + deals)
    ordered = "SELECT count(*) FROM orders WHERE kind = 'new' AND "
    assert number(con, f"{ordered} call_id IS NOT NULL") == number(con, f"{sold} NOT {deals}")
    won = number(con, "SELECT count(*) FROM deals WHERE status = 'won'")
    assert number(con, f"{ordered} deal_id IS NOT NULL") == won
    customers = number(con, "SELECT count(*) FROM customers")
    assert number(con, f"{ordered} true") == customers
    assert number(con, "SELECT count(*) FROM leads WHERE converted_at IS NOT NULL") == customers


def test_customers_became_one_with_their_first_order(con: duckdb.DuckDBPyConnection) -> None:
    """The first order is made when the customer is acquired, the others later, none after it left.

    The lead says the same moment.
    """
    wrong = (
        "SELECT count(*) FROM orders o JOIN customers c USING (customer_id)"
        " JOIN leads l ON l.customer_id = c.customer_id"
        " WHERE (o.kind = 'new') <> (o.ordered_at = c.acquired_at)"
        " OR o.ordered_at < c.acquired_at OR o.ordered_at >= c.churned_at"
        " OR l.converted_at <> c.acquired_at OR l.country <> c.country"
    )
    assert number(con, wrong) == 0


def test_stages_follow_each_other_to_the_end(con: duckdb.DuckDBPyConnection) -> None:
    """A deal enters a stage when it leaves the one before; a closed one left its last then."""
    broken = (
        "SELECT count(*) FROM (SELECT s.*, d.status, d.created_at, d.closed_at,"
        " lag(s.left_at) OVER w AS before, lead(s.entered_at) OVER w AS next,"
        " row_number() OVER w AS place"
        " FROM stages s JOIN deals d USING (deal_id)"
        " WINDOW w AS (PARTITION BY deal_id ORDER BY position))"
        " WHERE place <> position OR entered_at <> coalesce(before, created_at)"
        " OR (next IS NULL AND left_at IS DISTINCT FROM closed_at)"
        " OR (status = 'won' AND next IS NULL AND position <> 4)"
    )
    assert number(con, broken) == 0


def test_recordings_are_as_long_as_the_talk(con: duckdb.DuckDBPyConnection) -> None:
    """Both sides' speech and silence, less what overlaps, are the call's talk, to the tenth."""
    off = (
        "SELECT max(abs(agent_talk_s + customer_talk_s + silence_s - overlap_s - talk_s))"
        " FROM conversations JOIN calls USING (call_id)"
    )
    assert number(con, off) < 0.25


def test_wages_are_hours_times_their_price(con: duckdb.DuckDBPyConnection) -> None:
    """Labour is what paid hours cost, with a fifth on top; teams to the cent."""
    wages = (
        "SELECT team, sum((epoch_us(ended_at) - epoch_us(started_at)) / 3.6e9"
        " * CAST(hourly_cost AS DOUBLE)) * 1.2 AS euros"
        " FROM agent_time JOIN agents USING (agent_id)"
        " WHERE paid AND state <> 'offline' GROUP BY team"
    )
    off = (
        "SELECT count(*), max(abs(euros - amount)) FROM"
        f" ({wages}) JOIN (SELECT team, CAST(sum(amount) AS DOUBLE) AS amount FROM costs"
        " WHERE category = 'labour' GROUP BY team) USING (team)"
    )
    teams, most = one(con, off)
    assert teams == 6
    assert most < 0.03  # each of three or four months is rounded


def test_lead_costs_are_those_of_the_leads(con: duckdb.DuckDBPyConnection) -> None:
    """What a source costs is what its leads say they cost; referrals cost nothing."""
    spent = con.execute(
        "SELECT lead_source, sum(amount) FROM costs WHERE category = 'lead_data'"
        " GROUP BY 1 ORDER BY 1"
    ).fetchall()
    said = con.execute(
        "SELECT lead_source, sum(cost) FROM leads GROUP BY 1 HAVING sum(cost) > 0 ORDER BY 1"
    ).fetchall()
    assert spent == said
    assert len(said) == 4


def test_customers_leave_at_the_planted_pace(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Customers lost a day of custom are as many as planted; of one campaign twice as many."""
    truths = world.truths
    rates = dict(truths.churn_rates)
    others = {rate for name, rate in rates.items() if name != truths.churning_campaign}
    assert others == {rates[truths.churning_campaign] / 2}
    seen = con.execute(
        "SELECT campaign_id, count(churned_at), sum(epoch_us(coalesce(churned_at,"
        f" TIMESTAMPTZ '{world.end}')) - epoch_us(acquired_at)) / 8.64e10"
        " FROM customers JOIN leads USING (customer_id) GROUP BY 1"
    ).fetchall()
    assert {name for name, *_ in seen} == set(rates)
    for name, lost, days in seen:
        expected = -math.log1p(-rates[name]) / 30 * days
        assert abs(lost - expected) < SURE * math.sqrt(expected), (name, lost, expected)


def test_shares_are_as_planted(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Response, refunds, cross-selling, satisfaction and stuck deals are as frequent as planted."""
    truths = world.truths
    month_ago = world.end - dt.timedelta(days=30)
    csat = "surveys JOIN agents USING (agent_id) WHERE kind = 'csat' AND score IS NOT NULL"
    for flag, share, rows in (
        (
            "answered_at IS NOT NULL",
            truths.response_share,
            f"surveys WHERE asked_at < TIMESTAMPTZ '{world.end}' - INTERVAL 2 DAY",
        ),
        ("refunded IS NOT NULL", truths.refund_share, "orders"),
        ("kind = 'cross_sell'", truths.cross_sell_share, "orders WHERE kind <> 'new'"),
        ("product = 'Home cover'", truths.cross_sell_product_share, "cross_sold"),
        *(
            ("score >= 4", truths.satisfied_shares[team], f"{csat} AND team = '{team}'")
            for team in truths.satisfied_shares
        ),
        (
            "left_at IS NULL",
            truths.stuck_share,
            (
                f"stages WHERE stage = '{truths.stalling_stage}' AND entered_at < '{month_ago}'"
                f" AND deal_id NOT IN (SELECT deal_id FROM deals JOIN leads USING (lead_id)"
                f" WHERE list_id = '{truths.slow_list}')"
            ),
        ),
    ):
        con.execute(
            "CREATE OR REPLACE TEMP VIEW cross_sold AS SELECT o.product FROM orders o"
            " JOIN orders f ON f.customer_id = o.customer_id AND f.kind = 'new'"
            " WHERE o.kind = 'cross_sell' AND f.product <> 'Home cover'"
        )
        n, seen = one(con, f"SELECT count(*), count(*) FILTER ({flag}) FROM {rows}")
        error = math.sqrt(share * (1 - share) * n)
        assert n > 50, flag
        assert abs(seen - share * n) < SURE * error, (flag, n, seen, share)


_HISTORIES = """
    WITH worth AS (
        SELECT customer_id, ordered_at::DATE AS day, refunded IS DISTINCT FROM amount AS kept,
            margin * (1 - coalesce(refunded, 0) / amount) * coalesce(rate, 1) AS euros
        FROM orders o LEFT JOIN currencies c ON c.currency = o.currency AND "on" = ordered_at::DATE
    ), known AS (
        SELECT *, min(day) OVER (PARTITION BY customer_id) AS first FROM worth
        WHERE kept AND day < '2026-03-01'
    ), histories AS (
        SELECT customer_id, count(DISTINCT day) - 1 AS back, max(day) - any_value(first) AS last,
            DATE '2026-03-01' - any_value(first) AS age,
            coalesce(sum(euros) FILTER (day > first) / nullif(back, 0), 0) AS mean
        FROM known GROUP BY customer_id
    )
"""


def test_what_customers_bring_can_be_foreseen() -> None:
    """BG/NBD and Gamma-Gamma fit the orders of 90 days, and foresee two months within a sixth."""
    world = make_world(days=150, calls=150_000)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for name in ("orders", "currencies"):
            con.register(name, world.tables[name])
        histories = con.execute(
            f"{_HISTORIES} SELECT back, last, age, mean FROM histories"
        ).fetchnumpy()
        came = number(
            con,
            f"{_HISTORIES} SELECT sum(euros) FROM worth SEMI JOIN histories USING (customer_id)"
            " WHERE day >= '2026-03-01'",
        )
    table = np.stack([np.asarray(column, np.float64) for column in histories.values()], axis=1)
    found = expect(table, months=2)
    assert found.refusal == ""
    assert found.buying is not None
    assert found.buying.doubts == ()
    assert found.spending is not None
    assert found.spending.doubts == ()
    assert found.worth(table) == pytest.approx(came, rel=1 / 6)
    r, alpha, *_ = world.truths.buying
    assert found.buying.r / found.buying.alpha == pytest.approx(r / alpha, rel=0.25)
