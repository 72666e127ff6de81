"""What does every source keep to, whichever system it reads?

A new source that lacks something fails here, with what it lacks.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from dialgauge.errors import DialgaugeError, UnknownNameError
from dialgauge.sources import SOURCES
from dialgauge.sources.base import FILE, PROBLEM, RAW, ROW, Request, Staged, stored_columns
from dialgauge.sources.live import Account, Span
from dialgauge.tables.storage import DUCKDB_TYPES

ROOT = Path(__file__).parents[2]
HEAVY = ("dlt", "sqlalchemy", "pymysql", "phonenumbers", "keyring", "cryptography", "httpx2")
GARBAGE = (
    *(
        "nan",
        "inf",
        "1e46",
        "nonsense",
        "",
        "0",
        "-5",
        "9" * 40,
        "2026-02-30 25:61:00",
        "{}",
        "[]",
        "{",
        "null",
    ),
    *("'; DROP TABLE calls; --", '=HYPERLINK("http://evil.example")', "\u202eevil", "\u0000"),
)


def module(name: str) -> ModuleType:
    """Import a source."""
    return importlib.import_module(f"dialgauge.sources.{name}")


LIVE = [name for name in SOURCES if hasattr(module(name), "fetch")]
"""The systems that are read while they run."""


def streams_of(name: str) -> Mapping[str, Sequence[str]]:
    """Tell a running system's streams and the columns that are read of each."""
    places = (("names", "STREAMS"), ("rows", "STREAMS"), ("streams", "STREAMS"), ("tables", "ALL"))
    for part, known in places:
        try:
            found = getattr(importlib.import_module(f"dialgauge.sources.{name}.{part}"), known)
        except (ModuleNotFoundError, AttributeError):
            continue
        return {stream: tuple(getattr(each, "columns", each)) for stream, each in found.items()}
    raise AssertionError(
        f"sources/{name} names its streams neither in names.py nor rows.py nor tables.py"
    )


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_cheap_to_name(name: str) -> None:
    """Importing it brings no driver, no client and no metadata: they come when it is used."""
    asked = f"import sys, dialgauge.sources.{name}; print([m for m in {HEAVY} if m in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "files"])
def test_a_source_has_a_page(name: str) -> None:
    """In the docs' menu, and with a word on how to reconcile."""
    page = ROOT / "docs" / f"{name}.md"
    assert page.is_file(), f"docs/{name}.md is missing: what is read, mapped, not known, and why"
    assert f": {name}.md" in (ROOT / "mkdocs.yml").read_text("utf-8")
    assert "reconcil" in page.read_text("utf-8").lower()


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_not_known_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    """An option that nobody declared, and a folder with nothing in it."""
    stage = module(name).stage
    unknown = Request(paths=(tmp_path,), options={"nonsense": "1"}, phone_key=b"k")
    with pytest.raises(DialgaugeError):
        stage(duckdb.connect(), unknown)
    with pytest.raises(DialgaugeError):
        stage(duckdb.connect(), Request(paths=(tmp_path,), phone_key=b"k"))


@pytest.mark.parametrize("name", LIVE)
def test_settings_are_declared(name: str) -> None:
    """What is not declared is refused before anything is asked; no setting is a secret."""
    system = module(name)
    assert all(setting.question.endswith("?") for setting in (*system.SETTINGS, *system.SECRETS))
    names = {setting.name for setting in system.SETTINGS}
    assert not names & {"password", "token", "secret", "key", "api_key"}

    def no_secret(wanted: str) -> str:
        raise AssertionError(f"asked for {wanted}")

    account = Account(name="x", settings={"nonsense": "1"}, secret=no_secret)
    with pytest.raises(UnknownNameError, match="nonsense"):
        next(iter(system.fetch(account, Span())))


@pytest.mark.parametrize("name", LIVE)
def test_garbage_becomes_rows_with_problems(name: str, tmp_path: Path) -> None:
    """Whatever stands in a cell: no crash, no row that breaks the contract, the row kept."""
    for stream, columns in streams_of(name).items():
        rows = [dict.fromkeys(columns, garbage) for garbage in GARBAGE]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{stream}.jsonl").write_text(lines, encoding="utf-8")
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    staged = module(name).stage(con, Request(paths=(tmp_path,), phone_key=b"k"))
    assert staged
    assert [told for each in staged for told in broken(con, each)] == []


def broken(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[str]:
    """Tell in what a staged table breaks the contract of `base`."""
    table = staged.table
    described: dict[str, Any] = {
        column: type_ for column, type_, *_ in con.execute(f"DESCRIBE {staged.relation}").fetchall()
    }
    wanted = {column.name: DUCKDB_TYPES[column.type] for column in stored_columns(table)}
    wanted |= {ROW: "BIGINT", FILE: "VARCHAR", PROBLEM: "VARCHAR", RAW: "VARCHAR"}
    told = [f"{table.name}: columns are {described}"] if _plain(described) != _plain(wanted) else []
    good = f"FROM {staged.relation} WHERE {PROBLEM} IS NULL"
    checks = {
        "row numbers come twice": f"SELECT count(*) - count(DISTINCT {ROW}) FROM {staged.relation}",
        "a key is missing": f"SELECT count(*) {good} AND {table.key} IS NULL",
        "a problem without its row": (
            f"SELECT count(*) FROM {staged.relation} WHERE {PROBLEM} IS NOT NULL "
            f"AND NOT coalesce(json_valid({RAW}), false)"
        ),
        "a good row with its raw text": f"SELECT count(*) {good} AND {RAW} IS NOT NULL",
    }
    if table.clock is not None and not staged.from_lake:
        checks["a clock is missing"] = f"SELECT count(*) {good} AND {table.clock} IS NULL"
    for column in stored_columns(table):
        if column.name.endswith("_s"):
            checks[f"{column.name} is negative"] = f"SELECT count(*) {good} AND {column.name} < 0"
    for what, query in checks.items():
        ((count,),) = con.execute(query).fetchall()
        told += [f"{table.name}: {what} ({count} rows)"] if count else []
    return told


def _plain(types: Mapping[str, str]) -> list[tuple[str, str]]:
    """Take the types as DuckDB names them, in order."""
    names = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "TEXT": "VARCHAR", "JSON": "VARCHAR"}
    return [(name, names.get(type_, type_).replace(", ", ",")) for name, type_ in types.items()]
