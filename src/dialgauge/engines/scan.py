"""How does a leg read its fact?

The innermost SELECT: it reads one fact (once), looks up rows of other tables by their key, keeps
the rows in range that pass the filter, and offers flat columns to the aggregates above: every
name they read under that name, each key as `by_<key>`, what parts the answer as `_part`, and as
`_reason` the place in `left_out` of why a row is left out (a number, because rows are grouped by
it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from dialgauge.engines.dialect import Dialect, cast, column, function, named, number, text
from dialgauge.engines.sql_expression import conditional, floor_division, render, truth
from dialgauge.engines.windows import days, lives
from dialgauge.model.fact import Spread
from dialgauge.plan.nodes import Join, Leg

REASON = "_reason"  # `reason` is a column of agent_time
PART = "_part"
_MICROSECONDS = 1_000_000


def flat(name: str) -> exp.Expr:
    """Write a name as the column that a scan offers for it."""
    return column(name)


def scan(leg: Leg, read: tuple[str, ...], dialect: Dialect) -> exp.Select:
    """Build the innermost SELECT of a leg.

    Args:
        leg: What to read.
        read: The names that are wanted above.
        dialect: The engine's differences.
    """
    columns = _columns(leg)
    reasons = [
        exp.If(this=truth(render(condition, columns, dialect)), true=cast(number(place), "TINYINT"))
        for place, (_, condition) in enumerate(leg.left_out)
    ]
    query = exp.Select().select(
        *(named(columns(name), name) for name in read),
        *(named(render(key.expression, columns, dialect), f"by_{key.name}") for key in leg.keys),
        *([named(exp.Case(ifs=reasons), REASON)] if reasons else []),
        *([named(render(leg.part, columns, dialect), PART)] if leg.part is not None else []),
        copy=False,
    )
    if not query.expressions:
        query = query.select(named(number(1), "one"))
    query = query.from_(_source(leg, dialect), copy=False)
    for join in leg.joins:
        key, on = column(join.key, join.table), column(join.on, leg.fact)
        matches = exp.EQ(this=on, expression=key)
        query = query.join(_told(join), on=matches, join_type="left")
    for condition in _range(leg, dialect):
        query = query.where(condition)
    if leg.where is not None:
        query = query.where(truth(render(leg.where, columns, dialect)))
    if leg.part is not None:
        part = render(leg.part, columns, dialect)
        query = query.where(exp.Not(this=exp.Is(this=part, expression=exp.null())))
    return query


def _told(join: Join) -> exp.Expr:
    """Take the rows that say anything: the others need not be looked up to give NULL."""
    names = dict.fromkeys((join.key, *join.columns))
    known = (
        exp.Not(this=exp.Is(this=column(name), expression=exp.null())) for name in join.columns
    )
    rows = (
        exp.Select()
        .select(*map(column, names))
        .from_(exp.to_table(join.table))
        .where(exp.or_(*known))
    )
    if join.only is not None:
        name, value = join.only
        rows = rows.where(exp.EQ(this=column(name), expression=text(value)))
    return _subquery(rows, join.table)


def _columns(leg: Leg) -> Callable[[str], exp.Expr]:
    joined = {join.table for join in leg.joins}

    def columns(name: str) -> exp.Expr:
        table, _, rest = name.partition(".")
        if rest and table in joined:
            return column(rest, table)
        return column(name, leg.fact)

    return columns


def _range(leg: Leg, dialect: Dialect) -> list[exp.Expr]:
    """Keep what lies in the range; what lasts does so itself, several clocks by `at`."""
    if leg.spread is not Spread.NONE or leg.windows:
        return []
    at = column(leg.clocks[0] if len(leg.clocks) == 1 else "at", leg.fact)
    kept: list[exp.Expr] = []
    if leg.start is not None:
        kept.append(exp.GTE(this=at.copy(), expression=dialect.moment(leg.start)))
    if leg.end is not None:
        kept.append(exp.LT(this=at.copy(), expression=dialect.moment(leg.end)))
    return kept or [exp.Not(this=exp.Is(this=at, expression=exp.null()))]


def _source(leg: Leg, dialect: Dialect) -> exp.Expr:
    if leg.spread is not Spread.NONE:
        return _subquery(_pieces(leg, dialect), leg.fact)
    if leg.days is not None:
        return _subquery(days(leg, leg.days, dialect), leg.fact)
    if leg.alive is not None:
        return _subquery(lives(leg, leg.alive, dialect), leg.fact)
    if len(leg.clocks) > 1:
        return _subquery(_clocks(leg), leg.fact)
    return exp.to_table(leg.fact)


def _subquery(query: exp.Expr, name: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))


def _clocks(leg: Leg) -> exp.Select:
    """Let each row stand once for each of its clocks."""
    listed = exp.Values(
        expressions=[exp.Tuple(expressions=[text(clock)]) for clock in leg.clocks],
        alias=exp.TableAlias(
            this=exp.to_identifier("clocks"), columns=[exp.to_identifier("clock", quoted=True)]
        ),
    )
    at = exp.Case(
        ifs=[
            exp.If(
                this=exp.EQ(this=column("clock", "clocks"), expression=text(clock)),
                true=column(clock, leg.fact),
            )
            for clock in leg.clocks
        ]
    )
    return (
        exp.Select()
        .select(
            *(column(name, leg.fact) for name in leg.columns),
            column("clock", "clocks"),
            named(at, "at"),
        )
        .from_(exp.to_table(leg.fact))
        .join(listed, join_type="cross")
    )


def _pieces(leg: Leg, dialect: Dialect) -> exp.Select:
    """Cut intervals to the range, and at bucket edges; see `Leg`."""
    own = [column(name) for name in leg.columns]
    started = dialect.microseconds(column("started_at"))
    ended = dialect.microseconds(column("ended_at"))
    low: exp.Expr = started
    high: exp.Expr = function(
        "greatest", function("coalesce", ended, started.copy()), started.copy()
    )
    kept: list[exp.Expr] = []
    if leg.end is not None:
        edge = cast(number(int(leg.end.timestamp()) * _MICROSECONDS), "BIGINT")
        high = function("least", high, edge)
        kept.append(exp.LT(this=column("started_at"), expression=dialect.moment(leg.end)))
    if leg.start is not None:
        edge = cast(number(int(leg.start.timestamp()) * _MICROSECONDS), "BIGINT")
        low = function("greatest", low, edge)
        begins = exp.GTE(this=column("started_at"), expression=dialect.moment(leg.start))
        reaches = exp.GT(this=column("ended_at"), expression=dialect.moment(leg.start))
        kept.append(exp.paren(exp.or_(begins, reaches)))
    kept = kept or [exp.Not(this=exp.Is(this=column("started_at"), expression=exp.null()))]
    parts = exp.Select().select(*own, named(low, "low"), named(high, "high"))
    parts = parts.from_(exp.to_table(leg.fact))
    for condition in kept:
        parts = parts.where(condition)
    if not leg.pieces_s:
        piece = _Piece(column("low"), column("high"), exp.true())
        return _measured(leg, parts, piece, dialect)
    step = leg.pieces_s * _MICROSECONDS
    first = floor_division(column("low"), step)
    last = floor_division(exp.Sub(this=column("high"), expression=number(1)), step)
    cut = (
        exp.Select()
        .select(*own, column("low"), column("high"), named(first.copy(), "first"))
        .select(named(dialect.series(first, last), "piece"))
        .from_(_subquery(parts, "parts"))
    )
    width = cast(number(step), "BIGINT")
    begin = exp.Mul(this=column("piece"), expression=width)
    end = exp.Add(this=begin.copy(), expression=width.copy())
    piece = _Piece(
        begin=function("greatest", column("low"), begin),
        end=function("least", column("high"), end),
        opens=exp.EQ(this=column("piece"), expression=column("first")),
    )
    return _measured(leg, cut, piece, dialect)


@dataclass(frozen=True, slots=True)
class _Piece:
    begin: exp.Expr
    end: exp.Expr
    opens: exp.Expr


def _measured(
    leg: Leg,
    parts: exp.Select,
    piece: _Piece,
    dialect: Dialect,
) -> exp.Select:
    span = exp.paren(exp.Sub(this=piece.end, expression=piece.begin))
    known = exp.Not(this=exp.Is(this=column("ended_at"), expression=exp.null()))
    seconds = exp.Div(this=cast(span, "DOUBLE"), expression=number(_MICROSECONDS))
    return (
        exp.Select()
        .select(
            *(column(name) for name in leg.columns),
            named(dialect.instant(piece.begin.copy()), "at"),
            named(conditional(known, seconds), "seconds"),
            named(piece.opens, "opens"),
        )
        .from_(_subquery(parts, "parts"))
    )
