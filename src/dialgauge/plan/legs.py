"""How is one fact read for a question?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from dialgauge.errors import UsageError
from dialgauge.model.expression import (
    Expression,
    Name,
    conjunction,
    names,
    walk,
)
from dialgauge.model.fact import ALIVE, Alive, Fact, Spread
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain
from dialgauge.model.table import Type
from dialgauge.plan.counting import Maker, share_quantiles
from dialgauge.plan.frame import Frame, earlier
from dialgauge.plan.nodes import Aggregation, Bucket, Key, Leg
from dialgauge.plan.reading import Reading
from dialgauge.plan.resolve import (
    Scope,
    checked_condition,
    filter_condition,
    held_to,
    joins,
    key,
)
from dialgauge.plan.windows import windows_of
from dialgauge.plan.zones import common_step

_HOUR, _DAY = 3_600, 86_400


def leg(fact: Fact, measures: tuple[str, ...], readings: tuple[Reading, ...], frame: Frame) -> Leg:
    """Plan the one pass over a fact that a question's measures take."""
    used = {fact.measures[name].clock or fact.clocks[0] for name in measures}
    clocks = tuple(clock for clock in fact.clocks if clock in used)
    alive = fact.alive if ALIVE in used else None
    lasting = alive is not None or fact.days is not None or fact.spread is not Spread.NONE
    conditions = (*frame.question.where, *frame.guard)
    scope = Scope(
        fact=fact,
        words=frame.words,
        at=Name(clocks[0] if len(clocks) == 1 and not lasting else "at"),
        offsets=frame.offsets,
        now=frame.as_of,
        zone=frame.question.timezone,
        week_starts=frame.question.week_starts,
        held=held_to(conditions),
    )
    where = conjunction(*(filter_condition(text, scope) for text in conditions))
    windows = windows_of(fact, frame, alive=alive is not None, where=where)
    maker = Maker(
        frame,
        scope,
        several=len(clocks) + (alive is not None) > 1,
        reaches_back=any(fact.measures[name].trailing for name in measures),
        bucketed=len(windows) > 1,
    )
    keys = _keys(scope, frame)
    counted = {node.name: node for name in measures for node in maker.measure(name)}
    found = (
        *counted.values(),
        *(node for reading in readings for node in maker.evidence(reading, counted)),
        *maker.money(counted.values()),
        *maker.unplaced([key.expression for key in keys], counted.values()),
    )
    aggregations = {node.name: node for node in share_quantiles(found)}
    left_out = tuple(
        (f"{fact.name}.{reason}", checked_condition(parse(text), scope, text))
        for reason, text in fact.left_out.items()
    )
    expressions = _expressions(keys, aggregations.values(), where, left_out)
    read = tuple(dict.fromkeys(name for node in expressions for name in names(node)))
    lookups = joins(read, scope)
    needed = {*clocks, *read, *(join.on for join in lookups), *_lasting(fact, alive)}
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
        alive=alive,
        days=fact.days,
        windows=windows,
    )


def _lasting(fact: Fact, alive: Alive | None) -> set[str]:
    """Name the columns that say how long rows last."""
    if fact.days is not None:
        return {fact.days.first, fact.days.last, fact.days.portion_of}
    if fact.spread is not Spread.NONE:
        return {"started_at", "ended_at"}
    return set() if alive is None else {alive.since, alive.until}


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
    return min(frame.start, earlier(frame.until, longest))


def _pieces(fact: Fact, frame: Frame, expressions: Iterable[Expression | None]) -> int:
    """Intervals are cut as soon as anything asks which day or hour they lie in."""
    nodes = (node for expression in expressions for node in walk(expression))
    grains = {node.grain for node in nodes if isinstance(node, Bucket)}
    if fact.spread is Spread.NONE or not grains:
        return 0
    return common_step(frame.offsets, _HOUR if Grain.HOUR in grains else _DAY)


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
        expressions += node.expressions
    return expressions
