"""Is every row of a file accounted for, whatever happens on the way?"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dialgauge.errors import RefusedRowsError
from dialgauge.intake import Report, prepare_anew, take_in
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.model.rules import Rules
from dialgauge.model.table import Table
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.tables import TABLES

_HEADER = "call_id,started_at,direction,result,lead_id,talk_s\n"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Make an empty lake."""
    return Lake.create(str(tmp_path / "lake"))


def _file(folder: Path, name: str, *rows: str, header: str = _HEADER) -> Path:
    path = folder / name
    path.write_text(header + "".join(f"{row}\n" for row in rows))
    return path


def _import(lake: Lake, *paths: Path, strict: bool = False) -> Report:
    request = Request(paths=paths, table="calls", phone_key=lake.phone_key)
    return take_in(lake, source("files"), request, strict=strict)


def _counts(report: Report) -> tuple[int, int, int, int, int]:
    counts = report.counts
    assert counts.read == counts.loaded + counts.updated + counts.unchanged + counts.quarantined
    return counts.read, counts.loaded, counts.updated, counts.unchanged, counts.quarantined


def _read(lake: Lake, table: Table, columns: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), table)
        return con.execute(f"SELECT {columns} FROM {seen} ORDER BY ALL").fetchall()


def test_every_row_is_loaded_updated_unchanged_or_quarantined(lake: Lake, tmp_path: Path) -> None:
    """The five counts say what became of each row, and add up."""
    first = _file(
        tmp_path,
        "first.csv",
        "a,2026-01-05T10:00:00Z,outbound,human,L1,30",
        "b,2026-01-05T11:00:00Z,outbound,busy,L1,",
    )
    assert _counts(_import(lake, first)) == (2, 2, 0, 0, 0)
    second = _file(
        tmp_path,
        "second.csv",
        "a,2026-01-05T10:00:00Z,outbound,human,L1,30",
        "b,2026-01-05T11:00:00Z,outbound,human,L1,20",
        "c,2026-01-06T11:00:00Z,outbound,machine,L2,",
        "d,not a time,outbound,busy,L2,",
        ",2026-01-06T11:00:00Z,outbound,busy,L2,",
        "e,2026-01-06T11:00:00Z,outbound,asleep,L2,",
    )
    report = _import(lake, second)
    assert _counts(report) == (6, 1, 1, 1, 3)
    assert sum(reason.rows for reason in report.reasons) == 3
    assert report.as_json()["quarantined"] == 3
    assert _read(lake, TABLES["calls"], "call_id, result, attempt") == [
        ("a", "human", 1),
        ("b", "human", 2),
        ("c", "machine", 1),
    ]
    assert _read(lake, TABLES["journeys"], "party_id, dials") == [("L1", 2), ("L2", 1)]


def test_the_same_file_again_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    """Neither calls nor quarantine nor the version change."""
    path = _file(
        tmp_path,
        "calls.csv",
        "a,2026-01-05T10:00:00Z,outbound,human,L1,30",
        "bad,never,outbound,human,L1,30",
        "bad,never,outbound,human,L1,30",
    )
    assert _counts(_import(lake, path)) == (3, 1, 0, 0, 2)
    before = _read(lake, QUARANTINE, "*")
    assert len(before) == 2
    again = _import(lake, path)
    assert _counts(again) == (3, 0, 0, 1, 2)
    assert again.version == 1
    assert _read(lake, QUARANTINE, "*") == before


def test_refused_rows_are_kept_and_ticked_off_when_mended(lake: Lake, tmp_path: Path) -> None:
    """A refused row is listed with file, place, reason and content until its key is taken in."""
    path = _file(
        tmp_path,
        "calls.csv",
        "a,2026-01-05T10:00:00Z,outbound,human,L1,30",
        "b,2026-01-05T11:00:00Z,outbound,asleep,L1,30",
    )
    _import(lake, path)
    columns = 'table_name, key, file, "row", mended_at IS NOT NULL'
    assert _read(lake, QUARANTINE, columns) == [("calls", "b", str(path), 2, False)]
    ((raw,),) = _read(lake, QUARANTINE, "raw")
    assert '"asleep"' in raw
    mended = _file(tmp_path, "mended.csv", "b,2026-01-05T11:00:00Z,outbound,busy,L1,30")
    assert _counts(_import(lake, mended)) == (1, 1, 0, 0, 0)
    assert _read(lake, QUARANTINE, columns) == [("calls", "b", str(path), 2, True)]


