"""How does a plan become one SQL statement?

Each leg is one SELECT with conditions inside its aggregates. Legs are padded with NULL (by the
engine itself, where it can), stacked with UNION ALL and picked by key in one outer GROUP BY (never
a join of two facts, so keys may be NULL and nothing is counted twice); formulas stand on top.
Tables appear under their own names: an engine makes views of those names before it runs the
statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from dialgauge.engines.dialect import Dialect, cast, column, function, named, number, text
from dialgauge.engines.scan import PART, REASON, flat, scan
from dialgauge.engines.sql_expression import conditional, render, truth
from dialgauge.model.expression import names
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Aggregation, Function, Leg, Plan, RowsPlan

_COUNTS = (Function.COUNT, Function.DISTINCT)


def statement(plan: Plan, dialect: Dialect) -> str:
    """Write a plan as one SQL statement, laid out for people."""
    return _statement(plan, dialect).sql(dialect=dialect.name, pretty=True, copy=False)


def rows_statement(plan: RowsPlan, dialect: Dialect) -> str:
    """Write the query for the rows behind a number, laid out for people."""
    leg = plan.leg
    order = (plan.order, plan.key)
    read = tuple(dict.fromkeys((*leg.columns, *order, *names(plan.condition))))
    source = scan(leg, read, dialect)
    query = (
        exp.Select()
        .select(*(column(name) for name in leg.columns))
        .from_(exp.Subquery(this=source, alias=exp.to_identifier("kept")))
        .order_by(*(exp.Ordered(this=column(name), nulls_first=False) for name in order))
        .limit(plan.limit)
    )
    if leg.several or len(leg.windows) > 1:
        query = query.distinct()
    if leg.left_out:
        query = query.where(exp.Is(this=column(REASON), expression=exp.null()))
    if plan.condition is not None:
        query = query.where(truth(render(plan.condition, flat, dialect)))
    return query.sql(dialect=dialect.name, pretty=True, copy=False)


def _statement(plan: Plan, dialect: Dialect) -> exp.Select:
    aggregations = plan.aggregations
    branches = [_branch(plan, leg, dialect) for leg in plan.legs]
    if (plan.totals or not plan.keys) and not plan.parted:
        branches.append(_total_of_nothing(plan, dialect))
    stacked: exp.Query = branches[0]
    for branch in branches[1:]:
        stacked = exp.Union(
            this=stacked,
            expression=branch,
            distinct=False,
            by_name=dialect.stacks_by_name or None,
        )
    parts = ["part"] if plan.parted else []
    groups = ["left_out", "is_total", *parts, *(key.name for key in plan.keys)]
    picked = (
        exp.Select()
        .select(
            *map(column, groups),
            *(named(_picked(node), node.name) for node in aggregations),
            named(exp.Sum(this=column("rows")), "rows"),
            copy=False,
        )
        .from_(exp.Subquery(this=stacked, alias=exp.to_identifier("legs")), copy=False)
        .group_by(*map(column, groups), copy=False)
    )
    quantiles = (node for node in aggregations if node.function is Function.QUANTILES)
    picks = {node.name: node.picked for node in quantiles}

    def as_number(name: str) -> exp.Expr:
        cell = column(name)
        return cast(dialect.element(cell, picks[name]) if name in picks else cell, "DOUBLE")

    # Counts of left-out rows are no numbers: not even a formula that has a value without rows.
    told = any(leg.left_out for leg in plan.legs)
    is_number = exp.Is(this=column("left_out"), expression=exp.null()) if told else None
    outputs = (
        named(conditional(is_number, render(output.formula, as_number, dialect)), output.name)
        for output in plan.outputs
    )
    return (
        exp.Select()
        .select(
            *map(column, groups),
            *(column(node.name) for node in aggregations),
            *outputs,
            named(cast(column("rows"), "BIGINT"), "rows"),
            copy=False,
        )
        .from_(exp.Subquery(this=picked, alias=exp.to_identifier("picked")), copy=False)
    )


def _branch(plan: Plan, leg: Leg, dialect: Dialect) -> exp.Select:
    """One leg, grouped, with the columns of the others where rows are stacked by place."""
    read = [name for node in leg.aggregations for name in _names(node)]
    read += ["whole"] if leg.bucketed else []
    source = scan(leg, tuple(dict.fromkeys(read)), dialect)
    every = [*([REASON] if leg.left_out else []), *([PART] if plan.parted else [])]
    by = [f"by_{key.name}" for key in leg.keys]
    rolled = bool(by) and plan.totals
    in_total: exp.Expr = exp.false() if by else exp.true()
    if rolled:
        in_total = exp.EQ(this=function("grouping", column(by[0])), expression=number(1))
    is_number = exp.Is(this=column(REASON), expression=exp.null()) if leg.left_out else None
    stacked = leg.aggregations if dialect.stacks_by_name else plan.aggregations
    cells = {key.name: column(f"by_{key.name}") for key in leg.keys}
    cells |= {node.name: exp.null() for node in stacked}
    cells |= {node.name: _in_row(node, in_total, dialect) for node in leg.aggregations}
    left_out, is_total, rows = _standing(plan, leg, in_total)
    grouped = (
        exp.Select()
        .select(
            left_out,
            is_total,
            *([named(column(PART), "part")] if plan.parted else []),
            *(named(conditional(is_number, cell), name) for name, cell in cells.items()),
            rows,
            copy=False,
        )
        .from_(exp.Subquery(this=source, alias=exp.to_identifier("kept")), copy=False)
    )
    if by and leg.bucketed:
        # Rows that stand for the whole period alone make no group.
        in_bucket = exp.Count(this=conditional(exp.Not(this=column("whole")), number(1)))
        seen = exp.GT(this=in_bucket, expression=number(0))
        grouped = grouped.having(exp.or_(column("is_total"), seen) if rolled else seen, copy=False)
    if rolled:
        sets = [_tuple((*every, *by)), _tuple(every)]
        grouped.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
    elif every or by:
        grouped = grouped.group_by(*map(column, (*every, *by)), copy=False)
    return grouped


def _standing(plan: Plan, leg: Leg, in_total: exp.Expr) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
    """Say what a row stands for: which rows left out and how many, or a group, or the total."""
    if not leg.left_out:
        return (
            named(cast(exp.null(), "TEXT"), "left_out"),
            named(in_total, "is_total"),
            named(cast(exp.null(), "BIGINT"), "rows"),
        )
    reasons = [
        exp.If(this=exp.EQ(this=column(REASON), expression=number(place)), true=text(reason))
        for place, (reason, _) in enumerate(leg.left_out)
    ]
    left_out = exp.Not(this=exp.Is(this=column(REASON), expression=exp.null()))
    # Each left-out row stands in a group and, with totals, in the total besides: count once.
    once = exp.and_(left_out, in_total) if plan.totals else left_out
    return (
        named(cast(exp.Case(ifs=reasons), "TEXT"), "left_out"),
        named(exp.paren(exp.or_(in_total, left_out)), "is_total"),
        named(conditional(once, exp.Count(this=exp.Star())), "rows"),
    )


def _total_of_nothing(plan: Plan, dialect: Dialect) -> exp.Select:
    """A total row that is there even when no row was kept."""
    keys = (named(_null(key.type), key.name) for key in plan.keys)
    padding = () if dialect.stacks_by_name else plan.aggregations
    cells = (named(exp.null(), node.name) for node in padding)
    return exp.Select().select(
        named(cast(exp.null(), "TEXT"), "left_out"),
        named(exp.true(), "is_total"),
        *keys,
        *cells,
        named(cast(exp.null(), "BIGINT"), "rows"),
        copy=False,
    )


def _names(node: Aggregation) -> tuple[str, ...]:
    return tuple(name for expression in node.expressions for name in names(expression))


def _in_row(node: Aggregation, in_total: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Compute an aggregate by the condition that holds in groups or in the total."""
    if node.where_in_total is None or in_total == exp.false():
        return _aggregate(node, dialect)
    total = _aggregate(replace(node, where=node.where_in_total), dialect)
    if in_total == exp.true():
        return total
    return exp.Case(
        ifs=[exp.If(this=in_total.copy(), true=total)], default=_aggregate(node, dialect)
    )


