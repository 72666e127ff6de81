"""What does preparing cost, next to DuckDB reading the same CSV and writing Parquet?

Run `python benchmarks/preparing.py [CALLS]`. Prints CPU seconds of all threads and the ratio to
`read_csv` -> Parquet of the same rows, for a first load, for a day of new calls and for a day with
late and changed calls. Data are made here: five months, four calls a lead, five zones.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
from measure import spent

from dialgauge.prepare import prepare
from dialgauge.tables import TABLES
from dialgauge.tables.calls import CALLS
from dialgauge.tables.storage import DUCKDB_TYPES, empty_select

MONTH = "strftime(epoch_ms(epoch_ms(started_at)), '%Y-%m')"
FIRST_US = 1_767_225_600_000_000  # 2026-01-01
SPAN_S = 150 * 86_400
DERIVED = ("calls", "journeys", "callbacks")


def made_calls(number: int, first: int = 0, from_s: int = 0, span_s: int = SPAN_S) -> str:
    """Write a query that makes calls with every column a dialler fills.

    Args:
        number: How many.
        first: Number of the first call, which goes into its key.
        from_s: Seconds from the start of 2026 to the first call.
        span_s: Over how many seconds they are spread.
    """
    leads = max(number // 4, 250_000)
    second = f"{from_s} + (i - {first}) * {span_s} // {number} + h % 60"
    start = f"make_timestamptz({FIRST_US} + ({second})::BIGINT * 1000000)"
    made = {
        "call_id": "'call-' || lpad(i::VARCHAR, 10, '0')",
        "started_at": start,
        "answered_at": f"CASE WHEN h % 3 = 0 THEN {start} + to_microseconds(9000000) END",
        "ended_at": f"{start} + to_microseconds(((h % 300) * 1000000)::BIGINT)",
        "direction": "CASE WHEN h % 20 = 0 THEN 'inbound' ELSE 'outbound' END",
        "result": "CASE WHEN h % 3 = 0 THEN 'human' ELSE 'no_answer' END",
        "disposition": "'D' || h % 17",
        "contact": "h % 5 = 0",
        "right_party": "h % 10 = 0",
        "converted": "h % 95 = 0",
        "do_not_call": "h % 301 = 0",
        "callback_at": f"CASE WHEN h % 40 = 0 THEN {start} + to_microseconds(86400000000) END",
        "ring_s": "h % 30",
        "talk_s": "CASE WHEN h % 3 = 0 THEN h % 250 END",
        "wrap_s": "h % 45",
        "campaign_id": "'campaign-' || h % 12",
        "list_id": "'list-' || h % 40",
        "lead_id": f"'lead-' || hash(i, 2) % {leads}",
        "agent_id": "'agent-' || h % 150",
        "phone_token": f"md5((hash(i, 2) % {leads})::VARCHAR)",
        "country": "'US'",
        "timezone": "['America/New_York', 'America/Chicago', 'America/Denver',"
        " 'America/Los_Angeles', 'America/Phoenix'][(1 + h % 5)::BIGINT]",
        "script": "'script-' || h % 4",
        "cost": "0.01",
        "currency": "'USD'",
        "source": "'dialler'",
    }
    columns = ", ".join(
        f"CAST({made.get(column.name, 'NULL')} AS {DUCKDB_TYPES[column.type]}) AS {column.name}"
        for column in CALLS.columns
        if not column.derived
    )
    return (
        f"SELECT {columns} FROM (SELECT i, hash(i, 1) AS h"
        f" FROM range({first}, {first + number}) AS numbers(i))"
    )


def measured(what: str, work: Callable[[], object], costs: dict[str, float]) -> None:
    """Do a work once, print what it took and keep its CPU seconds."""
    cost = spent(work)
    costs[what] = cost.cpu
    print(f"{what:<52}{cost.cpu:8.2f} CPU s {cost.wall:8.2f} s", flush=True)


def connection() -> duckdb.DuckDBPyConnection:
    """Open a connection as the lake does."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET threads = 2")
    return con


def empty_views(con: duckdb.DuckDBPyConnection) -> Mapping[str, str]:
    """Make the views of an empty lake."""
    for name, table in TABLES.items():
        con.execute(f"CREATE OR REPLACE TEMP VIEW lake_{name} AS {empty_select(table)}")
    return {name: f"lake_{name}" for name in TABLES}


def stored_views(con: duckdb.DuckDBPyConnection, folder: Path) -> Mapping[str, str]:
    """Make the views of a lake whose derived tables were written to a folder."""
    views = dict(empty_views(con))
    for name in DERIVED:
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW lake_{name} AS SELECT * FROM"
            f" read_parquet('{folder}/{name}/**/*.parquet', hive_partitioning = false)"
        )
    return views


