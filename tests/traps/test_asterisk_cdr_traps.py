"""Does a CDR mislead us in any of the ways it is known to?

The numbers are those of the reference's list of traps. 2026-01-05 10:00:00 UTC is 1767607200.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from asterisk_files import (
    CSV_WIDTHS,
    FREEPBX,
    Leg,
    csv_line,
    custom_line,
    freepbx_line,
    read,
    utc,
    write,
)

UNANSWERED = Leg(
    start="2026-01-05 10:05:00",
    ring=None,
    duration=20,
    disposition="NO ANSWER",
    uniqueid="1767607500.30",
    linkedid="1767607500.30",
)


def test_trap_1_both_orders_of_master_csv_mean_the_same(tmp_path: Path) -> None:
    """A file with accountcode first and one with clid first give the same call."""
    one = read(write(tmp_path / "a" / "Master.csv", [csv_line(Leg(), 18)])).call
    other = read(write(tmp_path / "b" / "Master.csv", [custom_line(Leg(), 18)])).call
    for column in ("call_id", "started_at", "result", "talk_s", "agent_id", "campaign_id"):
        assert one[column] == other[column]
    assert (one["campaign_id"], one["talk_s"], one["agent_id"]) == ("spring", 30, "101")


@pytest.mark.parametrize("width", CSV_WIDTHS)
def test_trap_2_every_width_gives_the_same_call(tmp_path: Path, width: int) -> None:
    """From 16 to 21 columns the optional ones are found, and the others never shift."""
    call = read(write(tmp_path / "Master.csv", [csv_line(Leg(), width)])).call
    assert (call["started_at"], call["result"]) == (utc("2026-01-05 10:00:00"), "answered")
    assert call["call_id"] == "1767607200.26" or width == 16


def test_trap_2_the_17th_column_may_be_the_userfield(tmp_path: Path) -> None:
    """What does not look like a uniqueid is not taken for the call's name."""
    line = csv_line(Leg(), 17, uniqueid="AMDSTATUS=MACHINE")
    call = read(write(tmp_path / "Master.csv", [line])).call
    assert call["call_id"].startswith("row-")
    assert call["result"] == "machine"


def test_trap_2_the_width_may_change_within_a_file(tmp_path: Path) -> None:
    """When a setting was changed, rows of all widths are read from one file."""
    lines = [
        csv_line(Leg(uniqueid=f"17676072{i:02d}.1", linkedid=f"17676072{i:02d}.1"), width)
        for i, width in enumerate((18, 21, 20, 17))
    ]
    found = read(write(tmp_path / "Master.csv", lines))
    assert [call["call_id"] for call in found.calls] == [f"17676072{i:02d}.1" for i in range(4)]
    assert found.problems == []


def test_trap_3_an_absent_answer_is_no_problem(tmp_path: Path) -> None:
    """An unanswered call has a bare empty answer in one order and a quoted one in the other."""
    for name, line in (("a", csv_line(UNANSWERED)), ("b", custom_line(UNANSWERED))):
        call = read(write(tmp_path / name / "Master.csv", [line])).call
        assert (call["answered_at"], call["result"], call["talk_s"]) == (None, "no_answer", 0)
        assert call["ring_s"] == 20


@pytest.mark.parametrize(
    ("wall", "note"),
    [
        ("2026-01-05 10:00:00", "UTC"),
        ("2026-01-05 05:00:00", "UTC-05:00"),
        ("2026-01-05 15:30:00", "UTC+05:30"),
    ],
)
def test_trap_4_the_uniqueid_tells_the_clock(tmp_path: Path, wall: str, note: str) -> None:
    """Local or UTC, the call began at the second its uniqueid says."""
    found = read(write(tmp_path / "Master.csv", [csv_line(Leg(start=wall))]))
    assert found.call["started_at"] == utc("2026-01-05 10:00:00")
    assert f"Master.csv: times are {note}, as its uniqueids show." in found.notes


def test_trap_4_daylight_saving_has_two_offsets(tmp_path: Path) -> None:
    """Around New York's change at 06:00 UTC of 2025-11-02 the hour shown twice is told apart."""
    # 05:30 UTC is 01:30 EDT, 06:30 UTC is 01:30 EST; both walls are the same
    legs = [
        Leg(start=wall, uniqueid=f"{epoch}.1", linkedid=f"{epoch}.1")
        for wall, epoch in (
            ("2025-11-02 01:30:00", 1762061400),
            ("2025-11-02 01:30:00", 1762065000),
            ("2025-11-02 12:00:00", 1762102800),
        )
    ]
    found = read(write(tmp_path / "Master.csv", [csv_line(leg) for leg in legs]))
    expected = [utc(f"2025-11-02 {hour}") for hour in ("05:30", "06:30", "17:00")]
    assert [call["started_at"] for call in found.calls] == expected
    given = read(tmp_path / "Master.csv", timezone="America/New_York")
    assert [call["started_at"] for call in given.calls] == expected
    assert not any("which is not" in note for note in given.notes)


