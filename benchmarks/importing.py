"""What does an import cost, beside DuckDB's own COPY of the same file and beside a daily upsert?

    python benchmarks/importing.py --rows 10000000 --day 100000

makes invented calls of a year and of one more day, and measures in one run, each step in a process
of its own, CPU seconds (user and system) and seconds by the clock. Copy, import and pandas take
turns, and the medians of the rounds count:

- copy: `COPY (FROM read_csv(...)) TO ...parquet`, what DuckDB alone needs; no derived columns, no
  check of any value, no key looked up, and nothing of this package loaded
- import: the same file into an empty lake (at most 2 times copy)
- day: one more day, a twentieth of it corrections of the day before (at most 0.1 of import)
- again: the same day once more, which changes nothing
- pandas: `read_csv` and `to_parquet`, what many would do otherwise (with --pandas)
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from measure import Cost, median, spent_by, take_turns

if TYPE_CHECKING:
    from dialgauge.lake import Lake

_START_US = 1_704_067_200_000_000  # 2024-01-01
_YEAR_US = 366 * 86_400_000_000


def main() -> None:
    """Measure, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="calls in the year")
    parser.add_argument("--day", type=int, default=100_000, help="calls in one more day")
    parser.add_argument("--rounds", type=int, default=3, help="how often copy and import run")
    parser.add_argument("--memory", default="", help="limit of the import, such as 500MB")
    parser.add_argument("--pandas", action="store_true", help="also measure pandas")
    parser.add_argument("--folder", default=None, help="where the files go while it runs")
    parser.add_argument("--step", default="", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.step:
        _STEPS[told.step](Path(told.folder), told)
        return
    with tempfile.TemporaryDirectory(dir=told.folder) as folder:
        _step("generate", folder)
        compared = {name: partial(_step, name, folder) for name in ("copy", "import")}
        if told.pandas:
            compared["pandas"] = partial(_step, "pandas", folder)
        costs = {name: median(found) for name, found in take_turns(compared, told.rounds).items()}
        copy = _show("copy", costs["copy"], None, "")
        whole = _show("import", costs["import"], copy, "of copy, at most 2")
        if told.pandas:
            _show("pandas", costs["pandas"], copy, "of copy")
        before = _files(folder)
        _show("day", _step("day", folder), whole, "of import, at most 0.1")
        print(
            f"  {len(before & _files(folder))} of {len(before)} files of calls stayed as they were"
        )
        _show("again", _step("again", folder), whole, "of import")


def _step(name: str, folder: str) -> Cost:
    return spent_by([sys.executable, __file__, *sys.argv[1:], "--folder", folder, "--step", name])


def _show(name: str, cost: Cost, base: Cost | None, words: str) -> Cost:
    ratio = "" if base is None else f"  {cost.cpu / base.cpu:7.3f} {words}"
    print(
        f"{name:8} {cost.cpu:8.2f} CPU s {cost.wall:8.2f} s {cost.memory:7.0f} MB{ratio}",
        flush=True,
    )
    return cost


def _generate(folder: Path, told: argparse.Namespace) -> None:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    rows, day, fixed = told.rows, told.day, told.day // 20
    step = _YEAR_US // rows
    year = _calls(f"range({rows})", f"{_START_US} + i * {step}", rows, 0)
    con.execute(f"COPY ({year}) TO '{folder}/year.csv' (HEADER)")
    new = _calls(
        f"range({rows}, {rows + day - fixed})",
        f"{_START_US + _YEAR_US} + (i - {rows}) * {86_400_000_000 // day}",
        rows,
        0,
    )
    late = _calls(f"range({rows - fixed}, {rows})", f"{_START_US} + i * {step}", rows, 1)
    con.execute(f"COPY ({new} UNION ALL {late}) TO '{folder}/day.csv' (HEADER)")


def _calls(source_rows: str, at_us: str, rows: int, twist: int) -> str:
    """Write the query of invented calls; another twist gives other outcomes."""
    leads = max(rows // 5, 1)
    return f"""
        SELECT 'c' || i AS call_id, make_timestamp(at_us)::TIMESTAMPTZ AS started_at,
            CASE WHEN o % 3 = 0 THEN make_timestamp(at_us + 9000000)::TIMESTAMPTZ END
                AS answered_at,
            make_timestamp(at_us + 60000000 + o % 100000000)::TIMESTAMPTZ AS ended_at,
            'outbound' AS direction,
            ['human', 'machine', 'busy', 'no_answer', 'invalid'][1 + o % 5] AS result,
            ['SALE', 'NI', 'B', 'NA', 'XX', 'CB'][1 + o % 6] AS disposition,
            o % 5 = 0 AS contact, o % 10 = 0 AS right_party, o % 50 = 0 AS converted,
            o % 400 = 0 AS do_not_call, NULL::TIMESTAMPTZ AS callback_at,
            ['customer', 'agent', 'system'][1 + o % 3] AS ended_by, (o % 40)::DOUBLE AS ring_s,
            NULL::DOUBLE AS wait_s, CASE WHEN o % 3 = 0 THEN o % 600 END::DOUBLE AS talk_s,
            NULL::DOUBLE AS hold_s, CASE WHEN o % 3 = 0 THEN o % 60 END::DOUBLE AS wrap_s,
            'camp' || h % 30 AS campaign_id, 'list' || h % 100 AS list_id,
            'lead' || h % {leads} AS lead_id, NULL::VARCHAR AS customer_id,
            CASE WHEN o % 3 = 0 THEN 'agent' || h % 200 END AS agent_id,
            md5((h % {leads})::VARCHAR) AS phone_token, 'R' || h % 50 AS region,
            'US' AS country, ['mobile', 'fixed'][1 + h % 2] AS line_type,
            ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles']
                [1 + h % 4] AS timezone,
            's' || h % 4 AS script, 'p' || h % 5 AS product,
            ((h % 100) / 1000)::DECIMAL(18, 4) AS cost, 'USD' AS currency,
            CASE WHEN o % 3 = 0 THEN 'https://recordings.example/' || i || '.wav' END
                AS recording, false AS test, 'dialler' AS source
        FROM (SELECT i, ({at_us})::BIGINT AS at_us, (hash(i) >> 2)::BIGINT AS h, h + {twist} AS o
            FROM {source_rows} AS numbers(i))"""


def _copy(folder: Path, _: argparse.Namespace) -> None:
    duckdb.connect().execute(
        f"COPY (FROM read_csv('{folder}/year.csv')) TO '{folder}/copy.parquet'"
    )


def _first(folder: Path, told: argparse.Namespace) -> None:
    from dialgauge.lake import Lake  # noqa: PLC0415 - copy shall not pay for it

    shutil.rmtree(f"{folder}/lake", ignore_errors=True)
    lake = Lake.create(f"{folder}/lake", memory_limit=told.memory)
    _import(lake, folder / "year.csv", loaded=told.rows)


def _day(folder: Path, told: argparse.Namespace) -> None:
    _import(_opened(folder, told), folder / "day.csv", loaded=told.day - told.day // 20)


def _again(folder: Path, told: argparse.Namespace) -> None:
    _import(_opened(folder, told), folder / "day.csv", loaded=0)


def _pandas(folder: Path, _: argparse.Namespace) -> None:
    import pandas as pd  # noqa: PLC0415 - only measured when asked for

    frame = pd.read_csv(folder / "year.csv", parse_dates=["started_at", "answered_at", "ended_at"])
    frame.to_parquet(folder / "pandas.parquet")


def _opened(folder: Path, told: argparse.Namespace) -> Lake:
    from dialgauge.lake import Lake  # noqa: PLC0415 - copy shall not pay for it

    return Lake.open(f"{folder}/lake", memory_limit=told.memory)


def _import(lake: Lake, path: Path, loaded: int) -> None:
    from dialgauge.intake import take_in  # noqa: PLC0415 - copy shall not pay for it
    from dialgauge.sources import source  # noqa: PLC0415
    from dialgauge.sources.base import Request  # noqa: PLC0415

    request = Request(paths=(path,), table="calls", phone_key=lake.phone_key)
    report = take_in(lake, source("files"), request)
    if report.counts.loaded != loaded:
        raise SystemExit(f"{loaded} rows should have been loaded, not {report.counts}")


def _files(folder: str) -> set[str]:
    from dialgauge.lake import Lake  # noqa: PLC0415 - copy shall not pay for it

    files = Lake.open(f"{folder}/lake").snapshot().files["calls"]
    return {file.path for file in files}


_STEPS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "generate": _generate,
    "copy": _copy,
    "import": _first,
    "day": _day,
    "again": _again,
    "pandas": _pandas,
}

if __name__ == "__main__":
    main()
