"""How does a database of any age become today's?"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from dialgauge.errors import StoreError
from dialgauge.store.database import Database

HEAD = "0001"
"""The newest step of the migrations."""

_LOCK = 0x6469_616C  # any number that nobody else takes


def migrate(database: Database) -> None:
    """Bring a database to today's tables.

    Processes that start at once wait for the one that changes it.

    Args:
        database: An empty one, or one of any older version.

    Raises:
        StoreError: A newer dialgauge has made it.
    """
    if _revision(database) == HEAD:
        return
    with database.writing() as con:
        if con.dialect.name == "postgresql":
            con.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _upgrade(con)


def _upgrade(con: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - only when there is something to change
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = con
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            "the application database was changed by a newer dialgauge; install that one, or "
            "name another database with the variable DIALGAUGE_DATABASE_URL"
        ) from error


def _revision(database: Database) -> str:
    with database.reading() as con:
        if not sa.inspect(con).has_table("alembic_version"):
            return ""
        return con.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""
