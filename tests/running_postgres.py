"""How do tests get a PostgreSQL server of their own?

The server is Debian's, with a folder of its own and a socket in it. The role `team` may do
everything; a role `reader`, where a test makes one, needs its password.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


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
        rules = data / "pg_hba.conf"
        rules.write_text(f"local all reader scram-sha-256\n{rules.read_text(encoding='utf-8')}")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://team@/{{name}}?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
