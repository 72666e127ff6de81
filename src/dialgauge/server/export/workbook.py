"""How is a page written as an Excel workbook?"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from dialgauge.model.kpi import Unit
from dialgauge.server.export.seen import Seen, Sheet, sheets

_FORMATS: Mapping[Unit, str] = MappingProxyType(
    {
        Unit.SHARE: "0.0%",
        Unit.MONEY: "#,##0.00",
        Unit.COUNT: "#,##0",
        Unit.SECONDS: "[h]:mm:ss",
        Unit.DAYS: "#,##0.0",
        Unit.HOURS: "#,##0.0",
        Unit.RATIO: "0.00",
        Unit.POINTS: "0.0",
    }
)
_DAY_S = 86_400
_LONGEST_NAME = 31
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def workbook(seen: Seen) -> bytes:
    """Write a page as a workbook: a sheet that says what it is of, and one an answer.

    Numbers are numbers with the format of their unit, durations are Excel's own (days, shown as
    hours), texts are texts: nothing that came from outside can run as a formula.

    Returns:
        The file.
    """
    book = Workbook(write_only=True)
    say = seen.look.say
    about = _added(book, say.t("report.about"), [])
    about.column_dimensions["A"].width = 24
    about.column_dimensions["B"].width = 90
    for row in (*seen.about, ("", ""), *((say.t("ui.notes"), note) for note in seen.notes)):
        about.append([_text(about, cell) for cell in row])
    names: list[str] = [say.t("report.about")]
    for panel, shown in seen.panels:
        for sheet in sheets(shown, panel.name, seen.look.gauge.words.kpis, say.names):
            _write(_added(book, sheet.name, names), sheet)
    told = io.BytesIO()
    book.save(told)
    return told.getvalue()


def _added(book: Workbook, name: str, names: list[str]) -> Any:  # untyped while it is written
    plain = re.sub(r"[\[\]:*?/\\]", " ", name)[:_LONGEST_NAME]
    place = 2
    found = plain
    while found in names:
        found = f"{plain[: _LONGEST_NAME - 4]} {place}"
        place += 1
    names.append(found)
    return book.create_sheet(found)


def _write(to: Any, sheet: Sheet) -> None:
    to.freeze_panes = "B2"
    for place, column in enumerate(sheet.columns, 1):
        wide = max(10, min(34, len(column.name) + 2))
        to.column_dimensions[get_column_letter(place)].width = wide
    to.append([_heading(to, column.name) for column in sheet.columns])
    for row in sheet.rows:
        to.append(_cells(to, sheet, row))


def _cells(to: Any, sheet: Sheet, row: Sequence[object]) -> list[Cell | None]:
    return [
        None if cell is None else _cell(to, cell, column.unit)
        for column, cell in zip(sheet.columns, row, strict=True)
    ]


def _cell(to: Any, value: object, unit: Unit | None) -> Cell:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return _text(to, str(value))
    cell: Cell = WriteOnlyCell(to, value / _DAY_S if unit is Unit.SECONDS else value)
    if unit is not None:
        cell.number_format = _FORMATS[unit]
    return cell


def _text(to: Any, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(to, _ILLEGAL.sub("", text))
    cell.data_type = "s"  # else '=1+1' would be a formula
    return cell


def _heading(to: Any, text: str) -> Cell:
    cell = _text(to, text)
    cell.font = Font(bold=True)
    return cell
