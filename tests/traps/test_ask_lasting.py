"""Are things that last read when they should be, and counted once?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from dialgauge.errors import UsageError
from dialgauge.model.rules import Rules
from small_lake import SmallLake, by, days, small_lake

HALF_YEAR = days("2026-01-01", "2026-07-01")


def contracts(folder: Path) -> SmallLake:
    """Make four customers: one from before, one who leaves in May, one who comes and goes."""
    return small_lake(
        folder,
        customers=[
            {"customer_id": "old", "acquired_at": "2025-06-01T00:00:00Z"},
            {
                "customer_id": "leaver",
                "acquired_at": "2025-12-31T00:00:00Z",
                "churned_at": "2026-05-10T00:00:00Z",
            },
            {
                "customer_id": "brief",
                "acquired_at": "2026-02-03T00:00:00Z",
                "churned_at": "2026-02-20T00:00:00Z",
            },
            {"customer_id": "new", "acquired_at": "2026-05-02T00:00:00Z"},
        ],
    )


def test_active_customers_are_read_at_the_end_of_the_bucket(tmp_path: Path) -> None:
    """Who came and went within a month is in no month's end, and no month adds to another."""
    answer = contracts(tmp_path).ask("active_customers", grain="month", period=HALF_YEAR)
    assert by(answer, "active_customers") == {
        "2026-01-01": 2,
        "2026-02-01": 2,
        "2026-03-01": 2,
        "2026-04-01": 2,
        "2026-05-01": 2,  # the leaver has left, the new one has come
        "2026-06-01": 2,
    }
    assert answer.total is not None
    assert answer.total.values["active_customers"].value == 2


def test_churn_is_of_those_who_were_there_at_the_start(tmp_path: Path) -> None:
    """Two were there on New Year, one of them left; who came later and left is in neither."""
    lake = contracts(tmp_path)
    whole = lake.ask("churn_rate", "retention_rate", period=HALF_YEAR).rows[0].values
    assert (whole["churn_rate"].numerator, whole["churn_rate"].denominator) == (1, 2)
    assert (whole["retention_rate"].numerator, whole["retention_rate"].denominator) == (1, 2)
    months = lake.ask("churn_rate", grain="month", period=HALF_YEAR)
    assert by(months, "churn_rate") == {
        "2026-01-01": 0,
        "2026-02-01": 0,
        "2026-03-01": 0,
        "2026-04-01": 0,
        "2026-05-01": 0.5,
        "2026-06-01": 0,
    }
    # The total is churn over the half year, not the mean of its months.
    assert months.total is not None
    assert months.total.values["churn_rate"].value == 0.5


def test_the_bucket_of_today_is_read_now(tmp_path: Path) -> None:
    """On 15 May the leaver has left; what June will bring is not known and has no row."""
    lake = replace(contracts(tmp_path), now=dt.datetime(2026, 5, 15, tzinfo=dt.UTC))
    answer = lake.ask("active_customers", grain="month", period=days("2026-04-01", "2026-07-01"))
    assert by(answer, "active_customers") == {"2026-04-01": 2, "2026-05-01": 2}
    early = replace(lake, now=dt.datetime(2026, 5, 5, tzinfo=dt.UTC))
    answer = early.ask("active_customers", grain="month", period=days("2026-04-01", "2026-07-01"))
    assert by(answer, "active_customers") == {"2026-04-01": 2, "2026-05-01": 3}


def test_midnight_of_the_asked_zone_ends_the_month(tmp_path: Path) -> None:
    """Who leaves at 23:30 UTC on 31 January has left in February of Tbilisi (UTC+4)."""
    lake = small_lake(
        tmp_path,
        customers=[
            {
                "customer_id": 1,
                "acquired_at": "2025-06-01T00:00:00Z",
                "churned_at": "2026-01-31T23:30:00Z",
            }
        ],
    )
    period = days("2026-01-01", "2026-03-01")
    utc = lake.ask("active_customers", grain="month", period=period)
    there = lake.ask("active_customers", grain="month", period=period, timezone="Asia/Tbilisi")
    assert by(utc, "active_customers").get("2026-01-01", 0) == 0
    assert by(there, "active_customers")["2026-01-01"] == 1


def test_without_contracts_a_customer_is_lost_when_no_order_follows(tmp_path: Path) -> None:
    """Orders in January and in April, with 60 days to order again: lost in March, back in April."""
    lake = small_lake(
        tmp_path,
        rules=Rules(inactive_after_days=60),
        orders=[
            {"order_id": n, "customer_id": "c", "ordered_at": at, "amount": 10}
            for n, at in enumerate(("2026-01-05T00:00:00Z", "2026-04-10T00:00:00Z"))
        ],
    )
    answer = lake.ask("active_customers", grain="month", period=HALF_YEAR)
    found = by(answer, "active_customers")
    assert [found.get(f"2026-0{month}-01", 0) for month in range(1, 7)] == [1, 1, 0, 1, 1, 0]


def test_the_pipeline_is_what_is_open_at_the_end(tmp_path: Path) -> None:
    """A deal open in January and February, won in March, is in two months and in no total."""
    lake = small_lake(
        tmp_path,
        deals=[
            {
                "deal_id": 1,
                "created_at": "2026-01-10T00:00:00Z",
                "closed_at": "2026-03-02T00:00:00Z",
                "status": "won",
                "amount": 100,
            },
            {"deal_id": 2, "created_at": "2026-02-10T00:00:00Z", "status": "open", "amount": 7},
        ],
    )
    answer = lake.ask("pipeline_value", grain="month", period=days("2026-01-01", "2026-04-01"))
    assert by(answer, "pipeline_value") == {"2026-01-01": 100, "2026-02-01": 107, "2026-03-01": 7}
    assert answer.total is not None
    assert answer.total.values["pipeline_value"].value == 7


def test_a_group_without_rows_in_a_bucket_has_none(tmp_path: Path) -> None:
    """Who came in May stands in no bucket before it, not even as 0."""
    answer = contracts(tmp_path).ask(
        "active_customers",
        by=("quarter",),
        where=("customer_id = 'new'",),
        period=HALF_YEAR,
    )
    assert by(answer, "active_customers") == {"2026-04-01": 1}


@pytest.mark.parametrize(
    "question",
    [
        {"grain": "hour", "period": HALF_YEAR},
        {"by": ("month",), "grain": "week", "period": HALF_YEAR},
        {"where": ("month = '2026-01-01'",), "period": HALF_YEAR},
    ],
)
def test_what_cannot_be_read_at_an_end_is_refused(tmp_path: Path, question: object) -> None:
    """Hours, two widths at once and filters by bucket have no one end to be read at."""
    assert isinstance(question, dict)
    with pytest.raises(UsageError):
        contracts(tmp_path).ask("active_customers", **question)
