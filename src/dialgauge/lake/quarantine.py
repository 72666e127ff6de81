"""Where are rows that could not be taken in, until somebody mends them?

In a table of the lake like any other, so that they share its history and its safety. The same row
refused again is not kept twice: it is named by its table and what stood in it, and only when a
file holds the same words several times by a number as well.
"""

from __future__ import annotations

import duckdb

from dialgauge.lake import sql
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.storage import quoted, text

QUARANTINE = Table(
    name="quarantine",
    key="quarantine_id",
    clock=None,
    meaning="Rows that could not be taken in, with the reason.",
    columns=(
        Column("quarantine_id", Type.TEXT, "Names the row by its table and content."),
        Column("table_name", Type.TEXT, "The table it was meant for."),
        Column("key", Type.TEXT, "Its key in that table, where it could be read.", personal=True),
        Column("file", Type.TEXT, "The file it came from."),
        Column("row", Type.INTEGER, "Its place in that file, 1 for the first row of data."),
        Column("reason", Type.TEXT, "Why it was refused."),
        Column("raw", Type.JSON, "The row as it was read.", personal=True),
        Column("taken_at", Type.TIME, "When it was refused for the first time."),
        Column("mended_at", Type.TIME, "When a row with its key was taken in after all."),
    ),
)


def refused(  # noqa: PLR0913 - the batch, where it stood, and what there is
    con: duckdb.DuckDBPyConnection,
    table: Table,
    relation: str,
    quarantine: str,
    *,
    whole: str,
    at_us: int,
) -> str:
    """Make the quarantine rows of a batch's problems and return their relation.

    Args:
        con: Where the batch is.
        table: The table the rows were meant for.
        relation: Staged rows, with `_row`, `_file`, `_problem` and `_raw`.
        quarantine: The quarantine as it is; rows it has are left out.
        whole: All rows of the same files, by which places are counted.
        at_us: Now, microseconds since 1970 in UTC.
    """
    name = sql.fresh("refused")
    con.execute(
        f"CREATE TEMP TABLE {name} AS SELECT * FROM ("
        f"SELECT md5(concat_ws(chr(31), {text(table.name)}, _raw, nth)) AS quarantine_id,"
        f" {text(table.name)} AS table_name, key, file, place AS row, reason, _raw AS raw,"
        f" make_timestamp({at_us}::BIGINT)::TIMESTAMPTZ AS taken_at,"
        " NULL::TIMESTAMPTZ AS mended_at FROM ("
        f"SELECT {quoted(table.key)} AS key, s._file AS file, _row - first_row + 1 AS place,"
        " _problem AS reason, coalesce(_raw, '') AS _raw,"
        " row_number() OVER (PARTITION BY _raw ORDER BY _row) AS nth"
        f" FROM {relation} AS s JOIN (SELECT _file, min(_row) AS first_row FROM {whole}"
        " GROUP BY 1) AS f ON s._file IS NOT DISTINCT FROM f._file"
        " WHERE _problem IS NOT NULL)) AS r"
        f" ANTI JOIN {quarantine} AS q ON q.quarantine_id = r.quarantine_id"
    )
    return name


def mended(  # noqa: PLR0913 - which rows, and what they are made of
    con: duckdb.DuckDBPyConnection,
    table: Table,
    relation: str,
    quarantine: str,
    *,
    parts: str,
    at_us: int,
) -> str:
    """Make the quarantine rows that a batch mends and return their relation.

    Args:
        con: Where the batch is.
        table: The batch's table.
        relation: The batch's rows without problems.
        quarantine: The quarantine as it is.
        parts: Relation with further names, `key`, of what the batch is made of; empty for none.
        at_us: Now, microseconds since 1970 in UTC.
    """
    name = sql.fresh("mended")
    named = f"SELECT {quoted(table.key)} FROM {relation}"
    if parts:
        named += f" UNION ALL SELECT key FROM {parts}"
    con.execute(
        f"CREATE TEMP TABLE {name} AS SELECT * REPLACE"
        f" (make_timestamp({at_us}::BIGINT)::TIMESTAMPTZ AS mended_at) FROM {quarantine}"
        f" WHERE table_name = {text(table.name)} AND mended_at IS NULL"
        f" AND key IN ({named})"
    )
    return name
