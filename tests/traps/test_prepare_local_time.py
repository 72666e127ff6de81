"""Trap 16 and its kin: whose hour is it, and by which rules?"""

from __future__ import annotations

import pytest

from lake_of_dicts import DictLake, dial, utc


def local(started_at: str, zone: str | None) -> tuple[int | None, int | None]:
    """Return the local hour and weekday of one call."""
    lake = DictLake()
    lake.load("calls", [dial("c", started_at, timezone=zone)])
    call = lake.tables["calls"]["c"]
    return call["local_hour"], call["local_weekday"]


def test_hour_is_the_called_partys() -> None:
    """A call at 02:30 UTC on a Friday reaches New York at 21:30 on the Thursday before."""
    assert local("2026-01-16T02:30", "America/New_York") == (21, 4)


@pytest.mark.parametrize(
    ("started_at", "hour"),
    [("2026-01-15T12:00", 7), ("2026-07-15T12:00", 8)],
)
def test_offset_is_that_of_the_day_of_the_call(started_at: str, hour: int) -> None:
    """New York is 5 hours behind UTC in January and 4 in July, whenever the call is loaded."""
    assert local(started_at, "America/New_York")[0] == hour


@pytest.mark.parametrize(
    ("started_at", "hour"),
    [
        ("2026-03-08T06:59:59.999999", 1),
        ("2026-03-08T07:00:00", 3),
        ("2026-11-01T05:30", 1),
        ("2026-11-01T06:30", 1),
        ("2026-11-01T07:00", 2),
    ],
)
def test_hour_turns_at_the_second_the_clock_turns(started_at: str, hour: int) -> None:
    """New York has no 02:xx on its 23-hour day and 01:xx twice on its 25-hour day."""
    assert local(started_at, "America/New_York")[0] == hour


@pytest.mark.parametrize(
    ("zone", "hour", "weekday"),
    [
        ("Asia/Kathmandu", 0, 6),  # +5:45, so 18:20 UTC is 00:05 on Saturday
        ("Asia/Kolkata", 23, 5),  # +5:30, 23:50 on Friday
        ("America/St_Johns", 14, 5),  # -3:30, 14:50 on Friday
        ("Australia/Lord_Howe", 5, 6),  # +11 in summer; +10:30 would give 04:50
    ],
)
def test_zones_off_the_full_hour(zone: str, hour: int, weekday: int) -> None:
    """Offsets of 30 and 45 minutes count, and so does a summer time of half an hour."""
    assert local("2026-01-16T18:20", zone) == (hour, weekday)


@pytest.mark.parametrize(
    ("started_at", "zones", "hour", "weekday"),
    [
        # Chicago is an hour ahead of Denver all year.
        ("2026-01-15T12:00", "America/Chicago|America/Denver", None, 4),
        # Phoenix keeps standard time all year: Denver's hour in winter, Los Angeles's in summer.
        ("2026-01-15T12:00", "America/Denver|America/Phoenix", 5, 4),
        ("2026-07-15T12:00", "America/Denver|America/Phoenix", None, 3),
        ("2026-07-15T12:00", "America/Los_Angeles|America/Phoenix", 5, 3),
        # Kathmandu is a quarter of an hour before Kolkata, so mostly in the same hour.
        ("2026-01-15T12:29", "Asia/Kathmandu|Asia/Kolkata", None, 4),
        ("2026-01-15T12:35", "Asia/Kathmandu|Asia/Kolkata", 18, 4),
        ("2026-01-15T18:20", "Asia/Kathmandu|Asia/Kolkata", None, None),
        # From Kaliningrad to Kamchatka: nearly all clocks of Russia.
        ("2026-01-15T12:00", "Asia/Kamchatka|Europe/Kaliningrad|Europe/Moscow", None, None),
        ("2026-01-15T04:00", "Asia/Kamchatka|Europe/Kaliningrad|Europe/Moscow", None, 4),
        # A whole day apart: the same hour of another day is not certain either.
        ("2026-01-15T12:00", "Pacific/Honolulu|Pacific/Kiritimati", None, None),
        ("2026-01-15T12:00", "Europe/Berlin|Moon/Base", None, None),
    ],
)
def test_of_several_zones_only_what_all_agree_on_is_known(
    started_at: str, zones: str, hour: int | None, weekday: int | None
) -> None:
    """A number that leaves zones open has an hour when it is the same in all of them."""
    assert local(started_at, zones) == (hour, weekday)
    assert local(started_at, "|".join(reversed(zones.split("|")))) == (hour, weekday)


