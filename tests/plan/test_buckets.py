"""Are the buckets of a period complete, in order and named like the answer's?"""

from __future__ import annotations

import datetime as dt

import pytest

from dialgauge.model.question import Grain, Period
from dialgauge.plan.buckets import first_day, labels


def period(start: str, end: str) -> Period:
    """Read a period."""
    return Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@pytest.mark.parametrize(
    ("day", "grain", "week_starts", "expected"),
    [
        ("2026-05-20", Grain.DAY, 1, "2026-05-20"),
        ("2026-05-20", Grain.WEEK, 1, "2026-05-18"),  # a Wednesday
        ("2026-05-20", Grain.WEEK, 7, "2026-05-17"),
        ("2026-05-20", Grain.WEEK, 3, "2026-05-20"),
        ("2026-05-20", Grain.WEEK, 4, "2026-05-14"),
        ("2026-01-01", Grain.WEEK, 1, "2025-12-29"),
        ("2026-05-20", Grain.MONTH, 1, "2026-05-01"),
        ("2026-05-20", Grain.QUARTER, 1, "2026-04-01"),
        ("2026-12-31", Grain.QUARTER, 1, "2026-10-01"),
        ("2026-05-20", Grain.YEAR, 1, "2026-01-01"),
    ],
)
def test_a_day_lies_in_one_bucket(day: str, grain: Grain, week_starts: int, expected: str) -> None:
    """Weeks begin where they are told to, the others on the first of something."""
    found = first_day(dt.date.fromisoformat(day), grain, week_starts)
    assert found == dt.date.fromisoformat(expected)


def test_weeks_at_the_edges_are_named_by_their_own_first_day() -> None:
    """A period from Wednesday to the next Monday touches one week, to Tuesday two."""
    assert labels(period("2026-05-20", "2026-05-25"), Grain.WEEK, "UTC") == ("2026-05-18",)
    assert labels(period("2026-05-20", "2026-05-26"), Grain.WEEK, "UTC") == (
        "2026-05-18",
        "2026-05-25",
    )


@pytest.mark.parametrize("ends", [Period(None, dt.date(2026, 1, 1)), Period(dt.date(2026, 1, 1))])
def test_a_period_without_end_has_no_list(ends: Period) -> None:
    """Nobody can list the days of for ever."""
    assert labels(ends, Grain.DAY, "UTC") == ()


def test_the_autumn_day_has_25_hours_and_two_at_two() -> None:
    """The hour from 02:00 to 03:00 comes twice, told apart by its offset."""
    hours = labels(period("2026-10-25", "2026-10-26"), Grain.HOUR, "Europe/Berlin")
    assert len(hours) == 25
    assert hours[2:4] == ("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00")


def test_the_spring_day_has_23_hours_and_none_at_two() -> None:
    """After 01:00 comes 03:00."""
    hours = labels(period("2026-03-29", "2026-03-30"), Grain.HOUR, "Europe/Berlin")
    assert len(hours) == 23
    assert hours[1:3] == ("2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00")


def test_hours_of_kathmandu_begin_on_the_local_hour() -> None:
    """At a quarter past the hour in UTC."""
    hours = labels(period("2026-03-29", "2026-03-30"), Grain.HOUR, "Asia/Kathmandu")
    assert (len(hours), hours[0]) == (24, "2026-03-29T00:00:00+05:45")


def test_hours_of_lord_howe_stay_local_after_half_an_hour_of_change() -> None:
    """At 02:00 clocks go back to 01:30, where the second hour at one begins, half an hour long."""
    hours = labels(period("2026-04-05", "2026-04-06"), Grain.HOUR, "Australia/Lord_Howe")
    assert hours[:5] == (
        "2026-04-05T00:00:00+11:00",
        "2026-04-05T01:00:00+11:00",
        "2026-04-05T01:30:00+10:30",
        "2026-04-05T02:00:00+10:30",
        "2026-04-05T03:00:00+10:30",
    )
    assert (len(hours), hours[-1]) == (25, "2026-04-05T23:00:00+10:30")


def test_hours_of_chatham_stay_apart_when_clocks_change_at_a_quarter_to() -> None:
    """At 02:45 clocks go forward to 03:45: a short hour at two is followed by one at three."""
    hours = labels(period("2026-09-27", "2026-09-28"), Grain.HOUR, "Pacific/Chatham")
    assert hours[1:5] == (
        "2026-09-27T01:00:00+12:45",
        "2026-09-27T02:00:00+12:45",
        "2026-09-27T03:45:00+13:45",
        "2026-09-27T04:00:00+13:45",
    )
    assert len(hours) == 24
