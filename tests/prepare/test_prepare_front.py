"""What may be handed to `prepare`, and what does it leave behind?"""

from __future__ import annotations

import duckdb

from dialgauge.prepare import prepare
from dialgauge.prepare.local_time import stretches
from dialgauge.tables import TABLES
from dialgauge.tables.calls import CALLS
from dialgauge.tables.storage import empty_select
from lake_of_dicts import DictLake, dial, utc

DAY_US = 86_400_000_000


def empty_lake(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Make the views of a lake without rows."""
    for name, table in TABLES.items():
        con.execute(f"CREATE TEMP VIEW stored_{name} AS {empty_select(table)}")
    return {name: f"stored_{name}" for name in TABLES}


def calls_batch(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Make a batch of two dials to one lead, as a table or a view with a helper column."""
    columns = ", ".join(column.name for column in CALLS.columns if not column.derived)
    con.execute(f"CREATE TEMP TABLE made AS SELECT {columns} FROM ({empty_select(CALLS)})")
    con.execute(
        "INSERT INTO made (call_id, started_at, direction, lead_id) VALUES"
        " ('b', '2026-01-05 11:00+00', 'outbound', 'L'),"
        " ('a', '2026-01-05 10:00+00', 'outbound', 'L')"
    )
    con.execute(f"CREATE TEMP {kind} batch AS SELECT *, row_number() OVER () AS _row FROM made")


def test_batch_may_be_a_table_or_a_view() -> None:
    """Either way the same rows come back, with exactly the columns of the table."""
    for kind in ("TABLE", "VIEW"):
        con = duckdb.connect()
        con.execute("SET TimeZone='UTC'")
        calls_batch(con, kind)
        found = prepare(con, CALLS, "batch", empty_lake(con))
        calls = found["calls"].relation
        described = con.execute(f"DESCRIBE SELECT * FROM {calls}").fetchall()
        assert [name for name, *_ in described] == list(CALLS.types)
        attempts = con.execute(f"SELECT call_id, attempt FROM {calls}").fetchall()
        assert sorted(attempts) == [("a", 1), ("b", 2)]


def test_only_what_the_result_reads_stays() -> None:
    """Of a first load stay the three results, the ordered dials and the offsets."""
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    calls_batch(con, "TABLE")
    found = prepare(con, CALLS, "batch", empty_lake(con))
    left = con.execute(
        "SELECT split_part(name, '_', 2) FROM"
        " (SELECT table_name AS name FROM duckdb_tables() UNION ALL"
        " SELECT view_name FROM duckdb_views()) WHERE name LIKE 'prepared_%'"
    ).fetchall()
    assert sorted(left) == sorted(
        [(name,) for name in ("calls", "journeys", "callbacks", "dials", "offsets", "lead")]
    )
    assert set(found) == {"calls", "journeys", "callbacks"}


def test_an_empty_batch_changes_nothing() -> None:
    """Preparing no rows gives no rows."""
    lake = DictLake()
    lake.load("calls", [dial("a", "2026-01-05T10:00")])
    lake.load("calls", [])
    assert lake.returned == {"calls": [], "journeys": [], "callbacks": []}


def test_stretches_cover_the_span_without_gaps() -> None:
    """Casablanca turns back for Ramadan and forth again within five weeks of 2026."""
    first = int(utc("2026-02-01").timestamp()) * 1_000_000
    found = stretches("Africa/Casablanca", first, first + 60 * DAY_US)
    assert [offset // 3_600_000_000 for _, _, offset in found] == [1, 0, 1]
    assert [start for start, _, _ in found[1:]] == [end for _, end, _ in found[:-1]]
    assert (found[0][0], found[-1][1]) == (first, first + 60 * DAY_US)
    turn = int(utc("2026-02-15T02:00").timestamp()) * 1_000_000
    assert found[0][1] == turn
