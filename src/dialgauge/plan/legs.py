"""How is one fact read for a question?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dialgauge.errors import UsageError
from dialgauge.model.check import Kind, check
from dialgauge.model.expression import (
    Call,
    Compare,
    Expression,
    Literal,
    Name,
    Not,
    conjunction,
    names,
    transform,
    walk,
)
from dialgauge.model.fact import Fact, Spread
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain, Question
from dialgauge.model.table import Type
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.nodes import Aggregation, Bucket, Function, Key, Leg, Offset
from dialgauge.plan.quantiles import grid
from dialgauge.plan.reading import Certainty, Reading
from dialgauge.plan.resolve import (
    TIME_DIMENSIONS,
    Scope,
    checked_condition,
    filter_condition,
    joins,
    key,
    resolve,
)
from dialgauge.plan.zones import common_step

_FUNCTIONS = {
    Aggregate.COUNT: Function.COUNT,
    Aggregate.SUM: Function.SUM,
    Aggregate.DISTINCT: Function.DISTINCT,
    Aggregate.MIN: Function.MIN,
    Aggregate.MAX: Function.MAX,
    Aggregate.QUANTILE: Function.QUANTILES,
}
BUCKET_END = "bucket_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all legs of a question have in common.

    Attributes:
        question: What is asked.
        words: What may be named.
        offsets: The question's zone as far as the data reaches.
        start: First instant inside; None for no bound.
        end: First instant after; None for no bound.
        as_of: The instant at which maturity is judged.
        until: The end of the period; without one, of the records or the moment of asking,
            whichever comes first.
        guard: Conditions that every row must meet, whoever asks.
    """

    question: Question
    words: Vocabulary
    offsets: tuple[Offset, ...]
    start: dt.datetime | None
    end: dt.datetime | None
    as_of: dt.datetime
    until: dt.datetime
    guard: tuple[str, ...] = ()

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The widths of the time buckets among the keys, narrowest first."""
        grains = {TIME_DIMENSIONS[name] for name in self.question.by if name in TIME_DIMENSIONS}
        grains |= {self.question.grain} if self.question.grain else set()
        return tuple(sorted(grains, key=list(Grain).index))


def leg(fact: Fact, measures: tuple[str, ...], readings: tuple[Reading, ...], frame: Frame) -> Leg:
    """Plan the one pass over a fact that a question's measures take."""
    clocks = tuple(
        clock
        for clock in fact.clocks
        if any((fact.measures[name].clock or fact.clocks[0]) == clock for name in measures)
    )
    at = Name(clocks[0] if len(clocks) == 1 and fact.spread is Spread.NONE else "at")
    scope = Scope(
        fact=fact,
        words=frame.words,
        at=at,
        offsets=frame.offsets,
        zone=frame.question.timezone,
        week_starts=frame.question.week_starts,
    )
    reaches_back = any(fact.measures[name].trailing for name in measures)
    maker = _Maker(frame, scope, several=len(clocks) > 1, reaches_back=reaches_back)
    counted = {node.name: node for name in measures for node in maker.measure(name)}
    found = (
        *counted.values(),
        *(node for reading in readings for node in maker.evidence(reading, counted)),
    )
    aggregations = {node.name: node for node in _share_quantiles(found)}
    keys = _keys(scope, frame)
    where = conjunction(
        *(filter_condition(text, scope) for text in (*frame.question.where, *frame.guard))
    )
    left_out = tuple(
        (f"{fact.name}.{reason}", checked_condition(parse(text), scope, text))
        for reason, text in fact.left_out.items()
    )
    expressions = _expressions(keys, aggregations.values(), where, left_out)
    read = tuple(dict.fromkeys(name for node in expressions for name in names(node)))
    lookups = joins(read, scope)
    needed = {*clocks, *read, *(join.on for join in lookups)}
    if fact.spread is not Spread.NONE:
        needed |= {"started_at", "ended_at"}
    return Leg(
        fact=fact.name,
        columns=tuple(name for name in fact.table.types if name in needed),
        joins=lookups,
        clocks=clocks,
        start=_start(fact, measures, frame),
        end=frame.end,
        where=where,
        keys=keys,
        aggregations=tuple(aggregations.values()),
        left_out=left_out,
        spread=fact.spread,
        pieces_s=_pieces(fact, frame, expressions),
    )


