"""How do CSV, Parquet, Excel and JSON lines become rows of the canonical tables?

By header when the headers are ours, otherwise by a mapping. Every file is read in one pass of
DuckDB, in file order, into one temporary table for each canonical table.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from dialgauge.errors import FileError, UsageError
from dialgauge.sources.base import Request, Staged, nowhere
from dialgauge.sources.convert.projection import Origin, check_constant, project, unused
from dialgauge.sources.files import formats
from dialgauge.sources.files.loading import NUMBER, Target
from dialgauge.sources.files.recognise import by_header, recognise
from dialgauge.sources.mapping import (
    Mapping as MappingFile,
)
from dialgauge.sources.mapping import (
    TableMapping,
    read_mapping,
    settings_of,
    table_named,
)
from dialgauge.sources.phones import home_of
from dialgauge.sources.raw import Look, Settings
from dialgauge.sources.zones import zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a request means, before any row is read.

    Attributes:
        looks: What was seen of each file.
        mappings: For each file, how its rows become rows of one or more tables.
        names: The mapping's short names for headers.
    """

    looks: tuple[Look, ...]
    mappings: tuple[tuple[TableMapping, ...], ...]
    names: Mapping[str, str]


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read files into temporary tables.

    Args:
        con: A connection outside of a transaction; its `TimeZone` is set to UTC.
        request: The files and how to read them.

    Returns:
        One `Staged` for each canonical table that the files fill.

    Raises:
        FileError: A file cannot be read.
        MappingError: The mapping does not fit, or there is none where one is needed.
        UsageError: The request names something unknown.
    """
    understood = understand(request)
    with _settled(con), _scratch(con) as scratch:
        try:
            return _staged(con, request, understood, scratch)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise FileError(
                f"{', '.join(map(str, request.paths))} cannot be read: {reason}"
            ) from None


def understand(request: Request) -> Understood:
    """Look at the files and find out how each becomes rows.

    Raises:
        FileError: A file cannot be read.
        MappingError: The mapping does not fit, or there is none where one is needed.
        UsageError: The request names something unknown.
    """
    if not request.paths:
        raise UsageError("name at least one file to import")
    if request.timezone:
        zone(request.timezone)
    told: MappingFile | None = None
    if request.mapping is not None:
        told = read_mapping(request.mapping, request.table)
        for rule in (rule for table in told.tables for rule in table.rules):
            if rule.value is not None:
                check_constant(rule)
    options = dict(request.options)
    home = home_of(options.pop("region", ""))
    if told is not None and home:
        told = replace(told, tables=tuple(replace(table, home=home) for table in told.tables))
    settings = merged(told.settings if told else Settings(), options)
    looks = tuple(formats.look(path, settings) for path in request.paths)
    if told is not None:
        return Understood(looks=looks, mappings=(told.tables,) * len(looks), names=told.names)
    table = table_named(request.table) if request.table else None
    mappings = []
    for look in looks:
        meant = table or recognise(look.headers, str(look.path))
        mappings.append((by_header(meant, look.headers, str(look.path)),))
    return Understood(looks=looks, mappings=tuple(mappings), names={})


def merged(settings: Settings, options: Mapping[str, str]) -> Settings:
    """Return settings with the command's options on top.

    Raises:
        MappingError: There is no such option.
    """
    if not options:
        return settings
    mine = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    lists = {"headers": tuple, "null": tuple}
    theirs = {
        name: tuple(value.split(",")) if name in lists else value for name, value in options.items()
    }
    return settings_of({**mine, **theirs})


def _staged(
    con: duckdb.DuckDBPyConnection, request: Request, understood: Understood, scratch: Path
) -> list[Staged]:
    targets: dict[str, Target] = {}
    ignored: dict[str, dict[str, None]] = {}
    pairs = list(zip(understood.looks, understood.mappings, strict=True))
    plans = {
        (look.path, mapping.table.name): project(mapping, Origin(look, understood.names))
        for look, mappings in pairs
        for mapping in mappings
    }
    for look, mappings in pairs:
        for mapping in mappings:
            name = mapping.table.name
            if name not in targets:
                mine = [plan for (_, table), plan in plans.items() if table == name]
                present = [column for plan in mine for column in plan.columns]
                present += [NUMBER] if any(plan.tells_number for plan in mine) else []
                targets[name] = Target(con, mapping.table, present, scratch, request.phone_key)
                ignored[name] = {}
            targets[name].take(look, mapping, understood.names, request.timezone)
            targets[name].notes[:0] = [
                note for note in look.notes if note not in targets[name].notes
            ]
            used = frozenset().union(
                *(plan.used for (path, _), plan in plans.items() if path == look.path)
            )
            ignored[name].update(dict.fromkeys(unused(look, used, mapping.table)))
    sheets = {str(look.path): look for look, _ in pairs if look.kind == "excel"}
    return [
        Staged(
            table=target.table,
            relation=target.finish(),
            present=target.present,
            unused=tuple(ignored[name]),
            notes=tuple(target.notes),
            where=partial(_where, sheets) if sheets and not target.multiplies else nowhere,
        )
        for name, target in targets.items()
    ]


def _where(sheets: Mapping[str, Look], file: str, places: Sequence[int], reason: str) -> str:
    from dialgauge.sources.files import excel  # noqa: PLC0415 - only for workbooks

    return excel.where(sheets[file], places, reason) if file in sheets else ""


@contextmanager
def _settled(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Hold the settings that reading relies on: UTC, and rows in the order of the file."""
    (ordered,) = con.execute("SELECT current_setting('preserve_insertion_order')").fetchall()[0]
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        con.execute(f"SET preserve_insertion_order = {str(ordered).lower()}")


@contextmanager
def _scratch(con: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """Make a folder for temporary files, beside DuckDB's own when that exists."""
    (beside,) = con.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    parent = beside if beside and Path(beside).is_dir() else None
    with tempfile.TemporaryDirectory(prefix="dialgauge-", dir=parent) as folder:
        yield Path(folder)
