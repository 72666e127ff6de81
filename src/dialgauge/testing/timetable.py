"""When does each agent do what?

Every item of work has a wished time. An agent does one thing at a time, in order, so an item
begins at its wished time or when the one before it ends. How long an outbound call takes depends
on its outcome, and that on the hour at which it really happens; so the timetable is worked out
again until it stands still. Each pass settles at least one more item of every agent.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dialgauge.testing.columns import Ints

_APART = 1 << 41  # farther than any shift is long, in milliseconds


def start_times(agent: Ints, wished: Ints, busy: Ints) -> Ints:
    """Tell when items begin, when each agent does one after the other.

    Args:
        agent: Whose item it is; an agent's items stand together, in order of wished time.
        wished: The earliest start, milliseconds.
        busy: How long each takes, milliseconds.

    Returns:
        The starts, in milliseconds.

    Example:
        >>> start_times(np.array([0, 0, 1]), np.array([0, 5, 6]), np.array([8, 1, 1])).tolist()
        [0, 8, 6]
    """
    before = np.cumsum(busy) - busy
    group = np.cumsum(np.diff(agent, prepend=agent[:1]) != 0) * _APART
    starts: Ints = np.maximum.accumulate(wished + group - before) - group + before
    return starts


def settle(agent: Ints, wished: Ints, busy_at: Callable[[Ints], Ints]) -> Ints:
    """Find starts that agree with the durations they lead to.

    Args:
        agent: Whose item it is; an agent's items stand together, in order of wished time.
        wished: The earliest start, milliseconds.
        busy_at: Durations of items that begin at given times, milliseconds.

    Returns:
        The starts, in milliseconds.
    """
    starts = wished
    while True:
        again = start_times(agent, wished, busy_at(starts))
        if np.array_equal(again, starts):
            return starts
        starts = again
