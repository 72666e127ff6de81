"""Is local time what the clocks on the wall said?"""

from __future__ import annotations

import datetime as dt

import pytest

from dialgauge.errors import UnknownNameError
from dialgauge.plan.nodes import Offset
from dialgauge.plan.zones import common_step, midnight, offsets, zone


def utc(text: str) -> dt.datetime:
    """Read an instant in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def seconds(text: str) -> int:
    """Count the seconds from 1970 to an instant in UTC."""
    return int(utc(text).timestamp())


def test_a_year_in_berlin_has_two_changes() -> None:
    """Clocks go forward on 29 March 2026 and back on 25 October, both at 01:00 UTC."""
    assert offsets("Europe/Berlin", utc("2026-01-01"), utc("2026-12-31")) == (
        Offset(None, 3600),
        Offset(seconds("2026-03-29 01:00"), 7200),
        Offset(seconds("2026-10-25 01:00"), 3600),
    )


def test_lord_howe_moves_by_half_an_hour() -> None:
    """From +11:00 to +10:30 at 02:00 local on 5 April 2026, which is 15:00 UTC the day before."""
    assert offsets("Australia/Lord_Howe", utc("2026-04-01"), utc("2026-04-30")) == (
        Offset(None, 39_600),
        Offset(seconds("2026-04-04 15:00"), 37_800),
    )


def test_samoa_left_out_a_day() -> None:
    """At the end of 29 December 2011 Apia jumped from -10:00 to +14:00."""
    assert offsets("Pacific/Apia", utc("2011-12-29"), utc("2012-01-02")) == (
        Offset(None, -36_000),
        Offset(seconds("2011-12-30 10:00"), 50_400),
    )
    assert midnight(dt.date(2011, 12, 30), "Pacific/Apia") == utc("2011-12-30 10:00")
    assert midnight(dt.date(2011, 12, 31), "Pacific/Apia") == utc("2011-12-30 10:00")


def test_a_change_at_the_very_end_of_the_range_belongs_to_it() -> None:
    """The list reaches up to and including its last instant."""
    change = utc("2026-03-29 01:00")
    before = change - dt.timedelta(seconds=1)
    assert offsets("Europe/Berlin", before, before) == (Offset(None, 3600),)
    assert len(offsets("Europe/Berlin", before, change)) == 2
    assert offsets("Europe/Berlin", change, change) == (Offset(None, 7200),)


def test_before_1970_the_offset_of_1970_stands() -> None:
    """London was an hour ahead all through the winter of 1969 to 1970."""
    assert offsets("Europe/London", utc("1960-06-01"), utc("1970-06-01")) == (Offset(None, 3600),)


def test_a_zone_without_changes_has_one_offset() -> None:
    """Kathmandu has been 5:45 ahead since 1986, for ever after."""
    assert offsets("Asia/Kathmandu", utc("1990-01-01")) == (Offset(None, 20_700),)


@pytest.mark.parametrize(
    ("day", "name", "expected"),
    [
        ("2026-07-01", "UTC", "2026-07-01 00:00"),
        ("2026-07-01", "Asia/Kathmandu", "2026-06-30 18:15"),
        # Clocks went from 00:00 to 01:00: the day began at 01:00, 03:00 UTC.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04 03:00"),
        # Clocks went from 01:00 back to 00:00: the day began with the first midnight.
        ("2025-11-02", "America/Havana", "2025-11-02 04:00"),
        # Clocks went from 00:00 back to 23:00: the day began an hour after the change.
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18 03:00"),
    ],
)
def test_days_begin_when_the_date_changes(day: str, name: str, expected: str) -> None:
    """Also where midnight does not exist, or comes twice."""
    assert midnight(dt.date.fromisoformat(day), name) == utc(expected)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("UTC", 3600),
        ("Europe/Berlin", 3600),
        ("Asia/Kolkata", 1800),
        ("Asia/Kathmandu", 900),
        ("Australia/Lord_Howe", 1800),
    ],
)
def test_steps_meet_every_local_hour(name: str, step: int) -> None:
    """An hour, but half or a quarter of one where offsets are."""
    assert common_step(offsets(name, utc("2026-01-01"), utc("2026-12-31"))) == step


@pytest.mark.parametrize("name", ["Europe/Berln", "CEST+1", "", "../UTC", "europe/berlin"])
def test_unknown_zones_are_refused(name: str) -> None:
    """Only IANA names are zones; the sentence gives an example."""
    with pytest.raises(UnknownNameError, match=r"unknown time zone .*such as Europe/Berlin\."):
        zone(name)


def test_a_change_at_a_minute_past_the_hour_is_an_edge_too() -> None:
    """Until 2011 clocks in Newfoundland changed at a minute past midnight."""
    changes = offsets("America/St_Johns", utc("2010-01-01"), utc("2010-12-31"))
    assert [each.since for each in changes] == [
        None,
        seconds("2010-03-14 03:31"),
        seconds("2010-11-07 02:31"),
    ]
    assert common_step(changes) == 60
