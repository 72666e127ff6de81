"""Is the whole worked out from the rows, never from the parts?"""

from __future__ import annotations

from pathlib import Path

import pytest

from small_lake import by, call, days, small_lake, spell


def test_a_total_is_a_ratio_of_sums(tmp_path: Path) -> None:
    """100 % of 1 dial and 0 % of 3 are 25 % of 4, not 50 %."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", "human", contact=True, campaign_id="C1"),
            *(call(n, "2026-02-05T10:00:00Z", campaign_id="C2") for n in (2, 3, 4)),
        ],
    )
    campaigns, months = (
        lake.ask("contact_rate", by=("campaign",)),
        lake.ask("contact_rate", grain="month"),
    )
    assert by(campaigns, "contact_rate") == {"C1": 1, "C2": 0}
    assert by(months, "contact_rate") == {"2026-01-01": 1, "2026-02-01": 0}
    for answer in (campaigns, months):
        assert answer.total is not None
        total = answer.total.values["contact_rate"]
        assert (total.value, total.numerator, total.denominator) == (0.25, 1, 4)


def test_different_things_are_not_added(tmp_path: Path) -> None:
    """A lead dialled in two campaigns and on two days is one lead in the total."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", campaign_id="C1", lead_id="L1"),
            call(2, "2026-01-06T10:00:00Z", campaign_id="C2", lead_id="L1"),
            call(3, "2026-01-06T11:00:00Z", campaign_id="C2", lead_id="L2"),
        ],
    )
    answer = lake.ask("leads_worked", by=("campaign",))
    assert by(answer, "leads_worked") == {"C1": 1, "C2": 2}
    assert answer.total is not None
    assert answer.total.values["leads_worked"].value == 2
    daily = lake.ask("leads_worked", "attempts_per_lead", grain="day")
    assert by(daily, "leads_worked") == {"2026-01-05": 1, "2026-01-06": 2}
    assert daily.total is not None
    assert daily.total.values["leads_worked"].value == 2
    assert daily.total.values["attempts_per_lead"].value == 1.5  # 3 dials, 2 leads


def test_medians_are_not_averaged(tmp_path: Path) -> None:
    """Medians 20 and 100 of three and one calls: the median of all four is 25, not 60."""
    talks = {1: 10, 2: 20, 3: 30, 4: 100}
    lake = small_lake(
        tmp_path,
        calls=[
            call(n, "2026-01-05T10:00:00Z", "human", talk_s=s, script="X" if n < 4 else "Y")
            for n, s in talks.items()
        ],
    )
    answer = lake.ask("median_call_duration", by=("script",))
    assert by(answer, "median_call_duration") == {"X": 20, "Y": 100}
    assert answer.total is not None
    assert answer.total.values["median_call_duration"].value == 25


def test_nothing_divided_by_nothing_is_not_available(tmp_path: Path) -> None:
    """Without dials there is no contact rate: neither 0 nor 100 %, and no interval."""
    lake = small_lake(
        tmp_path,
        calls=[{"call_id": 1, "started_at": "2026-01-05T10:00:00Z", "direction": "inbound"}],
    )
    value = lake.total("contact_rate")
    assert (value.value, value.low, value.high, value.n) == (None, None, None, 0)
    assert (value.numerator, value.denominator) == (0, 0)
    assert value.reason == "the denominator is 0"
    assert lake.total("dials").value == 0
    duration = lake.total("avg_call_duration")
    assert (duration.value, duration.numerator) == (None, None)


def test_unknown_seconds_are_not_zero_seconds(tmp_path: Path) -> None:
    """Ring time is averaged over the two calls that have one: 15 s, not 10 s."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", ring_s=10),
            call(2, "2026-01-05T10:00:00Z", ring_s=20),
            call(3, "2026-01-05T10:00:00Z", ring_s=""),
        ],
    )
    value = lake.total("avg_ring_time")
    assert (value.value, value.numerator, value.denominator, value.n) == (15, 30, 2, 2)


def test_more_sales_than_contacts_are_told_without_an_interval(tmp_path: Path) -> None:
    """A sale on a call that is no contact: 2 of 1 is 200 %, which is no share."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", "human", contact=True, converted=True),
            call(2, "2026-01-05T10:00:00Z", "human", contact=False, converted=True),
        ],
    )
    value = lake.total("contact_conversion_rate")
    assert (value.value, value.numerator, value.denominator) == (2, 2, 1)
    assert (value.low, value.high) == (None, None)
    assert (
        value.reason == "the numerator is not a part of the denominator, so this is no share of it"
    )


def test_test_and_internal_calls_never_count_and_are_told(tmp_path: Path) -> None:
    """Two dials count; a test call, an internal one and one that is both are told, once each."""
    at = "2026-01-05T10:00:00Z"
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, at, "human", contact=True, campaign_id="C1"),
            call(2, at, campaign_id="C2"),
            call(3, at, "human", contact=True, test=True, campaign_id="C3"),
            {"call_id": 4, "started_at": at, "direction": "internal"},
            {"call_id": 5, "started_at": at, "direction": "internal", "test": True},
        ],
    )
    answer = lake.ask("dials", "contact_rate", by=("campaign",))
    assert by(answer, "dials") == {"C1": 1, "C2": 1}
    assert answer.notes == ("Left out: 1 internal call.", "Left out: 2 test calls.")
    listed = lake.gauge().rows(answer.question).column("call_id").to_pylist()
    assert listed == ["1", "2"]


def test_what_a_filter_shuts_out_is_not_told_as_left_out(tmp_path: Path) -> None:
    """The test call of another campaign, or of another month, is not this answer's."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", campaign_id="C1"),
            call(2, "2026-01-05T10:00:00Z", campaign_id="C2", test=True),
            call(3, "2026-02-05T10:00:00Z", campaign_id="C1", test=True),
        ],
    )
    answer = lake.ask("dials", where=("campaign = 'C1'",), period=days("2026-01-01", "2026-02-01"))
    assert answer.notes == ()


def test_an_interval_without_an_end_is_told(tmp_path: Path) -> None:
    """One hour is known; the shift that never ended counts for nothing and is told."""
    lake = small_lake(
        tmp_path,
        agent_time=[
            spell(1, "wrap", "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z"),
            spell(2, "wrap", "2026-01-05T11:00:00Z", ""),
        ],
    )
    answer = lake.ask("agent_hours")
    assert answer.rows[0].values["agent_hours"].value == 1
    assert answer.notes == ("Left out: 1 interval without an end.",)


@pytest.mark.parametrize("kpi", ["dials", "contact_rate", "leads_worked", "median_call_duration"])
def test_totals_can_be_left_out(tmp_path: Path, kpi: str) -> None:
    """Without totals there is none, and the groups are the same."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", "human", talk_s=3, lead_id="L", campaign_id="C1"),
            call(2, "2026-01-05T10:00:00Z", "human", talk_s=5, lead_id="L", campaign_id="C2"),
        ],
    )
    without = lake.ask(kpi, by=("campaign",), totals=False)
    assert without.total is None
    assert without.rows == lake.ask(kpi, by=("campaign",)).rows
