"""Does a lake whose tables are written to files and imported elsewhere come out the same?"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.model.csv_text import to_csv
from dialgauge.model.wire import plain_records
from dialgauge.sources import source
from dialgauge.sources.base import Request, Staged
from dialgauge.tables import TABLES
from small_lake import small_lake
from sound_firm import SOUND

STORED = tuple(name for name, table in TABLES.items() if not table.derived)
PHONES = """
table = "calls"
[columns]
call_id = "Id"
started_at = "Start"
direction = "Way"
phone_token = { expression = "token(Phone)" }
"""
NUMBERS = """Id,Start,Way,Phone
7,2026-01-19T10:00:00Z,outbound,+7 912 345 67 89
8,2026-01-19T10:00:00Z,outbound,+1 123 456 7890
9,2026-07-19T10:00:00Z,inbound,+1 602 555 0123
"""


def content(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """Read all tables, each row with all columns, in the order of keys."""
    state = lake.snapshot()
    with contextlib.closing(lake.connect()) as con:
        return {
            name: con.sql(f"FROM ({state.stored(table).reading(table)}) ORDER BY {table.key}")
            .to_arrow_table()
            .to_pylist()
            for name, table in lake.tables.items()
        }


def import_all(lake: Lake, paths: Mapping[str, Path], mapping: Path | None = None) -> int:
    """Import a file for each table at once, taking in every row; return how many there were."""
    request = Request(paths=tuple(paths.values()), phone_key=lake.phone_key)

    def stage(con: duckdb.DuckDBPyConnection, asked: Request) -> list[Staged]:
        requests = (
            replace(asked, paths=(path,), table=name, mapping=mapping)
            for name, path in paths.items()
        )
        return [part for each in requests for part in source("files")(con, each)]

    return take_in(lake, stage, request, strict=True).counts.read


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_exported_tables_are_imported_as_they_were(tmp_path: Path, kind: str) -> None:
    """All tables of people, and with them all that follow, also where several zones are left."""
    lake, again = small_lake(tmp_path).lake, Lake.create(str(tmp_path / "again"))
    phones, mapping = tmp_path / "phones.csv", tmp_path / "phones.toml"
    phones.write_text(NUMBERS, encoding="utf-8")
    mapping.write_text(PHONES, encoding="utf-8")
    import_all(lake, {"calls": phones}, mapping)
    sound = {name: tmp_path / f"{name}.parquet" for name in STORED}
    for name, path in sound.items():
        pq.write_table(pa.Table.from_pylist([dict(SOUND[name])]), path)
    assert import_all(lake, sound) == len(STORED)
    before = content(lake)
    assert any("|" in (row["timezone"] or "") for row in before["calls"])
    exported = {name: tmp_path / f"exported-{name}.{kind}" for name in STORED}
    for name, path in exported.items():
        if kind == "csv":
            path.write_text(to_csv(plain_records(before[name])), encoding="utf-8")
        else:
            pq.write_table(pa.Table.from_pylist(before[name]), path)
    assert import_all(again, exported) == len(STORED) + 3
    assert content(again) == before
