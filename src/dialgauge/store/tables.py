"""How does the application database keep what people made?

Migrations make these tables; a test holds both to each other.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """A moment in UTC, also where the database knows no zones, as SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Write a moment; it must have a zone."""
        if value is None:
            return None
        at = value.astimezone(dt.UTC)
        return at if dialect.name == "postgresql" else at.replace(tzinfo=None)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        """Read a moment, in UTC."""
        del dialect
        if value is None:
            return None
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


META = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of_user(*, nullable: bool) -> sa.Column[Any]:
    key = sa.ForeignKey("users.id", ondelete="CASCADE")
    return sa.Column("user_id", sa.Integer, key, nullable=nullable, index=True)


USERS = sa.Table(
    "users",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("teams", sa.JSON, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("password", sa.Text),
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.UniqueConstraint("issuer", "subject"),
)

SESSIONS = sa.Table(
    "sessions",
    META,
    sa.Column("hash", sa.Text, primary_key=True),
    _of_user(nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
)

TOKENS = sa.Table(
    "tokens",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    _of_user(nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scope", sa.JSON, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
)

VIEWS = sa.Table(
    "views",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    _of_user(nullable=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("shared", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)

FIRST_VIEWS = sa.Table(
    "first_views",
    META,
    sa.Column("whose", sa.Text, primary_key=True),
    sa.Column("view_id", sa.ForeignKey("views.id", ondelete="CASCADE"), nullable=False),
)

ANNOTATIONS = sa.Table(
    "annotations",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("where", sa.Text, nullable=False),
    sa.Column("teams", sa.JSON, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)

TARGETS = sa.Table(
    "targets",
    META,
    sa.Column("target_id", sa.Text, primary_key=True),
    sa.Column("kpi", sa.Text),
    sa.Column("value", sa.Double),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)

SEGMENTS = sa.Table(
    "segments",
    META,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("otherwise", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)

DECIDED = sa.Table(
    "decided",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)

AUDIT = sa.Table(
    "audit",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
)

ATTEMPTS = sa.Table(
    "attempts",
    META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("free_at", Moment, nullable=False),
)

HANDSHAKES = sa.Table(
    "handshakes",
    META,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
)
