"""Does an Asterisk make the same lake, wherever the rounds of reading it are cut?

Events of a queue are written at once, rows of the CDR when their leg ends: legs of a call, and what
its queue says of it, come in several rounds.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rounds import Rounds

from dialgauge.sources.asterisk import fetch, stage
from dialgauge.sources.live import Account

CDR = (
    *("calldate", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "duration"),
    *("billsec", "disposition", "uniqueid", "linkedid", "sequence"),
)
QUEUE = ("time", "callid", "queuename", "agent", "event", "data1", "data2", "data3")
NUMBER = "+4930901820"
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
HOUR = 3_600
LONGEST_S = 12 * HOUR


@dataclass
class Written:
    """Rows of both tables, each with when it was written, in seconds after the beginning of all."""

    length: int
    cdr: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)
    queue: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)

    @property
    def begin(self) -> dt.datetime:
        """When all begins."""
        return NOW - dt.timedelta(seconds=self.length)

    def at(self, seconds: int) -> str:
        """Write a moment."""
        return f"{self.begin + dt.timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"

    def name(self, start: int, number: int) -> str:
        """Name a channel."""
        return f"{int(self.begin.timestamp()) + start}.{number}"

    def leg(self, names: tuple[str, str], start: int, end: int, app: str = "Dial") -> None:
        """Write a leg when it ends, as one that talked to agent 101."""
        talk = (end - start) // 2
        row = (
            *(self.at(start), NUMBER, "600", "from-trunk", "PJSIP/trunk-0000001a"),
            *("PJSIP/101-0000001b", app, end - start, talk),
            *("ANSWERED" if talk else "NO ANSWER", *names, len(self.cdr)),
        )
        self.cdr.append((end, row))

    def event(self, at: int, callid: str, agent: str, event: str, *data: object) -> None:
        """Write an event at once."""
        more = (*(str(each) for each in data), "", "", "")[:3]
        self.queue.append((at, (self.at(at), callid, "sales", agent, event, *more)))


def queue_call(
    written: Written, number: int, start: int, steps: Sequence[int], name: int = 0
) -> None:
    """Write a call of a queue; its name there is that of its first or second leg."""
    enter, connect, end, late = (start + sum(steps[:place]) for place in range(1, 5))
    first, second = (written.name(start, 10 * number + place) for place in (0, 1))
    callid = (first, second)[name]
    written.event(enter, callid, "NONE", "ENTERQUEUE", "", NUMBER, 1)
    if connect % 3:
        written.event(connect, callid, "PJSIP/101", "CONNECT", connect - enter, "x", 1)
        written.event(end, callid, "PJSIP/101", "COMPLETECALLER", connect - enter, end - connect)
    else:
        written.event(end, callid, "NONE", "ABANDON", 1, 1, end - enter)
    written.leg((first, first), start, late, "Queue")
    if name:
        written.leg((second, first), enter, end, "Queue")


def plain_call(written: Written, number: int, start: int, steps: Sequence[int]) -> None:
    """Write a call past the queues, with a leg that comes late."""
    first, second = (written.name(start, 10 * number + place) for place in (0, 1))
    written.leg((first, first), start, start + sum(steps[:2]))
    written.leg((second, first), start + steps[0], start + sum(steps))


@st.composite
def days(draw: st.DrawFn) -> tuple[Written, list[int]]:
    """Draw calls and agents' time of some days, and the moments at which they are read."""
    written = Written(draw(st.sampled_from([6, 30, 72])) * HOUR)
    last = written.length - LONGEST_S // 4
    steps = st.lists(st.integers(1, LONGEST_S // 48), min_size=4, max_size=4)
    for number in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, last))
        if draw(st.booleans()):
            # once no call can be that long, one that is not in the CDR is one of its own
            recent = start > written.length - LONGEST_S + HOUR
            queue_call(written, number, start, draw(steps), draw(st.integers(0, 1)) * recent)
        else:
            plain_call(written, number, start, draw(steps))
    moments = sorted(draw(st.lists(st.integers(0, written.length - 1), max_size=6, unique=True)))
    events = ("ADDMEMBER", "PAUSE", "UNPAUSE", "REMOVEMEMBER")
    for place, at in enumerate(moments):
        written.event(at, "NONE", "PJSIP/101", events[place % 4], "lunch" if place % 4 == 1 else "")
    ends = [at for at, _ in (*written.cdr, *written.queue)]
    cuts = st.one_of(st.sampled_from(ends), st.integers(0, written.length))
    return written, sorted(draw(st.lists(cuts, min_size=1, max_size=4)))


