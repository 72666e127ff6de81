"""Do Parquet, Excel and JSON lines arrive as CSV does?"""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.errors import FileError, UnknownNameError
from staging import Result, staged, staged_path

NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
TEN = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC).replace(tzinfo=None)


def parquet(folder: Path, columns: dict[str, pa.Array], **request: Any) -> Result:
    """Write a Parquet file and stage it."""
    pq.write_table(pa.table(columns), folder / "file.parquet")
    return staged_path(folder / "file.parquet", **request)


def excel(folder: Path, *rows: list[Any], **request: Any) -> Result:
    """Write a workbook and stage it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(folder / "file.xlsx")
    return staged_path(folder / "file.xlsx", **request)


def test_parquet_keeps_types(tmp_path: Path) -> None:
    """Typed columns are taken as they are; a time without zone is in the zone of the import."""
    columns = {
        "call_id": pa.array([1, 2], pa.int64()),
        "started_at": pa.array([NOON, NOON], pa.timestamp("us", "UTC")),
        "answered_at": pa.array([NOON.replace(tzinfo=None)] * 2, pa.timestamp("ns")),
        "contact": pa.array([True, None], pa.bool_()),
        "ring_s": pa.array([1.5, float("nan")], pa.float64()),
        "converted": pa.array([1, 0], pa.int8()),
        "cost": pa.array([Decimal("1.23"), None], pa.decimal128(10, 2)),
        "result": pa.array(["human", "busy"]).dictionary_encode(),
    }
    result = parquet(tmp_path, columns)
    names = ("call_id", "started_at", "answered_at", "contact", "ring_s", "converted", "cost")
    assert result.texts(*names, "result") == [
        ("1", "2026-07-01 12:00:00+00", "2026-07-01 12:00:00+00", "true", "1.5", "true", "1.2300",
         "human"),
        ("2", "2026-07-01 12:00:00+00", "2026-07-01 12:00:00+00", None, None, "false", None,
         "busy"),
    ]  # fmt: skip
    moved = parquet(tmp_path, columns, timezone="Europe/Berlin")
    # 12:00 in Berlin is 10:00 UTC, before the call began: the row is refused, not loaded wrongly
    assert moved.reasons() == ["answered_at is before started_at"] * 2


def test_parquet_numbers_as_keys_have_no_decimals(tmp_path: Path) -> None:
    """A key that a data frame turned into a float is the whole number again."""
    columns = {
        "call_id": pa.array([5.0, 12345678901.0, 2.5, None], pa.float64()),
        "started_at": pa.array([dt.date(2026, 1, 5)] * 4),
    }
    result = parquet(tmp_path, columns)
    assert result.rows("call_id") == [("5",), ("12345678901",), ("2.5",)]
    assert result.reasons() == ["call_id is missing"]


def test_parquet_values_have_problems_too(tmp_path: Path) -> None:
    """Typed values are held to the same rules, and the original row is kept."""
    columns = {
        "call_id": ["a", "b", "c", "d"],
        "started_at": pa.array([NOON, NOON, NOON, None], pa.timestamp("us", "UTC")),
        "ring_s": [1.0, -1.0, float("inf"), 1.0],
        "contact": [1, 1, 1, 2],
        "attributes": [{"x": 1}] * 4,
    }
    result = parquet(tmp_path, columns)
    assert result.rows("call_id") == [("a",)]
    assert result.reasons() == [
        "ring_s is negative", "ring_s is not a duration in seconds", "started_at is missing",
    ]  # fmt: skip
    assert json.loads(result.problems()[0][1])["attributes"] == {"x": 1}
    assert result.staged[0].unused == ("attributes",)


def test_parquet_structs_become_attributes(tmp_path: Path) -> None:
    """A struct column fits a JSON column."""
    columns = {
        "lead_id": ["a"],
        "created_at": pa.array([NOON], pa.timestamp("s")),
        "attributes": [{"tier": "gold", "size": 3}],
    }
    (found,) = parquet(tmp_path, columns).rows("attributes")
    assert json.loads(found[0]) == {"tier": "gold", "size": 3}


def test_a_broken_parquet_file_is_one_sentence(tmp_path: Path) -> None:
    """A truncated Parquet file is refused by name."""
    with pytest.raises(FileError, match=r"file.parquet cannot be read as Parquet"):
        staged(tmp_path, b"PAR1garbage", "file.parquet")


def test_excel_cells_are_written_as_people_see_them(tmp_path: Path) -> None:
    """Dates, whole numbers, flags and durations of typed cells arrive as what they show."""
    result = excel(
        tmp_path,
        ["call_id", "started_at", "ring_s", "talk_s", "contact", "cost", "disposition", "wrap_s"],
        [5.0, TEN, 1, 12.5, True, 0.1, "  SALE ", None],
        [12345678901, dt.date(2026, 1, 5), "2", dt.timedelta(hours=26, minutes=3), False, 2, 7,
         dt.time(0, 1, 30)],
        ["007", "2026-01-05T10:00:00+02:00", None, None, "yes", "3.5", None, None],
    )  # fmt: skip
    names = ("call_id", "started_at", "ring_s", "talk_s", "contact", "cost", "disposition")
    assert result.texts(*names, "wrap_s") == [
        ("5", "2026-01-05 10:00:00+00", "1.0", "12.5", "true", "0.1000", "SALE", None),
        ("12345678901", "2026-01-05 00:00:00+00", "2.0", "93780.0", "false", "2.0000", "7", "90.0"),
        ("007", "2026-01-05 08:00:00+00", None, None, "true", "3.5000", None, None),
    ]


def test_excel_times_are_in_the_zone_of_the_import(tmp_path: Path) -> None:
    """Excel knows no zones, so its times are wall clocks."""
    rows = (["call_id", "started_at"], [1, NOON.replace(tzinfo=None)])
    found = excel(tmp_path, *rows, timezone="Europe/Berlin").texts("started_at")
    assert found == [("2026-07-01 10:00:00+00",)]


def test_excel_rows_that_do_not_fit(tmp_path: Path) -> None:
    """Empty rows are none, short rows are padded, cells beyond the header are refused."""
    result = excel(
        tmp_path,
        [None, None],
        ["agent_id", "name"],
        ["1", "Eka"],
        [None, None],
        ["2"],
        ["3", "Nino", "more"],
    )
    assert result.rows("agent_id", "name") == [("1", "Eka"), ("2", None)]
    assert result.reasons() == ["the row has cells beyond the header"]


def test_excel_sheets(tmp_path: Path) -> None:
    """The first sheet is read and the others are named; a sheet can be asked for."""
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Agents"
    first.append(["agent_id"])
    first.append([1])
    second = book.create_sheet("More")
    second.append(["agent_id"])
    second.append([2])
    book.save(tmp_path / "file.xlsx")
    result = staged_path(tmp_path / "file.xlsx")
    assert result.rows("agent_id") == [("1",)]
    assert "several sheets; 'Agents' was read, not More" in result.notes
    asked = staged_path(tmp_path / "file.xlsx", options={"sheet": "More"})
    assert asked.rows("agent_id") == [("2",)]
    with pytest.raises(UnknownNameError, match=r"unknown sheet .* 'Mor'; did you mean 'More'"):
        staged_path(tmp_path / "file.xlsx", options={"sheet": "Mor"})


def test_excel_formulas_are_told(tmp_path: Path) -> None:
    """A workbook with formulas says that saved values were read."""
    result = excel(tmp_path, ["agent_id", "name"], [1, "=1+1"])
    assert "has formulas; the values saved with them were read" in result.notes
    assert result.rows("agent_id", "name") == [("1", None)]


def test_excel_decimal_commas_are_those_of_texts(tmp_path: Path) -> None:
    """Where a mapping says decimal comma, typed numbers keep their value: 1.234 is not 1234."""
    mapping = """
        table = "calls"
        [columns]
        call_id = "id"
        started_at = "at"
        talk_s = { from = "talk", decimal = ",", thousands = "." }
    """
    day = dt.date(2026, 1, 5)
    result = excel(
        tmp_path, ["id", "at", "talk"], [1, day, 1.234], [2, day, "1.234"], [3, day, "1.234,5"],
        mapping=mapping,
    )  # fmt: skip
    assert result.rows("talk_s") == [(1.234,), (1234.0,), (1234.5,)]


def test_a_broken_workbook_is_one_sentence(tmp_path: Path) -> None:
    """Something that is no workbook is refused by name."""
    with pytest.raises(FileError, match=r"cannot be read as an Excel workbook"):
        staged(tmp_path, b"PK\x03\x04garbage", "file.xlsx")
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(FileError, match=r"no header row in its first sheet"):
        staged_path(tmp_path / "empty.xlsx")


def test_json_lines(tmp_path: Path) -> None:
    """Keys are headers; numbers, texts, flags, nulls and objects arrive as CSV would have them."""
    lines = [
        {"lead_id": 5.0, "created_at": "2026-01-05", "cost": 1.5, "attributes": {"tier": "gold"}},
        {"created_at": "2026-01-05T10:00:00Z", "lead_id": "5.0", "cost": "2", "attributes": None},
        {"lead_id": "\u10d4\u10d9\u10d0 'x'\n", "created_at": "2026-01-05", "invalid": True},
    ]  # fmt: skip
    content = "\n".join(json.dumps(line) for line in lines)
    expected = [
        ("5", "2026-01-05 00:00:00+00", "1.5000", '{"tier":"gold"}', None),
        ("5.0", "2026-01-05 10:00:00+00", "2.0000", None, None),
        ("\u10d4\u10d9\u10d0 'x'", "2026-01-05 00:00:00+00", None, None, "true"),
    ]
    names = ("lead_id", "created_at", "cost", "attributes", "invalid")
    assert staged(tmp_path, content, "x.jsonl").texts(*names) == expected
    packed = gzip.compress(content.encode())
    assert staged(tmp_path, packed, "x.ndjson.gz").texts(*names) == expected


def test_lines_that_are_no_objects_are_refused(tmp_path: Path) -> None:
    """Broken lines, lists and texts cost only themselves."""
    content = '{"agent_id": 1}\n\n[1]\n{"agent_id": \n"x"\n  \n{"agent_id": 2}\n'
    result = staged(tmp_path, content, "x.jsonl")
    assert result.rows("agent_id") == [("1",), ("2",)]
    assert result.reasons() == ["the line is not a JSON object"] * 3
    assert [json.loads(raw) for _, raw in result.problems()] == [
        {"line": 3, "text": "[1]"},
        {"line": 4, "text": '{"agent_id": '},
        {"line": 5, "text": '"x"'},
    ]


def test_the_original_json_line_is_kept(tmp_path: Path) -> None:
    """The original row of a refused line is the line itself."""
    result = staged(tmp_path, '{"agent_id": null, "x": [1, {"y": 2}]}\n', "x.jsonl")
    assert json.loads(result.problems()[0][1]) == {"agent_id": None, "x": [1, {"y": 2}]}


def test_json_keys_that_differ_only_in_case(tmp_path: Path) -> None:
    """Strange keys neither break the reading nor mix their values up."""
    content = '{"agent_id": 1, "x": "a", "X": "b", "a.b": 1, "q\\"q": 2, "": 3, "a/b~c": 4}\n'
    result = staged(tmp_path, content, "x.jsonl", table="agents")
    assert result.rows("agent_id") == [("1",)]
    assert set(result.staged[0].unused) == {"x", "X", "a.b", 'q"q', "a/b~c"}


def test_a_json_array_is_one_sentence(tmp_path: Path) -> None:
    """A JSON array, or nothing but blank lines, is refused with what to write instead."""
    with pytest.raises(FileError, match="is a JSON array; write one object a line"):
        staged(tmp_path, '[{"agent_id": 1}]', "x.json")
    with pytest.raises(FileError, match="holds no JSON objects"):
        staged(tmp_path, "1\n2\n", "x.jsonl")


def test_control_characters_in_json_lines_cost_only_their_line(tmp_path: Path) -> None:
    """Raw control characters are no JSON; the lines beside them are read."""
    content = '{"agent_id": "a"}\r\n{"agent_id": "b\x1fc"}\n{"agent_id": "d\\u0000"}\n'
    result = staged(tmp_path, content, "x.jsonl")
    assert result.rows("agent_id") == [("a",), ("d\0",)]
    assert result.reasons() == ["the line is not a JSON object"]
