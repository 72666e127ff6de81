"""How are column types stored, and how are names written in SQL?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.model.table import Table, Type

DUCKDB_TYPES: Mapping[Type, str] = MappingProxyType(
    {
        Type.TEXT: "VARCHAR",
        Type.BOOL: "BOOLEAN",
        Type.INTEGER: "BIGINT",
        Type.NUMBER: "DOUBLE",
        Type.MONEY: "DECIMAL(18,4)",
        Type.TIME: "TIMESTAMP WITH TIME ZONE",
        Type.DATE: "DATE",
        Type.JSON: "VARCHAR",
    }
)
"""Column type to the DuckDB type it has in the lake's Parquet files."""


def quoted(name: str) -> str:
    """Write a name as a SQL identifier.

    Example:
        >>> print(quoted('a"b'))
        "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Write a text as a SQL literal.

    Example:
        >>> print(text("it's"))
        'it''s'
    """
    return "'" + value.replace("'", "''") + "'"


def empty_select(table: Table) -> str:
    """Write a query with the table's columns and no rows.

    Example:
        >>> from dialgauge.tables.agents import AGENTS
        >>> empty_select(AGENTS)[:45]
        'SELECT CAST(NULL AS VARCHAR) AS "agent_id", C'
    """
    columns = ", ".join(
        f"CAST(NULL AS {DUCKDB_TYPES[column.type]}) AS {quoted(column.name)}"
        for column in table.columns
    )
    return f"SELECT {columns} WHERE false"
