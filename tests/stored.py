"""How do tests make the Parquet files of a lake without a lake?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dialgauge.engines.base import TableFiles
from dialgauge.model.table import Table, Type
from dialgauge.tables import TABLES

STORED: Mapping[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.decimal128(18, 4),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
    Type.JSON: pa.string(),
}
"""Column type to the type it has in the lake's files."""


def write(
    tables: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path, rows_a_file: int = 1000
) -> dict[str, TableFiles]:
    """Write tables as Parquet files.

    Args:
        tables: Table name to rows; columns that a row does not name are NULL, tables that are
            not named are empty.
        folder: Where to.
        rows_a_file: Tables with more rows get several files.

    Returns:
        The files of every canonical table.
    """
    return {
        name: TableFiles(
            table=table, paths=tuple(_write(table, tables.get(name, ()), folder, rows_a_file))
        )
        for name, table in TABLES.items()
    }


def _write(
    table: Table, rows: Sequence[Mapping[str, Any]], folder: Path, rows_a_file: int
) -> list[str]:
    paths = []
    for first in range(0, len(rows), rows_a_file):
        part = rows[first : first + rows_a_file]
        unknown = {name for row in part for name in row} - set(table.types)
        if unknown:
            raise KeyError(f"{table.name} has no column {unknown}")
        # A column that no row of a file names is not written, as in files older than the column.
        fields = [
            (name, STORED[type_])
            for name, type_ in table.types.items()
            if any(name in row for row in part)
        ]
        path = folder / f"{table.name}-{first}.parquet"
        records = [{name: row.get(name) for name, _ in fields} for row in part]
        pq.write_table(pa.Table.from_pylist(records, schema=pa.schema(fields)), path)
        paths.append(str(path))
    return paths
