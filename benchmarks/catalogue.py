"""What does the whole catalogue cost in one question, beside the best SQL by hand for each fact?

    python benchmarks/catalogue.py --calls 10000000 --folder FOLDER

asks all KPIs by month and campaign (but `drop_rate_30d`, which cannot be cut into months) of a
lake of an invented company: `dialgauge.testing` makes a year of all its tables and they are
imported; the folder keeps the lake for the next run. For 10 million calls that takes 3 GB of disk
and some six minutes of one processor. Works take turns in one process; CPU seconds of all threads,
medians of the rounds:

- hand: one statement a fact for the same values over the same files, see `by_hand_catalogue`;
  what each of them costs is shown besides
- ask: `Gauge.ask`, with intervals, notes and all (at most 1.3 times hand)
- hand + total, ask + total: the same with a row over all months and campaigns

Before anything is measured, which also warms the caches, the values of hand and ask are compared:
they must be equal. And the statement is read: every fact's table must stand in it once.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import sqlglot
from by_hand_catalogue import FACTS, query
from measure import Cost, in_turns, median
from sqlglot import exp

from dialgauge.analysis.formula import computed
from dialgauge.catalogue.user import built_in
from dialgauge.front import make_engine
from dialgauge.gauge import Gauge
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.model.answer import Answer, Value
from dialgauge.model.question import Grain, Question
from dialgauge.model.rules import Rules
from dialgauge.plan.planner import filled
from dialgauge.plan.reading import read
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.testing import DEMO_END, stream_world, write_world

_NOW = dt.datetime.combine(DEMO_END, dt.time(), tzinfo=dt.UTC)
_WORDS = built_in()
_KPIS = tuple(name for name in _WORDS.kpis if name != "drop_rate_30d")
_LISTED = {
    "sales_cycle": ("deals", ("days_to_win", "days_to_lose", "days_open")),
    "time_in_stage": ("stages", ("days", "days_open")),
}
"""KPIs read from lists, of which the lengths are compared."""
_ORDER = (
    ("campaigns", "agents", "currencies", "leads"),
    ("calls",),
    ("agent_time", "deals", "stages", "meetings", "customers"),
    ("orders",),
    ("costs",),
    ("surveys", "reviews", "conversations"),
)


def main() -> None:
    """Measure, and print a line for each work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1_000_000, help="calls in the lake")
    parser.add_argument("--rounds", type=int, default=5, help="how often each work is measured")
    parser.add_argument("--folder", type=Path, default=None, help="keeps the lake, to run again")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        _measure(_lake((told.folder or Path(scratch)) / f"{told.calls}-calls", told.calls), told)


def _lake(folder: Path, calls: int) -> Lake:
    if (folder / "lake").exists():
        return Lake.open(str(folder / "lake"))
    made = write_world(stream_world(days=365, calls=calls), folder / "made")
    lake = Lake.create(str(folder / "lake"))
    for names in _ORDER:
        paths = tuple(made[name] for name in names)
        request = Request(paths=paths, phone_key=lake.phone_key)
        take_in(lake, source("files"), request, rules=Rules(currency="EUR"))
    for path in made.values():
        path.unlink()
    return lake


def _measure(lake: Lake, told: argparse.Namespace) -> None:
    snapshot = lake.snapshot()
    files = {name: [file.path for file in found] for name, found in snapshot.files.items()}
    engine = make_engine("duckdb", lake)
    gauge = Gauge(lake=lake, words=_WORDS, engine=engine, clock=lambda: _NOW)
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")

    def ask(*, totals: bool = False) -> Answer:
        return gauge.ask(Question(kpis=_KPIS, by=("campaign",), grain=Grain.MONTH, totals=totals))

    def hand(fact: str, *, total: bool = False) -> list[dict[str, Any]]:
        statement = query(fact, files, months, _NOW, total=total)
        rows: list[dict[str, Any]] = con.sql(statement).to_arrow_table().to_pylist()
        return rows

    answer = ask(totals=True)
    months = _months(answer)
    _same(answer, {fact: hand(fact, total=True) for fact in FACTS})
    _scans(gauge.explain(answer.question))

    def each(*, total: bool) -> None:
        for fact in FACTS:
            con.sql(query(fact, files, months, _NOW, total=total)).to_arrow_table()

    costs = in_turns(
        {
            "hand": functools.partial(each, total=False),
            "ask": ask,
            "hand + total": functools.partial(each, total=True),
            "ask + total": functools.partial(ask, totals=True),
        },
        told.rounds,
    )
    for name, base in (("hand", "hand"), ("ask", "hand")):
        _show(name, costs[name], costs[base], base)
    for name in ("hand + total", "ask + total"):
        _show(name, costs[name], costs["hand + total"], "hand + total")
    alone = {fact: functools.partial(_run, con, query(fact, files, months, _NOW)) for fact in FACTS}
    for fact, spent in in_turns(alone, told.rounds).items():
        _show(f"  {fact}", spent, costs["hand"], "hand")


