"""How is this CSV file written: encoding, delimiter, quote, line ends, header?

Only the beginning of the file is read. What the file does not tell clearly is refused with a
sentence that says which setting decides it.
"""

from __future__ import annotations

import _csv
import codecs
import contextlib
import csv
import io
import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from dialgauge.errors import FileError, UnknownNameError, UsageError
from dialgauge.sources.packed import open_bytes
from dialgauge.sources.raw import TEXT, Look, Settings
from dialgauge.tables import TABLES

MOST_BYTES = 2_000_000
"""A row may be so long; also DuckDB's limit."""

ENCODINGS = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "cp1250", "cp1251", "koi8-r",
    "cp866", "gb18030", "gbk", "big5", "shift_jis", "euc-kr",
)  # fmt: skip
"""The encodings that may be asked for."""

NO_QUOTE = "none"
"""What to say when quotes mean nothing, as in tables that MySQL prints."""

_HEAD = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANONICAL = frozenset(name for table in TABLES.values() for name in table.types)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        encoding: A name of `ENCODINGS`.
        delimiter: One character.
        quote: One character; empty when quotes mean nothing.
        escape: What stands before a quote inside quotes: the quote itself, or a backslash.
        newline: The line end, as the file writes it.
        skip: Lines before the header line.
        header_lines: How many lines the header takes; 0 when there is none.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str
    newline: str
    skip: int
    header_lines: int


def look(path: Path, settings: Settings) -> Look:
    """Look at the beginning of a CSV file.

    Raises:
        FileError: It is empty, or its bytes do not fit the encoding.
        UsageError: A setting is not possible.
    """
    dialect, headers = understand(path, settings)
    shown = {"\t": "tab", " ": "space"}.get(dialect.delimiter, dialect.delimiter)
    return Look(
        path=path,
        kind="csv",
        headers=headers,
        types=(TEXT,) * len(headers),
        details={
            "encoding": dialect.encoding,
            "delimiter": shown,
            "quote": dialect.quote or NO_QUOTE,
        },
        settings=settings,
    )


def understand(path: Path, settings: Settings) -> tuple[Dialect, tuple[str, ...]]:
    """Find out how a CSV file is written, and its headers.

    Raises:
        FileError: It is empty, or its bytes do not fit the encoding.
    """
    with open_bytes(path) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise FileError(f"{path} is empty; a CSV file needs at least a header line")
    encoding = find_encoding(path, head, settings.encoding)
    text = _decode(path, head, encoding, whole=len(head) < _HEAD)
    newline = _newline(text)
    skip, told = settings.skip, _checked(settings.delimiter, "delimiter")
    first = text.split(newline, 1)[0]
    if not skip and first.lower().startswith("sep=") and len(first.strip()) == len("sep=") + 1:
        skip, told = 1, told or first.strip()[-1]
    body = text.split(newline, skip)[skip:]
    if not body or not body[0].strip():
        raise FileError(f"{path} has no header line after {skip} skipped lines")
    quote = _checked(settings.quote, "quote") or _quote(body[0])
    if settings.quote.lower() == NO_QUOTE:
        quote = ""
    delimiter = told or _delimiter(body[0], quote)
    dialect = Dialect(encoding, delimiter, quote, quote, newline, skip, 0)
    backslash = replace(dialect, escape="\\")
    if (
        quote
        and f"\\{quote}" in body[0]
        and not _even(body[0], dialect)
        and _even(body[0], backslash)
    ):
        dialect = backslash
    record, lines = _record(path, body[0], dialect)
    if settings.headers:
        return dialect, _given(path, settings.headers, record)
    return (
        replace(dialect, header_lines=lines),
        tuple(name.strip().lstrip("\ufeff") for name in record),
    )


def find_encoding(path: Path, head: bytes, told: str) -> str:
    """Return the encoding of a text file from what was told, its mark, or its bytes.

    Raises:
        FileError: The bytes are not UTF-8 and nothing else was told.
        UnknownNameError: What was told is not an encoding we read.
    """
    if told:
        name = told.lower().replace("_", "-").replace("shift-jis", "shift_jis")
        name = {"utf8": "utf-8", "iso-8859-1": "latin-1", "windows-1251": "cp1251"}.get(name, name)
        name = {"windows-1252": "cp1252", "windows-1250": "cp1250", "utf16": "utf-16"}.get(
            name, name
        )
        if name not in ENCODINGS:
            raise UnknownNameError("encoding", told, ENCODINGS)
        return name
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head[:4096:2] or b"\0" in head[1:4096:2]:
        zeros = (head[:4096:2].count(0), head[1:4096:2].count(0))
        if max(zeros) > len(head[:4096]) // 8 and min(zeros) * 4 < max(zeros):
            return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path} is not UTF-8: byte {error.start + 1} is {head[error.start]:#04x}; say its "
            f"encoding, for example --option encoding={_guess(head)} or encoding = "
            f"'{_guess(head)}' in the mapping's [file]; allowed are {', '.join(ENCODINGS)}"
        ) from None
    return "utf-8"


