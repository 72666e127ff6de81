"""Can one go back, tidy up and throw away, without losing what is needed?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialgauge.errors import LakeError, UsageError
from visits import (
    PLACES,
    VISITS,
    content,
    new_lake,
    on_disk,
    open_lake,
    paths,
    place,
    put,
    visit,
)


def test_history_tells_every_state(tmp_path: Path) -> None:
    """Each publication is one state with its operation, newest first, and can still be read."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05", "p")])
    put(lake, PLACES, [place("p")])
    put(lake, VISITS, [visit("a", "2026-01-05", "q")])
    assert [(state.version, state.operation) for state in lake.history()] == [
        (3, "put"),
        (2, "put"),
        (1, "put"),
    ]
    assert content(lake, VISITS, 1)["a"]["place_id"] == "p"
    assert content(lake, PLACES, 1) == {}
    assert content(lake, VISITS, 2)["a"]["place_id"] == "p"
    assert content(lake, VISITS)["a"]["place_id"] == "q"
    assert content(lake, VISITS, 0) == {}


def test_restore_makes_a_new_version_equal_to_an_old_one(tmp_path: Path) -> None:
    """All tables go back together, and going back can itself be undone."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05", "p")])
    put(lake, VISITS, [visit("a", "2026-02-05", "q"), visit("b", "2026-02-05")])
    put(lake, PLACES, [place("p")])
    assert lake.restore(1) == 4
    assert {key: row["place_id"] for key, row in content(lake, VISITS).items()} == {"a": "p"}
    assert content(lake, PLACES) == {}
    assert lake.restore(3) == 5
    assert set(content(lake, VISITS)) == {"a", "b"}
    assert set(content(lake, PLACES)) == {"p"}
    assert lake.restore(0) == 6
    assert content(lake, VISITS) == {}
    assert put(lake, VISITS, [visit("a", "2026-01-05", "p")]) == (1, 0, 0)


def test_a_version_that_never_was_is_refused(tmp_path: Path) -> None:
    """The error lists the versions there are."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05")])
    with pytest.raises(LakeError, match="no version 7; allowed: 0, 1"):
        lake.restore(7)


def test_compact_merges_small_files_and_changes_no_row(tmp_path: Path) -> None:
    """Each month becomes one file, sorted by clock; a second time there is nothing to do."""
    lake = new_lake(tmp_path / "lake")
    for day in (7, 5, 6):
        put(
            lake, VISITS, [visit(f"a{day}", f"2026-01-0{day}"), visit(f"b{day}", f"2026-02-0{day}")]
        )
    put(lake, VISITS, [visit("alone", "2026-03-01")])
    before, lonely = content(lake, VISITS), paths(lake, VISITS)
    assert lake.compact() == 6
    assert content(lake, VISITS) == before
    assert list(content(lake, VISITS))[:3] == ["a5", "a6", "a7"]
    assert [file.rows for file in lake.snapshot().files["visits"]] == [3, 3, 1]
    assert len(lonely & paths(lake, VISITS)) == 1
    version = lake.snapshot().version
    assert lake.compact() == 0
    assert lake.snapshot().version == version


def test_vacuum_keeps_what_a_recent_state_needs(tmp_path: Path) -> None:
    """Within the retention nothing goes; beyond it old states and their files go together."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05", "p"), visit("b", "2026-02-05")])
    old = paths(lake, VISITS)
    put(lake, VISITS, [visit("a", "2026-01-05", "q")])
    everything = on_disk(lake)
    assert lake.vacuum(1).files == ()
    planned = lake.vacuum(0, dry_run=True)
    assert planned.versions == (1,)
    assert set(planned.files) == old - paths(lake, VISITS)
    assert planned.size == sum(Path(path).stat().st_size for path in planned.files)
    assert on_disk(lake) == everything
    assert lake.vacuum(0) == planned
    assert on_disk(lake) == paths(lake, VISITS)
    assert content(lake, VISITS)["a"]["place_id"] == "q"
    with pytest.raises(LakeError, match="no version 1; allowed: 0, 2"):
        lake.snapshot(1)
    with pytest.raises(UsageError, match="allowed: 0 or more"):
        lake.vacuum(-1)


def test_vacuum_keeps_the_state_that_was_current_at_the_limit(tmp_path: Path) -> None:
    """A state overtaken within the retention stays, however old it is itself."""
    lake = new_lake(tmp_path / "lake")
    put(lake, VISITS, [visit("a", "2026-01-05", "p")])
    put(lake, VISITS, [visit("a", "2026-01-05", "q")])
    manifest = Path(lake.layout.snapshots) / "00000001.json"
    aged = json.loads(manifest.read_text()) | {"at": "2001-01-01T00:00:00+00:00"}
    manifest.write_text(json.dumps(aged))
    assert lake.vacuum(1).versions == ()
    assert content(lake, VISITS, 1)["a"]["place_id"] == "p"


def test_opening_says_what_is_wrong(tmp_path: Path) -> None:
    """No lake, a newer lake, a damaged lake and a second creation each have their sentence."""
    with pytest.raises(LakeError, match="is no lake; make one with `dialgauge init`"):
        open_lake(tmp_path / "nowhere")
    lake = new_lake(tmp_path / "lake")
    with pytest.raises(LakeError, match="is a lake already"):
        new_lake(tmp_path / "lake")
    Path(lake.layout.format).write_text('{"dialgauge": "lake", "format": 2}')
    with pytest.raises(LakeError, match="has format 2, and this dialgauge reads up to 1"):
        open_lake(tmp_path / "lake")
    Path(lake.layout.format).write_text("{")
    with pytest.raises(LakeError, match="damaged"):
        open_lake(tmp_path / "lake")


def test_every_lake_has_a_secret_of_its_own(tmp_path: Path) -> None:
    """The phone key is random, stays the same, and only its owner may read it."""
    one, two = new_lake(tmp_path / "one"), new_lake(tmp_path / "two")
    assert len(one.phone_key) == 32
    assert one.phone_key == open_lake(tmp_path / "one").phone_key != two.phone_key
    assert Path(one.layout.phone_key).stat().st_mode & 0o077 == 0
