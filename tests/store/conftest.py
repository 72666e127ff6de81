"""On which databases is everything kept?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from ticking import Ticking

from dialgauge.store import Store, open_store
from dialgauge.store.database import connect
from running_postgres import programs, running_postgres

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL once."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed: NOTHING was checked on it")
    with running_postgres(found) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'dialgauge.db'}"
    address: str = request.getfixturevalue("postgres")
    name = f"test_{next(_NUMBERS)}"
    engine = connect(address.format(name="postgres")).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as con:
        con.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.format(name=name)


@pytest.fixture
def clock() -> Ticking:
    """Give a clock that tests move."""
    return Ticking()


@pytest.fixture
def db(url: str, clock: Ticking) -> Iterator[Store]:
    """Open an empty database of each kind in turn."""
    opened = open_store(url, clock)
    yield opened
    opened.close()
