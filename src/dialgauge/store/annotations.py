"""What happened on a day that numbers alone do not tell?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dialgauge.errors import UsageError
from dialgauge.store.database import Database
from dialgauge.store.tables import ANNOTATIONS

_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A note on a day, such as "new script".

    Attributes:
        id: Its number.
        day: The day.
        text: The note.
        where: What it is about, as filters of a page; empty for everything.
        teams: Whose teams read it; empty for everybody.
        by: Who wrote it.
        made_at: When it was written.
    """

    id: int
    day: dt.date
    text: str
    where: str
    teams: tuple[str, ...]
    by: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Annotations:
    """The notes of an application database."""

    database: Database

    def add(
        self, day: dt.date, text: str, where: str = "", *, by: str, teams: Collection[str] = ()
    ) -> Annotation:
        """Write a note.

        Args:
            day: The day.
            text: The note.
            where: What it is about, as filters of a page; empty for everything.
            by: Who writes it.
            teams: Whose teams read it; empty for everybody. What someone writes who sees only
                some teams is for those: others must not learn of them.

        Raises:
            UsageError: It is empty or too long.
        """
        text = " ".join(text.split())
        if not 1 <= len(text) <= _LONGEST or len(where) > 2 * _LONGEST:
            raise UsageError(f"write a note of 1 to {_LONGEST} characters")
        values = {
            "day": day,
            "text": text,
            "where": where,
            "teams": sorted(teams),
            "by": by,
            "made_at": self.database.clock(),
        }
        with self.database.writing() as con:
            made = sa.insert(ANNOTATIONS).values(**values).returning(ANNOTATIONS)
            return _annotation(con.execute(made).one())

    def list(
        self,
        start: dt.date | None = None,
        end: dt.date | None = None,
        teams: Collection[str] | None = None,
    ) -> tuple[Annotation, ...]:
        """List notes, the oldest day first.

        Args:
            start: The first day.
            end: The day after the last.
            teams: The teams of who reads; None for someone who sees all.
        """
        chosen = sa.select(ANNOTATIONS).order_by(ANNOTATIONS.c.day, ANNOTATIONS.c.id)
        if start is not None:
            chosen = chosen.where(ANNOTATIONS.c.day >= start)
        if end is not None:
            chosen = chosen.where(ANNOTATIONS.c.day < end)
        with self.database.reading() as con:
            found = [_annotation(row) for row in con.execute(chosen)]
        return tuple(
            each
            for each in found
            if teams is None or not each.teams or set(each.teams) & set(teams)
        )

    def remove(self, annotation_id: int, by: str | None = None) -> Annotation:
        """Take a note back.

        Args:
            annotation_id: Its number.
            by: Who must have written it; None for anybody.

        Raises:
            UsageError: There is no such note, or somebody else wrote it.
        """
        found = sa.delete(ANNOTATIONS).where(ANNOTATIONS.c.id == annotation_id)
        if by is not None:
            found = found.where(ANNOTATIONS.c.by == by)
        with self.database.writing() as con:
            row = con.execute(found.returning(ANNOTATIONS)).first()
        if row is None:
            raise UsageError(f"there is no note of yours with the number {annotation_id}")
        return _annotation(row)


def _annotation(row: Any) -> Annotation:
    return Annotation(
        id=row.id,
        day=row.day,
        text=row.text,
        where=row.where,
        teams=tuple(row.teams),
        by=row.by,
        made_at=row.made_at,
    )
