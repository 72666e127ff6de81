"""How are the tables of a running Asterisk or FreePBX read without slowing calls down?

A row of the CDR is written when its leg ends, and a call is made of many. So each time the last
hours are read again, and the hours before them as context: they help to understand a call, and no
call that begins there is made. Agents log in for days, so of the queue_log the context is longer.

Both tables are read day by day, and only then the cursor moves: a call is made of rows of both. It
never passes the last row that was seen, so that a replica may be days behind. A queue tells of a
call before the CDR does, which may know it under another name; such events are marked as young.
CEL has no index on its time; it is only asked for calls that failed, by their linkedid, because it
alone knows why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from dialgauge.errors import ServerError
from dialgauge.sources.asterisk.streams import CDR, CEL, CONTEXT, EARLIER, QUEUE_LOG, YOUNG
from dialgauge.sources.databases import (
    PAGE,
    Database,
    named_table,
    open_database,
    said_in_utc,
    texts,
)
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings, whole
from dialgauge.sources.moments import TimeColumn, is_epoch
from dialgauge.sources.zones import zone

SETTINGS = (
    Setting(
        "url",
        "Under which address does the database answer (better a replica than the PBX's own)?",
        "mysql://reader@replica.example:3306/asteriskcdrdb",
    ),
    Setting("cdr_table", "What is the table of call records called?", "cdr", required=False),
    Setting("queue_table", "What is the table of queue events called?", "queuelog", required=False),
    Setting("page_rows", "How many rows may be asked for at once?", "2000", required=False),
    Setting("overlap_hours", "How many hours does a call last at most?", "12", required=False),
    Setting("login_days", "For how many days does an agent stay logged in?", "7", required=False),
    Setting("cel", "Shall CEL be asked why calls failed?", "true", required=False),
    Setting("timezone", "In which zone are its times?", "Europe/Berlin", required=False),
)
"""What `fetch` must be told."""

SECRETS = (Setting("password", "What is the password of that database user?"),)
"""What `fetch` asks for and nobody writes down."""

CURSOR = "logs"
QUEUE_STREAM = "queue_log"
KINDS = ("mysql", "mariadb", "postgresql", "sqlite")
_QUEUE_TABLES = ("queue_log", "queuelog")
_DAY = dt.timedelta(days=1)
_FORM = "%Y-%m-%d %H:%M:%S"
_EARLIEST = dt.datetime(1990, 1, 1)  # noqa: DTZ001 - a wall clock
_WHY = ("FAILED", "CONGESTION")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """A table that is read by its time.

    Attributes:
        stream: What its rows are called.
        table: What it is called there.
        columns: Which of its columns are read.
        by: The column of its time; as it says it, a wall clock shows it in `by.zone`.
        before: For how long before what is wanted its rows are context.
        times: Those of its columns that hold instants.
    """

    stream: str
    table: str
    columns: tuple[str, ...]
    by: TimeColumn
    before: dt.timedelta
    times: tuple[str, ...] = ()

    def said(self, wall: dt.datetime) -> str | int:
        """Write a wall clock's time as the table does."""
        return self.by.said(wall.replace(tzinfo=self.by.zone))

    def moment(self, value: str | None) -> dt.datetime | None:
        """Read a time of the table as a wall clock's; None when it is none."""
        at = self.by.moment(value)
        return None if at is None else at.astimezone(self.by.zone).replace(tzinfo=None)


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read the tables of an Asterisk.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        EngineError: A driver is not installed.
        ServerError: The database does not answer, or a table has no index to read it by.
        UnknownNameError: A setting does not exist.
        UsageError: A setting is not allowed.
    """
    told = checked_settings(account.settings, SETTINGS)
    size = whole(told, "page_rows", PAGE, 20_000)
    overlap = dt.timedelta(hours=whole(told, "overlap_hours", 12, 72))
    with open_database(told["url"], lambda: account.secret("password"), KINDS) as db:
        logs = _logs(db, told, overlap)
        cel = _cel(db) if told.get("cel", True) is not False else ()
        now = _now(db, told)
        reader = _Reader(db=db, logs=logs, cel=cel, size=size, now=now, young=now - overlap)
        reached = span.cursors.get(CURSOR)
        first = last = None
        if span.start is not None:
            first = _wall(db, told, span.start)
        elif reached is not None:
            first = dt.datetime.fromisoformat(reached) - overlap
        if span.end is not None:
            last = _wall(db, told, span.end)
        if first is not None:
            for log in logs:
                yield from reader.slice(log, (first - log.before, first), EARLIER)
        yield from reader.days(first, last, reached)
        if last is not None:
            for log in logs:
                yield from reader.slice(log, (last, last + overlap), EARLIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads the tables that are there."""

    db: Database
    logs: Sequence[_Log]
    cel: tuple[str, ...]
    size: int
    now: dt.datetime
    young: dt.datetime

    def days(
        self, first: dt.datetime | None, last: dt.datetime | None, reached: str | None
    ) -> Iterator[Page]:
        """Read all tables day by day; only the end of a day moves the cursor."""
        for since, until in _days(self.db, self.logs, (first, last), self.now):
            newest = since
            for log in self.logs:
                for page in self.slice(log, (since, until), None):
                    yield page
                    newest = max(newest, *_moments(log, page.rows))
                    yield from _causes(self.db, log, page.rows, self.cel)
            # a row from the future must not keep us from ever reading on
            done = min(newest, self.now).strftime(_FORM)
            stays = last is not None or (reached or "") >= done
            nothing = texts((*self.logs[0].columns, CONTEXT), [])
            cursors = {} if stays else {CURSOR: done}
            yield Page(stream=self.logs[0].stream, rows=nothing, cursors=cursors)

    def slice(
        self, log: _Log, between: tuple[dt.datetime, dt.datetime | None], mark: str | None
    ) -> Iterator[Page]:
        """Read a range of a table; what is not context by itself may be young."""
        first, last = between
        pages = self.db.ordered(
            log.table,
            log.columns,
            log.by.name,
            first=log.said(first),
            last=None if last is None else log.said(last),
            size=self.size,
        )
        for rows in pages:
            marks = [mark] * rows.num_rows if mark else self._marks(log, rows)
            told = said_in_utc(rows, log.times)
            told = told.append_column(CONTEXT, pa.array(marks, pa.string()))
            yield Page(stream=log.stream, rows=told)

    def _marks(self, log: _Log, rows: pa.Table) -> list[str | None]:
        old: list[str | None] = [None] * rows.num_rows
        if log.stream != QUEUE_STREAM:
            return old
        (newest,) = _moments(log, rows) or [self.young]
        if newest < self.young:
            return old
        moments = (log.moment(value) for value in rows[log.by.name].to_pylist())
        return [YOUNG if at is not None and at >= self.young else None for at in moments]


