"""What will be clicked next, and can it be worked out while nobody waits?

Who opens a page will filter it. An answer for one campaign is worked out for all of them (see
`engines.remembering`), so asking for the first of each list, while no page is being written, lets
every first click find its numbers there. The same is done once for the first page when a server
starts.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from dialgauge.errors import DialgaugeError
from dialgauge.server.pages.boards import Key
from dialgauge.server.pages.choices import FILTERS
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.panel import Look, show

_LISTS = tuple(name for name in FILTERS if name != "agent")  # of whom there are too many
_MOST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A page that was opened, and what its reader may filter it by.

    Attributes:
        page: The page.
        look: Who looked at it how; without filters.
        groups: Dimension to its groups.
    """

    page: Page
    look: Look
    groups: Mapping[str, tuple[str, ...]]

    def views(self) -> Iterator[Look]:
        """Give the page as it is, and by the first group of each list."""
        yield self.look
        for name in _LISTS:
            for group in self.groups.get(name, ())[:1]:
                yield replace(self.look, view=self.look.view.with_filter(name, group))


class Foresight:
    """Works out in a thread of its own what is likely to be asked, once `start` was called."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: deque[Likely] = deque(maxlen=_MOST)
        self._seen: OrderedDict[Key, None] = OrderedDict()
        self._readers = 0
        self._ended = False
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Say that somebody waits for a page, so that nothing else is begun."""
        with self._changed:
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def expect(self, key: Key | None, likely: Likely) -> None:
        """Note a page that was opened; the same page is noted once.

        Args:
            key: All that its board depends on; None for a page that is not kept.
            likely: The page.
        """
        if key is None or likely.look.view.filters:
            return
        with self._changed:
            if key not in self._seen:
                self._seen[key] = None
                self._wanted.append(likely)
                self._changed.notify_all()
            while len(self._seen) > _MOST:
                self._seen.popitem(last=False)

    def start(self, first: Callable[[], Likely]) -> None:
        """Begin to work.

        Args:
            first: Gives the page that most will open first; called in the thread.
        """
        self._thread = threading.Thread(target=self._work, args=(first,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the work, and wait for the question that is being asked."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _work(self, first: Callable[[], Likely]) -> None:
        with contextlib.suppress(DialgaugeError):
            self._foresee(first())
        while (likely := self._next()) is not None:
            with contextlib.suppress(DialgaugeError):
                self._foresee(likely)

    def _next(self) -> Likely | None:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or bool(self._wanted))
            return None if self._ended else self._wanted.pop()

    def _foresee(self, likely: Likely) -> None:
        for look in likely.views():
            for panel in likely.page.panels(look):
                with self._changed:
                    self._changed.wait_for(lambda: self._ended or not self._readers)
                    if self._ended:
                        return
                show(panel, look)
