"""Do numbers that belong together agree, whatever was imported?

Random firms go through files, import and preparation; then parts must add up to their wholes.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgauge.model.question import Period
from dialgauge.model.rules import Rules
from small_lake import Record, SmallLake, small_lake

FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
QUARTER = Period(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
EXAMPLES = 8
"""Each makes a lake of its own, which takes a second."""

moments = st.integers(0, 100 * 24).map(lambda hours: FIRST + dt.timedelta(hours=hours))
days = st.integers(0, 100).map(lambda day: FIRST.date() + dt.timedelta(days=day))
campaigns = st.sampled_from(["A", "B", None])
agents = st.sampled_from(["a1", "a2", None])
people = st.sampled_from(["l1", "l2", "l3", None])
buyers = st.sampled_from(["c1", "c2", "c3"])
amounts = st.decimals(-50, 5000, places=4)


def rows(key: str, least: int, most: int, **columns: st.SearchStrategy[Any]) -> Any:
    """Draw rows with a key of their own."""
    drawn = st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=most)
    return drawn.map(lambda found: [{key: f"{n}", **row} for n, row in enumerate(found)])


FIRMS = st.fixed_dictionaries(
    {
        "agents": st.just(
            [{"agent_id": "a1", "team": "North"}, {"agent_id": "a2", "team": "South"}]
        ),
        "leads": rows(
            "lead_id",
            1,
            6,
            created_at=moments,
            lead_source=st.sampled_from(["web", "fair", None]),
            campaign_id=campaigns,
            list_id=st.sampled_from(["L1", "L2"]),
        ),
        "calls": rows(
            "call_id",
            1,
            12,
            started_at=moments,
            direction=st.sampled_from(["outbound", "outbound", "inbound"]),
            result=st.sampled_from(["human", "busy"]),
            contact=st.booleans(),
            talk_s=st.sampled_from([0, 7, 60.5, None]),
            campaign_id=campaigns,
            agent_id=agents,
            lead_id=people,
        ),
        "customers": st.lists(
            st.fixed_dictionaries(
                {"customer_id": buyers, "acquired_at": moments, "lead_id": people}
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda row: row["customer_id"],
        ).flatmap(
            lambda found: st.tuples(
                *(st.none() | st.integers(1, 60).map(lambda d: dt.timedelta(days=d)) for _ in found)
            ).map(
                lambda spans: [
                    row | {"churned_at": row["acquired_at"] + span if span else None}
                    for row, span in zip(found, spans, strict=True)
                ]
            )
        ),
        "orders": rows(
            "order_id",
            1,
            10,
            customer_id=buyers,
            ordered_at=moments,
            amount=amounts,
            margin=st.none() | amounts,
            campaign_id=campaigns,
            agent_id=agents,
            lead_id=people,
            kind=st.sampled_from(["new", "repeat", "cross_sell", None]),
        ),
        "costs": rows(
            "cost_id",
            1,
            5,
            amount=amounts,
            starts_on=days,
            length=st.integers(1, 90),
            category=st.sampled_from(["labour", "lead_data", None]),
            campaign_id=campaigns,
            agent_id=agents,
            allocate_by=st.sampled_from(["calls", "talk_time", "leads", "even", None]),
        ).map(
            lambda found: [
                {name: value for name, value in row.items() if name != "length"}
                | {"ends_on": row["starts_on"] + dt.timedelta(days=row["length"] - 1)}
                for row in found
            ]
        ),
        "assignments": rows(
            "assignment_id",
            1,
            12,
            experiment=st.sampled_from(["script", "price"]),
            variant=st.sampled_from(["A", "B", None]),
            unit=st.sampled_from(["lead", "agent", "call"]),
            unit_id=st.sampled_from(["l1", "l2", "a1", "0", "1"]),
            assigned_at=moments,
        ),
    }
)


@contextmanager
def lake_of(firm: dict[str, Sequence[Record]], rules: Rules | None = None) -> Iterator[SmallLake]:
    """Import a firm."""
    with tempfile.TemporaryDirectory() as folder:
        yield small_lake(Path(folder), rules, **firm)


def numbers(lake: SmallLake, kpi: str, **question: Any) -> list[float]:
    """Ask the values of a KPI's groups, unknown ones aside."""
    answer = lake.ask(kpi, **question)
    found = (row.values[kpi].value for row in answer.rows)
    return [value for value in found if value is not None]


