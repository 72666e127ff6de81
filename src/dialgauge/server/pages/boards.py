"""Who remembers what a page showed a moment ago?

Writing a page takes longer than finding its numbers again, and a team looks at the same few views
all day. What was written is kept under all that it depends on: the address, the state of the lake,
what was decided, the language, what the reader may see, and the moment, which moves in steps (see
`site.steady`), for numbers grow older by themselves. Pages about single people are not kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from dialgauge.engines.once import Once
from dialgauge.model.question import Period
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.panel import Look
from dialgauge.server.viewer import May, Viewer

_MOST_BYTES = 48_000_000
_AT_ONCE = 3


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
    view = look.view
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
        now=look.gauge.clock(),
        reader=replace(look.viewer, name="", user_id=None),
        annotations=tuple(look.annotations),
    )


def boards(most_bytes: int = _MOST_BYTES) -> Once[Key, Board]:
    """Make room for the boards that were written last."""
    return Once(size=_size, most=most_bytes, at_once=_AT_ONCE)


def _size(board: Board) -> int:
    # Python keeps a text with one sign beyond Latin at two bytes a sign, or four.
    return 2 * len(board.written) + 500
