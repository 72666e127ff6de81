"""What happens in a shift?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dialgauge.testing import outcomes
from dialgauge.testing.columns import NONE, Floats, Ints
from dialgauge.testing.duties import INBOUND, INTERNAL, OUTBOUND, PAUSE, TEST, Items
from dialgauge.testing.outcomes import Lengths, Luck, Odds
from dialgauge.testing.people import Staff
from dialgauge.testing.places import DAY, Clocks
from dialgauge.testing.timetable import settle

_ANSWERED = np.isin(
    np.arange(len(outcomes.DISPOSITIONS)),
    [*range(outcomes.NO_ANSWER), outcomes.SERVED, outcomes.INTERNAL, outcomes.TEST],
)
_CLICK = 2_000  # milliseconds until a dropped person hangs up


@dataclass(frozen=True, slots=True)
class Happened:
    """Items of work as they went; times in milliseconds, NONE where there is none.

    Attributes:
        items: What was to be done.
        start: When it began on the desk's wall clock; for inbound calls when the agent took it.
        disposition: What came of it, NONE for pauses.
        lengths: How long its parts took.
        started: When the call began, UTC.
        answered: When it was answered, UTC.
        ended: When the line was closed, UTC.
    """

    items: Items
    start: Ints
    disposition: Ints
    lengths: Lengths
    started: Ints
    answered: Ints
    ended: Ints


def work(
    items: Items, rng: np.random.Generator, odds: Odds, staff: Staff, clocks: Clocks
) -> Happened:
    """Let agents do their items one after the other, and see what comes of them.

    Args:
        items: Sorted by agent and wished time; abandoned and test calls, which occupy nobody,
            have an agent number of their own.
        rng: Where chance comes from.
        odds: The chances of outbound calls.
        staff: The agents.
        clocks: The offsets of zones.
    """
    kind, count = items["kind"], items["kind"].size
    luck = Luck.draw(rng, count)
    dialled = np.flatnonzero(kind == OUTBOUND)
    chance = _Chance.of(items, dialled, odds, staff)
    drawn = Luck(*(getattr(luck, name)[dialled] for name in Luck.__slots__))
    fixed = np.select(
        [kind == PAUSE, kind == INTERNAL, kind == TEST, items["agent"] >= staff.desk.size],
        [NONE, outcomes.INTERNAL, outcomes.TEST, outcomes.ABANDONED],
        outcomes.SERVED,
    )

    def dispositions(start: Ints) -> Ints:
        found = fixed.copy()
        utc = clocks.utc(start[dialled], items["desk"][dialled])
        found[dialled] = chance.dispositions(start[dialled], utc, clocks, drawn)
        return found

    def busy(start: Ints) -> Ints:
        taken = _lengths(dispositions(start), kind, luck).busy
        return np.where(kind == PAUSE, items["length"], taken)

    start = settle(items["agent"], items["wished"], busy)
    return _told(items, start, dispositions(start), luck, clocks)


@dataclass(frozen=True, slots=True)
class _Chance:
    contact: Floats
    conversion: Floats
    items: Items
    odds: Odds

    @staticmethod
    def of(items: Items, dialled: Ints, odds: Odds, staff: Staff) -> _Chance:
        mine = {name: values[dialled] for name, values in items.items()}
        agent = mine["agent"]
        tenure = (mine["wished"] // DAY * DAY - staff.hired[agent]) // DAY
        return _Chance(
            odds.contact(mine["campaign"], mine["line"], mine["place"], mine["dials"]),
            odds.conversion(
                mine["campaign"], mine["script"], mine["source"], staff.factor[agent], tenure
            ),
            mine,
            odds,
        )

    def dispositions(self, start: Ints, utc: Ints, clocks: Clocks, luck: Luck) -> Ints:
        local = start + clocks.ahead(start, self.items["desk"], self.items["place"])
        contact = self.contact * self.odds.at(local, utc, self.items["campaign"])
        return self.odds.dispositions(contact, self.conversion, self.items["bad"], luck)


def _lengths(disposition: Ints, kind: Ints, luck: Luck) -> Lengths:
    found = outcomes.lengths(np.maximum(disposition, 0), luck)
    paused, called_us = kind == PAUSE, kind == INBOUND
    return Lengths(
        ring=np.where(paused | called_us, NONE, found.ring),
        talk=np.where(paused, NONE, found.talk),
        hold=np.where(paused, NONE, found.hold),
        wrap=np.where(paused, NONE, found.wrap),
    )


def _told(items: Items, start: Ints, disposition: Ints, luck: Luck, clocks: Clocks) -> Happened:
    lengths = _lengths(disposition, items["kind"], luck)
    taken = clocks.utc(start, items["desk"])
    wait, ring = np.maximum(items["wait"], 0), np.maximum(lengths.ring, 0)
    gone = disposition == outcomes.ABANDONED
    started = np.where(gone, taken, taken - wait)
    reached = started + wait + ring
    spoken = np.maximum(lengths.talk, 0) + np.maximum(lengths.hold, 0)
    click = np.where(disposition == outcomes.DROPPED, _CLICK, 0)
    return Happened(
        items=items,
        start=start,
        disposition=disposition,
        lengths=lengths,
        started=started,
        answered=np.where((disposition >= 0) & _ANSWERED[disposition], reached, NONE),
        ended=reached + spoken + click,
    )
