"""What does an engine have to do?

A `Plan` is data. Each `Leg` reads one fact once, filters it, groups it and computes aggregates;
legs are stacked, picked by key, and `Output` formulas are computed on top. Expressions in a leg
read the fact's columns by name, looked-up columns as `table.column`, and these names besides:

- `seconds`: the part of an interval inside the bucket and the range (legs with a spread)
- `opens`: whether this part is the interval's first (legs with a spread)
- `clock`: the name of the clock a row stands for (legs with several clocks, or with windows)
- `at`: the time of that clock, or the start of the window
- `bucket_start`, `bucket_end`, `whole`: the window a row is alive in (legs with `alive`)
- `portion`: the part of a row's number that falls on the window's days (legs with `days`)
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from dataclasses import dataclass

from dialgauge.model.expression import Expression
from dialgauge.model.fact import Alive, Days, Spread
from dialgauge.model.question import Grain
from dialgauge.model.table import Type


@dataclass(frozen=True, slots=True)
class Offset:
    """From an instant on, local time is so far ahead of UTC.

    Attributes:
        since: The first second it holds, in seconds since 1970 UTC; None for the first of a list.
        seconds: Local time less UTC.
    """

    since: int | None
    seconds: int


@dataclass(frozen=True, slots=True)
class Bucket(Expression):
    """The time bucket an instant falls in; NULL for an unknown instant.

    For hours, the UTC second (since 1970, an integer) at which the local hour begins, so that the
    two hours of an autumn night stay apart; where clocks land in the middle of an hour, that hour
    begins there. For longer grains the first local day, a date.

    Attributes:
        at: The instant.
        grain: The width.
        offsets: The zone, as far as the data reaches, earliest first; never empty.
        week_starts: 1 for Monday to 7 for Sunday.
    """

    at: Expression
    grain: Grain
    offsets: tuple[Offset, ...]
    week_starts: int = 1


class Function(enum.Enum):
    """What an aggregate computes over the rows whose `where` is true and argument is known."""

    COUNT = "count"  # of rows; of known arguments when there is one
    SUM = "sum"  # NULL when there are none
    SUM_OF_SQUARES = "sum_of_squares"  # as a floating number
    SUM_OF_PRODUCTS = "sum_of_products"  # of argument and other, as a floating number
    DISTINCT = "distinct"
    MIN = "min"
    MAX = "max"
    QUANTILES = "quantiles"  # a list, one for each of `fractions`, interpolated linearly
    TUPLES = "tuples"  # a list of (argument, *more) in any order; NULL when there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """One aggregate column of a leg.

    Attributes:
        name: The column's name, unique in the plan.
        function: What is computed.
        argument: What it is computed of; None counts rows.
        other: The second factor of products.
        more: What stands beside the argument in tuples; all are numbers.
        where: Which rows count; None for all of the leg.
        where_in_total: Which rows count in the total row, where those are others than in groups.
        fractions: The quantiles wanted, ascending, 0-1; of TUPLES of (time, 1 for the event or 2
            for another end) the share that has come to the event.
        picked: Which of them, counted from 0, outputs see when they read this column.
        type: The type of the result; QUANTILES give a list of numbers, TUPLES a
            list of such lists.
    """

    name: str
    function: Function
    argument: Expression | None = None
    other: Expression | None = None
    more: tuple[Expression, ...] = ()
    where: Expression | None = None
    where_in_total: Expression | None = None
    fractions: tuple[float, ...] = ()
    picked: int = 0
    type: Type = Type.NUMBER

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All expressions that the column is made of."""
        parts = (self.argument, self.other, *self.more, self.where, self.where_in_total)
        return tuple(part for part in parts if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A left join to the one row of another table that has this key.

    Attributes:
        table: The other table.
        on: The fact's column.
        key: The other table's key column.
        columns: The other table's columns that are read; as `table.column` in expressions.
        only: A column of the other table and the value it must have, which tells its rows of one
            key apart; None where a key has one row.
    """

    table: str
    on: str
    key: str
    columns: tuple[str, ...]
    only: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A column to group by.

    Attributes:
        name: `period` or the dimension's name.
        expression: What it is in this leg.
        type: INTEGER for hour buckets (seconds since 1970) and numbers, DATE for longer buckets.
    """

    name: str
    expression: Expression
    type: Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time that rows may be alive in, or have days in.

    Attributes:
        start: The first instant inside; None for no bound.
        end: The first instant after; None for no bound.
        first: The first day inside; None for no bound.
        after: The first day after; None for no bound.
        whole: Whether it is the whole period beside its buckets, which only the total row reads.
    """

    start: dt.datetime | None = None
    end: dt.datetime | None = None
    first: dt.date | None = None
    after: dt.date | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One pass over one fact.

    Rows are kept when their clock lies in [start, end) and `where` is true; a row whose clock is
    unknown is never kept. With several clocks, a row stands once for each of its clocks that is
    known and in range.

    With a spread, a row is the interval from `started_at` to `ended_at` (to `started_at` itself
    when that is unknown or earlier), and is kept when it begins before `end` and either ends
    after `start` or begins at or after it. The part in range, from `low` to `high`, is cut at
    every UTC multiple of `pieces_s` seconds (not at all when that is 0) and each piece stands as
    a row of its own: `at` is its start, `seconds` its length (NULL when `ended_at` is unknown),
    `opens` whether it is the first. There is always a first piece, even an empty one.

    With `alive`, a row stands besides, as clock `alive`, once for each window that a part of its
    life lies in: it began before the window's end (its beginning is known), and had not ended
    before the window's start. `bucket_start` and `bucket_end` are the window's ends, NULL for
    rows of other clocks; `whole` tells the window of the whole period. Where there are buckets
    beside it, rows that stand for it make no group and are in the total alone.

    With `days`, a row stands for each window that some of its days lie in, and for nothing else.
    A row lasts from its first day to its last, both included; when the last is unknown or before
    the first, for the first day only. `portion` is the number's share of the days up to the
    window's end less that of the days before the window, each cut off (towards 0) to 0.0001.

    A row that meets a `left_out` condition counts in no aggregate, only in the count of the first
    reason that is true.

    Attributes:
        fact: The table.
        columns: The fact's columns that are read.
        joins: Looked-up tables.
        clocks: The time columns; more than one makes rows stand for each.
        start: First instant (UTC) inside; None for no bound.
        end: First instant (UTC) after; None for no bound.
        where: Filters and row rules.
        part: A text by whose values the whole answer is parted, in all legs of a plan or in
            none; rows where it is unknown are not kept.
        keys: What to group by, the same names in every leg of a plan.
        aggregations: What to compute.
        left_out: Reason, as `fact.reason`, and condition, in order.
        spread: How rows cover time.
        pieces_s: Cut intervals at UTC multiples of so many seconds; 0 for no cut.
        alive: From when until when rows live; None when no measure asks.
        days: Over which days numbers are spread; None when they are not.
        windows: The buckets that rows are alive in or have days in, none overlapping, and
            perhaps the whole period.
    """

    fact: str
    columns: tuple[str, ...]
    joins: tuple[Join, ...] = ()
    clocks: tuple[str, ...]
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    where: Expression | None = None
    part: Expression | None = None
    keys: tuple[Key, ...] = ()
    aggregations: tuple[Aggregation, ...]
    left_out: tuple[tuple[str, Expression], ...] = ()
    spread: Spread = Spread.NONE
    pieces_s: int = 0
    alive: Alive | None = None
    days: Days | None = None
    windows: tuple[Window, ...] = ()

    @property
    def several(self) -> bool:
        """Whether a row may stand for more than one clock, so that `clock` must be asked."""
        return len(self.clocks) + (self.alive is not None) > 1

    @property
    def bucketed(self) -> bool:
        """Whether rows stand for buckets, and besides for the whole period in the total alone."""
        return len(self.windows) > 1 and any(window.whole for window in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A number computed from aggregates, such as a KPI.

    Attributes:
        name: The column's name.
        formula: An expression over aggregation names; dividing by zero or NULL gives NULL.
    """

    name: str
    formula: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole work for one question.

    An engine returns one Arrow table with these columns in this order: `left_out` (text),
    `is_total` (bool), for a parted plan `part` (text), each key, each aggregation of each leg,
    each output, `rows` (integer).

    Number rows have a NULL `left_out`: one for each combination of keys that has a kept row, not
    left out, in any leg, and, with `totals` or without keys, exactly one with `is_total` and NULL
    keys, even when no row was kept. A COUNT or DISTINCT of nothing is 0, any other aggregate
    NULL; outputs see it so. In the total row an aggregate counts by `where_in_total` if it has
    one.

    Left-out rows, one a reason that occurred, name it in `left_out`, have `is_total` true and say
    in `rows` how many there were; all else is NULL. In number rows `rows` is NULL.

    A parted plan is answered once for each value of its legs' `part` that any kept row, not left
    out, has, as if that were the filter; every row says in `part` which. Rows of `left_out` may
    stand for other values too.

    Attributes:
        legs: One a fact.
        outputs: Formulas on top.
        totals: Whether the row over all groups is wanted beside the groups.
    """

    legs: tuple[Leg, ...]
    outputs: tuple[Output, ...]
    totals: bool = True

    @property
    def parted(self) -> bool:
        """Whether there is an answer for each value of a column."""
        return self.legs[0].part is not None

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys all legs share."""
        return self.legs[0].keys

    @property
    def aggregations(self) -> tuple[Aggregation, ...]:
        """What all legs compute, leg after leg."""
        return tuple(node for leg in self.legs for node in leg.aggregations)

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table the plan reads, each once."""
        read = [name for leg in self.legs for name in (leg.fact, *(j.table for j in leg.joins))]
        return tuple(dict.fromkeys(read))

    @property
    def digest(self) -> str:
        """A text that is equal for equal plans, row rules included; the key of a cache."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPlan:
    """The rows behind a number: one leg without grouping.

    An engine returns the columns of `leg.columns`, rows that the leg keeps, that are not left out
    and that meet `condition`, each once, ordered by `order` and the key, at most `limit`.

    Attributes:
        leg: Which rows; its keys and aggregations are empty.
        condition: What the rows must meet besides.
        key: The fact's key column.
        order: The time column they are ordered by, unknown times last.
        limit: At most so many.
    """

    leg: Leg
    condition: Expression | None
    key: str
    order: str
    limit: int
