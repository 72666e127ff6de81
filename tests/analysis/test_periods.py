"""Is the right period compared with, and its unlikeness told?"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.periods import (
    Records,
    hours,
    incomplete,
    last_year,
    period_notes,
    previous,
)
from dialgauge.errors import UsageError
from dialgauge.model.question import Grain, Period

LATER = Records(now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))


def period(start: str, end: str) -> Period:
    """Read a period."""
    return Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@pytest.mark.parametrize(
    ("given", "before"),
    [
        (("2026-03-01", "2026-04-01"), ("2026-02-01", "2026-03-01")),
        (("2026-01-01", "2026-02-01"), ("2025-12-01", "2026-01-01")),
        (("2026-04-01", "2026-07-01"), ("2026-01-01", "2026-04-01")),
        (("2024-01-01", "2025-01-01"), ("2023-01-01", "2024-01-01")),
        (("2026-01-01", "2026-03-01"), ("2025-11-01", "2026-01-01")),
        (("2026-03-02", "2026-03-09"), ("2026-02-23", "2026-03-02")),
        (("2026-03-01", "2026-03-31"), ("2026-01-30", "2026-03-01")),
        (("2026-03-10", "2026-03-11"), ("2026-03-09", "2026-03-10")),
    ],
)
def test_previous(given: tuple[str, str], before: tuple[str, str]) -> None:
    """Whole months give as many whole months before, other periods as many days."""
    assert previous(period(*given)) == period(*before)


@pytest.mark.parametrize(
    ("given", "before"),
    [
        (("2026-03-10", "2026-03-20"), ("2025-03-10", "2025-03-20")),
        (("2025-02-01", "2025-03-01"), ("2024-02-01", "2024-03-01")),
        (("2024-02-01", "2024-03-01"), ("2023-02-01", "2023-03-01")),
        (("2024-02-29", "2024-03-01"), ("2023-02-28", "2023-03-01")),
        (("2024-02-20", "2024-02-29"), ("2023-02-20", "2023-03-01")),
        (("2025-02-20", "2025-03-01"), ("2024-02-20", "2024-02-29")),
        (("2025-12-29", "2026-01-05"), ("2024-12-29", "2025-01-05")),
    ],
)
def test_last_year(given: tuple[str, str], before: tuple[str, str]) -> None:
    """First and last day keep their date, 29 February becomes the 28th, months stay whole."""
    assert last_year(period(*given)) == period(*before)


@given(start=st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), days=st.integers(1, 1000))
def test_previous_ends_where_the_period_begins(start: dt.date, days: int) -> None:
    """It touches, never overlaps, and has as many days unless both are whole months."""
    asked = Period(start, start + dt.timedelta(days))
    before = previous(asked)
    assert before.start is not None
    assert before.end == start
    if not (start.day == 1 and (start + dt.timedelta(days)).day == 1):
        assert start - before.start == dt.timedelta(days)
    else:
        assert before.start.day == 1


@pytest.mark.parametrize("function", [previous, last_year, hours])
@pytest.mark.parametrize(
    "wrong",
    [Period(), Period(dt.date(2026, 1, 1)), Period(end=dt.date(2026, 1, 1)),
     Period(dt.date(2026, 1, 2), dt.date(2026, 1, 2))],
)  # fmt: skip
def test_a_period_needs_two_ends_and_a_day(function: object, wrong: Period) -> None:
    """Open and empty periods are refused with what to write instead."""
    assert callable(function)
    with pytest.raises(UsageError, match="period"):
        function(wrong)


@pytest.mark.parametrize("function", [previous, last_year])
@pytest.mark.parametrize("end", [dt.date(1, 1, 20), dt.date(1, 2, 1)])
def test_there_is_nothing_before_the_first_year(function: object, end: dt.date) -> None:
    """The calendar of computers begins with the year 1; the refusal is a sentence."""
    assert callable(function)
    with pytest.raises(UsageError, match="no period to compare with before 0001-01-01"):
        function(Period(dt.date(1, 1, 1), end))


def test_days_on_which_clocks_change() -> None:
    """In Berlin 29 March 2026 has 23 hours, 25 October 25; in UTC both have 24."""
    spring, autumn = period("2026-03-29", "2026-03-30"), period("2026-10-25", "2026-10-26")
    assert (hours(spring, "Europe/Berlin"), hours(autumn, "Europe/Berlin")) == (23, 25)
    assert (hours(spring), hours(autumn)) == (24, 24)


def test_a_day_whose_midnight_does_not_exist() -> None:
    """In Beirut clocks sprang from midnight to one on 31 March 2024: the day had 23 hours."""
    assert hours(period("2024-03-31", "2024-04-01"), "Asia/Beirut") == 23


def test_equal_complete_periods_need_no_note() -> None:
    """Two weeks in a row without a change of clocks have nothing to say."""
    week = period("2026-02-02", "2026-02-09")
    assert period_notes(week, previous(week), LATER, "Europe/Berlin", Grain.DAY) == ()


def test_unequal_lengths_are_told_with_working_days() -> None:
    """March 2026 has 31 days, 22 of them Monday to Friday; February 28 and 20."""
    march = period("2026-03-01", "2026-04-01")
    assert period_notes(march, previous(march), LATER) == (
        (
            "The period has 31 days (22 from Monday to Friday), the other 28 (20): "
            "compare rates and shares rather than counts and sums."
        ),
    )


def test_unlike_weekdays_are_told() -> None:
    """March 2026 begins on a Sunday and has five Tuesdays, March 2025 five Saturdays."""
    march = period("2026-03-01", "2026-04-01")
    assert period_notes(march, last_year(march), LATER) == (
        (
            "Both periods have 31 days, but not the same weekdays: Tuesday 5 against 4, "
            "Saturday 4 against 5."
        ),
    )


def test_unlike_hours_are_told() -> None:
    """The week of 29 March 2026 is an hour shorter in Berlin than the week before."""
    week = period("2026-03-23", "2026-03-30")
    assert period_notes(week, previous(week), LATER, "Europe/Berlin") == (
        "The period has 167 hours, the other 168, because clocks change in Europe/Berlin.",
    )


def test_days_beside_other_weekdays_are_told() -> None:
    """The same seven dates a year before begin on a Sunday instead of a Monday."""
    week = period("2026-02-02", "2026-02-09")
    assert period_notes(week, last_year(week), LATER, grain=Grain.DAY) == (
        "Days stand beside each other by position, so Monday 2026-02-02 beside Sunday 2025-02-02.",
    )
    assert period_notes(week, last_year(week), LATER, grain=Grain.MONTH) == ()


def test_a_shared_stretch_is_told() -> None:
    """Two weeks that overlap by one day share one day."""
    notes = period_notes(
        period("2026-02-08", "2026-02-15"), period("2026-02-02", "2026-02-09"), LATER
    )
    assert notes == (
        (
            "The periods share 1 day: what happened then counts on both sides, "
            "and the interval of the change does not hold."
        ),
    )


def test_a_period_that_is_not_over_is_told_in_its_own_zone() -> None:
    """At 23:30 UTC on 8 February that day is over in Berlin, but not in London."""
    week = period("2026-02-02", "2026-02-09")
    records = Records(now=dt.datetime(2026, 2, 8, 23, 30, tzinfo=dt.UTC))
    assert incomplete(week, records, "Europe/Berlin") == ()
    assert incomplete(week, records, "Europe/London") == (
        "The period ends with 2026-02-08 and is not over: counts and sums will still grow.",
    )


def test_records_that_end_early_are_told() -> None:
    """A newest record of 6 February leaves a week that ends with the 8th in doubt."""
    week = period("2026-02-02", "2026-02-09")
    newest = dt.datetime(2026, 2, 6, 17, tzinfo=dt.UTC)
    records = Records(now=LATER.now, last=newest)
    assert incomplete(week, records) == (
        (
            "The period ends with 2026-02-08, but the newest record is of 2026-02-06: "
            "check whether later ones are still to be imported."
        ),
    )
    assert incomplete(period("2026-02-02", "2026-02-07"), records) == ()


def test_records_that_begin_late_are_told_of_the_other_period() -> None:
    """Records from 3 February on do not know the whole week before the 9th."""
    week = period("2026-02-09", "2026-02-16")
    records = Records(
        now=LATER.now,
        first=dt.datetime(2026, 2, 3, 8, tzinfo=dt.UTC),
        last=dt.datetime(2026, 2, 20, tzinfo=dt.UTC),
    )
    assert period_notes(week, previous(week), records) == (
        (
            "The other period begins with 2026-02-02, but the oldest record is of 2026-02-03: "
            "what happened before is not known."
        ),
    )


def test_open_ends_are_complete() -> None:
    """All there is cannot lack anything."""
    records = Records(now=LATER.now, first=LATER.now, last=LATER.now)
    assert incomplete(Period(), records) == ()
