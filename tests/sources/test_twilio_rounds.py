"""Does a Twilio account make the same lake, wherever the rounds of reading it are cut?

Twilio shows a call from its first moment on: its status, its end and its price change later. A
parent and its children may begin on both sides of midnight, which is where days are cut.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rounds import Rounds
from test_twilio import TODAY, Twilio, call, ours, said, sid

from crm_server import listening
from dialgauge.sources.live import Span
from dialgauge.sources.twilio import fetch, stage

HOUR = 3_600
DAY = 24 * HOUR
DAYS = 4


@dataclass(frozen=True)
class Leg:
    """A leg: when it began and ended, in seconds after the beginning of all, and its parent."""

    number: int
    parent: int
    start: int
    end: int
    price_after: int

    def seen_at(self, now: int, begin: dt.datetime) -> dict[str, Any]:
        """Write what Twilio says of it at a moment."""
        over = self.end <= now
        priced = self.end + self.price_after <= now
        at = begin + dt.timedelta(seconds=self.start)
        told = call(
            self.number,
            at=at,
            duration=str(self.end - self.start) if over else None,
            status="completed" if over else "in-progress",
            price="-0.01300" if priced else None,
            parent_call_sid=sid(self.parent) if self.parent else None,
            direction="outbound-dial" if self.parent else "inbound",
            to="client:ann" if self.parent else "+4930111111",
            **{"from": "+4930901820"},
        )
        return told if over else told | {"end_time": None, "date_updated": said(at)}


@st.composite
def weeks(draw: st.DrawFn) -> tuple[list[Leg], list[int]]:
    """Draw calls with up to two children, and the moments at which they are read."""
    legs: list[Leg] = []
    for place in range(draw(st.integers(1, 4))):
        # most begin near midnight
        day = draw(st.integers(0, DAYS - 1)) * DAY
        start = day + draw(st.sampled_from([0, DAY - 60, DAY - 2])) + draw(st.integers(0, 120))
        end = start + draw(st.sampled_from([60, 600, 20 * HOUR]))
        legs.append(Leg(10 * place + 1, 0, start, end, draw(st.integers(0, DAY // 2))))
        for child in range(draw(st.integers(0, 2))):
            began = draw(st.integers(start, end))
            over = draw(st.integers(began, end))
            legs.append(Leg(10 * place + 2 + child, 10 * place + 1, began, over, 60))
    return legs, sorted(draw(st.lists(st.integers(0, DAYS * DAY), min_size=1, max_size=3)))


def check(legs: list[Leg], cuts: list[int], most_rows: int, dies_after: int) -> None:
    """Read round by round, and compare with reading all of it at once."""
    crm = Twilio()
    crm.size = 2
    last = DAYS * DAY + DAY
    begin = TODAY - dt.timedelta(days=DAYS)
    crm.made = begin
    with listening(crm), tempfile.TemporaryDirectory() as folder:
        rounds, at_once = (Rounds(Path(folder, name), fetch, stage) for name in ("a", "b"))
        for moment in (*cuts, last):
            crm.calls[:] = [leg.seen_at(moment, begin) for leg in legs if leg.start <= moment]
            day = begin + dt.timedelta(seconds=moment)
            if moment == cuts[0]:
                rounds.read(ours(crm), most_rows)
            # the cursor that a round on that day would have left behind
            reached = min(day, TODAY).date().isoformat()
            rounds.cursors["calls"] = min(rounds.cursors["calls"], reached)
            rounds.read(ours(crm), most_rows, dies_after)
            rounds.cursors["calls"] = min(rounds.cursors["calls"], reached)
        at_once.read(ours(crm))
        assert rounds.rows == at_once.rows
        assert len(rounds.rows) == len([leg for leg in legs if not leg.parent])
        assert rounds.kept_aside() == at_once.kept_aside() == []
        middle = begin + dt.timedelta(days=DAYS // 2)
        rounds.read_range(ours(crm), Span(start=middle, end=middle))
        rounds.read_range(ours(crm), Span(start=middle))
        rounds.read_range(ours(crm), Span(end=middle))
        assert rounds.rows == at_once.rows
        assert rounds.kept_aside() == []


HOW = (weeks(), st.sampled_from([1, 500_000]), st.integers(0, 4))
"""What is read and when, in how large parts, and behind which page reading dies."""
MIDNIGHT = [
    Leg(1, 0, 2 * DAY - 30, 2 * DAY + 600, 60),
    Leg(2, 1, 2 * DAY + 10, 2 * DAY + 500, 60),
    Leg(11, 0, 3 * DAY, 3 * DAY + 60, 60),
]
"""A parent before midnight whose child begins after it."""
BEHIND = [
    Leg(1, 0, 4 * DAY - 30, 4 * DAY + 600, 60),
    Leg(2, 1, 4 * DAY + 10, 4 * DAY + 500, 60),
]
"""The day behind a range holds the parent, and the child is on none that is read."""
BEFORE = [
    Leg(1, 0, DAY - 30, DAY + 600, 60),
    Leg(2, 1, DAY + 10, DAY + 500, 60),
    Leg(11, 0, 4 * DAY - HOUR, 4 * DAY, 60),
]
"""The day before those that are read again holds the child, and the parent is on none."""
PRICED_LATE = [Leg(1, 0, 0, 20 * HOUR, 30 * HOUR), Leg(11, 0, 3 * DAY - HOUR, 3 * DAY, 60)]
"""A round that dies reads the first day for itself, and then once more as the day before others."""


@settings(max_examples=2, deadline=None)
@given(*HOW)
@example((MIDNIGHT, [2 * DAY, DAYS * DAY]), 500_000, 0)
@example((MIDNIGHT, [2 * DAY + 20]), 1, 0)
@example((BEHIND, [DAYS * DAY]), 500_000, 0)
@example((BEFORE, [DAYS * DAY]), 500_000, 0)
@example((PRICED_LATE, [2 * DAY, 3 * DAY]), 500_000, 3)
def test_any_cuts_make_the_same_lake(
    drawn: tuple[list[Leg], list[int]], most_rows: int, dies_after: int
) -> None:
    """Calls are whole, once each, and nothing is kept aside, as if all had come at once."""
    check(*drawn, most_rows, dies_after)


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(*HOW)
def test_many_cuts_make_the_same_lake(
    drawn: tuple[list[Leg], list[int]], most_rows: int, dies_after: int
) -> None:
    """The same, more often."""
    check(*drawn, most_rows, dies_after)
