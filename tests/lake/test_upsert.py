"""Does a batch get into its table, each key once?"""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from dialgauge.errors import LakeError
from dialgauge.lake import Lake, view
from visits import (
    PLACES,
    VISITS,
    add,
    at,
    content,
    new_lake,
    on_disk,
    paths,
    place,
    put,
    stage,
    visit,
)


def test_new_rows_are_loaded_into_their_utc_months(tmp_path: Path) -> None:
    """Rows are kept in the folder of their clock's month in UTC, to the last microsecond."""
    lake = new_lake(tmp_path / "lake")
    rows = [
        visit("a", "2026-01-31 23:59:59.999999", cost=1.5),
        visit("b", "2026-02-01 00:00:00"),
        visit("c", "2026-12-31 23:00:00"),
    ]
    assert put(lake, VISITS, rows) == (3, 0, 0)
    files = lake.snapshot().files["visits"]
    assert [(file.month, file.rows) for file in files] == [
        ("2026-01", 1),
        ("2026-02", 1),
        ("2026-12", 1),
    ]
    assert content(lake, VISITS)["a"] == {
        "visit_id": "a",
        "began_at": at("2026-01-31 23:59:59.999999"),
        "place_id": None,
        "cost": Decimal("1.5000"),
    }


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    """The same rows again are unchanged, and make no new version."""
    lake = new_lake(tmp_path / "lake")
    rows = [visit("a", "2026-01-05 10:00", "p"), visit("b", "2026-02-05 10:00")]
    put(lake, VISITS, rows)
    before = on_disk(lake)
    assert put(lake, VISITS, rows) == (0, 0, 2)
    assert lake.snapshot().version == 1
    assert on_disk(lake) == before


def test_new_keys_are_appended_without_rewriting_any_file(tmp_path: Path) -> None:
    """A batch of new keys leaves every file of the table where it is, even of the same month."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05 10:00"), visit("b", "2026-02-05 10:00")])
    before = paths(lake, VISITS)
    assert put(lake, VISITS, [visit("c", "2026-01-05 10:00")]) == (1, 0, 0)
    assert before < paths(lake, VISITS)
    assert len(paths(lake, VISITS)) == 3


def test_an_update_rewrites_only_the_file_that_holds_the_row(tmp_path: Path) -> None:
    """Files without changed keys stay; the others keep their untouched rows."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05 10:00", "p"), visit("b", "2026-01-06 10:00", "q")])
    put(lake, VISITS, [visit("c", "2026-01-07 10:00", "r"), visit("d", "2026-03-07 10:00", "s")])
    before = paths(lake, VISITS)
    assert put(lake, VISITS, [visit("a", "2026-01-05 10:00", "new")]) == (0, 1, 0)
    assert len(before & paths(lake, VISITS)) == 2
    found = {key: row["place_id"] for key, row in content(lake, VISITS).items()}
    assert found == {"a": "new", "b": "q", "c": "r", "d": "s"}


def test_a_row_can_move_to_another_month(tmp_path: Path) -> None:
    """A changed clock takes the row out of its old month, which may become empty."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05 10:00"), visit("b", "2026-02-05 10:00")])
    assert put(lake, VISITS, [visit("a", "2025-12-31 10:00")]) == (0, 1, 0)
    assert {file.month for file in lake.snapshot().files["visits"]} == {"2025-12", "2026-02"}
    assert content(lake, VISITS)["a"]["began_at"] == at("2025-12-31 10:00")


def test_columns_a_batch_does_not_have_keep_their_value(tmp_path: Path) -> None:
    """An update replaces what the batch says, also by NULL, and nothing else."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05 10:00", "p", 2), visit("b", "2026-01-05 10:00", "q")])
    told = ("visit_id", "began_at", "cost")
    rows = [
        {"visit_id": "a", "began_at": at("2026-01-06 10:00"), "cost": None},
        {"visit_id": "b", "began_at": at("2026-01-05 10:00"), "cost": None},
        {"visit_id": "c", "began_at": at("2026-01-05 10:00"), "cost": 3},
    ]
    assert put(lake, VISITS, rows, told) == (1, 1, 1)
    found = content(lake, VISITS)
    assert found["a"] == visit("a", "2026-01-06 10:00", "p", None)
    assert found["b"]["place_id"] == "q"
    assert found["c"] == visit("c", "2026-01-05 10:00", None, 3)


def test_the_last_of_equal_keys_counts(tmp_path: Path) -> None:
    """Earlier rows of a key are unchanged when they say the same as the last, else updated."""
    lake = new_lake(tmp_path / "lake")
    rows = [
        visit("a", "2026-01-05 10:00", "first"),
        visit("b", "2026-01-05 10:00", "same"),
        visit("a", "2026-03-05 10:00", "last"),
        visit("b", "2026-01-05 10:00", "same"),
        visit("c", "2026-01-05 10:00"),
        visit("b", "2026-01-05 10:00", "same"),
    ]
    assert put(lake, VISITS, rows) == (3, 1, 2)
    assert content(lake, VISITS)["a"]["place_id"] == "last"
    assert put(lake, VISITS, rows) == (0, 1, 5)


