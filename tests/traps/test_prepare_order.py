"""Late rows, ties, sliding days: what silently breaks the order of a party's calls?"""

from __future__ import annotations

from typing import Any

from lake_of_dicts import DictLake, dial, utc


def column(lake: DictLake, name: str) -> dict[str, Any]:
    """Return one column of all stored calls by call_id."""
    return {key: call[name] for key, call in sorted(lake.tables["calls"].items())}


def test_late_row_shifts_attempts() -> None:
    """A call that arrives late takes its place, and later calls of its party move up."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-05T10:00"),
            dial("c", "2026-01-05T12:00", contact=True),
            dial("x", "2026-01-05T12:00", lead_id="other"),
        ],
    )
    lake.load("calls", [dial("b", "2026-01-05T11:00", contact=True)])
    assert column(lake, "attempt") == {"a": 1, "b": 2, "c": 3, "x": 1}
    assert column(lake, "contact_number") == {"a": None, "b": 1, "c": 2, "x": None}
    assert sorted(call["call_id"] for call in lake.returned["calls"]) == ["b", "c"]
    journey = lake.tables["journeys"]["L"]
    assert journey["first_contact_at"] == utc("2026-01-05T11:00")
    assert journey["second_contact_at"] == utc("2026-01-05T12:00")
    assert journey["attempts_to_contact"] == 2


def test_recent_dials_count_a_sliding_day() -> None:
    """Dials of the last 24 hours count across midnight; one exactly 24 hours ago does not."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-05T10:00"),
            dial("b", "2026-01-05T23:00"),
            dial("c", "2026-01-06T01:00"),
            dial("d", "2026-01-06T10:00"),
        ],
    )
    assert column(lake, "recent_dials") == {"a": 0, "b": 1, "c": 2, "d": 2}


def test_sliding_day_reaches_into_earlier_loads() -> None:
    """A day's file counts the dials of the evening before, loaded yesterday."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-04T23:00", contact=True),
            dial("b", "2026-01-05T09:00"),
            dial("c", "2026-01-05T23:00", contact=True),
        ],
    )
    lake.load("calls", [dial("d", "2026-01-06T08:00", contact=True)])
    call = lake.tables["calls"]["d"]
    assert (call["attempt"], call["contact_number"], call["recent_dials"]) == (4, 3, 2)
    assert [row["call_id"] for row in lake.returned["calls"]] == ["d"]


def test_ties_are_broken_by_call_id() -> None:
    """Two dials of one instant are ordered by call_id, whichever is loaded first."""
    for order in (("a", "b"), ("b", "a")):
        lake = DictLake()
        for key in order:
            lake.load("calls", [dial(key, "2026-01-05T10:00")])
        assert column(lake, "attempt") == {"a": 1, "b": 2}
        assert column(lake, "recent_dials") == {"a": 0, "b": 1}


def test_only_outbound_calls_that_are_no_tests_are_dials() -> None:
    """Inbound, internal and test calls have no attempt and do not count as one."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-05T10:00", test=True),
            dial("b", "2026-01-05T10:01", direction="inbound", contact=True),
            dial("c", "2026-01-05T10:02", direction="internal"),
            dial("d", "2026-01-05T10:03"),
            dial("e", "2026-01-05T10:04", lead_id=None),
        ],
    )
    assert column(lake, "attempt") == {"a": None, "b": None, "c": None, "d": 1, "e": None}
    assert column(lake, "recent_dials")["d"] == 0
    assert lake.tables["journeys"]["L"]["dials"] == 1
    assert list(lake.tables["journeys"]) == ["L"]