def _start(fact: Fact, measures: tuple[str, ...], frame: Frame) -> dt.datetime | None:
    """Read from the period's start, or from before it where a measure looks back further."""
    trailing = {name: fact.measures[name].trailing for name in measures}
    longest = max((seconds or 0 for seconds in trailing.values()), default=0)
    if longest and frame.grains:
        name = max(trailing, key=lambda each: trailing[each] or 0)
        raise UsageError(
            f"{fact.name}.{name} looks back {longest // 86_400} days from the period's end, so it "
            "cannot be cut into time buckets; ask it without them, for the period's end you want"
        )
    if not longest or frame.start is None:
        return frame.start
    return min(frame.start, frame.until - dt.timedelta(seconds=longest))


def _share_quantiles(found: tuple[Aggregation, ...]) -> Iterator[Aggregation]:
    """Let quantiles of the same rows ask for the same list, which an engine then makes once."""
    wanted: dict[tuple[Expression | None, Expression | None], set[float]] = {}
    for node in found:
        if node.fractions:
            wanted.setdefault((node.argument, node.where), set()).update(node.fractions)
    for node in found:
        if node.fractions:
            fractions = tuple(sorted(wanted[node.argument, node.where]))
            picked = fractions.index(node.fractions[node.picked])
            yield replace(node, fractions=fractions, picked=picked)
        else:
            yield node


def _pieces(fact: Fact, frame: Frame, expressions: Iterable[Expression | None]) -> int:
    """Intervals are cut as soon as anything asks which day or hour they lie in."""
    nodes = (node for expression in expressions for node in walk(expression))
    if fact.spread is Spread.NONE or not any(isinstance(node, Bucket) for node in nodes):
        return 0
    return common_step(frame.offsets)


def _keys(scope: Scope, frame: Frame) -> tuple[Key, ...]:
    keys = []
    if frame.question.grain:
        grain = frame.question.grain
        type_ = Type.INTEGER if grain is Grain.HOUR else Type.DATE
        keys.append(Key(name="period", expression=scope.bucket(grain), type=type_))
    for name in dict.fromkeys(frame.question.by):
        expression, type_ = key(name, scope)
        keys.append(Key(name=name, expression=expression, type=type_))
    return tuple(keys)


def _expressions(
    keys: tuple[Key, ...],
    aggregations: Iterable[Aggregation],
    where: Expression | None,
    left_out: tuple[tuple[str, Expression], ...],
) -> list[Expression | None]:
    expressions = [*(key.expression for key in keys), where, *(when for _, when in left_out)]
    for node in aggregations:
        expressions += [node.argument, node.other, node.where]
    return expressions


