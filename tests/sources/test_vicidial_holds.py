"""Is a customer on hold exactly while an agent who had the call parked them?"""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from running_mariadb import Server
from vicidial_tables import Dialler, Read, account, dialler, fill, later, read, spool, staged, utc

from dialgauge.sources.live import Span
from dialgauge.sources.vicidial import fetch

AT = "2026-01-05 10:00:00"
DATABASE = "parking"


def held_call(talk: int = 100, dead: int = 0) -> Dialler:
    """Give a call of Ann's that she talked on from 10:00:30, and that was never parked."""
    made = dialler()
    made.call("1.1", AT, 30 + talk, user="ann", status="NI")
    made.cycle(1, "ann", AT, (10, 20, talk, 5, dead), uniqueid="1.1")
    made.tables["park_log"] = []
    return made


def at(seconds: int) -> str:
    """Return the wall clock so many seconds after talk began."""
    return later("2026-01-05 10:00:30", seconds)


def told(result: Read, call: str = "1.1") -> tuple[Any, Any]:
    """Return talk and hold of a call."""
    row = result.call(call)
    return row["talk_s"], row["hold_s"]


def times(result: Read) -> dict[str, tuple[str, float, float]]:
    """Return the parts of the agents' talk: state, from when after its start, how long."""
    start = utc("2026-01-05 10:00:30")
    return {
        name: (
            row["state"],
            (row["started_at"] - start).total_seconds(),
            (row["ended_at"] - row["started_at"]).total_seconds(),
        )
        for name, row in result.rows("agent_time").items()
        if "talk" in name or "hold" in name
    }


def test_talk_is_without_the_time_on_hold(tmp_path: Path) -> None:
    """Of 100 s two parks of 20 and 15 are hold: 65 of talk, in three pieces."""
    made = held_call()
    made.park("1.1", "ann", at(10), 20)
    made.park("1.1", "ANN", at(60), 15)
    result = staged(tmp_path, made)
    assert told(result) == (65, 35)
    assert times(result) == {
        "1-talk": ("talking", 0, 10),
        "1-hold-1": ("hold", 10, 20),
        "1-talk-2": ("talking", 30, 30),
        "1-hold-2": ("hold", 60, 15),
        "1-talk-3": ("talking", 75, 25),
    }


def test_a_call_that_was_never_parked_was_held_for_no_second(tmp_path: Path) -> None:
    """Once park_log is read; without it nobody knows, and without an agent nobody holds."""
    made = held_call()
    made.call("2.1", AT, 0, lead_id=2)
    result = staged(tmp_path, made)
    assert told(result) == (100, 0)
    assert told(result, "2.1") == (0, None)
    del made.tables["park_log"]
    assert told(staged(tmp_path / "without", made)) == (100, None)


def test_a_customer_who_hangs_up_on_hold(tmp_path: Path) -> None:
    """Parked at second 60, gone at 80; the last 20 of 100 s of talk are work after the call."""
    made = held_call(dead=20)
    made.park("1.1", "ann", at(60), 20, status="HUNGUP", grab_time=None, hangup_time=at(80))
    result = staged(tmp_path, made)
    assert told(result) == (60, 20)
    assert times(result) == {"1-talk": ("talking", 0, 60), "1-hold-1": ("hold", 60, 20)}
    assert result.rows("agent_time")["1-dead"]["started_at"] == utc(at(80))


def test_a_park_without_an_end_leaves_hold_unknown(tmp_path: Path) -> None:
    """Nobody took the customer back, and no hang-up was written: talk stays what it was told."""
    made = held_call()
    made.park("1.1", "ann", at(5), 10)
    made.park("1.1", "ann", at(40), 0, status="PARKED", grab_time=None)
    result = staged(tmp_path, made)
    assert told(result) == (100, None)
    assert "1 parks have no end in park_log" in result.notes


def test_the_clocks_of_old_versions_tell_how_long(tmp_path: Path) -> None:
    """parked_sec is 0 and the customer was taken back: the two times are 12 s apart."""
    made = held_call()
    made.park("1.1", "ann", at(5), 12, parked_sec=0)
    assert told(staged(tmp_path, made)) == (88, 12)


