"""How is a file read that may be packed, and is it whole?"""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from dialgauge.errors import FileError

GZIP, ZSTD, PLAIN = "gzip", "zstd", "none"
"""How a file is packed, in DuckDB's words."""

_ENDINGS = {".gz": GZIP, ".zst": ZSTD, ".zstd": ZSTD}
_BEGINNINGS = {b"\x1f\x8b": GZIP, b"\x28\xb5\x2f\xfd": ZSTD}
_CHUNK = 1 << 20


def open_bytes(path: Path) -> contextlib.AbstractContextManager[IO[bytes]]:
    """Open a file for reading, unpacking what its name says is packed.

    Raises:
        FileError: While it is read: it is packed, and damaged or broken off.
    """
    return opened(path, _ENDINGS.get(path.suffix.lower(), PLAIN))


def packing(path: Path) -> str:
    """Find out by its first bytes how a file is packed, and whether it is whole.

    DuckDB alone would take what was damaged as it is, and of some packings what is left of it.

    Raises:
        FileError: It is packed, and damaged or broken off.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(4)
    kind = next((kind for begins, kind in _BEGINNINGS.items() if head.startswith(begins)), PLAIN)
    if kind != PLAIN:
        with opened(path, kind) as file:
            while file.read(_CHUNK):
                pass
    return kind


@contextlib.contextmanager
def opened(path: Path, kind: str) -> Iterator[IO[bytes]]:
    """Open a file for reading, as `packing` said it is packed.

    Raises:
        FileError: While it is read: it is packed, and damaged or broken off.
    """
    try:
        if kind == GZIP:
            with gzip.open(path, "rb") as file:
                yield cast("IO[bytes]", file)
        elif kind == ZSTD:
            import pyarrow as pa  # noqa: PLC0415 - takes long to load, and few files need it

            with pa.input_stream(str(path), compression="zstd") as file:
                yield cast("IO[bytes]", file)
        else:
            with path.open("rb") as file:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(_damaged(path)) from error
    except OSError as error:
        if kind != ZSTD or error.errno is not None:  # a disk that cannot be read has a number
            raise
        raise FileError(_damaged(path)) from error


def _damaged(path: Path) -> str:
    return (
        f"{path} is packed, and breaks off or is damaged, so nothing of it was read; copy it "
        "again, or unpack it yourself and import what can be saved"
    )
