"""What happens to a lake when a newer package gives a table another column?"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from deltalake import DeltaTable

from dialgauge.lake import Lake
from dialgauge.model.table import Column, Type
from visits import VISITS, content, new_lake, on_disk, paths, put, visit

_NEWER = dataclasses.replace(
    VISITS, columns=(*VISITS.columns, Column("rain", Type.BOOL, "It rained."))
)


def test_old_rows_read_the_new_column_as_unknown(tmp_path: Path) -> None:
    """Nothing has to be converted before the lake can be read."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05", "p")])
    assert content(lake, _NEWER) == {"a": visit("a", "2026-01-05", "p") | {"rain": None}}


def test_the_first_write_gives_every_file_the_new_column(tmp_path: Path) -> None:
    """Files of one table never differ in their columns, for Delta's readers neither."""
    old = new_lake(tmp_path / "lake")
    put(old, VISITS, [visit("a", "2026-01-05", "p"), visit("b", "2026-02-05")])
    lake = Lake(old.layout, {"visits": _NEWER})
    counts = put(lake, _NEWER, [visit("c", "2026-03-05") | {"rain": True}])
    assert counts == (1, 0, 0)
    assert {key: row["rain"] for key, row in content(lake, _NEWER).items()} == {
        "a": None,
        "b": None,
        "c": True,
    }
    rows = DeltaTable(f"{lake.path}/visits").to_pyarrow_table().sort_by("visit_id").to_pylist()
    assert [row["rain"] for row in rows] == [None, None, True]
    before = paths(lake, _NEWER)
    put(lake, _NEWER, [visit("d", "2026-03-06")])
    assert before < paths(lake, _NEWER)
    assert content(lake, _NEWER, 1)["a"]["rain"] is None
    lake.vacuum(0)
    assert on_disk(lake) == paths(lake, _NEWER)
