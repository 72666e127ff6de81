"""Over which days is the legal drop rate counted?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgauge.errors import UsageError
from small_lake import SmallLake, by, call, days, small_lake


@pytest.fixture
def lake(tmp_path: Path) -> SmallLake:
    """Two campaigns' answered calls in spring; B started on 21 March."""
    return small_lake(
        tmp_path,
        campaigns=[
            {"campaign_id": "A", "started_on": "2026-02-01"},
            {"campaign_id": "B", "started_on": "2026-03-21"},
        ],
        calls=[
            call(1, "2026-02-28T10:00:00Z", "dropped", campaign_id="A"),
            call(2, "2026-03-02T00:00:00Z", "dropped", campaign_id="A"),
            call(3, "2026-03-03T10:00:00Z", "human", campaign_id="A"),
            call(4, "2026-03-30T10:00:00Z", "human", campaign_id="B"),
            call(5, "2026-03-31T23:00:00Z", "human", campaign_id="A"),
        ],
    )


def test_the_rolling_rate_looks_back_30_days_from_the_end(lake: SmallLake) -> None:
    """In the 30 days before 1 April, from 2 March on: 1 drop among 4 people."""
    for period in (days("2026-03-30", "2026-04-01"), days("2026-01-01", "2026-04-01")):
        (row,) = lake.ask("drop_rate_30d", period=period).rows
        value = row.values["drop_rate_30d"]
        assert (value.numerator, value.denominator) == (1, 4)


def test_other_measures_beside_it_keep_to_the_period(lake: SmallLake) -> None:
    """Two people answered on 30 and 31 March, whatever the rolling rate reads besides."""
    answer = lake.ask("drop_rate_30d", "drop_rate", period=days("2026-03-30", "2026-04-01"))
    values = answer.rows[0].values
    assert values["drop_rate"].denominator == 2
    assert values["drop_rate_30d"].denominator == 4


def test_the_rolling_rate_is_not_cut_into_buckets(lake: SmallLake) -> None:
    """A bucket does not hold the 30 days before its end."""
    with pytest.raises(UsageError, match="looks back 30 days"):
        lake.ask("drop_rate_30d", grain="month")


def test_the_legal_periods_are_the_campaigns_own(lake: SmallLake) -> None:
    """30 days from 1 February end with 2 March; B's first period begins on 21 March."""
    answer = lake.ask("drop_rate", by=("campaign", "campaign_period"))
    assert by(answer, "drop_rate") == {("A", 1): 1.0, ("A", 2): 0.0, ("B", 1): 0.0}
