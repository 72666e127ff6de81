"""How does one table follow from others?

Beside calls, whose derived columns are kept up to date batch by batch, everything derived is
small enough to be worked out anew from what is stored; only rows that came out differently are
written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialgauge.model.rules import Rules
from dialgauge.prepare.scratch import Scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a step works on.

    Attributes:
        scratch: Where relations are made.
        own: Relation with the rows of the step's own table whose derived columns are wanted:
            a batch about to be stored, or all that is stored. Columns that are derived may be
            missing from it.
        views: Table name to a view of all its stored rows.
        rules: What the team decided.
    """

    scratch: Scratch
    own: str
    views: Mapping[str, str]
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a table's derived columns, or all its rows, are worked out.

    Attributes:
        table: The table.
        reads: The other tables it follows from; its own where rows depend on each other.
        rows: Writes the query that gives all columns of the table, in their order and types:
            for a derived table all its rows, else the rows of `Given.own`.
    """

    table: str
    reads: frozenset[str]
    rows: Callable[[Given], str]
