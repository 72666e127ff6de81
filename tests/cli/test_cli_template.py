"""Does a spreadsheet that people fill in come back as they meant it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import Run
from openpyxl.worksheet.worksheet import Worksheet

from dialgauge.lang import LANGUAGES, texts
from dialgauge.tables import TABLES
from dialgauge.template import NAMES, columns_of

JANUARY = dt.date(2026, 1, 1), dt.date(2026, 1, 31)


def form(path: str) -> tuple[openpyxl.Workbook, Worksheet]:
    """Open a template at the sheet that is filled in."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    return book, sheet


def fill(path: str, rows: Mapping[int, Mapping[str, object]]) -> None:
    """Fill in rows of a template, by their number in the sheet, as Excel would."""
    book, sheet = form(path)
    headers = [cell.value for cell in sheet[1]]
    for number, row in rows.items():
        for name, value in row.items():
            sheet.cell(number, headers.index(name) + 1, value)  # type: ignore[call-overload]
    book.save(path)


def examples(path: str) -> list[dict[str, object]]:
    """Read the example rows of the second sheet."""
    help_sheet = openpyxl.load_workbook(path).worksheets[1]
    rows = [list(row) for row in help_sheet.iter_rows(values_only=True)]
    starts = [place for place, row in enumerate(rows) if str(row[0]).startswith("example-")]
    headers: Sequence[Any] = rows[starts[0] - 1]
    return [
        {str(name): cell for name, cell in zip(headers, rows[place], strict=True) if cell}
        for place in starts
    ]


def test_costs_go_out_and_come_back(run: Run) -> None:
    """Typed cells arrive as they were typed: amounts, days, and keys with their zeros."""
    assert run("init").status == 0
    assert "costs.xlsx" in run("template", "costs").out
    first, last = JANUARY
    wages = {"category": "labour", "currency": "EUR", "starts_on": first, "ends_on": last}
    fill(
        "costs.xlsx",
        {
            2: {"cost_id": "007", "amount": 40000.25, "allocate_by": "even", **wages},
            3: {"cost_id": 8, "amount": "1250.50", "category": "lead_data", "currency": "EUR",
                "starts_on": "2026-01-05", "lead_source": "fair"},
        },
    )  # fmt: skip
    report = run("import", "files", "costs.xlsx", "--table", "costs", "--format", "json").json
    assert (report["read"], report["loaded"], report["quarantined"]) == (2, 2, 0)
    answer = run("ask", "cost", "--by", "lead_source", "--format", "json").json
    found = {row["keys"]["lead_source"]: row["values"]["cost"]["value"] for row in answer["rows"]}
    assert found == {None: 40000.25, "fair": 1250.5}
    again = run("import", "files", "costs.xlsx", "--format", "json").json
    assert (again["read"], again["unchanged"]) == (2, 2)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_takes_its_own_examples(run: Run, name: str) -> None:
    """Rows copied from the second sheet to the first one are all loaded, in any language."""
    language = list(LANGUAGES)[NAMES.index(name) % 4]
    assert run("init").status == 0
    assert run("template", name, "in.xlsx", "--lang", language).status == 0
    empty = run("import", "files", "in.xlsx", "--table", name, "--format", "json").json
    assert empty["read"] == 0
    rows = examples("in.xlsx")
    assert len(rows) in {2, 3}
    fill("in.xlsx", dict(enumerate(rows, 2)))
    report = run("import", "files", "in.xlsx", "--table", name, "--format", "json").json
    assert (report["read"], report["loaded"]) == (len(rows), len(rows))
    assert report["unused"] == []