def test_only_what_lies_in_the_talk_is_hold(tmp_path: Path) -> None:
    """A park before talk began is cut, one that goes on after its end too, two overlap once."""
    made = held_call()
    made.park("1.1", "ann", at(-3), 10)
    made.park("1.1", "ann", at(40), 20)
    made.park("1.1", "ann", at(50), 20)
    made.park("1.1", "ann", at(95), 60)
    result = staged(tmp_path, made)
    # 7 of the first, 40 to 70 of two, 5 of the last
    assert told(result) == (58, 42)
    assert sum(seconds for state, _, seconds in times(result).values() if state == "hold") == 42


def test_a_park_at_another_time_leaves_hold_unknown(tmp_path: Path) -> None:
    """It is of this call and this agent, but an hour off: somebody's clock is wrong."""
    made = held_call()
    made.park("1.1", "ann", at(3600), 10)
    result = staged(tmp_path, made)
    assert told(result) == (100, None)
    assert "1 parks lie outside the talk of the agent who parked" in result.notes


def test_a_park_of_another_call_is_not_this_ones(tmp_path: Path) -> None:
    """Another lead, in the very seconds of this talk."""
    made = held_call()
    made.park("9.9", "ann", at(10), 20, lead=7)
    assert told(staged(tmp_path, made)) == (100, 0)


def test_a_customer_whom_no_agent_parked_was_waiting(tmp_path: Path) -> None:
    """Parked by nobody, or by somebody who had no part in the call: no hold of its agent."""
    made = held_call()
    made.park("1.1", "", at(-25), 20)
    made.park("1.1", "VDAD", at(10), 20)
    made.park("1.1", "bob", at(50), 20)
    result = staged(tmp_path, made)
    assert told(result) == (100, 0)
    assert "2 parks are nobody's" in result.notes


def test_each_agents_hold_is_taken_from_their_own_talk(tmp_path: Path) -> None:
    """Ann parks for 30 s to tell Bob, who talks meanwhile; later Bob parks for 5."""
    made = dialler()
    made.call("1.1", AT, 130, user="ann", status="XFER")
    made.cycle(1, "ann", AT, (10, 20, 100, 5, 0), uniqueid="1.1")
    made.passed(40, at(70), 90, user="bob", status="SALE", uniqueid="1.1")
    made.cycle(2, "bob", at(60), (0, 10, 90, 5, 0), uniqueid="1.1", campaign_id="HELP")
    made.park("1.1", "ann", at(70), 30)
    made.park("1.1", "bob", at(120), 5)
    result = staged(tmp_path, made)
    assert told(result) == (70 + 85, 35)
    assert result.call()["agent_id"] == "bob"


def test_without_the_agents_log_the_seconds_of_the_parks_count(tmp_path: Path) -> None:
    """A call of 130 s by its length, or with a full counter, of which 25 are hold."""
    made = dialler()
    made.call("1.1", AT, 130, user="ann", status="NI")
    made.park("1.1", "ann", at(70), 25)
    assert told(staged(tmp_path, made)) == (105, 25)
    made.cycle(1, "ann", AT, (10, 20, 65_535, 5, 0), uniqueid="1.1")
    assert told(staged(tmp_path, made)) == (105, 25)


def test_old_tables_do_not_say_whose_lead_was_parked(tmp_path: Path) -> None:
    """Then the agent and the time do, and the call's own name."""
    made = held_call()
    made.park("1.1", "ann", at(10), 20, lead=0)
    assert told(staged(tmp_path, made)) == (80, 20)


@settings(max_examples=25, deadline=None)
@given(
    talk=some.integers(1, 400),
    dead=some.integers(0, 80),
    parks=some.dictionaries(some.integers(-4, 420), some.integers(1, 200), max_size=5),
)
def test_talk_and_hold_together_are_the_agents_log(
    tmp_path_factory: pytest.TempPathFactory, talk: int, dead: int, parks: dict[int, int]
) -> None:
    """However a customer is parked; and an agent's pieces never overlap or leave a hole."""
    made = held_call(talk, min(dead, talk))
    for start, length in parks.items():
        made.park("1.1", "ann", at(start), length)
    result = staged(tmp_path_factory.mktemp("parks"), made)
    seconds, hold = told(result)
    assert seconds + (hold or 0) == max(0, talk - dead)
    pieces = sorted((start, start + length) for _, start, length in times(result).values())
    if pieces:
        assert (pieces[0][0], pieces[-1][1]) == (0, talk - min(dead, talk))
    assert all(one[1] == other[0] for one, other in itertools.pairwise(pieces))
    held = {s for start, length in parks.items() for s in range(start, start + length)}
    assert hold in {None, len(held & set(range(talk - min(dead, talk))))}


