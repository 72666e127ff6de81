"""Who reads this system now?

The kernel holds the lock, so it is free the moment its holder dies, however it dies.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from dialgauge.errors import LakeError
from dialgauge.lake.lock import taken

_STEP_S = 0.1


class BusyError(LakeError):
    """Somebody else reads this system at this moment."""


@contextlib.contextmanager
def alone(path: Path, name: str, wait_s: float = 0.0) -> Iterator[None]:
    """Be the only one who reads a system until the block ends.

    Args:
        path: The lock file.
        name: What the system is called.
        wait_s: So long somebody else may take to finish.

    Raises:
        BusyError: Somebody else reads it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + wait_s
        while not taken(handle):
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"'{name}' is being read by process {_holder(handle)} at this moment; wait "
                    "for it, or end it"
                )
            time.sleep(_STEP_S)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    return os.pread(handle, 20, 0).decode(errors="replace") or "?"
