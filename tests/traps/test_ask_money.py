"""Does money add up, in one currency and to the cent?"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from dialgauge.errors import CurrencyError, UsageError
from dialgauge.model.rules import Rules
from small_lake import by, call, days, small_lake

EUR = Rules(currency="EUR")


def order(order_id: object, at: str, amount: object, **columns: object) -> dict[str, object]:
    """Write an order."""
    return {"order_id": order_id, "ordered_at": at, "amount": amount} | columns


def cost(
    cost_id: object, amount: object, start: str, end: str, **columns: object
) -> dict[str, object]:
    """Write a cost."""
    return {"cost_id": cost_id, "amount": amount, "starts_on": start, "ends_on": end} | columns


def test_fifty_thousand_in_and_two_hundred_thousand_out_are_300_per_cent(tmp_path: Path) -> None:
    """The mission's example: (200,000 - 50,000) / 50,000 = 3."""
    lake = small_lake(
        tmp_path,
        costs=[cost(1, 50_000, "2026-01-01", "2026-03-31", category="labour")],
        orders=[order(n, "2026-02-01T00:00:00Z", 50_000) for n in range(4)],
    )
    roi = lake.total("roi")
    assert (roi.value, roi.numerator, roi.denominator) == (3.0, 150_000, 50_000)


def test_a_cost_lies_evenly_on_its_days_and_no_cent_is_lost(tmp_path: Path) -> None:
    """100 over three days is 33.3333, 33.3333 and 33.3334; the spring day of 23 hours is a day."""
    lake = small_lake(tmp_path, costs=[cost(1, 100, "2026-03-28", "2026-03-30")])
    answer = lake.ask("cost", grain="day", timezone="Europe/Berlin")
    found = by(answer, "cost")
    assert found == {"2026-03-28": 33.3333, "2026-03-29": 33.3333, "2026-03-30": 33.3334}
    assert answer.total is not None
    assert answer.total.values["cost"].value == 100


