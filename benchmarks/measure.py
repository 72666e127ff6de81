"""What does a piece of work cost in CPU seconds, on a machine that others use too?

Wall-clock time says little there. Works that are compared take turns in one process, so that what
disturbs one disturbs the others, and the median of the rounds counts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What a work took, in seconds; `cpu` is user and system time of all threads."""

    cpu: float
    wall: float


def spent(work: Callable[[], object]) -> Cost:
    """Do a work once in this process, and say what it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def in_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[Cost]]:
    """Do each work once a round; name to what each round took."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(spent(work))
    return costs


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of CPU and of wall seconds."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
    )
