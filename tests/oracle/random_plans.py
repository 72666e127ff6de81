"""What may be asked of a small world, plan by plan?

Strategies for plans of every shape the contract allows, over the columns that random worlds fill.
Expressions are drawn by kind and then checked as users' expressions are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from random_expressions import Scope, checked, edges
from random_worlds import STEPS, World

from dialgauge.model.check import Kind, check
from dialgauge.model.expression import Arithmetic, Call, Expression, Literal, Name, names
from dialgauge.model.fact import Spread
from dialgauge.model.question import Grain
from dialgauge.model.table import Type
from dialgauge.plan.nodes import (
    Aggregation,
    Bucket,
    Function,
    Join,
    Key,
    Leg,
    Offset,
    Output,
    Plan,
    RowsPlan,
)
from dialgauge.tables import FACTS, TABLES

ZONES = (
    "UTC",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Europe/London",
)
_READ = {
    "calls": """started_at answered_at callback_at do_not_call_since direction result disposition
        contact right_party converted test talk_s ring_s wait_s wrap_s campaign_id agent_id
        lead_id party_id cost attempt local_hour agents.team agents.hired_on agents.hourly_cost
        leads.lead_source leads.do_not_call_at leads.attributes leads.cost
        lead_experiments.variant lead_experiments.assigned_at call_experiments.variant""",
    "agent_time": """started_at ended_at state paid agent_id campaign_id agents.team
        agents.hired_on seconds opens at""",
    "leads": """created_at mql_at sql_at converted_at lead_source region attributes invalid cost
        journeys.first_dial_at journeys.attempts_to_contact journeys.converted_on_first_contact""",
    "journeys": """first_dial_at first_contact_at second_contact_at attempts_to_contact dials
        converted_on_first_contact campaign_id agent_id leads.lead_source leads.mql_at
        agents.team agents.hired_on""",
    "callbacks": "due_at dialled_at party_id campaign_id agent_id agents.team leads.mql_at",
}
COLUMNS: Mapping[str, Sequence[str]] = {fact: read.split() for fact, read in _READ.items()}
"""Fact to the names its expressions may read."""


def scope(fact: str, world: World, *, several: bool = False) -> Scope:
    """Say what a leg over the fact may read."""
    extra = {"seconds": Type.NUMBER, "opens": Type.BOOL, "at": Type.TIME, "clock": Type.TEXT}
    types = {}
    for name in (*COLUMNS[fact], *(("at", "clock") if several else ())):
        table, dot, column = name.partition(".")
        own = TABLES[table].types[column] if dot else TABLES[fact].types.get(name)
        types[name] = own or extra[name]
    return Scope(types, world.instants)


def offsets(zone: str) -> tuple[Offset, ...]:
    """List a zone's changes from 2023 to 2027, and its offset before."""
    found: list[Offset] = []
    for hour in range(24 * 365 * 4):
        since = 1_672_531_200 + hour * 1800 * 2
        for second in (since, since + 1800):
            at = dt.datetime.fromtimestamp(second, tz=ZoneInfo(zone))
            seconds = int((at.utcoffset() or dt.timedelta()).total_seconds())
            if not found or found[-1].seconds != seconds:
                found.append(Offset(second if found else None, seconds))
    return tuple(found)


OFFSETS = {zone: offsets(zone) for zone in ZONES}

_FUNCTIONS = (
    Function.COUNT,
    Function.COUNT,
    Function.SUM,
    Function.SUM_OF_SQUARES,
    Function.SUM_OF_PRODUCTS,
    Function.DISTINCT,
    Function.MIN,
    Function.MAX,
    Function.QUANTILES,
)


