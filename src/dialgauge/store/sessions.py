"""Who is logged in?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dialgauge.store.database import Database
from dialgauge.store.secrets import fingerprint, make_secret
from dialgauge.store.tables import HANDSHAKES, SESSIONS, USERS
from dialgauge.store.users import User, user_of

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=7)
_SEEN_EVERY = dt.timedelta(minutes=1)
_HANDSHAKE = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The log-ins of an application database; it knows only the fingerprints of their secrets."""

    database: Database

    def open(self, user_id: int) -> str:
        """Log someone in and return the secret that their browser keeps."""
        at, secret = self.database.clock(), make_secret()
        values = {"hash": fingerprint(secret), "user_id": user_id, "opened_at": at, "seen_at": at}
        with self.database.writing() as con:
            con.execute(sa.delete(SESSIONS).where(_over(at)))
            con.execute(sa.insert(SESSIONS).values(**values))
        return secret

    def find(self, secret: str) -> User | None:
        """Find who has this secret; nobody when they are kept out or it was too long ago."""
        at, kept = self.database.clock(), fingerprint(secret)
        chosen = (
            sa.select(USERS, SESSIONS.c.seen_at)
            .join(SESSIONS, SESSIONS.c.user_id == USERS.c.id)
            .where(SESSIONS.c.hash == kept, ~_over(at), ~USERS.c.disabled)
        )
        with self.database.reading() as con:
            row = con.execute(chosen).first()
        if row is None:
            return None
        if at - row.seen_at >= _SEEN_EVERY:
            with self.database.writing() as con:
                seen = sa.update(SESSIONS).where(SESSIONS.c.hash == kept).values(seen_at=at)
                con.execute(seen)
        return user_of(row)

    def close(self, secret: str) -> None:
        """Log out."""
        with self.database.writing() as con:
            con.execute(sa.delete(SESSIONS).where(SESSIONS.c.hash == fingerprint(secret)))

    def remember(self, data: Mapping[str, Any]) -> str:
        """Keep for ten minutes what is agreed with a log-in service; return the secret to it."""
        at, secret = self.database.clock(), make_secret()
        values = {"hash": fingerprint(secret), "data": dict(data), "ends_at": at + _HANDSHAKE}
        with self.database.writing() as con:
            con.execute(sa.delete(HANDSHAKES).where(HANDSHAKES.c.ends_at <= at))
            con.execute(sa.insert(HANDSHAKES).values(**values))
        return secret

    def recall(self, secret: str) -> dict[str, Any] | None:
        """Take back what was remembered; a second time there is nothing."""
        kept = sa.delete(HANDSHAKES).where(HANDSHAKES.c.hash == fingerprint(secret))
        with self.database.writing() as con:
            row = con.execute(kept.returning(HANDSHAKES.c.data, HANDSHAKES.c.ends_at)).first()
        if row is None or row.ends_at <= self.database.clock():
            return None
        return dict(row.data)


def _over(at: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.or_(SESSIONS.c.seen_at <= at - IDLE, SESSIONS.c.opened_at <= at - LONGEST)
