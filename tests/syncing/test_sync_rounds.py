"""Does every row of a running system get into the lake once, whatever happens on the way?"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import folder_system
import pyarrow as pa
import pytest
from folder_system import add_calls, cursors, feed, pages_left

from dialgauge.errors import LakeError
from dialgauge.intake import Counts
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.sources.live import Page, Span
from dialgauge.syncing import service, status
from dialgauge.syncing.feed import Outcome, Round, read_feed
from dialgauge.syncing.following import Plan
from dialgauge.syncing.holding import alone
from dialgauge.tables import TABLES


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Make an empty lake."""
    return Lake.create(str(tmp_path / "lake"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a system with ten calls, of which two cannot be understood."""
    add_calls(tmp_path / "system", 1, 10)
    return tmp_path / "system"


def calls(lake: Lake) -> list[tuple[Any, ...]]:
    """Read the calls: their numbers, and the names of their agents."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), TABLES["calls"])
        return con.execute(f"SELECT call_id, script FROM {seen} ORDER BY ALL").fetchall()


def refused(lake: Lake) -> list[tuple[Any, ...]]:
    """Read what was refused."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), QUARANTINE)
        return con.execute(f"SELECT key, reason, file FROM {seen} ORDER BY ALL").fetchall()


def expected(last: int) -> list[tuple[str, str]]:
    """Say which calls there must be."""
    names = ("Ann", "Ben")
    return sorted((f"c{n}", names[n % 2]) for n in range(1, last + 1) if n % 4)


def good(outcome: Outcome) -> Counts:
    """Give the counts of a round that went well."""
    assert outcome.error is None
    assert outcome.status.error == ""
    return outcome.status.counts


def test_a_round_goes_on_where_the_last_one_stopped(lake: Lake, folder: Path) -> None:
    """Only what is new is read; what cannot be understood is kept, and named by its stream."""
    assert good(read_feed(lake, feed(lake, folder), Round())) == Counts(
        read=10, loaded=8, quarantined=2
    )
    assert calls(lake) == expected(10)
    file = "pbx/calls/000003.parquet"
    assert refused(lake)[0] == ("c4", "talk_s is no number", file)
    add_calls(folder, 11, 12)
    assert good(read_feed(lake, feed(lake, folder), Round())) == Counts(
        read=2, loaded=1, quarantined=1
    )
    assert good(read_feed(lake, feed(lake, folder), Round())) == Counts()
    assert calls(lake) == expected(12)
    assert cursors(lake) == {"kept": {"calls": "12"}, "fetched": {"calls": "12"}}
    assert pages_left(lake) == []


def test_a_round_that_breaks_off_goes_on_from_what_it_kept(lake: Lake, folder: Path) -> None:
    """Nothing is in the lake before all is there; the pages wait, and no secret is told."""
    (folder / "down").write_text("3")
    failed = read_feed(lake, feed(lake, folder), Round())
    assert failed.status.error == "the folder does not answer to ***"
    assert failed.status.failures == 1
    assert calls(lake) == []
    assert cursors(lake) == {"kept": {}, "fetched": {"calls": "6"}}
    assert len(pages_left(lake)) == 3
    (folder / "down").write_text("0")
    assert read_feed(lake, feed(lake, folder), Round()).status.failures == 2
    assert len(pages_left(lake)) == 3
    (folder / "down").unlink()
    mended = read_feed(lake, feed(lake, folder), Round())
    assert good(mended) == Counts(read=10, loaded=8, quarantined=2)
    assert mended.status.failures == 0
    assert calls(lake) == expected(10)


def test_many_rows_are_taken_in_part_by_part(lake: Lake, folder: Path) -> None:
    """Streams without a cursor are there for every part, also after a round that broke off."""
    add_calls(folder, 11, 30)

    def break_off(_: str) -> None:
        if lake.snapshot().version == 1:
            (folder / "down").write_text("2")

    # 2 agents and 6 calls are enough for a part; the third one breaks off behind 3 calls.
    broken = read_feed(lake, feed(lake, folder), Round(most_rows=7, say=break_off))
    assert broken.error is not None
    assert broken.status.counts == Counts(read=12, loaded=9, quarantined=3)
    assert broken.status.refused == ("3 refused for calls: talk_s is no number",)
    assert calls(lake) == expected(12)
    assert cursors(lake) == {"kept": {"calls": "12"}, "fetched": {"calls": "15"}}
    (folder / "down").unlink()
    assert good(read_feed(lake, feed(lake, folder), Round(most_rows=7))).loaded == 23 - 9
    assert calls(lake) == expected(30)
    assert pages_left(lake) == []
    assert len(lake.history()) == 5  # calls 1-6, 7-12, 13-18, 19-24 and 25-30


def test_a_range_is_read_again_and_moves_nothing(lake: Lake, folder: Path) -> None:
    """What happened on one day, with an end that is exclusive."""
    read_feed(lake, feed(lake, folder), Round())
    add_calls(folder, 11, 13, day="2026-01-06")
    add_calls(folder, 14, 15, day="2026-01-07")
    day = Round(
        start=dt.datetime(2026, 1, 6, tzinfo=dt.UTC), end=dt.datetime(2026, 1, 7, tzinfo=dt.UTC)
    )
    assert good(read_feed(lake, feed(lake, folder), day)) == Counts(read=3, loaded=2, quarantined=1)
    assert cursors(lake)["kept"] == {"calls": "10"}
    assert good(read_feed(lake, feed(lake, folder), Round())).loaded == 2
    assert calls(lake) == expected(15)


def test_whoever_begins_on_a_day_goes_on_from_there(lake: Lake, folder: Path) -> None:
    """The first time with a start and no end, what came before is not read the next time."""
    add_calls(folder, 11, 13, day="2026-01-06")
    begun = Round(start=dt.datetime(2026, 1, 6, tzinfo=dt.UTC))
    assert good(read_feed(lake, feed(lake, folder), begun)).read == 3
    assert cursors(lake)["kept"] == {"calls": "13"}
    assert good(read_feed(lake, feed(lake, folder), Round())).read == 0


def test_what_did_not_change_lately_is_not_read_whole_either(lake: Lake, folder: Path) -> None:
    """A range is read month by month; agents changed in January alone, calls in March."""
    asked: list[Span] = []

    def pages(span: Span) -> Iterator[Page]:
        asked.append(span)
        if span.start and span.start.month == 1:
            agent = pa.table({"agent_id": ["a0"], "name": ["Ann"]})
            yield Page(stream="agents", rows=agent, cursors={"agents": "January"})
        yield Page(stream="calls", rows=pa.table({}), cursors={"calls": str(span.start)})

    begun = Round(start=dt.datetime(2026, 1, 6, tzinfo=dt.UTC))
    counted = replace(feed(lake, folder), pages=pages)
    assert good(read_feed(lake, counted, begun)).read == 0
    assert len(asked) > 2
    assert cursors(lake)["kept"] == {"agents": "January", "calls": str(asked[-1].start)}


def test_how_it_stands_is_written_down(lake: Lake, folder: Path) -> None:
    """The counts of the last time, how far behind it is, and when it went well."""
    assert feed(lake, folder).status().ended_at is None
    read_feed(lake, feed(lake, folder), Round())
    (folder / "down").write_text("0")
    read_feed(lake, feed(lake, folder), Round())
    told = feed(lake, folder).status()
    assert told.newest_at == dt.datetime(2026, 1, 5, 9, 0, 10, tzinfo=dt.UTC)
    assert told.lag_s(dt.datetime(2026, 1, 5, 10, 0, 10, tzinfo=dt.UTC)) == 3600
    assert told.succeeded_at is not None
    assert told.started_at is not None
    assert told.succeeded_at <= told.started_at
    assert told.as_json(dt.datetime.now(dt.UTC))["state"] == "failed"
    (Path(lake.layout.sync("pbx")) / "fetch" / status.FILE).write_text("{")
    assert feed(lake, folder).status().ended_at is None


def test_a_row_from_the_future_does_not_hide_that_nothing_comes(lake: Lake, folder: Path) -> None:
    """A clock that is wrong by years is no news."""
    add_calls(folder, 11, 11, day="2126-01-05")
    outcome = read_feed(lake, feed(lake, folder), Round())
    assert good(outcome).loaded == 9
    assert outcome.status.newest_at == dt.datetime(2026, 1, 5, 9, 0, 10, tzinfo=dt.UTC)


def test_ctrl_c_ends_a_round_between_two_pages(lake: Lake, folder: Path) -> None:
    """Status 130 and one sentence; what was read waits for the next round."""
    add_calls(folder, 11, 300)
    here = str(Path(folder_system.__file__).parent)
    with subprocess.Popen(
        [sys.executable, "-c", _COMMAND, here, str(folder), lake.path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("sync: pbx: 2 rows, at agents")
        assert process.stderr.readline().rstrip().endswith("rows, at calls")
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert said.splitlines()[-1].startswith("dialgauge: stopped; ")
    assert "Traceback" not in said
    assert 0 < int(cursors(lake)["fetched"]["calls"]) < 300
    assert calls(lake) == []


_COMMAND = """
import sys
sys.path.insert(0, sys.argv[1])
import dialgauge.sources
import folder_system
sys.modules["dialgauge.sources.folder"] = folder_system
dialgauge.sources.SOURCES = ("files", "folder")
from pathlib import Path
from dialgauge.cli import main
Path(sys.argv[3], "dialgauge.toml").write_text(
    f'[sources.pbx]\\nsystem = "folder"\\nfolder = "{sys.argv[2]}"\\nrest_s = 0.05\\n'
)
sys.exit(main(["sync", "--lake", sys.argv[3]]))
"""


def test_two_at_once_are_refused(lake: Lake, folder: Path) -> None:
    """The second says who is at it, and changes nothing that is written down."""
    with alone(Path(lake.layout.sync("pbx"), "fetch", "lock"), "pbx"):
        outcome = read_feed(lake, feed(lake, folder), Round())
    assert outcome.status.error.startswith("'pbx' is being read by process ")
    assert feed(lake, folder).status().ended_at is None
    assert good(read_feed(lake, feed(lake, folder), Round())).read == 10


def test_what_stands_in_the_way_of_the_cursors_is_told(lake: Lake, folder: Path) -> None:
    """Cursors that cannot be read are not taken for none."""
    read_feed(lake, feed(lake, folder), Round())
    path = Path(lake.layout.sync("pbx"), "fetch", "cursors.json")
    path.write_text('{"kept": 1')
    outcome = read_feed(lake, feed(lake, folder), Round())
    assert isinstance(outcome.error, LakeError)
    assert "cannot be read, which says where reading stopped" in outcome.status.error
    path.unlink()
    assert good(read_feed(lake, feed(lake, folder), Round())).unchanged == 8


def test_pages_that_somebody_removed_are_read_again(lake: Lake, folder: Path) -> None:
    """One of them or all: the cursors of what is not there are worth nothing."""
    read_feed(lake, feed(lake, folder), Round())
    pages = Path(lake.layout.sync("pbx"), "fetch", "pages", "pbx")
    add_calls(folder, 11, 20)
    for lost in (pages / "calls" / "000003.parquet", pages / "calls"):
        (folder / "down").write_text("3")
        read_feed(lake, feed(lake, folder), Round())
        assert cursors(lake) == {"kept": {"calls": "10"}, "fetched": {"calls": "16"}}
        if lost.is_dir():
            rmtree(lost)
        else:
            lost.unlink()
    (folder / "down").unlink()
    assert good(read_feed(lake, feed(lake, folder), Round())).read == 10
    assert calls(lake) == expected(20)


def test_rows_on_the_way_are_nobody_elses(lake: Lake, folder: Path) -> None:
    """Only their owner may look into the folder where they wait."""
    (folder / "down").write_text("2")
    read_feed(lake, feed(lake, folder), Round())
    assert Path(lake.layout.sync("pbx")).stat().st_mode & 0o777 == 0o700


def test_one_bad_system_stops_no_other(lake: Lake, folder: Path, tmp_path: Path) -> None:
    """They are read at once, and each is told of."""
    bad = tmp_path / "bad"
    add_calls(bad, 1, 1)
    (bad / "down").write_text("0")
    told: list[str] = []
    feeds = [feed(lake, bad, "bad"), feed(lake, folder), feed(lake, tmp_path / "none", "none")]
    outcomes = service.once(lake, feeds, Round(), lambda each: told.append(each.status.name))
    assert [outcome.error is None for outcome in outcomes] == [False, True, False]
    assert sorted(told) == ["bad", "none", "pbx"]
    assert outcomes[2].status.error == "No such file or directory, while 'none' was read"
    assert calls(lake) == expected(10)


def test_a_service_reads_again_and_again_until_it_is_stopped(lake: Lake, folder: Path) -> None:
    """What happens meanwhile comes with the next round."""
    asked = Round()
    seen: list[Counts] = []

    def told(outcome: Outcome) -> None:
        seen.append(good(outcome))
        if len(seen) == 1:
            add_calls(folder, 11, 13)
        if len(seen) == 3:
            asked.stop.set()

    service.again_and_again(lake, lambda: Plan([feed(lake, folder)]), asked, 0.05, told)
    assert not service.hangs()
    assert [counts.read for counts in seen] == [10, 3, 0]
    after = feed(lake, folder).status()
    assert after.next_at is not None
    assert after.ended_at is not None
    assert after.next_at > after.ended_at


def test_a_stop_keeps_what_was_read(lake: Lake, folder: Path) -> None:
    """It ends between two pages, is no failure, and the next round goes on."""
    stop = threading.Event()
    pages = iter(range(100))

    def say(_: str) -> None:
        if next(pages) == 2:
            stop.set()

    outcome = read_feed(lake, feed(lake, folder), Round(stop=stop, say=say))
    assert outcome.status.error == "stopped; the next time goes on from here"
    assert outcome.status.failures == 0
    assert cursors(lake) == {"kept": {}, "fetched": {"calls": "6"}}
    assert good(read_feed(lake, feed(lake, folder), Round())).loaded == 8


_SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from folder_system import feed
from dialgauge.lake import Lake
from dialgauge.syncing.feed import Round, read_feed
lake = Lake.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
made = feed(lake, Path(sys.argv[2]), rest_s=0.004)
outcome = read_feed(lake, made, Round(most_rows=40))
print(outcome.status.error, flush=True)
"""


def _start(lake: Lake, folder: Path) -> subprocess.Popen[str]:
    here = str(Path(folder_system.__file__).parent)
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, lake.path, str(folder), here],
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


def _check_kills(tmp_path: Path, attempts: int) -> None:
    lake = Lake.create(str(tmp_path / "storm"))
    folder = tmp_path / "calls"
    chance = random.Random(5)
    last, whole = 0, 0.0
    for attempt in range(attempts):
        add_calls(folder, last + 1, last + 100)
        last += 100
        if attempt == 0:
            start = time.perf_counter()
            with _start(lake, folder) as process:
                assert process.communicate()[0] == "\n"
            whole = time.perf_counter() - start
            continue
        for _ in range(3):
            with _start(lake, folder) as process:
                time.sleep(chance.random() * whole * 0.8)
                process.kill()
            there = calls(lake)
            assert len(there) == len(dict(there))
            assert set(there) <= set(expected(last))
        with _start(lake, folder) as process:
            assert process.communicate()[0] == "\n"
        assert calls(lake) == expected(last)
        assert len(refused(lake)) == last // 4
        assert pages_left(lake) == []


def test_a_killed_round_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The process dies at any moment; the next one goes on from what it kept."""
    _check_kills(tmp_path, 4)


@pytest.mark.long
def test_many_killed_rounds_lose_and_double_nothing(tmp_path: Path) -> None:
    """The same, many times."""
    _check_kills(tmp_path, 25)