def test_strict_stores_nothing_when_a_row_is_refused(lake: Lake, tmp_path: Path) -> None:
    """Strict mode says how many rows and why, and leaves the lake as it was."""
    path = _file(
        tmp_path,
        "calls.csv",
        "a,2026-01-05T10:00:00Z,outbound,human,L1,30",
        "b,never,outbound,human,L1,30",
    )
    with pytest.raises(RefusedRowsError, match="1 row cannot be taken in, so nothing was stored"):
        _import(lake, path, strict=True)
    assert lake.snapshot().version == 0
    good = _file(tmp_path, "good.csv", "a,2026-01-05T10:00:00Z,outbound,human,L1,30")
    assert _counts(_import(lake, good, strict=True)) == (1, 1, 0, 0, 0)


def test_a_key_twice_in_the_files_counts_once(lake: Lake, tmp_path: Path) -> None:
    """The last row of a key counts, over all files of one import."""
    one = _file(tmp_path, "one.csv", "a,2026-01-05T10:00:00Z,outbound,busy,L1,")
    two = _file(
        tmp_path,
        "two.csv",
        "a,2026-02-05T10:00:00Z,outbound,human,L1,5",
        "a,2026-02-05T10:00:00Z,outbound,human,L1,5",
    )
    assert _counts(_import(lake, one, two)) == (3, 1, 1, 1, 0)
    assert _read(lake, TABLES["calls"], "call_id, result") == [("a", "human")]


def test_a_file_with_fewer_columns_keeps_the_others(lake: Lake, tmp_path: Path) -> None:
    """Columns a later file does not have keep what an earlier one said."""
    _import(lake, _file(tmp_path, "a.csv", "a,2026-01-05T10:00:00Z,outbound,human,L1,30"))
    later = _file(
        tmp_path,
        "b.csv",
        "a,2026-01-05T10:00:00Z,sold",
        header="call_id,started_at,disposition\n",
    )
    assert _counts(_import(lake, later)) == (1, 0, 1, 0, 0)
    assert _read(lake, TABLES["calls"], "result, disposition, talk_s") == [("human", "sold", 30.0)]


def test_a_call_that_moves_to_another_lead_takes_its_journey_along(
    lake: Lake, tmp_path: Path
) -> None:
    """Derived rows that nothing supports any more are removed."""
    _import(lake, _file(tmp_path, "a.csv", "a,2026-01-05T10:00:00Z,outbound,human,L1,30"))
    assert _read(lake, TABLES["journeys"], "party_id") == [("L1",)]
    _import(lake, _file(tmp_path, "b.csv", "a,2026-01-05T10:00:00Z,outbound,human,L2,30"))
    assert _read(lake, TABLES["journeys"], "party_id, dials") == [("L2", 1)]


_ORDERS = "order_id,customer_id,lead_id,ordered_at,amount,currency\n"
_RATES = "rate_id,currency,on,rate\n"


def _bring(lake: Lake, table: str, path: Path, rules: Rules | None = None) -> int:
    request = Request(paths=(path,), table=table, phone_key=lake.phone_key)
    return take_in(lake, source("files"), request, rules=rules, strict=True).version


