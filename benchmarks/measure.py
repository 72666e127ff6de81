"""What does a piece of work cost in CPU seconds, on a machine that others use too?

Wall-clock time says little there. Works that are compared take turns, in one process or each in
a new one, so that what disturbs one disturbs the others, and the median of the rounds counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Cost:
    """What a work took.

    Attributes:
        cpu: Seconds of user and system time, of all threads.
        wall: Seconds by the clock.
        memory: The most MB a process of its own held; 0 for others.
    """

    cpu: float
    wall: float
    memory: float = 0.0


def spent(work: Callable[[], object]) -> Cost:
    """Do a work once in this process, and say what it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def spent_by(command: Sequence[str]) -> Cost:
    """Run a command in a new process, and say what that took from its start to its end.

    Raises:
        SystemExit: The command failed.
    """
    wall = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, time.perf_counter() - wall, usage.ru_maxrss / 1000)


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Cost]]:
    """Do each work once a round in this process; name to what each round took."""
    return take_turns({name: partial(spent, work) for name, work in works.items()}, rounds)


def take_turns(works: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Let each work measure itself once a round; name to what each round took."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(work())
    return costs


def median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of CPU seconds, wall seconds and memory."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )
