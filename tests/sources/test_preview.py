"""Does a preview show what an import would do, and propose a mapping that works?"""

from __future__ import annotations

import gzip
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from dialgauge.errors import FileError, MappingError
from dialgauge.sources.base import Request
from dialgauge.sources.looks_like import looks_like
from dialgauge.sources.preview import Preview, preview
from staging import staged


def seen(
    folder: Path, content: str | bytes, name: str = "calls.csv", mapping: str = "", **request: Any
) -> Preview:
    """Write a file, and a mapping if there is one, and preview it."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    if mapping:
        request["mapping"] = folder / "mapping.toml"
        request["mapping"].write_text(mapping, encoding="utf-8")
    return preview(duckdb.connect(), Request(paths=(path,), **request))


def columns(found: Preview) -> dict[str, str]:
    """Return header to column."""
    return {one.header: one.column for one in found.files[0].headers}


CANONICAL = "call_id;started_at;talk_s;colour\n1;2026-01-05;5;red\n2;05.01.2026;6;\n3;;7;\n"


def test_our_headers_are_shown_with_what_becomes_of_them(tmp_path: Path) -> None:
    """Encoding, delimiter, table, types, rows before and after, and problems are all there."""
    found = seen(tmp_path, CANONICAL)
    assert (found.proposal, found.trouble) == ("", "")
    (file,) = found.files
    assert (file.kind, file.table) == ("csv", ("calls",))
    assert dict(file.details) == {"encoding": "utf-8", "delimiter": ";", "quote": '"'}
    assert [(one.header, one.column, one.type, one.sample) for one in file.headers] == [
        ("call_id", "call_id", "text", "1"),
        ("started_at", "started_at", "time", "2026-01-05"),
        ("talk_s", "talk_s", "number", "5"),
        ("colour", "", "", "red"),
    ]
    assert file.before[1] == {
        "call_id": "2", "started_at": "05.01.2026", "talk_s": "6", "colour": None,
    }  # fmt: skip
    (table,) = found.tables
    assert (table.table, table.rows, table.refused) == ("calls", 3, 2)
    assert [rows for _, rows in table.reasons] == [1, 1]
    assert table.after == (
        {"call_id": "1", "started_at": "2026-01-05 00:00:00+00", "talk_s": "5.0"},
    )
    assert table.unused == ("colour",)


def test_ten_rows_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    """Only ten rows are shown, however many there are."""
    found = seen(tmp_path, "agent_id\n" + "".join(f"{n}\n" for n in range(2_500)))
    assert [len(found.files[0].before), len(found.tables[0].after)] == [10, 10]
    assert found.tables[0].rows == 2_500


def test_nothing_is_written(tmp_path: Path) -> None:
    """A preview leaves the folder and the database as they were."""
    seen(tmp_path, CANONICAL)
    assert [path.name for path in tmp_path.iterdir()] == ["calls.csv"]


VICIDIAL = (
    "uniqueid,call_date,phone_number,user,status,length_in_sec,campaign_id,list_id,lead_id\n"
    "1.1,2026-01-05 10:00:00,4915112345678,6666,SALE,120,C1,101,55\n"
    "1.2,2026-01-05 10:01:00,4915112345679,VDAD,NA,20,C1,101,56\n"
    "1.3,2026-01-05 10:02:00,4915112345670,6666,DNC,30,C1,101,57\n"
)


def test_a_dialler_export_gets_a_mapping_that_works(tmp_path: Path) -> None:
    """Known names become a mapping with token and dispositions, and it is tried."""
    found = seen(tmp_path, VICIDIAL)
    assert "no headers of a table we know" in found.trouble
    assert columns(found) == {
        "uniqueid": "call_id",
        "call_date": "started_at",
        "phone_number": "phone_token",
        "user": "agent_id",
        "status": "disposition",
        "length_in_sec": "talk_s",
        "campaign_id": "campaign_id",
        "list_id": "list_id",
        "lead_id": "lead_id",
    }
    told = tomllib.loads(found.proposal)
    assert told["table"] == "calls"
    assert told["columns"]["phone_token"] == {"expression": "token(phone_number)"}
    assert told["disposition"]["codes"]["NA"] == {"result": "no_answer"}
    assert found.tables[0].rows == 3
    assert found.tables[0].refused == 0
    assert "4915112345678" not in str(found.tables)
    again = staged(tmp_path, VICIDIAL, mapping=found.proposal, phone_key=b"key")
    assert again.rows("call_id", "contact", "converted", "do_not_call") == [
        ("1.1", True, True, None), ("1.2", None, None, None), ("1.3", True, None, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            (
                "Дата звонка;Телефон;Оператор;Статус;Длительность\n"
                "13.01.2026 10:00;+7 916 123-45-67;Анна;Продажа;1:05\n"
            ),
            ["started_at", "phone_token", "agent_id", "disposition", "talk_s"],
        ),
        (
            "通话时间;手机号;坐席;通话时长;活动\n2026-01-13 10:00:00;13800138000;张三;65;一\n",
            ["started_at", "phone_token", "agent_id", "talk_s", "campaign_id"],
        ),
        (
            (
                "თარიღი;ტელეფონი;ოპერატორი;სტატუსი;ხანგრძლივობა\n"
                "13.01.2026 10:00;+995 599 123 456;ნინო;გაყიდვა;65\n"
            ),
            ["started_at", "phone_token", "agent_id", "disposition", "talk_s"],
        ),
        (
            (
                "Call Date;Phone Number;Agent Name;Outcome;Duration (ms)\n"
                "01/13/2026 10:00 PM;(212) 555-0134;Ann;Sale;65000\n"
            ),
            ["started_at", "phone_token", "agent_id", "disposition", "talk_s"],
        ),
    ],
)  # fmt: skip
def test_headers_in_four_languages(tmp_path: Path, content: str, expected: list[str]) -> None:
    """Russian, Chinese, Georgian and English headers are recognised, with format and unit."""
    found = seen(tmp_path, content)
    assert list(columns(found).values()) == expected
    assert found.tables[0].refused == 0
    assert found.tables[0].after[0]["talk_s"] in ("65.0", None)
    assert str(found.tables[0].after[0]["started_at"]).startswith("2026-01-13")


def test_day_and_month_are_not_guessed(tmp_path: Path) -> None:
    """Where 03/04 may be March or April, both formats are named and neither is taken."""
    found = seen(tmp_path, "Call Date,Agent\n03/04/2026,Ann\n05/06/2026,Ann\n")
    assert found.tables == ()
    assert '# started_at: choose format = "%d/%m/%Y" or "%m/%d/%Y"' in found.proposal
    found = seen(tmp_path, "Call Date,Agent\n03/04/2026,Ann\n13/06/2026,Ann\n")
    assert 'format = "%d/%m/%Y"' in found.proposal
    assert found.tables[0].rows == 2


def test_a_given_mapping_is_shown(tmp_path: Path) -> None:
    """With a mapping, headers show the columns they feed, also through expressions and names."""
    mapping = """
        table = "calls"
        [names]
        outcome = "Final outcome"
        [columns]
        call_id = "id"
        started_at = "at"
        contact = { expression = "outcome = 'YES'" }
        disposition = "Final outcome"
    """
    found = seen(tmp_path, "id,at,Final outcome\n1,2026-01-05,YES\n", mapping=mapping)
    assert columns(found) == {
        "id": "call_id", "at": "started_at", "Final outcome": "disposition, contact",
    }  # fmt: skip
    assert found.tables[0].after[0]["contact"] == "true"


def test_a_wrong_mapping_and_an_unreadable_file_are_said(tmp_path: Path) -> None:
    """What no proposal can mend is an error, as in an import."""
    with pytest.raises(MappingError, match="did you mean 'table'"):
        seen(tmp_path, "id\n1\n", mapping="tabel = 'calls'")
    with pytest.raises(FileError, match="is empty"):
        seen(tmp_path, "")


def test_other_kinds_of_files(tmp_path: Path) -> None:
    """JSON lines, Parquet, Excel and compressed CSV show their first rows alike."""
    content = '{"Call ID": "a", "Call Date": "2026-01-05", "more": {"x": 1}}\n'
    found = seen(tmp_path, content, "x.jsonl")
    assert found.files[0].before[0] == {
        "Call ID": "a", "Call Date": "2026-01-05", "more": '{"x": 1}',
    }  # fmt: skip
    assert found.tables[0].rows == 1
    duckdb.execute(f"COPY (SELECT 1 AS agent_id) TO '{tmp_path / 'x.parquet'}'")
    found = preview(duckdb.connect(), Request(paths=(tmp_path / "x.parquet",)))
    assert found.files[0].before == ({"agent_id": "1"},)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["agent_id", "name"])
    sheet.append([1])
    book.save(tmp_path / "x.xlsx")
    found = preview(duckdb.connect(), Request(paths=(tmp_path / "x.xlsx",)))
    assert found.files[0].before == ({"agent_id": "1", "name": None},)
    found = seen(tmp_path, gzip.compress(b"agent_id\n7\n"), "x.csv.gz")
    assert found.files[0].before == ({"agent_id": "7"},)


def test_a_call_export_is_not_taken_for_a_list_of_campaigns(tmp_path: Path) -> None:
    """One header that is a table's key does not make a file of many others that table."""
    with pytest.raises(MappingError, match="no headers of a table we know"):
        staged(tmp_path, VICIDIAL)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2026-01-05", "2026-01-06T10:00:00Z"], "time"),
        (["1767600000", "1767600001"], "epoch"),
        (["1767600000000"], "epoch"),
        (["+49 170 1234567", "0170-1234567"], "phone"),
        (["491701234567", "491701234568"], "phone"),
        (["12", "1.5"], "number"),
        (["1,5", "2"], "comma"),
        (["0:30", "12:05"], "clock"),
        (["yes", "no", ""], "flag"),
        (["A", "B", "A", "B"], "code"),
        (["", None], ""),
        ([f"word {n}" for n in range(50)], "text"),
    ],
)
def test_what_values_look_like(values: list[str | None], kind: str) -> None:
    """Values are told by their looks."""
    assert looks_like(values).kind == kind
