"""How does one round of reading go?

Pages are kept as they come, taken into the lake together, and only then does the feed go on from
behind them. When too many wait they are taken in before the round is over, and reading begins anew
from there, as it would after a crash.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import duckdb

from dialgauge.accounts import Connected
from dialgauge.errors import DialgaugeError
from dialgauge.intake import Counts, Report, take_in
from dialgauge.lake import Lake
from dialgauge.model.rules import Rules
from dialgauge.sources.base import FILE, PROBLEM, Request, Stage, Staged, new_relation
from dialgauge.sources.live import Page, Span
from dialgauge.syncing import status
from dialgauge.syncing.holding import BusyError, alone
from dialgauge.syncing.spool import Spool, permit_only_owner
from dialgauge.syncing.status import Status
from dialgauge.tables.storage import quoted, text

MOST_ROWS = 500_000
MOST_BYTES = 256 * 2**20
_PART = dt.timedelta(days=31)
_HOOK_WAIT_S = 60.0
_MOST_TOLD = 10

_ONE_AT_A_TIME = threading.Lock()  # the lake has one writer, and rows that wait for it cost memory


class StoppedError(DialgaugeError):
    """Someone has asked to stop; what was read so far is kept for the next time."""


def _nothing(_: Spool) -> None:
    pass


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One way in which the rows of a system come.

    Attributes:
        account: The system.
        kind: `fetch` or `hook`.
        folder: Where its spool and its status are.
        stage: Makes canonical tables of its rows.
        pages: Gives what is new.
        after: Called once all of it is in the lake.
        said: Secrets that were handed out, which no sentence may repeat.
    """

    account: Connected
    kind: str
    folder: Path
    stage: Stage
    pages: Callable[[Span], Iterator[Page]]
    after: Callable[[Spool], None] = _nothing
    said: Sequence[str] = ()

    def status(self) -> Status:
        """Say how it stands."""
        account = self.account
        blank = Status(name=account.name, system=account.system, feed=self.kind)
        return status.read(self.folder, blank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What is to be read this time, and how it is told.

    Attributes:
        rules: What the team decided about how things are counted.
        start: Only what happened since, instead of going on.
        end: Only what happened before.
        wait_s: So long somebody else may take to finish reading the same system.
        say: Told in a few words what is being done.
        stop: Set when the round is to end after the page it is at.
        next_at: Given how many times in a row it went wrong: when it is to be read again.
        most_rows: So many rows may wait before they are taken in.
    """

    rules: Rules = field(default_factory=Rules)
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    wait_s: float = 0.0
    say: Callable[[str], None] = _silent
    stop: threading.Event = field(default_factory=threading.Event)
    next_at: Callable[[int], dt.datetime | None] = lambda _: None
    most_rows: int = MOST_ROWS

    @property
    def ranged(self) -> bool:
        """Whether a part is read again instead of going on."""
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a round.

    Attributes:
        status: How the feed stands.
        error: Why it failed, None when it did not.
    """

    status: Status
    error: Exception | None = None


@dataclass(slots=True)
class _Seen:
    """What a round has met so far."""

    counts: Counts = field(default_factory=Counts)
    newest_us: int = 0
    fetched: int = 0
    version: int | None = None
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: dict[str, None] = field(default_factory=dict)

    def add(self, report: Report) -> None:
        self.counts += report.counts
        self.version = report.version
        for reason in report.reasons:
            self.reasons[reason.table, reason.reason] += reason.rows
        self.notes.update(dict.fromkeys(report.notes))

    def refused(self) -> tuple[str, ...]:
        """Say why rows were refused; of many reasons the most frequent."""
        told = [
            f"{rows:,} refused for {table}: {reason}"
            for (table, reason), rows in self.reasons.most_common(_MOST_TOLD)
        ]
        left = len(self.reasons) - len(told)
        return (*told, f"and {left:,} other reasons") if left else tuple(told)


def read_feed(lake: Lake, feed: Feed, asked: Round) -> Outcome:
    """Read a feed once, and write down how it went.

    Args:
        lake: Where its rows go.
        feed: What is read.
        asked: What of it, and how.

    Returns:
        How it went; whatever goes wrong with the system is told there, and not raised.
    """
    permit_only_owner(Path(lake.layout.sync(feed.account.name)))
    # A server takes events in every minute, which is over in a moment.
    wait_s = max(asked.wait_s, _HOOK_WAIT_S) if feed.kind == "hook" else asked.wait_s
    try:
        with alone(feed.folder / "lock", feed.account.name, wait_s):
            return _written(lake, feed, asked)
    except BusyError as error:
        return Outcome(replace(feed.status(), error=str(error)), error)


def _written(lake: Lake, feed: Feed, asked: Round) -> Outcome:
    before, seen, failed = feed.status(), _Seen(), None
    begun = _now()
    try:
        _read(lake, feed, asked, seen)
    except Exception as error:  # noqa: BLE001 - one bad system stops nobody
        failed = error
    stopped = isinstance(failed, StoppedError)
    failures = 0 if failed is None else before.failures + (0 if stopped else 1)
    newest = dt.datetime.fromtimestamp(seen.newest_us / 1e6, dt.UTC) if seen.newest_us else None
    known = [each for each in (before.newest_at, newest) if each is not None]
    after = replace(
        before,
        started_at=begun,
        ended_at=_now(),
        succeeded_at=_now() if failed is None else before.succeeded_at,
        error="" if failed is None else sentence(failed, feed.account.name, feed.said),
        failures=failures,
        counts=seen.counts,
        refused=seen.refused(),
        notes=tuple(seen.notes)[:_MOST_TOLD],
        newest_at=max(known, default=None),
        version=before.version if seen.version is None else seen.version,
        next_at=asked.next_at(failures),
    )
    status.write(feed.folder, after)
    return Outcome(after, failed)


def sentence(error: Exception, name: str, said: Sequence[str]) -> str:
    """Say in one sentence what went wrong, without secrets and without anybody's data.

    What a driver says of itself may hold an address with all that is in it, or a row; it is shown
    with --debug only, to whoever sits at the terminal.

    Args:
        error: What went wrong.
        name: With which system.
        said: The secrets it was given.
    """
    if isinstance(error, DialgaugeError):
        told = str(error)
    elif isinstance(error, OSError) and error.strerror:
        told = f"{error.strerror}, while '{name}' was read"
    else:
        told = (
            f"{type(error).__name__} while '{name}' was read; `dialgauge sync {name} --debug` "
            "shows more"
        )
    for secret in said:
        told = told.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return " ".join(told.split())


def _read(lake: Lake, feed: Feed, asked: Round, seen: _Seen) -> None:
    if asked.ranged:
        _read_range(lake, feed, asked, seen)
        return
    spool = Spool(feed.folder, feed.account.name)
    more = True
    while more:
        more = _fetch(feed, asked, spool, Span(cursors=spool.fetched, roll=spool.roll), seen)
        _take(lake, feed, asked, spool, seen)
        spool.finish()
    feed.after(spool)


def _read_range(lake: Lake, feed: Feed, asked: Round, seen: _Seen) -> None:
    """Read a range in parts; a system sees to it that what crosses an end is whole."""
    spool = Spool(feed.folder / "range", feed.account.name)
    reached: dict[str, str] = {}
    for start, end in parts(asked.start, asked.end, _now()):
        spool.clear()  # another range may have been left behind
        _fetch(feed, asked, spool, Span(start=start, end=end), seen)
        _take(lake, feed, asked, spool, seen)
        spool.finish()
        reached |= spool.kept  # what did not change in a later part stopped in an earlier one
    if asked.end is None:
        # Whoever begins with --from wants to go on from there, not to read all years before.
        Spool(feed.folder, feed.account.name).adopt(reached)
    spool.clear()


def parts(
    start: dt.datetime | None, end: dt.datetime | None, now: dt.datetime
) -> list[tuple[dt.datetime | None, dt.datetime | None]]:
    """Cut a range into parts of a month, so that none needs much room; the last end stays.

    Example:
        >>> first, last = dt.datetime(2026, 1, 1), dt.datetime(2026, 2, 10)
        >>> [f"{a:%m-%d} to {b:%m-%d}" for a, b in parts(first, last, last)]
        ['01-01 to 02-01', '02-01 to 02-10']
    """
    found: list[tuple[dt.datetime | None, dt.datetime | None]] = []
    while start is not None and start + _PART < (end or now):
        found.append((start, start + _PART))
        start += _PART
    return [*found, (start, end)]


def _fetch(feed: Feed, asked: Round, spool: Spool, span: Span, seen: _Seen) -> bool:
    """Keep pages until there are no more, or enough of them wait.

    Only behind a page that moved a cursor may reading be broken off, and then it begins anew from
    there: a system reads again what belongs to the rows to come, such as its small tables, and no
    part lacks them.

    Returns:
        Whether there may be more.
    """
    begun = spool.fetched
    for page in feed.pages(span):
        if asked.stop.is_set():
            raise StoppedError("stopped; the next time goes on from here")
        spool.add(page)
        seen.fetched += page.rows.num_rows
        asked.say(f"{feed.account.name}: {seen.fetched:,} rows, at {page.stream}")
        enough = spool.rows >= asked.most_rows or spool.size >= MOST_BYTES
        if enough and page.cursors and spool.fetched != begun and not asked.ranged:
            return True
    return False


def _take(lake: Lake, feed: Feed, asked: Round, spool: Spool, seen: _Seen) -> None:
    if not spool.rows:
        return
    account = feed.account
    request = Request(
        paths=(spool.files,),
        table=account.table or None,
        mapping=account.mapping,
        timezone=account.timezone,
        options=account.options,
        phone_key=lake.phone_key,
    )
    with _ONE_AT_A_TIME:
        seen.add(
            take_in(
                lake,
                _watched(feed.stage, f"{spool.files}/", account.name, seen),
                request,
                rules=asked.rules,
                progress=lambda step: asked.say(f"{account.name}: {step}"),
            )
        )


def _watched(stage: Stage, folder: str, name: str, seen: _Seen) -> Stage:
    """See how new the rows are, and call files of the spool by the system's name."""

    def staged(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
        return [_named(con, part, folder, name, seen) for part in stage(con, request)]

    return staged


def _named(
    con: duckdb.DuckDBPyConnection, part: Staged, folder: str, name: str, seen: _Seen
) -> Staged:
    if part.table.clock is not None:
        clock = quoted(part.table.clock)
        # One row from the future must not hide for ever that nothing comes any more.
        ((newest,),) = con.execute(
            f"SELECT max(epoch_us({clock})) FILTER (epoch_us({clock}) <= {time.time_ns() // 1000}) "
            f"FROM {part.relation} WHERE {PROBLEM} IS NULL"
        ).fetchall()
        seen.newest_us = max(seen.newest_us, newest or 0)
    relation = new_relation(con, part.table)
    called = f"replace({FILE}, {text(folder)}, {text(f'{name}/')})"
    con.execute(
        f"CREATE TEMP VIEW {relation} AS SELECT * REPLACE ({called} AS {FILE}) FROM {part.relation}"
    )
    return replace(part, relation=relation)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