def test_a_bad_cell_is_named_as_people_see_it(run: Run) -> None:
    """Rows and columns are those of the sheet, with empty rows in between; the rest is loaded."""
    assert run("init").status == 0
    assert run("template", "costs").status == 0
    day = {"starts_on": dt.date(2026, 1, 1), "category": "other"}
    fill(
        "costs.xlsx",
        {
            2: {"cost_id": "a", "amount": 1, **day},
            5: {"cost_id": "b", "amount": "much", **day},
            7: {"cost_id": "c", "amount": 3, "starts_on": "last week"},
            9: {"cost_id": "d", "amount": "1 000,00 EUR", **day},
            10: {"amount": 5, **day},
            11: {"cost_id": "f", "amount": 6, "starts_on": day["starts_on"], "category": "party"},
        },
    )
    said = run("import", "files", "costs.xlsx").out
    assert "costs: 6 rows read: 1 loaded, 0 updated, 0 unchanged, 5 quarantined" in said
    lines = {line.strip() for line in said.splitlines() if " refused: " in line}
    assert {line.split("refused: ")[1].split(" ")[0]: line.rsplit("(", 1)[1] for line in lines} == {
        "amount": "rows 5 and 9, column C of the sheet costs)",
        "starts_on": "row 7, column E of the sheet costs)",
        "cost_id": "row 10, column A of the sheet costs)",
        "category": "row 11, column B of the sheet costs)",
    }
    strict = run("import", "files", "costs.xlsx", "--strict")
    assert "first in 'costs.xlsx', rows 5 and 9, column C of the sheet costs)" in strict.err
    fill("costs.xlsx", {5: {"amount": 20}})
    mended = run("import", "files", "costs.xlsx", "--format", "json").json
    assert (mended["loaded"], mended["unchanged"], mended["quarantined"]) == (1, 1, 4)


def test_rows_of_a_sheet_of_ones_own_are_named_too(run: Run) -> None:
    """With a title above the header, headers of one's own, and more bad rows than can be named."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "2026"
    for row in (["Costs of 2026"], [], ["Nr", "Sum", "Day"]):
        sheet.append(row)
    for number in range(25):
        sheet.append([number, "?", "2026-01-01"])
    book.save("own.xlsx")
    columns = 'cost_id = "Nr"\namount = "Sum"\nstarts_on = "Day"\n'
    mapping = f'table = "costs"\n[file]\nskip = 1\n[columns]\n{columns}'
    Path("own.toml").write_text(mapping, encoding="utf-8")
    assert run("init").status == 0
    report = run("import", "files", "own.xlsx", "--mapping", "own.toml", "--format", "json").json
    (reason,) = report["reasons"]
    assert (reason["rows"], reason["reason"][:20]) == (25, "amount (from 'Sum') ")
    assert reason["where"].startswith("rows 4, 5, 6, ")
    assert reason["where"].endswith("22 and 23, column B of the sheet 2026, and more")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_excel_is_told(run: Run, language: str) -> None:
    """Lists, days, amounts not below 0, three letters; explained in the reader's language."""
    assert run("template", "costs", "--lang", language).status == 0
    book, sheet = form("costs.xlsx")
    checks = {str(check.sqref)[0]: check for check in sheet.data_validations.dataValidation}
    letters = {cell.value: cell.coordinate[0] for cell in sheet[1]}
    assert list(letters) == [column.name for column in columns_of(TABLES["costs"])]
    listed = checks[letters["category"]]
    categories = TABLES["costs"].column("category").values
    assert (listed.type, listed.formula1) == ("list", f'"{",".join(categories)}"')
    assert checks[letters["allocate_by"]].type == "list"
    assert (checks[letters["starts_on"]].type, sheet.freeze_panes) == ("date", "B2")
    amount = checks[letters["amount"]]
    assert (amount.type, amount.operator, amount.formula1) == ("decimal", "greaterThanOrEqual", "0")
    currency = checks[letters["currency"]]
    assert (currency.type, currency.operator, currency.formula1) == ("textLength", "equal", "3")
    assert amount.error == texts(language).t("template.bad_amount")
    assert all(len(check.prompt) <= 255 and len(check.error) <= 225 for check in checks.values())
    assert all(cell.comment and cell.comment.text for cell in sheet[1])
    assert book.sheetnames == ["costs", texts(language).t("template.sheet")]
    told = {cell.value for row in book.worksheets[1].iter_rows() for cell in row}
    assert texts(language).t("template.examples") in told
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)


def test_nothing_that_was_filled_in_is_lost(run: Run) -> None:
    """A file that exists is not written over, and other kinds of files are refused."""
    Path("orders.xlsx").write_text("mine", encoding="utf-8")
    assert run("template", "orders").sentence == (
        "'orders.xlsx' exists and somebody may have filled it in; name another file"
    )
    assert Path("orders.xlsx").read_text(encoding="utf-8") == "mine"
    assert "let it end in .xlsx" in run("template", "orders", "orders.csv").sentence
    assert "No such file" in run("template", "orders", "nowhere/orders.xlsx").sentence
    assert not (set(columns_of(TABLES["leads"])) & {TABLES["leads"].column("phone_token")})
