"""What do numbers tell, and do all their spellings tell the same?"""

from __future__ import annotations

import duckdb
import pytest

from dialgauge.errors import UnknownNameError
from dialgauge.sources.phone import token
from dialgauge.sources.phones import FILLED, NUMBERS, home_of, tell, understand

KEY = b"a secret of tests"


def known(*numbers: str, home: str = "") -> dict[str, dict[str, object]]:
    """Understand numbers and return what each text tells, by column."""
    con = duckdb.connect()
    con.execute("CREATE TABLE asked (phone VARCHAR)")
    con.executemany("INSERT INTO asked VALUES (?)", [[number] for number in numbers])
    relation = understand(con, "asked", "phone", KEY, home)
    found = con.execute(f"FROM {relation}")
    names = [column[0] for column in found.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def test_a_number_tells_country_place_kind_and_zone() -> None:
    """A landline of Berlin is in Berlin; a mobile one is anywhere in Germany."""
    found = known("+49 30 901820", "0049 170 1234567")
    berlin, mobile = found["+49 30 901820"], found["0049 170 1234567"]
    assert [berlin[name] for name in FILLED] == [
        *("DE", "Berlin", "fixed", None, True, "Europe/Berlin")
    ]
    assert [mobile[name] for name in FILLED] == [
        *("DE", None, "mobile", "T-Mobile", True, "Europe/Berlin")
    ]


def test_spellings_of_a_number_share_its_token() -> None:
    """International, with trunk zero and national spellings are one number at home in Germany."""
    spellings = ("+4930901820", "0049 30 901820", "+49 (0)30 901820", "030/901820", "+49-30-901820")
    tokens = {row["phone_token"] for row in known(*spellings, home="DE").values()}
    assert tokens == {token(KEY, "4930901820")}


def test_a_national_number_without_home_stands_for_its_digits() -> None:
    """Nobody knows its country, so nothing is filled and the token is that of its digits."""
    row = known("030 901820")["030 901820"]
    assert row["phone_token"] == token(KEY, "030901820")
    assert [row[name] for name in FILLED] == [None] * 6


def test_a_number_that_cannot_exist_is_invalid() -> None:
    """The country is clear and no such number was ever given out there."""
    assert known("+1 555 123")["+1 555 123"]["phone_valid"] is False


def test_what_is_no_number_has_no_row() -> None:
    """A withheld number is nobody's number."""
    assert known("anonymous", "+", "", "12") == {}


def test_a_connection_remembers_the_numbers_for_the_vault() -> None:
    """Each token has its number once, as it is dialled from anywhere."""
    con = duckdb.connect()
    rows = "(SELECT unnest(['+49 30 901820', '0049 (0)30 901820']) AS phone)"
    understand(con, rows, "phone", KEY)
    con.execute(f"CREATE TEMP TABLE {NUMBERS} (phone_token VARCHAR, number VARCHAR)")
    understand(con, rows, "phone", KEY)
    stored = con.execute(f"FROM {NUMBERS}").fetchall()
    assert stored == [(token(KEY, "4930901820"), "+4930901820")]


@pytest.mark.parametrize(
    ("told", "meant"), [("de", "DE"), (" 1 ", "US"), ("+44", "GB"), ("+", "+")]
)
def test_home_is_a_country_or_its_code(told: str, meant: str) -> None:
    """Countries and calling codes both say where national numbers belong."""
    assert home_of(told) == meant


@pytest.mark.parametrize("told", ["XX", "Germany", "999", "800"])
def test_an_unknown_home_is_refused(told: str) -> None:
    """Only countries that have numbers are homes."""
    with pytest.raises(UnknownNameError):
        home_of(told)


def test_a_column_gives_way_to_what_it_tells() -> None:
    """The numbers are gone from the table, which keeps all of its rows."""
    con = duckdb.connect()
    con.execute("CREATE TEMP TABLE heard (n INTEGER, phone VARCHAR)")
    con.execute("INSERT INTO heard VALUES (1, '030 901820'), (2, NULL), (3, '+49 30 901820')")
    tell(con, "heard", "phone", KEY, "DE")
    found = con.execute("FROM heard ORDER BY n").fetchall()
    berlin = (token(KEY, "4930901820"), "DE", "Berlin", "fixed", None, True, "Europe/Berlin")
    assert found == [(1, *berlin), (2, *[None] * 7), (3, *berlin)]
    left = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert left == [("heard",)]
