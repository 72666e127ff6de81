"""What does an answer cost, beside the best SQL written by hand for it?

    python benchmarks/asking.py --calls 10000000 --folder FOLDER

asks 25 KPIs of calls by campaign of a lake of invented calls: `dialgauge.testing` makes a year of
them and `import files` takes them in; the folder keeps them for the next run. Works take turns in
one process; CPU seconds of all threads and seconds by the clock, medians of the rounds:

- hand: one statement for the same 25 values over the same files, see `by_hand`
- ask: `Gauge.ask`, from the question to the answer: snapshot, plan, statement, DuckDB, and for
  each value its numerator, denominator, n and 95 % interval (at most 1.15 times hand)
- one a KPI: 25 statements, as BI tools send them
- hand + total, ask + total: the same with a row over all campaigns
- pandas: the 25 values by campaign, in a process of its own, over the files of some months and
  scaled to all calls
- planning: from the question to the text of the statement (under 20 ms)

Before anything is measured, which also warms the caches, the values of hand and ask are compared:
they must be equal.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
from by_hand import KPIS, in_pandas, query
from measure import Cost, in_turns, median

from dialgauge.catalogue.user import built_in
from dialgauge.engines.duckdb import DUCKDB
from dialgauge.engines.statement import statement
from dialgauge.front import make_engine
from dialgauge.gauge import Gauge
from dialgauge.intake import take_in
from dialgauge.lake import DataFile, Lake
from dialgauge.model.answer import Answer
from dialgauge.model.question import Question
from dialgauge.plan.planner import plan
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.testing import stream_world, write_world

_NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def main() -> None:
    """Measure, and print a line for each work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1_000_000, help="calls in the lake")
    parser.add_argument("--rounds", type=int, default=5, help="how often each work is measured")
    parser.add_argument("--pandas", type=int, default=2_000_000, help="calls pandas reads")
    parser.add_argument("--folder", type=Path, default=None, help="keeps the lake, to run again")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        lake = _lake((told.folder or Path(scratch)) / f"{told.calls}-calls", told.calls)
        files = lake.snapshot().files["calls"]
        _measure(lake, [file.path for file in files], told.rounds)
        _pandas(files, told.pandas)
        _planning()


def _lake(folder: Path, calls: int) -> Lake:
    if (folder / "lake").exists():
        return Lake.open(str(folder / "lake"))
    made = write_world(stream_world(days=365, calls=calls), folder / "made")
    lake = Lake.create(str(folder / "lake"))
    request = Request(paths=(made["calls"],), table="calls", phone_key=lake.phone_key)
    take_in(lake, source("files"), request)
    for path in made.values():
        path.unlink()
    return lake


def _measure(lake: Lake, files: Sequence[str], rounds: int) -> None:
    con = duckdb.connect()
    gauge = Gauge(lake=lake, words=built_in(), engine=make_engine("duckdb", lake))

    def hand(kpis: Sequence[str] = tuple(KPIS), *, total: bool = False) -> pa.Table:
        return con.sql(query(kpis, files, total=total)).to_arrow_table()

    def ask(*, totals: bool = False) -> Answer:
        return gauge.ask(Question(kpis=tuple(KPIS), by=("campaign",), totals=totals))

    _same(hand(), ask())
    costs = in_turns(
        {
            "hand": hand,
            "ask": ask,
            "hand + total": lambda: hand(total=True),
            "ask + total": lambda: ask(totals=True),
            "one a KPI": lambda: [hand([kpi]) for kpi in KPIS],
        },
        rounds,
    )
    for name, base in (
        ("hand", "hand"),
        ("ask", "hand"),
        ("one a KPI", "hand"),
        ("hand + total", "hand + total"),
        ("ask + total", "hand + total"),
    ):
        _show(name, costs[name], f"{_ratio(costs[name], costs[base]):6.2f} of {base}")


def _same(table: pa.Table, answer: Answer) -> None:
    by_hand = {row["campaign_id"]: row for row in table.to_pylist()}
    asked = {row.keys["campaign"]: row.values for row in answer.rows}
    if by_hand.keys() != asked.keys():
        raise SystemExit(f"the campaigns differ: {list(by_hand)}, {list(asked)}")
    for campaign, values in asked.items():
        for kpi, value in values.items():
            theirs = by_hand[campaign][kpi]
            same = (
                theirs is None
                if value.value is None
                else math.isclose(value.value, theirs, rel_tol=1e-9)
            )
            if not same:
                raise SystemExit(f"{kpi} of {campaign} is {value.value}, by hand {theirs}")
    print(f"{len(asked)} campaigns, {len(KPIS)} KPIs: all values are equal")


def _pandas(files: Sequence[DataFile], calls: int) -> None:
    chosen: list[str] = []
    rows = 0
    for file in files:
        if rows < calls:
            chosen.append(file.path)
            rows += file.rows
    every = sum(file.rows for file in files)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        read, cost = process.submit(in_pandas, chosen).result()
    scaled = Cost(cost.cpu * every / read, cost.wall * every / read)
    _show("pandas", [scaled], f"measured over {read:,} of {every:,} calls")


def _planning() -> None:
    words = built_in()
    question = Question(kpis=tuple(KPIS), by=("campaign",))

    def work() -> str:
        return statement(plan(question, words, now=_NOW).plan, DUCKDB)

    costs = in_turns({"planning": work}, 50)["planning"]
    print(f"{'planning':14} {median(costs).cpu * 1000:8.1f} CPU ms, at most 20; median of 50")


def _ratio(costs: Sequence[Cost], base: Sequence[Cost]) -> float:
    return median(costs).cpu / median(base).cpu


def _show(name: str, costs: Sequence[Cost], words: str) -> None:
    least, most = min(cost.cpu for cost in costs), max(cost.cpu for cost in costs)
    print(
        f"{name:14} {median(costs).cpu:8.2f} CPU s ({least:.2f}-{most:.2f})"
        f" {median(costs).wall:8.2f} s  {words}",
        flush=True,
    )


if __name__ == "__main__":
    main()
