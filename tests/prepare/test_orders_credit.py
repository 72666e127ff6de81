"""Whose work is an order, and what is left of it?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dialgauge.model.rules import Rules
from memory_lake import MemoryLake, Row

DAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def call(call_id: str, days_before: float, **columns: Any) -> Row:
    """Write a contact with lead L by agent A of campaign K, some days before the order."""
    return {
        "call_id": call_id,
        "started_at": DAY - dt.timedelta(days=days_before),
        "direction": "outbound",
        "contact": True,
        "lead_id": "L",
        "agent_id": f"A-{call_id}",
        "campaign_id": f"K-{call_id}",
        "list_id": f"list-{call_id}",
        "script": f"script-{call_id}",
    } | columns


def credit(rules: Rules, order: Row, **stored: list[Row]) -> Row:
    """Load tables, then one order, and read what became of it."""
    lake = MemoryLake(rules)
    for name, rows in stored.items():
        lake.load(name, rows)
    lake.load("orders", [{"order_id": "o", "ordered_at": DAY} | order])
    return lake.rows("orders")["o"]


def found(order: Row) -> tuple[Any, ...]:
    """Read by what, and to which call, agent and campaign an order is credited."""
    names = ("by", "call_id", "agent_id", "campaign_id")
    return tuple(order[f"credited_{name}"] for name in names)


LAST = call("last", 2)
NAMED = call("named", 5, lead_id="M", agent_id=None)
DEAL = {
    "deal_id": "d",
    "created_at": DAY,
    "lead_id": "L",
    "agent_id": "A-deal",
    "campaign_id": "K-deal",
}

WAYS = {
    "order before all": (
        {"lead_id": "L", "call_id": "named", "deal_id": "d", "agent_id": "A-own"},
        ("order", "named", "A-own", "K-named"),
    ),
    "order without call": (
        {"lead_id": "L", "campaign_id": "K-own"},
        ("order", "last", "A-last", "K-own"),
    ),
    "call before deal": (
        {"call_id": "named", "deal_id": "d"},
        ("call", "named", "A-deal", "K-named"),
    ),
    "deal before contact": ({"deal_id": "d"}, ("deal", "last", "A-deal", "K-deal")),
    "last contact": ({"lead_id": "L"}, ("last contact", "last", "A-last", "K-last")),
    "the customer's lead": ({"customer_id": "c"}, ("last contact", "last", "A-last", "K-last")),
    "nobody's": ({"lead_id": "N"}, ("nothing", None, None, None)),
    "unknown call and deal": (
        {"call_id": "gone", "deal_id": "gone", "lead_id": "L"},
        ("last contact", "last", "A-last", "K-last"),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_first_that_knows_is_credited(way: str) -> None:
    """The order, the call it names, its deal, the last contact: each only fills what is open."""
    order, expected = WAYS[way]
    customer = {"customer_id": "c", "acquired_at": DAY, "lead_id": "L"}
    row = credit(
        Rules(), order, calls=[LAST, NAMED, call("old", 9)], deals=[DEAL], customers=[customer]
    )
    assert found(row) == expected


@pytest.mark.parametrize(
    ("days_before", "credited"), [(30, "c"), (30.001, None), (0, "c"), (-0.001, None)]
)
def test_contacts_count_for_so_many_days(days_before: float, credited: str | None) -> None:
    """From exactly 30 days before the order to its very moment, both included."""
    row = credit(Rules(attribution_days=30), {"lead_id": "L"}, calls=[call("c", days_before)])
    assert row["credited_call_id"] == credited


def test_only_contacts_that_are_no_tests_are_credited() -> None:
    """Later calls that reached nobody, or were tests, or went to others are passed over."""
    calls = [
        call("a", 3),
        call("b", 2, contact=False),
        call("c", 2, contact=None),
        call("d", 2, test=True),
        call("e", 2, lead_id="M"),
        call("f", 2, lead_id=None),
    ]
    assert found(credit(Rules(), {"lead_id": "L"}, calls=calls))[1] == "a"


def test_of_contacts_at_one_moment_that_with_the_last_id_counts() -> None:
    """Among a, c and b the last is c, whatever its agent is called."""
    calls = [call(name, 1, agent_id=agent) for name, agent in (("a", "Z"), ("c", "X"), ("b", "Y"))]
    assert found(credit(Rules(), {"lead_id": "L"}, calls=calls))[1:3] == ("c", "X")


def test_list_and_script_are_those_of_the_credited_call() -> None:
    """A named call without them borrows none from the last contact; the lead tells its list."""
    lead = {"lead_id": "L", "created_at": DAY, "list_id": "list-lead"}
    bare = call("named", 5, list_id=None, script=None)
    row = credit(Rules(), {"call_id": "named"}, leads=[lead], calls=[bare, LAST])
    assert (row["credited_list_id"], row["credited_script"]) == ("list-lead", None)
    row = credit(Rules(), {"lead_id": "L"}, leads=[lead], calls=[bare, LAST])
    assert (row["credited_list_id"], row["credited_script"]) == ("list-last", "script-last")


@pytest.mark.parametrize(
    ("amount", "refunded", "margin", "value", "margin_value"),
    [
        ("200", None, "50", "200", "50"),
        ("200", "0", "50", "200", "50"),
        ("200", "50", "50", "150", "37.5"),
        ("200", "200", "50", "0", "0"),
        ("3", "1", "1", "2", "0.6667"),
        ("-3", "-1", "-1", "-2", "-0.6667"),
        ("0", "5", "2", "-5", "2"),
        (None, "5", "2", None, None),
        (None, None, "2", None, "2"),
        ("90000000000000", "1", "90000000000000", "89999999999999", "89999999999999"),
    ],
)
def test_refunds_take_their_part_of_the_margin(
    amount: str | None, refunded: str | None, margin: str, value: str | None, margin_value: str
) -> None:
    """A quarter paid back leaves three quarters of amount and margin; nothing unknown is 0."""
    money = {"amount": amount, "refunded": refunded, "margin": margin}
    row = credit(Rules(), {name: text and Decimal(text) for name, text in money.items()})
    wanted = tuple(text and Decimal(text) for text in (value, margin_value))
    assert (row["value"], row["margin_value"]) == wanted


def test_money_that_does_not_fit_is_unknown() -> None:
    """Numbers beyond what the lake holds stop no import."""
    most = Decimal("99999999999999.9999")
    assert credit(Rules(), {"amount": most, "refunded": -most})["value"] is None


def test_value_is_of_the_day_in_utc() -> None:
    """An order at half past midnight in UTC is converted at that day's rate."""
    rates = [
        {"rate_id": f"r{n}", "currency": "USD", "on": dt.date(2026, 2, 27 + n), "rate": 1.0 + n}
        for n in range(2)
    ]
    order = {
        "ordered_at": dt.datetime(2026, 2, 28, 0, 30, tzinfo=dt.UTC),
        "amount": Decimal(10),
        "margin": Decimal(4),
        "refunded": Decimal(5),
        "currency": "USD",
    }
    row = credit(Rules(currency="EUR"), order, currencies=rates)
    assert (row["value"], row["margin_value"], row["value_currency"]) == (10, 4, "EUR")


def test_deals_have_the_value_of_the_day_they_were_closed() -> None:
    """At 2 on the day it was closed, at 1 on the day it was opened while it is open."""
    rates = [
        {"rate_id": f"r{n}", "currency": "USD", "on": dt.date(2026, 3, n), "rate": float(n)}
        for n in (1, 2)
    ]
    lake = MemoryLake(Rules(currency="EUR"))
    lake.load("currencies", rates)
    deal = {"created_at": DAY, "amount": Decimal(10), "currency": "USD"}
    closed = {"deal_id": "closed", "closed_at": DAY + dt.timedelta(days=1)}
    lake.load("deals", [deal | closed, deal | {"deal_id": "open"}])
    values = {key: row["value"] for key, row in lake.rows("deals").items()}
    assert values == {"closed": 20, "open": 10}
