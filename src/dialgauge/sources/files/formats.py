"""Of what kind is a file, and which reader takes it?"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

from dialgauge.errors import FileError, UnknownNameError
from dialgauge.sources.raw import Loader, Look, Refused, Settings

KINDS = ("csv", "parquet", "excel", "jsonl")
"""The kinds of files that are read."""

_SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        ".csv": "csv",
        ".tsv": "csv",
        ".tab": "csv",
        ".txt": "csv",
        ".parquet": "parquet",
        ".pq": "parquet",
        ".xlsx": "excel",
        ".xlsm": "excel",
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".json": "jsonl",
    }
)
_READERS: Mapping[str, str] = MappingProxyType(
    {"csv": "csv_load", "parquet": "parquet", "excel": "excel", "jsonl": "jsonl"}
)
"""Kind to the module that reads it; only that one is imported, for some bring much with them."""


class Reader(Protocol):
    """What the module of each kind offers."""

    def look(self, path: Path, settings: Settings) -> Look:
        """Look at a file, cheaply."""

    def load(self, look: Look, loader: Loader) -> list[Refused]:
        """Hand the rows to a loader, and return those that cannot be split."""

    def sample(self, look: Look, rows: int) -> list[tuple[str | None, ...]]:
        """Return the first rows as texts."""


def look(path: Path, settings: Settings) -> Look:
    """Look at a file of any kind.

    Raises:
        FileError: It cannot be read.
    """
    return _reader(kind_of_file(path, settings.kind)).look(path, settings)


def load(seen: Look, loader: Loader) -> list[Refused]:
    """Load a file that was looked at."""
    return _reader(seen.kind).load(seen, loader)


def sample(seen: Look, rows: int) -> list[tuple[str | None, ...]]:
    """Return the first rows of a file as texts; rows that cannot be read are left out."""
    return _reader(seen.kind).sample(seen, rows)


def kind_of_file(path: Path, told: str = "") -> str:
    """Tell a file's kind from what was told, from its first bytes, or from its name.

    Raises:
        FileError: There is no such file, or it is of no kind that is read.
        UnknownNameError: What was told is not a kind.
    """
    if told and told not in KINDS:
        raise UnknownNameError("kind of file", told, KINDS)
    if path.is_dir():
        raise FileError(f"{path} is a folder; name the files in it, for example {path}/*.csv")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from None
    if told:
        return told
    return _by_start(path, start) or _by_name(path)


def _reader(kind: str) -> Reader:
    module = importlib.import_module(f"dialgauge.sources.files.{_READERS[kind]}")
    return cast("Reader", module)


def _by_start(path: Path, start: bytes) -> str:
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileError(f"{path} is an old Excel workbook (.xls); save it as .xlsx or CSV")
    if start.startswith(b"PK\x03\x04"):
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            return "excel"
        raise FileError(f"{path} is a zip archive; unpack it, or name it .xlsx if it is a workbook")
    return ""


def _by_name(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst", ".zstd"):
        suffixes.pop()
    kind = _SUFFIXES.get(suffixes[-1] if suffixes else "", "")
    if not kind:
        allowed = ", ".join(_SUFFIXES)
        raise FileError(
            f"{path} has no ending we know ({allowed}, also with .gz or .zst); "
            "say what it is with --option kind=csv"
        )
    return kind
