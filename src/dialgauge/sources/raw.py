"""What does a file look like before anything is understood?

Each reader (CSV, Parquet, Excel, JSON lines) first looks at a file, cheaply, and says what it saw;
later it loads it: hands SQL that yields columns `c0`, `c1`, ... in file order to a `Loader`, and
returns the rows that could not even be split into columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import duckdb

from dialgauge.tables.storage import text

TEXT = "VARCHAR"

JSON_LINE = "_line"
"""Beside c0, c1, ... of JSON lines stands the whole line, which still knows each value's type."""

BLANKS = " \t\n\v\f\r\u00a0\u3000"
"""What is cut off around texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a mapping's `[file]` section or the command's options say about files.

    Attributes:
        kind: csv, parquet, excel or jsonl; empty to go by the file itself.
        encoding: Of text files; empty to detect.
        delimiter: Of CSV; empty to detect.
        quote: Of CSV; empty to detect.
        sheet: Of Excel; empty for the first.
        skip: Lines before the header.
        headers: Names of the columns when the file has no header line.
        null: Texts that mean unknown, besides the empty one.
    """

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    quote: str = ""
    sheet: str = ""
    skip: int = 0
    headers: tuple[str, ...] = ()
    null: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a file.

    Attributes:
        path: The file.
        kind: csv, parquet, excel or jsonl.
        headers: Names of the columns `c0`, `c1`, ... as they stand in the file.
        types: Their DuckDB types; text files have only VARCHAR.
        details: What else was understood, such as encoding and delimiter, for people.
        settings: What was asked for.
        notes: Sentences for people.
    """

    path: Path
    kind: str
    headers: tuple[str, ...]
    types: tuple[str, ...]
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    settings: Settings = field(default_factory=Settings)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that could not be split into columns.

    Attributes:
        line: Its line in the file, from 1.
        text: What stands there.
        reason: Why; the same words for the same kind of problem.
    """

    line: int
    text: str
    reason: str


class Loader(Protocol):
    """Where a reader puts its rows.

    Attributes:
        con: The connection the SQL runs in.
        scratch: A folder for temporary files, removed afterwards.
        comma: Headers whose texts write decimals with a comma; typed numbers must look the same.
        multiplies: One row read may become several rows.
    """

    con: duckdb.DuckDBPyConnection
    scratch: Path
    comma: frozenset[str]
    multiplies: bool

    def insert(self, relation: str, blanks: str = BLANKS) -> int:
        """Convert and add rows.

        Args:
            relation: SQL of a relation with columns c0, c1, ...
            blanks: The blank characters that may stand around its texts.

        Returns:
            How many rows were added.
        """

    def undo(self) -> None:
        """Forget what the last insert added."""


def literal_path(path: Path) -> str:
    """Write a path for DuckDB, in which `*`, `?` and `[` stand for themselves.

    Example:
        >>> literal_path(Path("calls [1].csv"))
        "'calls [[]1].csv'"
    """
    return text(str(path).translate({ord(mark): f"[{mark}]" for mark in "*?["}))


def pointer(key: str) -> str:
    """Write a key of an object as a JSON pointer.

    Example:
        >>> pointer("a/b")
        '/a~1b'
    """
    return "/" + key.replace("~", "~0").replace("/", "~1")


def folded(header: str) -> str:
    """Write a header as our own are written.

    Example:
        >>> folded(" Call_ID ")
        'call_id'
    """
    return header.strip().lstrip("\ufeff").lower()
