"""How is an Excel workbook read?

One sheet, row by row, never all at once. Typed cells are written as people would write them: a
date as ISO 8601, a whole number without `.0`. Of a formula the value that Excel last saved counts.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from dialgauge.errors import FileError, UnknownNameError
from dialgauge.sources.raw import TEXT, Loader, Look, Refused, Settings, folded

_BATCH = 10_000


def look(path: Path, settings: Settings) -> Look:
    """Look at a workbook's header.

    Raises:
        FileError: It is not a workbook, or the sheet has no header.
        UnknownNameError: It has no sheet of that name.
    """
    sheet = ""
    others: tuple[str, ...] = ()
    headers: tuple[str, ...] | None = None
    for name, names, _, number, row in _rows(path, settings):
        sheet, others = name, tuple(one for one in names if one != name)
        if number == 0:
            headers = tuple(_written(value, comma=False) or "" for value in row)
            break
    if headers is None:
        asked = f"'{settings.sheet}'" if settings.sheet else "first sheet"
        raise FileError(f"{path} has no header row in its {asked}; name another one as sheet")
    while headers and not headers[-1]:
        headers = headers[:-1]
    if settings.headers:
        headers = settings.headers
    notes: tuple[str, ...] = ()
    if others and not settings.sheet:
        notes = (f"{path} has several sheets; '{sheet}' was read, not {', '.join(others)}",)
    if _has_formulas(path):
        notes = (*notes, f"{path} has formulas; the values saved with them were read")
    return Look(
        path=path,
        kind="excel",
        headers=tuple(header.strip() for header in headers),
        types=(TEXT,) * len(headers),
        details={"sheet": sheet},
        settings=settings,
        notes=notes,
    )


def load(look: Look, loader: Loader) -> list[Refused]:
    """Load a sheet."""
    names = [f"c{place}" for place in range(len(look.headers))]
    schema = pa.schema([(name, pa.string()) for name in names])
    comma = [header in loader.comma for header in look.headers]
    refused: list[Refused] = []

    def batches() -> Iterator[pa.RecordBatch]:
        rows: list[list[str | None]] = []
        for line, row in _data(look):
            cells = list(row[: len(names)]) + [None] * (len(names) - len(row))
            if _beyond(look, row):
                shown = [_written(value, comma=False) for value in row]
                refused.append(Refused(line, str(shown), TOO_MANY_CELLS))
                continue
            rows.append(
                [_written(value, comma=mark) for value, mark in zip(cells, comma, strict=True)]
            )
            if len(rows) == _BATCH:
                yield _batch(rows, schema)
                rows = []
        yield _batch(rows, schema)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    name = "dialgauge_sheet"
    loader.con.register(name, reader)
    try:
        loader.con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_rows AS FROM {name}")
    finally:
        loader.con.unregister(name)
    loader.insert(f"{name}_rows")
    loader.con.execute(f"DROP TABLE {name}_rows")
    return refused


TOO_MANY_CELLS = "the row has cells beyond the header"


def where(look: Look, places: Sequence[int], reason: str) -> str:
    """Say where in the sheet rows stand that were refused, as people see it in Excel.

    Args:
        look: What was seen of the workbook.
        places: Which of its rows they are, in the order of `load`, from 1.
        reason: Why, which begins with the column.

    Returns:
        Such as `row 4, column C of the sheet costs`; empty when they are not to be found.
    """
    fitting = (line for line, row in _data(look) if not _beyond(look, row))
    lines = [str(line) for place, line in enumerate(fitting, 1) if place in places]
    if not lines:
        return ""
    shown = ", ".join(lines[:-1]) + (" and " if lines[1:] else "") + lines[-1]
    rows = "rows" if lines[1:] else "row"
    return f"{rows} {shown}{_column(look, reason)} of the sheet {look.details['sheet']}"


def _column(look: Look, reason: str) -> str:
    said = re.match(r"\w+ \(from '(.+?)'\) ", reason) or re.match(r"(\w+) ", reason)
    headers = [folded(header) for header in look.headers]
    if said is None or folded(said[1]) not in headers:
        return ""
    return f", column {get_column_letter(headers.index(folded(said[1])) + 1)}"


def _data(look: Look) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield the rows below the header that hold anything, each with its number in the sheet."""
    for _, _, line, number, row in _rows(look.path, look.settings):
        header = number == 0 and not look.settings.headers
        if not header and any(value is not None for value in row):
            yield line, row


def _beyond(look: Look, row: tuple[object, ...]) -> bool:
    return any(value is not None for value in row[len(look.headers) :])


def _batch(rows: list[list[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        pa.array([row[place] for row in rows], pa.string()) for place in range(len(schema.names))
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _rows(
    path: Path, settings: Settings
) -> Iterator[tuple[str, tuple[str, ...], int, int, tuple[object, ...]]]:
    """Yield the sheet's name, all names, the row's place in it and below the header, its cells."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that do not matter here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read as an Excel workbook (.xlsx): {error}") from None
    try:
        names = tuple(book.sheetnames)
        if settings.sheet and settings.sheet not in names:
            raise UnknownNameError(f"sheet in {path}", settings.sheet, names)
        sheet = book[settings.sheet or names[0]]
        sheet.reset_dimensions()  # some programs write a wrong size, which would cut rows off
        number = 0
        for place, row in enumerate(sheet.iter_rows(values_only=True)):
            if place < settings.skip or (number == 0 and all(value is None for value in row)):
                continue
            yield sheet.title, names, place + 1, number, tuple(row)
            number += 1
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with archive.open(name) as sheet:
                    last = b""
                    while chunk := sheet.read(1 << 20):
                        if b"<f>" in last + chunk or b"<f " in last + chunk:
                            return True
                        last = chunk[-3:]
    return False


def _written(value: object, *, comma: bool) -> str | None:
    """Write a cell's value as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        plain = str(int(value)) if float(value).is_integer() else repr(value)
        return plain.replace(".", ",") if comma else plain
    if isinstance(value, dt.datetime):
        return _rounded(value).isoformat(sep="T")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds(), 3)
        hours, rest = divmod(seconds, 3600)
        return f"{int(hours)}:{int(rest // 60):02}:{rest % 60:06.3f}".removesuffix(".000")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _rounded(value: dt.datetime) -> dt.datetime:
    """Round to milliseconds; Excel's days are floating numbers."""
    return (value + dt.timedelta(microseconds=500)).replace(
        microsecond=(value + dt.timedelta(microseconds=500)).microsecond // 1000 * 1000
    )


def sample(seen: Look, rows: int) -> list[tuple[str | None, ...]]:
    """Return the first rows of a sheet as texts."""
    found: list[tuple[str | None, ...]] = []
    width = len(seen.headers)
    for _, _, _, number, row in _rows(seen.path, seen.settings):
        if number == 0 and not seen.settings.headers:
            continue
        cells = [_written(value, comma=False) for value in row[:width]]
        found.append((*cells, *(None,) * (width - len(cells))))
        if len(found) == rows:
            break
    return found
