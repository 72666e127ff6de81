"""Do random questions have one answer, whichever engine, range of files or day is asked?"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from agreeing import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from random_questions import WORDS, lasts, questions, trailing
from random_worlds import World, worlds
from same_answer import differences, same

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.reference import ReferenceEngine
from dialgauge.model.question import Grain, Period, Question
from dialgauge.plan.frame import Extent
from dialgauge.plan.planner import Planned, Reach, plan, plan_rows
from dialgauge.plan.zones import midnight
from dialgauge.tables import FACTS, TABLES
from stored import write

NOW = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
REFERENCE = ReferenceEngine()


def months(world: World) -> Reach:
    """Say when the data begin and end, to the month of each table's own clock."""
    stored = [
        row[table.clock]
        for name, table in TABLES.items()
        for row in world.tables.get(name, ())
        if table.clock and table.by_month
    ]
    if not stored:
        return Reach(extents=extents(world))
    first, last = min(stored).date(), max(stored).date()
    after = (last.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    return Reach(
        start=midnight(first.replace(day=1), "UTC"),
        end=midnight(after, "UTC"),
        extents=extents(world),
    )


def extents(world: World) -> dict[str, Extent]:
    """Say on which days the rows of each fact that last begin and end."""
    found: dict[str, Extent] = {}
    for name, fact in FACTS.items():
        rows = world.tables.get(name, ())
        if fact.days is not None:
            firsts = [row[fact.days.first] for row in rows]
            lasts = [
                max(row[fact.days.last] or day, day) for row, day in zip(rows, firsts, strict=True)
            ]
            found[name] = (min(firsts, default=None), max(lasts, default=None))
        elif fact.alive is not None:
            since = [row[fact.alive.since].date() for row in rows if row[fact.alive.since]]
            found[name] = (min(since, default=None), NOW.date())
    return found


def planned(question: Question, world: World, reach: Reach | None = None) -> Planned:
    """Plan a question of the words the tests know."""
    known = reach or Reach(extents=extents(world))
    return plan(question, WORDS, now=NOW, reach=known)


def answer(question: Question, files: Mapping[str, TableFiles], world: World) -> pa.Table:
    """Ask the reference engine."""
    return REFERENCE.run(planned(question, world).plan, files)


def test_questions_have_the_answers_of_the_reference(candidate: Engine) -> None:
    """Through the planner, with its evidence for intervals, on every engine."""

    @examples(candidate)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        world = data.draw(worlds())
        question = data.draw(questions(world))
        work = planned(question, world, months(world)).plan
        with tempfile.TemporaryDirectory() as folder:
            files = write(world.tables, Path(folder), rows_a_file=4)
            expected, found = REFERENCE.run(work, files), candidate.run(work, files)
        assert differences(expected, found, len(work.keys)) == []

    agree()


def test_rows_behind_questions_are_those_of_the_reference(candidate: Engine) -> None:
    """The rows that `dialgauge rows` would list."""

    @examples(candidate)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        world = data.draw(worlds())
        question = data.draw(questions(world))
        work = plan_rows(question, WORDS, now=NOW, limit=data.draw(st.sampled_from((2, 100))))
        with tempfile.TemporaryDirectory() as folder:
            files = write(world.tables, Path(folder), rows_a_file=4)
            expected, found = REFERENCE.rows(work, files), candidate.rows(work, files)
        assert found.to_pylist() == expected.to_pylist()

    agree()


@given(st.data())
def test_what_the_lake_knows_of_its_months_changes_no_answer(data: st.DataObject) -> None:
    """Knowing when the data begin and end only makes the plan shorter.

    The last 30 days without a period are the one exception: they end with the data.
    """
    world = data.draw(worlds())
    question = data.draw(questions(world))
    assume(question.period.end or not any(map(trailing, question.kpis)))
    with tempfile.TemporaryDirectory() as folder:
        files = write(world.tables, Path(folder))
        whole = answer(question, files, world)
        short = REFERENCE.run(planned(question, world, months(world)).plan, files)
    assert differences(whole, short, len(planned(question, world).plan.keys)) == []


@given(st.data())
def test_a_day_asked_alone_is_the_day_among_others(data: st.DataObject) -> None:
    """The filter and the bucket use the same zone and the same edges."""
    world = data.draw(worlds())
    drawn = data.draw(questions(world, bucketed=True))
    assume(drawn.period.start or not any(any(lasts(kpi)) for kpi in drawn.kpis))
    question = replace(drawn, by=(), grain=Grain.DAY, totals=False, as_of=drawn.as_of or NOW)
    with tempfile.TemporaryDirectory() as folder:
        files = write(world.tables, Path(folder))
        days = numbers(answer(question, files, world))
        assume(days)
        day = data.draw(st.sampled_from(sorted(days, key=str)))
        assume(day >= dt.date(1970, 1, 1))
        alone = replace(question, grain=None, period=Period(day, day + dt.timedelta(days=1)))
        (found,) = numbers(answer(alone, files, world)).values()
    assert changed(days[day], found) == {}


@given(st.data())
def test_the_total_is_the_same_however_it_is_cut(data: st.DataObject) -> None:
    """Neither a grain nor a dimension changes the row over all groups."""
    world = data.draw(worlds())
    drawn = data.draw(questions(world, bucketed=True))
    question = replace(drawn, totals=True, as_of=drawn.as_of or NOW)
    # A lead is dialled by the end of its bucket, or by the end of the whole period.
    assume("list_penetration" not in question.kpis)
    with tempfile.TemporaryDirectory() as folder:
        files = write(world.tables, Path(folder))
        whole = answer(replace(question, by=(), grain=None), files, world).to_pylist()
        cut = answer(question, files, world).to_pylist()
    totals = [
        next(row for row in rows if row["is_total"] and row["left_out"] is None)
        for rows in (whole, cut)
    ]
    assert changed(*totals) == {}


def changed(expected: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Tell which numbers of two rows differ, the period aside.

    Evidence of intervals of time is left aside too: it is counted in pieces, of which a cut makes
    more.
    """
    return {
        name: (value, found[name])
        for name, value in expected.items()
        if name != "period"
        and not (name.startswith("agent_time.") and name.endswith((":n", ":squares")))
        and not (name.startswith("agent_time.") and name.count("agent_time.") == 2)
        and not same(value, found[name])
    }


@given(st.data())
def test_groups_are_what_asking_for_each_alone_gives(data: st.DataObject) -> None:
    """Counts of the groups, the unknown one among them, add up to the total's."""
    world = data.draw(worlds())
    question = replace(data.draw(questions(world)), totals=True)
    work = planned(question, world).plan
    assume(work.keys)
    with tempfile.TemporaryDirectory() as folder:
        rows = REFERENCE.run(work, write(world.tables, Path(folder))).to_pylist()
    groups = [row for row in rows if row["left_out"] is None and not row["is_total"]]
    (total,) = [row for row in rows if row["left_out"] is None and row["is_total"]]
    counts = [
        each.name
        for leg in work.legs
        for each in leg.aggregations
        # What is alive in several buckets is not added up.
        if each.function.value == "count" and each.where_in_total is None
    ]
    assert {name: sum(row[name] for row in groups) for name in counts} == {
        name: total[name] for name in counts
    }


def numbers(table: pa.Table) -> dict[Any, dict[str, Any]]:
    """Give the rows of an answer by their period, None without one."""
    return {
        row.get("period"): {name: cell for name, cell in row.items() if name != "is_total"}
        for row in table.to_pylist()
        if row["left_out"] is None
    }
