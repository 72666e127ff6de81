"""Who answers a question?

The hall of the house: the only place where words, plan, engine and lake meet.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from dialgauge import checkup
from dialgauge.analysis.compare import by_position, compare
from dialgauge.analysis.expected import Expectation, expect
from dialgauge.analysis.interval import poisson_rate
from dialgauge.analysis.listed import histories
from dialgauge.analysis.money import currencies, missing_rates, money_notes, unconverted, unlike
from dialgauge.analysis.notes import (
    credit_notes,
    immature_notes,
    left_out_notes,
    lookup_notes,
    uncharged_notes,
    unplaced_notes,
    unrecorded_notes,
    variant_notes,
)
from dialgauge.analysis.periods import (
    Records,
    incomplete,
    last_year,
    period_notes,
    previous,
)
from dialgauge.analysis.rows import left_out, rows, total_numbers
from dialgauge.analysis.values import immature
from dialgauge.checks import Finding
from dialgauge.cohorts import followed
from dialgauge.engines.base import Engine, TableFiles
from dialgauge.errors import CurrencyError, NoDataError, UsageError
from dialgauge.lake import Lake, Snapshot
from dialgauge.model.answer import Answer, Value
from dialgauge.model.cohort import CohortQuestion, Cohorts
from dialgauge.model.explanation import Explanation
from dialgauge.model.expression import Call, names
from dialgauge.model.fact import ALIVE, Fact
from dialgauge.model.parse import parse
from dialgauge.model.question import Period, Question
from dialgauge.model.target import Target, TargetStatus
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.buckets import labels
from dialgauge.plan.counting import BUCKET_END
from dialgauge.plan.frame import Extent
from dialgauge.plan.planner import Planned, Reach, lasting, plan, plan_rows, plan_unconverted
from dialgauge.plan.reading import Certainty, expects
from dialgauge.plan.recorded import count_plan, flags
from dialgauge.plan.resolve import TIME_DIMENSIONS
from dialgauge.plan.zones import midnight
from dialgauge.tables.storage import quoted
from dialgauge.targets import judged
from dialgauge.why import explained

_MOST_MISSING = 10_000  # rows without a rate that are looked at to name the days


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Answers questions about one lake.

    Attributes:
        lake: Where the tables are.
        words: What may be named.
        engine: Who does the work.
        clock: Tells the moment of asking.
        guard: Row rules: conditions that every row must meet, whatever is asked.
        more_targets: Targets beside those of the lake's own table.
    """

    lake: Lake
    words: Vocabulary
    engine: Engine
    clock: Callable[[], dt.datetime] = _now
    guard: tuple[str, ...] = ()
    more_targets: tuple[Target, ...] = ()

    def ask(self, question: Question) -> Answer:
        """Answer a question.

        Args:
            question: KPIs, and what to split, filter and compare them by.

        Returns:
            The rows with their intervals, the total, and notes a reader must know.

        Raises:
            UsageError: The question cannot be asked; the message says what can.
            NoDataError: A KPI's table is empty.
        """
        snapshot = self.lake.snapshot()
        answer, _ = self._answer(question, snapshot)
        if question.versus is None:
            return answer
        return self._compare(answer, question, snapshot)

    def refusal(self, question: Question) -> str:
        """Say why a question cannot be asked, '' when it can; no row is read for that."""
        snapshot = self.lake.snapshot()
        try:
            self._need_tables(self._plan(question, snapshot), snapshot)
        except UsageError as error:
            return str(error)
        return ""

    def why(self, question: Question) -> Explanation:
        """Say why a KPI changed: what each group of a dimension did to the change.

        Raises:
            UsageError: The question cannot be asked, or the change cannot be split so.
            NoDataError: The KPI's table is empty.
        """
        return explained(question, self.words, self.ask)

    def targets(
        self, as_of: dt.datetime | None = None, timezone: str = "UTC"
    ) -> tuple[TargetStatus, ...]:
        """Say how each target of the lake stands.

        Args:
            as_of: The moment of judging; now by default.
            timezone: In which days begin.

        Raises:
            NoDataError: There are no targets.
        """
        return judged(self, as_of or self.clock(), timezone)

    def cohorts(self, asked: CohortQuestion | None = None) -> Cohorts:
        """Follow the customers of each month through the months after; see `cohorts`."""
        return followed(self, asked or CohortQuestion())

    def rows(self, question: Question, limit: int = 100) -> pa.Table:
        """List the rows behind the first KPI of a question.

        Args:
            question: Its KPI, filter and period count.
            limit: At most so many rows, the earliest first; 1 or more.

        Raises:
            UsageError: The question cannot be asked, or the limit is not positive.
            NoDataError: The table is empty.
        """
        if limit < 1:
            raise UsageError(f"at least 1 row must be listed, not {limit}")
        snapshot = self.lake.snapshot()
        planned = plan_rows(question, self.words, now=self.clock(), limit=limit, guard=self.guard)
        tables = (planned.leg.fact, *(join.table for join in planned.leg.joins))
        self._need_rows(planned.leg.fact, question.kpis[0], snapshot)
        return self.engine.rows(planned, self._files(tables, snapshot))

    def reach(self, table: str) -> Reach:
        """Tell when a table's oldest and newest rows are from; unknown without rows."""
        return self._reached(table, self.lake.snapshot())

    def check(self) -> tuple[Finding, ...]:
        """Look for what is wrong with the data, the worst first; see `checkup`."""
        return checkup.check(self.lake, self.words, self.clock(), self.guard)

    def explain(self, question: Question) -> str:
        """Show the statement that answers a question, for people."""
        planned = self._plan(question, self.lake.snapshot())
        return self.engine.explain(planned.plan, {})

    def _plan(self, question: Question, snapshot: Snapshot) -> Planned:
        extents = {
            fact.name: self._extent(fact, snapshot) for fact in lasting(question, self.words)
        }
        return plan(
            question,
            self.words,
            now=self.clock(),
            reach=replace(_reach(snapshot), extents=extents),
            guard=self.guard,
        )

    def _answer(self, question: Question, snapshot: Snapshot) -> tuple[Answer, Planned]:
        planned = self._plan(question, snapshot)
        self._need_tables(planned, snapshot)
        files = self._files(planned.plan.tables, snapshot)
        table = self.engine.run(planned.plan, _in_range(files, planned, snapshot))
        held = self._one_currency(planned, table, snapshot)
        whole = total_numbers(table)
        silent = self._unrecorded(planned, whole, snapshot)
        expectation = self._expectation(planned, table, snapshot)
        found, total = rows(table, planned, silent, expectation)
        notes = [
            *left_out_notes(left_out(table)),
            *immature_notes(
                ((reading, immature(whole, reading)) for reading in planned.readings), self.words
            ),
            *unrecorded_notes(silent),
            *money_notes(held),
            *(expectation.notes if expectation else ()),
            *_total_notes(planned, self.words),
            *credit_notes(planned, self.words.rules),
            *variant_notes(planned),
            *uncharged_notes(planned, table),
            *unplaced_notes(whole),
            *lookup_notes(planned.plan, [of.table for of in files.values() if not of.paths]),
            *checkup.data_notes(self.lake, snapshot, planned, self.guard),
        ]
        answer = Answer(
            question=question,
            rows=found,
            total=total if question.totals else None,
            notes=tuple(notes),
        )
        return answer, planned

    def _one_currency(
        self, planned: Planned, table: pa.Table, snapshot: Snapshot
    ) -> Mapping[str, frozenset[str]]:
        """Find each fact's currency, and refuse to add up money that is not in one.

        Raises:
            CurrencyError: Rates are missing, or currencies differ and none is the lake's own.
        """
        for name in unconverted(planned, table):
            fact = self.words.facts[name]
            missing = plan_unconverted(planned, fact, limit=_MOST_MISSING)
            tables = (missing.leg.fact, *(join.table for join in missing.leg.joins))
            found = self.engine.rows(missing, self._files(tables, snapshot))
            raise CurrencyError(missing_rates(found, fact, self.words.rules))
        held = currencies(planned, table)
        if problem := unlike(held, planned):
            raise CurrencyError(problem)
        return held

    def _expectation(
        self, planned: Planned, table: pa.Table, snapshot: Snapshot
    ) -> Expectation | None:
        """Learn from all customers what they will be worth, where that is asked."""
        asked = [reading.kpi.name for reading in planned.readings if expects(reading, self.words)]
        if not asked:
            return None
        question = planned.question
        if question.where or question.period != Period():
            everyone = Question(kpis=(asked[0],), as_of=question.as_of)
            everything = self._plan(everyone, snapshot).plan
            table = self.engine.run(everything, self._files(everything.tables, snapshot))
        return expect(histories(total_numbers(table)), self.words.rules.expected_months)

    def _unrecorded(
        self, planned: Planned, whole: pa.Table, snapshot: Snapshot
    ) -> Mapping[str, tuple[str, str]]:
        """Find KPIs that are 0 only because nobody wrote down what they count.

        Returns:
            KPI name to the fact and its flag that no row has.
        """
        doubtful = [
            (reading.kpi.name, fact, needed)
            for reading in planned.readings
            for column, (fact, needed) in flags(reading, self.words).items()
            if not any(whole.column(column).to_pylist())
        ]
        columns: dict[str, list[str]] = {}
        for _, fact, needed in doubtful:
            columns.setdefault(fact, []).extend(needed)
        if not columns:
            return {}
        counted = count_plan(columns, self.words)
        table = self.engine.run(counted, self._files(counted.tables, snapshot))
        (row,) = total_numbers(table).to_pylist()
        silent: dict[str, tuple[str, str]] = {}
        for kpi, fact, needed in doubtful:
            empty = [name for name in needed if not row[f"{fact}.{name}"]]
            if empty:
                silent[kpi] = (fact, empty[0])
        return silent

    def _compare(self, answer: Answer, question: Question, snapshot: Snapshot) -> Answer:
        bucketed = [name for name in question.by if name in TIME_DIMENSIONS]
        if bucketed:
            raise UsageError(
                f"a comparison cannot be split by '{bucketed[0]}', which differs in each period; "
                f"use --grain {bucketed[0]} instead"
            )
        period, other = question.period, _other_period(question)
        there, planned = self._answer(replace(question, period=other, versus=None), snapshot)
        shift = by_position((), ())
        mine: tuple[str, ...] = ()
        if question.grain:
            mine, theirs = (
                labels(each, question.grain, question.timezone, question.week_starts)
                for each in (period, other)
            )
            shift = by_position(mine, theirs)
        compared = compare(answer, there, shift, periods=mine, empty=_empty(planned))
        notes = period_notes(
            period, other, Records(now=self.clock()), question.timezone, question.grain
        )
        gaps = self._gaps(planned, period, other, snapshot)
        return replace(compared, notes=(*compared.notes, *notes, *gaps))

    def _gaps(
        self, planned: Planned, period: Period, other: Period, snapshot: Snapshot
    ) -> tuple[str, ...]:
        """Say which days of two periods the tables that were asked do not reach."""
        facts = (fact for reading in planned.readings for fact in reading.facts)
        zone = planned.question.timezone
        notes: list[str] = []
        tables = {self.words.tables[fact].made_from or fact: fact for fact in facts}
        for table, fact in tables.items():
            reach = self._reached(table, snapshot)
            if self.words.facts[fact].days is not None:
                first, last = self._extent(self.words.facts[fact], snapshot)
                reach = Reach(
                    start=midnight(first, zone) if first else None,
                    end=midnight(last, zone) if last else None,
                )
            for each, name in ((period, "the period"), (other, "the other period")):
                over = each.end is None or midnight(each.end, zone) <= self.clock()
                records = Records(
                    now=dt.datetime.max.replace(tzinfo=dt.UTC),  # said once, for all tables
                    first=reach.start,
                    last=reach.end if over else None,
                )
                notes += incomplete(each, records, zone, f"In {table}, {name}")
        return tuple(notes)

    def _reached(self, name: str, snapshot: Snapshot) -> Reach:
        """Find the times of a table's oldest and newest rows in its first and last month."""
        return snapshot.once(("reach", name), lambda: self._find_reach(name, snapshot))

    def _find_reach(self, name: str, snapshot: Snapshot) -> Reach:
        table = self.words.tables[name]
        files = snapshot.stored(table).files
        if table.clock is None or not files:
            return Reach()
        months = {file.month or "" for file in files}
        ends = {min(months), max(months)}
        paths = [file.path for file in files if (file.month or "") in ends]
        with contextlib.closing(self.lake.connect()) as con:
            ((first, last),) = con.execute(
                f"SELECT epoch_us(min({quoted(table.clock)})), epoch_us(max({quoted(table.clock)}))"
                f" FROM ({snapshot.stored(table).reading(table, paths)})"
            ).fetchall()
        return Reach(start=_moment(first), end=_moment(last))

    def _extent(self, fact: Fact, snapshot: Snapshot) -> Extent:
        """Find the first and the last day of what lasts; what has no end lasts until now."""
        if fact.days is not None:
            first, last = quoted(fact.days.first), quoted(fact.days.last)
            ends = f"min({first}), max(greatest({first}, {last}))"
        elif fact.alive is not None:
            ends = f"CAST(min({quoted(fact.alive.since)}) AS DATE), NULL"
        else:
            return None, None
        low, high = snapshot.once(
            ("extent", fact.name), lambda: self._find_extent(fact, ends, snapshot)
        )
        return low, high if fact.days is not None else self.clock().astimezone(dt.UTC).date()

    def _find_extent(self, fact: Fact, ends: str, snapshot: Snapshot) -> Extent:
        table = self.words.tables[fact.name]
        stored = snapshot.stored(table)
        with contextlib.closing(self.lake.connect()) as con:
            ((low, high),) = con.execute(
                f"SELECT {ends} FROM ({stored.reading(table, stored.paths)})"
            ).fetchall()
        return low, high

    def _need_tables(self, planned: Planned, snapshot: Snapshot) -> None:
        for reading in planned.readings:
            for fact in reading.facts:
                self._need_rows(fact, reading.kpi.name, snapshot)

    def _need_rows(self, fact: str, kpi: str, snapshot: Snapshot) -> None:
        table = self.words.tables[fact].made_from or fact
        made = snapshot.rows(self.words.tables[fact])
        if not made and not snapshot.rows(self.words.tables[table]):
            raise NoDataError(
                f"'{kpi}' needs the table {table}, which is empty; import it first, for example "
                f"with: dialgauge import files {table}.csv --table {table}"
            )

    def _files(self, tables: tuple[str, ...], snapshot: Snapshot) -> Mapping[str, TableFiles]:
        return {
            name: TableFiles(
                table=self.words.tables[name],
                paths=tuple(snapshot.stored(self.words.tables[name]).paths),
            )
            for name in tables
        }


