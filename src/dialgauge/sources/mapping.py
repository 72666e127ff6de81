"""How does a mapping file say which header becomes which column?

A mapping is TOML. It names the table and, for each canonical column, where its values come from:

    table = "calls"
    timezone = "Europe/Lisbon"

    [columns]
    call_id = "Call ID"
    started_at = { from = "Date", format = "%d.%m.%Y %H:%M" }
    direction = { value = "outbound" }
    converted = { expression = "outcome = 'SALE'" }

`docs/mapping.md` explains every word with examples that run. Whatever is wrong in a mapping is
said in one sentence before any row is read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import duckdb

from dialgauge.errors import DialgaugeError, MappingError, UnknownNameError
from dialgauge.model.expression import Expression
from dialgauge.model.parse import parse
from dialgauge.model.table import Column, Table, Type
from dialgauge.sources.base import stored_columns
from dialgauge.sources.disposition import NO_DISPOSITIONS, Dispositions, read_dispositions
from dialgauge.sources.phones import home_of
from dialgauge.sources.raw import Settings
from dialgauge.sources.zones import known_zones
from dialgauge.tables import TABLES
from dialgauge.tables.storage import text as quoted_text

UNITS: MappingOf[str, float] = MappingProxyType(
    {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "HH:MM:SS": 1, "MM:SS": 1}
)
"""Unit of a duration to its seconds; the last two are read by their parts."""

EPOCHS: MappingOf[str, int] = MappingProxyType(
    {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
)
"""Formats of times that are counts since 1970 UTC, to microseconds."""

ISO = "iso"

Constant: TypeAlias = str | int | float | bool
_Toml: TypeAlias = MappingOf[str, object]

_TOP = (
    "table",
    "timezone",
    "region",
    "file",
    "names",
    "columns",
    "disposition",
    "where",
    "repeat",
    "tables",
)
_TABLE = ("table", "timezone", "region", "columns", "disposition", "where", "repeat")
_RULE = (
    "from", "value", "expression", "format", "timezone", "timezone_from", "unit", "decimal",
    "thousands",
)  # fmt: skip
_FILE = ("kind", "encoding", "delimiter", "quote", "sheet", "skip", "headers", "null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where the values of one canonical column come from, and how they are written.

    Attributes:
        column: The canonical column.
        header: The header it is read from, else empty.
        value: The constant it always has, else None.
        expression: What it is computed by, else None.
        formats: Of times and days, tried in order; none means ISO 8601.
        timezone: Zone of times that carry none; empty for the mapping's.
        timezone_from: Header of the column that names each row's zone.
        unit: Of durations, a key of `UNITS`.
        decimal: The decimal mark, a point or a comma.
        thousands: What groups digits, empty for nothing.
    """

    column: Column
    header: str = ""
    value: Constant | None = None
    expression: Expression | None = None
    formats: tuple[str, ...] = ()
    timezone: str = ""
    timezone_from: str = ""
    unit: str = "s"
    decimal: str = "."
    thousands: str = ""

    @property
    def shown(self) -> str:
        """The column for people, with the header when that is another word."""
        name = self.column.name
        if self.header.strip().lower() in ("", name):
            return name
        return f"{name} (from '{self.header}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How the rows of a file become rows of one canonical table.

    Attributes:
        table: The canonical table.
        rules: One for each column that is filled.
        timezone: Zone of times that carry none; empty when unset.
        home: Where phone numbers without + belong, as `phones.home_of` gave it.
        dispositions: What each disposition code means.
        where: Which rows of the file are rows of the table; None for all.
        repeat: How many rows one row of the file stands for; None for one.
    """

    table: Table
    rules: tuple[Rule, ...]
    timezone: str = ""
    home: str = ""
    dispositions: Dispositions = NO_DISPOSITIONS
    where: Expression | None = None
    repeat: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping file.

    Attributes:
        tables: One or more tables that each row feeds.
        settings: How the files are written.
        names: Short names for headers, for use in expressions.
    """

    tables: tuple[TableMapping, ...]
    settings: Settings = field(default_factory=Settings)
    names: MappingOf[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_mapping(path: Path, table: str | None = None) -> Mapping:
    """Read a mapping file.

    Args:
        path: The TOML file.
        table: The table asked for on the command line, which the mapping must not contradict.

    Raises:
        MappingError: The file is not a mapping; the message says where and what is allowed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingError(f"the mapping {path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"the mapping {path} is not TOML: {error}") from None
    try:
        return mapping_of(content, table)
    except DialgaugeError as error:
        raise MappingError(f"in the mapping {path}: {error}") from None


def mapping_of(content: _Toml, table: str | None = None) -> Mapping:
    """Check what a mapping file says.

    Args:
        content: The parsed TOML.
        table: The table asked for on the command line.

    Raises:
        MappingError: Something in it is not allowed.

    Example:
        >>> content = {"table": "agents", "columns": {"agent_id": "Login"}}
        >>> mapping_of(content).tables[0].rules[0].header
        'Login'
    """
    _known("key", content, _TOP)
    parts = content.get("tables")
    if parts is None:
        told = {key: value for key, value in content.items() if key in _TABLE}
        if table:
            told.setdefault("table", table)
        tables: tuple[TableMapping, ...] = (_table(told),)
    else:
        if not isinstance(parts, list) or "columns" in content or "table" in content:
            raise MappingError("write either table and [columns], or several [[tables]], not both")
        shared = {key: content.get(key, "") for key in ("timezone", "region")}
        tables = tuple(_table({**shared, **part}) for part in parts)
    if table and all(one.table.name != table for one in tables):
        raise MappingError(f"the mapping fills {tables[0].table.name}, but --table says {table}")
    names = {key: _text(value, f"names.{key}") for key, value in _section(content, "names").items()}
    return Mapping(
        tables=tables,
        settings=settings_of(_section(content, "file")),
        names=MappingProxyType(names),
    )


def settings_of(told: _Toml) -> Settings:
    """Check a `[file]` section, or options of the same names.

    Raises:
        MappingError: A setting is unknown or has the wrong type.
    """
    _known("setting of files", told, _FILE)
    skip = told.get("skip", 0)
    if isinstance(skip, str) and skip.isdigit():
        skip = int(skip)
    if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
        raise MappingError(f"skip = {skip!r} must be a number of lines, 0 or more")
    return Settings(
        kind=_text(told.get("kind", ""), "kind"),
        encoding=_text(told.get("encoding", ""), "encoding"),
        delimiter=_text(told.get("delimiter", ""), "delimiter"),
        quote=_text(told.get("quote", ""), "quote"),
        sheet=_text(told.get("sheet", ""), "sheet"),
        skip=skip,
        headers=_texts(told.get("headers", ()), "headers"),
        null=_texts(told.get("null", ()), "null"),
    )


def table_named(name: str) -> Table:
    """Return the table of that name, if files may fill it.

    Raises:
        UnknownNameError: There is no such table.
    """
    allowed = [table.name for table in TABLES.values() if not table.derived]
    if name not in allowed:
        raise UnknownNameError("table", name, allowed)
    return TABLES[name]


def _table(told: _Toml) -> TableMapping:
    _known("key", told, _TABLE)
    if "table" not in told:
        raise MappingError(
            f'it names no table; write table = "calls" (allowed: {", ".join(TABLES)})'
        )
    table = table_named(_text(told["table"], "table"))
    columns = _section(told, "columns")
    allowed = {column.name: column for column in stored_columns(table)}
    for name in columns:
        if name in table.types and name not in allowed:
            raise MappingError(f"{name} is worked out by dialgauge and cannot be mapped")
        if name not in allowed:
            raise UnknownNameError(f"column of {table.name}", name, allowed)
    for needed in (table.key, table.clock):
        if needed and needed not in columns:
            raise MappingError(
                f"[columns] must map {needed}, which every row of {table.name} needs"
            )
    return TableMapping(
        table=table,
        rules=tuple(
            _rule(column, columns[name]) for name, column in allowed.items() if name in columns
        ),
        timezone=_zone(told.get("timezone", ""), "timezone"),
        home=home_of(_text(told.get("region", ""), "region")),
        dispositions=read_dispositions(_section(told, "disposition"), table),
        where=_expression(told["where"], "where") if "where" in told else None,
        repeat=_expression(told["repeat"], "repeat") if "repeat" in told else None,
    )


def _rule(column: Column, told: object) -> Rule:
    where = f"columns.{column.name}"
    if isinstance(told, str):
        told = {"from": told}
    if not isinstance(told, dict):
        raise MappingError(f'{where} must be a header or a table such as {{ from = "Header" }}')
    _known(f"key of {where}", told, _RULE)
    sources = [key for key in ("from", "value", "expression") if key in told]
    if len(sources) != 1:
        raise MappingError(f"{where} needs exactly one of from, value or expression")
    _fits(column, told, where)
    value = told.get("value")
    if value is not None and not isinstance(value, str | int | float | bool):
        value = str(value)  # TOML's dates and times, written as ISO 8601
    decimal = _text(told.get("decimal", "."), f"{where}.decimal")
    thousands = _text(told.get("thousands", ""), f"{where}.thousands")
    if decimal not in (".", ",") or decimal == thousands or len(thousands) > 1:
        raise MappingError(
            f"{where}: decimal must be '.' or ',' and thousands another single character"
        )
    unit = _text(told.get("unit", "s"), f"{where}.unit")
    if unit not in UNITS:
        raise UnknownNameError(f"unit in {where}", unit, UNITS)
    return Rule(
        column=column,
        header=_text(told.get("from", ""), f"{where}.from"),
        value=value,
        expression=_expression(told["expression"], where) if "expression" in told else None,
        formats=_formats(told.get("format", ()), where),
        timezone=_zone(told.get("timezone", ""), f"{where}.timezone"),
        timezone_from=_text(told.get("timezone_from", ""), f"{where}.timezone_from"),
        unit=unit,
        decimal=decimal,
        thousands=thousands,
    )


def _fits(column: Column, told: _Toml, where: str) -> None:
    """Refuse a key that means nothing for the column's type."""
    numbers = (Type.NUMBER, Type.INTEGER, Type.MONEY)
    allowed: dict[str, bool] = {
        "format": column.type in (Type.TIME, Type.DATE),
        "timezone": column.type is Type.TIME,
        "timezone_from": column.type is Type.TIME,
        "unit": column.name.endswith("_s"),
        "decimal": column.type in numbers,
        "thousands": column.type in numbers,
    }
    for key, fits in allowed.items():
        if key in told and not fits:
            raise MappingError(f"{where} is of type {column.type.value} and takes no {key}")
    if "timezone" in told and "timezone_from" in told:
        raise MappingError(f"{where} needs timezone or timezone_from, not both")


def _formats(told: object, where: str) -> tuple[str, ...]:
    formats = (told,) if isinstance(told, str) else _texts(told, f"{where}.format")
    for one in formats:
        swapped = one.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
        if swapped != one and swapped in formats:
            raise MappingError(
                f"{where}: '{one}' and '{swapped}' cannot be told apart; a day such as 03/04 "
                "would be guessed, so split the file or give one format"
            )
        if "%" not in one and one != ISO and one not in EPOCHS:
            raise MappingError(
                f"{where}: '{one}' is not a format; allowed are iso, {', '.join(EPOCHS)} and "
                "patterns such as '%d.%m.%Y %H:%M:%S'"
            )
        if "%" in one and not _readable(one):
            raise MappingError(
                f"{where}: '{one}' is not a format; allowed are patterns such as "
                "'%d.%m.%Y %H:%M:%S', with %d %m %Y %y %b %B %H %I %p %M %S %f %z"
            )
    return formats


def _readable(form: str) -> bool:
    with duckdb.connect() as con:
        try:
            con.execute(f"SELECT try_strptime('', {quoted_text(form)})")
        except duckdb.Error:
            return False
    return True


def _expression(told: object, where: str) -> Expression:
    return parse(_text(told, where))


def _zone(told: object, where: str) -> str:
    name = _text(told, where)
    if name and name not in known_zones():
        raise UnknownNameError(f"time zone in {where}", name, known_zones())
    return name


def _section(told: _Toml, name: str) -> _Toml:
    section = told.get(name, {})
    if not isinstance(section, dict):
        raise MappingError(f"{name} must be a section: [{name}]")
    return section


def _known(kind: str, told: _Toml, allowed: tuple[str, ...]) -> None:
    for name in told:
        if name not in allowed:
            raise UnknownNameError(kind, name, allowed)


def _text(told: object, where: str) -> str:
    if not isinstance(told, str):
        raise MappingError(f"{where} must be a text in quotes, not {told!r}")
    return told


def _texts(told: object, where: str) -> tuple[str, ...]:
    if not isinstance(told, list | tuple) or not all(isinstance(one, str) for one in told):
        raise MappingError(f"{where} must be a list of texts, not {told!r}")
    return tuple(told)
