"""Is what is paid what the time clock of a VICIdial says?"""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from running_mariadb import Server
from test_vicidial_fetch import busy_days
from vicidial_tables import (
    Dialler,
    Read,
    account,
    dialler,
    epoch,
    fill,
    later,
    read,
    spool,
    staged,
    utc,
)

from dialgauge.config import read as read_settings
from dialgauge.errors import UnknownNameError
from dialgauge.lake import Lake, view
from dialgauge.sources.live import Span
from dialgauge.sources.vicidial import fetch
from dialgauge.syncing.feed import Round, read_feed
from dialgauge.syncing.feeds import feeds_of
from dialgauge.tables.agent_time import AGENT_TIME

AT = "2026-01-05 10:00:00"
DATABASE = "clocking"


def told(result: Read) -> dict[str, tuple[str, float, float, bool | None]]:
    """Return the agents' time: state, from when after ten, how long, paid."""
    return {
        name: (
            row["state"],
            (row["started_at"] - utc(AT)).total_seconds(),
            (row["ended_at"] - row["started_at"]).total_seconds(),
            row["paid"],
        )
        for name, row in result.rows("agent_time").items()
    }


def paid(result: Read) -> float:
    """Add up the paid seconds."""
    return sum(seconds for _, _, seconds, is_paid in told(result).values() if is_paid)


def working() -> Dialler:
    """Give a cycle of Ann's of 200 s from ten o'clock: 100 of pause, 60 of wait, 40 of wrap-up."""
    made = dialler()
    made.cycle(1, "ann", AT, (100, 60, 0, 40, 0))
    return made


def test_time_on_the_clock_is_paid_in_the_dialler_and_beside_it(tmp_path: Path) -> None:
    """Clocked in from 9:59 to 10:05: 360 s are paid, of which 200 in the dialler."""
    made = working()
    made.clock(1, "ANN", later(AT, -60), later(AT, 300))
    result = staged(tmp_path, made, paid="timeclock")
    assert told(result) == {
        "clock-2-start": ("offline", -60, 60, True),
        "1-pause": ("paused", 0, 100, True),
        "1-wait": ("available", 100, 60, True),
        "1-dispo": ("wrap", 160, 40, True),
        "clock-2-end": ("offline", 200, 100, True),
    }
    assert paid(result) == 360
    offline = result.rows("agent_time")["clock-2-end"]
    assert (offline["agent_id"], offline["reason"]) == ("ann", "TIMECLOCK")


def test_without_the_option_nobody_knows(tmp_path: Path) -> None:
    """The clock is read and changes nothing."""
    made = working()
    made.clock(1, "ann", later(AT, -60), later(AT, 300))
    assert {row[3] for row in told(staged(tmp_path, made)).values()} == {None}
    assert len(told(staged(tmp_path, made))) == 3


def test_an_interval_is_cut_where_somebody_clocks_in_or_out(tmp_path: Path) -> None:
    """In from 30 to 50 and from 90 to 120: the pause of 100 s falls into four pieces."""
    made = working()
    made.clock(1, "ann", later(AT, 30), later(AT, 50))
    made.clock(3, "ann", later(AT, 90), later(AT, 120))
    result = staged(tmp_path, made, paid="timeclock")
    found = {name: row for name, row in told(result).items() if row[2]}
    assert found == {
        "1-pause": ("paused", 0, 30, False),
        "1-pause-2": ("paused", 30, 20, True),
        "1-pause-3": ("paused", 50, 40, False),
        "1-pause-4": ("paused", 90, 10, True),
        "1-wait": ("available", 100, 20, True),
        "1-wait-2": ("available", 120, 40, False),
        "1-dispo": ("wrap", 160, 40, False),
    }


def test_who_is_still_clocked_in_is_paid(tmp_path: Path) -> None:
    """Since the clock was started, and what was before is not; nothing is said of the rest."""
    made = working()
    made.clock(1, "ann", later(AT, 100), None)
    assert {name: row[3] for name, row in told(staged(tmp_path, made, paid="timeclock")).items()} \
        == {"1-pause": False, "1-wait": True, "1-dispo": True}  # fmt: skip


