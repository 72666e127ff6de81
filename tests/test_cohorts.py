"""Do cohorts tell how many customers stay, and what they bring?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialgauge.engines.reference import ReferenceEngine
from dialgauge.errors import DimensionError, NoDataError, UnknownNameError, UsageError
from dialgauge.model.cohort import CohortQuestion, Cohorts, cohort_records
from dialgauge.model.rules import Rules
from small_lake import Record, SmallLake, days, small_lake

APRIL = dt.datetime(2026, 4, 20, tzinfo=dt.UTC)


def customer(name: str, acquired_at: str, churned_at: str = "", **columns: object) -> Record:
    """Write a customer under contract."""
    return {"customer_id": name, "acquired_at": acquired_at, "churned_at": churned_at} | columns


def order(name: str, ordered_at: str, amount: int, **columns: object) -> Record:
    """Write an order of a customer."""
    return {
        "order_id": f"{name} {ordered_at}",
        "customer_id": name,
        "ordered_at": ordered_at,
        "amount": amount,
    } | columns


CONTRACTS = [
    customer("A", "2026-01-10", region="North"),
    customer("B", "2026-01-20", "2026-02-15", region="South"),
    customer("C", "2026-01-05", "2026-01-25", region="North"),
    customer("D", "2026-02-03", "2026-04-01T00:00:00Z", region="North"),
    customer("E", "2026-04-02", region="North"),
]
"""A stays; B leaves in its second month, C in its first; D stays to the last instant of March."""

ORDERS = [
    order("F", "2026-01-05", 100, product="P"),
    order("F", "2026-03-20", 50, refunded=20, product="Q"),
    order("G", "2026-01-25", 60, product="Q"),
    order("H", "2026-01-15", 40, product="P"),
    order("H", "2026-03-01", 8, product="P"),
    order("nobody", "2026-04-05", 1000),
]
"""F pauses and comes back; H is written to be a customer only since February."""


@pytest.fixture
def contracts(tmp_path: Path) -> SmallLake:
    """Load customers under contract."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    return small_lake(folder, customers=CONTRACTS)


@pytest.fixture
def buyers(tmp_path: Path) -> SmallLake:
    """Load customers without contract, who count as lost 40 days after an order."""
    late = [customer("H", "2026-02-10")]
    return small_lake(tmp_path, Rules(inactive_after_days=40), customers=late, orders=ORDERS)


def follow(small: SmallLake, kpi: str = "active_customers", **asked: Any) -> Cohorts:
    """Ask both engines, which must agree."""
    gauge = small.gauge()
    question = replace(CohortQuestion(kpi=kpi, as_of=APRIL), **asked)
    found = gauge.cohorts(question)
    assert found == replace(gauge, engine=ReferenceEngine()).cohorts(question)
    return found


def triangle(found: Cohorts) -> dict[str, list[tuple[float | None, float | None]]]:
    """Read numerators and denominators."""
    read = {
        each.name: [(value.numerator, value.denominator) for value in each.values]
        for each in found.cohorts
    }
    return read | {"all": [(value.numerator, value.denominator) for value in found.total]}


def test_customers_under_contract_stay_until_they_leave(contracts: SmallLake) -> None:
    """At the end of January A and B are left of three; April is not over, so E is not there."""
    assert triangle(follow(contracts)) == {
        "2026-01": [(2, 3), (1, 3), (1, 3)],
        "2026-02": [(1, 1), (1, 1)],
        "all": [(3, 4), (2, 4), (1, 3)],
    }


def test_shares_have_wilson_intervals(contracts: SmallLake) -> None:
    """Of 2 in 3: (2 + 1.9207 -+ 1.96 sqrt(2/3 + 0.9604)) / (3 + 3.8415)."""
    first = follow(contracts).cohorts[0].values[0]
    assert (first.value, first.n) == (2 / 3, 3)
    assert (first.low, first.high) == pytest.approx((0.2077, 0.9385), abs=5e-5)


def test_a_month_is_shown_once_it_is_over(contracts: SmallLake) -> None:
    """April counts from the first instant of May: D has left, E is there."""
    before = follow(contracts, as_of=dt.datetime(2026, 4, 30, 23, 59, tzinfo=dt.UTC))
    assert before == follow(contracts)
    assert triangle(follow(contracts, as_of=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))) == {
        "2026-01": [(2, 3), (1, 3), (1, 3), (1, 3)],
        "2026-02": [(1, 1), (1, 1), (0, 1)],
        "2026-04": [(1, 1)],
        "all": [(4, 5), (2, 4), (1, 4), (1, 3)],
    }


def test_who_comes_back_is_active_again(buyers: SmallLake) -> None:
    """F is away at the end of February only; G's 40 days end on 6 March; H begins in February."""
    assert triangle(follow(buyers)) == {
        "2026-01": [(2, 2), (1, 2), (1, 2)],
        "2026-02": [(1, 1), (1, 1)],
        "all": [(3, 3), (2, 3), (1, 2)],
    }