def test_the_leads_zone_settles_what_the_number_leaves_open() -> None:
    """A lead known to live in Denver is called there, whether it is imported before or after."""
    several = "America/Chicago|America/Denver"
    lead = {"lead_id": "L", "created_at": utc("2026-01-01"), "timezone": "America/Denver"}
    call = dial("c", "2026-01-15T12:00", timezone=several, lead_id="L")
    own = dial("d", "2026-01-15T12:00", timezone="America/Chicago", lead_id="L")
    before, after = DictLake(), DictLake()
    before.load("leads", [lead])
    before.load("calls", [call, own])
    after.load("calls", [call, own])
    assert after.tables["calls"]["c"]["local_hour"] is None
    after.load("leads", [lead])
    for lake in (before, after):
        assert lake.tables["calls"]["c"]["local_hour"] == 5
        assert lake.tables["calls"]["d"]["local_hour"] == 6


def test_long_past_and_far_future_follow_the_rules_of_their_time() -> None:
    """Berlin had summer time all winter in 1946/47's wake, none in 1975, and has it in 2100."""
    assert local("1947-06-01T12:00", "Europe/Berlin")[0] == 15  # double summer time, +3
    assert local("1975-07-01T12:00", "Europe/Berlin")[0] == 13
    assert local("2100-07-01T12:00", "Europe/Berlin")[0] == 14


@pytest.mark.parametrize("zone", [None, "Moon/Base", "../etc/passwd", "America"])
def test_an_unknown_zone_gives_an_unknown_hour(zone: str | None) -> None:
    """Without a readable zone the hour is unknown, never the server's."""
    assert local("2026-01-16T18:20", zone) == (None, None)


def test_lead_lends_its_zone() -> None:
    """A call without zone takes its lead's; a call with a zone keeps its own."""
    lake = DictLake()
    lake.load(
        "leads", [{"lead_id": "L", "created_at": utc("2026-01-01"), "timezone": "Asia/Tokyo"}]
    )
    lake.load(
        "calls",
        [dial("a", "2026-01-16T03:00"), dial("b", "2026-01-16T03:00", timezone="Europe/Berlin")],
    )
    assert {key: call["local_hour"] for key, call in lake.tables["calls"].items()} == {
        "a": 12,
        "b": 4,
    }
    assert lake.tables["calls"]["a"]["timezone"] is None


def test_lead_that_comes_later_brings_the_hour_of_earlier_calls() -> None:
    """Only calls without a zone of their own whose hour changes are given back."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-16T03:00"),
            dial("b", "2026-01-16T03:00", timezone="Europe/Berlin"),
            dial("c", "2026-01-16T03:00", lead_id="other"),
        ],
    )
    lead = {"lead_id": "L", "created_at": utc("2026-01-01"), "timezone": "Asia/Tokyo"}
    lake.load("leads", [lead])
    assert [call["call_id"] for call in lake.returned["calls"]] == ["a"]
    assert lake.tables["calls"]["a"]["local_hour"] == 12
    lake.load("leads", [lead | {"region": "Kanto"}])
    assert "calls" not in lake.returned
    lake.load("leads", [lead | {"timezone": None}])
    assert lake.tables["calls"]["a"]["local_hour"] is None