def probe(account: Account) -> Sequence[str]:
    """Say which tables can be read.

    Raises:
        ServerError: The database does not answer, or has no such table.
    """
    told = checked_settings(account.settings, SETTINGS)
    with open_database(told["url"], lambda: account.secret("password"), KINDS) as db:
        found = []
        for log in _logs(db, told, _DAY):
            least = db.least(log.table, log.by.name, log.said(_EARLIEST))
            since = f"with rows since {least}" if least else "and has no rows yet"
            found.append(f"The table {log.table} can be read, {since}.")
        if QUEUE_STREAM not in {log.stream for log in _logs(db, told, _DAY)}:
            found.append("There is no table of queue events, so nothing is known of agents' time.")
    return found


def _logs(db: Database, told: Mapping[str, object], overlap: dt.timedelta) -> list[_Log]:
    days = dt.timedelta(days=whole(told, "login_days", 7, 60))
    where = zone(str(told.get("timezone") or "UTC"))
    table = named_table(told.get("cdr_table") or "cdr")
    columns = db.columns(table, CDR)
    by = "calldate" if "calldate" in columns else "start"
    if by not in columns:
        raise ServerError(
            f"there is no table {table} of call records that this user may read; say its name with "
            "cdr_table, and grant SELECT on it"
        )
    column = TimeColumn(by, "wall", where)
    found = [_Log(stream="cdr", table=table, columns=columns, by=column, before=overlap)]
    wanted = told.get("queue_table")
    for table in (named_table(wanted),) if wanted else _QUEUE_TABLES:
        columns = db.columns(table, QUEUE_LOG)
        if "time" in columns:
            least = db.least(table, "time") if "time" in db.indexed(table) else None
            column = TimeColumn("time", "epoch" if is_epoch(least) else "wall", where)
            found.append(
                _Log(stream=QUEUE_STREAM, table=table, columns=columns, by=column, before=days)
            )
            break
        if wanted:
            raise ServerError(f"there is no table {table} of queue events that this user may read")
    for log in found:
        if log.by.name not in db.indexed(log.table):
            by = log.by.name
            raise ServerError(
                f"the table {log.table} has no index on {by}, and reading it would slow the "
                f"PBX down; run CREATE INDEX {log.table}_{by} ON {log.table} ({by})"
            )
    return [_with_instants(db, log) for log in found]