def test_nobody_clocked_out_for_most_of_a_day(tmp_path: Path) -> None:
    """Nobody knows what of it is paid; the row is kept with its reason."""
    made = working()
    made.clock(1, "ann", later(AT, -60), later(AT, 65_000), "AUTOLOGOUT")
    result = staged(tmp_path, made, paid="timeclock")
    assert {row[3] for row in told(result).values()} == {None}
    (reason,) = result.problems("agent_time")
    assert reason.startswith("clocked in for 65000 seconds or more: nobody clocked out")


def test_the_system_clocks_out_who_forgot(tmp_path: Path) -> None:
    """Until then counts, and a note says how often."""
    made = working()
    made.clock(1, "ann", AT, later(AT, 36_000), "AUTOLOGOUT")
    result = staged(tmp_path, made, paid="timeclock")
    assert paid(result) == 36_000
    assert "1 times the system clocked out agents" in result.notes


def test_a_manager_corrects_the_clock(tmp_path: Path) -> None:
    """Both ends move in their rows; what was told before is replaced, by no time at all too."""
    made = working()
    made.clock(1, "ann", later(AT, -60), later(AT, 36_000), "AUTOLOGOUT")
    before = staged(tmp_path, made, paid="timeclock")
    made.tables["vicidial_timeclock_log"] = []
    made.clock(1, "ann", AT, later(AT, 200), "AUTOLOGOUT")
    after = staged(tmp_path / "after", made, paid="timeclock")
    assert paid(after) == 200
    assert set(told(before)) == set(told(after))
    assert told(after)["clock-2-end"] == ("offline", 200, 0, True)


def test_damaged_rows_of_the_clock_are_kept(tmp_path: Path) -> None:
    """Without seconds, without a time, of nobody."""
    made = working()
    made.clock(1, "ann", AT, later(AT, 10), login_sec=None)
    made.clock(3, "ann", AT, later(AT, 10), event_epoch=0)
    made.clock(5, "VDAD", AT, later(AT, 10))
    result = staged(tmp_path, made, paid="timeclock")
    assert sorted(result.problems("agent_time")) == [
        "no agent", "unreadable event_epoch", "unreadable login_sec",
    ]  # fmt: skip
    assert {row[3] for row in told(result).values()} == {False}


def test_without_a_clock_paid_time_is_unknown(tmp_path: Path) -> None:
    """The option was chosen, but nothing was read."""
    result = staged(tmp_path, working(), paid="timeclock")
    assert {row[3] for row in told(result).values()} == {None}
    assert "What is paid is unknown: vicidial_timeclock_log was not read." in result.notes
    with pytest.raises(UnknownNameError, match="did you mean 'timeclock'"):
        staged(tmp_path, working(), paid="timeclok")


@settings(max_examples=25, deadline=None)
@given(
    cycles=some.lists(some.tuples(*[some.integers(0, 300)] * 3), min_size=1, max_size=4),
    gap=some.integers(0, 90),
    marks=some.sets(some.integers(-100, 1500), min_size=2, max_size=6),
)
def test_the_paid_seconds_are_those_on_the_clock(
    tmp_path_factory: pytest.TempPathFactory,
    cycles: list[tuple[int, int, int]],
    gap: int,
    marks: set[int],
) -> None:
    """Whatever the agents did meanwhile; and their time in the dialler stays what it was."""
    made = dialler()
    begin = 0
    for number, seconds in enumerate(cycles, 1):
        made.cycle(number, "ann", later(AT, begin), (*seconds, 0, 0))
        begin += sum(seconds) + gap
    ordered = sorted(marks)
    spans = list(zip(ordered[::2], ordered[1::2], strict=False))
    for number, (start, end) in enumerate(spans):
        made.clock(10 * number + 1, "ann", later(AT, start), later(AT, end))
    result = staged(tmp_path_factory.mktemp("clock"), made, paid="timeclock")
    assert paid(result) == sum(end - start for start, end in spans)
    logged_in = [row for row in told(result).values() if row[0] != "offline"]
    assert sum(row[2] for row in logged_in) == sum(map(sum, cycles))
    busy = sorted((row[1], row[1] + row[2]) for row in told(result).values() if row[2])
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(busy))


def rounds(server: Server, cursors: dict[str, str] | None = None, **span: Any) -> list[Any]:
    """Read all pages there are."""
    return list(fetch(account(server, DATABASE), Span(cursors=cursors or {}, **span)))


