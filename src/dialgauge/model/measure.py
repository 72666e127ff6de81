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
        fraction: The quantile, 0-1; only for `Aggregate.QUANTILE`, interpolated linearly.
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
