"""How does a CSV file get into DuckDB without losing a row?

DuckDB reads it in parallel, every column as text, and sets rows aside that it cannot split. Its
count is then held against the lines of the file. When they differ, or DuckDB cannot go on, or a
quote was left open (which swallows the rows after it), the file is mended: read carefully, line
by line, into a clean copy, and that is read instead.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from dialgauge.errors import FileError
from dialgauge.sources.files.csv_look import (
    MOST_BYTES,
    Dialect,
    look,
    misfit,
    sample,
    understand,
)
from dialgauge.sources.files.csv_mend import (
    BAD_QUOTE,
    NOT_UTF8,
    TOO_FEW,
    TOO_LONG,
    TOO_MANY,
    mend,
)
from dialgauge.sources.packed import open_bytes
from dialgauge.sources.raw import BLANKS, Loader, Look, Refused, literal_path
from dialgauge.tables.storage import text

__all__ = ["Survey", "load", "look", "relation", "sample", "survey"]

_CHUNK = 1 << 18
_MOST_SHOWN = 100_000
_SHARE_ROWS = 130_000  # a row group of DuckDB's has 122,880
_SHARE_STEP = 1 << 20
_SHARE_STEPS = (8, 64)
_ERRORS, _SCANS = "dialgauge_reject_errors", "dialgauge_reject_scans"
_REASONS = {
    "MISSING COLUMNS": TOO_FEW,
    "TOO MANY COLUMNS": TOO_MANY,
    "INVALID ENCODING": NOT_UTF8,
    "LINE SIZE OVER MAXIMUM": TOO_LONG,
}


def load(look: Look, loader: Loader) -> list[Refused]:
    """Load a CSV file.

    Raises:
        FileError: Its bytes do not fit its encoding, or rows would be lost.
    """
    dialect, headers = understand(look.path, look.settings)
    path = look.path
    if dialect.encoding != "utf-8":
        path = _in_utf8(look.path, dialect, loader.scratch)
    surveyed = survey(path, dialect)
    refused = _try(
        _Csv(path, dialect, len(headers), surveyed.share(_room(loader.con))), surveyed, loader
    )
    if refused is None:
        clean = loader.scratch / f"mended_{len(list(loader.scratch.iterdir()))}.csv"
        rows, refused = mend(path, clean, dialect, len(headers))
        mended = _Csv(clean, Dialect("utf-8", ",", '"', '"', "\n", 0, 1), len(headers))
        inserted = loader.insert(mended.relation)
        refused += _rejects(loader.con)
        if _rows_of(loader, mended, inserted) != rows:
            raise FileError(f"{look.path} cannot be read without losing rows; please report it")
    return refused


def relation(path: Path, dialect: Dialect, columns: int, share: int = 0) -> str:
    """Write the SQL that reads a UTF-8 CSV file as columns c0, c1, ... of text.

    Args:
        path: The file.
        dialect: How it is written.
        columns: How many columns it has.
        share: Bytes that a thread reads at a time, a multiple of 16 (with others DuckDB 2.0 loses
            a row in each share) and longer than any line, for DuckDB then refuses no other; 0
            to leave both to DuckDB.
    """
    buffer = f"buffer_size = {share}, " if share else ""
    named = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(columns))
    read = (
        f"read_csv({literal_path(path)}, hive_partitioning = false, "
        f"auto_detect = false, columns = {{{named}}}, "
        f"delim = {text(dialect.delimiter)}, quote = {text(dialect.quote)}, "
        f"escape = {text(dialect.escape)}, new_line = {text(_escaped(dialect.newline))}, "
        f"header = {'true' if dialect.header_lines else 'false'}, skip = {dialect.skip}, "
        f"{buffer}"
        f"store_rejects = true, rejects_limit = 0, "
        f"rejects_table = '{_ERRORS}', rejects_scan = '{_SCANS}')"
    )
    if columns == 1:  # a blank line is no row, but DuckDB reads it as one when there is one column
        return f"(SELECT * FROM {read} WHERE c0 IS NOT NULL)"
    return read


@dataclass(frozen=True, slots=True)
class _Csv:
    """A CSV file in UTF-8 and how it is written."""

    path: Path
    dialect: Dialect
    columns: int
    share: int = 0

    @property
    def relation(self) -> str:
        return relation(self.path, self.dialect, self.columns, self.share)


def _try(file: _Csv, surveyed: Survey, loader: Loader) -> list[Refused] | None:
    """Load with DuckDB alone; None, with nothing added, when the file must be mended."""
    try:
        inserted = loader.insert(file.relation, surveyed.blanks)
    except duckdb.InvalidInputException:
        _rejects(loader.con)
        return None
    refused = _rejects(loader.con)
    rows = _rows_of(loader, file, inserted)
    lost = any(row.reason == BAD_QUOTE for row in refused)
    if lost or not _accounted(file, loader.con, surveyed.lines, rows, refused):
        loader.undo()
        return None
    return refused


def _rows_of(loader: Loader, file: _Csv, inserted: int) -> int:
    """Return how many rows DuckDB read; an insert may have made several of one."""
    if not loader.multiplies:
        return inserted
    rows = loader.con.execute(f"SELECT count(*) FROM {file.relation}").fetchall()[0][0]
    _rejects(loader.con)
    return int(rows)


def _accounted(
    file: _Csv, con: duckdb.DuckDBPyConnection, lines: int, rows: int, refused: list[Refused]
) -> bool:
    """Whether rows read and refused are all the lines there are."""
    end = file.dialect.newline[-1]
    lines -= file.dialect.skip + file.dialect.header_lines
    lines -= sum(row.text.rstrip("\r\n").count(end) for row in refused)
    missing = lines - rows - len(refused)
    if missing <= 0:
        return missing == 0
    inside = " + ".join(
        f"coalesce(length(c{n}) - length(replace(c{n}, chr({ord(end)}), '')), 0)"
        for n in range(file.columns)
    )
    found = con.execute(f"SELECT sum({inside}) FROM {file.relation}").fetchall()
    _rejects(con)
    missing -= int(found[0][0] or 0)
    return missing == 0 or 0 < missing <= _blank_lines(file.path, end.encode())


@dataclass(frozen=True, slots=True)
class Survey:
    """What one fast look at all bytes tells.

    Attributes:
        lines: How many lines there are.
        size: How many bytes.
        blanks: The blanks that may stand around fields.
        endless: Bytes of the longest stretch of chunks without any line end.
    """

    lines: int
    size: int
    blanks: str
    endless: int = 0

    def share(self, room: int) -> int:
        """Return how many bytes a thread should read at a time.

        Rows are stored in the file's order, each share by itself; shares that do not fill a row
        group are put together afterwards, at the cost of copying them once more. 0 where a line
        may be too long to be read, which DuckDB tells only when it chooses itself.

        Args:
            room: Bytes of memory that may be taken.

        Example:
            >>> Survey(lines=1_000_000, size=270_000_000, blanks="").share(1 << 30)
            35651584
        """
        if self.endless > MOST_BYTES - 2 * _CHUNK:  # the line's two ends lie in other chunks
            return 0
        least, most = _SHARE_STEPS
        wanted = self.size * _SHARE_ROWS // max(self.lines, 1)
        steps = min(-(-wanted // _SHARE_STEP), room // _SHARE_STEP, most)
        return max(steps, least) * _SHARE_STEP


def survey(path: Path, dialect: Dialect) -> Survey:
    """Count a file's lines and find which blanks may stand around fields.

    None, where the file has no blanks but spaces, none of them beside a delimiter or a line's end,
    and no quotes: that is cheaper to see here than in every field.
    """
    newline = dialect.newline
    end = newline[-1].encode()
    marks = {blank: blank.encode()[:1] for blank in BLANKS if blank not in (" ", newline[-1])}
    found: set[str] = {" "}
    apart = _apart(dialect)
    bare, before = newline == "\n" and dialect.delimiter != " ", end
    count, size, last = 0, 0, end
    endless = longest = 0
    with open_bytes(path) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            ends = int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == end[0]))
            count += ends
            endless = 0 if ends else endless + len(chunk)
            longest = max(longest, endless)
            found.update(blank for blank, mark in marks.items() if mark in chunk)
            bare = bare and not _may_have_edges(before + chunk, dialect.quote, apart)
            before = (before + chunk)[-2:]
            last = chunk[-1:]
    bare = bare and not _may_have_edges(before + end, dialect.quote, apart)
    if newline == "\r\n":
        found.discard("\r")
    if newline[-1] == "\n":
        found.discard("\n")
    blanks = "" if bare and found == {" "} else "".join(one for one in BLANKS if one in found)
    return Survey(count + (last != end), size, blanks, longest)


def _apart(dialect: Dialect) -> npt.NDArray[np.bool_]:
    """Return for each byte whether a field may begin after it, or end before it."""
    table = np.zeros(256, dtype=bool)
    table[list((dialect.delimiter + dialect.newline).encode() + codecs.BOM_UTF8[-1:])] = True
    return table


def _may_have_edges(joined: bytes, quote: str, apart: npt.NDArray[np.bool_]) -> bool:
    """Whether a space, neither the first byte nor the last, may stand at the edge of a field."""
    if quote and quote.encode() in joined:
        return True
    data = np.frombuffer(joined, np.uint8)
    at = np.flatnonzero(data[1:-1] == ord(" "))
    return bool(apart[data[at]].any() or apart[data[at + 2]].any())


def _room(con: duckdb.DuckDBPyConnection) -> int:
    """Return a quarter of the memory that each thread of a connection has, in bytes."""
    ((room,),) = con.execute(
        "SELECT parse_formatted_bytes(current_setting('memory_limit'))"
        " // (4 * current_setting('threads'))"
    ).fetchall()
    return int(room)


def _blank_lines(path: Path, newline: bytes) -> int:
    """Count a file's blank lines."""
    pattern = re.compile(rb"(?<=" + newline + rb")[\r \t]*" + newline)
    blank, last = 0, newline
    with open_bytes(path) as file:
        while chunk := file.read(_CHUNK):
            blank += len(pattern.findall(last + chunk))
            last = chunk[-1:]
    return blank