def _run(con: duckdb.DuckDBPyConnection, statement: str) -> None:
    con.sql(statement).to_arrow_table()


def _months(answer: Answer) -> list[dt.date]:
    """List the first days of the months until the moment of asking."""
    last = _NOW.date()
    days = {
        dt.date.fromisoformat(str(row.keys["period"])) for row in answer.rows if row.keys["period"]
    }
    return [*sorted(day for day in days if day < last), last]


def _same(answer: Answer, by_hand: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Compare all values of all months and campaigns, and of the total.

    Raises:
        SystemExit: A value differs.
    """
    cells = _joined(by_hand)
    compared = 0
    for row in (*answer.rows, *([answer.total] if answer.total else [])):
        period = row.keys.get("period")
        key = (period and dt.date.fromisoformat(str(period)), row.keys.get("campaign"))
        mine = cells.get(None if row is answer.total else key, {})
        for kpi, value in row.values.items():
            ours, theirs = _both(kpi, value, mine)
            same = (
                math.isnan(theirs)
                if ours is None
                else math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
            )
            if not same:
                raise SystemExit(f"{kpi} of {row.keys} is {ours}, by hand {theirs}")
            compared += 1
    print(f"{len(answer.rows)} months and campaigns, {len(_KPIS)} KPIs: {compared} equal values")


def _joined(by_hand: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[object, dict[str, Any]]:
    """Join the rows of all statements by month and campaign; the total's key is None."""
    cells: dict[object, dict[str, Any]] = {}
    for fact, rows in by_hand.items():
        for row in rows:
            month = row["month"] and row["month"].date()
            found = cells.setdefault(None if row["is_total"] else (month, row["campaign_key"]), {})
            for name, value in row.items():
                column = f"{fact}.{name}"
                if value is not None:
                    again = (
                        fact == "agent_time" and column in found and name in FACTS[fact][0].cells
                    )
                    found[column] = found[column] + value if again else value
    return cells


def _both(kpi: str, value: Value, mine: Mapping[str, Any]) -> tuple[float | None, float]:
    """Return the asked number and the same by hand; the lengths of lists for what waits."""
    reading = read(_WORDS.kpi(kpi), _WORDS)
    if kpi in _LISTED:
        fact, names = _LISTED[kpi]
        return value.n, float(sum(len(mine.get(f"{fact}.{name}", ())) for name in names))
    if reading.listed:
        return None, math.nan  # a model's
    with np.errstate(all="ignore"):
        formula = filled(reading.formula, _WORDS)
        return value.value, float(computed(formula, functools.partial(_cell, mine)))


def _cell(mine: Mapping[str, Any], name: str) -> Any:
    fact, _, measure = name.partition(".")
    if measure in ("median_talk", "p90_talk"):
        talks = mine.get("calls.talks")
        return np.asarray(talks[measure == "p90_talk"] if talks else math.nan, float)
    empty = _WORDS.facts[fact].measures[measure].empty
    return np.asarray(mine.get(name, math.nan if empty is None else empty), float)


def _scans(statement: str) -> None:
    """Count how often each fact's table is read, lookups aside.

    Raises:
        SystemExit: One is read more than once.
    """
    tree = sqlglot.parse_one(statement, read="duckdb")
    sources = [
        found.this.name
        for found in tree.find_all(exp.From)
        if isinstance(found.this, exp.Table) and found.find_ancestor(exp.Join) is None
    ]
    often = {fact: sources.count(fact) for fact in FACTS}
    if set(often.values()) != {1}:
        raise SystemExit(f"not one scan a fact: {often}")
    print(f"{len(statement):,} characters; each of {len(often)} facts is read once")


def _show(name: str, costs: Sequence[Cost], base: Sequence[Cost], of: str) -> None:
    least, most = min(cost.cpu for cost in costs), max(cost.cpu for cost in costs)
    print(
        f"{name:16} {median(costs).cpu:8.2f} CPU s ({least:.2f}-{most:.2f})"
        f" {median(costs).wall:8.2f} s  {median(costs).cpu / median(base).cpu:6.2f} of {of}",
        flush=True,
    )


if __name__ == "__main__":
    main()
