"""With which DuckDB connection is a lake read and written?

Every connection counts in UTC, keeps to a part of the machine's memory, and spills the rest into
the lake's own scratch folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket

import duckdb

from dialgauge.lake import disk
from dialgauge.tables.storage import text

MOST_MEMORY = 4_000_000_000
"""Bytes a connection may use unless told otherwise; less on machines with less than 8 GB."""


def connect(scratch: str, memory_limit: str = "", threads: int = 0) -> duckdb.DuckDBPyConnection:
    """Open a connection of its own.

    Args:
        scratch: Folder under which it may spill; it makes and removes one of its own there.
        memory_limit: Such as '500MB'; empty for 4 GB or half the machine's, whichever is less.
        threads: How many to use; 0 for all.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"SET memory_limit = {text(memory_limit or default_memory())}")
    con.execute(f"SET temp_directory = {text(f'{scratch}/{_own_name()}')}")
    if threads:
        con.execute(f"SET threads = {threads}")
    return con


def default_memory() -> str:
    """Return how much memory a connection may use unless told otherwise.

    Example:
        >>> default_memory().endswith("MB")
        True
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(MOST_MEMORY, machine // 2) // 1_000_000}MB"


def sweep(scratch: str) -> None:
    """Remove what connections of processes that no longer live have left behind.

    Only this machine's: of processes elsewhere nobody here knows whether they live.
    """
    for name in disk.names(scratch):
        host, _, rest = name.partition("~")
        pid = rest.partition("~")[0]
        if host == socket.gethostname() and pid.isdigit() and not _lives(int(pid)):
            shutil.rmtree(f"{scratch}/{name}", ignore_errors=True)


def _own_name() -> str:
    return f"{socket.gethostname()}~{os.getpid()}~{secrets.token_hex(4)}"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is somebody else's
        return True
    return True