def test_tables_that_follow_are_brought_up_to_date(lake: Lake, tmp_path: Path) -> None:
    """A rate that comes late gives an order its value, and a late call its credit."""
    euros = Rules(currency="EUR")
    header = "call_id,started_at,direction,contact,lead_id,agent_id,campaign_id\n"
    order = _file(tmp_path, "o.csv", "o1,C1,L1,2026-01-06T10:00:00Z,200,USD", header=_ORDERS)
    rate = _file(tmp_path, "r.csv", "r1,USD,2026-01-06,0.5", header=_RATES)
    call = _file(tmp_path, "c.csv", "a,2026-01-05T10:00:00Z,outbound,true,L1,A1,K1", header=header)
    _bring(lake, "orders", order, euros)
    found = "value, credited_by, credited_agent_id, credited_campaign_id"
    assert _read(lake, TABLES["orders"], found) == [(None, "nothing", None, None)]
    _bring(lake, "currencies", rate, euros)
    _bring(lake, "calls", call, euros)
    assert _read(lake, TABLES["orders"], found) == [(100, "last contact", "A1", "K1")]
    lifetime = "customer_id, orders, value, value_currency, agent_id, campaign_id, lead_id"
    assert _read(lake, TABLES["lifetimes"], lifetime) == [("C1", 1, 100, "EUR", "A1", "K1", "L1")]
    assert _read(lake, TABLES["active_spells"], "spell_id, campaign_id") == [("C1#1", "K1")]


def test_an_import_under_other_rules_works_everything_out_anew(lake: Lake, tmp_path: Path) -> None:
    """Whatever is imported; under the rules of the last import the same file changes nothing."""
    order = _file(tmp_path, "o.csv", "o1,C1,L1,2026-01-06T10:00:00Z,200,USD", header=_ORDERS)
    rate = _file(tmp_path, "r.csv", "r1,USD,2026-01-06,0.5", header=_RATES)
    assert [_bring(lake, "currencies", rate), _bring(lake, "orders", order)] == [1, 2]
    values = "value, value_currency"
    assert _read(lake, TABLES["orders"], values) == [(200, "USD")]
    assert _bring(lake, "orders", order, Rules(currency="EUR")) == 3
    assert _read(lake, TABLES["orders"], values) == [(100, "EUR")]
    assert _bring(lake, "orders", order, Rules(currency="EUR")) == 3
    lake.restore(2)
    assert _bring(lake, "orders", order, Rules(currency="EUR")) == 5
    assert _read(lake, TABLES["orders"], values) == [(100, "EUR")]


def test_everything_is_worked_out_anew_on_request(lake: Lake, tmp_path: Path) -> None:
    """Under other rules once; a second time nothing has changed."""
    assert prepare_anew(lake, Rules(currency="EUR")).version == 0
    order = _file(tmp_path, "o.csv", "o1,C1,L1,2026-01-06T10:00:00Z,200,USD", header=_ORDERS)
    _bring(lake, "orders", order)
    lasting = Rules(inactive_after_days=10)
    done = prepare_anew(lake, lasting)
    assert (done.version, done.tables) == (2, ("lifetimes", "active_spells"))
    assert _read(lake, TABLES["active_spells"], "epoch(ended_at) - epoch(started_at)") == [
        (864_000,)
    ]
    again = prepare_anew(lake, lasting)
    assert (again.version, again.tables) == (2, ())
    # Rules that change no row are remembered all the same.
    assert prepare_anew(lake, Rules(inactive_after_days=10, rate_days=1)).version == 3
    assert prepare_anew(lake, Rules(inactive_after_days=10, rate_days=1)).version == 3


def test_a_derived_table_without_clock_loses_rows_too(lake: Lake, tmp_path: Path) -> None:
    """A call whose only review becomes a calibration is no reviewed call any more."""
    header = "answer_id,review_id,call_id,reviewed_at,kind,score\n"
    rows = ("1,R1,a,2026-01-05T10:00:00Z,human,1", "2,R2,b,2026-01-05T10:00:00Z,human,1")
    _bring(lake, "reviews", _file(tmp_path, "r.csv", *rows, header=header))
    assert _read(lake, TABLES["reviewed_calls"], "call_id, reviews") == [("a", 1), ("b", 1)]
    other = _file(tmp_path, "s.csv", rows[1].replace("human", "calibration"), header=header)
    _bring(lake, "reviews", other)
    assert _read(lake, TABLES["reviewed_calls"], "call_id, reviews") == [("a", 1)]
    last = _file(tmp_path, "t.csv", rows[0].replace("human", "calibration"), header=header)
    _bring(lake, "reviews", last)
    assert _read(lake, TABLES["reviewed_calls"], "call_id, reviews") == []


