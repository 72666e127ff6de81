"""What does an engine compute for a measure?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dialgauge.model.check import Kind, check
from dialgauge.model.expression import (
    And,
    Compare,
    Expression,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
    conjunction,
    names,
    transform,
)
from dialgauge.model.fact import ALIVE, Spread
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.table import Type
from dialgauge.plan.frame import Frame, earlier
from dialgauge.plan.nodes import Aggregation, Function
from dialgauge.plan.quantiles import grid
from dialgauge.plan.reading import Certainty, Reading
from dialgauge.plan.resolve import NOW, Scope, checked_condition, resolve

HISTORY = (
    "order_days - 1",
    "days_between(first_order_on, last_order_at)",
    "days_between(first_order_on, now)",
    "repeat_worth / (order_days - 1)",
)
"""What the expected value of a customer rests on: how often it came back, after how many days the
last time, how many days ago it came first, and what it was worth each time it came back. All in
UTC days, as purchases are counted: two on different days may lie an hour apart."""

_LISTED = (Aggregate.TIME_TO, Aggregate.EXPECTED_VALUE)
_FUNCTIONS = {
    Aggregate.COUNT: Function.COUNT,
    Aggregate.SUM: Function.SUM,
    Aggregate.DISTINCT: Function.DISTINCT,
    Aggregate.MIN: Function.MIN,
    Aggregate.MAX: Function.MAX,
    Aggregate.QUANTILE: Function.QUANTILES,
}
BUCKET_END = "bucket_end"


@dataclass(frozen=True, slots=True)
class Maker:
    """Turns measures of one fact into aggregations.

    Attributes:
        frame: What all legs have in common.
        scope: The fact and its names.
        several: Whether rows stand for several clocks.
        reaches_back: Whether a measure counts from before the period.
        bucketed: Whether rows that last stand in buckets beside the whole period.
    """

    frame: Frame
    scope: Scope
    several: bool
    reaches_back: bool = False
    bucketed: bool = False

    def measure(self, name: str) -> Iterator[Aggregation]:
        """Yield what a measure's number takes, first the column of its name."""
        fact, measure = self.scope.fact, self.scope.fact.measures[name]
        column = f"{fact.name}.{name}"
        if measure.aggregate in _LISTED:
            yield self._listed(column, measure)
            return
        argument, type_ = self._argument(measure)
        fractions = () if measure.fraction is None else grid(float(measure.fraction))
        yield Aggregation(
            name=column,
            function=_FUNCTIONS[measure.aggregate],
            argument=argument,
            where=self._where(measure),
            where_in_total=self._where_in_total(measure),
            fractions=fractions,
            picked=fractions.index(float(measure.fraction)) if measure.fraction is not None else 0,
            type=type_,
        )
        if measure.matures_in is not None:
            yield Aggregation(
                name=f"{column}:immature",
                function=Function.COUNT,
                where=conjunction(self._base(measure), Not(self._mature(measure))),
                type=Type.INTEGER,
            )

    def _listed(self, column: str, measure: Measure) -> Aggregation:
        """List what each row says: its time and how it ended, or a customer's history."""
        told: tuple[Expression, ...]
        if measure.aggregate is Aggregate.TIME_TO:
            code = f"case when {measure.event} then 1"
            code += f" when {measure.instead} then 2" if measure.instead else ""
            told = tuple(self._checked(text) for text in (measure.of, f"{code} else 0 end"))
        else:
            told = tuple(self._checked(text) for text in HISTORY)
        return Aggregation(
            name=column,
            function=Function.TUPLES,
            argument=told[0],
            more=told[1:],
            where=self._where(measure),
            fractions=() if measure.fraction is None else (float(measure.fraction),),
        )

    def money(self, counted: Iterable[Aggregation]) -> Iterator[Aggregation]:
        """Ask whether all money can be added up, where some is."""
        fact = self.scope.fact
        if fact.money is None:
            return
        read = {name for node in counted for each in node.expressions for name in names(each)}
        if not any(self.scope.types.get(name) is Type.MONEY for name in read):
            return
        currency = Name(fact.money.currency)
        yield Aggregation(
            name=f"{fact.name}:unconverted",
            function=Function.COUNT,
            where=checked_condition(parse(fact.money.missing), self.scope, fact.money.missing),
            type=Type.INTEGER,
        )
        for name, function in (("first", Function.MIN), ("last", Function.MAX)):
            yield Aggregation(
                name=f"{fact.name}:{name}_currency",
                function=function,
                argument=currency,
                type=Type.TEXT,
            )

    def unplaced(
        self, keys: Iterable[Expression], counted: Iterable[Aggregation]
    ) -> Iterator[Aggregation]:
        """Count the rows that would count, were it known what time it was at the called party's."""
        placed, nodes = self.scope.fact.placed, tuple(counted)
        expressions = (*keys, *(each for node in nodes for each in node.expressions))
        read = {name for each in expressions for name in names(each)}
        column = next((name for name in placed if name in read), None)
        if column is None:
            return
        wheres = tuple(dict.fromkeys(_without(node.where, placed) for node in nodes))
        some: Expression | None = None
        if None not in wheres:
            some = Or(tuple(each for each in wheres if each)) if len(wheres) > 1 else wheres[0]
        yield Aggregation(
            name=f"{self.scope.fact.name}:no_{column}",
            function=Function.COUNT,
            where=conjunction(IsNull(Name(column)), some),
            type=Type.INTEGER,
        )

    def evidence(
        self, reading: Reading, counted: Mapping[str, Aggregation]
    ) -> Iterator[Aggregation]:
        """Yield the counts, squares and products that a reading's value and interval need."""
        fact = self.scope.fact.name
        own = [counted[f"{fact}.{name}"] for of, name in reading.measures if of == fact]
        yield from (self._counting(node) for node in own if reading.counted == f"{node.name}:n")
        sums = [node for node in own if node.function is Function.SUM]
        if reading.certainty in (Certainty.MEAN, Certainty.SUM, Certainty.RATIO):
            yield from map(_squares, sums)
            if reading.certainty is Certainty.RATIO and len(sums) == 2:
                yield _products(*sums)
        yield from (_squares(node) for node in sums if node.name == reading.uncertain)

    def _counting(self, of: Aggregation) -> Aggregation:
        """Count the rows, or for intervals the intervals, that a sum or a quantile rests on."""
        whole = self.scope.fact.spread is not Spread.NONE
        return Aggregation(
            name=f"{of.name}:n",
            function=Function.COUNT,
            argument=None if whole else of.argument,
            where=conjunction(of.where, Name("opens") if whole else None),
            where_in_total=of.where_in_total,
            type=Type.INTEGER,
        )

    def _argument(self, measure: Measure) -> tuple[Expression | None, Type]:
        if not measure.of:
            return None, Type.INTEGER
        expression, kind = check(self._own(measure.of), self.scope.types)
        is_money = isinstance(expression, Name) and self.scope.types[expression.name] is Type.MONEY
        counted = measure.aggregate in (Aggregate.COUNT, Aggregate.DISTINCT)
        plain = Type.NUMBER if kind is Kind.NUMBER else _TYPE_OF[kind]
        return expression, Type.INTEGER if counted else Type.MONEY if is_money else plain

    def _where(self, measure: Measure) -> Expression | None:
        mature = self._mature(measure) if measure.matures_in is not None else None
        in_group = Not(Name("whole")) if measure.clock == ALIVE and self.bucketed else None
        return conjunction(self._base(measure), mature, in_group)

    def _where_in_total(self, measure: Measure) -> Expression | None:
        """A total over buckets is what the whole period says of rows that last, not their sum."""
        if measure.clock != ALIVE or not self.bucketed:
            return None
        return conjunction(self._base(measure), Name("whole"))

    def _base(self, measure: Measure) -> Expression | None:
        """The measure's condition on its clock, maturity aside."""
        condition = None
        if measure.where:
            ended = parse(measure.where)
            ended = ended if measure.clock == ALIVE else self._within_bucket(ended)
            condition = checked_condition(self._own_names(ended), self.scope, measure.where)
        clock = Compare("=", Name("clock"), Literal(measure.clock or self.scope.fact.clocks[0]))
        return conjunction(clock if self.several else None, self._window(measure), condition)

    def _window(self, measure: Measure) -> Expression | None:
        """Which part of the rows read is the measure's, where measures begin at unlike times."""
        since = self.frame.start if self.reaches_back else None
        if measure.trailing:
            since = earlier(self.frame.until, measure.trailing)
        return None if since is None else Compare(">=", self.scope.at, Literal(since))

    def _mature(self, measure: Measure) -> Expression:
        ripe = earlier(self.frame.as_of, measure.matures_in or 0)
        return Compare("<=", self.scope.at, Literal(ripe))

    def _checked(self, text: str) -> Expression:
        return check(self._own(text), self.scope.types)[0]

    def _own(self, text: str) -> Expression:
        return self._own_names(parse(text))

    def _own_names(self, expression: Expression) -> Expression:
        """Read `now` and `attributes.x`; all other names in a measure are columns already."""

        def meaning(node: Expression) -> Expression | None:
            if not isinstance(node, Name):
                return None
            known = node.name == NOW or node.name.startswith("attributes.")
            return resolve(node, self.scope) if known else None

        return transform(expression, meaning)

    def _within_bucket(self, expression: Expression) -> Expression:
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


