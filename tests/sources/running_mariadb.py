"""How do tests get a MariaDB server of their own?

The server is Debian's, with a folder of its own and a socket in it; it writes down each statement
it is given, so that a test can see how it was asked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql

READER, PASSWORD = "reader", "s3cret-of-the-reader"
"""A user that may only read, as the docs tell people to make one."""


@dataclass(frozen=True, slots=True)
class Server:
    """A MariaDB server that runs.

    Attributes:
        folder: Where its files are.
        told: How many statements `said` has returned already.
    """

    folder: Path
    told: list[int] = field(default_factory=lambda: [0])

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / "socket"

    def url(self, database: str, user: str = READER) -> str:
        """Give the address of a database, without a password."""
        return f"mysql://{user}@localhost/{database}?unix_socket={self.socket}"

    @contextlib.contextmanager
    def root(self, database: str = "mysql") -> Iterator[Any]:
        """Open a plain cursor that may do everything."""
        con = pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database, autocommit=True
        )
        with contextlib.closing(con), con.cursor() as cursor:
            yield cursor

    def new(self, database: str) -> None:
        """Make an empty database that the reader may read, in place of one of that name."""
        with self.root() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {database}")
            cursor.execute(f"CREATE DATABASE {database} CHARACTER SET utf8mb4")
            cursor.execute(f"GRANT SELECT ON {database}.* TO '{READER}'@'localhost'")

    def said(self) -> list[str]:
        """Return the statements that the reader gave it since this was last asked."""
        with self.root() as cursor:
            cursor.execute("FLUSH GENERAL LOGS")
        log = (self.folder / "general.log").read_text(encoding="utf-8", errors="replace")
        statements = _of_reader(log)
        new = statements[self.told[0] :]
        self.told[0] = len(statements)
        return new


def programs() -> tuple[Path, Path] | None:
    """Find where Debian, or the path, has MariaDB's programs."""
    server = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    install = shutil.which("mariadb-install-db")
    return (Path(server), Path(install)) if server and install else None


@contextlib.contextmanager
def running_mariadb(server: Path, install: Path) -> Iterator[Server]:
    """Start a server that nobody else can reach, and stop it in the end."""
    owner = "mysql" if os.geteuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="dialgauge-mariadb-"))
    if owner:
        shutil.chown(folder, owner, owner)
    # a server that starts removes temporary tables from its tmpdir, also those of others there
    data = ["--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}"]
    made = subprocess.run(
        [install, *data, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=False,
        user=owner,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    process = subprocess.Popen(
        [
            *(str(server), *data, f"--socket={folder / 'socket'}"),
            *("--skip-networking", "--general-log", f"--general-log-file={folder / 'general.log'}"),
            # as VICIdial asks for it: damaged values are stored as empty ones, not refused
            *("--sql-mode=", "--default-storage-engine=MyISAM", "--default-time-zone=-05:00"),
            *("--innodb-buffer-pool-size=8M", "--performance-schema=OFF", "--skip-name-resolve"),
        ],
        user=owner,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        started = Server(folder)
        _wait(started, process)
        with started.root() as cursor:
            cursor.execute(f"CREATE USER '{READER}'@'localhost' IDENTIFIED BY '{PASSWORD}'")
        yield started
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while not server.socket.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise TimeoutError("MariaDB did not start")
        time.sleep(0.05)


def _of_reader(log: str) -> list[str]:
    """Take the statements of other connections than root's out of the general log."""
    statements: list[str] = []
    last = ""
    readers: set[str] = set()
    for line in log.splitlines():
        parts = line.split("\t")
        words = parts[-2].split() if len(parts) > 1 else []
        if len(words) < 2 or not words[-2].isdigit():  # a statement goes on
            if last in readers and statements:
                statements[-1] += f" {line.strip()}"
            continue
        last, kind = words[-2], words[-1]
        if kind == "Connect" and parts[-1].startswith(f"{READER}@"):
            readers.add(last)
        elif kind == "Query" and last in readers:
            statements.append(parts[-1])
    return statements
