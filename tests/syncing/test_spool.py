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
