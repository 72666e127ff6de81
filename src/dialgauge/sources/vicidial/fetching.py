"""How are the rows of a running VICIdial read without slowing the dialler down?

Calls keep changing for a while: their status is set when the agent is done, and the agent's own
row comes even later. So each time the last hours are read again, together with what belongs to
their calls and happened before. Such earlier rows are marked as context: they help to understand
a call, and no call is made of them, because what belongs to *it* was not read.

The logs are read day by day, all of them for a day before the next day, and only then the cursor
moves. Whoever stops in between goes on at that day. The cursors are named for what they move, not
for a table: a call is made of rows of many tables, so their pages must stay together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from dialgauge.errors import ServerError, UsageError
from dialgauge.sources.databases import PAGE, Database, open_database, texts
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings, whole
from dialgauge.sources.vicidial.tables import (
    AGENT_LOG,
    ARCHIVE,
    CALLBACKS,
    CARRIER,
    CLOSER,
    CONTEXT,
    DNC_TABLES,
    LEADS,
    LEFT_OUT,
    LOG,
    LOGS,
    NOBODY,
    OPTIONAL,
    PARKS,
    RECORDINGS,
    SMALL,
    TIMECLOCK,
    Source,
)

SETTINGS = (
    Setting(
        "url",
        "Under which address does the database answer (better a replica than the dialler's own)?",
        "mysql://reader@replica.example:3306/asterisk",
    ),
    Setting("page_rows", "How many rows may be asked for at once?", "2000", required=False),
    Setting("overlap_hours", "For how many hours can a call still change?", "3", required=False),
    Setting("carrier_log", "Shall vicidial_carrier_log be read too?", "true", required=False),
    Setting(
        "do_not_call_lists",
        "Shall its do-not-call lists be asked for the numbers of leads?",
        "false",
        required=False,
    ),
    Setting("timezone", "In which zone is its clock?", "America/New_York", required=False),
)
"""What `fetch` must be told."""

SECRETS = (Setting("password", "What is the password of that database user?"),)
"""What `fetch` asks for and nobody writes down."""

CURSOR, LEADS_CURSOR = "logs", "leads"
"""The names of the cursors."""

_DAY = dt.timedelta(days=1)
_LONGEST_CYCLE = dt.timedelta(seconds=65_535) + dt.timedelta(hours=1)
_SWEEP = dt.timedelta(days=1)
_FORM = "%Y-%m-%d %H:%M:%S"
_EARLIEST = "1990-01-01 00:00:00"
_MOST_PAGE, _MOST_OVERLAP = 20_000, 72


@dataclass(slots=True)
class _Seen:
    """What the calls of a slice are called, to look up what belongs to them."""

    calls: set[str] = field(default_factory=set)
    talked_to: set[str] = field(default_factory=set)
    leads: set[str] = field(default_factory=set)
    latest: str = ""
    rows: int = 0

    def add(self, table: Source, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        dates = [at for at in rows[table.by].to_pylist() if at]
        self.latest = max([self.latest, *dates])
        if table not in {LOG, CLOSER}:
            return
        names, users, leads = (
            rows[name].to_pylist() if name in rows.column_names else [None] * rows.num_rows
            for name in (table.key[0], "user", "lead_id")
        )
        self.leads |= {lead for lead in leads if lead}
        for name, user, lead in zip(names, users, leads, strict=True):
            if name and (user or "").upper() not in NOBODY:
                self.calls.add(name)
                if lead:
                    self.talked_to.add(lead)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tables as far as they are there."""

    db: Database
    size: int
    there: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    lists: tuple[Source, ...] = ()

    def columns(self, table: Source, name: str) -> tuple[str, ...]:
        if name not in self.there:
            found = self.db.columns(name, table.columns)
            if found and table not in SMALL and table.by not in self.db.indexed(name):
                why = f"no index on {table.by}, and reading it would lock it"
                if table not in OPTIONAL:
                    raise ServerError(
                        f"the table {name} has {why}; add the index on a replica, or import a "
                        "dump of the table"
                    )
                self.left_out[name] = f"it has {why}; add the index on a replica"
                found = ()
            self.there[name] = found if table.by in found else ()
        return self.there[name]

    def present(self, tables: Sequence[Source]) -> Iterator[Page]:
        """Say which of some tables are read, though they may have no rows, and which are not."""
        for table in tables:
            names = self.columns(table, table.name)
            if names:
                yield Page(stream=table.name, rows=texts((*names, CONTEXT), []))
        if self.left_out:
            yield Page(stream=LEFT_OUT, rows=texts(("name", "why"), [*self.left_out.items()]))

    def small(self, table: Source) -> Iterator[Page]:
        names = self.columns(table, table.name)
        if names:
            for rows in self.db.ordered(table.name, names, table.by, size=self.size):
                yield Page(stream=table.name, rows=rows)

    def slice(
        self, table: Source, first: str | None, last: str | None, *, context: bool
    ) -> Iterator[Page]:
        """Read a log from a moment up to another.

        The live table comes first: what is moved to the archive meanwhile is then found there.
        """
        for name in (table.name, table.name + ARCHIVE):
            names = self.columns(table, name)
            if not names or (name != table.name and not self._moved(table, first)):
                continue
            pages = self.db.ordered(name, names, table.by, first=first, last=last, size=self.size)
            for rows in pages:
                yield Page(stream=name, rows=_marked(rows, context=context))

    def clock(self, first: str | None, last: str | None, *, context: bool) -> Iterator[Page]:
        """Read the time clock from a moment up to another; its index is of epochs."""
        names = self.columns(TIMECLOCK, TIMECLOCK.name)
        if names:
            since, until = (None if at is None else self._epoch(at) for at in (first, last))
            pages = self.db.ordered(
                TIMECLOCK.name, names, TIMECLOCK.by, first=since, last=until, size=self.size
            )
            for rows in pages:
                yield Page(stream=TIMECLOCK.name, rows=_marked(rows, context=context))

    def _epoch(self, wall: str) -> int:
        """Return the epoch at which the server's clocks show a time."""
        query = "SELECT UNIX_TIMESTAMP(CONVERT_TZ(%s, @@global.time_zone, '+00:00'))"
        return int(self.db.con.exec_driver_sql(query, (wall,)).scalar_one())

    def _moved(self, table: Source, first: str | None) -> bool:
        """Say whether rows from a moment on may lie in the archive."""
        if first is None or not self.columns(table, table.name):
            return True
        oldest = self.db.least(table.name, table.by, _EARLIEST)
        return oldest is None or oldest > first

    def found(self, table: Source, values: set[str]) -> Iterator[Page]:
        for name in (table.name, table.name + ARCHIVE)[: 1 + table.archived]:
            names = self.columns(table, name)
            if names and values:
                wanted = sorted(values)
                for rows in self.db.found(name, names, table.by, wanted, size=self.size // 2):
                    yield Page(stream=name, rows=rows)

    def with_lists(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Ask for the numbers of leads in the do-not-call lists, before each page of leads.

        A page may move the cursor, and then what belongs to it must have been read.
        """
        for page in pages:
            if self.lists and "phone_number" in page.rows.column_names:
                numbers = {number for number in page.rows["phone_number"].to_pylist() if number}
                for table in self.lists:
                    yield from self.found(table, numbers)
            yield page

    def earliest(self, logs: Sequence[Source], since: str) -> str | None:
        found = [
            self.db.least(name, table.by, since)
            for table in logs
            for name in (table.name, table.name + ARCHIVE)
            if self.columns(table, name)
        ]
        return min((at for at in found if at), default=None)


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read what is new in a running VICIdial, or what happened in a span.

    Args:
        account: Its settings are `SETTINGS`, its secret `SECRETS`.
        span: From where to where; without cursors and start everything is read.

    Yields:
        Small pages, in the order described above.

    Raises:
        EngineError: The database's driver is not installed.
        ServerError: The database does not answer, or has no VICIdial.
        UsageError: A setting is not allowed.
    """
    settings = checked_settings(account.settings, SETTINGS)
    size = whole(settings, "page_rows", PAGE, _MOST_PAGE)
    overlap = dt.timedelta(hours=whole(settings, "overlap_hours", 3, _MOST_OVERLAP))
    logs = tuple(each for each in LOGS if each is not CARRIER or _yes(settings, "carrier_log"))
    with open_database(settings["url"], lambda: account.secret("password")) as db:
        lists = DNC_TABLES if _yes(settings, "do_not_call_lists", default=True) else ()
        reader = _Reader(db, max(size, 2), lists=lists)
        if not reader.columns(LOG, LOG.name):
            raise ServerError(
                "the database has no table vicidial_log that this user may read; name the "
                "database of VICIdial (asterisk, as a rule) and grant SELECT on it"
            )
        for table in SMALL:
            yield from reader.small(table)
        unread = set(DNC_TABLES) - set(lists)
        yield from reader.present([each for each in OPTIONAL if each not in unread])
        yield from reader.with_lists(_leads(reader, span))
        yield from _logs(reader, logs, span, overlap)


def probe(account: Account) -> Sequence[str]:
    """Try the access and say what is there.

    Raises:
        DialgaugeError: As `fetch`.
    """
    settings = checked_settings(account.settings, SETTINGS)
    with open_database(settings["url"], lambda: account.secret("password")) as db:
        reader = _Reader(db, PAGE)
        first = reader.earliest((LOG, CLOSER), _EARLIEST)
        if not reader.columns(LOG, LOG.name):
            raise ServerError("the database has no table vicidial_log that this user may read")
        tables = [
            each.name for each in (*SMALL, *LOGS, TIMECLOCK) if reader.columns(each, each.name)
        ]
        said = [f"{len(tables)} tables of VICIdial can be read; its clock shows {db.started}."]
        said.append(f"Its calls begin on {first}." if first else "It has no calls yet.")
        return said


def _logs(
    reader: _Reader, logs: Sequence[Source], span: Span, overlap: dt.timedelta
) -> Iterator[Page]:
    cursor = span.cursors.get(CURSOR, "")
    # the leads of calls, unless all leads have just been read
    leads = LEADS_CURSOR in span.cursors or span.start is not None
    first = _moment(reader.db.wall(span.start)) if span.start else None
    last = _moment(reader.db.wall(span.end)) if span.end else None
    if first is None and cursor:
        first = _moment(cursor) - overlap
    if first is not None:
        yield from _before(reader, logs, first, overlap)
    clocked = _said(first) if first else None
    for since, until in _days(reader, logs, first, last):
        seen = _Seen()
        for table in logs:
            for page in reader.slice(table, since, until, context=False):
                seen.add(table, page.rows)
                yield page
        yield from reader.clock(clocked, until, context=False)
        clocked = until  # days without a call are passed over, but somebody may have been paid
        yield from reader.found(RECORDINGS, seen.calls)
        yield from reader.found(CALLBACKS, seen.talked_to)
        if leads:
            yield from reader.with_lists(reader.found(LEADS, seen.leads))
        if last is None and seen.latest:
            # not further than the rows: a replica may be behind; and not further than its clock:
            # one row from the future must not keep us from ever reading on
            reached = max(min(seen.latest, reader.db.started), cursor)
            nothing = texts(reader.columns(LOG, LOG.name), [])
            yield Page(stream=LOG.name, rows=nothing, cursors={CURSOR: reached})
    if last is not None:
        for table in logs:
            # parks also of the longest cycle, or its talk would be without the hold in it
            longest = _LONGEST_CYCLE if table is PARKS else dt.timedelta()
            after = _said(last + overlap + longest)
            yield from reader.slice(table, _said(last), after, context=True)
        after = _said(last + overlap + _LONGEST_CYCLE)
        yield from reader.clock(_said(last), after, context=True)


def _before(
    reader: _Reader, logs: Sequence[Source], first: dt.datetime, overlap: dt.timedelta
) -> Iterator[Page]:
    for table in logs:
        before = _LONGEST_CYCLE if table in {AGENT_LOG, PARKS} else overlap
        yield from reader.slice(table, _said(first - before), _said(first), context=True)
    yield from reader.clock(_said(first - _LONGEST_CYCLE), _said(first), context=True)


def _days(
    reader: _Reader, logs: Sequence[Source], first: dt.datetime | None, last: dt.datetime | None
) -> Iterator[tuple[str | None, str | None]]:
    """Cut the time to read into days; those without any row are passed over.

    Yields:
        Where a day begins, None for the very first row; where it ends, None for the newest row.
    """
    now = _moment(reader.db.started)
    begin = _said(first) if first else reader.earliest(logs, _EARLIEST)
    since = _said(first) if first else None
    while begin is not None:
        until = _moment(begin) + _DAY
        if last is not None and until >= last:
            yield since, _said(last)
            return
        if until > now:
            yield since, _said(last) if last else None
            return
        yield since, _said(until)
        begin = since = reader.earliest(logs, _said(until))


def _leads(reader: _Reader, span: Span) -> Iterator[Page]:
    """Read new leads, and once a day all that changed; those of calls come with the calls.

    modify_date has no index, so changes are looked for in small ranges of lead_id.
    """
    names = reader.columns(LEADS, LEADS.name)
    if not names:
        return
    now = dt.datetime.now(dt.UTC)
    reached, _, swept = span.cursors.get(LEADS_CURSOR, "").partition(" ")
    stamp = swept or now.isoformat(timespec="seconds")
    if span.start is not None:
        yield from _changed(reader, names, span.start, None)
        reached = str(_last_lead(reader))
    elif swept and now - dt.datetime.fromisoformat(swept) >= _SWEEP:
        since = dt.datetime.fromisoformat(swept) - dt.timedelta(hours=1)
        yield from _changed(reader, names, since, int(reached))
        stamp = now.isoformat(timespec="seconds")
    top = int(reached or 0)
    for rows in reader.db.ordered(LEADS.name, names, LEADS.by, first=top + 1, size=reader.size):
        top = int(rows[LEADS.by][-1].as_py())
        # a sweep counts once its own pages are kept, and those came before
        yield Page(stream=LEADS.name, rows=rows, cursors=_cursor(span, top, stamp))
    nothing = texts(names, [])
    yield Page(stream=LEADS.name, rows=nothing, cursors=_cursor(span, top, stamp))


def _cursor(span: Span, top: int, stamp: str) -> Mapping[str, str]:
    return {LEADS_CURSOR: f"{top} {stamp}"} if span.end is None else {}


def _changed(
    reader: _Reader, names: Sequence[str], since: dt.datetime, top: int | None
) -> Iterator[Page]:
    changed = ("modify_date", since.astimezone(dt.UTC).strftime(_FORM))
    found = reader.db.least(LEADS.name, LEADS.by, 0)
    while found is not None and (top is None or int(found) <= top):
        end = int(found) + reader.size
        pages = reader.db.ordered(
            LEADS.name, names, LEADS.by, first=int(found), last=end, changed=changed,
            size=reader.size + 1,
        )  # fmt: skip
        for rows in pages:
            yield Page(stream=LEADS.name, rows=rows)
        found = reader.db.least(LEADS.name, LEADS.by, end)


def _last_lead(reader: _Reader) -> int:
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    top: sa.ColumnElement[int] = sa.func.max(sa.column(LEADS.by))
    query = sa.select(top).select_from(sa.table(LEADS.name))
    return int(reader.db.con.execute(query).scalar_one() or 0)


def _marked(rows: pa.Table, *, context: bool) -> pa.Table:
    mark = pa.array(["1" if context else None] * rows.num_rows, pa.string())
    return rows.append_column(CONTEXT, mark)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _said(moment: dt.datetime) -> str:
    return moment.strftime(_FORM)


def _yes(settings: Mapping[str, object], name: str, *, default: bool = False) -> bool:
    value = settings.get(name, default)
    if not isinstance(value, bool):
        raise UsageError(f"the setting {name} is {value!r}, but must be true or false")
    return value
