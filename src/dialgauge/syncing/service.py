"""How are many systems read at once, and again and again, without one stopping the others?

Each feed has a thread of its own, for one that hangs must not hold up the rest. They are daemons:
whatever moment ends them, the next round goes on from what was kept. Which feeds there are may
change meanwhile: the thread that called looks, and tells theirs.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from dialgauge.lake import Lake
from dialgauge.model.rules import Rules
from dialgauge.syncing.feed import Feed, Outcome, Round, read_feed
from dialgauge.syncing.following import Key, Plan

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
    wanted: Callable[[], Plan],
    asked: Round,
    every_s: float,
    told: Callable[[Outcome], None],
) -> None:
    """Read every feed until `asked.stop` is set.

    Args:
        lake: Where their rows go.
        wanted: Says what is to be read; asked again each `every_s`, in the thread that called.
        asked: How.
        every_s: Seconds between two rounds of a feed that goes well.
        told: Called with each outcome as it comes.
    """
    timed = replace(asked, next_at=lambda failures: _after(delay(every_s, failures)))
    readers: dict[Key, _Reader] = {}
    try:
        while not asked.stop.is_set():
            plan = wanted()
            _follow(readers, plan, lambda reader: _read_on(lake, reader, timed, every_s, told))
            _sleep(every_s, asked.stop)
    finally:
        asked.stop.set()
        for reader in readers.values():
            reader.nudge.set()
        _join([reader.thread for reader in readers.values() if reader.thread])


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


@dataclass(slots=True)
class _Reader:
    """Reads one feed in a thread of its own.

    Attributes:
        feed: What it reads from the next round on; None when it is to end.
        rules: How things are counted from then on.
        nudge: Set when it is not to wait until that is due.
    """

    feed: Feed | None
    rules: Rules
    nudge: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


def _follow(readers: dict[Key, _Reader], plan: Plan, read: Callable[[_Reader], None]) -> None:
    """Begin what is new, end what is gone, and hand on what changed."""
    feeds = plan.by_key()
    for key, reader in readers.items():
        before, reader.feed, reader.rules = reader.feed, feeds.get(key), plan.rules
        if before and (reader.feed is None or reader.feed.account != before.account):
            reader.nudge.set()
    for key, feed in feeds.items():
        reader = readers.setdefault(key, _Reader(feed, plan.rules))
        if reader.thread is None or not reader.thread.is_alive():
            reader.thread = _thread(partial(read, reader))
            reader.thread.start()


def _read_on(
    lake: Lake, reader: _Reader, asked: Round, every_s: float, told: Callable[[Outcome], None]
) -> None:
    """Read a feed until it is gone, or all end."""
    while True:
        reader.nudge.clear()
        feed = reader.feed
        if feed is None or asked.stop.is_set():
            return
        outcome = read_feed(lake, feed, replace(asked, rules=reader.rules))
        told(outcome)
        failures = max(outcome.status.failures, 1) if outcome.error else 0
        reader.nudge.wait(delay(every_s, failures))


def _after(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def _sleep(seconds: float, stop: threading.Event) -> None:
    """Wait; in steps, for a signal that came while it waits for an event might wait for itself."""
    until = time.monotonic() + seconds
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _STEP_S))


def _thread(run: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=run, name=THREAD, daemon=True)


def _together(work: Sequence[Callable[[], None]], stop: threading.Event) -> None:
    """Run everything at once, and wait for it, or a moment longer than until `stop` is set."""
    threads = [_thread(run) for run in work]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) and not stop.is_set():
            time.sleep(_STEP_S)
    finally:
        if any(thread.is_alive() for thread in threads):
            stop.set()
        _join(threads)


def _join(threads: Sequence[threading.Thread]) -> None:
    stop_by = time.monotonic() + GRACE_S
    for thread in threads:
        thread.join(max(0.0, stop_by - time.monotonic()))
