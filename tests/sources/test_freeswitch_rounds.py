"""Does a FreeSWITCH make the same lake, wherever the rounds of reading it are cut?

A record is written when its leg ends, so legs of a call come in any order and in several rounds.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rounds import Rounds

from dialgauge.sources.freeswitch import fetch, stage
from dialgauge.sources.live import Account, Span

COLUMNS = (
    *("caller_id_number", "destination_number", "context", "start_stamp", "answer_stamp"),
    *("end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid", "originator"),
    *("bridge_uuid", "accountcode"),
)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)
OVERLAP_S = 12 * 3_600


@dataclass(frozen=True)
class Leg:
    """A leg of a call.

    Attributes:
        call: Which call it belongs to.
        number: Which leg of it, 0 for the first.
        maker: The leg that made it; its own number for the first.
        start: When it began, in seconds after the beginning of all.
        end: When it ended, and was written.
        talk: For how long it talked.
    """

    call: int
    number: int
    maker: int
    start: int
    end: int
    talk: int


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Leg], list[float]]:
    """Draw calls of some days with up to four legs, and the moments at which they are read."""
    length = draw(st.sampled_from([6, 30, 72])) * 3_600
    legs: list[Leg] = []
    for call in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, length))
        end = start + draw(st.integers(1, OVERLAP_S - 1))
        legs.append(Leg(call, 0, 0, start, end, draw(st.integers(0, end - start))))
        for number in range(1, draw(st.integers(1, 4))):
            maker = draw(st.sampled_from([leg for leg in legs if leg.call == call]))
            begun = draw(st.integers(maker.start, end))
            over = draw(st.integers(begun, end))
            legs.append(Leg(call, number, maker.number, begun, over, over - begun))
    cuts = draw(st.lists(st.floats(0, 1), min_size=1, max_size=4))
    return legs, sorted(cuts)


def row(leg: Leg, begin: dt.datetime) -> tuple[object, ...]:
    """Write the record of a leg."""

    def at(seconds: int) -> str:
        return str(begin + dt.timedelta(seconds=seconds))

    def name(number: int) -> str:
        return f"00000000-0000-0000-{leg.call:04d}-{number:012d}"

    agent = leg.number % 2
    return (
        *("+4930901820", f"10{leg.number:02d}" if agent else "+4930901821", "public"),
        *(at(leg.start), at(leg.end - leg.talk) if leg.talk else "", at(leg.end)),
        *(leg.end - leg.start, leg.talk, "NORMAL_CLEARING" if leg.talk else "NO_ANSWER"),
        *(name(leg.number), "", name(leg.maker) if leg.number else "", "", f"spring{leg.call}"),
    )


class Switch:
    """A FreeSWITCH's table."""

    def __init__(self, folder: Path) -> None:
        self.table = folder / "cdr.db"
        self.run(f"CREATE TABLE cdr ({', '.join(COLUMNS)})", [()])
        self.run("CREATE INDEX cdr_start ON cdr (start_stamp)", [()])

    def run(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Change the table."""
        con = sqlite3.connect(self.table)
        con.executemany(statement, rows)
        con.commit()
        con.close()

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """Write records."""
        self.run(f"INSERT INTO cdr VALUES ({', '.join('?' for _ in COLUMNS)})", rows)

    def account(self) -> Account:
        """Give an account that reads it."""
        known = {
            "url": f"sqlite:///{self.table}",
            "overlap_hours": OVERLAP_S // 3_600,
            "page_rows": 2,
        }
        return Account(name="pbx", settings=known, secret=lambda _: "")


def check(legs: list[Leg], cuts: list[float], most_rows: int, dies_after: int) -> None:
    """Read what is written round by round, and compare with reading all of it at once."""
    longest = max(leg.end for leg in legs)
    begin = NOW - dt.timedelta(seconds=longest + 60)
    with tempfile.TemporaryDirectory() as folder:
        switch = Switch(Path(folder))
        rounds, at_once = (Rounds(Path(folder, name), fetch, stage) for name in ("a", "b"))
        before = -1
        for moment in (*(int(cut * longest) for cut in cuts), longest):
            switch.add([row(leg, begin) for leg in legs if before < leg.end <= moment])
            before = moment
            rounds.read(switch.account(), most_rows, dies_after)
        rounds.read(switch.account())
        at_once.read(switch.account())
        assert rounds.rows == at_once.rows
        assert len(rounds.rows) == len({leg.call for leg in legs})
        assert rounds.kept_aside() == at_once.kept_aside() == []
        # and a range that ends within calls spoils none of them
        middle = (begin + dt.timedelta(seconds=longest // 2)).replace(tzinfo=dt.UTC)
        rounds.read_range(switch.account(), Span(end=middle))
        rounds.read_range(switch.account(), Span(start=middle))
        assert rounds.rows == at_once.rows
        assert rounds.kept_aside() == []


HOW = (days(), st.sampled_from([1, 3, 500_000]), st.integers(0, 4))
"""What is read and when, in how large parts, and behind which page reading dies."""


HOUR = 3_600
ACROSS_THE_WINDOW = [
    Leg(0, 0, 0, 0, 10 * HOUR, 0),
    Leg(0, 1, 0, 9 * HOUR, 9 * HOUR + 60, 60),
    Leg(1, 0, 0, 15 * HOUR, 15 * HOUR + 60, 60),
    Leg(2, 0, 0, 30 * HOUR, 30 * HOUR + 60, 60),
]
"""The second round begins to read between the legs of the first call."""
INSIDE_OUT = [
    Leg(0, 0, 0, 0, 3 * HOUR, HOUR),
    Leg(0, 1, 0, 60, 2 * HOUR, HOUR),
    Leg(0, 2, 1, 120, HOUR, 60),
]
"""The leg of a leg is over first, and names one that nobody knows yet."""

LATE_LEG = [Leg(0, 0, 0, 0, 10 * HOUR, HOUR), Leg(0, 1, 0, 9 * HOUR, 10 * HOUR, HOUR)]
"""A range that ends in the middle ends between them."""


@settings(max_examples=5, deadline=None)
@given(*HOW)
@example((ACROSS_THE_WINDOW, [0.51]), 500_000, 0)
@example((ACROSS_THE_WINDOW, [0.51]), 1, 2)
@example((INSIDE_OUT, [0.4, 0.7]), 500_000, 0)
@example((LATE_LEG, [0.5]), 500_000, 0)
def test_any_cuts_make_the_same_lake(
    drawn: tuple[list[Leg], list[float]], most_rows: int, dies_after: int
) -> None:
    """Calls are whole, once each, and nothing is kept aside, as if all had come at once."""
    check(*drawn, most_rows, dies_after)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(*HOW)
def test_many_cuts_make_the_same_lake(
    drawn: tuple[list[Leg], list[float]], most_rows: int, dies_after: int
) -> None:
    """The same, more often."""
    check(*drawn, most_rows, dies_after)


def test_a_leg_whose_call_never_comes_is_kept_aside(tmp_path: Path) -> None:
    """Not while its call may still be going, but once no call can be that long."""
    switch, rounds = Switch(tmp_path), Rounds(tmp_path, fetch, stage)
    young, old = (NOW - dt.timedelta(hours=hours) for hours in (3, 30))
    switch.add([row(Leg(1, 1, 0, 0, 60, 0), young)])
    rounds.read(switch.account())
    assert rounds.kept_aside() == []
    switch.add([row(Leg(2, 1, 0, 0, 60, 0), old)])
    rounds.cursors.clear()
    rounds.read(switch.account())
    ((key, why),) = rounds.kept_aside()
    assert key == "00000000-0000-0000-0002-000000000000"
    assert why.startswith("a leg whose first leg is not among these rows")