def test_revenue_a_customer_to_date_adds_up(buyers: SmallLake) -> None:
    """160 in January, 30 more in March; what H bought before counts in its first month."""
    found = follow(buyers, "revenue")
    assert triangle(found) == {
        "2026-01": [(160, 2), (160, 2), (190, 2)],
        "2026-02": [(40, 1), (48, 1)],
        "all": [(200, 3), (208, 3), (190, 2)],
    }
    assert found.cohorts[0].values[2].value == 95
    assert found.cohorts[0].values[2].low is None
    assert "no interval" in found.cohorts[0].values[2].reason
    assert triangle(follow(buyers, "orders"))["2026-01"] == [(2, 2), (2, 2), (3, 2)]


def test_the_last_month_of_all_cohorts_is_the_revenue_until_then(buyers: SmallLake) -> None:
    """Nothing is lost between cohorts: 160 and 30 of January's, 40 and 8 of February's."""
    found = follow(buyers, "revenue")
    assert sum(each.values[-1].numerator or 0 for each in found.cohorts) == 238
    assert buyers.total("revenue", period=days("2026-01-01", "2026-04-01")).value == 238


def test_a_period_chooses_cohorts_not_months(contracts: SmallLake) -> None:
    """Those won in January are followed to the end of March."""
    found = triangle(follow(contracts, period=days("2026-01-01", "2026-02-01")))
    assert found["2026-01"] == [(2, 3), (1, 3), (1, 3)]
    assert set(found) == {"2026-01", "all"}


def test_conditions_choose_customers(contracts: SmallLake) -> None:
    """In the North are A, C and D."""
    assert triangle(follow(contracts, where=("region = 'North'",))) == {
        "2026-01": [(1, 2), (1, 2), (1, 2)],
        "2026-02": [(1, 1), (1, 1)],
        "all": [(2, 3), (2, 3), (1, 2)],
    }


def test_conditions_mean_the_customer_on_both_sides(buyers: SmallLake) -> None:
    """Who bought P first brought 100 and 30, although the second order was of Q."""
    first = ("lifetimes.product = 'P' and customer_id != 'H'",)
    found = follow(buyers, "revenue", where=first)
    assert triangle(found)["2026-01"] == [(100, 1), (100, 1), (130, 1)]
    with pytest.raises(UsageError, match="'product = 'P'' does not mean the same of customers"):
        follow(buyers, "revenue", where=("product = 'P'",))
    with pytest.raises(UsageError, match="does not mean the same of customers"):
        follow(buyers, where=("ended_at is null",))
    with pytest.raises(UsageError, match="does not mean the same of customers"):
        follow(buyers, where=("month = '2026-01-01'",))
    with pytest.raises(UsageError, match="does not mean the same of customers"):
        follow(replace(buyers, guard=("agent = 'Eve'",)), "revenue")
    with pytest.raises(DimensionError, match="active_spells has no 'agent_tenure'"):
        follow(buyers, where=("agent_tenure = '0-29 days'",))


def test_row_rules_hold(contracts: SmallLake) -> None:
    """Who may see the South sees B."""
    found = follow(replace(contracts, guard=("region = 'South'",)))
    assert triangle(found)["2026-01"] == [(1, 1), (0, 1), (0, 1)]


def test_months_after_the_records_are_told(contracts: SmallLake, buyers: SmallLake) -> None:
    """E came in April, so until May nothing is missing; in June, May is."""
    assert follow(contracts, as_of=dt.datetime(2026, 5, 5, tzinfo=dt.UTC)).notes == ()
    (note,) = follow(contracts, as_of=dt.datetime(2026, 6, 1, tzinfo=dt.UTC)).notes
    assert note.startswith(
        "The newest record of customers is of 2026-04-02; if your records end there"
    )
    notes = follow(buyers, as_of=dt.datetime(2026, 6, 1, tzinfo=dt.UTC)).notes
    assert any("newest record of orders is of 2026-04-05" in each for each in notes)


def test_what_cannot_be_followed_is_refused(contracts: SmallLake) -> None:
    """Half months, other KPIs, months without customers or not over."""
    with pytest.raises(
        UsageError, match="2026-01-15 is not the first day of one; write 2026-01-01"
    ):
        follow(contracts, period=days("2026-01-15", "2026-03-01"))
    with pytest.raises(UnknownNameError, match="allowed: active_customers, orders, revenue"):
        follow(contracts, "dials")
    with pytest.raises(NoDataError, match="'revenue' needs the table orders"):
        follow(contracts, "revenue")
    for period in (days("2026-03-01", "2026-04-01"), days("2026-04-01", "2026-05-01")):
        with pytest.raises(NoDataError, match="no customers were won in these months"):
            follow(contracts, period=period)
    with pytest.raises(UsageError, match="has no time zone"):
        follow(contracts, as_of=dt.datetime(2026, 4, 1))  # noqa: DTZ001 - what is refused


def test_records_name_both_months(contracts: SmallLake) -> None:
    """The month of life and the month of the calendar."""
    records = cohort_records(follow(contracts))
    assert len(records) == 3 + 2
    assert [(each["cohort"], each["month"], each["period"]) for each in records[2:4]] == [
        ("2026-01", 2, "2026-03"),
        ("2026-02", 0, "2026-02"),
    ]
