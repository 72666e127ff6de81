"""Do plan, engine and lake meet rightly in the hall?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pytest

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.duckdb import DuckDBEngine
from dialgauge.errors import NoDataError, UnknownNameError, UsageError
from dialgauge.model.question import Grain, Period, Question
from dialgauge.plan.nodes import Plan, RowsPlan
from small_lake import SmallLake, by, call, days, small_lake, spell


@dataclass
class Watching:
    """DuckDB, and a note of which files it was given."""

    engine: DuckDBEngine
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = "watching"

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Note the files of the question itself, which comes first, and answer."""
        self.given = self.given or {name: of.paths for name, of in files.items()}
        return self.engine.run(plan, files)

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List as DuckDB does."""
        return self.engine.rows(plan, files)

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Explain as DuckDB does."""
        return self.engine.explain(plan, files)


@pytest.fixture
def winter(tmp_path: Path) -> SmallLake:
    """One dial in each of three months, and a shift over the end of January."""
    return small_lake(
        tmp_path,
        calls=[
            call("jan", "2026-01-10T09:30:00Z", lead_id="L1"),
            call("feb", "2026-02-10T09:30:00Z", "human", contact=True, lead_id="L2"),
            call("mar", "2026-03-10T09:30:00Z", lead_id="L3"),
        ],
        agent_time=[spell(1, "wrap", "2026-01-31T23:00:00Z", "2026-02-01T01:00:00Z")],
    )


def _months(lake: SmallLake, question: Question) -> dict[str, list[str]]:
    """Ask, and say which months' files of each table were read."""
    engine = Watching(DuckDBEngine(lake.lake.connect()))
    watched: Engine = engine
    replace(lake.gauge(), engine=watched).ask(question)
    month_of = {
        file.path: file.month or ""
        for files in lake.lake.snapshot().files.values()
        for file in files
    }
    return {name: sorted(month_of[path] for path in paths) for name, paths in engine.given.items()}


def test_only_the_months_of_a_period_are_read(winter: SmallLake) -> None:
    """February's question opens February's file; without a period all are opened."""
    february = Question(kpis=("dials",), period=days("2026-02-01", "2026-02-28"))
    assert _months(winter, february) == {"calls": ["2026-02"]}
    everything = {"calls": ["2026-01", "2026-02", "2026-03"]}
    assert _months(winter, Question(kpis=("dials",))) == everything


def test_a_zone_reaches_into_the_month_beside(winter: SmallLake) -> None:
    """February in Auckland begins on 31 January in UTC."""
    asked = Question(
        kpis=("dials",), period=days("2026-02-01", "2026-02-10"), timezone="Pacific/Auckland"
    )
    assert _months(winter, asked) == {"calls": ["2026-01", "2026-02"]}


def test_intervals_of_earlier_months_are_read(winter: SmallLake) -> None:
    """The shift that began in January works into February."""
    asked = Question(kpis=("agent_hours",), period=days("2026-02-01", "2026-03-01"))
    assert _months(winter, asked) == {"agent_time": ["2026-01"]}
    assert winter.total("agent_hours", period=asked.period).value == 1


def test_another_clock_reads_all_months(winter: SmallLake) -> None:
    """A lead dialled in January may be reached in March, and is kept where it was dialled."""
    winter.load(calls=[call("late", "2026-03-20T09:30:00Z", "human", contact=True, lead_id="L1")])
    march = days("2026-03-01", "2026-04-01")
    value = winter.total("attempts_to_contact", period=march)
    assert (value.value, value.n) == (2, 1)


def test_the_reach_of_a_table_is_known_to_the_instant(winter: SmallLake) -> None:
    """First and last clock of its rows; nothing for tables without rows or without a clock."""
    reach = winter.gauge().reach("calls")
    assert reach.start == dt.datetime(2026, 1, 10, 9, 30, tzinfo=dt.UTC)
    assert reach.end == dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC)
    for name in ("leads", "campaigns"):
        assert (winter.gauge().reach(name).start, winter.gauge().reach(name).end) == (None, None)


