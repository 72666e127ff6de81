"""What does every source hand over?

A source reads paths and leaves, in a DuckDB connection, one temporary table for each canonical
table it fills. The contract of that table:

- all non-derived columns of the canonical table, in its order and typed as
  `tables.storage.DUCKDB_TYPES` says; what the source does not provide is NULL
- `_row BIGINT`: unique, growing in file order over all files of the request
- `_file VARCHAR`: the path the row came from, as it was given
- `_problem VARCHAR`: NULL when the row may be loaded, else one readable reason; rows of the same
  kind of problem share the same words, so reasons can be counted
- `_raw VARCHAR`: the original row as a JSON object, only where `_problem` is not NULL

No row of a file is ever lost: what cannot be read is a row with a problem. Keys are not made
unique here. A row whose key or clock is missing has a problem; where the lake has the rest of a
row (`Staged.from_lake`) it has the clock, too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import duckdb

from dialgauge.model.table import Column, Table

ROW, FILE, PROBLEM, RAW = "_row", "_file", "_problem", "_raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be read, and how.

    Attributes:
        paths: The files, in the order they were given.
        table: The canonical table, None when it shall be recognised.
        mapping: A mapping file, None when the headers are ours.
        timezone: IANA zone of times that carry none; empty when unset, which means UTC.
        options: What only some sources understand.
        phone_key: The lake's secret, with which phone numbers become tokens.
    """

    paths: tuple[Path, ...]
    table: str | None = None
    mapping: Path | None = None
    timezone: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    phone_key: bytes = b""


def nowhere(_file: str, _places: Sequence[int], _reason: str) -> str:
    """Say nothing of where rows stand; their numbers tell."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Rows ready to be taken in, and those that are not, with their reasons.

    Rows may be of such a kind that only the lake knows the rest, as when all that is said is that
    a record was deleted. `from_lake` then says what becomes of its row, and keys that the lake
    does not have are left out, as there is nothing to change.

    Attributes:
        table: The canonical table they belong to.
        relation: Name of the temporary table in the connection, an unquoted plain word.
        present: The canonical columns the source provides, in the table's order; the others are
            NULL because nobody said anything, not because they are unknown.
        unused: Headers of the files that nothing reads.
        notes: Sentences for people about what was decided while reading.
        where: Says where refused rows stand, as people see it: by their file, which rows of that
            file they are, from 1, and the reason. Empty when the numbers tell.
        parts: Relation whose column `key` has the further names of what the rows are made of, such
            as the legs of calls: what was refused under one of them is no longer missing. Empty
            when the keys name all.
        from_lake: Column to the SQL of its value, where that follows from the row that the lake
            has: `known` is that row, `said` the staged one. Empty when the rows tell all.
    """

    table: Table
    relation: str
    present: tuple[str, ...]
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    where: Callable[[str, Sequence[int], str], str] = nowhere
    parts: str = ""
    from_lake: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


Stage: TypeAlias = Callable[[duckdb.DuckDBPyConnection, Request], list[Staged]]
"""What each source offers under the name `stage`."""


def stored_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns a source may fill: those that dialgauge does not derive.

    Example:
        >>> from dialgauge.tables.calls import CALLS
        >>> [column.name for column in stored_columns(CALLS)][-2:]
        ['test', 'source']
    """
    return tuple(column for column in table.columns if not column.derived)


def new_relation(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Return a name for a temporary table that the connection does not use yet.

    Example:
        >>> from dialgauge.tables.agents import AGENTS
        >>> new_relation(duckdb.connect(), AGENTS)
        'staged_agents_1'
    """
    taken = {
        name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    } | {name for (name,) in con.execute("SELECT view_name FROM duckdb_views()").fetchall()}
    names = (f"staged_{table.name}_{number}" for number in itertools.count(1))
    return next(name for name in names if name not in taken)
