"""Which servers do tests of sources share?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import running_mariadb
from pbx_postgres import PASSWORD, READER, Postgres

import running_postgres


@pytest.fixture(scope="session")
def mariadb() -> Iterator[running_mariadb.Server]:
    """Start a real MariaDB server once."""
    found = running_mariadb.programs()
    if found is None:
        pytest.skip("MariaDB is not installed: NOTHING was checked on it")
    with running_mariadb.running_mariadb(*found) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a real PostgreSQL server once."""
    found = running_postgres.programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed: NOTHING was checked on it")
    with running_postgres.running_postgres(found) as address:
        server = Postgres(address)
        with server.root() as cursor:
            cursor.execute(f"CREATE USER {READER} PASSWORD '{PASSWORD}'")
        yield server
