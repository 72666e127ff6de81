"""Is every damaged row kept with its reason, and every wrong request refused with a sentence?"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from asterisk_files import FREEPBX, Leg, csv_line, custom_line, freepbx_line, read, utc, write
from dialgauge.errors import DialgaugeError, FileError
from dialgauge.sources.asterisk import stage
from dialgauge.sources.base import Request, stored_columns
from dialgauge.tables.storage import DUCKDB_TYPES

GOOD = csv_line(Leg(uniqueid="1767607200.99", linkedid="1767607200.99"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (csv_line(Leg(), start="05.01.26 10:00 h"), "unreadable start time"),
        (csv_line(Leg(), start=""), "missing start time"),
        (csv_line(Leg(), start="1970-01-01 00:00:00"), "start time not between 1990 and 2100"),
        (csv_line(Leg(), answer="soon"), "unreadable answer time"),
        (csv_line(Leg(), end="later"), "unreadable end time"),
        (csv_line(Leg(), duration="-5"), "negative duration"),
        (csv_line(Leg(), duration="x"), "unreadable duration"),
        (csv_line(Leg(), billsec="-1"), "negative billsec"),
        (csv_line(Leg(), billsec="99"), "billsec longer than duration"),
        (csv_line(Leg(), end="2026-01-05 09:59:00"), "ends before it starts"),
        (csv_line(Leg(), duration="1767607238"), "duration of more than seven days"),
        ('"one","two"', "the number of columns is not one of a CDR row"),
        (f"{csv_line(Leg())},1,2,3", "the number of columns is not one of a CDR row"),
    ],
)
def test_a_damaged_row_is_kept_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    """The other rows are read, the damaged one says what is wrong and in which line it stands."""
    found = read(write(tmp_path / "Master.csv", [GOOD, line, GOOD.replace("99", "98")]))
    assert len(found.calls) == 2
    (problem,) = found.problems
    assert problem["_problem"] == reason
    assert json.loads(problem["_raw"])["line"] == 2
    assert problem["_file"].endswith("Master.csv")


def test_a_damaged_leg_does_not_hide_behind_its_call(tmp_path: Path) -> None:
    """When other legs make the call, the damaged one has no key, so that none seems mended."""
    lines = [csv_line(Leg()), csv_line(Leg(sequence=2), duration="-5")]
    found = read(write(tmp_path / "Master.csv", lines))
    assert (found.call["call_id"], found.problems[0]["call_id"]) == ("1767607200.26", None)
    alone = read(write(tmp_path / "Master.csv", [GOOD, lines[1]]))
    assert alone.problems[0]["call_id"] == "1767607200.26"


def test_damaged_queue_lines_are_kept(tmp_path: Path) -> None:
    """Too few fields, an unreadable time, no event."""
    lines = [
        "1767604210|1767604210.1|sales|NONE|ENTERQUEUE||15551234567|1",
        "1767604222|1767604210.1|sales|NONE|ABANDON|1|1|12",
        "1767604222|cut",
        "noon|1767604210.1|sales|NONE|ABANDON|1|1|12",
        "1767604222|1767604210.1|sales|NONE||1",
    ]
    found = read(write(tmp_path / "queue_log", lines))
    assert [problem["_problem"] for problem in found.problems] == [
        "a queue_log line has at least five fields; this one has fewer",
        "unreadable time",
        "missing event",
    ]
    assert len(found.calls) == 1


def test_latin_1_is_read_too(tmp_path: Path) -> None:
    """Old systems write names in Latin-1; that is no reason to lose a file."""
    path = tmp_path / "Master.csv"
    path.write_bytes((csv_line(Leg(clid='"Jörg" <101>')) + "\n").encode("latin-1"))
    assert read(path).call["talk_s"] == 30


def test_a_damaged_quote_loses_no_row(tmp_path: Path) -> None:
    """A quote that never ends damages its own line and no other."""
    broken = csv_line(Leg()).replace('"spring"', '"spring', 1)
    found = read(write(tmp_path / "Master.csv", [GOOD, broken, GOOD.replace("99", "98")]))
    assert len(found.calls) + len(found.problems) == 3
    assert len(found.calls) >= 2


def test_freepbx_exports_have_no_answer_and_no_end(tmp_path: Path) -> None:
    """The answer is the end less billsec: 38 s, 30 of them talked, means 8 s of ringing."""
    path = write(tmp_path / "cdr.csv", [",".join(FREEPBX), freepbx_line(Leg())])
    found = read(path)
    assert found.call["answered_at"] == utc("2026-01-05 10:00:08")
    assert found.call["ended_at"] == utc("2026-01-05 10:00:38")
    assert (found.call["ring_s"], found.call["recording"]) == (8, None)


def test_headers_nobody_reads_are_told(tmp_path: Path) -> None:
    """Unknown columns of an export are listed."""
    lines = [",".join((*FREEPBX, "mood")), freepbx_line(Leg()) + ',"good"']
    found = read(write(tmp_path / "cdr.csv", lines))
    assert "mood" in found.staged[0].unused


def test_recordings_are_kept_only_on_request(tmp_path: Path) -> None:
    """Their names tell numbers."""
    line = freepbx_line(Leg(), recordingfile="out-15551234567-101.wav")
    path = write(tmp_path / "cdr.csv", [",".join(FREEPBX), line])
    assert read(path).call["recording"] is None
    assert read(path, options={"recordings": "yes"}).call["recording"] == "out-15551234567-101.wav"


def test_columns_of_ones_own(tmp_path: Path) -> None:
    """A cdr_custom file in any order is read when its columns are told."""
    path = write(tmp_path / "own.csv", ['2026-01-05 10:00:00,"ANSWERED",38,30,101,15551234567'])
    options = {"columns": "start,disposition,duration,billsec,src,dst"}
    call = read(path, options=options).call
    assert (call["talk_s"], call["direction"]) == (30, "outbound")


def test_times_with_a_zone_or_as_epochs_need_no_guess(tmp_path: Path) -> None:
    """A zone in the text, or seconds since 1970, are what they say."""
    lines = [
        csv_line(Leg(), start="2026-01-05T12:00:00+02:00", end="", answer=""),
        csv_line(Leg(linkedid="b.1"), start="1767607200.5", end="", answer=""),
    ]
    found = read(write(tmp_path / "Master.csv", [*lines]), timezone="Asia/Tbilisi")
    assert found.calls[0]["started_at"] == utc("2026-01-05 10:00:00")
    assert found.calls[1]["started_at"] == utc("2026-01-05 10:00:00.5")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"trunk": "x"}, "unknown asterisk option 'trunk'; did you mean 'trunks'?"),
        ({"extension_length": "six"}, "must be a whole number"),
        ({"contact_after": "-1"}, "must be a number of seconds"),
        ({"recordings": "maybe"}, "unknown value of option recordings 'maybe'"),
        ({"logins": "x"}, "allowed: activity, events"),
        ({"outside_prefix": "+"}, "must be digits"),
        ({"columns": "src,dst"}, "lack start, duration, disposition"),
        ({"columns": "start,start,duration,disposition"}, "name one column twice"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, str], words: str) -> None:
    """One sentence says what is wrong and what is allowed."""
    with pytest.raises(DialgaugeError, match=r".+") as caught:
        read(write(tmp_path / "Master.csv", [GOOD]), options=options)
    assert words in str(caught.value)


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    """Neither a CDR nor a queue_log; nothing there; a folder without either."""
    with pytest.raises(FileError, match="is no file that Asterisk writes"):
        read(write(tmp_path / "x.csv", ["a,b,c", "1,2,3"]))
    with pytest.raises(FileError, match="does not exist"):
        read(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match=r"neither Master\.csv nor queue_log"):
        read(tmp_path / "empty")
    with pytest.raises(DialgaugeError, match="unknown time zone 'Mars'"):
        read(write(tmp_path / "Master.csv", [GOOD]), timezone="Mars")


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    """Just rotated: nothing to read, and a note says so."""
    write(tmp_path / "Master.csv", [])
    write(tmp_path / "Master.csv.1", [GOOD])
    found = read(tmp_path)
    assert len(found.calls) == 1
    assert "Master.csv is empty." in found.notes


def test_the_contract_of_staging(tmp_path: Path) -> None:
    """All stored columns in order and typed, unique rows, and no table left behind."""
    cdr = write(tmp_path / "Master.csv", [GOOD, custom_line(Leg())])
    queue = write(
        tmp_path / "queue_log",
        ["1767604210|1767604210.1|sales|NONE|ENTERQUEUE||15551234567|1", "broken"],
    )
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    staged = stage(con, Request(paths=(cdr, queue), phone_key=b"k"))
    rows: list[int] = []
    for part in staged:
        columns = [
            (name, kind) for name, kind, *_ in con.execute(f"DESCRIBE {part.relation}").fetchall()
        ]
        assert columns == [
            *((each.name, DUCKDB_TYPES[each.type]) for each in stored_columns(part.table)),
            ("_row", "BIGINT"),
            *((name, "VARCHAR") for name in ("_file", "_problem", "_raw")),
        ]
        rows += [row for (row,) in con.execute(f"SELECT _row FROM {part.relation}").fetchall()]
        assert con.execute(
            f"SELECT count(*) FROM {part.relation} WHERE (_problem IS NULL) <> (_raw IS NULL)"
        ).fetchall() == [(0,)]
    assert len(rows) == len(set(rows))
    left = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert sorted(name for (name,) in left) == sorted(part.relation for part in staged)
