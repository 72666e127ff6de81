"""Which files are Asterisk's, and how does each one order its columns?

Neither kind of Master.csv has a header, and both may have any width from 16 to 21 columns; the
start time tells them apart (column 10 or 9), and the disposition (15 or 14). Only the beginning of
a file is looked at here; rows that do not fit are found and kept when the whole is read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialgauge.errors import FileError, UsageError
from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.packed import PLAIN, opened, packing

CDR_FIELDS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
    *("uniqueid", "userfield", "peeraccount", "linkedid", "sequence"),
    *("did", "recordingfile", "cnum", "cnam", "outbound_cnum", "outbound_cnam", "dst_cnam"),
)
"""The CDR fields that are read; `calldate` is another name of `start`."""

DISPOSITIONS = (
    *("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "CANCEL", "UNKNOWN"),
    *("ANSWER", "NOANSWER"),
)

_NEEDED = ("start", "duration", "disposition")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_QUEUE_LINE = re.compile(r"\d{9,10}(\.\d+)?\|[^|]*\|[^|]*\|[^|]*\|[A-Z]")
_HEAD = 200  # lines looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrFile:
    """A file of call detail records.

    Attributes:
        path: Where it is.
        order: `cdr_csv` (accountcode first), `cdr_custom` (clid first), `columns` (the user told)
            or `header` (the first line tells).
        width: Columns of most rows.
        names: The columns in order, for `columns` and `header`.
        delimiter: What stands between columns.
        packed: How it is packed, in DuckDB's words.
        relation: The temporary table its rows are in, when they came from a database.
    """

    path: Path
    order: str
    width: int
    names: tuple[str, ...] = ()
    delimiter: str = ","
    packed: str = PLAIN
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLog:
    """A queue_log, maybe rotated and compressed.

    Attributes:
        path: Where it is.
        packed: How it is packed, in DuckDB's words.
        relation: The temporary table its events are in, when they came from a database.
    """

    path: Path
    packed: str = PLAIN
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files to read.

    Attributes:
        cdr: In the order they were given; those of a folder by name.
        queue: The same.
        notes: What was left out, and why.
    """

    cdr: tuple[CdrFile, ...] = ()
    queue: tuple[QueueLog, ...] = ()
    notes: tuple[str, ...] = ()


def find(paths: Sequence[Path], options: Options) -> Found:
    """Look at paths, each a file or a folder, and say what is to be read.

    Args:
        paths: What the user gave.
        options: `columns` describes files without a known order.

    Raises:
        FileError: A path does not exist, or is nothing that Asterisk writes.
    """
    cdr: list[CdrFile] = []
    queue: list[QueueLog] = []
    notes: list[str] = []
    files = [file for path in paths for file in _files(path, notes)]
    for path in dict.fromkeys(files):
        file = recognise(path, options)
        if isinstance(file, CdrFile):
            cdr.append(file)
        elif isinstance(file, QueueLog):
            queue.append(file)
        else:
            notes.append(f"{path.name} is empty.")
    return Found(cdr=tuple(cdr), queue=tuple(queue), notes=tuple(notes))


def recognise(path: Path, options: Options) -> CdrFile | QueueLog | None:
    """Say what a file is, None when it holds no rows.

    Raises:
        FileError: It is neither CDR nor queue_log, or cannot be read.
    """
    packed, lines = _head(path)
    if not lines:
        return None
    if any(_QUEUE_LINE.match(line) for line in lines):
        return QueueLog(path=path, packed=packed)
    if options.columns:
        names = _checked(options.columns, path)
        return CdrFile(path=path, order="columns", width=len(names), names=names, packed=packed)
    delimiter = max(",;\t", key=lines[0].count)
    header = tuple(_canonical(name) for name in _cells(lines[:1], delimiter)[0])
    if "disposition" in header:
        return CdrFile(
            path=path,
            order="header",
            width=len(header),
            names=_checked(header, path),
            delimiter=delimiter,
            packed=packed,
        )
    rows = _cells(lines, ",")
    order = _order(rows)
    if not order:
        raise FileError(
            f"{path} is no file that Asterisk writes: expected Master.csv (16 to 21 columns), a "
            "CDR export with a header, or a queue_log; for a cdr_custom format of your own give "
            "--option columns=clid,src,..."
        )
    widths = [len(row) for row in rows]
    return CdrFile(path=path, order=order, width=max(widths, key=widths.count), packed=packed)


def _cells(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Cut lines one by one, so that a quote that never ends damages only its own."""
    try:
        return [next(csv.reader([line], delimiter=delimiter)) for line in lines]
    except csv.Error:  # a line of more than 128 KiB, or with a NUL: nothing Asterisk writes
        return [[]]


def _order(rows: Sequence[Sequence[str]]) -> str:
    votes = {"cdr_csv": 0, "cdr_custom": 0}
    for row in rows:
        for order, start, disposition in (("cdr_csv", 9, 14), ("cdr_custom", 8, 13)):
            if len(row) > disposition:
                votes[order] += bool(_TIME.match(row[start])) and not _TIME.match(row[start - 1])
                votes[order] += row[disposition].upper() in DISPOSITIONS
    order = max(votes, key=votes.__getitem__)
    return order if votes[order] else ""


def _canonical(name: str) -> str:
    plain = name.strip().lstrip("\ufeff").strip('"').lower()
    return "start" if plain == "calldate" else plain


def _checked(names: Sequence[str], path: Path) -> tuple[str, ...]:
    known = tuple(_canonical(name) for name in names)
    missing = [name for name in _NEEDED if name not in known]
    if missing or len(set(known)) < len(known):
        wrong = f"lack {', '.join(missing)}" if missing else "name one column twice"
        raise UsageError(
            f"the columns of {path} {wrong}; needed are start (or calldate), duration and "
            f"disposition, each once; known are {', '.join(CDR_FIELDS)}"
        )
    return known


def _files(path: Path, notes: list[str]) -> list[Path]:
    if not path.exists():
        raise FileError(f"{path} does not exist; give files or folders that Asterisk wrote")
    if not path.is_dir():
        return [path]
    masters, customs = (
        _named(path, "Master.csv*", *folders) for folders in (("", "cdr-csv"), ("cdr-custom",))
    )
    if masters and customs:
        notes.append(
            f"{path / 'cdr-custom'} was left out, because it holds the same calls as cdr-csv; "
            "name its file to read it instead."
        )
    found = [*(masters or customs), *_named(path, "queue_log*", "")]
    others = {file for file in path.glob("*") if file.is_file()} | set(path.glob("cdr-csv/*.csv"))
    left = len(others - set(found))
    if left:
        notes.append(
            f"{left} other files in {path} were left out; files per account repeat the rows of "
            "Master.csv, and reading both would count calls twice."
        )
    if not found:
        raise FileError(f"{path} has neither Master.csv nor queue_log; name the files themselves")
    return found


def _named(folder: Path, pattern: str, *below: str) -> list[Path]:
    return [
        file for name in below for file in sorted((folder / name).glob(pattern)) if file.is_file()
    ]


def _head(path: Path) -> tuple[str, list[str]]:
    try:
        packed = packing(path)
        lines: list[str] = []
        with opened(path, packed) as file:
            for _ in range(_HEAD):
                line = file.readline(1 << 20)
                if not line:
                    break
                if text := line.decode("latin-1").strip("\r\n"):
                    lines.append(text)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error}") from error
    if lines and lines[0].startswith(("\xff\xfe", "\xfe\xff")):
        raise FileError(f"{path} is written in UTF-16; save it as UTF-8 and import it again")
    return packed, lines
