"""Who did what, and when?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from dialgauge.store.database import Database
from dialgauge.store.tables import AUDIT

_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit trail.

    Attributes:
        id: Its number.
        at: When.
        who: The user's name; empty where nobody logs in.
        what: The kind of deed, such as `login` or `export`.
        detail: What it was done to.
        address: From where.
    """

    id: int
    at: dt.datetime
    who: str
    what: str
    detail: str
    address: str


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit trail: lines are added and never changed."""

    database: Database

    def write(self, who: str, what: str, detail: str = "", address: str = "") -> None:
        """Add a line."""
        values = {"who": who, "what": what, "detail": detail[:_LONGEST], "address": address}
        with self.database.writing() as con:
            con.execute(sa.insert(AUDIT).values(at=self.database.clock(), **values))

    def list(self, limit: int = 100, before: int | None = None) -> tuple[Entry, ...]:
        """List lines, the newest first.

        Args:
            limit: At most so many.
            before: Only those older than the line of this number, for the next page.
        """
        chosen = sa.select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(AUDIT.c.id < before)
        with self.database.reading() as con:
            return tuple(Entry(**row._mapping) for row in con.execute(chosen))  # noqa: SLF001