def test_a_table_without_months_works_the_same(tmp_path: Path) -> None:
    """Tables without a clock lie in one folder and are updated by key."""
    lake = new_lake(tmp_path / "lake")
    assert put(lake, PLACES, [place("p", 3), place("q")]) == (2, 0, 0)
    assert put(lake, PLACES, [place("q", 5), place("r", 1)]) == (1, 1, 0)
    assert {key: row["stars"] for key, row in content(lake, PLACES).items()} == {
        "p": 3.0,
        "q": 5.0,
        "r": 1.0,
    }
    assert [file.month for file in lake.snapshot().files["places"]] == [None]


def test_delta_readers_see_the_same_rows(tmp_path: Path) -> None:
    """The folder of a table is a Delta table with the month as a column, statistics included."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05 10:00", "p", 2), visit("b", "2026-02-05 10:00")])
    put(lake, VISITS, [visit("a", "2026-01-05 11:00", "q", 2)])
    table = DeltaTable(f"{lake.path}/visits")
    rows = table.to_pyarrow_table().sort_by("visit_id").to_pylist()
    assert rows[0] == visit("a", "2026-01-05 11:00", "q") | {"cost": Decimal(2), "month": "2026-01"}
    assert [row["month"] for row in rows] == ["2026-01", "2026-02"]
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    january = next(action for action in actions if action["partition.month"] == "2026-01")
    assert january["num_records"] == 1
    assert january["min.began_at"] <= at("2026-01-05 11:00") <= january["max.began_at"]


def test_a_change_sees_what_it_has_done_so_far(tmp_path: Path) -> None:
    """Two batches in one change behave as if one had been published before the other."""
    lake = new_lake(tmp_path / "lake")
    with contextlib.closing(lake.connect()) as con, lake.write("two batches") as change:
        first = add(con, change, VISITS, [visit("a", "2026-01-05 10:00"), visit("b", "2026-01-05")])
        second = add(con, change, VISITS, [visit("a", "2026-02-05 10:00")])
        seen = con.execute(f"SELECT count(*) FROM {change.view(con, VISITS)}").fetchall()
        change.publish()
    assert (first.loaded, second.updated, seen) == (2, 1, [(2,)])
    assert content(lake, VISITS)["a"]["began_at"] == at("2026-02-05 10:00")
    assert on_disk(lake) == paths(lake, VISITS)


def test_nothing_is_visible_or_left_when_a_change_is_not_published(tmp_path: Path) -> None:
    """A block that ends without publishing, or by an error, leaves the lake as it was."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05 10:00")])
    before = on_disk(lake)
    with contextlib.closing(lake.connect()) as con:
        with lake.write("forgotten") as change:
            add(con, change, VISITS, [visit("b", "2026-01-05 10:00")])
            assert set(content(lake, VISITS)) == {"a"}
        with pytest.raises(LakeError, match="no visit_id"):
            _break(con, lake)
    assert set(content(lake, VISITS)) == {"a"}
    assert on_disk(lake) == before
    assert lake.snapshot().version == 1


def _break(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    with lake.write("broken") as change:
        add(con, change, VISITS, [visit("c", "2026-01-05 10:00")])
        change.upsert(con, VISITS, stage(con, VISITS, [{"began_at": at("2026-01-05")}]))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([visit("a", "2026-01-05"), visit("a", "2026-01-06")], "more than once"),
        ([{"visit_id": "a"}], "no visit_id or no began_at"),
        ([{"began_at": at("2026-01-05")}], "no visit_id or no began_at"),
    ],
)
def test_rows_that_cannot_be_stored_are_refused(
    tmp_path: Path, rows: list[dict[str, object]], words: str
) -> None:
    """Storing the same key twice, no key or no clock is an error and not a lost row."""
    lake = new_lake(tmp_path / "lake")
    with (
        contextlib.closing(lake.connect()) as con,
        pytest.raises(LakeError, match=words),
        lake.write("bad") as change,
    ):
        change.upsert(con, VISITS, stage(con, VISITS, rows))
    assert on_disk(lake) == set()


def test_a_view_of_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    """A table nobody wrote to reads as no rows of the right types."""
    lake = new_lake(tmp_path / "lake")
    with contextlib.closing(lake.connect()) as con:
        described = con.execute(f"DESCRIBE {view(con, lake.snapshot(), VISITS)}").fetchall()
    assert [(name, type_) for name, type_, *_ in described] == [
        ("visit_id", "VARCHAR"),
        ("began_at", "TIMESTAMP WITH TIME ZONE"),
        ("place_id", "VARCHAR"),
        ("cost", "DECIMAL(18,4)"),
    ]
