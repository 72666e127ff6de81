"""Which Excel file shall people fill in?

One sheet with the columns of a table, typed and checked while people type, and a second one that
says in their language what belongs where. Import reads the first sheet only, so the examples on
the second never come in. Columns that people must not fill by hand are left out: a number written
under `phone_token` would be stored as it stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dialgauge.errors import FileError, UnknownNameError, UsageError
from dialgauge.lang import Texts
from dialgauge.model.table import Column, Table, Type
from dialgauge.sources.base import stored_columns
from dialgauge.tables import TABLES

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

NAMES = (
    *("agents", "campaigns", "costs", "currencies", "customers"),
    *("leads", "meetings", "orders", "targets"),
)
"""The tables that people keep in spreadsheets."""

_NOT_BY_HAND = ("phone_token", "carrier", "phone_valid", "source", "attributes")
_NAMED = MappingProxyType(
    {
        "category": "group_name.cost_category",
        "kind": "group_name.order_kind",
        "allocate_by": "template.driver",
    }
)
_LAST_ROW = 1_048_576
_WIDE, _NARROW, _LONGEST_HELP = 26, 14, 250
_FORMATS: Mapping[Type, str] = MappingProxyType(
    {
        Type.TEXT: "@",  # keeps the zeros of 007
        Type.DATE: "yyyy-mm-dd",
        Type.TIME: "yyyy-mm-dd hh:mm",
        Type.MONEY: "#,##0.00",
        Type.NUMBER: "General",
        Type.INTEGER: "0",
        Type.BOOL: "General",
    }
)
_DAY, _LATER = dt.date(2026, 1, 1), dt.date(2026, 1, 31)
_NOON = dt.datetime(2026, 1, 5, 12, 30)  # noqa: DTZ001 - Excel has no zones
_EXAMPLES: Mapping[str, tuple[Mapping[str, object], ...]] = MappingProxyType(
    {
        "agents": (
            {"agent_id": "example-1", "name": "Example One", "team": "North", "hired_on": _DAY,
             "hourly_cost": 18.5, "currency": "EUR", "language": "en"},
            {"agent_id": "example-2", "name": "Example Two", "team": "South", "hired_on": _DAY,
             "left_on": _LATER},
        ),
        "campaigns": (
            {"campaign_id": "example-1", "name": "Spring", "product": "Fibre", "goal": "sale",
             "started_on": _DAY, "ended_on": _LATER},
            {"campaign_id": "example-2", "name": "Survey", "goal": "survey", "started_on": _DAY},
        ),
        "costs": (
            {"cost_id": "example-1", "category": "labour", "amount": 40_000, "currency": "EUR",
             "starts_on": _DAY, "ends_on": _LATER, "allocate_by": "agent_hours"},
            {"cost_id": "example-2", "category": "lead_data", "amount": 1_250.5,
             "currency": "EUR", "starts_on": _DAY, "ends_on": _DAY, "lead_source": "fair"},
            {"cost_id": "example-3", "category": "technology", "amount": 6_200, "currency": "EUR",
             "starts_on": _DAY, "ends_on": dt.date(2026, 3, 31), "allocate_by": "even"},
        ),
        "currencies": (
            {"rate_id": "example-1", "currency": "USD", "on": _DAY, "rate": 0.92},
            {"rate_id": "example-2", "currency": "GEL", "on": _DAY, "rate": 0.34},
        ),
        "customers": (
            {"customer_id": "example-1", "lead_id": "L1", "acquired_at": _NOON, "country": "DE"},
            {"customer_id": "example-2", "acquired_at": _NOON, "region": "Bavaria"},
        ),
        "leads": (
            {"lead_id": "example-1", "created_at": _NOON, "lead_source": "fair", "list_id": "101",
             "country": "DE", "timezone": "Europe/Berlin", "cost": 2.5, "currency": "EUR"},
            {"lead_id": "example-2", "created_at": _NOON, "lead_source": "web", "invalid": True},
        ),
        "meetings": (
            {"meeting_id": "example-1", "lead_id": "L1", "agent_id": "A1", "set_at": _NOON,
             "due_at": dt.datetime(2026, 1, 9, 10)},  # noqa: DTZ001
            {"meeting_id": "example-2", "lead_id": "L2", "set_at": _NOON, "cancelled_at": _NOON},
        ),
        "orders": (
            {"order_id": "example-1", "customer_id": "K1", "lead_id": "L1", "ordered_at": _NOON,
             "amount": 1_500, "margin": 600, "currency": "EUR", "kind": "new"},
            {"order_id": "example-2", "customer_id": "K1", "ordered_at": _NOON, "amount": 300,
             "currency": "EUR", "kind": "repeat", "refunded": 300},
        ),
        "targets": (
            {"target_id": "example-1", "kpi": "contact_rate", "value": 0.2,
             "scope": "team = 'North'", "starts_on": _DAY, "ends_on": _LATER},
            {"target_id": "example-2", "kpi": "revenue", "value": 200_000, "starts_on": _DAY,
             "ends_on": _LATER},
        ),
    }
)  # fmt: skip


def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table that people fill in.

    Example:
        >>> [column.name for column in columns_of(TABLES["targets"])]
        ['target_id', 'kpi', 'value', 'scope', 'starts_on', 'ends_on']
    """
    return tuple(column for column in stored_columns(table) if column.name not in _NOT_BY_HAND)