def test_trap_4_a_given_zone_wins_and_the_doubt_is_told(tmp_path: Path) -> None:
    """A zone that the uniqueids contradict is used as asked, with a note."""
    path = write(tmp_path / "Master.csv", [csv_line(Leg())])
    found = read(path, timezone="Asia/Tbilisi")
    assert found.call["started_at"] == utc("2026-01-05 06:00:00")
    assert any("say its times are UTC, which is not Asia/Tbilisi" in note for note in found.notes)


def test_trap_4_nothing_tells_the_zone(tmp_path: Path) -> None:
    """Without uniqueid and zone the times are UTC, and a note says that this was assumed."""
    found = read(write(tmp_path / "Master.csv", [csv_line(Leg(), 16)]))
    assert found.call["started_at"] == utc("2026-01-05 10:00:00")
    assert any("were taken as UTC" in note for note in found.notes)


def test_trap_4_a_late_leg_does_not_move_the_clock(tmp_path: Path) -> None:
    """A transfer 30 minutes after its channel was made is late, not in another zone."""
    late = Leg(start="2026-01-05 10:30:00", sequence=2)
    found = read(write(tmp_path / "Master.csv", [csv_line(Leg()), csv_line(late)]))
    assert found.call["started_at"] == utc("2026-01-05 10:00:00")
    assert found.call["ended_at"] == utc("2026-01-05 10:30:38")


def test_trap_5_legs_of_a_call_count_once(tmp_path: Path) -> None:
    """Three phones ring, one answers: one answered call, as long as the answered leg."""
    ringing = [
        Leg(
            ring=None if i else 8,
            duration=8 if i else 68,
            disposition="NO ANSWER" if i else "ANSWERED",
            src="15551234567",
            dst="600",
            dcontext="from-trunk",
            channel="PJSIP/provider-0000001a",
            dstchannel=f"PJSIP/10{i + 1}-000000{i:02d}",
            sequence=i + 1,
        )
        for i in range(3)
    ]
    call = read(write(tmp_path / "Master.csv", [csv_line(leg) for leg in ringing])).call
    assert (call["result"], call["disposition"], call["talk_s"]) == ("answered", "ANSWERED", 60)
    assert (call["direction"], call["agent_id"]) == ("inbound", "101")


def test_trap_5_parallel_talk_is_not_added_up(tmp_path: Path) -> None:
    """10:00:08-10:00:38 and 10:00:20-10:01:00 are 52 s of talk, not 70."""
    second = Leg(start="2026-01-05 10:00:12", duration=48, uniqueid="1767607212.27", sequence=2)
    call = read(write(tmp_path / "Master.csv", [csv_line(Leg()), csv_line(second)])).call
    assert call["talk_s"] == 52
    assert call["ended_at"] == utc("2026-01-05 10:01:00")


def test_trap_5_a_menu_before_the_talk_is_no_talk(tmp_path: Path) -> None:
    """20 s in a menu and 30 s with an agent are 30 s of talk."""
    menu = Leg(ring=0, duration=20, dstchannel="", lastapp="BackGround")
    agent = Leg(start="2026-01-05 10:00:20", sequence=2)
    call = read(write(tmp_path / "Master.csv", [csv_line(menu), csv_line(agent)])).call
    assert (call["talk_s"], call["ring_s"]) == (30, 0)


def test_trap_17_an_unknown_disposition_is_kept(tmp_path: Path) -> None:
    """A value outside the list gives an unknown result, not a failed file."""
    path = write(tmp_path / "Master.csv", [csv_line(UNANSWERED, disposition="SOMETHING")])
    found = read(path)
    assert (found.call["result"], found.call["disposition"]) == (None, "SOMETHING")
    assert any("1 calls have a disposition with an unknown meaning" in note for note in found.notes)


def test_dispositions_are_read_in_any_case(tmp_path: Path) -> None:
    """SQL back-ends mix upper and lower case."""
    leg = Leg(uniqueid="1767607200.26")
    path = write(
        tmp_path / "cdr.csv", [",".join(FREEPBX), freepbx_line(leg, disposition="Answered")]
    )
    assert read(path).call["result"] == "answered"


