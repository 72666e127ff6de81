"""Do the events of a queue_log become the right intervals of agents' time?

Times are written as seconds after 2026-01-05 09:00:00 UTC, which is 1767603600.
"""

from __future__ import annotations

from pathlib import Path

from asterisk_files import read, utc, write

NINE = 1767603600


def spans(tmp_path: Path, *events: str, **options: str) -> list[tuple[str, int, int, str | None]]:
    """Write events such as `0 NONE sales PJSIP/101 ADDMEMBER`; return state, from, to, reason."""
    found = read(write(tmp_path / "queue_log", map(_line, events)), options=options)
    begin = utc("2026-01-05 09:00:00")
    return [
        (
            row["state"],
            int((row["started_at"] - begin).total_seconds()),
            int((row["ended_at"] - begin).total_seconds()),
            row["reason"],
        )
        for row in found.time
    ]


def _line(event: str) -> str:
    seconds, rest = event.split(" ", 1)
    return f"{NINE + int(seconds)}|{rest.replace(' ', '|')}"


def test_a_shift_is_cut_into_states(tmp_path: Path) -> None:
    """Login, a pause, a call and logout follow one another without gap or overlap."""
    assert spans(
        tmp_path,
        "0 NONE sales PJSIP/101 ADDMEMBER",
        "100 NONE sales PJSIP/101 PAUSE lunch",
        "400 NONE sales PJSIP/101 UNPAUSE",
        "450 1.1 sales NONE ENTERQUEUE",
        "500 1.1 sales PJSIP/101 CONNECT 50 1.2 5",
        "560 1.1 sales PJSIP/101 COMPLETEAGENT 50 60 1",
        "600 NONE sales PJSIP/101 REMOVEMEMBER",
    ) == [
        ("available", 0, 100, None),
        ("paused", 100, 400, "lunch"),
        ("available", 400, 500, None),
        ("talking", 500, 560, None),
        ("available", 560, 600, None),
    ]


def test_an_agent_in_two_queues_is_one_person(tmp_path: Path) -> None:
    """Time is not doubled; paused means paused in both queues."""
    assert spans(
        tmp_path,
        "0 NONE sales PJSIP/101 ADDMEMBER",
        "10 NONE support PJSIP/101 ADDMEMBER",
        "100 NONE sales PJSIP/101 PAUSE admin",
        "200 NONE support PJSIP/101 PAUSE admin",
        "300 NONE sales PJSIP/101 UNPAUSE",
        "400 NONE support PJSIP/101 UNPAUSE",
        "500 NONE sales PJSIP/101 REMOVEMEMBER",
        "600 NONE support PJSIP/101 REMOVEMEMBER",
    ) == [("available", 0, 200, None), ("paused", 200, 300, "admin"), ("available", 300, 600, None)]


def test_pause_in_all_queues(tmp_path: Path) -> None:
    """PAUSEALL pauses, and so does a login that begins with a pause."""
    assert spans(
        tmp_path,
        "0 NONE sales PJSIP/101 ADDMEMBER PAUSED",
        "50 NONE NONE PJSIP/101 UNPAUSEALL",
        "100 NONE NONE PJSIP/101 PAUSEALL break",
        "160 NONE NONE PJSIP/101 UNPAUSEALL",
        "200 NONE sales PJSIP/101 REMOVEMEMBER",
    ) == [
        ("paused", 0, 50, None),
        ("available", 50, 100, None),
        ("paused", 100, 160, "break"),
        ("available", 160, 200, None),
    ]


def test_another_reason_is_another_interval(tmp_path: Path) -> None:
    """Pausing again with a new reason ends the pause before."""
    assert spans(
        tmp_path,
        "0 NONE sales PJSIP/101 ADDMEMBER",
        "10 NONE sales PJSIP/101 PAUSE lunch",
        "20 NONE sales PJSIP/101 PAUSE training",
        "50 NONE sales PJSIP/101 REMOVEMEMBER",
    ) == [("available", 0, 10, None), ("paused", 10, 20, "lunch"), ("paused", 20, 50, "training")]