def write_template(name: str, path: Path, said: Texts) -> None:
    """Write the workbook of a table; a file that is there already is never replaced.

    Args:
        name: One of `NAMES`.
        path: Where; its name ends in .xlsx.
        said: The language of its second sheet and of what it says while people type.

    Raises:
        FileError: The file exists, or cannot be written.
        UnknownNameError: There is no template of that name.
        UsageError: The file's name is not that of a workbook.
    """
    if name not in NAMES:
        raise UnknownNameError("template", name, NAMES)
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"'{path}' is no name of a workbook; let it end in .xlsx")
    book = _book(TABLES[name], path.name, said)
    try:
        with path.open("xb") as file:
            book.save(file)
    except FileExistsError:
        raise FileError(
            f"'{path}' exists and somebody may have filled it in; name another file"
        ) from None
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {error.strerror}; name another") from error


def _book(table: Table, file: str, said: Texts) -> Workbook:
    from openpyxl import Workbook  # noqa: PLC0415 - takes longer than most commands

    book = Workbook()
    book.properties.creator = "dialgauge"
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new book has a sheet
    sheet.title = table.name
    _form(sheet, table, said)
    _help(book.create_sheet(said.t("template.sheet")), table, file, said)
    return book


def _form(sheet: Worksheet, table: Table, said: Texts) -> None:
    """Make the sheet that is filled in."""
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import Alignment  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet.freeze_panes = "B2"
    for place, column in enumerate(columns_of(table), 1):
        letter = get_column_letter(place)
        cell = _written(sheet, 1, place, column.name)
        _headed(cell, needed=column.name in (table.key, table.clock))
        note = Comment(_told(column, table, said), "dialgauge")
        note.width, note.height = 320, 140
        cell.comment = note
        size = sheet.column_dimensions[letter]
        size.width = max(_NARROW, len(column.name) + 4)
        size.number_format = _FORMATS[column.type]
        size.alignment = Alignment(horizontal="left" if column.type is Type.TEXT else "right")
        check = _check(column, table, letter, said)
        check.showInputMessage = check.showErrorMessage = True
        check.promptTitle, check.prompt = column.name, _told(column, table, said)[:_LONGEST_HELP]
        check.errorTitle = column.name
        sheet.add_data_validation(check)
        check.add(f"{letter}2:{letter}{_LAST_ROW}")


def _check(column: Column, table: Table, letter: str, said: Texts) -> DataValidation:
    """Say what Excel lets people type."""
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    def made(kind: Any, error: str, **rule: Any) -> DataValidation:
        told = said.t(f"template.{error}")
        return DataValidation(type=kind, error=told, allow_blank=True, **rule)

    values = column.values or (("true", "false") if column.type is Type.BOOL else ())
    if values:
        return made("list", "bad_choice", formula1=f'"{",".join(values)}"')
    if column.name == table.key:
        once = f"COUNTIF(${letter}:${letter},{letter}2)=1"
        return made("custom", "bad_key", formula1=once, errorStyle="warning")
    if column.name == "currency":
        return made("textLength", "bad_currency", operator="equal", formula1="3")
    if column.name == "refunded":  # an amount, or true
        either = f"OR(ISLOGICAL({letter}2),AND(ISNUMBER({letter}2),{letter}2>=0))"
        return made("custom", "bad_amount", formula1=either)
    match column.type:
        case Type.DATE | Type.TIME:
            since = "DATE(1970,1,1)"
            error = "bad_day" if column.type is Type.DATE else "bad_time"
            return made("date", error, operator="greaterThanOrEqual", formula1=since)
        case Type.MONEY | Type.INTEGER:
            return made("decimal", "bad_amount", operator="greaterThanOrEqual", formula1="0")
        case Type.NUMBER:
            most = "1E+15"
            return made("decimal", "bad_number", formula1=f"-{most}", formula2=most)
    return made("textLength", "bad_text", operator="lessThanOrEqual", formula1="32000")


