"""Does every page that a system may give come back from the spool?"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from dialgauge.sources.live import Page
from dialgauge.sources.spooled import find_streams, load_stream
from dialgauge.syncing.spool import Spool


def test_a_page_of_nothing_is_a_page(tmp_path: Path) -> None:
    """It brings a cursor, and no row; the pages about it stay as they are."""
    spool = Spool(tmp_path, "pbx")
    spool.add(Page(stream="users", rows=pa.table({"id": ["1"]})))
    spool.add(Page(stream="users", rows=pa.table({}), cursors={"users": "7"}))
    spool.add(Page(stream="users", rows=pa.table({"id": ["2", "3"]}), cursors={"users": "9"}))
    assert (spool.fetched, spool.rows) == ({"users": "9"}, 3)
    con = duckdb.connect()
    files = find_streams([spool.files], ("users",))["users"]
    assert load_stream(con, "said", files, ("id",)) == 3
    rows = con.execute("SELECT id, _row FROM said ORDER BY _row").fetchall()
    assert rows == [("1", 1), ("2", 2), ("3", 3)]


def there(*names: str) -> pa.Table:
    """Make a roll."""
    return pa.table({"id": list(names)})


def test_a_roll_lasts_as_long_as_its_cursor(tmp_path: Path) -> None:
    """The one of before stays until the new one's pages are in the lake, and goes then."""
    nothing = pa.table({"id": pa.array([], pa.string())})
    spool = Spool(tmp_path, "crm")
    assert spool.roll("calls_there") is None
    first = {"calls_there": "2026-01-05T10:00:00+00:00"}
    spool.add(Page(stream="gone", rows=nothing, cursors=first, rolls={"calls_there": there("1")}))
    spool.finish()
    second = {"calls_there": "2026-01-06T10:00:00+00:00"}
    gone = pa.table({"id": ["1"]})
    spool.add(Page(stream="gone", rows=gone, cursors=second, rolls={"calls_there": there("2")}))
    assert len(list((tmp_path / "rolls").rglob("*.parquet"))) == 2
    after_crash = Spool(tmp_path, "crm")
    assert after_crash.rows == 1
    assert after_crash.roll("calls_there") == there("2")
    (page,) = after_crash.files.rglob("*.parquet")
    page.unlink()  # what was missed is lost: so it is looked for again, from the roll of before
    again = Spool(tmp_path, "crm")
    assert again.fetched == first
    assert again.roll("calls_there") == there("1")
    again.add(Page(stream="gone", rows=gone, cursors=second, rolls={"calls_there": there("2")}))
    again.finish()
    assert again.roll("calls_there") == there("2")
    assert len(list((tmp_path / "rolls").rglob("*.parquet"))) == 1


def test_a_roll_whose_cursor_was_not_written_never_was(tmp_path: Path) -> None:
    """The process died between the two: the draft and the roll are tidied away."""
    folder = tmp_path / "rolls" / "calls_there"
    folder.mkdir(parents=True)
    (folder / "2026-01-05.parquet").write_bytes(b"PAR1")
    (folder / "2026-01-06.draft").write_bytes(b"P")
    assert Spool(tmp_path, "crm").roll("calls_there") is None
    assert list(folder.iterdir()) == []
