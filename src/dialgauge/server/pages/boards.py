"""Who remembers what a page showed a moment ago?

Writing a page takes longer than finding its numbers again, and a team looks at the same few views
all day. What was written is kept under all that it depends on: the address, the state of the lake,
what was decided, the language, and what the reader may see; and a few minutes at most, for numbers
that grow older by themselves. Pages about single people are not kept.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from dialgauge.model.question import Period
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.panel import Look
from dialgauge.server.viewer import May, Viewer

_MOST_BYTES = 48_000_000
_MINUTES = 5
_AT_ONCE = 3  # so that the first who ask have theirs soon, rather than all of them late


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What stands between a page's frame, written.

    Attributes:
        written: It, as HTML.
        notes: What a reader must know; they stand below.
    """

    written: Markup
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """All that a board depends on."""

    page: str
    part: str
    address: str
    parts: tuple[tuple[str, str], ...]
    period: Period
    timezone: str
    language: str
    lake: int
    decided: int
    now: dt.datetime
    reader: Viewer
    annotations: tuple[tuple[str, str], ...]


def key(page: Page, look: Look, part: str, decided: int) -> Key | None:
    """Say what a board depends on; None for one that must not be kept.

    Args:
        page: Which page.
        look: Who looks at what.
        part: Which part of it is wanted; '' for all.
        decided: How often segments and targets were changed in the dashboard.
    """
    if page.needs is not May.ASK or not page.filtered:
        return None
    view, now = look.view, look.gauge.clock()
    return Key(
        page=page.name,
        part=part,
        address=view.address,
        parts=tuple(view.parts.items()),
        period=view.period,
        timezone=view.timezone,
        language=look.say.language,
        lake=look.gauge.lake.snapshot().version,
        decided=decided,
        now=now.replace(minute=now.minute // _MINUTES * _MINUTES, second=0, microsecond=0),
        reader=replace(look.viewer, name="", user_id=None),
        annotations=tuple(look.annotations),
    )


@dataclass(slots=True)
class Boards:
    """The boards that were written last.

    Who asks for one that is being written waits for that; few are written at a time.

    Attributes:
        most_bytes: How much memory they may take; the longest not asked for go first.
        found: Them, and those being written, the latest last.
        held: How much memory they take.
        lock: One thread looks or changes at a time.
        turns: Whose turn it is to write.
    """

    most_bytes: int = _MOST_BYTES
    found: OrderedDict[Key, Future[Board]] = field(default_factory=OrderedDict)
    held: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AT_ONCE))

    def of(self, wanted: Key | None, write: Callable[[], Board]) -> Board:
        """Give a board, written now unless it is known."""
        if wanted is None:
            return write()
        with self.lock:
            known = self.found.get(wanted)
            if known is None:
                mine: Future[Board] = Future()
                self.found[wanted] = mine
            else:
                self.found.move_to_end(wanted)
        if known is not None:
            return known.result()
        try:
            with self.turns:
                board = write()
        except BaseException as error:
            with self.lock:
                self.found.pop(wanted, None)
            mine.set_exception(error)
            raise
        mine.set_result(board)
        self._keep_within(_size(board))
        return board

    def _keep_within(self, more: int) -> None:
        """Let the longest not asked for go; those being written stay."""
        with self.lock:
            self.held += more
            for each in [each for each, kept in self.found.items() if kept.done()]:
                if self.held <= self.most_bytes:
                    return
                self.held -= _size(self.found.pop(each).result())


def _size(board: Board) -> int:
    # Python keeps a text with one sign beyond Latin at two bytes a sign, or four.
    return 2 * len(board.written) + 500
