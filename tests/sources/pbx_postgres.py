"""How do tests of sources fill a PostgreSQL, and read it as somebody who may only read?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

READER, PASSWORD = "reader", "s3cret-of-the-reader"
"""A user that may only read, as the docs tell people to make one."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL that runs.

    Attributes:
        address: Its address, with `{name}` where the database's name belongs.
    """

    address: str

    def url(self, database: str, user: str = READER) -> str:
        """Give the address of a database, without a password."""
        return self.address.replace("team@", f"{user}@").format(name=database)

    @contextlib.contextmanager
    def root(self, database: str = "postgres") -> Iterator[Any]:
        """Open a plain cursor that may do everything."""
        with (
            psycopg.connect(self.address.format(name=database), autocommit=True) as con,
            con.cursor() as cursor,
        ):
            yield cursor

    def new(self, database: str, zone: str = "America/New_York") -> None:
        """Make an empty database whose tables the reader may read, on a server in a zone."""
        with self.root() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {database}")
            cursor.execute(f"ALTER DATABASE {database} SET timezone = '{zone}'")
        with self.root(database) as cursor:
            cursor.execute(
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {READER}"
            )
