"""What does a fact count or add up?"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal


class Aggregate(enum.Enum):
    """How many rows become one number."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT = "distinct"
    MIN = "min"
    MAX = "max"
    QUANTILE = "quantile"
    TIME_TO = "time_to"  # until a share of the rows has come to their event; see `instead`
    EXPECTED_VALUE = "expected_value"  # of customers, over the months to come

    @property
    def additive(self) -> bool:
        """Whether numbers of disjoint parts add up to the number of the whole."""
        return self in (Aggregate.COUNT, Aggregate.SUM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An aggregate with a condition, owned by a fact.

    Attributes:
        aggregate: How rows become a number.
        of: The expression that is aggregated, over the fact's columns; empty counts rows.
        where: The condition a row must meet, empty for every row.
        clock: The time column it is counted on; empty for the fact's own.
        fraction: The quantile, 0-1; interpolated linearly for `Aggregate.QUANTILE`, the share
            that has come to the event for `Aggregate.TIME_TO`.
        event: Which rows have come to the event that is waited for; only for TIME_TO. Rows that
            have not are known to wait for so long already.
        instead: Which rows have come to another end, after which the event cannot come any more.
        empty: What no rows give: 0 for counts, None (unknown) where nothing can be said.
        matures_in: Seconds after the clock when a row's outcome is known; younger rows do not
            count and the answer says how many. None when it is known at once.
        trailing: Seconds before the period's end from which rows count, wherever the period
            begins; None for the period itself. Such a measure cannot be cut into buckets.
        meaning: One sentence for people.
    """

    aggregate: Aggregate
    of: str = ""
    where: str = ""
    clock: str = ""
    fraction: Decimal | None = None
    event: str = ""
    instead: str = ""
    empty: int | None = None
    matures_in: int | None = None
    trailing: int | None = None
    meaning: str = ""


def count(
    where: str = "",
    *,
    clock: str = "",
    matures_in: int | None = None,
    trailing: int | None = None,
) -> Measure:
    """Count the rows that meet a condition."""
    return Measure(
        aggregate=Aggregate.COUNT,
        where=where,
        clock=clock,
        matures_in=matures_in,
        trailing=trailing,
        empty=0,
    )


def total(
    of: str,
    where: str = "",
    *,
    clock: str = "",
    empty: int | None = 0,
    matures_in: int | None = None,
) -> Measure:
    """Add up an expression over the rows that meet a condition."""
    return Measure(
        aggregate=Aggregate.SUM,
        of=of,
        where=where,
        clock=clock,
        empty=empty,
        matures_in=matures_in,
    )


def distinct(
    of: str, where: str = "", *, clock: str = "", matures_in: int | None = None
) -> Measure:
    """Count the different known values of an expression."""
    return Measure(
        aggregate=Aggregate.DISTINCT,
        of=of,
        where=where,
        clock=clock,
        matures_in=matures_in,
        empty=0,
    )


def quantile(
    of: str,
    fraction: str,
    where: str = "",
    *,
    clock: str = "",
    matures_in: int | None = None,
) -> Measure:
    """Take the value below which a share of the known values lies.

    Example:
        >>> quantile("talk_s", "0.9").fraction
        Decimal('0.9')
    """
    return Measure(
        aggregate=Aggregate.QUANTILE,
        of=of,
        where=where,
        clock=clock,
        fraction=Decimal(fraction),
        matures_in=matures_in,
    )


def median(of: str, where: str = "", *, clock: str = "", matures_in: int | None = None) -> Measure:
    """Take the middle of the known values."""
    return quantile(of, "0.5", where, clock=clock, matures_in=matures_in)


def time_to(of: str, event: str, where: str = "", *, instead: str = "", clock: str = "") -> Measure:
    """Find how long it takes until half of the rows have come to an event.

    Args:
        of: How long each row has waited, until now or until it came to an end.
        event: Which rows have come to the event.
        where: Which rows count.
        instead: Which rows have come to another end.
        clock: The time column rows are counted on.
    """
    return Measure(
        aggregate=Aggregate.TIME_TO,
        of=of,
        where=where,
        clock=clock,
        fraction=Decimal("0.5"),
        event=event,
        instead=instead,
    )


def expected_value(where: str = "", *, clock: str = "") -> Measure:
    """Add up what customers are expected to be worth over the months to come."""
    return Measure(aggregate=Aggregate.EXPECTED_VALUE, where=where, clock=clock)
