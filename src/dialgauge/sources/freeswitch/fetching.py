"""How is the table of calls read in which FreeSWITCH, or FusionPBX, keeps its records?

A record is written when its leg ends and never changes, but a long call comes late: those that
began in the last hours are read again each time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from dialgauge.errors import ServerError, UsageError
from dialgauge.sources.databases import PAGE, Database, open_database
from dialgauge.sources.freeswitch.streams import STREAMS
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.zones import zone

SETTINGS = (
    Setting(
        "url",
        "Under which address does the database of the call records answer, if there is one?",
        "postgresql+psycopg://reader@replica.example:5432/cdr",
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
_FORM = "%Y-%m-%d %H:%M:%S"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


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
    table, order = _name(told.get("table") or "cdr"), _name(told.get("order") or _ORDERS[0])
    if order not in _ORDERS:
        raise UsageError(f"order is '{order}', but must be one of: {', '.join(_ORDERS)}")
    size = _whole(told.get("page_rows", PAGE), "page_rows", 20_000)
    overlap = dt.timedelta(hours=_whole(told.get("overlap_hours", 12), "overlap_hours", 168))
    own = [_name(name) for name in str(told.get("variables") or "").replace(",", " ").split()]
    where = zone(str(told.get("timezone") or "UTC"))

    def said(at: dt.datetime) -> str | int:
        if order == "start_epoch":
            return int(at.timestamp())
        return at.astimezone(where).strftime(_FORM)

    with open_database(told["url"], lambda: account.secret("password"), KINDS) as db:
        names = _columns(db, table, order, own)
        first: str | int | None = None
        reached = span.cursors.get("cdr")
        if span.start is not None:
            first = said(span.start - overlap)
        elif reached is not None:
            first = _before(reached, overlap)
        last = None if span.end is None else said(span.end + overlap)
        cursors: dict[str, str] = {}
        for rows in db.ordered(table, names, order, first=first, last=last, size=size):
            newest = rows[order][-1].as_py()
            # a row from the future must not keep us from reading on
            newest = min(str(newest or ""), str(said(dt.datetime.now(dt.UTC))))
            if newest > (reached or ""):
                cursors = {"cdr": newest}
            yield Page(stream="cdr", rows=rows, cursors=cursors)


def probe(account: Account) -> Sequence[str]:
    """Say what of the table can be read.

    Raises:
        ServerError: The database does not answer, or has no such table.
    """
    told = checked_settings(account.settings, SETTINGS)
    if not told.get("url"):
        return ["No database is read; FreeSWITCH sends its calls by itself."]
    table, order = _name(told.get("table") or "cdr"), _name(told.get("order") or _ORDERS[0])
    with open_database(told["url"], lambda: account.secret("password"), KINDS) as db:
        names = _columns(db, table, order, ())
        least = db.least(table, order)
    if least is None:
        return [f"The table {table} has {len(names)} columns that are read, and no calls yet."]
    return [f"The table {table} has {len(names)} columns that are read; calls since {least}."]


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


def _before(reached: str, overlap: dt.timedelta) -> str | int:
    if reached.isdigit():
        return int(reached) - int(overlap.total_seconds())
    at = dt.datetime.fromisoformat(reached)
    return (at - overlap).strftime(_FORM)


def _name(told: object) -> str:
    if not isinstance(told, str) or not _NAME.fullmatch(told):
        raise UsageError(f"'{told}' is no name of a table or column; write it such as cdr")
    return told


def _whole(value: object, name: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UsageError(f"{name} is {value!r}, but must be a whole number from 1 to {most}")
    return value
