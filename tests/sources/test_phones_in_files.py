"""What becomes of phone numbers that stand in files?"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.errors import DialgaugeError
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.files import stage
from dialgauge.sources.phone import token
from dialgauge.sources.phones import FILLED, NUMBERS

KEY = b"a secret of tests"
MAPPING = """
table = "calls"
{more}
[columns]
call_id = "Id"
started_at = "Start"
phone_token = {{ expression = "{expression}" }}
"""


def staged(
    tmp_path: Path,
    rows: list[str],
    *,
    more: str = "",
    expression: str = "token(Phone)",
    header: str = "Id,Start,Phone",
    options: dict[str, str] | None = None,
) -> tuple[duckdb.DuckDBPyConnection, Staged]:
    """Stage calls of a CSV file; rows are written without the start."""
    path, mapping = tmp_path / "calls.csv", tmp_path / "map.toml"
    written = [row.replace(",", ",2026-01-05T10:00:00Z,", 1) for row in rows]
    path.write_text("\n".join((header, *written)) + "\n", encoding="utf-8")
    mapping.write_text(MAPPING.format(more=more, expression=expression), encoding="utf-8")
    con = duckdb.connect()
    con.execute(f"CREATE TEMP TABLE {NUMBERS} (phone_token VARCHAR, number VARCHAR)")
    request = Request(paths=(path,), mapping=mapping, phone_key=KEY, options=options or {})
    return con, stage(con, request)[0]


def told(tmp_path: Path, rows: list[str], **how: str) -> list[tuple[object, ...]]:
    """Return call_id, country, region, line_type and timezone of staged calls."""
    con, one = staged(tmp_path, rows, **how)  # type: ignore[arg-type]
    names = "call_id, country, region, line_type, timezone"
    return con.execute(f"SELECT {names} FROM {one.relation} ORDER BY _row").fetchall()


def test_a_number_fills_what_the_file_does_not_say(tmp_path: Path) -> None:
    """Country, place, kind and zone come from the number, in the order of the file."""
    found = told(tmp_path, ["b,+49 30 901820", "a,+1 212 555 0123", "c,anonymous", "d,1234"])
    assert found == [
        ("b", "DE", "Berlin", "fixed", "Europe/Berlin"),
        ("a", "US", "New York, NY", "fixed_or_mobile", "America/New_York"),
        ("c", None, None, None, None),
        ("d", None, None, None, None),
    ]


def test_what_the_file_says_stands(tmp_path: Path) -> None:
    """A column that the file brings is not touched, even where a row leaves it empty."""
    rows = ["a,+49 30 901820,Bavaria", "b,+49 30 901820,"]
    how = {"header": "Id,Start,Phone,State", "more": ""}
    con, one = staged(tmp_path, rows, expression='token(Phone)" }\nregion = "State" #', **how)  # type: ignore[arg-type]
    found = con.execute(f"SELECT region, country FROM {one.relation} ORDER BY _row").fetchall()
    assert found == [("Bavaria", "DE"), (None, "DE")]
    assert set(one.present) >= {"region", *FILLED}


def test_a_number_tells_its_carrier_and_whether_it_can_exist(tmp_path: Path) -> None:
    """The prefix's first owner; +1 123 is no area code; of a national number nobody knows."""
    rows = ["a,+49 170 1234567", "b,+1 123 456 7890", "c,030 901820", "d,withheld"]
    con, one = staged(tmp_path, rows)
    found = con.execute(f"SELECT carrier, phone_valid FROM {one.relation} ORDER BY _row").fetchall()
    assert found == [("T-Mobile", True), (None, False), (None, None), (None, None)]


@pytest.mark.parametrize("where", ["mapping", "option"])
def test_national_numbers_belong_where_the_team_says(tmp_path: Path, where: str) -> None:
    """The mapping's region or the command's makes all spellings one number."""
    rows = ["a,030 901820", "b,+49 30 901820", "c,0049(0)30-901820"]
    more = 'region = "DE"' if where == "mapping" else ""
    options = {} if where == "mapping" else {"region": "DE"}
    con, one = staged(tmp_path, rows, more=more, options=options)
    found = con.execute(f"SELECT DISTINCT phone_token, region FROM {one.relation}").fetchall()
    assert found == [(token(KEY, "4930901820"), "Berlin")]
    assert con.execute(f"SELECT DISTINCT number FROM {NUMBERS}").fetchall() == [("+4930901820",)]


