"""Does everything that is written come back, whatever the format?

Random canonical rows are written as CSV, Parquet, JSON lines and Excel and read back; the oracle
is the rows themselves.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgauge.model.table import Type
from dialgauge.sources.base import stored_columns
from dialgauge.tables.calls import CALLS
from staging import staged_path

Row = Mapping[str, Any]

BLANK = " \t\n\v\f\r\u00a0\u3000"
# what XML cannot hold is left out for Excel below; lone surrogates cannot be written at all
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
TEXTS = WORDS.map(lambda word: word.strip(BLANK) or None)
INSTANTS = st.datetimes(
    dt.datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    dt.datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)


def values(name: str, kind: Type, allowed: Sequence[str]) -> st.SearchStrategy[Any]:
    """Draw a value of a column, sometimes none."""
    if allowed:
        return st.none() | st.sampled_from(allowed)
    if name == "timezone":
        return st.none() | st.sampled_from(["UTC", "Asia/Tbilisi", "UTC|Europe/Berlin"])
    if kind is Type.TEXT:
        return TEXTS
    if kind is Type.BOOL:
        return st.none() | st.booleans()
    if kind is Type.NUMBER:
        return st.none() | st.floats(0, 1e12, allow_subnormal=False)
    if kind is Type.MONEY:
        return st.none() | st.decimals(-(10**10), 10**10, places=4)
    assert kind is Type.TIME
    return st.none()


COLUMNS = {column.name: column for column in stored_columns(CALLS)}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            name: values(name, column.type, column.values)
            for name, column in COLUMNS.items()
        }
        | {"call_id": TEXTS.filter(bool), "started_at": INSTANTS}
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


def as_csv(rows: Sequence[Row], path: Path) -> None:
    """Write rows as CSV."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(COLUMNS), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(target.getvalue(), encoding="utf-8", newline="")


def as_json(rows: Sequence[Row], path: Path) -> None:
    """Write rows as JSON lines."""
    lines = [json.dumps(row, default=str, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def as_parquet(rows: Sequence[Row], path: Path) -> None:
    """Write rows as Parquet."""
    types = {
        Type.TEXT: pa.string(),
        Type.BOOL: pa.bool_(),
        Type.NUMBER: pa.float64(),
        Type.MONEY: pa.decimal128(18, 4),
        Type.TIME: pa.timestamp("us", "UTC"),
    }
    schema = pa.schema([(name, types[column.type]) for name, column in COLUMNS.items()])
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema), path)


def as_excel(rows: Sequence[Row], path: Path) -> None:
    """Write rows as a workbook; times without a zone, as Excel has none."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    for row in rows:
        for place, value in enumerate((row[name] for name in COLUMNS), 1):
            plain = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
            cell = sheet.cell(sheet.max_row + (place == 1), place)
            cell.value = float(plain) if isinstance(plain, Decimal) else plain
            if isinstance(plain, str):
                cell.data_type = "s"  # a text that looks like a formula stays a text
    book.save(path)


def read(path: Path) -> list[dict[str, Any]]:
    """Stage a file and return its rows; none may have a problem."""
    result = staged_path(path)
    assert result.problems() == []
    return [dict(zip(COLUMNS, row, strict=True)) for row in result.rows(*COLUMNS)]


@settings(max_examples=25)
@given(ROWS)
def test_csv_and_json_and_parquet_come_back(rows: list[dict[str, Any]]) -> None:
    """Rows written as CSV, JSON lines and Parquet are read back equal, in order."""
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("x.csv", as_csv), ("x.jsonl", as_json), ("x.parquet", as_parquet)):
            write(rows, Path(folder) / name)
            assert read(Path(folder) / name) == rows, name


SIMPLE = st.text(
    st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_categories=["Cc"]), max_size=12
)
EXCEL_ROWS = st.lists(
    st.fixed_dictionaries(
        {name: st.none() for name in COLUMNS}
        | {
            "call_id": SIMPLE.map(lambda word: word.strip(BLANK)).filter(bool),
            "started_at": INSTANTS.map(lambda time: time.replace(microsecond=0)),
            "contact": st.none() | st.booleans(),
            "result": st.none() | st.sampled_from(COLUMNS["result"].values),
            "talk_s": st.none() | st.integers(0, 10**9).map(float),
            "cost": st.none() | st.decimals(-(10**6), 10**6, places=4),
            "script": SIMPLE.map(lambda word: word.strip(BLANK) or None),
        }
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


@settings(max_examples=25)
@given(EXCEL_ROWS)
def test_excel_comes_back(rows: list[dict[str, Any]]) -> None:
    """Rows written as a workbook are read back equal, in order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        as_excel(rows, path)
        assert read(path) == rows