class Pbx:
    """An Asterisk's tables."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "pbx.db"
        self.run(f"CREATE TABLE cdr ({', '.join(CDR)})", [()])
        self.run(f"CREATE TABLE queue_log (id INTEGER PRIMARY KEY, {', '.join(QUEUE)})", [()])
        self.run("CREATE INDEX cdr_at ON cdr (calldate)", [()])
        self.run("CREATE INDEX queue_at ON queue_log (time)", [()])

    def run(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Change the tables."""
        con = sqlite3.connect(self.path)
        con.executemany(statement, rows)
        con.commit()
        con.close()

    def add(self, written: Written, after: int, until: int) -> None:
        """Write what was written meanwhile."""
        for table, names, rows in (("cdr", CDR, written.cdr), ("queue_log", QUEUE, written.queue)):
            said = [row for at, row in sorted(rows, key=lambda row: row[0]) if after < at <= until]
            marks = ", ".join("?" for _ in names)
            self.run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", said)

    def account(self) -> Account:
        """Give an account that reads them."""
        known = {"url": f"sqlite:///{self.path}", "timezone": "UTC", "page_rows": 3}
        return Account(name="pbx", settings=known, secret=lambda _: "")


def check(written: Written, cuts: list[int], most_rows: int, dies_after: int) -> None:
    """Read what is written round by round, and compare with reading all of it at once."""
    with tempfile.TemporaryDirectory() as folder:
        pbx = Pbx(Path(folder))
        rounds, at_once = (
            Rounds(Path(folder, name), fetch, stage, timezone="UTC") for name in ("a", "b")
        )
        before = -1
        for moment in (*cuts, written.length):
            pbx.add(written, before, moment)
            before = moment
            rounds.read(pbx.account(), most_rows, dies_after)
        rounds.read(pbx.account())
        at_once.read(pbx.account())
        assert rounds.rows == at_once.rows
        assert rounds.kept_aside() == at_once.kept_aside() == []


HOW = (days(), st.sampled_from([1, 5, 500_000]), st.integers(0, 4))
"""What is read and when, in how large parts, and behind which page reading dies."""


def two_names() -> Written:
    """Write a call whose queue knows it by its second leg."""
    written = Written(6 * HOUR)
    queue_call(written, 1, HOUR, (60, 60, 61, 60), name=1)
    return written


def days_between() -> Written:
    """Write a call that begins a day after all others, and an agent who stays in for two days."""
    written = Written(50 * HOUR)
    plain_call(written, 1, 0, (60, 60, 60, 60))
    queue_call(written, 2, 30 * HOUR, (60, 60, 61, 60))
    written.event(0, "NONE", "PJSIP/101", "ADDMEMBER")
    written.event(48 * HOUR, "NONE", "PJSIP/101", "REMOVEMEMBER")
    return written


@settings(max_examples=5, deadline=None)
@given(*HOW)
@example((two_names(), [HOUR + 60]), 500_000, 0)
@example((two_names(), [HOUR + 181]), 500_000, 0)
@example((days_between(), [300, 30 * HOUR + 61]), 1, 1)
def test_any_cuts_make_the_same_lake(
    drawn: tuple[Written, list[int]], most_rows: int, dies_after: int
) -> None:
    """Calls and agents' time are whole, once each, as if all had come at once."""
    check(*drawn, most_rows, dies_after)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(*HOW)
def test_many_cuts_make_the_same_lake(
    drawn: tuple[Written, list[int]], most_rows: int, dies_after: int
) -> None:
    """The same, more often."""
    check(*drawn, most_rows, dies_after)