def rounds(server: Server, cursors: dict[str, str] | None = None, **span: Any) -> list[Any]:
    """Read all pages there are."""
    return list(fetch(account(server, DATABASE), Span(cursors=cursors or {}, **span)))


def test_parks_are_read_with_the_calls(mariadb: Server, tmp_path: Path) -> None:
    """Live and archived ones, in small pages, by the time they were parked."""
    made = held_call()
    made.park("1.1", "ann", at(10), 20)
    made.add("park_log_archive", {**made.tables["park_log"][0]})
    fill(mariadb, DATABASE, made.tables)
    mariadb.said()
    spool(tmp_path, rounds(mariadb))
    asked = [said for said in mariadb.said() if "FROM park_log" in said]
    assert told(read(tmp_path)) == (80, 20)
    assert asked
    assert all("ORDER BY parked_time" in said and " LIMIT " in said for said in asked)


def test_an_empty_park_log_is_known_to_be_empty(mariadb: Server, tmp_path: Path) -> None:
    """The table is there: a call was held for 0 s, not for nobody knows how long."""
    fill(mariadb, DATABASE, held_call().tables)
    spool(tmp_path, rounds(mariadb))
    assert told(read(tmp_path)) == (100, 0)


def test_a_park_log_without_its_index_is_left_out(mariadb: Server, tmp_path: Path) -> None:
    """Everything else is read, and a sentence says so."""
    made = held_call()
    made.park("1.1", "ann", at(10), 20)
    fill(mariadb, DATABASE, made.tables)
    with mariadb.root(DATABASE) as cursor:
        cursor.execute("ALTER TABLE park_log DROP KEY parked_time")
    mariadb.said()
    spool(tmp_path, rounds(mariadb))
    assert not any("FROM park_log " in said for said in mariadb.said())
    result = read(tmp_path)
    assert told(result) == (100, None)
    assert "The table park_log was left out: it has no index on parked_time" in result.notes


def test_hold_that_is_known_later_replaces_talk(mariadb: Server, tmp_path: Path) -> None:
    """A long talk over the hours that are read again: its row comes with all parks in it."""
    made = dialler()
    made.call("1.1", "2026-01-05 06:00:30", 5 * 3600, user="ann", status="NI")
    made.cycle(1, "ann", "2026-01-05 06:00:00", (10, 20, 5 * 3600, 5, 0), uniqueid="1.1")
    made.park("1.1", "ann", "2026-01-05 06:10:00", 60)
    made.park("1.1", "ann", "2026-01-05 10:10:00", 30)
    made.call("2.1", "2026-01-05 11:00:00")
    fill(mariadb, DATABASE, made.tables)
    spool(tmp_path / "whole", rounds(mariadb))
    later_on = {"logs": "2026-01-05 11:00:00", "leads": "0 2026-01-05T00:00:00+00:00"}
    spool(tmp_path / "again", rounds(mariadb, later_on))
    whole, again = (read(tmp_path / name).rows("agent_time") for name in ("whole", "again"))
    assert [again[name]["ended_at"] for name in whole] == [
        row["ended_at"] for row in whole.values()
    ]
    assert whole["1-talk"]["ended_at"] == utc("2026-01-05 06:10:00")
    # a range that ends before the second park brings the same pieces, too
    start, end = utc("2026-01-05 05:00:00"), utc("2026-01-05 06:30:00")
    spool(tmp_path / "range", rounds(mariadb, start=start, end=end))
    ranged = read(tmp_path / "range").rows("agent_time")
    assert {name: row["ended_at"] for name, row in ranged.items()} == {
        name: row["ended_at"] for name, row in whole.items()
    }
    assert whole["1-hold-2"]["ended_at"] - whole["1-hold-2"]["started_at"] == dt.timedelta(
        seconds=30
    )
