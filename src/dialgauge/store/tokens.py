"""Which programs may ask for someone?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dialgauge.errors import UsageError
from dialgauge.store.database import Database
from dialgauge.store.secrets import fingerprint, make_secret
from dialgauge.store.tables import TOKENS, USERS
from dialgauge.store.users import User, user_of

PREFIX = "dg_"
LONGEST = dt.timedelta(days=366)
_USED_EVERY = dt.timedelta(minutes=1)
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key that a program shows instead of someone's password.

    Attributes:
        id: Its number.
        user_id: For whom it asks.
        user: Their name.
        name: What it is for.
        scope: What it may at most; never more than its user may.
        made_at: When it was made.
        ends_at: Until when it opens.
        used_at: When it was used last, to the minute.
    """

    id: int
    user_id: int
    user: str
    name: str
    scope: tuple[str, ...]
    made_at: dt.datetime
    ends_at: dt.datetime
    used_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of an application database; it knows only their fingerprints."""

    database: Database

    def make(self, user_id: int, name: str, scope: Iterable[str], ends_at: dt.datetime) -> str:
        """Make a token and return its secret, which cannot be shown again.

        Args:
            user_id: For whom it asks.
            name: What it is for.
            scope: What it may.
            ends_at: Until when; at most 366 days from now.

        Raises:
            UsageError: It has no name or scope, or its end is past or too far off.
        """
        at, allowed = self.database.clock(), sorted(set(scope))
        if not 1 <= len(name.strip()) <= _LONGEST_NAME:
            raise UsageError(
                f"say in 1 to {_LONGEST_NAME} characters what the token is for, such as: report"
            )
        if not allowed:
            raise UsageError("a token that may do nothing is of no use; allow it something")
        if not at < ends_at <= at + LONGEST:
            raise UsageError(
                f"a token ends in the future and within {LONGEST.days} days; choose such a day"
            )
        secret = make_secret(PREFIX)
        with self.database.writing() as con:
            con.execute(
                sa.insert(TOKENS).values(
                    hash=fingerprint(secret),
                    user_id=user_id,
                    name=name.strip(),
                    scope=allowed,
                    made_at=at,
                    ends_at=ends_at,
                )
            )
        return secret

    def find(self, secret: str) -> tuple[Token, User] | None:
        """Find a token that opens now, and for whom it asks."""
        at, kept = self.database.clock(), fingerprint(secret)
        chosen = (
            sa.select(USERS, *_LABELLED)
            .join(TOKENS, TOKENS.c.user_id == USERS.c.id)
            .where(TOKENS.c.hash == kept, TOKENS.c.ends_at > at, ~USERS.c.disabled)
        )
        with self.database.reading() as con:
            row = con.execute(chosen).first()
        if row is None:
            return None
        if row.token_used_at is None or at - row.token_used_at >= _USED_EVERY:
            with self.database.writing() as con:
                con.execute(sa.update(TOKENS).where(TOKENS.c.hash == kept).values(used_at=at))
        return _token(row), user_of(row)

    def revoke(self, token_id: int, user_id: int | None = None) -> Token:
        """End a token at once.

        Args:
            token_id: Its number.
            user_id: Whose it must be; None for anybody's.

        Raises:
            UsageError: There is no such token, or it is somebody else's.
        """
        for token in self.list(user_id):
            if token.id == token_id:
                with self.database.writing() as con:
                    con.execute(sa.delete(TOKENS).where(TOKENS.c.id == token_id))
                return token
        raise UsageError(f"there is no token with the number {token_id}; look under Tokens")

    def list(self, user_id: int | None = None) -> tuple[Token, ...]:
        """List someone's tokens, or everybody's, the newest first."""
        chosen = (
            sa.select(USERS.c.name, USERS.c.id, *_LABELLED)
            .join(TOKENS, TOKENS.c.user_id == USERS.c.id)
            .order_by(TOKENS.c.id.desc())
        )
        if user_id is not None:
            chosen = chosen.where(TOKENS.c.user_id == user_id)
        with self.database.reading() as con:
            return tuple(_token(row) for row in con.execute(chosen))


_LABELLED = tuple(column.label(f"token_{column.name}") for column in TOKENS.c)


def _token(row: Any) -> Token:
    return Token(
        id=row.token_id,
        user_id=row.token_user_id,
        user=row.name,
        name=row.token_name,
        scope=tuple(row.token_scope),
        made_at=row.token_made_at,
        ends_at=row.token_ends_at,
        used_at=row.token_used_at,
    )
