"""How will a question be answered?

Pure: the same question, words, reach of the data and moment give the same plan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dialgauge.errors import UsageError
from dialgauge.model.expression import Call, Expression, Literal, Name, Or, transform
from dialgauge.model.fact import ALIVE, Fact, Spread
from dialgauge.model.measure import Aggregate
from dialgauge.model.parse import parse
from dialgauge.model.question import Question
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.frame import Extent, Frame
from dialgauge.plan.legs import leg
from dialgauge.plan.nodes import Leg, Output, Plan, RowsPlan
from dialgauge.plan.reading import Reading, by_fact, measure_of, read
from dialgauge.plan.resolve import TIME_DIMENSIONS, all_dimensions, need_dimensions
from dialgauge.plan.zones import midnight, offsets

_DAY = dt.timedelta(days=1)
_FIRST, _LAST = dt.date(1970, 1, 1), dt.date(2100, 1, 1)  # as far as zone offsets are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """When the data begin and end, as far as the lake knows without reading them.

    Attributes:
        start: Nothing is older; None when unknown.
        end: Nothing is younger; None when unknown.
        extents: Fact name to the first and last day of its data, for those that `lasting` lists.
    """

    start: dt.datetime | None = None
    end: dt.datetime | None = None
    extents: Mapping[str, Extent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A question with its plan and how to read the result.

    Attributes:
        question: What is asked.
        plan: What an engine has to do.
        readings: How each KPI is read, in the order asked.
        start: First instant (UTC) inside the period; None for no bound.
        end: First instant after; None for no bound.
    """

    question: Question
    plan: Plan
    readings: tuple[Reading, ...]
    start: dt.datetime | None
    end: dt.datetime | None


def plan(
    question: Question,
    words: Vocabulary,
    *,
    now: dt.datetime,
    reach: Reach | None = None,
    guard: tuple[str, ...] = (),
) -> Planned:
    """Plan a question.

    Args:
        question: What is asked.
        words: What may be named.
        now: The moment of asking, for maturity when the question names none.
        reach: When the data begin and end.
        guard: Row rules that every fact must obey.

    Raises:
        UnknownNameError: A KPI, dimension, column or zone that nobody declared.
        DimensionError: A dimension that some fact lacks.
        ExpressionError: A condition that is not one.
        UsageError: A question that cannot be asked, such as an empty period.

    Example:
        >>> from dialgauge.catalogue import KPIS
        >>> from dialgauge.tables import FACTS, TABLES
        >>> words = Vocabulary(tables=TABLES, facts=FACTS, kpis=KPIS)
        >>> now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        >>> planned = plan(Question(kpis=("contact_rate",), by=("team",)), words, now=now)
        >>> planned.plan.tables
        ('calls', 'agents')
    """
    readings = _readings(question, words)
    measures = by_fact(readings)
    known = _reach(reach or Reach(), measures, words, now)
    frame = _frame(question, words, now, known, guard)
    facts = tuple(words.facts[name] for name in measures)
    need_dimensions(question.by, facts, words)
    legs = tuple(leg(fact, measures[fact.name], readings, frame) for fact in facts)
    return Planned(
        question=question,
        plan=Plan(legs=legs, outputs=_outputs(readings, words), totals=question.totals),
        readings=readings,
        start=frame.start,
        end=frame.end,
    )


def lasting(question: Question, words: Vocabulary) -> tuple[Fact, ...]:
    """List the facts whose buckets a plan can only list when it knows how far their data reach.

    Raises:
        As `plan` does.
    """
    closed = question.period.start is not None and question.period.end is not None
    bucketed = question.grain is not None or any(name in TIME_DIMENSIONS for name in question.by)
    # A filter may name buckets, by itself or through a segment.
    if closed or not (bucketed or question.where):
        return ()
    used = by_fact(_readings(question, words))
    facts = ((words.facts[name], measures) for name, measures in used.items())
    return tuple(
        fact
        for fact, measures in facts
        if fact.days or any(fact.measures[name].clock == ALIVE for name in measures)
    )


def plan_rows(
    question: Question,
    words: Vocabulary,
    *,
    now: dt.datetime,
    limit: int,
    guard: tuple[str, ...] = (),
) -> RowsPlan:
    """Plan the list of rows behind the first KPI of a question.

    The rows are those that count in its numerator or denominator; for a KPI over several facts,
    those of the numerator's fact.

    Raises:
        As `plan` does.
    """
    readings = _readings(question, words)[:1]
    frame = _frame(question, words, now, Reach(), guard)
    name, measures = next(iter(by_fact(readings).items()))
    fact = words.facts[name]
    counted = leg(fact, measures, readings, frame)
    wanted = {f"{name}.{measure}" for measure in measures}
    wheres = [node.where for node in counted.aggregations if node.name in wanted]
    conditions = tuple(dict.fromkeys(where for where in wheres if where is not None))
    condition: Expression | None = None
    if None not in wheres:
        condition = conditions[0] if len(conditions) == 1 else Or(conditions)
    return RowsPlan(
        leg=_plain(counted, tuple(fact.table.types)),
        condition=condition,
        key=fact.table.key,
        order=counted.clocks[0] if counted.clocks else fact.clocks[0],
        limit=limit,
    )