def write_all(con: duckdb.DuckDBPyConnection, relations: Mapping[str, str], folder: Path) -> None:
    """Write relations as the lake would, calls by month."""
    for name, relation in relations.items():
        target = folder / name
        target.mkdir(parents=True)
        if name == "calls":
            months = con.execute(f"SELECT DISTINCT {MONTH} FROM {relation}").fetchall()
            for (month,) in sorted(months):
                con.execute(
                    f"COPY (SELECT * FROM {relation} WHERE {MONTH} = '{month}')"
                    f" TO '{target}/{month}.parquet'"
                )
        else:
            con.execute(f"COPY (FROM {relation}) TO '{target}/all.parquet'")


def prepared(con: duckdb.DuckDBPyConnection, views: dict[str, str]) -> dict[str, str]:
    """Prepare the batch; table name to relation."""
    found = prepare(con, CALLS, "batch", views)
    return {name: rows.relation for name, rows in found.items()}


def first_load(folder: Path, number: int, cost: dict[str, float]) -> None:
    """Measure a load into an empty lake, and what DuckDB alone needs."""
    con = connection()
    con.execute(f"COPY ({made_calls(number)}) TO '{folder}/calls.csv'")
    types = {
        column.name: DUCKDB_TYPES[column.type] for column in CALLS.columns if not column.derived
    }
    read = f"SELECT * FROM read_csv('{folder}/calls.csv', header = true, columns = {types})"
    measured(
        "read_csv -> Parquet",
        lambda: con.execute(f"COPY ({read}) TO '{folder}/plain.parquet'"),
        cost,
    )
    con.execute(f"CREATE TEMP TABLE batch AS SELECT *, row_number() OVER () AS _row FROM ({read})")
    measured(
        "staged table -> Parquet",
        lambda: con.execute(f"COPY batch TO '{folder}/plain2.parquet'"),
        cost,
    )
    relations: dict[str, str] = {}
    measured(
        "prepare, first load",
        lambda: relations.update(prepared(con, empty_views(con))),
        cost,
    )

    def stored() -> None:
        for name, relation in relations.items():
            con.execute(f"COPY (FROM {relation}) TO '{folder}/whole_{name}.parquet'")

    measured("prepared relations -> Parquet", stored, cost)
    write_all(con, relations, folder)
    con.close()


def next_batch(
    folder: Path, make: Callable[[], str], what: str, cost: dict[str, float], *, hint: bool
) -> None:
    """Measure a batch on top of what was loaded."""
    con = connection()
    views = stored_views(con, folder)
    updated = f", call_id IN (SELECT call_id FROM {views['calls']}) AS _updated" if hint else ""
    numbered = f"SELECT *, row_number() OVER () AS _row {updated} FROM ({make()})"
    con.execute(f"CREATE TEMP TABLE batch AS {numbered}")
    counts: dict[str, int] = {}

    def counted() -> None:
        for name, relation in prepared(con, views).items():
            found = con.execute(f"SELECT count(*), any_value(COLUMNS(*)) FROM {relation}")
            counts[name] = found.fetchall()[0][0]

    measured(what, counted, cost)
    print("   rows to store:", counts)
    con.close()


def main(number: int) -> None:
    """Measure everything and print ratios.

    Args:
        number: Calls of the first load; a day is a hundredth of it.
    """
    cost: dict[str, float] = {}
    day = number // 100

    def new_day() -> str:
        return made_calls(day, first=number, from_s=SPAN_S, span_s=86_400)

    def mixed_day() -> str:
        stored = ", ".join(column.name for column in CALLS.columns if not column.derived)
        return (
            f"{made_calls(day - day // 20, first=number, from_s=SPAN_S, span_s=86_400)}"
            f" UNION ALL {made_calls(day // 40, first=2 * number)}"
            f" UNION ALL (SELECT {stored} FROM lake_calls USING SAMPLE {day // 40} ROWS)"
        )

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first_load(folder, number, cost)
        next_batch(folder, new_day, "a day of new calls, keys searched", cost, hint=False)
        next_batch(folder, new_day, "a day of new calls, updates marked", cost, hint=True)
        next_batch(
            folder, mixed_day, "a day, 2.5 % late and 2.5 % changed, marked", cost, hint=True
        )
    base = cost["read_csv -> Parquet"]
    extra = (
        cost["prepare, first load"]
        + cost["prepared relations -> Parquet"]
        - cost["staged table -> Parquet"]
    )
    print(f"\n{number:,} calls, a day has {day:,}; ratios to read_csv -> Parquet of all:")
    print(f"  prepare, first load                      {cost['prepare, first load'] / base:6.3f}")
    print(f"  the same and what its columns add on disk{extra / base:6.3f}")
    for what in list(cost)[4:]:
        print(f"  {what:<41}{cost[what] / base:6.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
