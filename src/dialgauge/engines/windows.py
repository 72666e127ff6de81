"""How do rows that last stand in time buckets?

The buckets are a list in the statement, joined to the fact by overlap: a row alive in three
months stands three times, and a cost of ninety days once for each bucket its days lie in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlglot import exp

from dialgauge.engines.dialect import Dialect, cast, column, function, named, number, text
from dialgauge.engines.sql_expression import conditional
from dialgauge.model.fact import ALIVE, Alive, Days
from dialgauge.plan.nodes import Leg, Window

_BOUNDS = ("clock", "bucket_start", "bucket_end", "first", "after", "whole")
_WINDOWS = "windows"


def lives(leg: Leg, alive: Alive, dialect: Dialect) -> exp.Select:
    """Let each row stand once for each of its clocks, and for each window it is alive in."""
    clock, start, end = (column(name, _WINDOWS) for name in _BOUNDS[:3])
    is_alive = exp.EQ(this=clock, expression=text(ALIVE))
    since, until = column(alive.since, leg.fact), column(alive.until, leg.fact)
    times = [
        exp.If(this=exp.EQ(this=clock.copy(), expression=text(name)), true=column(name, leg.fact))
        for name in leg.clocks
    ]
    at = exp.Case(ifs=[*times, exp.If(this=is_alive, true=start)])
    here = exp.and_(
        is_alive.copy(),
        exp.LT(this=since, expression=end),
        exp.or_(
            exp.Is(this=until, expression=exp.null()),
            exp.Is(this=start.copy(), expression=exp.null()),
            exp.GTE(this=until.copy(), expression=start.copy()),
        ),
    )
    kept = exp.paren(exp.or_(here, *(_in_range(leg, name, dialect) for name in leg.clocks)))
    rows = [*(Window() for _ in leg.clocks), *leg.windows]
    clocks = [*leg.clocks, *(ALIVE for _ in leg.windows)]
    return (
        _standing(leg, ("clock", "bucket_start", "bucket_end", "whole"))
        .select(named(at, "at"))
        .join(_listed(rows, clocks, dialect), on=kept, join_type="inner")
    )


def days(leg: Leg, spread: Days, dialect: Dialect) -> exp.Select:
    """Let each row stand once for each window some of its days lie in, with its portion."""
    first = column(spread.first, leg.fact)
    last = function("greatest", column(spread.last, leg.fact), first.copy())
    last = exp.Coalesce(this=last, expressions=[first.copy()])
    opens, closes = column("first", _WINDOWS), column("after", _WINDOWS)
    begins, ends, low, high = map(dialect.day_number, (first, last, opens, closes))
    length = exp.paren(exp.Add(this=exp.Sub(this=ends, expression=begins), expression=number(1)))
    before = _within(exp.Sub(this=low, expression=begins.copy()), number(0), length)
    through = _within(exp.Sub(this=high, expression=begins.copy()), length.copy(), length)
    value = column(spread.portion_of, leg.fact)
    portion = dialect.share(value, through, length.copy())
    portion = exp.Sub(this=portion, expression=dialect.share(value.copy(), before, length.copy()))
    overlap = exp.and_(
        exp.Not(this=exp.Is(this=first.copy(), expression=exp.null())),
        exp.paren(
            exp.or_(
                exp.Is(this=closes.copy(), expression=exp.null()),
                exp.LT(this=first.copy(), expression=closes.copy()),
            )
        ),
        exp.paren(
            exp.or_(
                exp.Is(this=opens.copy(), expression=exp.null()),
                exp.GTE(this=last.copy(), expression=opens.copy()),
            )
        ),
    )
    return (
        _standing(leg, ())
        .select(named(column("bucket_start", _WINDOWS), "at"), named(portion, "portion"))
        .join(_listed(leg.windows, [""] * len(leg.windows), dialect), on=overlap)
    )


def _standing(leg: Leg, bounds: Sequence[str]) -> exp.Select:
    own = (column(name, leg.fact) for name in leg.columns)
    return (
        exp.Select()
        .select(*own, *(column(name, _WINDOWS) for name in bounds))
        .from_(exp.to_table(leg.fact))
    )


def _within(days_: exp.Expr, unknown: exp.Expr, most: exp.Expr) -> exp.Expr:
    """Keep a number of days between none and all; an open window has its own."""
    clamped = function("greatest", function("least", exp.paren(days_), most.copy()), number(0))
    return exp.Coalesce(this=_known(days_, clamped), expressions=[unknown])


def _known(asked: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Write a value that is NULL where what was asked is: `least` and `greatest` skip NULLs."""
    is_known = exp.Not(this=exp.Is(this=exp.paren(asked.copy()), expression=exp.null()))
    return conditional(is_known, value)


def _in_range(leg: Leg, clock: str, dialect: Dialect) -> exp.Expr:
    at = column(clock, leg.fact)
    parts: list[exp.Expr] = [exp.EQ(this=column("clock", _WINDOWS), expression=text(clock))]
    parts.append(exp.Not(this=exp.Is(this=at, expression=exp.null())))
    if leg.start is not None:
        parts.append(exp.GTE(this=at.copy(), expression=dialect.moment(leg.start)))
    if leg.end is not None:
        parts.append(exp.LT(this=at.copy(), expression=dialect.moment(leg.end)))
    return exp.and_(*parts)


def _listed(windows: Sequence[Window], clocks: Sequence[str], dialect: Dialect) -> exp.Expr:
    rows = [
        exp.Tuple(
            expressions=[
                text(clock),
                _moment(window.start, dialect),
                _moment(window.end, dialect),
                _day(window.first),
                _day(window.after),
                exp.true() if window.whole else exp.false(),
            ]
        )
        for window, clock in zip(windows, clocks, strict=True)
    ]
    names = [exp.to_identifier(name, quoted=True) for name in _BOUNDS]
    alias = exp.TableAlias(this=exp.to_identifier(_WINDOWS), columns=names)
    return exp.Values(expressions=rows, alias=alias)


def _moment(at: dt.datetime | None, dialect: Dialect) -> exp.Expr:
    return cast(exp.null(), "TIMESTAMPTZ") if at is None else dialect.moment(at)


def _day(day: dt.date | None) -> exp.Expr:
    return cast(exp.null() if day is None else text(day.isoformat()), "DATE")