_SCRIPT = """
import sys
from pathlib import Path
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.sources import source
from dialgauge.sources.base import Request
lake = Lake.open(sys.argv[1])
stage = source("files")
print("ready", flush=True)
sys.stdin.readline()
request = Request(paths=(Path(sys.argv[2]),), table="calls", phone_key=lake.phone_key)
take_in(lake, stage, request)
print("done", flush=True)
"""


def _start(lake: Lake, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, lake.path, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


def _day(folder: Path, day: int) -> Path:
    rows = [
        f"{day}-{number},2026-01-{day:02d}T{number % 24:02d}:00:00Z,outbound,"
        f"{'human' if number % 3 else 'busy'},L{number % 40},{number}"
        for number in range(200)
    ]
    return _file(folder, f"day{day}.csv", *rows, f"bad-{day},never,outbound,human,L1,1")


def _all(lake: Lake) -> list[Any]:
    return [
        _read(lake, TABLES["calls"], "*"),
        _read(lake, TABLES["journeys"], "*"),
        _read(lake, QUARANTINE, "* EXCLUDE (taken_at)"),
    ]


def _check_kills(folder: Path, attempts: int) -> None:
    calm = Lake.create(str(folder / "calm"))
    storm = Lake.create(str(folder / "storm"))
    chance = random.Random(11)
    whole = 0.0
    for day in range(1, attempts + 1):
        path = _day(folder, day)
        before = _all(storm)
        start = time.perf_counter()
        _import(calm, path)
        whole = max(whole, time.perf_counter() - start)
        with _start(storm, path) as process:
            time.sleep(chance.random() * whole * 1.2)
            process.kill()
        assert _all(storm) in (before, _all(calm))
        _counts(_import(storm, path))
        assert _all(storm) == _all(calm)


def test_a_killed_import_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Calls, journeys and quarantine are as if nothing had happened once it is run again."""
    _check_kills(tmp_path, 5)


@pytest.mark.long
def test_many_killed_imports_lose_and_double_nothing(tmp_path: Path) -> None:
    """The same, a month of days."""
    _check_kills(tmp_path, 28)


def test_two_imports_at_once_both_land(lake: Lake, tmp_path: Path) -> None:
    """Two processes at the same time give what one after the other gives."""
    one, two = _day(tmp_path, 1), _day(tmp_path, 2)
    with _start(lake, one) as first, _start(lake, two) as second:
        assert first.stdout is not None
        assert second.stdout is not None
        assert (first.stdout.readline(), second.stdout.readline()) == ("done\n", "done\n")
    calm = Lake.create(str(tmp_path / "calm"))
    _import(calm, one)
    _import(calm, two)
    assert _all(lake) == _all(calm)


def _check_memory(folder: Path, rows: int, memory: int) -> None:
    path = folder / "big.csv"
    with path.open("w") as file:
        file.write(_HEADER.rstrip() + ",recording\n")
        for number in range(rows):
            second = f"2026-{number % 12 + 1:02d}-05T10:{number // 60 % 60:02d}:{number % 60:02d}Z"
            recording = f"recording-{number * 7919 % 1000003:07d}-" * 12
            file.write(f"c{number},{second},outbound,human,L{number % 999},5,{recording}\n")
    assert path.stat().st_size > memory * 1_000_000
    lake = Lake.create(str(folder / "lake"), memory_limit=f"{memory}MB")
    assert _counts(_import(lake, path)) == (rows, rows, 0, 0, 0)
    assert _counts(_import(lake, path)) == (rows, 0, 0, rows, 0)
    assert _read(lake, TABLES["calls"], "count(*)") == [(rows,)]


@pytest.mark.long
def test_a_file_larger_than_the_memory_is_imported(tmp_path: Path) -> None:
    """Half a gigabyte of rows, in twelve months, passes through 200 MB of memory."""
    _check_memory(tmp_path, 1_900_000, 200)


def test_a_small_file_larger_than_a_small_memory_is_imported(tmp_path: Path) -> None:
    """A file of more than 100 MB, in twelve months, passes through 100 MB of memory."""
    _check_memory(tmp_path, 400_000, 100)
