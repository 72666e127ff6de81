"""Where is the application database, and how is it read and written safely?"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)

from dialgauge.errors import StoreError, UsageError

_WRITES = "dialgauge_writes"
_BUSY_MS = 10_000


def now() -> dt.datetime:
    """Tell the time, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Database:
    """A database that may be used from several threads and processes.

    Attributes:
        engine: SQLAlchemy's.
        clock: Tells the time.
    """

    engine: sa.Engine = field(repr=False)
    clock: Callable[[], dt.datetime] = now

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read; everything in the block sees one state."""
        with _told(), self.engine.connect() as con, con.begin():
            yield con

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Write all of the block or nothing of it.

        In SQLite the block has the database for itself, so that what it read stays true.
        """
        with _told(), self.engine.connect() as con:
            con.execution_options(**{_WRITES: True})
            with con.begin():
                yield con

    def insert_if_new(self, table: sa.Table, **values: Any) -> sa.Insert:
        """Write a row unless there is one with its key."""
        if self.engine.dialect.name == "postgresql":
            return postgresql.insert(table).values(**values).on_conflict_do_nothing()
        return sqlite.insert(table).values(**values).on_conflict_do_nothing()


def connect(url: str) -> sa.Engine:
    """Reach a database; it is not read yet.

    Args:
        url: `sqlite:///` and a path, or `postgresql://user:password@host/name`.

    Raises:
        UsageError: It is no address of a database that can be used.
        StoreError: The driver is not installed.
    """
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.partition("://")[2]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise UsageError(  # what it says is not repeated: there may be a password in it
            "the address of the application database begins neither with sqlite:/// nor with "
            "postgresql://; correct the variable DIALGAUGE_DATABASE_URL"
        )
    try:
        address = sa.make_url(url)
        if address.get_backend_name() == "postgresql":
            return sa.create_engine(address, pool_pre_ping=True, pool_size=10, max_overflow=30)
        return _sqlite(address)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise UsageError(
            "the address of the application database cannot be read; write it as "
            "postgresql://user:password@host/name in DIALGAUGE_DATABASE_URL"
        ) from error
    except ImportError as error:
        raise StoreError(
            'PostgreSQL needs its driver; run: pip install "dialgauge[postgres]"'
        ) from error


def _sqlite(address: sa.URL) -> sa.Engine:
    path = address.database
    if not path or path == ":memory:":
        raise UsageError("the application database needs a file: write sqlite:////path/of/the.db")
    try:
        # It holds password hashes: nobody else on the machine reads it. One that is there is left
        # alone: closing any handle of a file drops the locks that this process has on it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(
            f"the application database '{path}' cannot be opened: {error.strerror}; choose "
            "another place with the variable DIALGAUGE_DATABASE_URL"
        ) from error
    engine = sa.create_engine(address, connect_args={"timeout": _BUSY_MS / 1000})
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: object) -> None:
    """Let SQLAlchemy begin transactions, and let readers read while someone writes."""
    del record
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """Take the lock when writing begins: taking it later would fail when others write."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say what databases say in one sentence, without the address, which may hold a password."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # the program's own mistakes
    except DatabaseError as error:
        said = " ".join(str(error.orig).split())
        raise StoreError(
            f"the application database does not answer: {said}; check that it runs and that "
            "this program may read and write it"
        ) from error