def _decode(path: Path, head: bytes, encoding: str, *, whole: bool) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)
    errors = "replace" if encoding == "utf-8" else "strict"  # bad UTF-8 is refused row by row
    try:
        return decoder(errors).decode(head, final=whole)
    except UnicodeDecodeError as error:
        raise misfit(path, encoding, error) from None
    except UnicodeError:
        raise FileError(
            f"{path} does not begin with the mark of UTF-16; say utf-16-le or utf-16-be instead"
        ) from None


def misfit(path: Path, encoding: str, error: UnicodeDecodeError, before: int = 0) -> FileError:
    """Say that a file's bytes are not in the encoding that was told."""
    return FileError(
        f"{path} is not {encoding}: byte {before + error.start + 1} is "
        f"{error.object[error.start]:#04x}, which {encoding} does not have; "
        f"allowed encodings are {', '.join(ENCODINGS)}"
    )


def _guess(head: bytes) -> str:
    cyrillic = [letter for letter in head.decode("cp1251", "replace") if ord(letter) > 127]
    small = sum("\u0430" <= letter <= "\u044f" for letter in cyrillic)
    letters = sum("\u0410" <= letter <= "\u044f" for letter in cyrillic)
    if letters >= 0.9 * len(cyrillic) and small >= 0.6 * len(cyrillic):
        return "cp1251"
    chinese = [letter for letter in head.decode("gb18030", "replace") if ord(letter) > 127]
    common = sum("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    return "gb18030" if common >= 0.7 * len(chinese) else "cp1252"


def _newline(text: str) -> str:
    line = text.find("\n")
    if line < 0:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if line and text[line - 1] == "\r" else "\n"


def _checked(character: str, what: str) -> str:
    character = {"tab": "\t", "\\t": "\t", "space": " "}.get(character, character)
    if character.lower() == NO_QUOTE and what == "quote":
        return ""
    if len(character) > 1 or character in ("\n", "\r"):
        raise UsageError(f"the {what} {character!r} must be one character, or 'tab' or 'space'")
    return character


def _quote(body: str) -> str:
    return "'" if body.startswith("'") and '"' not in body.split("\n", 1)[0] else '"'


def _delimiter(body: str, quote: str) -> str:
    def score(delimiter: str) -> tuple[int, int, int]:
        tried = Dialect("utf-8", delimiter, quote, quote, "\n", 0, 0)
        lines = reader(io.StringIO(body, newline=""), tried, strict=False)
        records = list(itertools.islice(lines, 20))
        header = [name.strip().lower().lstrip("\ufeff") for name in records[0]]
        same = sum(len(record) == len(header) for record in records)
        return (len(_CANONICAL.intersection(header)), same if len(header) > 1 else 0, len(header))

    return max(_DELIMITERS, key=score)


def reader(lines: Iterable[str], dialect: Dialect, *, strict: bool) -> _csv.Reader:
    """Return Python's own reader for lines in a dialect.

    Args:
        lines: Lines with or without their ends.
        dialect: How they are written.
        strict: Whether a quote in the wrong place is an error.
    """
    csv.field_size_limit(MOST_BYTES * 2)  # of the process; its own is too small for our rows
    doubled = dialect.escape == dialect.quote
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=doubled,
        escapechar=None if doubled else dialect.escape,
        strict=strict,
    )


def _even(body: str, dialect: Dialect) -> bool:
    """Whether the first rows can be read so, all with as many fields as the header."""
    try:
        rows = [
            row
            for _, row in zip(
                range(100),
                reader(io.StringIO(body, newline=""), dialect, strict=True),
                strict=False,
            )
        ]
    except csv.Error:
        return False
    return len({len(row) for row in rows if row}) == 1


def _record(path: Path, body: str, dialect: Dialect) -> tuple[list[str], int]:
    lines = reader(io.StringIO(body, newline=""), dialect, strict=False)
    try:
        record = next(lines)
    except csv.Error as error:
        raise FileError(f"{path}: the header line cannot be read: {error}") from None
    return record, lines.line_num


def _given(path: Path, headers: Collection[str], record: list[str]) -> tuple[str, ...]:
    if len(headers) != len(record):
        raise FileError(f"{path} has {len(record)} columns but [file] headers names {len(headers)}")
    return tuple(headers)


def sample(seen: Look, rows: int) -> list[tuple[str | None, ...]]:
    """Return the first rows of a file as texts; rows that cannot be read are left out."""
    dialect, headers = understand(seen.path, seen.settings)
    with open_bytes(seen.path) as file:
        head = file.read(_HEAD)
    text = _decode(seen.path, head, dialect.encoding, whole=len(head) < _HEAD)
    body = text.split(dialect.newline, dialect.skip)[dialect.skip]
    found = []
    lines = reader(io.StringIO(body, newline=""), dialect, strict=False)
    with contextlib.suppress(csv.Error):
        for number, row in enumerate(itertools.islice(lines, rows + 1)):
            if (number or not dialect.header_lines) and len(row) == len(headers):
                found.append(tuple(value or None for value in row))
    return found[:rows]
