"""How do tests bring tables up to date without a lake?

`MemoryLake` keeps the tables in one DuckDB, takes batches in as an import does, and follows up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from dialgauge.model.rules import Rules
from dialgauge.model.table import Table, Type
from dialgauge.prepare import Touched, follow, prepare
from dialgauge.tables import TABLES
from dialgauge.tables.storage import empty_select, quoted

Row: TypeAlias = dict[str, Any]

_ARROW = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.decimal128(18, 4),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
    Type.JSON: pa.string(),
}


class MemoryLake:
    """All tables, empty at first.

    Attributes:
        rules: By which batches are prepared and followed up.
        ran: What the last load said it was working out.
        written: Tables that the last load stored rows of.
        narrow: Whether to say of a batch that all its rows are new, where they are.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        """Make the tables."""
        self.rules = rules or Rules()
        self.ran: list[str] = []
        self.written: list[str] = []
        self.narrow = True
        self._con = duckdb.connect()
        self._con.execute("SET TimeZone = 'UTC'")
        for name, table in TABLES.items():
            self._con.execute(f"CREATE TABLE {name} AS {empty_select(table)}")

    def load(self, name: str, rows: Iterable[Row]) -> None:
        """Take in a batch of a table; a key that is known is overwritten as a whole."""
        self.written, self.ran = [], []
        table = TABLES[name]
        fields = [
            pa.field(column.name, _ARROW[column.type])
            for column in table.columns
            if not column.derived
        ]
        filled = [{field.name: row.get(field.name) for field in fields} for row in rows]
        self._con.register("arrow_batch", pa.Table.from_pylist(filled, schema=pa.schema(fields)))
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE batch AS"
            " SELECT *, row_number() OVER () AS _row FROM arrow_batch"
        )
        only_new = not self._con.execute(
            f"SELECT 1 FROM {name} WHERE {table.key} IN (SELECT {table.key} FROM batch)"
        ).fetchall()
        names = {name: name for name in TABLES}
        for known, made in prepare(self._con, table, "batch", names, self.rules).items():
            self.upsert(TABLES[known], made.relation)
        new = {name: "batch"} if only_new and self.narrow else {}
        self._follow(Touched(tables=frozenset(self.written), new=new))

    def anew(self) -> tuple[str, ...]:
        """Work everything out anew and return the tables that came out differently."""
        return self._follow(Touched(tables=frozenset(TABLES)))

    def _follow(self, touched: Touched) -> tuple[str, ...]:
        return follow(self._con, self, touched, self.rules, self.ran.append)

    def rows(self, name: str) -> dict[str, Row]:
        """Read a table, by key."""
        cursor = self._con.execute(f"FROM {name}")
        names = [str(column[0]) for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        keys = [row[TABLES[name].key] for row in found]
        assert len(set(keys)) == len(keys), f"a key of {name} is stored twice"
        return dict(zip(keys, found, strict=True))

    def holds(self, table: Table) -> bool:
        """Tell whether a table has rows."""
        return bool(self._con.execute(f"FROM {table.name} LIMIT 1").fetchall())

    def view(self, table: Table) -> str:
        """Return the table itself."""
        return table.name

    def upsert(self, table: Table, rows: str) -> None:
        """Store rows by key, and forget those of derived tables that lost their clock."""
        key = quoted(table.key)
        kept = f"WHERE {quoted(table.clock)} IS NOT NULL" if table.clock and table.derived else ""
        columns = ", ".join(quoted(name) for name in table.types)
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT {columns} FROM {rows}")
        self._con.execute(f"DELETE FROM {table.name} WHERE {key} IN (SELECT {key} FROM incoming)")
        self._con.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM incoming {kept}")
        self.written.append(table.name)

    def replace(self, table: Table, rows: str) -> None:
        """Store rows in the place of all."""
        self._con.execute(f"DELETE FROM {table.name}")
        self._con.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM {rows}")
        self.written.append(table.name)


def complete(table: str, row: Mapping[str, Any]) -> Row:
    """Write a row with all columns of its table, those that are not given unknown."""
    return dict.fromkeys(TABLES[table].types) | dict(row)