def test_a_missing_logout_ends_with_the_last_thing_done(tmp_path: Path) -> None:
    """The night between is not worked, whatever the number of queues."""
    assert spans(
        tmp_path,
        "0 NONE sales PJSIP/101 ADDMEMBER",
        "1 NONE support PJSIP/101 ADDMEMBER",
        "900 1.1 sales PJSIP/101 RINGNOANSWER 5000",
        "86400 NONE sales PJSIP/101 ADDMEMBER",
        "86401 NONE support PJSIP/101 ADDMEMBER",
        "86500 NONE sales PJSIP/101 REMOVEMEMBER",
        "86500 NONE support PJSIP/101 REMOVEMEMBER",
    ) == [
        ("available", 0, 900, None),
        ("offline", 900, 86400, None),
        ("available", 86400, 86500, None),
    ]


def test_an_open_shift_ends_with_the_log(tmp_path: Path) -> None:
    """Who is still logged in when the log ends is closed at the last activity, and it is told."""
    path = write(
        tmp_path / "queue_log",
        map(
            _line, ("0 NONE sales PJSIP/101 ADDMEMBER", "60 1.1 sales PJSIP/101 RINGNOANSWER 5000")
        ),
    )
    found = read(path)
    (interval,) = found.time
    assert interval["ended_at"] == utc("2026-01-05 09:01:00")
    assert any("1 agents are still logged in" in note for note in found.notes)


def test_agent_login_and_a_logout_that_tells_its_length(tmp_path: Path) -> None:
    """AGENTLOGOFF keeps the seconds of the login; a login before the log began is found by it."""
    assert spans(
        tmp_path,
        "1000 NONE NONE Agent/7 AGENTLOGOFF SIP/101-1 900",
        "2000 NONE NONE Agent/7 AGENTLOGIN SIP/101-2",
        "2300 NONE NONE Agent/7 AGENTLOGOFF SIP/101-2 300",
    ) == [
        ("available", 100, 1000, None),
        ("offline", 1000, 2000, None),
        ("available", 2000, 2300, None),
    ]


def test_a_talk_without_end_stops_at_the_restart(tmp_path: Path) -> None:
    """A crash does not keep an agent talking."""
    assert spans(
        tmp_path,
        "0 NONE sales PJSIP/101 ADDMEMBER",
        "10 1.1 sales NONE ENTERQUEUE",
        "20 1.1 sales PJSIP/101 CONNECT 10 1.2 5",
        "80 NONE NONE NONE QUEUESTART",
        "200 NONE sales PJSIP/101 REMOVEMEMBER",
    ) == [("available", 0, 20, None), ("talking", 20, 80, None), ("available", 80, 200, None)]


def test_agents_without_logins_have_no_invented_time(tmp_path: Path) -> None:
    """A static member's idle time is unknown, so occupancy must be n/a; unless the user says."""
    events = (
        "0 1.1 sales PJSIP/101 RINGNOANSWER 5000",
        "100 1.2 sales NONE ENTERQUEUE",
        "110 1.2 sales PJSIP/101 CONNECT 10 1.3 5",
        "170 1.2 sales PJSIP/101 COMPLETEAGENT 10 60 1",
        "200 1.4 sales PJSIP/101 RINGNOANSWER 5000",
        "90000 1.5 sales PJSIP/101 RINGNOANSWER 5000",
    )
    assert spans(tmp_path, *events) == []
    assert spans(tmp_path, *events, logins="activity") == [
        ("available", 0, 110, None),
        ("talking", 110, 170, None),
        ("available", 170, 200, None),
    ]


def test_the_queue_is_the_campaign_only_when_there_is_one(tmp_path: Path) -> None:
    """Idle time in two queues belongs to neither, so talk of such agents does not either."""
    lines = [
        "0 NONE sales PJSIP/101 ADDMEMBER",
        "50 NONE sales PJSIP/101 REMOVEMEMBER",
        "0 NONE sales PJSIP/102 ADDMEMBER",
        "0 NONE support PJSIP/102 ADDMEMBER",
        "50 NONE support PJSIP/102 REMOVEMEMBER",
        "60 NONE sales PJSIP/102 REMOVEMEMBER",
    ]
    found = read(write(tmp_path / "queue_log", map(_line, lines)))
    assert [(row["agent_id"], row["campaign_id"]) for row in found.time] == [
        ("101", "sales"),
        ("102", None),
    ]
    assert [row["interval_id"] for row in found.time] == [f"101@{NINE}", f"102@{NINE}"]