def test_a_phone_token_never_meets_a_lead_of_the_same_name() -> None:
    """Lead 'p' and phone token 'p' are two parties; a call with both is the lead's."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-05T10:00", lead_id="p"),
            dial("b", "2026-01-05T11:00", lead_id=None, phone_token="p"),
            dial("c", "2026-01-05T12:00", lead_id="p", phone_token="p"),
        ],
    )
    assert column(lake, "party_id") == {"a": "p", "b": "phone:p", "c": "p"}
    assert column(lake, "attempt") == {"a": 1, "b": 1, "c": 2}


def test_inbound_request_to_stop_before_the_first_dial_counts() -> None:
    """A wish told by someone who called us, in an earlier file, is known to our first dial."""
    lake = DictLake()
    lake.load("calls", [dial("a", "2026-01-05T10:00", direction="inbound", do_not_call=True)])
    lake.load("calls", [dial("b", "2026-01-20T10:00")])
    assert lake.tables["calls"]["b"]["do_not_call_since"] == utc("2026-01-05T10:00")
    assert lake.tables["journeys"]["L"]["do_not_call_at"] == utc("2026-01-05T10:00")


def test_request_counts_from_the_next_call_on() -> None:
    """The call on which the wish is told does not break it; the first wish stays the date."""
    lake = DictLake()
    lake.load("calls", [dial("a", "2026-01-05T10:00", do_not_call=True)])
    lake.load("calls", [dial("b", "2026-01-06T10:00", do_not_call=True)])
    lake.load("calls", [dial("c", "2026-01-07T10:00")])
    first = utc("2026-01-05T10:00")
    assert column(lake, "do_not_call_since") == {"a": None, "b": first, "c": first}


def test_request_and_dial_of_one_instant_are_ordered_by_call_id() -> None:
    """Of a request and a dial at the same time the one with the lesser call_id came first."""
    for dialled, since in (("a", None), ("z", utc("2026-01-05T11:00"))):
        lake = DictLake()
        lake.load(
            "calls",
            [
                dial("first", "2026-01-05T10:00"),
                dial("m", "2026-01-05T11:00", direction="inbound", do_not_call=True),
            ],
        )
        lake.load("calls", [dial(dialled, "2026-01-05T11:00")])
        assert lake.tables["calls"][dialled]["do_not_call_since"] == since


def test_corrected_lead_moves_the_call_to_the_other_party() -> None:
    """Both parties are worked out again, and a journey that lost its only dial is gone."""
    lake = DictLake()
    lake.load(
        "calls",
        [
            dial("a", "2026-01-05T10:00", lead_id="A"),
            dial("b", "2026-01-05T11:00", lead_id="B"),
            dial("c", "2026-01-05T12:00", lead_id="B"),
        ],
    )
    lake.load("calls", [dial("a", "2026-01-05T10:00", lead_id="B")])
    assert column(lake, "attempt") == {"a": 1, "b": 2, "c": 3}
    assert {key: row["dials"] for key, row in lake.tables["journeys"].items()} == {"B": 3}


def test_call_that_turns_out_a_test_takes_its_callback_along() -> None:
    """A promise on a test call is no promise, even when it was stored as one."""
    lake = DictLake()
    promise = dial("a", "2026-01-05T10:00", callback_at=utc("2026-01-06T10:00"))
    lake.load("calls", [promise])
    assert list(lake.tables["callbacks"]) == ["a"]
    lake.load("calls", [promise | {"test": True}])
    assert lake.tables["callbacks"] == {}
    assert lake.tables["journeys"] == {}


def test_callback_is_kept_from_5_minutes_before_to_30_after() -> None:
    """The edges count; a dial a microsecond outside of them does not keep the promise."""
    due = utc("2026-01-06T10:00")
    for started_at, kept in (
        ("2026-01-06T09:54:59.999999", False),
        ("2026-01-06T09:55:00", True),
        ("2026-01-06T10:30:00", True),
        ("2026-01-06T10:30:00.000001", False),
    ):
        lake = DictLake()
        lake.load("calls", [dial("a", "2026-01-05T10:00", callback_at=due)])
        lake.load("calls", [dial("b", started_at)])
        dialled_at = lake.tables["callbacks"]["a"]["dialled_at"]
        assert dialled_at == (utc(started_at) if kept else None)


def test_a_promise_is_not_kept_by_the_call_that_made_it() -> None:
    """A callback due in 3 minutes has its own call in its window; that is no dial back."""
    lake = DictLake()
    lake.load("calls", [dial("a", "2026-01-05T10:00", callback_at=utc("2026-01-05T10:03"))])
    assert lake.tables["callbacks"]["a"]["dialled_at"] is None
    lake.load("calls", [dial("b", "2026-01-05T10:04")])
    assert lake.tables["callbacks"]["a"]["dialled_at"] == utc("2026-01-05T10:04")
    assert [row["call_id"] for row in lake.returned["calls"]] == ["b"]


def test_a_promise_is_not_kept_by_a_dial_before_it() -> None:
    """A dial loaded after the promise but made before it keeps nothing, though in its window."""
    lake = DictLake()
    inbound = dial(
        "p", "2026-01-05T11:00", direction="inbound", callback_at=utc("2026-01-05T11:02")
    )
    lake.load("calls", [dial("first", "2026-01-05T10:00"), inbound])
    lake.load("calls", [dial("before", "2026-01-05T10:59")])
    assert lake.tables["callbacks"]["p"]["dialled_at"] is None
    lake.load("calls", [dial("after", "2026-01-05T11:01")])
    assert lake.tables["callbacks"]["p"]["dialled_at"] == utc("2026-01-05T11:01")
