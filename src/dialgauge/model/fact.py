"""What happens, when, and by what can it be split?"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialgauge.model.measure import Measure
from dialgauge.model.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A many-to-one reference to the row of another table.

    Attributes:
        table: The table looked up; its columns are read as `table.column`.
        on: The column of the fact that holds the other table's key.
        key: The other table's column of that key; empty for the one that names its rows.
        asked: The dimension that tells the other table's rows of one key apart, where there are
            several: its column `asked_<dimension>` holds what a question's filters hold the
            dimension to, such as `experiment = 'a'`, and '' where they hold it to nothing.
    """

    table: str
    on: str
    key: str = ""
    asked: str = ""


class Spread(enum.Enum):
    """How one row covers more than one bucket of time."""

    NONE = "none"
    INTERVAL = "interval"  # seconds between two instants, split at bucket edges


ALIVE = "alive"
"""The clock of measures that are counted on rows alive in a bucket, not on one of their times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """From when until when a row is alive, such as an open deal.

    A measure on the clock `alive` counts in every bucket that a part of the row's life lies in;
    its condition says which of them it means, by the names `bucket_start` and `bucket_end`.

    Attributes:
        since: The time column of its beginning.
        until: The time column of its end; NULL while it lasts.
    """

    since: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Over which days the number in a row is spread, evenly.

    In measures the name `portion` stands for the part of the number that falls on the days of
    the bucket: what is due by its last day less what is due before its first, each rounded to
    0.0001, so that portions of any buckets add up to the whole.

    Attributes:
        first: The column of the first day.
        last: The column of the last day, included.
        portion_of: The column that is spread.
    """

    first: str
    last: str
    portion_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """How a fact tells that its money cannot be added up.

    Attributes:
        missing: Which rows lack their value in the lake's currency.
        currency: The column with the currency of the values.
        days: The columns, the first known one, that say of which day the rate is; empty for the
            fact's own clock.
    """

    missing: str = "amount is not null and value is null"
    currency: str = "value_currency"
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A table of things that happen, with what may be measured on it.

    Attributes:
        table: Where its rows live.
        dimensions: Dimension name to an expression over the columns and lookups.
        measures: Measure name to measure.
        lookups: The references its dimensions and measures may use.
        clocks: The time columns a measure may be counted on; the first is the fact's own.
        left_out: Reason to condition: rows that never count, and are reported.
        spread: How a row covers time; with INTERVAL the name `seconds` in a measure stands for
            the part of `started_at`..`ended_at` that lies in the bucket.
        alive: From when until when rows live, for measures on the clock `alive`.
        days: Over which days a row's number is spread; all its measures are then.
        money: When its money cannot be added up; None without money.
        placed: Columns of the time where the called party is, which is not always known; answers
            that read them say how many rows they leave out.
    """

    table: Table
    dimensions: Mapping[str, str]
    measures: Mapping[str, Measure]
    lookups: tuple[Lookup, ...] = ()
    clocks: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    spread: Spread = Spread.NONE
    alive: Alive | None = None
    days: Days | None = None
    money: Money | None = None
    placed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The fact's name, its table's."""
        return self.table.name

    @property
    def measured(self) -> bool:
        """Whether its numbers are recorded in full, such as hours and costs, and not sampled."""
        return self.spread is not Spread.NONE or self.days is not None
