"""How do rows of an API become tables that canonical rows are made of?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.table import Table, Type
from dialgauge.sources.base import Request, Staged, stored_columns
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import first_problem, masked, typed, unread
from dialgauge.sources.spooled import find_streams, load_stream
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.tables.storage import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One endpoint's rows.

    Attributes:
        columns: Those that are read.
        key: SQL that names a row.
        changed: SQL of what is greatest in the last row of a key; by itself the row read last.
    """

    columns: tuple[str, ...]
    key: str = "id"
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How rows of a CRM get canonical columns.

    Attributes:
        name: Of the table that is made.
        table: The canonical table.
        columns: Column to SQL; others than the canonical ones may be among them.
        rows: What stands behind FROM; has the struct `p`, `_row`, `_file` and `_said`.
        problems: Conditions and reasons.
        hidden: Fields whose values no quarantine shall show.
    """

    name: str
    table: Table
    columns: Mapping[str, str]
    rows: str
    problems: Sequence[tuple[str, str]] = ()
    hidden: Sequence[str] = ()


def load(
    con: duckdb.DuckDBPyConnection,
    request: Request,
    system: str,
    tables: Sequence[str],
    streams: Mapping[str, Stream],
) -> list[str]:
    """Read the pages of all streams into temporary tables `SYSTEM_STREAM`, the last row of a key.

    Args:
        con: Where they shall be.
        request: Which files, and what of them is wanted.
        system: The system's name.
        tables: The canonical tables it fills.
        streams: Its streams by their names; one without files becomes an empty table.

    Returns:
        What to tell people.

    Raises:
        FileError: A file is no stream's, or cannot be read.
        UnknownNameError: The system does not fill the table that is wanted.
        UsageError: A mapping was given, or nothing to read.
    """
    if request.table is not None and request.table not in tables:
        raise UnknownNameError(f"table of {system}", request.table, tables)
    if request.mapping is not None:
        raise UsageError(
            f"{system} needs no mapping file, its fields are known; say which of your own fields "
            "to keep with --option fields=..., or read the file with 'dialgauge import files'"
        )
    found = find_streams(request.paths, tuple(streams))
    if not found:
        raise UsageError(f"nothing to read; give a folder with pages of {', '.join(streams)}")
    rows = kept = 0
    for name, stream in streams.items():
        table = f"{system}_{name}"
        rows += load_stream(con, "crm_pages", found.get(name, ()), stream.columns, rows + 1)
        order = ", ".join(f"{sql} DESC NULLS LAST" for sql in (*stream.changed, "_row"))
        ((there,),) = con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM crm_pages QUALIFY"
            f" {stream.key} IS NULL OR"
            f" row_number() OVER (PARTITION BY {stream.key} ORDER BY {order}) = 1"
        ).fetchall()
        kept += there
    con.execute("DROP TABLE crm_pages")
    if rows == kept:
        return []
    return [f"{rows - kept} rows came again; of each record the last change counts."]


def with_fields(
    streams: Mapping[str, Stream], options: Options, filled: Mapping[str, Sequence[str]]
) -> Mapping[str, Stream]:
    """Add a team's own fields to the columns of streams that are flat.

    Args:
        streams: The streams.
        options: Which fields fill which columns.
        filled: Canonical table to the streams it is made of.
    """
    own: dict[str, list[str]] = {}
    for table, names in filled.items():
        for name in names:
            own.setdefault(name, []).extend(options.fields_of(table).values())
    return {
        name: replace(stream, columns=tuple(dict.fromkeys((*stream.columns, *own.get(name, ())))))
        for name, stream in streams.items()
    }


def own_fields(
    options: Options, table: Table, field: str = "p"
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Write the columns that a team fills with its own fields, and what may be wrong with them.

    Args:
        options: Which fields.
        table: The canonical table.
        field: The struct the fields are in.
    """
    columns, problems = {}, []
    for name, own in options.fields_of(table.name).items():
        type_ = table.types[name]
        raw = f'{field}."{own}"'
        columns[name] = typed(raw, type_)
        if type_ not in (Type.TEXT, Type.JSON):
            problems.append((unread(raw, columns[name]), f"{own} cannot be read as {name}"))
        values = table.column(name).values
        if values:
            listed = ", ".join(f"'{value}'" for value in values)
            problems.append((f"{columns[name]} NOT IN ({listed})", f"{own} is no {name}"))
    return columns, problems


def tell(con: duckdb.DuckDBPyConnection, options: Options, telling: Telling) -> None:
    """Make a temporary table of rows with canonical columns, `_why` and `_was` beside them.

    Args:
        con: Where the rows are.
        options: With the team's own fields.
        telling: What is made of what.
    """
    own, wrong = own_fields(options, telling.table)
    columns = {**telling.columns, **own}
    needed = (telling.table.key, telling.table.clock)
    wrong += [
        (f"({columns[name]}) IS NULL", f"{name} is missing") for name in needed if name in columns
    ]
    listed = ", ".join(f"{sql} AS {quoted(column)}" for column, sql in columns.items())
    said = masked("_said", telling.hidden) if telling.hidden else "_said"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {telling.name} AS SELECT {listed}, _row, _file,"
        f" {first_problem(*telling.problems, *wrong)} AS _why, {said} AS _was FROM {telling.rows}"
    )


def staged(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    relation: str,
    notes: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Staged:
    """Stage the rows of a table that `tell` made.

    Args:
        con: Where it is.
        table: The canonical table.
        relation: Its name; may narrow the rows with WHERE.
        notes: What to tell people.
        without: Columns of which these rows say nothing, so that what the lake knows stays.
    """
    there = {name for name, *_ in con.execute(f"DESCRIBE FROM {relation}").fetchall()}
    names = [each.name for each in stored_columns(table) if each.name in there]
    columns = {name: quoted(name) for name in names if name not in without}
    shape = Shape(columns=columns, rows=relation, problem="_why", raw="_was")
    return stage_shapes(con, table, [shape], notes)


def unsaid(con: duckdb.DuckDBPyConnection, relation: str, name: str) -> tuple[str, ...]:
    """Give a column to leave out when no row says anything of it, and nothing else.

    A version or a right may lack its field; what the lake knows from elsewhere then stays.

    Args:
        con: Where the rows are.
        relation: A table that `tell` made.
        name: The column.
    """
    return () if count(con, f"{relation} WHERE {quoted(name)} IS NOT NULL") else (name,)


def finished(
    con: duckdb.DuckDBPyConnection,
    system: str,
    request: Request,
    found: Sequence[Staged],
    notes: Sequence[str],
) -> list[Staged]:
    """Drop the temporary tables of a system, and keep what is wanted of what was made of them.

    Args:
        con: Where they are.
        system: The system's name, as `load` was given it.
        request: May want a single table.
        found: All that was made.
        notes: What was told while reading; it comes before what is told of the first table.
    """
    names = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, ?)",
        [f"{system}_"],
    ).fetchall()
    for (name,) in names:
        con.execute(f"DROP TABLE {name}")
    wanted = [each for each in found if request.table in (None, each.table.name)]
    return [
        replace(each, notes=(*notes, *each.notes)) if number == 0 else each
        for number, each in enumerate(wanted)
    ]


def count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    """Count the rows of what may stand behind FROM."""
    ((found,),) = con.execute(f"SELECT count(*) FROM {query}").fetchall()
    return int(found)
