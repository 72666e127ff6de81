"""Is a change what it seems to be?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from dialgauge.model.answer import Change
from small_lake import SmallLake, call, days, small_lake, spell


def _calls(lake: SmallLake, day: str, count: int, contacts: int = 0) -> None:
    lake.load(
        calls=[
            call(
                f"{day}-{n}",
                f"{day}T12:00:00Z",
                "human" if n < contacts else "busy",
                contact=n < contacts,
            )
            for n in range(count)
        ]
    )


def _change(lake: SmallLake, kpi: str, start: str, end: str, versus: str) -> Change:
    found = lake.total(kpi, period=days(start, end), versus=versus).change
    assert found is not None
    return found


def test_a_comparison_of_unequal_months_says_so(tmp_path: Path) -> None:
    """February has 28 days and 20 working days, January 2026 31 and 22."""
    lake = small_lake(tmp_path)
    for day, count in (("2026-01-01", 3), ("2026-01-31", 3), ("2026-02-28", 3)):
        _calls(lake, day, count)
    answer = lake.ask("dials", period=days("2026-02-01", "2026-03-01"), versus="previous")
    found = answer.rows[0].values["dials"]
    assert found.value == 3
    assert found.change is not None
    assert (found.change.value.value, found.change.difference, found.change.relative) == (
        6,
        -3,
        -0.5,
    )
    assert answer.notes == (
        (
            "The period has 28 days (20 from Monday to Friday), the other 31 (22): "
            "compare rates and shares rather than counts and sums."
        ),
    )


def test_a_gap_in_the_records_is_told_to_the_day_and_by_table(tmp_path: Path) -> None:
    """Calls reach to 20 February and hours begin on 10 January; months of files know neither."""
    lake = small_lake(
        tmp_path,
        agent_time=[
            spell(1, "wrap", "2026-01-10T10:00:00Z", "2026-01-10T11:00:00Z"),
            spell(2, "wrap", "2026-02-28T10:00:00Z", "2026-02-28T11:00:00Z"),
        ],
    )
    for day in ("2026-01-01", "2026-02-20"):
        _calls(lake, day, 1)
    february = days("2026-02-01", "2026-03-01")
    both = lake.ask("dials_per_agent_hour", period=february, versus="previous")
    calls_end = (
        "In calls, the period ends with 2026-02-28, but the newest record is of 2026-02-20: "
        "check whether later ones are still to be imported."
    )
    hours_begin = (
        "In agent_time, the other period begins with 2026-01-01, but the oldest record is of "
        "2026-01-10: what happened before is not known."
    )
    assert both.notes[1:] == (calls_end, hours_begin)
    # A table that nobody asked for is not spoken of.
    dials = lake.ask("dials", period=february, versus="previous")
    assert dials.notes[1:] == (calls_end,)


def test_a_period_that_is_not_over_says_so_once(tmp_path: Path) -> None:
    """In the middle of February its newest record is no gap: the month goes on."""
    lake = replace(small_lake(tmp_path), now=dt.datetime(2026, 2, 15, 12, tzinfo=dt.UTC))
    for day in ("2026-01-01", "2026-02-14"):
        _calls(lake, day, 1)
    answer = lake.ask("dials", period=days("2026-02-01", "2026-03-01"), versus="previous")
    assert answer.notes[1:] == (
        "The period ends with 2026-02-28 and is not over: counts and sums will still grow.",
    )


def test_a_group_without_rows_on_one_side_keeps_its_change(tmp_path: Path) -> None:
    """A campaign that ended had 2 dials and has 0: the change is -2, its rate is n/a."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", campaign_id="old"),
            call(2, "2026-01-06T10:00:00Z", campaign_id="old"),
            call(3, "2026-02-05T10:00:00Z", campaign_id="new"),
        ],
    )
    answer = lake.ask(
        "dials",
        "contact_rate",
        by=("campaign",),
        period=days("2026-02-01", "2026-03-01"),
        versus="previous",
    )
    rows = {row.keys["campaign"]: row.values for row in answer.rows}
    assert list(rows) == ["new", "old"]
    old = rows["old"]["dials"]
    assert old.change is not None
    assert (old.value, old.change.value.value, old.change.difference) == (0, 2, -2)
    assert old.change.relative == -1
    new = rows["new"]["dials"]
    assert new.change is not None
    assert (new.value, new.change.value.value, new.change.difference) == (1, 0, 1)
    assert new.change.relative is None
    rate = rows["old"]["contact_rate"]
    assert (rate.value, rate.reason) == (None, "no rows in this period")
    assert rate.change is not None
    assert rate.change.difference is None


def test_a_share_changes_in_points_and_relatively(tmp_path: Path) -> None:
    """From 1 of 4 to 3 of 4: 0.5 more, and three times as much."""
    lake = small_lake(tmp_path)
    _calls(lake, "2026-01-05", 4, contacts=1)
    _calls(lake, "2026-01-12", 4, contacts=3)
    found = _change(lake, "contact_rate", "2026-01-12", "2026-01-19", "previous")
    assert (found.value.value, found.difference, found.relative) == (0.25, 0.5, 2)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert found.likely_real is False


def test_buckets_stand_beside_each_other_by_position(tmp_path: Path) -> None:
    """Monday beside Monday: 1 and 3 against 2 and 0; a day without calls is a 0, not a shift."""
    lake = small_lake(tmp_path)
    for day, count in (("2026-01-05", 2), ("2026-01-12", 1), ("2026-01-13", 3)):
        _calls(lake, day, count)
    answer = lake.ask(
        "dials", grain="day", period=days("2026-01-12", "2026-01-19"), versus="previous"
    )
    found = {
        row.keys["period"]: (value.value, value.change.value.value)
        for row in answer.rows
        for value in (row.values["dials"],)
        if value.change is not None
    }
    assert found == {"2026-01-12": (1, 2), "2026-01-13": (3, 0)}


def test_a_year_before_keeps_whole_months(tmp_path: Path) -> None:
    """February 2024 has its 29th, and so 2 dials; February 2025 has 1."""
    lake = small_lake(tmp_path)
    for day in ("2024-02-01", "2024-02-29", "2025-02-28"):
        _calls(lake, day, 1)
    found = _change(lake, "dials", "2025-02-01", "2025-03-01", "year")
    assert (found.value.value, found.difference) == (2, -1)


def test_what_was_left_out_of_the_other_period_is_told_apart(tmp_path: Path) -> None:
    """Two test calls there and one here are two sentences."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z"),
            call(2, "2026-01-05T10:00:00Z", test=True),
            call(3, "2026-01-05T10:00:00Z", test=True),
            call(4, "2026-01-12T10:00:00Z"),
            call(5, "2026-01-12T10:00:00Z", test=True),
        ],
    )
    answer = lake.ask("dials", period=days("2026-01-12", "2026-01-13"), versus="previous")
    assert answer.notes[0] == "Left out: 1 test call."
    week = lake.ask("dials", period=days("2026-01-12", "2026-01-19"), versus="previous")
    assert week.notes[:2] == (
        "Left out: 1 test call.",
        "In the other period: Left out: 2 test calls.",
    )
