"""Which records were deleted, where a CRM does not tell?

Once a day all identifiers of a stream are listed, and laid beside those of the day before. What is
missing was deleted, or may no longer be seen by us: so each one is asked for by itself, and only
what is not there any more is gone. What we may not see stays on the roll, and is asked for again.

Beside a system's own streams there is then one named `gone`, and each stream that is listed has a
cursor of its own, `activities_there`: when that was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dialgauge.errors import ForbiddenError
from dialgauge.sources.base import Staged
from dialgauge.sources.crm.api import Api, MissingError, RefusedError
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.pages import EPOCH
from dialgauge.sources.crm.sql import instant, named
from dialgauge.sources.crm.staging import Stream, count
from dialgauge.sources.gone import stage_gone
from dialgauge.sources.live import Account, Page, Setting, Span
from dialgauge.tables import TABLES
from dialgauge.tables.storage import text

GONE = Stream(columns=("stream", "id", "gone_at"), key="stream || ' ' || id")
"""The stream of what was deleted."""

DELETED = Setting("deleted", "Shall deleted records be looked for?", "true", required=False)
"""What turns it off."""

_AGAIN = dt.timedelta(hours=20)
_SAID = pa.schema([(name, pa.string()) for name in GONE.columns])
_NAMES = pa.schema([("id", pa.string())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How a stream is listed.

    Attributes:
        stream: Its name.
        names: Gives the identifiers of all records that are there, some at a time.
        is_gone: Says whether one that is not among them was deleted. A refusal of any other
            kind than that it is not there means that we may not know.
    """

    stream: str
    names: Callable[[], Iterable[Sequence[str]]]
    is_gone: Callable[[str], bool]


def missed(account: Account, span: Span, listing: Listing, now: dt.datetime) -> Iterator[Page]:
    """Find what was deleted since a stream was listed last; a day must have passed.

    Args:
        account: Whose; it may not want this, see `DELETED`.
        span: With the roll of that time; where only a range is wanted nothing is looked for.
        listing: How to list it.
        now: The server's time before; the beginning of 1970 where it does not tell.

    Yields:
        At most one page: what is gone, and the new roll.
    """
    cursor = f"{listing.stream}_there"
    now = dt.datetime.now(dt.UTC) if now == EPOCH else now
    before, last = span.roll(cursor), span.cursors.get(cursor)
    wanted = account.settings.get(DELETED.name, True) is not False
    if not wanted or span.ranged or (before is not None and last and _soon(last, now)):
        return
    batches = [pa.table([pa.array(names, pa.string())], _NAMES) for names in listing.names()]
    there = pa.concat_tables([_NAMES.empty_table(), *batches])
    gone: list[str] = []
    if before is not None:
        lost = before.filter(pc.invert(pc.is_in(before["id"], there["id"])))
        gone = _gone(listing, lost["id"].to_pylist())
        hidden = lost.filter(pc.invert(pc.is_in(lost["id"], pa.array(gone, pa.string()))))
        there = pa.concat_tables([there, hidden])
    rows = [{"stream": listing.stream, "id": name, "gone_at": now.isoformat()} for name in gone]
    yield Page(
        stream="gone",
        rows=pa.Table.from_pylist(rows, _SAID),
        cursors={cursor: now.isoformat()},
        rolls={cursor: there},
    )


def after_each(listed: Callable[[str], Sequence[str]], size: int) -> Iterator[Sequence[str]]:
    """Go through identifiers in their order, each time asking for those behind the last.

    Args:
        listed: Gives the first ones that are greater than one, at most `size`.
        size: How many a full answer has.

    Example:
        >>> there = ["a", "b", "c"]
        >>> list(after_each(lambda last: [each for each in there if each > last][:2], 2))
        [['a', 'b'], ['c']]
    """
    last = ""
    while names := listed(last):
        yield names
        if len(names) < size:
            return
        last = names[-1]


def is_missing(api: Api, path: str) -> bool:
    """Ask for one record, and say whether there is none of that name.

    Raises:
        ForbiddenError: We may not see it.
    """
    try:
        api.get(path)
    except MissingError:
        return True
    return False


def _soon(last: str, now: dt.datetime) -> bool:
    return abs(now - dt.datetime.fromisoformat(last)) < _AGAIN


def _gone(listing: Listing, names: Sequence[str]) -> list[str]:
    """Ask for each; where one may not be seen, the others are left for another day."""
    found = []
    for name in names:
        try:
            if listing.is_gone(name):
                found.append(name)
        except (ForbiddenError, RefusedError):
            break
    return found


def stage_missed(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    options: Options,
    filled: Mapping[str, Sequence[str]],
) -> list[Staged]:
    """Stage what was deleted.

    Args:
        con: Where the stream `gone` is.
        relation: Its table.
        options: What the team decided; there are orders only where won deals are these.
        filled: Canonical table to the streams whose identifiers are its keys.
    """
    known = ", ".join(text(stream) for streams in filled.values() for stream in streams)
    first, *_ = filled
    nameless = f"{relation} WHERE stream IS NULL OR stream NOT IN ({known})"
    found = (
        [stage_gone(con, TABLES[first], _keyed("NULL", nameless))] if count(con, nameless) else []
    )
    for table, streams in filled.items():
        rows = f"{relation} WHERE stream IN ({', '.join(map(text, streams))})"
        lost = count(con, rows)
        if lost and (table != "orders" or options.orders == "won"):
            told = f"{lost:,} of {' and '.join(streams)} were deleted there and no longer count."
            key = named(options.prefix, "id")
            found.append(stage_gone(con, TABLES[table], _keyed(key, rows), [told]))
    return found


def _keyed(key: str, rows: str) -> str:
    gone_at = instant("gone_at")
    return f"(SELECT {key} AS key, {gone_at} AS gone_at, _row, _file, _said FROM {rows})"