def test_files_per_account_are_not_counted_again(tmp_path: Path) -> None:
    """A folder's other CSV files repeat Master.csv, so only Master.csv is read."""
    write(tmp_path / "Master.csv", [csv_line(Leg(), 16)])
    write(tmp_path / "spring.csv", [csv_line(Leg(), 16)])
    found = read(tmp_path)
    assert len(found.calls) == 1
    assert any("1 other files" in note for note in found.notes)


def test_both_cdr_modules_are_not_counted_twice(tmp_path: Path) -> None:
    """A log folder with cdr-csv and cdr-custom holds each call twice; one of them is read."""
    write(tmp_path / "cdr-csv" / "Master.csv", [csv_line(Leg(), 16)])
    write(tmp_path / "cdr-custom" / "Master.csv", [custom_line(Leg(), 16)])
    found = read(tmp_path)
    assert len(found.calls) == 1
    assert any("cdr-custom" in note for note in found.notes)


def test_rotated_files_are_one_history(tmp_path: Path) -> None:
    """Legs of one call in a compressed old file and the new one make one call."""
    old = csv_line(Leg()) + "\n"
    (tmp_path / "Master.csv.1.gz").write_bytes(gzip.compress(old.encode()))
    write(tmp_path / "Master.csv", [csv_line(Leg(start="2026-01-05 10:00:38", sequence=2))])
    call = read(tmp_path).call
    assert call["talk_s"] == 60


def test_the_same_rows_without_uniqueid_in_two_files_count_once(tmp_path: Path) -> None:
    """A copy of a file adds nothing, because a row's name comes from what it says."""
    one = write(tmp_path / "a.csv", [csv_line(Leg(), 16)])
    two = write(tmp_path / "b.csv", [csv_line(Leg(), 16)])
    assert len(read(one, two).calls) == 1


def test_answered_is_not_human(tmp_path: Path) -> None:
    """Voicemail answers too, and an answered call is no conversation unless somebody says so."""
    path = write(tmp_path / "Master.csv", [csv_line(Leg(), lastapp="VoiceMail")])
    assert read(path).call["result"] == "machine"
    path = write(tmp_path / "Master.csv", [csv_line(Leg())])
    assert (read(path).call["result"], read(path).call["contact"]) == ("answered", None)
    assert "contact" not in read(path).staged[0].present
    assert read(path, options={"contact_after": "30"}).call["contact"] is True
    assert read(path, options={"contact_after": "31"}).call["contact"] is False


def test_waiting_in_a_queue_is_not_being_served(tmp_path: Path) -> None:
    """A queue answers at once; a caller no agent took has left, although the CDR says ANSWERED."""
    waiting = Leg(
        ring=0,
        src="15551234567",
        dst="600",
        dcontext="from-trunk",
        channel="PJSIP/provider-0000001a",
        dstchannel="",
        lastapp="Queue",
    )
    call = read(write(tmp_path / "Master.csv", [csv_line(waiting)])).call
    assert (call["direction"], call["result"], call["talk_s"]) == ("inbound", "abandoned", 0)


def test_times_across_the_autumn_change_keep_their_length(tmp_path: Path) -> None:
    """A call of 60 s over the change ends, by the wall, an hour before it began."""
    # 05:59:30 UTC is 01:59:30 EDT; a minute later the wall shows 01:00:30 EST
    leg = Leg(
        start="2025-11-02 01:59:30",
        ring=10,
        duration=60,
        uniqueid="1762063170.1",
        linkedid="1762063170.1",
    )
    line = csv_line(leg, end="2025-11-02 01:00:30")
    call = read(write(tmp_path / "Master.csv", [line])).call
    assert call["ended_at"] == utc("2025-11-02 06:00:30")
    assert (call["ring_s"], call["talk_s"]) == (10, 50)


def test_no_number_is_kept_anywhere(tmp_path: Path) -> None:
    """Not in a good row, not in a damaged one, not in a note."""
    damaged = [
        csv_line(Leg(), start="yesterday"),
        csv_line(Leg(clid='"Bo Li" <+1 555 123 4567>'), duration="-5"),
        csv_line(Leg()).rpartition(",")[0].partition(",")[2].partition(",")[2],
        ",".join(csv_line(Leg()).split(",")[:12]),
        csv_line(Leg(accountcode="15551234567", sequence=9)),
    ]
    found = read(write(tmp_path / "Master.csv", [csv_line(Leg()), *damaged]))
    said = str(found.calls) + str(found.problems) + str(found.notes)
    assert len(found.problems) == 4
    for secret in ("5551234567", "123 4567", "Bo Li", "Ann"):
        assert secret not in said
    assert len(found.call["phone_token"]) == 32
