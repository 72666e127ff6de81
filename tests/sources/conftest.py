"""Which servers do tests of sources share?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running_mariadb import Server, programs, running_mariadb


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """Start a real MariaDB server once."""
    found = programs()
    if found is None:
        pytest.skip("MariaDB is not installed: NOTHING was checked on it")
    with running_mariadb(*found) as server:
        yield server