def _rejects(con: duckdb.DuckDBPyConnection) -> list[Refused]:
    """Take the rows DuckDB has set aside, and forget them there."""
    try:
        rows = con.execute(
            f"SELECT line, any_value(csv_line), first(error_type ORDER BY column_idx) "
            f"FROM {_ERRORS} GROUP BY scan_id, file_id, line, line_byte_position ORDER BY line"
        ).fetchall()
    except duckdb.CatalogException:
        return []
    con.execute(f"DROP TABLE {_ERRORS}")
    con.execute(f"DROP TABLE {_SCANS}")
    return [
        Refused(int(line), _shown(str(raw or "")), _REASONS.get(str(kind), BAD_QUOTE))
        for line, raw, kind in rows
        if str(raw or "").strip()
    ]


def _shown(raw: str) -> str:
    if len(raw) <= _MOST_SHOWN:
        return raw
    return f"{raw[:_MOST_SHOWN]} ... and {len(raw) - _MOST_SHOWN:,} more characters"


def _in_utf8(path: Path, dialect: Dialect, scratch: Path) -> Path:
    """Write a UTF-8 copy of a file."""
    copy = scratch / f"utf8_{len(list(scratch.iterdir()))}.csv"
    decoder = codecs.getincrementaldecoder(dialect.encoding)("strict")
    before = 0
    with open_bytes(path) as source, copy.open("w", encoding="utf-8", newline="") as target:
        while True:
            chunk = source.read(_CHUNK)
            try:
                target.write(decoder.decode(chunk, final=not chunk))
            except UnicodeDecodeError as error:
                raise misfit(path, dialect.encoding, error, before) from None
            if not chunk:
                return copy
            before += len(chunk)


def _escaped(newline: str) -> str:
    return newline.replace("\r", "\\r").replace("\n", "\\n")
