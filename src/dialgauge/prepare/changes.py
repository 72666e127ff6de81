"""Which rows of a derived table are new, different or gone?"""

from __future__ import annotations

from dialgauge.model.table import Table
from dialgauge.prepare.scratch import Scratch, listed
from dialgauge.tables.storage import DUCKDB_TYPES, quoted


def changed_rows(scratch: Scratch, table: Table, rows: str, stored: str) -> str:
    """Compare worked-out rows with the stored rows they stand for.

    Args:
        scratch: Where the result is made.
        table: The derived table.
        rows: Relation with its columns: what should be stored.
        stored: Relation with its columns: what is stored for the same parties or calls.

    Returns:
        The name of a table with the rows to be stored; one with a NULL clock tells that the
        stored row of that key is gone.
    """
    names = [column.name for column in table.columns]
    key = quoted(table.key)
    gone = ", ".join(
        f"s.{key}" if name == table.key else f"NULL::{DUCKDB_TYPES[kind]}"
        for name, kind in table.types.items()
    )
    return scratch.table(
        table.name,
        f"SELECT {listed(names, 'n')} FROM {rows} AS n LEFT JOIN {stored} AS s"
        f" ON s.{key} = n.{key} WHERE s.{key} IS NULL"
        f" OR ({listed(names, 'n')}) IS DISTINCT FROM ({listed(names, 's')})"
        f" UNION ALL SELECT {gone} FROM {stored} AS s"
        f" WHERE s.{key} NOT IN (SELECT {key} FROM {rows})",
    )


def typed(table: Table, values: dict[str, str]) -> str:
    """Write the select list of a table from an expression for each column.

    Args:
        table: The table; each of its columns needs an expression.
        values: Column name to SQL.
    """
    return ", ".join(
        f"CAST({values[name]} AS {DUCKDB_TYPES[kind]}) AS {quoted(name)}"
        for name, kind in table.types.items()
    )