def _other_period(question: Question) -> Period:
    match question.versus:
        case Period():
            return question.versus
        case "previous":
            return previous(question.period)
        case "year":
            return last_year(question.period)
    raise UsageError(
        f"cannot compare with '{question.versus}'; allowed: previous, year, or a range of days "
        "such as 2026-01-01..2026-02-01"
    )


def _empty(planned: Planned) -> Mapping[str, Value]:
    """What counts and sums are where there are no rows: 0, a count with the interval of a 0."""
    low, high = (float(end) for end in poisson_rate(0))
    nothing = {
        Certainty.COUNT: Value(value=0.0, numerator=0.0, n=0, low=low, high=high),
        Certainty.SUM: Value(value=0.0, numerator=0.0, n=0, reason="no rows"),
    }
    outputs = {output.name: output.formula for output in planned.plan.outputs}
    return {
        reading.kpi.name: nothing[reading.certainty]
        for reading in planned.readings
        # A sum that is unknown without rows is plain; one that is 0 says so in its formula.
        if reading.certainty is Certainty.COUNT
        or (reading.certainty is Certainty.SUM and isinstance(outputs[reading.kpi.name], Call))
    }


def _total_notes(planned: Planned, words: Vocabulary) -> list[str]:
    """Say where a total is not what the same question without buckets would give."""
    question = planned.question
    if not question.totals or not (question.grain or set(question.by) & set(TIME_DIMENSIONS)):
        return []
    return [
        f"{reading.kpi.name}: each bucket looks no further than its own end, and so does the total "
        "here; asked without time buckets it looks to the end of the whole period."
        for reading in planned.readings
        if any(
            measure.where and measure.clock != ALIVE and BUCKET_END in names(parse(measure.where))
            for measure in (words.facts[fact].measures[name] for fact, name in reading.measures)
        )
    ]


