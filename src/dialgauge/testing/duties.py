"""What is to be done in a shift, and by whom?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dialgauge.testing.columns import NONE, Bools, Ints
from dialgauge.testing.people import CAMPAIGN_IDS
from dialgauge.testing.places import DAY, PLACE_DESK, Clocks
from dialgauge.testing.prospects import LINE_TYPES, Leads, Pool

HOUR = 3_600_000
MINUTE = 60_000
SHIFTS = ((9, 13), (13, 17), (17, 20))
DIALS_AN_HOUR = 50  # an agent's, pauses included
OUTBOUND, INBOUND, INTERNAL, PAUSE, TEST = range(5)
KIND_SHARES = (0.922, 0.07, 0.005, 0.003)  # outbound, inbound, internal, test
LUNCH, BREAK, TRAINING = range(3)
PAUSES = ("lunch", "break", "training")
_CARELESS = 0.02  # leads dialled without a look at their clock

Items = dict[str, npt.NDArray[Any]]
"""Column name to one value an item of work."""

_OF_LEADS = ("number", "token", "place", "campaign", "list", "line", "source", "bad", "dials")


@dataclass(frozen=True, slots=True)
class Span:
    """A desk's shift.

    Attributes:
        desk: The desk's number.
        start: When it starts, milliseconds on the desk's wall clock.
        end: When it ends.
    """

    desk: int
    start: int
    end: int

    def times(self, rng: np.random.Generator, count: int) -> Ints:
        """Draw times in the shift, none in its last minutes."""
        return rng.integers(self.start, self.end - 10 * MINUTE, count)


@dataclass(frozen=True, slots=True)
class Session:
    """Agents on duty in a shift, in the order of their numbers.

    Attributes:
        agent: Their numbers.
        desk: The desk of each.
        start: When the shift starts, milliseconds on every desk's own wall clock.
        end: When it ends.
        login: When each begins.
        stays: Whether each went on from the shift before.
    """

    agent: Ints
    desk: Ints
    start: int
    end: int
    login: Ints
    stays: Bools


def on_duty(roster: Ints, shift: int, needed: int) -> Ints:
    """Choose the agents of a desk for a shift from the day's shuffled roster.

    Half of those of the morning stay for the afternoon; everyone works two shifts at most when
    there are enough of them.
    """
    first = (0, needed // 2, needed // 2 + needed)[shift]
    chosen = (first + np.arange(min(needed, roster.size))) % roster.size
    return np.sort(roster[chosen])


def needed_agents(calls: int, shift: int) -> int:
    """Tell how many agents a desk needs for so many calls in a shift."""
    begin, end = SHIFTS[shift]
    return -(-calls // (DIALS_AN_HOUR * (end - begin)))


def outbound(rng: np.random.Generator, pool: Pool, clocks: Clocks, span: Span, count: int) -> Items:
    """Choose whom to dial: appointments at their time, then whoever has been due the longest.

    Where the pool runs dry, lists are bought.
    """
    start, desk = span.start, span.desk
    appointed = pool.appointed(desk, start, span.end)[:count]
    wanted = count - appointed.size
    waiting = _permitted(rng, pool, clocks, span)
    while waiting.size < wanted:
        pool.load_lists(desk, (wanted - waiting.size) * 5 // 4 + 5, start)
        waiting = _permitted(rng, pool, clocks, span)
    waiting = rng.permutation(waiting[:wanted])
    spread = (np.arange(wanted) + rng.random(wanted)) / max(wanted, 1)
    wished = start + 2 * MINUTE + (spread * (span.end - start - 10 * MINUTE)).astype(np.int64)
    lead = np.concatenate([appointed, waiting])
    return {
        **_items(OUTBOUND, desk, np.concatenate([pool.leads["due"][appointed], wished])),
        **{name: pool.leads[name][lead] for name in _OF_LEADS},
        "lead": lead,
        "script": rng.integers(0, 2, count),
    }


def inbound(rng: np.random.Generator, callers: Leads, span: Span, count: int) -> Items:
    """Let people call in: three in five were called before, the others are unknown."""
    items = _items(INBOUND, span.desk, span.times(rng, count))
    strangers = _strangers(rng, span.desk, count)
    known = np.flatnonzero(callers["desk"] == span.desk)
    if known.size:
        chosen = rng.choice(known, count)
        familiar = rng.random(count) < 0.6
        for name in _OF_LEADS:
            strangers[name] = np.where(familiar, callers[name][chosen], strangers[name])
    offered = np.where(
        rng.random(count) < 0.5, rng.uniform(2, 8, count), 5 + rng.exponential(40.0, count)
    )
    return {**items, **strangers, "wait": np.round(offered * 10).astype(np.int64) * 100}


def internal(rng: np.random.Generator, span: Span, count: int) -> Items:
    """Let colleagues call each other."""
    return _items(INTERNAL, span.desk, span.times(rng, count))


def tests(rng: np.random.Generator, desk: int, midnight: int, count: int) -> Items:
    """Test the lines before the first shift."""
    items = _items(TEST, desk, midnight + 8 * HOUR + rng.integers(0, HOUR, count))
    strangers = _strangers(rng, desk, count)
    return {**items, **{name: strangers[name] for name in ("place", "campaign", "line")}}


def pauses(rng: np.random.Generator, session: Session) -> Items:
    """Give everyone a break, lunch to those who stay, training to some."""
    agents = session.agent.size
    lunch, training = session.stays, rng.random(agents) < 0.08
    who = (np.ones(agents, np.bool_), lunch, training)
    lengths = ((8, 15), (30, 40), (20, 40))
    parts = []
    for reason, chosen, (least, most) in zip((BREAK, LUNCH, TRAINING), who, lengths, strict=True):
        agent = session.agent[chosen]
        wished = rng.integers(session.start + 30 * MINUTE, session.end - 30 * MINUTE, agent.size)
        at_once = np.full(agent.size, session.start)
        part = _items(PAUSE, 0, at_once if reason == LUNCH else wished)
        part["desk"] = session.desk[chosen]
        part["agent"] = agent
        part["reason"] = np.full(agent.size, reason)
        part["length"] = rng.integers(least * MINUTE, most * MINUTE, agent.size) // 1000 * 1000
        parts.append(part)
    return join(parts)


def join(parts: list[Items]) -> Items:
    """Put items of several kinds together."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _items(kind: int, desk: int, wished: Ints) -> Items:
    count = wished.size
    unknown = np.full(count, NONE)
    return {
        "kind": np.full(count, kind),
        "desk": np.full(count, desk),
        "wished": wished.astype(np.int64),
        **{
            name: unknown.copy()
            for name in ("agent", "lead", "script", "wait", "reason", "length", *_OF_LEADS)
        },
        "bad": np.zeros(count, np.bool_),
    }


def _strangers(rng: np.random.Generator, desk: int, count: int) -> Items:
    places = np.flatnonzero(np.array(PLACE_DESK) == desk)
    return {
        "number": np.full(count, NONE),
        "token": rng.integers(1 << 40, 1 << 50, count),
        "place": rng.choice(places, count),
        "campaign": rng.integers(0, len(CAMPAIGN_IDS), count),
        "list": np.full(count, NONE),
        "line": rng.integers(0, len(LINE_TYPES), count),
        "source": np.full(count, NONE),
        "bad": np.zeros(count, np.bool_),
        "dials": np.zeros(count, np.int64),
    }


def _permitted(rng: np.random.Generator, pool: Pool, clocks: Clocks, span: Span) -> Ints:
    leads = pool.ready(span.desk, span.start)
    desk, place = pool.leads["desk"][leads], pool.leads["place"][leads]
    ahead = clocks.ahead(np.full(leads.size, span.start), desk, place)
    early = span.start % DAY + ahead < 8 * HOUR
    late = span.end % DAY + ahead > 21 * HOUR
    careless = rng.random(leads.size) < _CARELESS
    return leads[~(early | late) | careless]
