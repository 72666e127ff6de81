"""Which pages did people keep, and who sees them?"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dialgauge.errors import UsageError
from dialgauge.store.database import Database
from dialgauge.store.tables import FIRST_VIEWS, USERS, VIEWS

_LONGEST_NAME = 100
_LONGEST_QUERY = 8_000


class Shared(enum.Enum):
    """Who sees a view beside its owner."""

    ME = "me"
    TEAM = "team"  # whoever shares a team with its owner
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page that someone kept under a name.

    Attributes:
        id: Its number.
        owner: The number of who kept it; None where nobody logs in.
        by: Their name.
        name: Its name.
        page: The page's path, such as `/overview`.
        query: What stands behind the question mark.
        shared: Who sees it.
        made_at: When it was kept.
    """

    id: int
    owner: int | None
    by: str
    name: str
    page: str
    query: str
    shared: Shared
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Views:
    """The kept pages of an application database."""

    database: Database

    def keep(
        self, owner: int | None, name: str, page: str, query: str, shared: Shared = Shared.ME
    ) -> View:
        """Keep a page; one of the owner's with this name is replaced.

        Args:
            owner: Who keeps it; None where nobody logs in.
            name: Its name.
            page: The page's path.
            query: What stands behind the question mark.
            shared: Who sees it.

        Raises:
            UsageError: The name is empty, or the path is none of this server.
        """
        name = " ".join(name.split())
        if not 1 <= len(name) <= _LONGEST_NAME:
            raise UsageError(f"give the view a name of 1 to {_LONGEST_NAME} characters")
        if not page.startswith("/") or page.startswith("//") or "\\" in page or "?" in page:
            raise UsageError(f"'{page}' is not a page; write its path, such as /overview")
        if len(query) > _LONGEST_QUERY:
            raise UsageError(f"a view of more than {_LONGEST_QUERY} characters cannot be kept")
        with self.database.writing() as con:
            con.execute(sa.delete(VIEWS).where(_whose(owner), VIEWS.c.name == name))
            values = {"user_id": owner, "name": name, "page": page, "query": query}
            made = sa.insert(VIEWS).values(
                **values, shared=shared.value, made_at=self.database.clock()
            )
            number = con.execute(made.returning(VIEWS.c.id)).scalar_one()
            row = con.execute(_chosen().where(VIEWS.c.id == number)).one()
        return _view(row)

    def list(self, user_id: int | None, teams: Collection[str] = ()) -> tuple[View, ...]:
        """List what someone sees: their own, their team's and those of all.

        Args:
            user_id: Who looks; None where nobody logs in.
            teams: Their teams.
        """
        with self.database.reading() as con:
            rows = con.execute(_chosen().order_by(VIEWS.c.name, VIEWS.c.id)).all()
        return tuple(_view(row) for row in rows if _sees(row, user_id, frozenset(teams)))

    def remove(self, view_id: int, owner: int | None) -> View:
        """Give up a view of one's own.

        Raises:
            UsageError: There is no such view, or it is somebody else's.
        """
        with self.database.writing() as con:
            row = con.execute(_chosen().where(VIEWS.c.id == view_id, _whose(owner))).first()
            if row is None:
                raise UsageError(f"there is no view of yours with the number {view_id}")
            con.execute(sa.delete(VIEWS).where(VIEWS.c.id == view_id))
        return _view(row)

    def put_first(self, view_id: int | None, user_id: int | None, *, for_all: bool = False) -> None:
        """Say which view someone, or everybody who has not chosen, sees first.

        Args:
            view_id: The view; None for none.
            user_id: Who chooses; None where nobody logs in.
            for_all: Choose for everybody; only what is shared with all can be seen by all.
        """
        whose = "all" if for_all else _key(user_id)
        with self.database.writing() as con:
            con.execute(sa.delete(FIRST_VIEWS).where(FIRST_VIEWS.c.whose == whose))
            if view_id is not None:
                row = con.execute(sa.select(VIEWS).where(VIEWS.c.id == view_id)).first()
                if row is None or (for_all and row.shared != Shared.ALL.value):
                    raise UsageError(
                        f"there is no view with the number {view_id} that is shared with those "
                        "who shall see it first"
                    )
                con.execute(sa.insert(FIRST_VIEWS).values(whose=whose, view_id=view_id))

    def first(self, user_id: int | None, teams: Collection[str] = ()) -> View | None:
        """Give the view that someone sees first: their own choice, else everybody's."""
        wanted = sa.select(FIRST_VIEWS).where(FIRST_VIEWS.c.whose.in_((_key(user_id), "all")))
        with self.database.reading() as con:
            chosen = {row.whose: row.view_id for row in con.execute(wanted)}
        seen = {view.id: view for view in self.list(user_id, teams)} if chosen else {}
        return seen.get(chosen.get(_key(user_id), 0)) or seen.get(chosen.get("all", 0))


def _chosen() -> sa.Select[Any]:
    return sa.select(VIEWS, USERS.c.name.label("by"), USERS.c.teams).outerjoin(
        USERS, VIEWS.c.user_id == USERS.c.id
    )


def _whose(owner: int | None) -> sa.ColumnElement[bool]:
    return VIEWS.c.user_id.is_(None) if owner is None else VIEWS.c.user_id == owner


def _key(user_id: int | None) -> str:
    return "home" if user_id is None else f"user {user_id}"


def _sees(row: Any, user_id: int | None, teams: frozenset[str]) -> bool:
    if row.user_id == user_id or row.shared == Shared.ALL.value:
        return True
    return row.shared == Shared.TEAM.value and bool(teams & set(row.teams or ()))


def _view(row: Any) -> View:
    return View(
        id=row.id,
        owner=row.user_id,
        by=row.by or "",
        name=row.name,
        page=row.page,
        query=row.query,
        shared=Shared(row.shared),
        made_at=row.made_at,
    )
