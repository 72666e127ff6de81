"""Who may write now?

One writer at a time, on one machine or on a disk whose locks several machines share. The kernel
holds the lock, so it is free the moment its holder dies, however it dies.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator

from dialgauge.errors import LakeError

_STEP_S = 0.05


@contextlib.contextmanager
def write_lock(
    path: str, operation: str, *, waiting: Callable[[str], None], timeout: float
) -> Iterator[None]:
    """Hold a lake's write lock.

    Args:
        path: The lock file.
        operation: What is being done, for those who have to wait.
        waiting: Told once who is in the way, when somebody is.
        timeout: Seconds to wait at most.

    Yields:
        Nothing; the lock is held until the block ends.

    Raises:
        LakeError: Somebody else holds the lock for longer than the timeout.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _wait(handle, waiting, timeout)
        note = {"pid": os.getpid(), "operation": operation, "since": _now()}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(note).encode(), 0)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, waiting: Callable[[str], None], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    told = False
    while not taken(handle):
        if time.monotonic() >= deadline:
            raise LakeError(
                f"the lake is busy: {_holder(handle)}; waited {timeout:g} seconds."
                " Wait for it to finish or end it, then try again."
            )
        if not told:
            waiting(f"waiting for {_holder(handle)}")
            told = True
        time.sleep(_STEP_S)


def taken(handle: int) -> bool:
    """Try to take the kernel's lock on an open file; False where somebody else has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(handle: int) -> str:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
        return f"process {note['pid']} has been at '{note['operation']}' since {note['since']}"
    except (ValueError, KeyError, TypeError):  # it has only just taken the lock
        return "another process is writing"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
