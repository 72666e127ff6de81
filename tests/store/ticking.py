"""How do tests let time pass, and start a real PostgreSQL?"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Ticking:
    """A clock that stands still until it is told to go on."""

    at: dt.datetime = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """Tell the time."""
        return self.at

    def pass_by(self, **length: float) -> None:
        """Let time pass: `pass_by(hours=2)`."""
        self.at += dt.timedelta(**length)


def programs() -> Path | None:
    """Find where Debian, or the path, has PostgreSQL's programs."""
    here = shutil.which("initdb")
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *([Path(here)] if here else [])]
    return found[0].parent if found else None


@contextlib.contextmanager
def running_postgres(bin_folder: Path) -> Iterator[str]:
    """Start a PostgreSQL that listens on a socket in a folder of its own.

    Yields:
        An address with `{name}` where the database's name belongs.
    """
    # It refuses to run as root, and pytest's folders are closed to others.
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="dialgauge-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, owner, owner)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [bin_folder / program, *arguments],
            check=True,
            user=owner if os.geteuid() == 0 else None,
            cwd=folder,
            capture_output=program != "pg_ctl",
            stdout=subprocess.DEVNULL if program == "pg_ctl" else None,
        )

    try:
        run("initdb", "-D", str(data), "-U", "team", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://team@/{{name}}?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