@dataclass(frozen=True, slots=True)
class _Maker:
    """Turns measures of one fact into aggregations."""

    frame: Frame
    scope: Scope
    several: bool
    reaches_back: bool = False

    def measure(self, name: str) -> Iterator[Aggregation]:
        fact, measure = self.scope.fact, self.scope.fact.measures[name]
        column = f"{fact.name}.{name}"
        argument, type_ = self.argument(measure)
        fractions = () if measure.fraction is None else grid(float(measure.fraction))
        yield Aggregation(
            name=column,
            function=_FUNCTIONS[measure.aggregate],
            argument=argument,
            where=self.where(measure),
            fractions=fractions,
            picked=fractions.index(float(measure.fraction)) if measure.fraction is not None else 0,
            type=type_,
        )
        if measure.matures_in is not None:
            yield Aggregation(
                name=f"{column}:immature",
                function=Function.COUNT,
                where=conjunction(self.base(measure), Not(self.mature(measure))),
                type=Type.INTEGER,
            )

    def evidence(
        self, reading: Reading, counted: Mapping[str, Aggregation]
    ) -> Iterator[Aggregation]:
        """Yield the counts, squares and products that a reading's value and interval need."""
        fact = self.scope.fact.name
        own = [counted[f"{fact}.{name}"] for of, name in reading.measures if of == fact]
        if own and reading.counted == f"{own[-1].name}:n":
            yield self.counting(own[-1])
        if reading.certainty in (Certainty.MEAN, Certainty.SUM, Certainty.RATIO):
            sums = [node for node in own if node.function is Function.SUM]
            yield from map(_squares, sums)
            if reading.certainty is Certainty.RATIO and len(sums) == 2:
                yield _products(*sums)

    def counting(self, of: Aggregation) -> Aggregation:
        """Count the rows, or for intervals the intervals, that a sum or a quantile rests on."""
        whole = self.scope.fact.spread is not Spread.NONE
        return Aggregation(
            name=f"{of.name}:n",
            function=Function.COUNT,
            argument=None if whole else of.argument,
            where=conjunction(of.where, Name("opens") if whole else None),
            type=Type.INTEGER,
        )

    def argument(self, measure: Measure) -> tuple[Expression | None, Type]:
        if not measure.of:
            return None, Type.INTEGER
        expression, kind = check(self.own(measure.of), self.scope.types)
        is_money = isinstance(expression, Name) and self.scope.types[expression.name] is Type.MONEY
        counted = measure.aggregate in (Aggregate.COUNT, Aggregate.DISTINCT)
        plain = Type.NUMBER if kind is Kind.NUMBER else _TYPE_OF[kind]
        return expression, Type.INTEGER if counted else Type.MONEY if is_money else plain

    def where(self, measure: Measure) -> Expression | None:
        mature = self.mature(measure) if measure.matures_in is not None else None
        return conjunction(self.base(measure), mature)

    def base(self, measure: Measure) -> Expression | None:
        """The measure's condition on its clock, maturity aside."""
        condition = None
        if measure.where:
            ended = self.within_bucket(parse(measure.where))
            condition = checked_condition(self.attributes(ended), self.scope, measure.where)
        clock = Compare("=", Name("clock"), Literal(measure.clock or self.scope.fact.clocks[0]))
        return conjunction(clock if self.several else None, self.window(measure), condition)

    def window(self, measure: Measure) -> Expression | None:
        """Which part of the rows read is the measure's, where measures begin at unlike times."""
        since = self.frame.start if self.reaches_back else None
        if measure.trailing:
            since = self.frame.until - dt.timedelta(seconds=measure.trailing)
        return None if since is None else Compare(">=", self.scope.at, Literal(since))

    def mature(self, measure: Measure) -> Expression:
        ripe = Call("add_seconds", (self.scope.at, Literal(measure.matures_in or 0)))
        return Compare("<=", ripe, Literal(self.frame.as_of))

    def own(self, text: str) -> Expression:
        return self.attributes(parse(text))

    def attributes(self, expression: Expression) -> Expression:
        """Read `attributes.x`; all other names in a measure are columns already."""

        def member(node: Expression) -> Expression | None:
            is_attribute = isinstance(node, Name) and node.name.startswith("attributes.")
            return resolve(node, self.scope) if is_attribute else None

        return transform(expression, member)

    def within_bucket(self, expression: Expression) -> Expression:
        """Write `x < bucket_end` without the bucket's end: x's bucket is not a later one."""

        def change(node: Expression) -> Expression | None:
            if not (isinstance(node, Compare) and node.right == Name(BUCKET_END)):
                return None
            if node.operator != "<":
                return None
            until = self.frame.end or self.frame.as_of
            return conjunction(
                Compare("<", node.left, Literal(until)),
                *(
                    Compare("<=", self.scope.bucket(grain, node.left), self.scope.bucket(grain))
                    for grain in self.frame.grains
                ),
            )

        return transform(expression, change)


def _squares(of: Aggregation) -> Aggregation:
    return Aggregation(
        name=f"{of.name}:squares",
        function=Function.SUM_OF_SQUARES,
        argument=of.argument,
        where=of.where,
    )


def _products(left: Aggregation, right: Aggregation) -> Aggregation:
    return Aggregation(
        name=f"{left.name}:{right.name}",
        function=Function.SUM_OF_PRODUCTS,
        argument=left.argument,
        other=right.argument,
        where=conjunction(left.where, right.where),
    )


_TYPE_OF = {
    Kind.TEXT: Type.TEXT,
    Kind.BOOL: Type.BOOL,
    Kind.TIME: Type.TIME,
    Kind.DATE: Type.DATE,
    Kind.NULL: Type.TEXT,
}