def test_without_region_a_national_number_keeps_its_token(tmp_path: Path) -> None:
    """Its token is that of its digits, as it always was; nothing else is known of it."""
    con, one = staged(tmp_path, ["a,030 901820"])
    found = con.execute(f"SELECT phone_token, country FROM {one.relation}").fetchall()
    assert found == [(token(KEY, "030901820"), None)]


def test_the_first_of_two_numbers_is_understood(tmp_path: Path) -> None:
    """Where an expression chooses among numbers, the chosen one tells."""
    found = told(
        tmp_path,
        ["a,+49 30 901820,+44 20 7946 0958", "b,,+44 20 7946 0958"],
        header="Id,Start,Phone,Mobile",
        expression="coalesce(token(Phone), token(Mobile))",
    )
    assert [row[:3] for row in found] == [("a", "DE", "Berlin"), ("b", "GB", "London")]


def test_an_unknown_region_is_refused(tmp_path: Path) -> None:
    """A word that is no country stops the import before a row is read."""
    with pytest.raises(DialgaugeError, match="region of phone numbers"):
        staged(tmp_path, [], more='region = "Germany"')
    with pytest.raises(DialgaugeError, match="region of phone numbers"):
        staged(tmp_path, [], options={"region": "XX"})


def test_refused_rows_hide_their_numbers(tmp_path: Path) -> None:
    """The row is kept so that it can be mended, its numbers are not."""
    rows = [",+49 30 901820,+1 212 555 0123,see 7,20260105", ",1701234567,(212) 555-0123,x,9"]
    header = "Id,Start,Phone,Other,Text,Day"
    con, one = staged(tmp_path, rows, header=header)
    raws = con.execute(f"SELECT _raw FROM {one.relation} ORDER BY _row").fetchall()
    first, second = (json.loads(raw) for (raw,) in raws)
    assert (first["Phone"], first["Other"]) == ("+## ## ######", "+# ### ### ####")
    assert (first["Text"], first["Day"]) == ("see 7", "20260105")
    assert (second["Phone"], second["Other"]) == ("##########", "(###) ###-####")
    assert con.execute(f"FROM {NUMBERS}").fetchall() == []


def test_lines_that_cannot_be_split_hide_numbers(tmp_path: Path) -> None:
    """A line with a field too many is kept, its number is not."""
    con, one = staged(tmp_path, ["a,+49 30 901820,one,two", "b,+49 30 901821"])
    ((raw,),) = con.execute(f"SELECT _raw FROM {one.relation} WHERE _raw IS NOT NULL").fetchall()
    assert "901820" not in raw
    assert "2026-01-05T10:00:00Z" in raw


def test_numbers_in_json_and_parquet_are_hidden_too(tmp_path: Path) -> None:
    """Lines of JSON keep their shape, and whole numbers are hidden as texts are."""
    mapping = tmp_path / "map.toml"
    mapping.write_text(MAPPING.format(more="", expression="token(Phone)"), encoding="utf-8")
    lines, table = tmp_path / "a.jsonl", tmp_path / "b.parquet"
    start = "2026-01-05T10:00:00Z"
    lines.write_text(json.dumps({"Id": None, "Start": start, "Phone": 4930901820, "n": 1}) + "\n")
    rows = {"Id": pa.array([None], pa.string()), "Start": [start], "Phone": [4930901820]}
    pq.write_table(pa.table(rows), table)
    con = duckdb.connect()
    (one,) = stage(con, Request(paths=(lines, table), mapping=mapping, phone_key=KEY))
    raws = con.execute(f"SELECT _raw FROM {one.relation} ORDER BY _row").fetchall()
    first, second = (json.loads(raw) for (raw,) in raws)
    assert first["Phone"] == second["Phone"] == "##########"
    assert first["n"] == 1


def test_many_rows_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Row numbers grow with the file, though many numbers repeat and many are odd."""
    numbers = [f"+49 30 {901000 + n % 700}" + (" ext. 5" if n % 3 else "") for n in range(20_000)]
    con, one = staged(tmp_path, [f"{n:05},{number}" for n, number in enumerate(numbers)])
    found = con.execute(f"SELECT call_id FROM {one.relation} ORDER BY _row").fetchall()
    assert [call for (call,) in found] == [f"{n:05}" for n in range(20_000)]
    ((tokens,),) = con.execute(f"SELECT count(DISTINCT phone_token) FROM {one.relation}").fetchall()
    assert tokens == 700