def plan_unconverted(planned: Planned, fact: Fact, *, limit: int) -> RowsPlan:
    """Plan the list of rows whose money is not known in the lake's currency.

    Args:
        planned: A question that reads the fact.
        fact: A fact with money.
        limit: At most so many rows.
    """
    counted = next(leg for leg in planned.plan.legs if leg.fact == fact.name)
    return RowsPlan(
        leg=_plain(counted, tuple(fact.table.types)),
        condition=parse(fact.money.missing) if fact.money else None,
        key=fact.table.key,
        order=fact.clocks[0],
        limit=limit,
    )


def _plain(counted: Leg, columns: tuple[str, ...]) -> Leg:
    return Leg(
        fact=counted.fact,
        columns=columns,
        joins=counted.joins,
        clocks=counted.clocks,
        start=counted.start,
        end=counted.end,
        where=counted.where,
        aggregations=(),
        left_out=counted.left_out,
        spread=counted.spread,
        alive=counted.alive,
        days=counted.days,
        windows=counted.windows,
    )


def _readings(question: Question, words: Vocabulary) -> tuple[Reading, ...]:
    if not question.kpis:
        raise UsageError("no KPI was asked; name at least one, `dialgauge kpis` lists them")
    for name in question.kpis:
        if name not in words.kpis and name in all_dimensions(words):
            raise UsageError(
                f"'{name}' is a dimension, not a KPI; to split by it, write --by {name}"
            )
    return tuple(read(words.kpi(name), words) for name in dict.fromkeys(question.kpis))


def _reach(
    reach: Reach, measures: Mapping[str, tuple[str, ...]], words: Vocabulary, now: dt.datetime
) -> Reach:
    """Say how far times may lie apart from the months in which rows are stored.

    A row is stored in the month of its fact's own clock: its other clocks may lie anywhere, and
    an interval may end after that month.
    """
    facts = [(words.facts[name], used) for name, used in measures.items()]
    if any(
        fact.measures[name].clock not in ("", fact.table.clock) or fact.days
        for fact, used in facts
        for name in used
    ):
        return replace(reach, start=None, end=None)
    if reach.end and any(fact.spread is not Spread.NONE for fact, _ in facts):
        return replace(reach, end=max(reach.end, now) + _DAY)
    return reach


def _frame(
    question: Question,
    words: Vocabulary,
    now: dt.datetime,
    reach: Reach,
    guard: tuple[str, ...],
) -> Frame:
    first, after = question.period.start, question.period.end
    for day in (first, after):
        if day and not _FIRST <= day <= _LAST:
            raise UsageError(f"{day} is out of reach; days from {_FIRST} to {_LAST} can be asked")
    if not 1 <= question.week_starts <= 7:
        raise UsageError(
            f"weeks cannot start on day {question.week_starts}; 1 is Monday and 7 is Sunday"
        )
    as_of = question.as_of or now
    if as_of.tzinfo is None:
        raise UsageError(f"the moment {as_of} has no time zone; write for example {as_of}+00:00")
    if first and after and first >= after:
        raise UsageError(
            f"the period from {first} to {after} is empty; the last day is exclusive, so it must "
            "be at least one day later"
        )
    start = midnight(first, question.timezone) if first else None
    end = midnight(after, question.timezone) if after else None
    # A day of slack on both sides: lookups may hold times a little outside the period.
    low = start - _DAY if start else reach.start
    high = end + _DAY if end else reach.end
    judged = as_of.astimezone(dt.UTC)
    return Frame(
        question=question,
        words=words,
        offsets=offsets(question.timezone, low, high),
        start=start,
        end=end,
        as_of=judged,
        # Records reach into the future where callbacks are promised and months are not over.
        until=end or min(reach.end or judged, judged),
        guard=guard,
        extents=reach.extents,
    )


def _outputs(readings: tuple[Reading, ...], words: Vocabulary) -> tuple[Output, ...]:
    outputs = []
    for reading in readings:
        if reading.listed:
            continue  # worked out from the lists, after the engine
        outputs.append(Output(name=reading.kpi.name, formula=filled(reading.formula, words)))
        for part, formula in (
            ("numerator", reading.numerator),
            ("denominator", reading.denominator),
        ):
            if formula is not None and not isinstance(formula, Name):
                column = reading.column(part)
                outputs.append(Output(name=column, formula=filled(formula, words)))
    return tuple(outputs)


def filled(formula: Expression, words: Vocabulary) -> Expression:
    """Let sums that are 0 without rows be 0; counts are so by themselves."""

    def fill(node: Expression) -> Expression | None:
        found = measure_of(node, words)
        if found is None or found[1].aggregate is not Aggregate.SUM or found[1].empty is None:
            return None
        return Call("coalesce", (node, Literal(found[1].empty)))

    return transform(formula, fill)
