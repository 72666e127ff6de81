"""What was sent to us, and is it safe?

Events are appended to a log and are on the disk before anybody is told that they arrived. Many
that come at once are written together, for waiting for the disk is what takes time. Each stands
behind its length and a checksum, so that an end which a crash has torn is recognised:

    magic (4 bytes), length (4), CRC-32 (4), then {"at": when it came, "event": what it said}

A process writes into a segment of its own and holds its lock. A segment is never shortened nor
written again once its process has ended, so what a cursor says of it stays true; one whose lock is
free and whose events are all in the lake is removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialgauge.errors import LakeError
from dialgauge.lake import disk
from dialgauge.sources.live import Page, Span
from dialgauge.syncing.hookpages import STREAMS, table_of
from dialgauge.syncing.recent import Event, Recent
from dialgauge.syncing.spool import permit_only_owner

_MAGIC = b"\xd1DG\x01"
_HEAD = struct.Struct("<4sII")
_MOST_BYTES = 64 * 2**20
_MOST_S = 3600.0
_PAGE = 5_000
_SUFFIX = ".log"


@dataclass(slots=True)
class _Batch:
    """What is written together; whoever waits for it learns here how that went."""

    frames: list[bytes]
    done: bool = False
    error: BaseException | None = None


class HookLog:
    """Appends events; many threads may do so at once."""

    def __init__(self, folder: Path, most_s: float = _MOST_S) -> None:
        """Use a folder, made with the first event.

        Args:
            folder: Where the segments are.
            most_s: The first event after so many seconds begins another segment, so that the one
                before can go: events name people, and some are erased.
        """
        self._folder, self._most_s = folder, most_s
        self._turn = threading.Condition()
        self._waiting = _Batch([])
        self._writing = False
        self._handle: int | None = None
        self._size = 0
        self._begun = 0.0

    def append(self, events: Sequence[str]) -> None:
        """Keep events; they are on the disk when this returns.

        Args:
            events: JSON texts.

        Raises:
            LakeError: They cannot be written; none of them counts as received.
        """
        at = time.time()
        frames = [_frame(json.dumps({"at": at, "event": event}).encode()) for event in events]
        with self._turn:
            mine = self._waiting
            mine.frames += frames
            while not mine.done and self._writing:
                self._turn.wait()
            if mine.done:
                return _raise(mine)
            self._writing, self._waiting = True, _Batch([])
        try:
            self._write(b"".join(mine.frames))
        except BaseException as error:
            # Whatever it is: nobody of this batch may hear that it was kept.
            mine.error = error
            if not isinstance(error, OSError):
                raise
        finally:
            with self._turn:
                mine.done, self._writing = True, False
                self._turn.notify_all()
        return _raise(mine)

    def close(self) -> None:
        """Let others tidy the segment away."""
        with self._turn:
            self._abandon()

    def _write(self, data: bytes) -> None:
        age_s = time.monotonic() - self._begun
        if self._handle is None or self._size >= _MOST_BYTES or age_s >= self._most_s:
            self._abandon()
            self._handle, self._size = _new_segment(self._folder), 0
            self._begun = time.monotonic()
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._handle, left) :]
            os.fsync(self._handle)
        except OSError:
            self._abandon()  # what is half written stays behind; nobody was told it had arrived
            raise
        self._size += len(data)

    def _abandon(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def pages(folder: Path, span: Span, system: str) -> Iterator[Page]:
    """Read what is not in the lake yet.

    Args:
        folder: The log's.
        span: Where reading stopped in each segment.
        system: Who sent it.

    Yields:
        Pages of at most some thousand events, each with where its segment goes on. Earlier events
        of the same calls stand before them.
    """
    recent = Recent(folder.parent / "recent", system)
    recent.forget_old()
    for path in _segments(folder):
        offset = int(span.cursors.get(path.stem, "0"))
        batch: list[Event] = []
        for payload, end in _records(path, offset):
            offset = end
            if payload is not None:
                told = json.loads(payload)
                batch.append((told["at"], told["event"]))
            if len(batch) >= _PAGE:
                yield _page(recent, batch, path, offset)
                batch = []
        if offset > int(span.cursors.get(path.stem, "0")):
            yield _page(recent, batch, path, offset)


def waiting(folder: Path, kept: Mapping[str, str]) -> bool:
    """Tell whether there are events that are not in the lake yet."""
    return any(path.stat().st_size > int(kept.get(path.stem, "0")) for path in _segments(folder))


def tidy(folder: Path, kept: Mapping[str, str]) -> list[str]:
    """Remove segments that nobody writes any more and of which all is in the lake.

    Returns:
        The cursors of segments that are no more.
    """
    for path in _segments(folder):
        if _is_over(path) and path.stat().st_size <= int(kept.get(path.stem, "0")):
            path.unlink()
    there = {path.stem for path in _segments(folder)}
    return [name for name in kept if name not in there]


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _new_segment(folder: Path) -> int:
    """Make a segment and hold its lock; it gets its name only then, or it could be tidied away."""
    permit_only_owner(folder)
    name = f"{time.time_ns():020}-{secrets.token_hex(4)}"
    draft = folder / f"{name}.draft"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    draft.rename(folder / f"{name}{_SUFFIX}")
    disk.sync_folder(str(folder))
    return handle


def _is_over(path: Path) -> bool:
    """Tell whether nobody writes a segment any more; once that is so, it stays so."""
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def _records(path: Path, offset: int) -> Iterator[tuple[bytes | None, int]]:
    """Yield the records of a segment, each with where the next one begins.

    An end that cannot be read is still being written, or was torn by a crash before anybody was
    told that it had arrived. In a segment that is over, reading goes on at the next record behind
    it, so that a damaged disk takes one event and not those after it; nothing is yielded for the
    damage but where it ends.
    """
    over = _is_over(path)  # before reading: afterwards nothing can have been added
    data = path.read_bytes()
    while offset < len(data):
        payload = _payload(data, offset)
        if payload is not None:
            offset += _HEAD.size + len(payload)
            yield payload, offset
        elif not over:
            return
        else:
            offset = _next_record(data, offset + 1)
            yield None, offset


def _payload(data: bytes, offset: int) -> bytes | None:
    start = offset + _HEAD.size
    if start > len(data):
        return None
    magic, length, checksum = _HEAD.unpack_from(data, offset)
    payload = data[start : start + length]
    if magic != _MAGIC or len(payload) < length or zlib.crc32(payload) != checksum:
        return None
    return payload


def _next_record(data: bytes, offset: int) -> int:
    while True:
        found = data.find(_MAGIC, offset)
        if found < 0:
            return len(data)
        if _payload(data, found) is not None:
            return found
        offset = found + 1


def _frame(payload: bytes) -> bytes:
    return _HEAD.pack(_MAGIC, len(payload), zlib.crc32(payload)) + payload


def _page(recent: Recent, batch: Sequence[Event], path: Path, offset: int) -> Page:
    rows = table_of(recent.system, recent.joined(f"{path.stem}-{offset}", batch))
    return Page(stream=STREAMS[recent.system], rows=rows, cursors={path.stem: str(offset)})


def _raise(batch: _Batch) -> None:
    if batch.error is not None:
        reason = getattr(batch.error, "strerror", "") or type(batch.error).__name__
        raise LakeError(
            f"what was sent cannot be kept: {reason}; look at the disk of the lake"
        ) from batch.error
