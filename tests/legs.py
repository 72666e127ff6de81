"""How do tests write plans by hand, with expressions as text?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dialgauge.model.check import Kind, check, condition
from dialgauge.model.expression import Expression, names
from dialgauge.model.fact import Spread
from dialgauge.model.parse import parse
from dialgauge.model.table import Type
from dialgauge.plan.nodes import (
    Aggregation,
    Function,
    Join,
    Key,
    Leg,
    Output,
    Plan,
    RowsPlan,
)
from dialgauge.tables import FACTS, TABLES

_KEY_TYPES: Mapping[Kind, Type] = {
    Kind.TEXT: Type.TEXT,
    Kind.BOOL: Type.BOOL,
    Kind.NUMBER: Type.INTEGER,
    Kind.DATE: Type.DATE,
}


def moment(text: str) -> dt.datetime:
    """Read a UTC instant, such as 2026-03-08 06:59."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def types(fact: str) -> Mapping[str, Type]:
    """Say what an expression of a leg over the fact may read."""
    found: dict[str, Type] = dict(TABLES[fact].types)
    for lookup in FACTS[fact].lookups:
        other = TABLES[lookup.table].types
        found |= {f"{lookup.table}.{name}": type_ for name, type_ in other.items()}
    times = {"seconds": Type.NUMBER, "opens": Type.BOOL, "clock": Type.TEXT, "at": Type.TIME}
    return found | times


def expression(fact: str, text: str) -> Expression:
    """Read an expression over a fact."""
    return check(parse(text), types(fact))[0]


def true(fact: str, text: str) -> Expression | None:
    """Read a condition over a fact; '' is none."""
    return condition(parse(text), types(fact)) if text else None


def key(fact: str, name: str, text: str) -> Key:
    """Group by an expression."""
    checked, kind = check(parse(text), types(fact))
    return Key(name=name, expression=checked, type=_KEY_TYPES[kind])


def aggregation(
    fact: str,
    name: str,
    function: Function = Function.COUNT,
    of: str = "",
    where: str = "",
    *,
    other: str = "",
    fractions: Sequence[float] = (),
    picked: int = 0,
    type_: Type | None = None,
) -> Aggregation:
    """Compute an aggregate of an expression over rows that meet a condition."""
    counts = function in (Function.COUNT, Function.DISTINCT)
    return Aggregation(
        name=name,
        function=function,
        argument=expression(fact, of) if of else None,
        other=expression(fact, other) if other else None,
        where=true(fact, where),
        fractions=tuple(fractions),
        picked=picked,
        type=type_ or (Type.INTEGER if counts else Type.NUMBER),
    )


def leg(
    fact: str,
    *aggregations: Aggregation,
    keys: Sequence[Key] = (),
    where: str = "",
    left_out: Mapping[str, str] | None = None,
    clocks: Sequence[str] = (),
    start: str = "",
    end: str = "",
    pieces_s: int = 0,
) -> Leg:
    """Read a fact; columns and joins follow from the expressions, the spread from the fact."""
    clock = FACTS[fact].table.clock or ""
    chosen = tuple(clocks) or (clock,)
    kept = true(fact, where)
    reasons = [(f"{fact}.{name}", true(fact, text)) for name, text in (left_out or {}).items()]
    refused = tuple((name, reason) for name, reason in reasons if reason is not None)
    parts = [kept, *(reason for _, reason in refused), *(each.expression for each in keys)]
    parts += [part for a in aggregations for part in (a.argument, a.other, a.where)]
    read = [name for part in parts for name in names(part)]
    spread = FACTS[fact].spread
    needed = ("started_at", "ended_at") if spread is Spread.INTERVAL else ()
    own = [name for name in (*read, *chosen, *needed) if name in TABLES[fact].types]
    lookups = [
        Join(
            table=lookup.table,
            on=lookup.on,
            key=lookup.key or TABLES[lookup.table].key,
            columns=tuple(
                dict.fromkeys(
                    name.partition(".")[2] for name in read if name.startswith(lookup.table + ".")
                )
            ),
            only=(f"asked_{lookup.asked}", "") if lookup.asked else None,
        )
        for lookup in FACTS[fact].lookups
    ]
    joins = tuple(join for join in lookups if join.columns)
    return Leg(
        fact=fact,
        columns=tuple(dict.fromkeys((*own, *(join.on for join in joins)))),
        joins=joins,
        clocks=chosen,
        start=moment(start) if start else None,
        end=moment(end) if end else None,
        where=kept,
        keys=tuple(keys),
        aggregations=aggregations,
        left_out=refused,
        spread=spread,
        pieces_s=pieces_s,
    )


def plan(*legs: Leg, totals: bool = False, **outputs: str) -> Plan:
    """Stack legs, with formulas over their aggregates on top."""
    aggregates = {each.name: Type.NUMBER for leg_ in legs for each in leg_.aggregations}
    formulas = (
        Output(name=name, formula=check(parse(text), aggregates)[0])
        for name, text in outputs.items()
    )
    return Plan(legs=legs, outputs=tuple(formulas), totals=totals)


def rows_plan(
    leg_: Leg, columns: Sequence[str], condition_: str = "", limit: int = 1000
) -> RowsPlan:
    """List rows of a leg."""
    table = TABLES[leg_.fact]
    condition_read = names(true(leg_.fact, condition_))
    own = (name for name in condition_read if name in table.types)
    listed = dict.fromkeys((*columns, *leg_.columns, *own))
    changed = Leg(
        fact=leg_.fact,
        columns=tuple(listed),
        joins=leg_.joins,
        clocks=leg_.clocks,
        start=leg_.start,
        end=leg_.end,
        where=leg_.where,
        aggregations=(),
        left_out=leg_.left_out,
        spread=leg_.spread,
        pieces_s=leg_.pieces_s,
    )
    return RowsPlan(
        leg=changed,
        condition=true(leg_.fact, condition_),
        key=table.key,
        order=leg_.clocks[0],
        limit=limit,
    )


def record(answer: Any) -> dict[str, Any]:
    """Give the only row of an answer, without its first two columns and `rows`."""
    (row,) = answer.to_pylist()
    return {name: row[name] for name in row if name not in ("left_out", "is_total", "rows")}
