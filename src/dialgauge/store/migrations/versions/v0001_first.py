"""What did the first application database hold?"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    _people()
    _kept()
    _decided()
    _records()


def downgrade() -> None:
    """Drop them; views first, which name users."""
    for name in (
        *("handshakes", "attempts", "audit", "decided", "segments", "targets", "annotations"),
        *("first_views", "views", "tokens", "sessions", "users"),
    ):
        op.drop_table(name)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _user(table: str, *, nullable: bool) -> sa.Column[Any]:
    key = sa.ForeignKey("users.id", name=f"fk_{table}_user_id_users", ondelete="CASCADE")
    return sa.Column("user_id", sa.Integer, key, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, nullable=False),
        _text("name"),
        _text("name_key"),
        _text("role"),
        sa.Column("teams", sa.JSON, nullable=False),
        _text("agent"),
        _text("email"),
        sa.Column("password", sa.Text),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("disabled", sa.Boolean, nullable=False),
        _at("made_at"),
        _key("users", "id"),
        sa.UniqueConstraint("name_key", name="uq_users_name_key"),
        sa.UniqueConstraint("issuer", "subject", name="uq_users_issuer"),
    )
    op.create_table(
        "sessions",
        _text("hash"),
        _user("sessions", nullable=False),
        _at("opened_at"),
        _at("seen_at"),
        _key("sessions", "hash"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, nullable=False),
        _text("hash"),
        _user("tokens", nullable=False),
        _text("name"),
        sa.Column("scope", sa.JSON, nullable=False),
        _at("made_at"),
        _at("ends_at"),
        _at("used_at", nullable=True),
        _key("tokens", "id"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])


def _kept() -> None:
    op.create_table(
        "views",
        sa.Column("id", sa.Integer, nullable=False),
        _user("views", nullable=True),
        _text("name"),
        _text("page"),
        _text("query"),
        _text("shared"),
        _at("made_at"),
        _key("views", "id"),
    )
    op.create_index("ix_views_user_id", "views", ["user_id"])
    view = sa.ForeignKey("views.id", name="fk_first_views_view_id_views", ondelete="CASCADE")
    op.create_table(
        "first_views",
        _text("whose"),
        sa.Column("view_id", sa.Integer, view, nullable=False),
        _key("first_views", "whose"),
    )
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        _text("text"),
        _text("where"),
        sa.Column("teams", sa.JSON, nullable=False),
        _text("by"),
        _at("made_at"),
        _key("annotations", "id"),
    )
    op.create_index("ix_annotations_day", "annotations", ["day"])


def _decided() -> None:
    op.create_table(
        "targets",
        _text("target_id"),
        sa.Column("kpi", sa.Text),
        sa.Column("value", sa.Double),
        _text("scope"),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        _text("by"),
        _at("made_at"),
        _key("targets", "target_id"),
    )
    op.create_table(
        "segments",
        _text("name"),
        sa.Column("rules", sa.JSON, nullable=False),
        _text("otherwise"),
        _text("by"),
        _at("made_at"),
        _key("segments", "name"),
    )
    decided = op.create_table(
        "decided",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _key("decided", "id"),
    )
    op.bulk_insert(decided, [{"id": 1, "version": 0}])


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        _at("at"),
        _text("who"),
        _text("what"),
        _text("detail"),
        _text("address"),
        _key("audit", "id"),
    )
    op.create_table(
        "attempts",
        _text("key"),
        sa.Column("taken", sa.Integer, nullable=False),
        _at("last_at"),
        _at("free_at"),
        _key("attempts", "key"),
    )
    op.create_table(
        "handshakes",
        _text("hash"),
        sa.Column("data", sa.JSON, nullable=False),
        _at("ends_at"),
        _key("handshakes", "hash"),
    )
