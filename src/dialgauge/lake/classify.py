"""Which rows of a batch are new, which change something, and which say what is known already?

Asked in two steps, so that little is read: first the keys alone are looked up in the whole lake
(a key may be known in another month), then the other columns are compared, only in files that
hold such keys. Of rows that share a key within the batch the last one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from dialgauge.lake import distinct, sql
from dialgauge.lake.deltalog import Stored
from dialgauge.lake.sql import Temporary
from dialgauge.model.table import Table
from dialgauge.tables.storage import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What a batch does to a table.

    Attributes:
        rows: Relation of the loaded and updated rows, each key once: the columns that are not
            derived, with the stored values where the batch says nothing, `_row` as in the batch,
            and `_updated`, whether the lake has a row of that key.
        loaded: Rows whose key is new.
        updated: Rows that change a stored row, or were overtaken by a later row of the batch
            that says something else.
        unchanged: Rows that repeat what is known.
    """

    rows: str
    loaded: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows that are to be classified.

    Attributes:
        table: Their table.
        relation: Temporary table or view with the columns that are not derived and `_row`
            (unique, in order); no row lacks its key.
        present: The columns the batch says something about; others keep their stored value.
    """

    table: Table
    relation: str
    present: Sequence[str]

    @property
    def columns(self) -> list[str]:
        """The columns that are not derived."""
        return [column.name for column in self.table.columns if not column.derived]

    @property
    def said(self) -> list[str]:
        """The columns an update replaces, without the key."""
        chosen = set(self.present)
        return [name for name in self.columns if name in chosen and name != self.table.key]


def classify(con: duckdb.DuckDBPyConnection, batch: Batch, stored: Stored) -> Classified:
    """Sort a batch's rows by what they do to the table.

    Args:
        con: Where the batch is; the relation that is returned stays there. When all rows are new
            it is a view over the batch, which must then stay too.
        batch: The rows.
        stored: The table as it is.
    """
    with sql.temporary(con) as temp:
        good = sql.count(con, f"SELECT count(*) FROM {batch.relation}")
        overtaken = _overtaken(con, temp, batch)
        earlier = sql.count(con, f"SELECT count(*) FROM {overtaken}")
        same = _same(con, batch, overtaken) if earlier else 0
        known = _known(temp, batch, overtaken, stored)
        hits = sql.count(con, f"SELECT count(*) FROM {known}")
        paths = _paths(con, known)
        compared = _compared(temp, batch, known, stored.reading(batch.table, paths))
        changed = sql.count(con, f"SELECT count(*) FROM {compared} WHERE changed")
        if earlier or hits:
            rows = _put_aside(con, batch, (overtaken, known, compared), stored, paths)
        else:
            rows = _all_new(con, batch)
        return Classified(
            rows=rows,
            loaded=good - earlier - hits,
            updated=changed + earlier - same,
            unchanged=hits - changed + same,
        )


def _overtaken(con: duckdb.DuckDBPyConnection, temp: Temporary, batch: Batch) -> str:
    """Find rows whose key comes again later, as `_row` and the `last` row of that key."""
    key = quoted(batch.table.key)
    if not distinct.may_repeat(con, batch.relation, key):
        return temp.table("overtaken", "SELECT 0::BIGINT AS _row, 0::BIGINT AS last WHERE false")
    hashes = temp.table("hashes", distinct.repeated(batch.relation, key))
    return temp.table(
        "overtaken",
        f"SELECT _row, last FROM (SELECT _row, max(_row) OVER (PARTITION BY {key}) AS last"
        f" FROM {batch.relation} WHERE hash({key}) IN (FROM {hashes}))"
        " WHERE _row < last",
    )


def _same(con: duckdb.DuckDBPyConnection, batch: Batch, overtaken: str) -> int:
    """Count the overtaken rows that say the same as the row that counts."""
    return sql.count(
        con,
        f"SELECT count(*) FROM {overtaken} AS pair JOIN {batch.relation} AS a ON a._row = pair._row"
        f" JOIN {batch.relation} AS b ON b._row = pair.last"
        f" WHERE NOT {sql.differs(batch.said, 'a', 'b')}",
    )


def _known(temp: Temporary, batch: Batch, overtaken: str, stored: Stored) -> str:
    """Find rows whose key the table has, as `_row` and the `file` that holds it."""
    key = quoted(batch.table.key)
    if not stored.files:
        return temp.table("known", "SELECT 0::BIGINT AS _row, '' AS file WHERE false")
    return temp.table(
        "known",
        f"SELECT b._row, o.filename AS file FROM {sql.files(stored.paths)} AS o"
        f" JOIN (SELECT {key}, _row FROM {batch.relation}"
        f" WHERE _row NOT IN (SELECT _row FROM {overtaken})) AS b ON o.{key} = b.{key}",
    )


def _paths(con: duckdb.DuckDBPyConnection, known: str) -> list[str]:
    found = con.execute(f"SELECT DISTINCT file FROM {known} ORDER BY 1").fetchall()
    return [path for (path,) in found]


def _compared(temp: Temporary, batch: Batch, known: str, old: str) -> str:
    """Compare the known rows with the stored ones, as `_row` and `changed`."""
    key = quoted(batch.table.key)
    return temp.table(
        "compared",
        f"SELECT b._row, {sql.differs(batch.said, 'b', 'o')} AS changed FROM ({old}) AS o"
        f" JOIN (SELECT * FROM {batch.relation} WHERE _row IN (SELECT _row FROM {known})) AS b"
        f" ON o.{key} = b.{key}",
    )


def _all_new(con: duckdb.DuckDBPyConnection, batch: Batch) -> str:
    name = sql.fresh("batch")
    con.execute(
        f"CREATE TEMP VIEW {name} AS SELECT {sql.columns(batch.columns)}, _row, false AS _updated"
        f" FROM {batch.relation}"
    )
    return name


def _put_aside(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    found: tuple[str, str, str],
    stored: Stored,
    paths: Sequence[str],
) -> str:
    """Keep the new rows, and the changed ones completed from what is stored."""
    overtaken, known, compared = found
    table, key = batch.table, quoted(batch.table.key)
    said = {table.key, *batch.said}
    completed = ", ".join(
        f"{'b' if name in said else 'o'}.{quoted(name)}" for name in batch.columns
    )
    name = sql.fresh("batch")
    con.execute(
        f"CREATE TEMP TABLE {name} AS SELECT {sql.columns(batch.columns)}, _row,"
        f" false AS _updated FROM {batch.relation} WHERE _row NOT IN (SELECT _row FROM {overtaken})"
        f" AND _row NOT IN (SELECT _row FROM {known})"
        f" UNION ALL SELECT {completed}, b._row, true"
        f" FROM (SELECT * FROM {batch.relation}"
        f" WHERE _row IN (SELECT _row FROM {compared} WHERE changed)) AS b"
        f" JOIN ({stored.reading(table, paths)}) AS o ON o.{key} = b.{key}"
    )
    return name
