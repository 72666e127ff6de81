"""Where do half-finished results live?

In temporary tables and views of the caller's connection, under names nobody else uses.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb

from dialgauge.tables.storage import quoted

DAY_US = 86_400_000_000
"""Microseconds in 24 hours, however many hours a calendar day has."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table to be stored by key.

    Attributes:
        relation: Name of the relation with all columns of the table.
        keys: Name of one with the key and the clock of the very same rows, where that costs less
            to read; else empty.
    """

    relation: str
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Temporary relations of one run in one connection.

    Attributes:
        con: The connection they live in.
        names: Relation name to TABLE or VIEW, in the order they were made.
    """

    con: duckdb.DuckDBPyConnection
    names: dict[str, str] = field(default_factory=dict)

    def table(self, word: str, select: str) -> str:
        """Run a query now, keep its rows and return the table's name.

        Args:
            word: What is in it, for people who look into a plan.
            select: The query.
        """
        return self._create("TABLE", word, select)

    def view(self, word: str, select: str) -> str:
        """Keep a query for later and return the view's name."""
        return self._create("VIEW", word, select)

    def count(self, relation: str) -> int:
        """Return how many rows a relation has."""
        return int(self.row(f"SELECT count(*) FROM {relation}")[0])

    def row(self, select: str) -> tuple[int, ...]:
        """Run a query that gives one row of numbers and return it, NULL as 0."""
        (row,) = self.con.execute(select).fetchall()
        return tuple(0 if value is None else int(value) for value in row)

    def columns(self, relation: str) -> tuple[str, ...]:
        """Return the names of a relation's columns."""
        described = self.con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        return tuple(str(name) for name, *_ in described)

    def drop(self, names: Iterable[str]) -> None:
        """Forget relations that nothing reads any more."""
        for name in names:
            self.con.execute(f"DROP {self.names.pop(name)} {name}")

    def _create(self, kind: str, word: str, select: str) -> str:
        name = f"prepared_{word}_{uuid.uuid4().hex[:12]}"
        self.con.execute(f"CREATE TEMP {kind} {name} AS {select}")
        self.names[name] = kind
        return name


def listed(names: Iterable[str], relation: str = "") -> str:
    """Write column names for a SELECT, of one relation when it is given.

    Example:
        >>> listed(["call_id", "source"], "b")
        'b."call_id", b."source"'
    """
    prefix = f"{relation}." if relation else ""
    return ", ".join(prefix + quoted(name) for name in names)