def _moment(microseconds: int | None) -> dt.datetime | None:
    if microseconds is None:
        return None
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)


def _reach(snapshot: Snapshot) -> Reach:
    """When the data begin and end, to the month, from the names of the files' months."""
    months = sorted(file.month for files in snapshot.files.values() for file in files if file.month)
    if not months:
        return Reach()
    first = dt.date.fromisoformat(f"{months[0]}-01")
    last = dt.date.fromisoformat(f"{months[-1]}-01") + dt.timedelta(days=31)
    return Reach(start=midnight(first, "UTC"), end=midnight(last.replace(day=1), "UTC"))


def _in_range(
    files: Mapping[str, TableFiles], planned: Planned, snapshot: Snapshot
) -> Mapping[str, TableFiles]:
    """Drop files of months outside the period, where only the fact's own clock is asked."""
    kept = dict(files)
    looked_up = {join.table for leg in planned.plan.legs for join in leg.joins}
    for leg in planned.plan.legs:
        table = files[leg.fact].table
        if leg.fact in looked_up or leg.clocks != (table.clock,) or leg.windows:
            continue
        # An interval may reach into the range from any month before it.
        first = "" if leg.spread.value != "none" or leg.start is None else f"{leg.start:%Y-%m}"
        last = "9999" if leg.end is None else f"{leg.end:%Y-%m}"
        paths = tuple(
            file.path
            for file in snapshot.files.get(leg.fact, ())
            if file.month is None or first <= file.month <= last
        )
        kept[leg.fact] = TableFiles(table=table, paths=paths)
    return kept
