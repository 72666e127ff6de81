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

from dialgauge.errors import UsageError
from dialgauge.lake import disk
from dialgauge.tables.storage import text

MOST_MEMORY = 6_000_000_000
"""Bytes a connection may use unless told otherwise; less on machines with less than 12 GB."""


THREAD_MEMORY = 250_000_000
"""Bytes a thread needs to read, join and write without running out; found by trying."""

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def connect(scratch: str, memory_limit: str = "") -> duckdb.DuckDBPyConnection:
    """Open a connection of its own.

    Args:
        scratch: Folder under which it may spill; it makes and removes one of its own there.
        memory_limit: Such as '500MB'; empty for 6 GB or half the machine's, whichever is less.
            With little of it, fewer threads are used.

    Raises:
        UsageError: The limit is not an amount of memory.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    try:
        con.execute(f"SET memory_limit = {text(memory_limit or default_memory())}")
    except duckdb.Error:
        raise UsageError(
            f"'{memory_limit}' is not an amount of memory; allowed: such as 500MB or 4GB."
        ) from None
    con.execute(f"SET temp_directory = {text(f'{scratch}/{_own_name()}')}")
    most = max(1, memory(con) // THREAD_MEMORY)
    if most < _threads(con):
        con.execute(f"SET threads = {most}")
    return con


def memory(con: duckdb.DuckDBPyConnection) -> int:
    """Return how many bytes a connection may use."""
    ((told,),) = con.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = str(told).split()
    return int(float(number) * _UNITS[unit])


def memory_of_thread(con: duckdb.DuckDBPyConnection) -> int:
    """Return how many bytes there are for each thread of a connection."""
    return memory(con) // _threads(con)


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


def _threads(con: duckdb.DuckDBPyConnection) -> int:
    ((told,),) = con.execute("SELECT current_setting('threads')").fetchall()
    return int(told)


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