def _help(sheet: Worksheet, table: Table, file: str, said: Texts) -> None:
    """Make the sheet that explains the other; nothing on it is imported."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    columns = columns_of(table)
    meaning = said.words.get(f"fill.{table.name}.is", table.meaning)
    _written(sheet, 1, 1, f"{table.name}: {meaning}").font = Font(bold=True, size=14)
    needed = ", ".join(c.name for c in columns if c.name in (table.key, table.clock))
    command = f"dialgauge import files {file} --table {table.name}"
    row = 2
    for line in _rules(table, needed, command, said):
        row += 1
        _written(sheet, row, 1, line)
    row += 2
    for place, heading in enumerate(("column", "needed", "kind", "meaning", "values"), 1):
        _headed(_written(sheet, row, place, said.t(f"template.{heading}")), needed=False)
    for column in columns:
        row += 1
        in_every = said.t("template.yes") if column.name in (table.key, table.clock) else ""
        kind = said.t(f"template.kind_{column.type.value}")
        named = (f"{value} ({_value(column, value, said)})" for value in column.values)
        cells = (column.name, in_every, kind, _meaning(column, table, said), "\n".join(named))
        for place, text in enumerate(cells, 1):
            cell = _written(sheet, row, place, text)
            cell.alignment = Alignment(vertical="top", wrap_text=place >= 4)
    row += 2
    _written(sheet, row, 1, said.t("template.examples")).font = Font(bold=True, size=12)
    row += 1
    for place, column in enumerate(columns, 1):
        _headed(_written(sheet, row, place, column.name), needed=False)
    for example in _EXAMPLES[table.name]:
        row += 1
        for place, column in enumerate(columns, 1):
            if column.name in example:
                cell = _written(sheet, row, place, example[column.name])
                cell.number_format = _FORMATS[column.type]
                cell.font = Font(italic=True, color="FF666666")
    for letter, width in zip("ABCDE", (_WIDE, _NARROW, _NARROW, 60, 44), strict=True):
        sheet.column_dimensions[letter].width = width


def _rules(table: Table, needed: str, command: str, said: Texts) -> Iterator[str]:
    types = {column.type for column in columns_of(table)}
    yield said.t("template.rule_rows")
    yield said.t("template.rule_needed", columns=needed)
    yield said.t("template.rule_key", column=table.key)
    if Type.DATE in types:
        yield said.t("template.rule_day")
    if Type.TIME in types:
        yield said.t("template.rule_time")
    if Type.MONEY in types:
        yield said.t("template.rule_money")
    if table.name == "leads":
        yield said.t("template.rule_phone")
    yield said.t("template.rule_import", command=command)
    yield said.t("template.rule_refused")


def _meaning(column: Column, table: Table, said: Texts) -> str:
    return said.words.get(f"fill.{table.name}.{column.name}", column.meaning)


def _value(column: Column, value: str, said: Texts) -> str:
    return said.t(f"{_NAMED[column.name]}.{value}")


def _told(column: Column, table: Table, said: Texts) -> str:
    """Say in short what belongs into a column."""
    kind = said.t(f"template.kind_{column.type.value}")
    needed = f" {said.t('template.in_every')}" if column.name in (table.key, table.clock) else ""
    return f"{_meaning(column, table, said)} [{kind}]{needed}"


def _written(sheet: Worksheet, row: int, place: int, value: object) -> Any:
    cell = sheet.cell(row=row, column=place, value=value)  # type: ignore[call-overload]
    if isinstance(value, str):
        cell.data_type = "s"  # no text becomes a formula
    return cell


def _headed(cell: Any, *, needed: bool) -> None:
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415

    cell.font = Font(bold=True, color="FFFFFFFF" if needed else "FF1F2933")
    cell.fill = PatternFill("solid", fgColor="FF0F766E" if needed else "FFD9E2EC")
