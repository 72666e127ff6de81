"""How do rows that SQL understands become a table that the lake can take in?

A source says, column by column, which SQL makes it; here the rest of the contract of `base` is
kept: all columns, in order and typed, the row's number, its file, its problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from dialgauge.model.table import Table
from dialgauge.sources.base import (
    FILE,
    PROBLEM,
    RAW,
    ROW,
    Staged,
    new_relation,
    stored_columns,
)
from dialgauge.tables.storage import DUCKDB_TYPES, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How rows of some SQL become rows of a canonical table.

    Attributes:
        columns: Canonical column to the SQL expression that makes it.
        rows: What stands behind FROM.
        row: SQL of the row's number, unique over all shapes of the same table.
        file: SQL of the file it came from.
        problem: SQL of the reason why it may not be taken in, NULL when it may.
        raw: SQL of the row as it was, JSON; kept where there is a problem.
    """

    columns: Mapping[str, str]
    rows: str
    row: str = ROW
    file: str = FILE
    problem: str = "NULL"
    raw: str = "NULL"


def stage_shapes(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    shapes: Sequence[Shape],
    notes: Iterable[str] = (),
    present: Iterable[str] = (),
) -> Staged:
    """Make the temporary table of one canonical table.

    Args:
        con: Where the rows are and where the table shall be.
        table: The canonical table.
        shapes: One after the other.
        notes: What to tell people.
        present: The columns that the source knows; by default those that any shape makes.

    Raises:
        ConversionException: An expression made what the column's type cannot hold; a shape must
            use TRY_CAST and say the problem instead.
    """
    relation = new_relation(con, table)
    rows = " UNION ALL ".join(_select(table, shape) for shape in shapes)
    con.execute(f"CREATE TEMP TABLE {relation} AS {rows}")
    known = set(present) or {name for shape in shapes for name in shape.columns}
    order = tuple(column.name for column in stored_columns(table) if column.name in known)
    return Staged(table=table, relation=relation, present=order, notes=tuple(notes))


def with_parts(con: duckdb.DuckDBPyConnection, staged: Staged, names: str) -> Staged:
    """Say what else names that which rows are made of; see `Staged.parts`.

    Args:
        con: Where the rows are.
        staged: The rows.
        names: A query of one column.
    """
    parts = f"{staged.relation}_parts"
    con.execute(f"CREATE TEMP TABLE {parts} AS SELECT * FROM ({names}) AS names(key)")
    return replace(staged, parts=parts)


def _select(table: Table, shape: Shape) -> str:
    listed = ", ".join(
        f"CAST({shape.columns.get(column.name, 'NULL')} AS {DUCKDB_TYPES[column.type]}) "
        f"{quoted(column.name)}"
        for column in stored_columns(table)
    )
    problem = f"CAST({shape.problem} AS VARCHAR)"
    return (
        f"SELECT {listed}, CAST({shape.row} AS BIGINT) {ROW}, CAST({shape.file} AS VARCHAR) {FILE},"
        f" {problem} {PROBLEM},"
        f" CASE WHEN {problem} IS NOT NULL THEN CAST({shape.raw} AS VARCHAR) END {RAW}"
        f" FROM {shape.rows}"
    )
