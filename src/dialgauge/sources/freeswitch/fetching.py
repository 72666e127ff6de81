"""How is the table of calls read in which FreeSWITCH, or FusionPBX, keeps its records?

A record is written when its leg ends and never changes, but a long call comes late: those that
began in the last hours are read again each time. The hours before them are context: they help to
understand a call, and no call that began there is made. A leg of the last hours may be over before
the call it belongs to; it is marked as young, and waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from dialgauge.errors import ServerError, UsageError
from dialgauge.sources.databases import PAGE, Database, named_table, open_database, said_in_utc
from dialgauge.sources.freeswitch.streams import CONTEXT, EARLIER, STREAMS, YOUNG
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings, whole
from dialgauge.sources.moments import TimeColumn
from dialgauge.sources.zones import zone

SETTINGS = (
    Setting(
        "url",
        "Under which address does the database of the call records answer, if there is one?",
        "postgresql://reader@replica.example/cdr",
        required=False,
        asked=True,
    ),
    Setting("table", "What is the table called?", "cdr", required=False),
    Setting("order", "Which indexed column says when a call began?", "start_stamp", required=False),
    Setting("page_rows", "How many rows may be asked for at once?", "2000", required=False),
    Setting("overlap_hours", "How many hours does a call last at most?", "12", required=False),
    Setting("variables", "Which columns of your own are read?", "campaign_id", required=False),
    Setting("timezone", "In which zone are its times?", "Europe/Berlin", required=False),
)
"""What `fetch` must be told."""

SECRETS = (Setting("password", "What is the password of that database user?", required=False),)
"""What `fetch` asks for and nobody writes down."""

KINDS = ("mysql", "mariadb", "postgresql", "sqlite")
_ORDERS = ("start_stamp", "start_epoch")
_TIMES = ("start_stamp", "answer_stamp", "end_stamp")


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read the table of calls in the order in which they began.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        EngineError: A driver is not installed.
        ServerError: The database does not answer, or the table has no index to read it by.
        UnknownNameError: A setting does not exist.
        UsageError: A setting is not allowed.
    """
    told = checked_settings(account.settings, SETTINGS)
    if not told.get("url"):
        raise UsageError(
            "the setting url is missing; write where the database of the call records is, or "
            "hook = true and no other setting when FreeSWITCH sends them by itself"
        )
    table, order = _place(told)
    if order not in _ORDERS:
        raise UsageError(f"order is '{order}', but must be one of: {', '.join(_ORDERS)}")
    size = whole(told, "page_rows", PAGE, 20_000)
    overlap = dt.timedelta(hours=whole(told, "overlap_hours", 12, 168))
    own = [named_table(name) for name in str(told.get("variables") or "").replace(",", " ").split()]
    where = zone(str(told.get("timezone") or "UTC"))
    now = dt.datetime.now(dt.UTC)
    with open_database(told["url"], lambda: account.secret("password"), KINDS) as db:
        names = _columns(db, table, order, own)
        instants = db.instants(table)
        times = [name for name in _TIMES if name in names and name.lower() in instants]
        form = "epoch" if order == _ORDERS[1] else "instant" if order in instants else "wall"
        column = TimeColumn(order, form, where)
        reader = _Reader(db=db, table=table, names=names, times=times, column=column, size=size)
        reached = column.moment(span.cursors.get("cdr"))
        first = span.start or (None if reached is None else reached - overlap)
        if first is not None:
            yield from reader.pages(first - overlap, first)
        for page in reader.pages(first, span.end, young=now - overlap):
            newest = column.moment(page.rows[order][-1].as_py())
            if newest is not None and span.end is None:
                # a row from the future must not keep us from reading on
                newest = min(newest, now)
                if reached is None or newest > reached:
                    reached = newest
            moved = reached is not None and span.end is None
            cursors = {"cdr": str(column.said(reached))} if moved and reached is not None else {}
            yield Page(stream="cdr", rows=page.rows, cursors=cursors)
        if span.end is not None:
            yield from reader.pages(span.end, span.end + overlap)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads ranges of the table.

    Attributes:
        db: Where it is.
        table: Its name.
        names: The columns that are read.
        times: Those of them that are instants.
        column: The one that orders.
        size: How many rows a page has.
    """

    db: Database
    table: str
    names: Sequence[str]
    times: Sequence[str]
    column: TimeColumn
    size: int

    def pages(
        self, first: dt.datetime | None, last: dt.datetime | None, young: dt.datetime | None = None
    ) -> Iterator[Page]:
        """Read a range; without `young` it is context, else legs since then may be early."""
        pages = self.db.ordered(
            self.table,
            self.names,
            self.column.name,
            first=None if first is None else self.column.said(first),
            last=None if last is None else self.column.said(last),
            size=self.size,
        )
        for rows in pages:
            marks = pa.array(self._marks(rows, young), pa.string())
            told = said_in_utc(rows, self.times).append_column(CONTEXT, marks)
            yield Page(stream="cdr", rows=told)

    def _marks(self, rows: pa.Table, young: dt.datetime | None) -> list[str | None]:
        if young is None:
            return [EARLIER] * rows.num_rows
        began = rows[self.column.name]
        last = self.column.moment(began[-1].as_py())
        if last is not None and last < young:
            return [None] * rows.num_rows
        moments = (self.column.moment(value) for value in began.to_pylist())
        return [YOUNG if at is not None and at >= young else None for at in moments]


def probe(account: Account) -> Sequence[str]:
    """Say what of the table can be read.

    Raises:
        ServerError: The database does not answer, or has no such table.
    """
    told = checked_settings(account.settings, SETTINGS)
    if not told.get("url"):
        return ["No database is read; FreeSWITCH sends its calls by itself."]
    table, order = _place(told)
    with open_database(told["url"], lambda: account.secret("password"), KINDS) as db:
        names = _columns(db, table, order, ())
        least = db.least(table, order)
    if least is None:
        return [f"The table {table} has {len(names)} columns that are read, and no calls yet."]
    return [f"The table {table} has {len(names)} columns that are read; calls since {least}."]


def _place(told: Mapping[str, object]) -> tuple[str, str]:
    """Say which table is read, and which of its columns orders it."""
    return named_table(told.get("table") or "cdr"), named_table(told.get("order") or _ORDERS[0])


def _columns(db: Database, table: str, order: str, own: Sequence[str]) -> tuple[str, ...]:
    names = db.columns(table, tuple(dict.fromkeys((*STREAMS["cdr"], *own))))
    if order not in names:
        raise ServerError(
            f"there is no table {table} with a column {order} that this user may read; say the "
            "table's name with the setting table, and grant SELECT on it"
        )
    if order not in db.indexed(table):
        raise ServerError(
            f"the table {table} has no index on {order}, and reading it would burden the server; "
            f"run CREATE INDEX {table}_{order} ON {table} ({order})"
        )
    return names