@st.composite
def aggregations(draw: st.DrawFn, where: Scope, name: str) -> Aggregation:
    """Draw an aggregate."""
    function = draw(st.sampled_from(_FUNCTIONS))
    condition = draw(st.none() | checked(where, Kind.BOOL))
    number = checked(where, Kind.NUMBER, 1)
    base = Aggregation(name=name, function=function, where=condition)
    match function:
        case Function.COUNT:
            argument = draw(st.none() | number | checked(where, Kind.TEXT, 1))
            return replace(base, argument=argument, type=Type.INTEGER)
        case Function.DISTINCT:
            kind = draw(st.sampled_from((Kind.TEXT, Kind.NUMBER, Kind.TIME)))
            return replace(base, argument=draw(checked(where, kind, 1)), type=Type.INTEGER)
        case Function.SUM_OF_PRODUCTS:
            return replace(base, argument=draw(number), other=draw(number))
        case Function.QUANTILES:
            fraction = st.sampled_from((0.0, 0.1, 0.25, 0.5, 0.9, 1.0))
            fractions = sorted(draw(st.lists(fraction, min_size=1, max_size=3, unique=True)))
            picked = draw(st.integers(0, len(fractions) - 1))
            argument = draw(number)
            return replace(base, argument=argument, fractions=tuple(fractions), picked=picked)
        case Function.MIN | Function.MAX:
            name_ = draw(st.sampled_from(sorted(where.types)))
            type_ = where.types[name_]
            if type_ is not Type.BOOL:
                return replace(base, argument=Name(name_), type=type_)
    return replace(base, argument=draw(number))


_KEY_KINDS = {Type.TEXT: Kind.TEXT, Type.BOOL: Kind.BOOL}


@st.composite
def legs(
    draw: st.DrawFn,
    world: World,
    fact: str,
    *,
    prefix: str = "m",
    kinds: Sequence[Type] = (),
    period: Bucket | None = None,
    bounds: tuple[dt.datetime | None, dt.datetime | None] = (None, None),
) -> Leg:
    """Draw a leg that groups by keys of some types, and by a period."""
    declared = FACTS[fact]
    own = declared.clocks or (declared.table.clock or "",)
    chosen = draw(st.lists(st.sampled_from(own), min_size=1, max_size=3, unique=True))
    clocks = tuple(clock for clock in own if clock in chosen)
    spread = declared.spread
    where = scope(fact, world, several=len(clocks) > 1)
    keys = []
    if period is not None:
        at = Name("at" if len(clocks) > 1 or spread is not Spread.NONE else clocks[0])
        type_ = Type.INTEGER if period.grain is Grain.HOUR else Type.DATE
        keys.append(Key(name="period", expression=replace(period, at=at), type=type_))
    for number, type_ in enumerate(kinds):
        columns = [name for name in where.types if where.types[name] is type_]
        named = st.sampled_from([Name(name) for name in columns]) if columns else st.nothing()
        drawn: st.SearchStrategy[Expression] = named
        if type_ in _KEY_KINDS:
            drawn = named | checked(where, _KEY_KINDS[type_], 1)
        elif not columns:
            drawn = st.just(Literal(None))
        keys.append(Key(name=f"key{number}", expression=draw(drawn), type=type_))
    kept = draw(st.none() | st.none() | st.none() | checked(where, Kind.BOOL))
    several_reasons = st.lists(checked(where, Kind.BOOL), max_size=2)
    reasons = draw(st.just([]) | st.just([]) | several_reasons)
    computed = tuple(
        draw(aggregations(where, f"{prefix}{number}")) for number in range(draw(st.integers(1, 4)))
    )
    parts: list[Expression | None] = [kept, *reasons, *(each.expression for each in keys)]
    parts += [part for each in computed for part in (each.argument, each.other, each.where)]
    read = dict.fromkeys(name for part in parts for name in names(part))
    joins = tuple(
        Join(
            table=lookup.table,
            on=lookup.on,
            key=lookup.key or TABLES[lookup.table].key,
            columns=tuple(n.partition(".")[2] for n in read if n.startswith(f"{lookup.table}.")),
            only=("asked_experiment", draw(st.sampled_from(("", "A")))) if lookup.asked else None,
        )
        for lookup in declared.lookups
        if any(name.startswith(f"{lookup.table}.") for name in read)
    )
    spread_columns = ("started_at", "ended_at") if spread is Spread.INTERVAL else ()
    needed = (*read, *clocks, *spread_columns, *(join.on for join in joins))
    return Leg(
        fact=fact,
        columns=tuple(dict.fromkeys(name for name in needed if name in declared.table.types)),
        joins=joins,
        clocks=clocks,
        start=bounds[0],
        end=bounds[1],
        where=kept,
        keys=tuple(keys),
        aggregations=computed,
        left_out=tuple((f"{fact}.reason{i}", reason) for i, reason in enumerate(reasons)),
        spread=spread,
        pieces_s=draw(st.sampled_from((0, 900, 3600, 86_400))) if spread_columns else 0,
    )


