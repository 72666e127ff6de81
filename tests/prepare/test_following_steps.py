"""Do the right steps run, in an order that works, and on no more than needed?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dialgauge.prepare.following import MADE_FROM, STEPS, is_due, step_of
from dialgauge.tables import TABLES
from memory_lake import MemoryLake, Row

BY_CALLS = {"calls", "journeys", "callbacks"}
"""Derived tables that batches of calls keep up to date."""

DAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def call(call_id: str, lead: str, hours: float, **columns: object) -> Row:
    """Write a contact with a lead, some hours after noon."""
    return {
        "call_id": call_id,
        "started_at": DAY + dt.timedelta(hours=hours),
        "direction": "outbound",
        "contact": True,
        "lead_id": lead,
    } | columns


def order(order_id: str, lead: str) -> Row:
    """Write an order of a lead at noon."""
    return {
        "order_id": order_id,
        "lead_id": lead,
        "ordered_at": DAY,
        "amount": Decimal(1),
        "customer_id": lead,
    }


def test_no_step_reads_what_comes_after_it() -> None:
    """When a step runs, every table it reads is up to date."""
    later = {step.table for step in STEPS}
    assert len(later) == len(STEPS)
    for step in STEPS:
        later.discard(step.table)
        assert not step.reads & later, f"{step.table} reads what is worked out after it"


def test_every_table_that_is_derived_has_a_step() -> None:
    """So has every table with derived columns; a derived one tells what it is made from."""
    derived = {
        name
        for name, table in TABLES.items()
        if table.derived or any(column.derived for column in table.columns)
    }
    assert {step.table for step in STEPS} == derived - BY_CALLS
    whole = {name for name in derived - BY_CALLS if TABLES[name].derived}
    assert set(MADE_FROM) == whole
    assert all(step_of(name) is None for name in whole)


def test_without_rows_no_step_is_due() -> None:
    """Calls, leads and agents may change as they like where there are no orders, costs ..."""
    held = {"calls", "journeys", "callbacks", "leads", "agents", "agent_time", "campaigns"}
    for step in STEPS:
        assert not is_due(step, held, held.__contains__)
        assert is_due(step, step.reads, lambda _: True)
        assert not is_due(step, set(TABLES) - step.reads, lambda _: True)


def test_a_day_of_calls_without_orders_costs_nothing() -> None:
    """Nothing at all is worked out."""
    lake = MemoryLake()
    lake.load("calls", [call("a", "L", 0)])
    assert (lake.ran, set(lake.written)) == ([], BY_CALLS)


def test_only_orders_that_may_change_are_worked_out() -> None:
    """A new contact is credited with what its lead ordered later; for others nothing is stored."""
    lake = MemoryLake()
    lake.load("orders", [order("o", "L"), order("p", "M")])
    for calls in ([call("a", "L", 1)], [call("b", "N", -1)], [call("c", "L", -1, test=True)]):
        lake.load("calls", calls)
        assert lake.ran == ["working out orders"]
        assert "orders" not in lake.written
    lake.load("calls", [call("d", "L", -1)])
    assert {"orders", "lifetimes"} <= {word.rpartition(" ")[2] for word in lake.ran}
    credited = {key: row["credited_call_id"] for key, row in lake.rows("orders").items()}
    assert credited == {"o": "d", "p": None}


def test_costs_and_scores_of_other_calls_are_left_alone() -> None:
    """Calls outside the days of all costs and without reviews store nothing, others do."""
    lake = MemoryLake()
    march = {"starts_on": DAY.date(), "ends_on": DAY.date() + dt.timedelta(days=30)}
    cost = {"cost_id": "k", "amount": Decimal(10), "allocate_by": "calls"} | march
    lake.load("costs", [cost])
    answer = {"answer_id": "1", "review_id": "R", "reviewed_at": DAY, "score": 1.0}
    lake.load("reviews", [answer | {"call_id": "seen"}])
    lake.load("calls", [call("a", "L", -24 * 40, campaign_id="K1")])
    assert set(lake.written) == BY_CALLS
    lake.load("calls", [call("seen", "L", 0, campaign_id="K2", agent_id="A")])
    assert set(lake.written) == BY_CALLS | {"reviews", "scores", "cost_shares"}
    assert [row["campaign_id"] for row in lake.rows("cost_shares").values()] == ["K2"]
    assert lake.rows("scores")["R"]["campaign_id"] == "K2"
    # The cost's last day counts whole.
    lake.load("calls", [call("c", "L", 24 * 30 + 11.9, campaign_id="K3")])
    assert {row["campaign_id"] for row in lake.rows("cost_shares").values()} == {"K2", "K3"}


def test_a_call_that_changes_is_taken_back() -> None:
    """It turns out to have been a test: the order is credited to nobody again."""
    lake = MemoryLake()
    lake.load("orders", [order("o", "L")])
    lake.load("calls", [call("a", "L", -1)])
    assert lake.rows("orders")["o"]["credited_by"] == "last contact"
    lake.load("calls", [call("a", "L", -1, test=True)])
    assert lake.rows("orders")["o"]["credited_by"] == "nothing"
