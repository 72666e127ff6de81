"""What is a table, and what may stand in its columns?"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Type(enum.Enum):
    """The types a column may have; every engine and file format maps onto these."""

    TEXT = "text"
    BOOL = "bool"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"  # DECIMAL(18,4), in the currency of the row
    TIME = "time"  # an instant, stored in UTC with microseconds
    DATE = "date"
    JSON = "json"  # an object, stored as text


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Attributes:
        name: The header; ends in `_at` for instants, `_on` for days, `_s` for seconds.
        type: What may stand in it; an unknown is NULL.
        meaning: One sentence for people.
        values: The allowed values of an enumeration, empty when anything goes.
        derived: True when dialgauge computes it at load; such a header in a file is ignored.
        personal: True when it tells who someone is; such values are erased on request.
    """

    name: str
    type: Type
    meaning: str
    values: tuple[str, ...] = ()
    derived: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table of the lake.

    Attributes:
        name: Also the folder in the lake.
        key: The column that names a row; always text, never NULL.
        clock: The fact's own time, needed in every row; NULL for tables without one.
        columns: In the order they are stored; the key comes first.
        meaning: One sentence for people.
        by_month: True when stored in one folder a month of the clock.
        derived: True when dialgauge computes the whole table.
        made_from: The table whose import makes it, for a derived one.
    """

    name: str
    key: str
    clock: str | None
    columns: tuple[Column, ...]
    meaning: str
    by_month: bool = False
    derived: bool = False
    made_from: str = ""

    @property
    def types(self) -> Mapping[str, Type]:
        """Column name to type, in order."""
        return {column.name: column.type for column in self.columns}

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