def test_an_empty_table_refuses_its_kpis_and_no_others(winter: SmallLake) -> None:
    """Without leads there is no speed to lead; dials are as they were."""
    with pytest.raises(NoDataError, match="'leads_created' needs the table leads, which is empty"):
        winter.ask("dials", "leads_created")
    assert winter.total("dials").value == 3


def test_a_derived_table_asks_for_the_table_it_is_made_of(tmp_path: Path) -> None:
    """Nobody can import journeys: the sentence names calls."""
    lake = small_lake(tmp_path, agent_time=[spell(1, "wrap", "2026-01-05T10:00:00Z", "")])
    with pytest.raises(NoDataError, match=r"needs the table calls, which is empty; import it"):
        lake.ask("attempts_to_contact")
    with pytest.raises(NoDataError, match="needs the table calls"):
        lake.gauge().rows(Question(kpis=("callback_kept_rate",)))


def test_words_are_checked_before_tables_are_read(tmp_path: Path) -> None:
    """On an empty lake a misspelt KPI is still called misspelt."""
    with pytest.raises(UnknownNameError, match="did you mean 'dials'"):
        small_lake(tmp_path).ask("dails")


def test_comparisons_need_a_period_with_both_ends(winter: SmallLake) -> None:
    """Nothing comes before everything."""
    for period in (Period(), Period(start=dt.date(2026, 1, 1)), Period(end=dt.date(2026, 1, 1))):
        with pytest.raises(UsageError, match="a comparison needs a period with both ends"):
            winter.ask("dials", versus="previous", period=period)


def test_comparisons_cannot_be_split_by_a_day(winter: SmallLake) -> None:
    """The days of two periods are different days; buckets are set side by side instead."""
    february = days("2026-02-01", "2026-03-01")
    with pytest.raises(UsageError, match="use --grain day instead"):
        winter.ask("dials", by=("day",), versus="previous", period=february)
    answer = winter.ask("dials", grain="month", versus="previous", period=february)
    (row,) = answer.rows
    assert row.keys == {"period": "2026-02-01"}
    assert row.values["dials"].change is not None
    assert row.values["dials"].change.value.value == 1


def test_comparisons_with_a_period_of_ones_own(winter: SmallLake) -> None:
    """March's 1 dial beside the 2 of January and February."""
    answer = winter.ask(
        "dials",
        period=days("2026-03-01", "2026-04-01"),
        versus=days("2026-01-01", "2026-03-01"),
    )
    change = answer.rows[0].values["dials"].change
    assert change is not None
    assert (change.value.value, change.difference) == (2, -1)
    with pytest.raises(UsageError, match="cannot compare with 'tomorrow'"):
        winter.ask("dials", versus="tomorrow", period=days("2026-03-01", "2026-04-01"))


def test_rows_are_limited_and_the_earliest_come_first(winter: SmallLake) -> None:
    """Two of three, in the order of their clock."""
    listed = winter.gauge().rows(Question(kpis=("dials",)), limit=2)
    assert listed.column("call_id").to_pylist() == ["jan", "feb"]
    with pytest.raises(UsageError, match="at least 1 row"):
        winter.gauge().rows(Question(kpis=("dials",)), limit=0)


def test_explaining_runs_nothing(winter: SmallLake) -> None:
    """The statement comes as text, for an empty table too."""
    gauge = winter.gauge()
    assert "outbound" in gauge.explain(Question(kpis=("dials",)))
    assert "SELECT" in gauge.explain(Question(kpis=("leads_created",), grain=Grain.DAY))


def test_a_reader_sees_one_state_of_the_lake(winter: SmallLake) -> None:
    """Rows that come in between two questions are in the second one alone."""
    before = winter.total("dials").value
    winter.load(calls=[call("new", "2026-03-11T09:30:00Z")])
    assert (before, winter.total("dials").value) == (3, 4)


def test_a_kpi_asked_twice_is_answered_once(winter: SmallLake) -> None:
    """Repeating a word repeats no column."""
    answer = winter.ask("dials", "dials", by=("result", "result"))
    assert list(answer.rows[0].values) == ["dials"]
    assert by(answer, "dials") == {"busy": 2, "human": 1}
