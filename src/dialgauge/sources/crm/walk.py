"""How is everything that changed since then read, when the API gives only pages?

Paging by number skips a record whenever another one, on a page already read, changes and moves to
the end. So each page asks anew for what changed at or after the last row it saw. Where a whole page
changed at the same instant, as after a bulk import, that instant is gone through by identifier.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dialgauge.errors import ServerError
from dialgauge.sources.crm.api import Row

_PATIENCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How one kind of record is asked for.

    Attributes:
        since: Gives the first rows at or after an instant, in the order of their change.
        within: Gives the first rows of one instant whose identifier is greater, in their order.
        changed: The instant of a row, in the API's own unit or writing; it must sort.
        key: The identifier of a row.
        size: How many rows a full page has.
        step: Gives the instant after one, in the finest step that the API knows.
    """

    since: Callable[[str], Sequence[Row]]
    within: Callable[[str, str], Sequence[Row]]
    changed: Callable[[Row], str]
    key: Callable[[Row], str]
    size: int
    step: Callable[[str], str]


def walk(asking: Asking, start: str) -> Iterator[Sequence[Row]]:
    """Go through all rows that changed at or after an instant, oldest change first.

    Args:
        asking: How to ask.
        start: The instant.

    Yields:
        The rows of each answer that were not in the answer before.

    Raises:
        ServerError: The same page comes again and again.
    """
    at, seen, stuck = start, frozenset[str](), 0
    while True:
        page = asking.since(at)
        fresh = [row for row in page if asking.key(row) not in seen]
        if len(page) < asking.size:
            if fresh:
                yield fresh
            return
        last = asking.changed(page[-1])
        if last >= at and asking.changed(page[0]) == last:
            yield from _drain(asking, last)
            at, seen, stuck = asking.step(last), frozenset(), 0
            continue
        if fresh:
            yield fresh
        if last > at:
            at, stuck = last, 0
            seen = _tied(asking, page, last)
            continue
        stuck += 1
        if stuck > _PATIENCE:
            raise ServerError(
                f"the CRM gives the page before {at} again and again; what was read is kept, "
                "sync again later"
            )


def _tied(asking: Asking, page: Sequence[Row], at: str) -> frozenset[str]:
    """Name the rows at the end of a page that changed at an instant."""
    found = itertools.takewhile(lambda row: asking.changed(row) == at, reversed(page))
    return frozenset(asking.key(row) for row in found)


def _drain(asking: Asking, at: str) -> Iterator[Sequence[Row]]:
    """Go through all rows of one instant."""
    after = ""
    while True:
        page = asking.within(at, after)
        if page:
            yield page
            after = asking.key(page[-1])
        if len(page) < asking.size:
            return
