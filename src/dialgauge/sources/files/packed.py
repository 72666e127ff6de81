"""How is a file read that may be packed, and is it whole?"""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from dialgauge.errors import FileError

_ZSTD = (".zst", ".zstd")
_CHUNK = 1 << 20


@contextlib.contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacking .gz and .zst.

    Raises:
        FileError: While it is read: it is packed, and damaged or broken off.
    """
    kind = path.suffix.lower()
    try:
        if kind == ".gz":
            with gzip.open(path, "rb") as file:
                yield cast("IO[bytes]", file)
        elif kind in _ZSTD:
            import pyarrow as pa  # noqa: PLC0415 - takes long to load, and few files need it

            with pa.input_stream(str(path), compression="zstd") as file:
                yield cast("IO[bytes]", file)
        else:
            with path.open("rb") as file:
                yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(_damaged(path)) from error
    except OSError as error:
        if kind not in _ZSTD or error.errno is not None:  # a disk that cannot be read has a number
            raise
        raise FileError(_damaged(path)) from error


def check_whole(path: Path) -> None:
    """Unpack a packed file to its end, for DuckDB takes what broke off or is damaged as it is.

    Raises:
        FileError: It is damaged or broken off.
    """
    if path.suffix.lower() in (".gz", *_ZSTD):
        with open_bytes(path) as file:
            while file.read(_CHUNK):
                pass


def _damaged(path: Path) -> str:
    return (
        f"{path} is packed, and breaks off or is damaged, so nothing of it was read; copy it "
        "again, or unpack it yourself and import what can be saved"
    )