@settings(max_examples=EXAMPLES)
@given(FIRMS)
def test_costs_and_revenue_add_up_by_anything(firm: dict[str, Sequence[Record]]) -> None:
    """Parts by any dimension and grain sum to the whole, which is what was written, to the cent."""
    due = sum(Decimal(str(row["amount"])) for row in firm["costs"])
    sold = sum(Decimal(str(row["amount"])) for row in firm["orders"])
    with lake_of(firm) as lake:
        for kpi, whole in (("cost", due), ("revenue", sold)):
            assert lake.total(kpi).value == pytest.approx(float(whole), abs=1e-9)
            for split in ("campaign", "list", "agent", "team", "lead_source", "month", "week"):
                parts = numbers(lake, kpi, by=(split,))
                assert sum(parts) == pytest.approx(float(whole), abs=1e-6), (kpi, split)
            for grain in ("day", "month"):
                parts = numbers(lake, kpi, grain=grain, by=("campaign",), timezone="Asia/Tbilisi")
                assert sum(parts) == pytest.approx(float(whole), abs=1e-6), (kpi, grain)
        by_category = numbers(lake, "cost", by=("cost_category",))
        assert sum(by_category) == pytest.approx(float(due), abs=1e-6)
        for campaign in ("A", "B"):
            filtered = lake.total("cost", where=(f"campaign = '{campaign}'",)).value
            grouped = {
                row.keys["campaign"]: row.values["cost"].value
                for row in lake.ask("cost", by=("campaign",)).rows
            }
            assert filtered == pytest.approx(grouped.get(campaign, 0), abs=1e-9)


@settings(max_examples=EXAMPLES)
@given(FIRMS)
def test_nothing_counts_in_two_variants(firm: dict[str, Sequence[Record]]) -> None:
    """Whoever is in several experiments: parts sum to the whole, of all and of each experiment."""
    kpis = ("dials", "revenue", "leads_created")
    with lake_of(firm) as lake:
        for where in ((), ("experiment = 'script'",), ("experiment = 'price'",)):
            answer = lake.ask(*kpis, by=("experiment", "variant"), where=where)
            assert answer.total is not None
            for kpi in kpis:
                parts = sum(row.values[kpi].value or 0 for row in answer.rows)
                assert parts == pytest.approx(answer.total.values[kpi].value or 0, abs=1e-6)
            if not where:
                for kpi in kpis:
                    assert answer.total.values[kpi].value == lake.total(kpi).value


@settings(max_examples=EXAMPLES)
@given(FIRMS)
def test_a_return_follows_from_its_parts(firm: dict[str, Sequence[Record]]) -> None:
    """ROI, cost per dial and CAC are what their parts say, in every group."""
    with lake_of(firm) as lake:
        kpis = ("roi", "revenue", "cost", "dials", "cost_per_dial")
        for row in lake.ask(*kpis, by=("campaign",), period=QUARTER).rows:
            roi, revenue, cost, dials, each = (row.values[kpi].value for kpi in kpis)
            assert revenue is not None
            assert cost is not None
            assert roi == (pytest.approx((revenue - cost) / cost) if cost else None)
            assert each == (pytest.approx(cost / dials) if dials else None)


@settings(max_examples=EXAMPLES)
@given(FIRMS, st.sampled_from([None, 20]))
def test_kept_and_lost_are_all_who_were_there(
    firm: dict[str, Sequence[Record]], inactive: int | None
) -> None:
    """Retention and churn of the same customers are 1, in each month and over all of them."""
    with lake_of(firm, Rules(inactive_after_days=inactive)) as lake:
        answer = lake.ask("churn_rate", "retention_rate", grain="month", period=QUARTER)
        for row in (*answer.rows, answer.total):
            assert row is not None
            churn, retention = (row.values[kpi] for kpi in ("churn_rate", "retention_rate"))
            assert churn.denominator == retention.denominator
            if churn.value is not None and retention.value is not None:
                assert churn.value + retention.value == pytest.approx(1)
        whole = lake.ask("churn_rate", period=QUARTER).rows[0].values["churn_rate"]
        assert answer.total is not None
        assert answer.total.values["churn_rate"].numerator == whole.numerator


@settings(max_examples=EXAMPLES)
@given(FIRMS)
def test_days_add_up_to_their_months(firm: dict[str, Sequence[Record]]) -> None:
    """What happened on the days of a month is what happened in it."""
    with lake_of(firm) as lake:
        for kpi in ("cost", "revenue", "orders", "dials", "leads_created", "new_customers"):
            months = {
                str(row.keys["period"])[:7]: row.values[kpi].value
                for row in lake.ask(kpi, grain="month", period=QUARTER).rows
            }
            summed: dict[str, float] = {}
            for row in lake.ask(kpi, grain="day", period=QUARTER).rows:
                month = str(row.keys["period"])[:7]
                summed[month] = summed.get(month, 0) + (row.values[kpi].value or 0)
            for month, value in months.items():
                assert summed.get(month, 0) == pytest.approx(value or 0, abs=1e-6), (kpi, month)
