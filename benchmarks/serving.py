"""How is a real server started, and what does it cost?"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMAND = (sys.executable, "-m", "dialgauge")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Serving:
    """A server in a process of its own.

    Attributes:
        address: Where it listens.
        process: Its number.
    """

    address: str
    process: int

    @property
    def cpu(self) -> float:
        """Seconds of user and system time so far, of all its threads."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> float:
        """How many MB it holds now."""
        told = Path(f"/proc/{self.process}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", told)
        return int(found[1]) / 1000 if found else 0.0


def lake_of(folder: Path, calls: int) -> Path:
    """Make the demo's lake, unless it is there."""
    if not (folder / "dialgauge.toml").exists():
        made = ("demo", str(folder), "--calls", str(calls), "--no-serve")
        subprocess.run([*_COMMAND, *made], check=True, stdout=subprocess.DEVNULL)
    return folder


@contextlib.contextmanager
def serving(lake: Path) -> Iterator[Serving]:
    """Serve a lake with a database of its own, until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"DIALGAUGE_DATABASE_URL": f"sqlite:///{folder}/dialgauge.db"}
        process = subprocess.Popen(
            [*_COMMAND, "--lake", str(lake), "serve", "--port", "0"],
            env={**os.environ, **own, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        if found is None:
            raise SystemExit(f"the server did not start: {said}")
        try:
            yield Serving(found[0], process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