@st.composite
def ranges(draw: st.DrawFn, world: World) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Draw a range, open on either side at times, around some of the world's times."""
    start = draw(st.none() | st.none() | st.sampled_from(edges(world.instants)))
    width = draw(st.none() | st.sampled_from(STEPS))
    if start is None:
        return None, draw(st.none() | st.sampled_from(edges(world.instants)))
    return start, None if width is None else start + width


@st.composite
def plans(draw: st.DrawFn, world: World) -> Plan:
    """Draw a plan of one to three legs."""
    facts = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=3, unique=True))
    kinds = draw(
        st.lists(st.sampled_from((Type.TEXT, Type.TEXT, Type.INTEGER, Type.BOOL)), max_size=2)
    )
    zone, grain = draw(st.sampled_from(ZONES)), draw(st.none() | st.sampled_from(tuple(Grain)))
    period = grain and Bucket(Name("at"), grain, OFFSETS[zone], draw(st.sampled_from((1, 6, 7))))
    bounds = draw(ranges(world))
    drawn = tuple(
        draw(legs(world, fact, prefix=prefix, kinds=kinds, period=period, bounds=bounds))
        for fact, prefix in zip(facts, "abc", strict=False)
    )
    numbers = [
        each.name
        for leg in drawn
        for each in leg.aggregations
        if each.type in (Type.INTEGER, Type.NUMBER, Type.MONEY)
    ]
    outputs = draw(st.lists(formulas(numbers), max_size=2)) if numbers else []
    return Plan(
        legs=drawn,
        outputs=tuple(Output(name=f"out{i}", formula=formula) for i, formula in enumerate(outputs)),
        totals=draw(st.booleans()),
    )


@st.composite
def formulas(draw: st.DrawFn, aggregates: Sequence[str]) -> Expression:
    """Draw a formula over aggregates, such as KPIs have."""
    name = st.sampled_from([Name(each) for each in aggregates])
    number = st.sampled_from([Literal(value) for value in (0, 1, 100, Decimal("0.5"))])
    term = name | name | number
    several = st.builds(
        lambda function, a, b: Call(function, (a, b)),
        st.sampled_from(("coalesce", "least", "greatest")),
        term,
        term,
    )
    total = term | several | st.builds(Arithmetic, st.sampled_from("+*"), term, term)
    formula = total | st.builds(Arithmetic, st.sampled_from("/-"), total, total)
    return check(draw(formula), dict.fromkeys(aggregates, Type.NUMBER))[0]


@st.composite
def rows_plans(draw: st.DrawFn, world: World) -> RowsPlan:
    """Draw a plan for the rows behind a number: one clock, no cuts."""
    fact = draw(st.sampled_from(sorted(COLUMNS)))
    table = TABLES[fact]
    drawn = draw(legs(world, fact, bounds=draw(ranges(world))))
    where = Scope(
        {name: type_ for name, type_ in scope(fact, world).types.items() if name in table.types},
        world.instants,
    )
    condition = draw(st.none() | checked(where, Kind.BOOL))
    clocks = drawn.clocks[:1]
    reads = {name for _, reason in drawn.left_out for name in names(reason)} | set(
        names(drawn.where)
    )
    if reads & {"at", "clock"} and drawn.spread is Spread.NONE:
        drawn = replace(drawn, where=None, left_out=())
    wanted = (table.key, *drawn.columns, *names(condition))
    leg = replace(
        drawn,
        columns=tuple(dict.fromkeys(wanted)),
        clocks=clocks,
        aggregations=(),
        keys=(),
        pieces_s=0,
    )
    return RowsPlan(
        leg=leg,
        condition=condition,
        key=table.key,
        order=clocks[0],
        limit=draw(st.sampled_from((1, 3, 1000))),
    )