@pytest.mark.parametrize("amount", ["99999999.9999", "100000000.0000", "3000000000000.0001", "-7"])
def test_a_large_cost_is_cut_as_exactly_as_a_small_one(tmp_path: Path, amount: str) -> None:
    """Whether 64 bits are enough or not, the parts are cut down to 0.0001 and sum to the whole."""
    lake = small_lake(tmp_path, costs=[cost(1, amount, "2026-03-01", "2026-03-07")])
    answer = lake.ask("cost", grain="day")
    units = int(amount.replace(".", "")) if "." in amount else int(amount) * 10_000
    # Up to the end of each day, towards zero: what integer division does to a positive number.
    ends = [abs(units) * day // 7 * (1 if units > 0 else -1) for day in range(8)]
    parts = [float((after - before) / 10_000) for before, after in pairwise(ends)]
    assert [row.values["cost"].value for row in answer.rows] == pytest.approx(parts, rel=1e-12)
    assert answer.total is not None
    assert answer.total.values["cost"].value == float(amount)


def test_a_cost_counts_with_the_days_that_are_asked(tmp_path: Path) -> None:
    """31 January to 2 February: two of three days lie in February."""
    lake = small_lake(tmp_path, costs=[cost(1, 9, "2026-01-31", "2026-02-02")])
    assert lake.total("cost", period=days("2026-02-01", "2026-03-01")).value == 6
    assert lake.total("cost", where=("month = '2026-02-01'",)).value == 6
    assert lake.total("cost", period=days("2026-02-03", "2026-03-01")).value == 0
    weeks = by(lake.ask("cost", grain="week"), "cost")
    assert weeks == {"2026-01-26": 6, "2026-02-02": 3}  # Saturday, Sunday; Monday


def test_what_has_no_driver_is_shown_and_not_lost(tmp_path: Path) -> None:
    """Shared out by calls there are none of, 80 stays where no campaign is known."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", campaign_id="A"),
            call(2, "2026-01-05T10:00:00Z", campaign_id="A"),
            call(3, "2026-01-06T10:00:00Z", campaign_id="B"),
        ],
        costs=[
            cost(1, 30, "2026-01-01", "2026-01-31", allocate_by="calls"),
            cost(2, 80, "2026-02-01", "2026-02-28", allocate_by="calls"),
        ],
    )
    answer = lake.ask("cost", by=("campaign",))
    assert by(answer, "cost") == {"A": 20, "B": 10, None: 80}
    assert any(
        note.startswith("73% of the cost is charged to no campaign") for note in answer.notes
    )
    assert lake.total("cost", where=("campaign = 'A'",)).value == 20


def test_late_calls_move_costs(tmp_path: Path) -> None:
    """A cost is shared out anew when calls of its period come in later."""
    lake = small_lake(
        tmp_path,
        calls=[call(1, "2026-01-05T10:00:00Z", campaign_id="A")],
        costs=[cost(1, 30, "2026-01-01", "2026-01-31", allocate_by="calls")],
    )
    assert by(lake.ask("cost", by=("campaign",)), "cost") == {"A": 30}
    lake.load(calls=[call(2, "2026-01-20T10:00:00Z", campaign_id="B")])
    assert by(lake.ask("cost", by=("campaign",)), "cost") == {"A": 15, "B": 15}


def test_a_call_by_the_hour_has_no_cost_by_the_hour(tmp_path: Path) -> None:
    """Costs are known by the day; finer is refused, not guessed."""
    lake = small_lake(tmp_path, costs=[cost(1, 9, "2026-01-31", "2026-02-02")])
    with pytest.raises(UsageError, match="day"):
        lake.ask("cost", grain="hour")


def test_unlike_currencies_are_not_added(tmp_path: Path) -> None:
    """Without a currency of the lake's own, euros and dollars have no sum."""
    lake = small_lake(
        tmp_path,
        orders=[
            order(1, "2026-01-05T10:00:00Z", 10, currency="EUR"),
            order(2, "2026-01-05T10:00:00Z", 10, currency="USD"),
        ],
    )
    with pytest.raises(CurrencyError, match="orders in EUR and USD"):
        lake.ask("revenue")
    assert lake.total("orders").value == 2  # counting needs no rate


def test_a_return_needs_its_parts_in_one_currency(tmp_path: Path) -> None:
    """Revenue in euros and cost in dollars have no return."""
    lake = small_lake(
        tmp_path,
        orders=[order(1, "2026-01-05T10:00:00Z", 10, currency="EUR")],
        costs=[cost(1, 9, "2026-01-01", "2026-01-31", currency="USD")],
    )
    assert lake.total("revenue").value == 10
    with pytest.raises(CurrencyError, match="'roi'"):
        lake.ask("roi")


def test_money_is_converted_at_the_rate_of_its_day(tmp_path: Path) -> None:
    """10 dollars at 0.9 and 10 at 0.8 are 17 euros."""
    lake = small_lake(
        tmp_path,
        rules=EUR,
        orders=[
            order(1, "2026-01-05T10:00:00Z", 10, currency="USD"),
            order(2, "2026-01-06T10:00:00Z", 10, currency="USD"),
        ],
        currencies=[
            {"rate_id": 1, "currency": "USD", "on": "2026-01-05", "rate": 0.9},
            {"rate_id": 2, "currency": "USD", "on": "2026-01-06", "rate": 0.8},
        ],
    )
    answer = lake.ask("revenue", "avg_order_value")
    assert answer.rows[0].values["revenue"].value == 17
    assert answer.rows[0].values["avg_order_value"].value == 8.5
    assert "Money is in EUR." in answer.notes


def test_a_missing_rate_is_named_with_its_days(tmp_path: Path) -> None:
    """Two days without a rate are told; a period without them can be asked."""
    lake = small_lake(
        tmp_path,
        rules=EUR,
        orders=[
            order(1, "2026-01-05T10:00:00Z", 10, currency="USD"),
            order(2, "2026-01-06T10:00:00Z", 10, currency="USD"),
            order(3, "2026-01-07T10:00:00Z", 10, currency="USD"),
        ],
        currencies=[{"rate_id": 1, "currency": "USD", "on": "2026-01-05", "rate": 0.9}],
    )
    with pytest.raises(CurrencyError, match="USD to EUR on 2026-01-06, 2026-01-07"):
        lake.ask("revenue")
    assert lake.total("revenue", period=days("2026-01-05", "2026-01-06")).value == 9
    lake.load(
        currencies=[
            {"rate_id": n, "currency": "USD", "on": f"2026-01-0{n}", "rate": 1} for n in (6, 7)
        ]
    )
    assert lake.total("revenue").value == 29


def test_a_foreign_cost_is_converted_day_by_day(tmp_path: Path) -> None:
    """10 dollars over two days at 1 and 0.5 are 5 and 2.5 euros."""
    lake = small_lake(
        tmp_path,
        rules=EUR,
        costs=[cost(1, 10, "2026-01-05", "2026-01-06", currency="USD")],
        currencies=[
            {"rate_id": 1, "currency": "USD", "on": "2026-01-05", "rate": 1},
            {"rate_id": 2, "currency": "USD", "on": "2026-01-06", "rate": 0.5},
        ],
    )
    assert by(lake.ask("cost", grain="day"), "cost") == {"2026-01-05": 5, "2026-01-06": 2.5}


def test_revenue_is_less_refunds_and_orders_are_not(tmp_path: Path) -> None:
    """An order paid back is an order without revenue."""
    lake = small_lake(
        tmp_path,
        orders=[
            order(1, "2026-01-05T10:00:00Z", 100, refunded=100, margin=40),
            order(2, "2026-01-05T10:00:00Z", 100, refunded=25, margin=40),
        ],
    )
    values = lake.ask("revenue", "orders").rows[0].values
    assert (values["revenue"].value, values["orders"].value) == (75, 2)


def test_a_cancelled_order_never_counts(tmp_path: Path) -> None:
    """It is no order, no revenue and no customer, whatever its amount; the answer says so.

    By hand: of three orders, 100 of Ann's, 60 of Ann's cancelled, 40 of Ben's cancelled, one is
    left. Nobody bought a second time, so none of one customer comes back.
    """
    lake = small_lake(
        tmp_path,
        orders=[
            order(1, "2026-01-05T10:00:00Z", 100, customer_id="ann", cancelled=False),
            order(2, "2026-01-06T10:00:00Z", 60, customer_id="ann", cancelled=True),
            order(3, "2026-01-07T10:00:00Z", 40, customer_id="ben", cancelled=True),
        ],
    )
    answer = lake.ask("revenue", "orders", "avg_order_value", "clv_historic")
    values = {name: value.value for name, value in answer.rows[0].values.items()}
    assert values == {"revenue": 100, "orders": 1, "avg_order_value": 100, "clv_historic": 100}
    assert answer.rows[0].values["clv_historic"].denominator == 1
    assert "Left out: 2 cancelled orders." in answer.notes


def test_a_cost_reaches_to_its_last_day(tmp_path: Path) -> None:
    """Wages of January and February cover both months, though no cost begins after the 1st."""
    lake = small_lake(
        tmp_path,
        costs=[
            cost(1, 31, "2026-01-01", "2026-01-31"),
            cost(2, 28, "2026-02-01", "2026-02-28"),
        ],
    )
    answer = lake.ask("cost", period=days("2026-02-01", "2026-03-01"), versus="previous")
    assert answer.rows[0].values["cost"].value == 28
    assert not any("costs" in note for note in answer.notes)


def test_nothing_sold_is_0_beside_what_was(tmp_path: Path) -> None:
    """A campaign that sold in January alone sold 0 in February, 10 less; that is no gap."""
    lake = small_lake(
        tmp_path,
        orders=[
            order(1, "2026-01-05T10:00:00Z", 10, campaign_id="A"),
            order(2, "2026-02-05T10:00:00Z", 10, campaign_id="B"),
        ],
    )
    answer = lake.ask(
        "revenue", by=("campaign",), period=days("2026-02-01", "2026-03-01"), versus="previous"
    )
    (gone,) = [row for row in answer.rows if row.keys["campaign"] == "A"]
    assert gone.values["revenue"].value == 0
    assert gone.values["revenue"].change is not None
    assert gone.values["revenue"].change.difference == -10


def test_what_is_unknown_has_no_interval(tmp_path: Path) -> None:
    """A cost that no campaign is charged with has no cost a dial there, nor one that is bounded."""
    lake = small_lake(
        tmp_path,
        calls=[call(1, "2026-01-05T10:00:00Z", campaign_id="A")],
        costs=[cost(1, 30, "2026-01-01", "2026-01-31")],
    )
    (uncharged,) = [
        row
        for row in lake.ask("cost_per_dial", by=("campaign",)).rows
        if row.keys["campaign"] is None
    ]
    value = uncharged.values["cost_per_dial"]
    assert (value.value, value.low, value.high) == (None, None, None)


def test_customers_without_an_order_do_not_spoil_what_others_will_be_worth(tmp_path: Path) -> None:
    """Orders minutes apart around midnight, and one paid back in full, are no nonsense."""
    orders = [
        order(f"{n}-{i}", at, 10 + n % 7, customer_id=f"c{n}")
        for n in range(60)
        for i, at in enumerate(("2026-01-05T23:59:00Z", "2026-01-06T00:01:00Z"))
    ]
    orders += [
        order(f"{n}", f"2026-0{1 + n % 6}-10T10:00:00Z", 20, customer_id=f"d{n % 40}")
        for n in range(200)
    ]
    orders.append(order("back", "2026-03-01T00:00:00Z", 5, customer_id="e", refunded=5))
    lake = small_lake(
        tmp_path,
        orders=orders,
        customers=[{"customer_id": "e", "acquired_at": "2026-03-01T00:00:00Z"}],
    )
    expected = lake.total("clv_predicted")
    assert "nonsense" not in expected.reason
    assert "unknown" not in expected.reason
    assert "without time" not in expected.reason