def _with_instants(db: Database, log: _Log) -> _Log:
    """Find out which times of a table are instants."""
    instants = db.instants(log.table)
    by = replace(log.by, form="instant") if log.by.name in instants else log.by
    return replace(log, by=by, times=tuple(each for each in log.columns if each in instants))


def _cel(db: Database) -> tuple[str, ...]:
    columns = db.columns("cel", CEL)
    return columns if "linkedid" in columns and "linkedid" in db.indexed("cel") else ()


def _days(
    db: Database,
    logs: Sequence[_Log],
    between: tuple[dt.datetime | None, dt.datetime | None],
    now: dt.datetime,
) -> Iterator[tuple[dt.datetime, dt.datetime | None]]:
    """Cut the time to read into days; those without any row are passed over."""
    first, last = between
    begin = first or _earliest(db, logs, _EARLIEST)
    while begin is not None:
        until = begin + _DAY
        if last is not None and until >= last:
            yield begin, last
            return
        if until > now:
            yield begin, last
            return
        yield begin, until
        begin = _earliest(db, logs, until)


def _earliest(db: Database, logs: Sequence[_Log], since: dt.datetime) -> dt.datetime | None:
    found = [log.moment(db.least(log.table, log.by.name, log.said(since))) for log in logs]
    return min((at for at in found if at is not None), default=None)


def _moments(log: _Log, rows: pa.Table) -> list[dt.datetime]:
    found = [log.moment(value) for value in rows[log.by.name].to_pylist()[-1:]]
    return [at for at in found if at is not None]


def _causes(db: Database, log: _Log, rows: pa.Table, cel: tuple[str, ...]) -> Iterator[Page]:
    """Read what CEL says of calls that failed."""
    if not cel or log.stream != "cdr" or "linkedid" not in rows.column_names:
        return
    failed = {
        str(name)
        for name, word in zip(
            rows["linkedid"].to_pylist(), rows["disposition"].to_pylist(), strict=True
        )
        if name and str(word).upper() in _WHY
    }
    if failed:
        for found in db.found("cel", cel, "linkedid", sorted(failed), size=200):
            yield Page(stream="cel", rows=found)


def _now(db: Database, told: Mapping[str, object]) -> dt.datetime:
    if db.started:
        return dt.datetime.fromisoformat(db.started)
    where = zone(str(told.get("timezone") or "UTC"))
    return dt.datetime.now(where).replace(tzinfo=None, microsecond=0)


def _wall(db: Database, told: Mapping[str, object], at: dt.datetime) -> dt.datetime:
    if not told.get("timezone") and db.started:
        return dt.datetime.fromisoformat(db.wall(at))
    where = zone(str(told.get("timezone") or "UTC"))
    return at.astimezone(where).replace(tzinfo=None)
