"""How does the agents' time follow from their work?

What an agent does between login and logout is a chain: waiting (the phone rings meanwhile),
talking, hold, talking, wrap, or a pause; then waiting again. Between shifts they are offline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dialgauge.tables.agent_time import STATES
from dialgauge.testing.columns import NONE, Ints
from dialgauge.testing.duties import MINUTE, PAUSE, Session
from dialgauge.testing.places import Clocks
from dialgauge.testing.shift import Happened

_AVAILABLE, _TALKING, _HOLD, _WRAP, _PAUSED, _OFFLINE = range(len(STATES))


@dataclass(frozen=True, slots=True)
class Intervals:
    """Agents' time, one value an interval.

    Attributes:
        agent: Whose time it is.
        state: Its place among `STATES`.
        begin: UTC milliseconds.
        end: UTC milliseconds; some intervals are empty.
        campaign: The campaign worked for, or NONE.
        reason: The place of the pause code among `PAUSES`, or NONE.
    """

    agent: Ints
    state: Ints
    begin: Ints
    end: Ints
    campaign: Ints
    reason: Ints


def begin_session(
    rng: np.random.Generator, agents: Ints, desks: Ints, hours: tuple[int, int], logout: Ints
) -> Session:
    """Log agents in: a few minutes early or late, or at once when they stay.

    Args:
        rng: Where chance comes from.
        agents: Numbers of the agents on duty.
        desks: The desk of each of them.
        hours: When the shift starts and ends, milliseconds on every desk's own wall clock.
        logout: When each agent of the company last logged out, or NONE.
    """
    start, end = hours
    stays = logout[agents] >= start
    arrival = start + rng.integers(-5 * MINUTE, 2 * MINUTE, agents.size)
    login = np.where(stays, logout[agents], arrival)
    return Session(agents, desks, start, end, login, stays)


def chain(
    rng: np.random.Generator, session: Session, happened: Happened, logout: Ints, clocks: Clocks
) -> Intervals:
    """Fill the time of the agents on duty, and note in `logout` when they go.

    Args:
        rng: Where chance comes from.
        session: The agents on duty.
        happened: What they did; sorted by agent and time.
        logout: When each agent of the company last logged out; changed in place.
        clocks: The offsets of zones.
    """
    agents, lengths, items = session.agent, happened.lengths, happened.items
    mine = np.isin(items["agent"], agents) & ((items["kind"] == PAUSE) | (lengths.talk >= 0))
    work = np.flatnonzero(mine)
    agent = items["agent"][work]
    ring, talk, hold, wrap = (
        np.maximum(part[work], 0)
        for part in (lengths.ring, lengths.talk, lengths.hold, lengths.wrap)
    )
    begin = happened.start[work] + ring
    pause = np.maximum(items["length"][work], 0)
    first_talk = np.where(hold > 0, talk // 300 * 100, talk)
    marks = np.cumsum([begin, first_talk, hold, talk - first_talk, wrap + pause], axis=0)
    place = np.searchsorted(agents, agent)
    first = np.diff(agent, prepend=-1) != 0
    before = np.where(first, session.login[place], np.roll(marks[-1], 1))
    last_end = session.login.copy()
    np.maximum.at(last_end, place, marks[-1])
    away = np.maximum(last_end, session.end + rng.integers(0, 3 * MINUTE, agents.size))
    everything = np.flatnonzero(np.isin(items["agent"], agents))  # a phone may ring to the end
    quiet = happened.start[everything] + lengths.busy[everything]
    np.maximum.at(away, np.searchsorted(agents, items["agent"][everything]), quiet)
    was_off = (logout[agents] >= 0) & ~session.stays
    off = np.where(was_off, logout[agents], session.login)
    logout[agents] = away
    campaign, reason = items["campaign"][work], items["reason"][work]
    paused = items["kind"][work] == PAUSE
    desk = session.desk
    own_desk, none, nobody = desk[place], np.full(work.size, NONE), np.full(agents.size, NONE)
    parts = [
        (agent, _AVAILABLE, before, begin, np.where(paused, NONE, campaign), none, own_desk),
        (agent, _TALKING, marks[0], marks[1], campaign, none, own_desk),
        (agent, _HOLD, marks[1], marks[2], campaign, none, own_desk),
        (agent, _TALKING, marks[2], marks[3], campaign, none, own_desk),
        (agent, np.where(paused, _PAUSED, _WRAP), marks[3], marks[4], campaign, reason, own_desk),
        (agents, _AVAILABLE, last_end, away, nobody, nobody, desk),
        (agents, _OFFLINE, off, session.login, nobody, nobody, desk),
    ]
    joined = [
        np.concatenate([np.broadcast_to(np.asarray(part[field]), part[0].shape) for part in parts])
        for field in range(7)
    ]
    desks = joined.pop()
    joined[2], joined[3] = clocks.utc(joined[2], desks), clocks.utc(joined[3], desks)
    return Intervals(*joined)
