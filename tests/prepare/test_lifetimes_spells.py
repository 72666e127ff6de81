"""What became of a customer, and when was it active?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from dialgauge.model.rules import Rules
from memory_lake import MemoryLake, Row

START = dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)


def day(number: float) -> dt.datetime:
    """Write the moment some days after the start."""
    return START + dt.timedelta(days=number)


def order(order_id: str, at: float, amount: int, **columns: Any) -> Row:
    """Write an order of customer C."""
    return {
        "order_id": order_id,
        "customer_id": "C",
        "ordered_at": day(at),
        "amount": Decimal(amount),
    } | columns


def customer(**columns: Any) -> Row:
    """Write customer C, acquired on the first day."""
    return {"customer_id": "C", "acquired_at": day(0)} | columns


def lake_of(rules: Rules | None = None, **tables: list[Row]) -> MemoryLake:
    """Load tables."""
    lake = MemoryLake(rules)
    for name, rows in tables.items():
        lake.load(name, rows)
    return lake


def life(lake: MemoryLake) -> Row:
    """Read the life of customer C."""
    return lake.rows("lifetimes")["C"]


def spells(rules: Rules, **tables: list[Row]) -> list[tuple[float, float | None]]:
    """Read when customer C was active, in days after the start, in the order of their numbers."""
    rows = dict(sorted(lake_of(rules, **tables).rows("active_spells").items()))
    assert list(rows) == [f"C#{number}" for number in range(1, len(rows) + 1)]
    return [
        (
            (row["started_at"] - START) / dt.timedelta(days=1),
            None if row["ended_at"] is None else (row["ended_at"] - START) / dt.timedelta(days=1),
        )
        for row in rows.values()
    ]


def test_milestones_and_sums_of_orders() -> None:
    """Two orders on the first day, one on the third, with a margin; 10 hours apart is one day."""
    orders = [
        order("a", 0, 100, margin=Decimal(30), product="P"),
        order("b", 0.3, 50),
        order("c", 2, 20, margin=Decimal(5), product="Q"),
    ]
    row = life(lake_of(orders=orders))
    assert (row["first_order_at"], row["second_order_at"]) == (day(0), day(0.3))
    assert (row["last_order_at"], row["acquired_at"], row["ended_at"]) == (day(2), day(0), None)
    assert (row["orders"], row["order_days"], row["product"]) == (3, 2, "P")
    assert (row["value"], row["margin_value"]) == (170, 35)
    assert (row["worth"], row["repeat_worth"]) == (30 + 50 + 5, 5)


def test_a_cohort_is_the_utc_month_of_being_acquired() -> None:
    """Half past midnight of 1 February in Berlin is still January; first orders count else."""
    berlin = dt.timezone(dt.timedelta(hours=1))
    late = dt.datetime(2026, 2, 1, 0, 30, tzinfo=berlin)
    assert life(lake_of(customers=[customer(acquired_at=late)]))["cohort"] == "2026-01"
    orders = [order("a", 31, 10), order("b", 60, 10)]
    assert life(lake_of(orders=orders))["cohort"] == "2026-02"
    assert life(lake_of(customers=[customer()], orders=orders))["cohort"] == "2026-01"


def test_what_was_paid_back_in_full_is_no_order() -> None:
    """It neither came first nor last; a free sample did, because nothing was paid back."""
    orders = [
        order("a", 0, 100, refunded=Decimal(100), product="returned"),
        order("b", 1, 0, product="sample"),
        order("c", 2, 50, refunded=Decimal(20)),
        order("d", 3, 70, refunded=Decimal(70)),
    ]
    row = life(lake_of(orders=orders))
    assert (row["orders"], row["order_days"], row["product"]) == (2, 2, "sample")
    assert (row["first_order_at"], row["last_order_at"]) == (day(1), day(2))
    assert (row["value"], row["worth"], row["margin_value"]) == (30, 30, None)
    only_returns = lake_of(orders=orders[:1])
    assert only_returns.rows("lifetimes") == {}
    assert only_returns.rows("active_spells") == {}


def test_what_was_cancelled_is_no_order() -> None:
    """Neither its day nor its money counts: only c is left, and who has none is no customer."""
    orders = [
        order("a", 0, 100, cancelled=True),
        order("b", 5, 70, cancelled=True),
        order("c", 2, 50, cancelled=False),
    ]
    row = life(lake_of(orders=orders))
    assert (row["orders"], row["value"], row["worth"], row["repeat_worth"]) == (1, 50, 50, 0)
    assert (row["first_order_at"], row["last_order_at"]) == (day(2), day(2))
    assert lake_of(orders=orders[:1]).rows("lifetimes") == {}
    assert lake_of(orders=orders[:1]).rows("active_spells") == {}


def test_a_customer_without_orders_has_a_value_of_0() -> None:
    """Nothing was ordered, so that is known; margin and currency are not."""
    row = life(lake_of(customers=[customer(source="crm")]))
    assert (row["orders"], row["value"], row["worth"], row["repeat_worth"]) == (0, 0, 0, 0)
    assert (row["margin_value"], row["value_currency"], row["source"]) == (None, None, "crm")


def test_currencies_of_a_customer() -> None:
    """One is told, two are mixed, and orders without a rate are counted."""
    dollars, laris = order("a", 0, 1, currency="USD"), order("b", 1, 1, currency="GEL")
    assert life(lake_of(orders=[dollars, order("c", 2, 1)]))["value_currency"] == "USD"
    assert life(lake_of(orders=[dollars, laris]))["value_currency"] == "mixed"
    row = life(lake_of(Rules(currency="USD"), orders=[dollars, laris]))
    assert (row["unconverted"], row["value"], row["value_currency"]) == (1, 1, "USD")


def test_who_won_a_customer() -> None:
    """The first order's credit; what it does not tell, the customer's lead does."""
    lead = {"lead_id": "L", "created_at": day(0), "campaign_id": "K-lead", "list_id": "list-lead"}
    orders = [
        order("a", 1, 1, agent_id="A1", lead_id="M"),
        order("b", 2, 1, agent_id="A2", campaign_id="K2"),
    ]
    row = life(lake_of(leads=[lead], customers=[customer(lead_id="L")], orders=orders))
    assert (row["lead_id"], row["agent_id"]) == ("L", "A1")
    assert (row["campaign_id"], row["list_id"]) == ("K-lead", "list-lead")


def test_under_contract_a_customer_stays_until_its_end_is_written() -> None:
    """One spell whatever it ordered, with and without days of inactivity."""
    orders = [order("a", 5, 1), order("b", 90, 1)]
    for rules in (Rules(), Rules(inactive_after_days=10)):
        written = [customer(churned_at=day(60))]
        assert spells(rules, customers=written, orders=orders) == [(0, 60)]
        assert life(lake_of(rules, customers=written, orders=orders))["ended_at"] == day(60)
    assert spells(Rules(), customers=[customer()], orders=orders) == [(0, None)]
    assert spells(Rules(), orders=orders) == [(5, None)]


def test_without_contract_a_spell_lasts_until_orders_stop() -> None:
    """An order on the last day prolongs it, one a moment later begins another."""
    rules = Rules(inactive_after_days=10)
    orders = [order("a", 4, 1), order("b", 14, 1), order("c", 24.001, 1), order("d", 30, 1)]
    assert spells(rules, orders=orders) == [(4, 24), (24.001, 40)]
    assert spells(rules, customers=[customer()], orders=orders) == [(0, 24), (24.001, 40)]
    assert life(lake_of(rules, orders=orders))["ended_at"] == day(40)


def test_who_never_ordered_lives_from_being_acquired() -> None:
    """For as many days as after an order; a first order after that begins a second spell."""
    rules = Rules(inactive_after_days=10)
    assert spells(rules, customers=[customer()]) == [(0, 10)]
    assert life(lake_of(rules, customers=[customer()]))["ended_at"] == day(10)
    assert spells(rules, customers=[customer()], orders=[order("a", 11, 1)]) == [(0, 10), (11, 21)]


def test_orders_before_being_acquired_count_from_there() -> None:
    """As written, nobody was a customer before."""
    rules = Rules(inactive_after_days=10)
    orders = [order("a", -30, 1), order("b", 3, 1)]
    assert spells(rules, customers=[customer()], orders=orders) == [(0, 13)]


def test_a_late_order_joins_two_spells() -> None:
    """The second spell is gone, and with it its row."""
    lake = lake_of(Rules(inactive_after_days=10), orders=[order("a", 0, 1), order("c", 15, 1)])
    assert len(lake.rows("active_spells")) == 2
    lake.load("orders", [order("b", 8, 1)])
    (row,) = lake.rows("active_spells").values()
    assert (row["started_at"], row["ended_at"]) == (day(0), day(25))
