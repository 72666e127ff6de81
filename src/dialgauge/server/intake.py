"""What do systems send us by themselves, and when does it get into the lake?

What arrives is kept in a log before it is answered; one thread takes the logs into the lake, each
as often as its settings say. When that fails the events stay where they are, and it is tried again
ever less often.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dialgauge.accounts import HOOKS, Connected, find_secret
from dialgauge.config import Config
from dialgauge.errors import DialgaugeError
from dialgauge.lake import Lake
from dialgauge.syncing import hooklog
from dialgauge.syncing.feed import Feed, Round, read_feed
from dialgauge.syncing.feeds import hook_feed
from dialgauge.syncing.hooklog import HookLog
from dialgauge.syncing.hooks import LEAST_SECRET, WINDOW_S
from dialgauge.syncing.recent import Recent
from dialgauge.syncing.service import delay
from dialgauge.syncing.spool import Spool

_WAIT_S, _OLD_S = 60.0, 3_600.0
_STOP_S = 5.0
_MOST_SEEN = 100_000


@dataclass(slots=True)
class Hook:
    """One system that may send events.

    Attributes:
        account: The system.
        secret: What proves that it is the sender; empty when it is not known.
        log: Where its events are kept.
    """

    account: Connected
    secret: str = field(repr=False)
    log: HookLog
    _seen: OrderedDict[str, float] = field(default_factory=OrderedDict, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def was_kept(self, signature: str, now: float) -> bool:
        """Tell whether the very same was kept a moment ago: it is signed once for good."""
        with self._guard:
            while self._seen and (
                len(self._seen) > _MOST_SEEN or next(iter(self._seen.values())) < now
            ):
                self._seen.popitem(last=False)
            return signature in self._seen

    def keep(self, events: Sequence[str], signature: str, now: float) -> None:
        """Keep events, and remember how they were signed as long as the signature holds.

        Raises:
            LakeError: They cannot be written.
        """
        self.log.append(events)
        if signature:
            with self._guard:
                self._seen[signature] = now + 2 * WINDOW_S


class Intake:
    """All systems that may send events, and what takes them into the lake."""

    def __init__(self, config: Config) -> None:
        """Look which systems there are; nothing is made or started."""
        self._config = config
        root = Lake.open(str(config.lake)).layout if _hooked(config) else None
        self.hooks = {
            account.name: Hook(
                account=account,
                secret=find_secret(account.name, HOOKS[account.system]),
                log=HookLog(Path(root.sync(account.name), "hook", "log")),
            )
            for account in _hooked(config)
            if root is not None
        }
        self._stop = threading.Event()
        self._arrived = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to take events into the lake, those first that an earlier server has kept."""
        if self.hooks and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End soon; what is not in the lake yet stays in the log."""
        self._stop.set()
        self._arrived.set()
        if self._thread is not None:
            self._thread.join(_STOP_S)
        for hook in self.hooks.values():
            hook.log.close()

    def arrived(self) -> None:
        """Say that something has arrived."""
        self._arrived.set()

    def _run(self) -> None:
        lake = Lake.open(str(self._config.lake), memory_limit=self._config.memory)
        feeds = [hook_feed(lake, hook.account) for hook in self.hooks.values()]
        due = {feed.account.name: 0.0 for feed in feeds}
        while not self._stop.is_set():
            self._arrived.clear()
            now = time.monotonic()
            for feed in feeds:
                Recent(feed.folder / "recent", feed.account.system).forget_old()
            full = [feed for feed in feeds if _waits(feed)]
            for feed in full:
                if due[feed.account.name] <= now and not self._stop.is_set():
                    due[feed.account.name] = time.monotonic() + self._take(lake, feed)
            later = [due[feed.account.name] - time.monotonic() for feed in feeds if _waits(feed)]
            self._sleep(max(0.05, min(later)) if later else None)

    def _sleep(self, seconds: float | None) -> None:
        """Wait until something is due; when nothing waits, until something arrives or is old."""
        if seconds is None:
            self._arrived.wait(_OLD_S)
        else:
            self._stop.wait(seconds)

    def _take(self, lake: Lake, feed: Feed) -> float:
        """Take events in, and say after how many seconds to do so again."""
        name = feed.account.name
        asked = Round(rules=self._config.rules, stop=self._stop, wait_s=_WAIT_S)
        try:
            outcome = read_feed(lake, feed, asked)
        except Exception:  # noqa: BLE001 - the thread must live as long as the server
            failures = 1
        else:
            failures = outcome.status.failures if outcome.error else 0
        if failures:
            # Why stands in the status: what went wrong may name what was sent.
            logging.getLogger(__name__).warning(
                "events of '%s' are kept, but could not be taken into the lake; "
                "`dialgauge sync --status` says why",
                name,
            )
        return delay(feed.account.hook_every_s, failures)


def not_ready(config: Config) -> list[str]:
    """Say which systems cannot send events, because nothing would prove who sends them."""
    return [
        f"'{account.name}' may send events, but its {HOOKS[account.system]} is not known or has "
        f"fewer than {LEAST_SECRET} characters: they are refused"
        for account in _hooked(config)
        if len(find_secret(account.name, HOOKS[account.system])) < LEAST_SECRET
    ]


def _hooked(config: Config) -> list[Connected]:
    return [account for account in config.sources if account.hook]


def _waits(feed: Feed) -> bool:
    with contextlib.suppress(DialgaugeError, OSError):
        return hooklog.waiting(feed.folder / "log", Spool.cursors_of(feed.folder))
    return False
