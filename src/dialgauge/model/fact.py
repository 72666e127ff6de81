"""What happens, when, and by what can it be split?"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialgauge.model.measure import Measure
from dialgauge.model.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A many-to-one reference to the row of another table, by that table's key.

    Attributes:
        table: The table looked up; its columns are read as `table.column`.
        on: The column of the fact that holds the other table's key.
    """

    table: str
    on: str


class Spread(enum.Enum):
    """How one row covers more than one bucket of time."""

    NONE = "none"
    INTERVAL = "interval"  # seconds between two instants, split at bucket edges


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
    """

    table: Table
    dimensions: Mapping[str, str]
    measures: Mapping[str, Measure]
    lookups: tuple[Lookup, ...] = ()
    clocks: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    spread: Spread = Spread.NONE

    @property
    def name(self) -> str:
        """The fact's name, its table's."""
        return self.table.name