def two_days() -> Dialler:
    """Give two shifts with a meeting on the day between, on which nobody called."""
    made = dialler()
    for day in (0, 2):
        at = later(AT, day * 86_400)
        made.call(f"{day}.1", at, 60, user="ann", status="NI", lead_id=day + 1)
        made.cycle(day + 1, "ann", later(at, -60), (0, 60, 60, 10, 0), lead_id=day + 1,
                   uniqueid=f"{day}.1")  # fmt: skip
        made.clock(10 * day + 1, "ann", later(at, -100), later(at, 20_000))
    made.clock(40, "ann", later(AT, 86_400 + 7_200), later(AT, 86_400 + 10_800))
    return made


def test_the_clock_is_read_with_the_days(mariadb: Server, tmp_path: Path) -> None:
    """In small pages by its index; days without a call are in it, and a round that goes on."""
    fill(mariadb, DATABASE, two_days().tables)
    mariadb.said()
    whole = rounds(mariadb)
    asked = [said for said in mariadb.said() if "FROM vicidial_timeclock_log" in said]
    assert asked
    assert all("ORDER BY event_epoch" in said and " LIMIT " in said for said in asked)
    spool(tmp_path / "whole", whole)
    found = read(tmp_path / "whole", paid="timeclock")
    assert told(found) == told(staged(tmp_path, two_days(), paid="timeclock"))
    assert paid(found) == 20_100 + 3_600 + 20_100
    spool(tmp_path / "on", rounds(mariadb, {"logs": "2026-01-07 10:00:00",
                                            "leads": "0 2026-01-05T00:00:00+00:00"}))  # fmt: skip
    later_on = told(read(tmp_path / "on", paid="timeclock"))
    assert {"clock-22-start", "clock-22-end", "3-talk"} <= set(later_on)
    assert {name: row for name, row in told(found).items() if name in later_on} == later_on
    start, end = utc("2026-01-05 09:00:00"), utc("2026-01-05 11:00:00")
    spool(tmp_path / "range", rounds(mariadb, start=start, end=end))
    ranged = told(read(tmp_path / "range", paid="timeclock"))
    # who clocks out after the range is paid in it; what was besides comes with that day's range
    assert ranged == {name: told(found)[name] for name in ("1-wait", "1-talk", "1-dispo")}


def test_an_old_clock_without_its_index_is_left_out(mariadb: Server, tmp_path: Path) -> None:
    """Versions before 2.14 have none on event_epoch."""
    fill(mariadb, DATABASE, two_days().tables)
    with mariadb.root(DATABASE) as cursor:
        cursor.execute("ALTER TABLE vicidial_timeclock_log DROP KEY event_epoch")
    spool(tmp_path, rounds(mariadb))
    result = read(tmp_path, paid="timeclock")
    assert "The table vicidial_timeclock_log was left out: it has no index on" in result.notes
    assert len(result.rows("calls")) == 2
    assert epoch(AT) == 1767625200


def test_many_parts_make_the_same_time_as_one(
    mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shifts that cross the end of a part are paid once, and wholly."""
    fill(mariadb, DATABASE, busy_days().tables)
    known = account(mariadb, DATABASE)
    monkeypatch.setenv("DIALGAUGE_PBX_PASSWORD", known.secret("password"))
    (tmp_path / "dialgauge.toml").write_text(
        f'[sources.pbx]\nsystem = "vicidial"\ntimezone = "America/New_York"\n'
        f"url = {json.dumps(known.settings['url'])}\n[sources.pbx.options]\npaid = 'timeclock'\n",
        encoding="utf-8",
    )
    found = []
    for name, most_rows in (("one", 1_000_000), ("many", 1)):
        lake = Lake.create(str(tmp_path / name))
        (feed,) = feeds_of(lake, read_settings(tmp_path / "dialgauge.toml").sources)
        assert read_feed(lake, feed, Round(most_rows=most_rows)).error is None
        with contextlib.closing(lake.connect()) as con:
            rows = view(con, lake.snapshot(), AGENT_TIME)
            found.append(
                con.execute(
                    f"SELECT interval_id, started_at, ended_at, paid FROM {rows} ORDER BY ALL"
                ).fetchall()
            )
            (paid_s,) = con.execute(
                f"SELECT sum(epoch(ended_at - started_at)) FROM {rows} WHERE paid"
            ).fetchall()[0]
        assert paid_s == 4 * (12 * 3600 + 900)
    assert found[0] == found[1]
