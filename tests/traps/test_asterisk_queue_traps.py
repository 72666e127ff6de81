"""Does a queue_log mislead us in any of the ways it is known to?

1767604210 is 2026-01-05 09:10:10 UTC.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from asterisk_files import Leg, csv_line, read, utc, write

T = 1767604210
ENTER = f"{T}|{T}.1|sales|NONE|ENTERQUEUE||15551234567|1"


def log(tmp_path: Path, *lines: str) -> Path:
    """Write a queue_log."""
    return write(tmp_path / "queue_log", lines)


@pytest.mark.parametrize(
    ("event", "wait", "result"),
    [
        ("ABANDON|2|1|47", 47, "abandoned"),
        ("EXITWITHTIMEOUT|2|1|47", 47, "failed"),
        ("EXITEMPTY|2|1|47", 47, "failed"),
        ("EXITWITHKEY|9|2|1|47", 47, "cancelled"),
        ("WITHDRAW|2|1|47|moved", 47, "cancelled"),
    ],
)
def test_trap_6_the_wait_stands_elsewhere_in_each_event(
    tmp_path: Path, event: str, wait: int, result: str
) -> None:
    """data3 for most ends, data4 behind a pressed key; never a position or a key."""
    call = read(log(tmp_path, ENTER, f"{T + 47}|{T}.1|sales|NONE|{event}")).call
    assert (call["wait_s"], call["result"], call["talk_s"]) == (wait, result, 0)
    assert (call["contact"], call["direction"]) == (False, "inbound")
    assert call["disposition"] == event.partition("|")[0]


def test_trap_6_a_connected_call_waits_data1_and_talks_data2(tmp_path: Path) -> None:
    """CONNECT tells the wait and the ring, COMPLETE the talk and who hung up."""
    call = read(
        log(
            tmp_path,
            ENTER,
            f"{T + 25}|{T}.1|sales|PJSIP/101|CONNECT|25|{T + 20}.2|5",
            f"{T + 85}|{T}.1|sales|PJSIP/101|COMPLETECALLER|25|60|1",
        )
    ).call
    assert (call["wait_s"], call["talk_s"], call["ring_s"]) == (25, 60, 5)
    assert (call["result"], call["contact"], call["ended_by"]) == ("human", True, "customer")
    assert (call["agent_id"], call["campaign_id"]) == ("101", "sales")
    assert call["started_at"] == utc("2026-01-05 09:10:10")
    assert call["answered_at"] == utc("2026-01-05 09:10:35")
    assert call["ended_at"] == utc("2026-01-05 09:11:35")


def test_trap_7_the_missed_ring_is_in_milliseconds(tmp_path: Path) -> None:
    """15000 is 15 s of ringing, not four hours."""
    call = read(
        log(
            tmp_path,
            ENTER,
            f"{T + 15}|{T}.1|sales|PJSIP/101|RINGNOANSWER|15000",
            f"{T + 20}|{T}.1|sales|NONE|ABANDON|1|1|20",
        )
    ).call
    assert (call["ring_s"], call["wait_s"]) == (15, 20)


@pytest.mark.parametrize(
    "event",
    [
        "BLINDTRANSFER|200|default|10|60|1",
        "ATTENDEDTRANSFER|BRIDGE|a6b1|10|60|1",
        "TRANSFER|200|default|10|60|1",
    ],
)
def test_trap_8_transfers_tell_the_talk_in_data4(tmp_path: Path, event: str) -> None:
    """All three transfer events keep the seconds talked at the fourth place."""
    call = read(
        log(
            tmp_path,
            ENTER,
            f"{T + 10}|{T}.1|sales|PJSIP/101|CONNECT|10|{T + 5}.2|5",
            f"{T + 70}|{T}.1|sales|PJSIP/101|{event}",
        )
    ).call
    assert (call["talk_s"], call["wait_s"], call["ended_by"]) == (60, 10, "agent")


def test_trap_8_an_old_transfer_without_times(tmp_path: Path) -> None:
    """Where the event tells no seconds, the talk is the time since CONNECT."""
    call = read(
        log(
            tmp_path,
            ENTER,
            f"{T + 10}|{T}.1|sales|PJSIP/101|CONNECT|10|{T + 5}.2",
            f"{T + 52}|{T}.1|sales|PJSIP/101|TRANSFER|200|default",
        )
    ).call
    assert (call["talk_s"], call["ring_s"]) == (42, None)


def test_trap_9_a_call_cut_off_by_a_restart_is_unknown(tmp_path: Path) -> None:
    """It ends with the restart, not never and not as abandoned."""
    found = read(log(tmp_path, ENTER, f"{T + 100}|NONE|NONE|NONE|QUEUESTART|"))
    call = found.call
    assert (call["result"], call["wait_s"], call["talk_s"]) == (None, None, None)
    assert call["ended_at"] == utc("2026-01-05 09:11:50")
    assert any("1 of 1 queue calls have no end" in note for note in found.notes)


def test_trap_9_a_call_without_end_is_closed_at_the_horizon(tmp_path: Path) -> None:
    """After the horizon it is lost; before, it may still be waiting and has no end."""
    path = log(tmp_path, ENTER, f"{T + 7200}|NONE|NONE|NONE|CONFIGRELOAD|")
    assert read(path).call["ended_at"] is None
    call = read(path, options={"horizon": "3600"}).call
    assert (call["ended_at"], call["result"]) == (utc("2026-01-05 10:10:10"), None)


def test_a_call_queued_again_is_one_call(tmp_path: Path) -> None:
    """It counts when it first entered; its waits add up until somebody answers."""
    call = read(
        log(
            tmp_path,
            ENTER,
            f"{T + 30}|{T}.1|sales|NONE|EXITWITHTIMEOUT|1|1|30",
            f"{T + 31}|{T}.1|support|NONE|ENTERQUEUE||15551234567|1",
            f"{T + 41}|{T}.1|support|PJSIP/102|CONNECT|10|{T + 35}.2|6",
            f"{T + 61}|{T}.1|support|PJSIP/102|COMPLETEAGENT|10|20|1",
            f"{T + 62}|{T}.1|sales|NONE|ENTERQUEUE||15551234567|1",
            f"{T + 67}|{T}.1|sales|NONE|ABANDON|1|1|5",
        )
    ).call
    assert call["started_at"] == utc("2026-01-05 09:10:10")
    assert (call["wait_s"], call["talk_s"], call["result"]) == (40, 20, "human")
    assert (call["campaign_id"], call["agent_id"]) == ("support", "102")
    assert call["ended_at"] == utc("2026-01-05 09:11:17")


def test_trailing_bars_missing_positions_and_unknown_events(tmp_path: Path) -> None:
    """Old and foreign writers leave things out and add events; nothing fails."""
    found = read(
        log(
            tmp_path,
            f"{T}|{T}.1|sales|NONE|ENTERQUEUE||15551234567",
            f"{T}|{T}.1|sales|NONE|DID|15550001111|",
            f"{T + 10}|{T}.1|sales|PJSIP/101|CONNECT|10|{T + 5}.2|5|",
            f"{T + 70}|{T}.1|sales|PJSIP/101|COMPLETEAGENT|10|60|1|",
            f"{T + 80}|{T + 80}.9|NONE|PJSIP/101|OUTDIAL|15550002222|",
        )
    )
    assert (found.call["talk_s"], found.call["ended_by"]) == (60, "agent")
    assert any("DID 1, OUTDIAL 1" in note for note in found.notes)
    assert found.problems == []


def test_a_transfer_under_another_callid_is_no_second_call(tmp_path: Path) -> None:
    """Only what enters a queue is a queue call; the rest is told."""
    found = read(
        log(
            tmp_path,
            ENTER,
            f"{T + 10}|{T}.1|sales|PJSIP/101|CONNECT|10|{T + 5}.2|5",
            f"{T + 40}|{T}.7|sales|PJSIP/101|ATTENDEDTRANSFER|BRIDGE|x|10|30|1",
        )
    )
    assert len(found.calls) == 1
    assert any(
        note.startswith("1 calls end in the queue_log but never enter") for note in found.notes
    )


def test_rotated_and_repeated_logs_are_read_once(tmp_path: Path) -> None:
    """A call that spans two files is one; an event in both is counted once."""
    connect = f"{T + 10}|{T}.1|sales|PJSIP/101|CONNECT|10|{T + 5}.2|5"
    end = f"{T + 70}|{T}.1|sales|PJSIP/101|COMPLETEAGENT|10|60|1"
    old = gzip.compress(f"{ENTER}\n{connect}\n".encode())
    (tmp_path / "queue_log-20260105.gz").write_bytes(old)
    write(tmp_path / "queue_log", [connect, end])
    found = read(tmp_path)
    assert (found.call["talk_s"], found.call["wait_s"]) == (60, 10)
    assert "1 events stood in two queue_logs and were read once." in found.notes


def test_the_hour_is_that_of_entering(tmp_path: Path) -> None:
    """A call that entered at 09:59:50 and ended after ten belongs to nine o'clock."""
    enter = 1767607190  # 2026-01-05 09:59:50 UTC
    call = read(
        log(
            tmp_path,
            f"{enter}|{enter}.1|sales|NONE|ENTERQUEUE||15551234567|1",
            f"{enter + 30}|{enter}.1|sales|NONE|ABANDON|1|1|30",
        )
    ).call
    assert call["started_at"].hour == 9


