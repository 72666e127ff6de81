"""How is a damaged CSV file read so that one bad row costs only itself?

Line by line: a record is joined over several lines only while that makes a good row. A quote left
open, text after a closing quote, mixed line ends, bytes that are not UTF-8: the line that has it
is refused, and reading goes on with the very next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from dialgauge.sources.files.csv_look import MOST_BYTES, Dialect, reader
from dialgauge.sources.packed import open_bytes
from dialgauge.sources.raw import Refused

TOO_FEW = "the row has fewer fields than the header"
TOO_MANY = "the row has more fields than the header"
BAD_QUOTE = "the row has a quote that is not closed, or text after a closing quote"
NOT_UTF8 = "the row has bytes that are not in the file's encoding"
BARE_END = "the row has a line end of another kind inside a field"
TOO_LONG = "the row is longer than 2,000,000 bytes"

_MOST_LINES, _CHUNK = 1_000, 1 << 22
_OPEN = "open"


def mend(source: Path, clean: Path, dialect: Dialect, columns: int) -> tuple[int, list[Refused]]:
    """Copy what can be read into a clean CSV file: commas, double quotes, line feeds, a header.

    Args:
        source: The damaged file, in UTF-8.
        clean: The file to write.
        dialect: How the damaged file is written.
        columns: How many fields a row must have.

    Returns:
        The number of rows copied, and the rows refused.
    """
    coming = _lines(source, dialect)
    window: deque[str] = deque()
    refused: list[Refused] = []
    rows, at = 0, dialect.skip + dialect.header_lines
    for _ in range(at):
        next(coming, "")
    with clean.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([f"c{number}" for number in range(columns)])
        while _fill(window, coming, 1):
            taken = 1
            if window[0].strip():
                fields, taken, reason = _record(window, coming, dialect, columns)
                if reason:
                    refused.append(Refused(at + 1, _shown(window[0]), reason))
                else:
                    writer.writerow(fields)
                    rows += 1
            for _ in range(taken):
                window.popleft()
            at += taken
    return rows, refused


def _fill(window: deque[str], coming: Iterator[str], count: int) -> bool:
    """Make the window hold that many lines; False when the file has no more."""
    while len(window) < count:
        line = next(coming, None)
        if line is None:
            return False
        window.append(line)
    return True


def _lines(source: Path, dialect: Dialect) -> Iterator[str]:
    newline = b"\r" if dialect.newline == "\r" else b"\n"
    rest = b""
    with open_bytes(source) as file:
        while chunk := file.read(_CHUNK):
            *whole, rest = (rest + chunk).split(newline)
            for line in whole:
                yield line.removesuffix(b"\r").decode(errors="surrogateescape")
    if rest:
        yield rest.removesuffix(b"\r").decode(errors="surrogateescape")


def _shown(line: str) -> str:
    return line.encode(errors="surrogateescape").decode(errors="replace")


def _record(
    window: deque[str], coming: Iterator[str], dialect: Dialect, columns: int
) -> tuple[list[str], int, str]:
    """Return the fields that begin on the first line, how many lines they take, or a reason."""
    joined = window[0]
    if _shown(joined) != joined:
        return [], 1, NOT_UTF8
    if len(joined) > MOST_BYTES:
        return [], 1, TOO_LONG
    fields, problem = _split(joined, dialect)
    taken = 1
    while problem == _OPEN and taken < _MOST_LINES and len(joined) < MOST_BYTES:
        if not _fill(window, coming, taken + 1):
            break
        joined += "\n" + window[taken]
        taken += 1
        if dialect.quote in window[taken - 1]:
            fields, problem = _split(joined, dialect)
    if problem or _shown(joined) != joined:
        return [], 1, problem if problem not in ("", _OPEN) else BAD_QUOTE
    while len(fields) > columns and not fields[-1]:
        fields.pop()
    if len(fields) != columns:
        return [], 1, TOO_FEW if len(fields) < columns else TOO_MANY
    return fields, taken, ""


def _split(line: str, dialect: Dialect) -> tuple[list[str], str]:
    try:
        return next(reader([line], dialect, strict=True), []), ""
    except csv.Error as error:
        if "end of data" in str(error):
            return [], _OPEN
        return [], BARE_END if "new-line" in str(error) else BAD_QUOTE
