"""How are many systems read at once, and again and again, without one stopping the others?

Each feed has a thread of its own, for one that hangs must not hold up the rest. They are daemons:
whatever moment ends them, the next round goes on from what was kept.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from dialgauge.lake import Lake
from dialgauge.syncing.feed import Feed, Outcome, Round, read_feed

GRACE_S = 10.0
THREAD = "reading a system"
LONGEST_S = 3_600.0
_STEP_S = 0.2


def once(
    lake: Lake, feeds: Sequence[Feed], asked: Round, told: Callable[[Outcome], None]
) -> tuple[Outcome, ...]:
    """Read every feed once.

    Args:
        lake: Where their rows go.
        feeds: What is read.
        asked: What of it, and how.
        told: Called with each outcome as it comes.

    Returns:
        How each went, in the order of `feeds`; those that were stopped early are missing.
    """
    outcomes: dict[int, Outcome] = {}

    def read(place: int) -> None:
        outcomes[place] = read_feed(lake, feeds[place], asked)
        told(outcomes[place])

    _together([partial(read, place) for place in range(len(feeds))], asked.stop)
    return tuple(outcomes[place] for place in sorted(outcomes))


def again_and_again(
    lake: Lake,
    feeds: Sequence[Feed],
    asked: Round,
    every_s: float,
    told: Callable[[Outcome], None],
) -> None:
    """Read every feed until `asked.stop` is set.

    Args:
        lake: Where their rows go.
        feeds: What is read.
        asked: How.
        every_s: Seconds between two rounds of a feed that goes well.
        told: Called with each outcome as it comes.
    """
    timed = replace(asked, next_at=lambda failures: _after(delay(every_s, failures)))

    def read(feed: Feed) -> None:
        while not asked.stop.is_set():
            outcome = read_feed(lake, feed, timed)
            told(outcome)
            failures = max(outcome.status.failures, 1) if outcome.error else 0
            asked.stop.wait(delay(every_s, failures))

    _together([partial(read, feed) for feed in feeds], asked.stop)


def hangs() -> bool:
    """Tell whether something is still being read that was to stop."""
    return any(thread.name == THREAD for thread in threading.enumerate())


def delay(every_s: float, failures: int) -> float:
    """Say how long to wait: twice as long after each failure in a row, an hour at most.

    Example:
        >>> [delay(300, failures) for failures in (0, 1, 2, 9)]
        [300, 600, 1200, 3600.0]
    """
    return min(every_s * (1 << min(failures, 20)), max(LONGEST_S, every_s))


def _after(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def _together(work: Sequence[Callable[[], None]], stop: threading.Event) -> None:
    """Run everything at once, and wait for it, or a moment longer than until `stop` is set."""
    threads = [threading.Thread(target=run, name=THREAD, daemon=True) for run in work]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) and not stop.is_set():
            time.sleep(_STEP_S)
    finally:
        stop_by = time.monotonic() + GRACE_S
        if any(thread.is_alive() for thread in threads):
            stop.set()
        for thread in threads:
            thread.join(max(0.0, stop_by - time.monotonic()))