def test_cdr_and_queue_log_of_a_call_are_one_row(tmp_path: Path) -> None:
    """The CDR tells of the line, the queue_log of waiting, talk, agent and outcome."""
    # the line: from 09:10:05 for 100 s, answered by a menu after 1 s
    leg = Leg(
        start="2026-01-05 09:10:05",
        ring=1,
        duration=100,
        src="15551234567",
        dst="600",
        dcontext="from-trunk",
        channel="PJSIP/provider-0000001a",
        dstchannel="PJSIP/101-0000001b",
        lastapp="Queue",
        uniqueid=f"{T - 5}.1",
        linkedid=f"{T - 5}.1",
    )
    cdr = write(tmp_path / "Master.csv", [csv_line(leg)])
    lines = [
        line.replace(f"{T}.1", f"{T - 5}.1")
        for line in (
            ENTER,
            f"{T + 25}|{T}.1|sales|PJSIP/101|CONNECT|25|{T + 20}.2|5",
            f"{T + 85}|{T}.1|sales|PJSIP/101|COMPLETECALLER|25|60|1",
        )
    ]
    queue = log(tmp_path, *lines)
    call = read(cdr, queue).call
    assert call["call_id"] == f"{T - 5}.1"
    assert call["started_at"] == utc("2026-01-05 09:10:05")
    assert call["ended_at"] == utc("2026-01-05 09:11:45")
    assert (call["wait_s"], call["talk_s"], call["result"]) == (25, 60, "human")
    assert (call["campaign_id"], call["agent_id"]) == ("sales", "101")
    assert read(queue).call["call_id"] == read(cdr).call["call_id"]
    assert read(queue).call["phone_token"] == read(cdr).call["phone_token"] == call["phone_token"]


def test_a_called_person_left_in_the_queue_was_dropped(tmp_path: Path) -> None:
    """When a dialler feeds the queue, nobody abandoned us: we dropped them."""
    path = log(tmp_path, ENTER, f"{T + 3}|{T}.1|sales|NONE|ABANDON|1|1|3")
    call = read(path, options={"queue_direction": "outbound"}).call
    assert (call["direction"], call["result"]) == ("outbound", "dropped")