def _without(where: Expression | None, columns: Iterable[str]) -> Expression | None:
    """Leave out of a condition the parts that read some columns."""
    parts = where.operands if isinstance(where, And) else (where,)
    return conjunction(*(part for part in parts if not {*names(part)} & {*columns}))


def _squares(of: Aggregation) -> Aggregation:
    return Aggregation(
        name=f"{of.name}:squares",
        function=Function.SUM_OF_SQUARES,
        argument=of.argument,
        where=of.where,
        where_in_total=of.where_in_total,
    )


def _products(left: Aggregation, right: Aggregation) -> Aggregation:
    return Aggregation(
        name=f"{left.name}:{right.name}",
        function=Function.SUM_OF_PRODUCTS,
        argument=left.argument,
        other=right.argument,
        where=conjunction(left.where, right.where),
        where_in_total=conjunction(left.where_in_total, right.where_in_total),
    )


_TYPE_OF = {
    Kind.TEXT: Type.TEXT,
    Kind.BOOL: Type.BOOL,
    Kind.TIME: Type.TIME,
    Kind.DATE: Type.DATE,
    Kind.NULL: Type.TEXT,
}


def share_quantiles(found: tuple[Aggregation, ...]) -> Iterator[Aggregation]:
    """Let quantiles of the same rows ask for the same list, which an engine then makes once."""
    wanted: dict[tuple[Expression | None, Expression | None], set[float]] = {}
    for node in found:
        if node.function is Function.QUANTILES:
            wanted.setdefault((node.argument, node.where), set()).update(node.fractions)
    for node in found:
        if node.function is Function.QUANTILES:
            fractions = tuple(sorted(wanted[node.argument, node.where]))
            picked = fractions.index(node.fractions[node.picked])
            yield replace(node, fractions=fractions, picked=picked)
        else:
            yield node
