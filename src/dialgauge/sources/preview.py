"""What would an import of these files do?

Everything is understood, converted and counted as in an import, but in memory: nothing is
written. Where headers are not ours, a mapping is proposed and tried.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dialgauge.errors import DialgaugeError, MappingError
from dialgauge.model.expression import Expression, names
from dialgauge.sources.base import PROBLEM, ROW, Request, Staged
from dialgauge.sources.files import Understood, formats, merged, stage, understand
from dialgauge.sources.mapping import TableMapping, table_named
from dialgauge.sources.propose import Proposal, propose
from dialgauge.sources.raw import Look, Settings, folded
from dialgauge.tables.storage import quoted

SHOWN = 10
_SAMPLE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSeen:
    """One header of a file and what becomes of it.

    Attributes:
        header: As it stands in the file.
        column: The canonical column it fills, empty for none; several are joined by commas.
        type: That column's type, empty for none.
        sample: The first value that is not empty.
    """

    header: str
    column: str
    type: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """What was understood of one file.

    Attributes:
        path: The file.
        kind: csv, parquet, excel or jsonl.
        details: Encoding, delimiter, sheet and the like.
        table: The canonical tables it fills.
        headers: Its headers, in order.
        before: Its first ten rows as they stand.
    """

    path: Path
    kind: str
    details: Mapping[str, str]
    table: tuple[str, ...]
    headers: tuple[HeaderSeen, ...]
    before: tuple[Mapping[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSeen:
    """What rows of one canonical table would come of the files.

    Attributes:
        table: Its name.
        rows: How many rows there would be, with those that are refused.
        refused: How many of them have a problem.
        reasons: Each reason with its rows, the most frequent first.
        after: The first ten rows, the columns that are provided, as texts.
        unused: Headers nothing reads.
        notes: What else would be said.
    """

    table: str
    rows: int
    refused: int
    reasons: tuple[tuple[str, int], ...]
    after: tuple[Mapping[str, str | None], ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would do.

    Attributes:
        files: What was understood of each file.
        tables: What rows would come of them.
        proposal: A mapping to check, save and give with --mapping; empty when none is needed.
        trouble: Why an import as asked would fail, empty when it would not.
    """

    files: tuple[FileSeen, ...]
    tables: tuple[TableSeen, ...]
    proposal: str = ""
    trouble: str = ""


def preview(con: duckdb.DuckDBPyConnection, request: Request) -> Preview:
    """Show what an import would do.

    Args:
        con: A connection to a database in memory; only temporary tables are made in it.
        request: What would be imported.

    Raises:
        DialgaugeError: A file cannot be read at all, or the mapping that was given is wrong.
    """
    request = replace(request, phone_key=request.phone_key or b"only for a preview")
    try:
        understood = understand(request)
    except MappingError as error:
        if request.mapping is not None:
            raise
        return _proposed(con, request, str(error))
    tables = tuple(table_seen(con, one) for one in stage(con, request))
    return Preview(files=_files(understood), tables=tables)


def _proposed(con: duckdb.DuckDBPyConnection, request: Request, trouble: str) -> Preview:
    """Propose a mapping for the first file, and try it on all of them."""
    settings = merged(Settings(), request.options)
    look = formats.look(request.paths[0], settings)
    rows = formats.sample(look, _SAMPLE)
    table = table_named(request.table) if request.table else None
    found = propose(look.path, look.headers, rows, table=table, settings=settings)
    if not found.complete:
        return Preview(
            files=(_file(look, (), found),), tables=(), proposal=found.text, trouble=trouble
        )
    with tempfile.TemporaryDirectory(prefix="dialgauge-") as folder:
        mapping = Path(folder) / "proposed.toml"
        mapping.write_text(found.text, encoding="utf-8")
        tried = replace(request, mapping=mapping, table=None)
        try:
            tables = tuple(table_seen(con, one) for one in stage(con, tried))
            files = _files(understand(tried))
        except DialgaugeError:
            tables, files = (), (_file(look, (), found),)
    return Preview(files=files, tables=tables, proposal=found.text, trouble=trouble)


def _files(understood: Understood) -> tuple[FileSeen, ...]:
    pairs = zip(understood.looks, understood.mappings, strict=True)
    return tuple(_file(look, mappings, None, short=understood.names) for look, mappings in pairs)


def _file(
    look: Look,
    mappings: tuple[TableMapping, ...],
    proposal: Proposal | None,
    short: Mapping[str, str] | None = None,
) -> FileSeen:
    rows = formats.sample(look, _SAMPLE)
    return FileSeen(
        path=look.path,
        kind=look.kind,
        details=look.details,
        table=tuple(one.table.name for one in mappings)
        or ((proposal.table.name,) if proposal else ()),
        headers=tuple(
            _header(header, [row[place] for row in rows], mappings, proposal, short or {})
            for place, header in enumerate(look.headers)
        ),
        before=tuple(
            dict(zip(look.headers, row, strict=True)) for row in itertools.islice(rows, SHOWN)
        ),
    )


def _header(
    header: str,
    values: list[str | None],
    mappings: tuple[TableMapping, ...],
    proposal: Proposal | None,
    short: Mapping[str, str],
) -> HeaderSeen:
    types = {
        rule.column.name: rule.column.type.value
        for one in mappings
        for rule in one.rules
        if _reads(rule.header, rule.expression, header, short)
    }
    if proposal:
        types = {
            column: proposal.table.types[column].value
            for column, read in proposal.columns.items()
            if read == header
        }
    return HeaderSeen(
        header=header,
        column=", ".join(types),
        type=", ".join(dict.fromkeys(types.values())),
        sample=next((value for value in values if value and value.strip()), ""),
    )


def _reads(
    rule_header: str, expression: Expression | None, header: str, short: Mapping[str, str]
) -> bool:
    read = [rule_header] if rule_header else list(names(expression))
    return folded(header) in {folded(short.get(name, name)) for name in read}


def table_seen(con: duckdb.DuckDBPyConnection, staged: Staged) -> TableSeen:
    """Count what a source has staged, and show some of it.

    Args:
        con: Where it is staged.
        staged: By any source.
    """
    relation, shown = staged.relation, ", ".join(quoted(name) for name in staged.present)
    ((rows, refused),) = con.execute(
        f"SELECT count(*), count({PROBLEM}) FROM {relation}"
    ).fetchall()
    reasons = con.execute(
        f"SELECT {PROBLEM}, count(*) FROM {relation} WHERE {PROBLEM} IS NOT NULL "
        f"GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    texts = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in staged.present)
    after = con.execute(
        f"SELECT {texts} FROM (SELECT {shown} FROM {relation} WHERE {PROBLEM} IS NULL "
        f"ORDER BY {ROW} LIMIT {SHOWN})"
    ).fetchall()
    return TableSeen(
        table=staged.table.name,
        rows=rows,
        refused=refused,
        reasons=tuple(reasons),
        after=tuple(dict(zip(staged.present, row, strict=True)) for row in after),
        unused=staged.unused,
        notes=staged.notes,
    )