def _aggregate(  # noqa: C901 - one branch a function
    node: Aggregation, dialect: Dialect
) -> exp.Expr:
    where = None if node.where is None else render(node.where, flat, dialect)
    argument = number(1) if node.argument is None else render(node.argument, flat, dialect)
    match node.function:
        case Function.COUNT:
            if where is None and node.argument is None:
                return exp.Count(this=exp.Star())
            return exp.Count(this=conditional(where, argument))
        case Function.DISTINCT:
            distinct = exp.Distinct(expressions=[conditional(where, argument)])
            return exp.Count(this=distinct)
        case Function.SUM:
            total = exp.Sum(this=conditional(where, argument))
            return cast(total, "DECIMAL(38, 4)" if node.type is Type.MONEY else "DOUBLE")
        case Function.SUM_OF_SQUARES:
            # The factor is what SUM adds up, so that engines work it out once for both.
            factor = conditional(where, argument)
            return exp.Sum(this=_product(factor, factor.copy()))
        case Function.SUM_OF_PRODUCTS:
            other = exp.null() if node.other is None else render(node.other, flat, dialect)
            return exp.Sum(this=conditional(where, _product(argument, other)))
        case Function.MIN:
            return exp.Min(this=conditional(where, argument))
        case Function.MAX:
            return exp.Max(this=conditional(where, argument))
        case Function.QUANTILES:
            value = cast(conditional(where, argument), "DOUBLE")
            return dialect.quantiles(value, node.fractions)
        case Function.TUPLES:
            more = [render(each, flat, dialect) for each in node.more]
            return dialect.tuples([argument, *more], None if where is None else truth(where))


def _product(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Mul(this=cast(left, "DOUBLE"), expression=cast(right, "DOUBLE"))


def _picked(node: Aggregation) -> exp.Expr:
    """Pick the one leg's value; every other leg holds NULL."""
    value: exp.Expr = exp.Max(this=column(node.name))
    if node.function in _COUNTS:
        is_number = exp.Is(this=column("left_out"), expression=exp.null())
        return conditional(is_number, exp.Coalesce(this=value, expressions=[number(0)]))
    return value


def _tuple(names_: Sequence[str]) -> exp.Tuple:
    return exp.Tuple(expressions=[column(name) for name in names_])


def _null(type_: Type) -> exp.Expr:
    return cast(exp.null(), _NULLS.get(type_, "TEXT"))


_NULLS = {Type.INTEGER: "BIGINT", Type.DATE: "DATE", Type.BOOL: "BOOLEAN", Type.NUMBER: "DOUBLE"}
