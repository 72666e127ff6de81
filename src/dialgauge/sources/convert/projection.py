"""How do a file's raw columns become rows of a canonical table, in one statement?

It writes SQL and, but for checking constants, runs none. The raw relation has columns `c0`, `c1`,
...; the statement adds layer on layer what each column's conversion needs, then the row's first
problem, its marks, and, only where there is a problem, the original row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from dialgauge.errors import ExpressionError, MappingError, UnknownNameError
from dialgauge.model.expression import Expression, Literal
from dialgauge.model.table import Table
from dialgauge.sources.convert.cells import (
    CUT_SHORT,
    Cell,
    Kind,
    as_text,
    both,
    cut_short,
    kind_of,
    trimmed,
)
from dialgauge.sources.convert.columns import convert
from dialgauge.sources.convert.converted import Converted
from dialgauge.sources.convert.expressions import REPEAT_NUMBER, ROW_NUMBER, Renderer
from dialgauge.sources.convert.hiding import (
    hidden_if_written_sql,
    hidden_sql,
    means_a_number,
    read_by_token,
)
from dialgauge.sources.convert.numbers import chosen_number, with_numbers
from dialgauge.sources.convert.times import Local
from dialgauge.sources.mapping import Rule, TableMapping
from dialgauge.sources.raw import BLANKS, JSON_LINE, TEXT, Look, folded, pointer
from dialgauge.tables.storage import DUCKDB_TYPES, quoted, text

MOST_REPEATS = 10_000
"""A row may stand for at most so many rows."""

LEFT_OUT = "left out by the mapping's where"
"""The problem of rows that are none of the table's; whoever inserts them takes them out."""

_TOKEN = "phone_token"  # noqa: S105 - the name of a column
_FLOATS = ("DOUBLE", "FLOAT")
_ORDERED = (
    ("started_at", "ended_at"),
    ("started_at", "answered_at"),
    ("answered_at", "ended_at"),
    ("started_on", "ended_on"),
    ("starts_on", "ends_on"),
    ("hired_on", "left_on"),
    ("entered_at", "left_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The statement for one file and one table.

    Attributes:
        columns: Name and DuckDB type of what it yields, without marks, problem and raw row.
        body: The SELECT, with `{relation}` where the raw relation belongs.
        notes: The note of each bit of `_marks`, from the lowest.
        used: Positions of the raw columns it reads.
        counts_rows: It uses the row's number.
        uses_token: It needs the parameters of phone tokens.
        tells_number: Its column `_number` has the number that the phone token stands for.
        multiplies: One raw row may become several.
    """

    columns: Mapping[str, str]
    body: str
    notes: tuple[str, ...]
    used: frozenset[int]
    counts_rows: bool
    uses_token: bool
    tells_number: bool
    multiplies: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """A file whose rows are converted.

    Attributes:
        look: What was seen of it.
        names: A mapping's short names for headers.
        blanks: The blanks that may stand around its texts.
    """

    look: Look
    names: Mapping[str, str]
    blanks: str = BLANKS


class Headers:
    """Finds a file's columns by header or by a mapping's short name.

    Attributes:
        used: Positions of the columns that were asked for.
    """

    def __init__(self, origin: Origin) -> None:
        self._look, self._names, self._blanks = origin.look, origin.names, origin.blanks
        self.used: set[int] = set()

    def position(self, header: str) -> int:
        """Return the position of a header, case counting only when it must.

        Raises:
            UnknownNameError: The file has no such header.
            MappingError: It has several.
        """
        wanted = self._names.get(header, header)
        for alike in (str, folded):
            found = [
                place for place, one in enumerate(self._look.headers) if alike(one) == alike(wanted)
            ]
            if len(found) == 1:
                self.used.add(found[0])
                return found[0]
            if found:
                raise MappingError(
                    f"{self._look.path} has the header '{wanted}' {len(found)} times; rename them"
                )
        raise UnknownNameError(
            f"header in {self._look.path}", wanted, {*self._look.headers, *self._names}
        )

    def cell(self, header: str, *, loose: bool = False, comma: bool = False) -> Cell:
        """Return the cell of a header.

        Args:
            header: The header or a short name.
            loose: Whether a text may be left as it is, with blanks around it.
            comma: Whether its texts write decimals with a comma.
        """
        place = self.position(header)
        kind = kind_of(self._look.types[place])
        sql = f"c{place}"
        if self._look.kind == "jsonl":
            sql, kind = json_text(sql, self._look.headers[place], comma=comma), Kind.TEXT
        if kind is Kind.TEXT:
            if self._look.types[place] != TEXT:
                sql = f"CAST({sql} AS VARCHAR)"
            if loose and not self._look.settings.null:
                return Cell(sql, Kind.TEXT, self._blanks)
            return Cell(trimmed(sql, self._look.settings.null, self._blanks), Kind.TEXT)
        if self._look.types[place] in _FLOATS:
            return Cell(f"CASE WHEN NOT isnan({sql}) THEN {sql} END", kind)  # nullif fails on NaN
        if kind is Kind.JSON:
            return Cell(f"CAST(to_json({sql}) AS VARCHAR)", Kind.TEXT)
        return Cell(sql, kind)


def json_text(sql: str, key: str, *, comma: bool) -> str:
    """Write a field of a JSON line as people would: a whole number without .0.

    Only a value that could be meant looks its type up in the line; the text "5.0" stays.

    Args:
        sql: The field as text.
        key: Its key.
        comma: Whether texts write decimals with a comma; numbers must then look the same.
    """
    number = f"json_type({JSON_LINE}, {text(pointer(key))}) = 'DOUBLE'"
    if comma:
        meant = both(f"contains({sql}, '.')", number)
        return f"CASE WHEN {meant} THEN replace({sql}, '.', ',') ELSE {sql} END"
    whole = f"CASE WHEN {number} THEN left({sql}, length({sql}) - 2) ELSE {sql} END"
    return f"CASE WHEN suffix({sql}, '.0') THEN {whole} ELSE {sql} END"


def project(
    mapping: TableMapping, origin: Origin, zones: Mapping[str, Local] | None = None
) -> Projection:
    """Write the statement that turns a file's rows into a table's.

    Args:
        mapping: How columns are filled.
        origin: The file.
        zones: Column to the zone of its times that carry none, where that is not UTC.

    Raises:
        MappingError: The mapping does not fit the file.
    """
    headers = Headers(origin)
    renderer = Renderer(headers.cell)
    mapped = {rule.column.name for rule in mapping.rules}
    converted, asked = [], list[str]()
    for rule in mapping.rules:
        before = len(renderer.asked)
        cell = _cell(rule, headers, renderer)
        converted.append(convert(rule, cell, (zones or {}).get(rule.column.name), mapped))
        if rule.column.name == _TOKEN:
            asked = renderer.asked[before:]
    where = _condition(mapping.where, renderer) if mapping.where is not None else ""
    repeat = ""
    if mapping.repeat is not None:
        repeat = _rendered("repeat", mapping.repeat, renderer, number=True)
    for rule in mapping.rules:
        if rule.timezone_from:
            zone_cell(rule, headers)
    columns = {one.column.name: one.value for one in converted}
    flags = _flags(mapping, columns)
    marks = [mark for one in converted for mark in one.marks]
    if mapping.dispositions.decided() and "disposition" in columns:
        unknown = mapping.dispositions.unknown_sql("_code", "_campaign")
        if not mapping.dispositions.quarantine:
            marks.append((unknown, "dispositions that [disposition] does not list: {rows}"))
    problems = [*_problems(mapping, converted, renderer, repeat=bool(repeat))]
    if where:
        problems.insert(0, (f"NOT coalesce({where}, false)", LEFT_OUT))
    cases = " ".join(f"WHEN {condition} THEN {text(reason)}" for condition, reason in problems)
    base = with_numbers(_base(renderer, repeat), renderer.numbers, mapping.home)
    stacked = _stacked(base, converted)
    if mapping.dispositions.decided() and "disposition" in columns:
        campaign = columns.get("campaign_id", "CAST(NULL AS VARCHAR)")
        stacked = (
            f"SELECT *, lower({columns['disposition']}) AS _code, {campaign} AS _campaign "
            f"FROM ({stacked})"
        )
    bits = " + ".join(
        f"CASE WHEN {condition} THEN {1 << bit} ELSE 0 END"
        for bit, (condition, _) in enumerate(marks)
    )
    outputs = {**columns, **flags}
    types = {
        name: DUCKDB_TYPES[mapping.table.column(name).type]
        for name in mapping.table.types
        if name in outputs
    }
    values = ", ".join(f"{outputs[name]} AS {quoted(name)}" for name in types)
    stacked = (
        f"SELECT *, CAST({bits or 0} AS UBIGINT) AS _marks, "
        f"{f'CASE {cases} END' if cases else 'NULL'} AS _problem FROM ({stacked})"
    )
    hidden = [headers.position(name) for name in read_by_token(mapping.rules)]
    raw = raw_row(origin.look, hidden)
    number = chosen_number(asked, columns.get(_TOKEN, ""))
    return Projection(
        columns=types,
        body=f"SELECT {values}, _marks, _problem, CASE WHEN _problem IS NOT NULL THEN {raw} END"
        f" AS _raw, CASE WHEN _problem IS NULL THEN {number} END AS _number FROM ({stacked})",
        notes=tuple(note for _, note in marks),
        used=frozenset(headers.used),
        counts_rows=renderer.counts_rows,
        uses_token=bool(renderer.numbers),
        tells_number=bool(asked),
        multiplies=bool(repeat),
    )


def raw_row(look: Look, hidden: Collection[int] = ()) -> str:
    """Write the original row as a JSON object of its headers, with its phone numbers hidden.

    Args:
        look: What was seen of the file.
        hidden: The positions of columns that hold phone numbers, besides those whose header or
            value says so.
    """
    numbers = {*hidden, *(p for p, header in enumerate(look.headers) if means_a_number(header))}
    if look.kind == "jsonl":
        members = ", ".join(
            f"{text(look.headers[place])}, {hidden_sql(f'c{place}')}" for place in sorted(numbers)
        )
        # a member that is NULL would go, and what is no text would become one
        return f"json_merge_patch({JSON_LINE}, json_object({members}))" if members else JSON_LINE
    fields, seen = [], set[str]()
    for place, header in enumerate(look.headers):
        name = (
            header if header and folded(header) not in seen else f"{header or 'column'} {place + 1}"
        )
        seen.add(folded(name))
        value = f"c{place}"
        if place in numbers:
            value = hidden_sql(f"CAST(c{place} AS VARCHAR)")
        elif look.types[place] == TEXT:
            value = hidden_if_written_sql(value)
        elif look.types[place] in _FLOATS:  # JSON knows no infinity
            written = f"to_json(CAST({value} AS VARCHAR))"
            value = f"CASE WHEN isfinite({value}) THEN to_json({value}) ELSE {written} END"
        fields.append(f"{text(name)}, {value}")
    return f"CAST(json_object({', '.join(fields)}) AS VARCHAR)" if fields else "'{}'"


def check_constant(rule: Rule) -> None:
    """Refuse a constant that its column could not hold, before any row is read.

    Raises:
        MappingError: The column does not take the value.
    """
    one = convert(rule, Renderer(_no_header).render(Literal(rule.value)), None)
    cases = " ".join(f"WHEN {condition} THEN {text(reason)}" for condition, reason in one.problems)
    if not cases:
        return
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        found = con.execute(f"SELECT CASE {cases} END FROM ({_stacked('SELECT 1', [one])})")
        reason = found.fetchall()[0][0]
    if reason:
        raise MappingError(
            f"columns.{rule.column.name}: the value {rule.value!r} cannot be: {reason}"
        )


def _no_header(name: str) -> Cell:
    raise UnknownNameError("header", name, ())


def _stacked(base: str, converted: list[Converted]) -> str:
    """Write the layers of all columns over a relation."""
    stacked = base
    for level in range(max((len(one.layers) for one in converted), default=0)):
        added = [item for one in converted if len(one.layers) > level for item in one.layers[level]]
        written = ", ".join(f"{sql} AS {name}" for name, sql in added)
        stacked = f"SELECT *, {written} FROM ({stacked})"
    return stacked


def _base(renderer: Renderer, repeat: str) -> str:
    source = "{relation}"
    if renderer.counts_rows:
        source = f"(SELECT *, row_number() OVER () AS {ROW_NUMBER} FROM {source})"
    if not repeat:
        return f"SELECT * FROM {source}"
    fits = f"_repeat BETWEEN 1 AND {MOST_REPEATS} AND _repeat = trunc(_repeat)"
    count = f"CASE WHEN {fits} THEN CAST(_repeat AS BIGINT) ELSE 1 END"
    return (
        f"SELECT *, unnest(range(1, 1 + {count})) AS {REPEAT_NUMBER} "
        f"FROM (SELECT *, CAST({repeat} AS DOUBLE) AS _repeat FROM {source})"
    )


def zone_cell(rule: Rule, headers: Headers) -> Cell:
    """Return the cell that names each row's zone.

    Raises:
        MappingError: The file has no such header.
    """
    try:
        return headers.cell(rule.timezone_from)
    except UnknownNameError as error:
        raise MappingError(f"columns.{rule.column.name}.timezone_from: {error}") from None


def _cell(rule: Rule, headers: Headers, renderer: Renderer) -> Cell:
    renderer.where = rule.column.name
    try:
        if rule.header:
            plain = not (rule.formats or rule.thousands or rule.decimal != "." or ":" in rule.unit)
            return headers.cell(rule.header, loose=plain, comma=rule.decimal == ",")
        return renderer.render(rule.expression or Literal(rule.value))
    except (ExpressionError, UnknownNameError) as error:
        raise MappingError(f"columns.{rule.column.name}: {error}") from None


def _rendered(where: str, node: Expression, renderer: Renderer, *, number: bool) -> str:
    renderer.where = where
    try:
        cell = renderer.render(node)
    except (ExpressionError, UnknownNameError) as error:
        raise MappingError(f"{where}: {error}") from None
    return f"TRY_CAST({cell.sql} AS DOUBLE)" if number else as_text(cell)


def _condition(node: Expression, renderer: Renderer) -> str:
    renderer.where = "where"
    try:
        cell = renderer.render(node)
    except (ExpressionError, UnknownNameError) as error:
        raise MappingError(f"where: {error}") from None
    if cell.kind is not Kind.BOOL:
        raise MappingError("where is no condition; write one, such as Status = 'Paid'")
    return cell.sql


def _flags(mapping: TableMapping, columns: Mapping[str, str]) -> dict[str, str]:
    """Write the columns that a disposition decides; what the file says itself stands."""
    if "disposition" not in columns:
        if mapping.dispositions.decided():
            raise MappingError("[disposition] needs columns.disposition to be mapped")
        return {}
    written = {}
    for flag in mapping.dispositions.decided():
        told = mapping.dispositions.flag_sql(flag, "_code", "_campaign")
        written[flag] = f"coalesce({columns[flag]}, {told})" if flag in columns else told
    return written


def _problems(
    mapping: TableMapping, converted: list[Converted], renderer: Renderer, *, repeat: bool
) -> Iterator[tuple[str, str]]:
    table = mapping.table
    said = {one.column.name: one.said for one in converted}
    values = {one.column.name: one.value for one in converted}
    for needed in (table.key, table.clock):
        if needed:
            yield both(f"{values[needed]} IS NULL", f"NOT ({said[needed]})"), f"{needed} is missing"
    if repeat:
        fits = f"_repeat BETWEEN 1 AND {MOST_REPEATS} AND _repeat = trunc(_repeat)"
        yield (
            f"NOT coalesce({fits}, false)",
            f"repeat is not a whole number from 1 to {MOST_REPEATS:,}",
        )
    for one in converted:
        yield from one.problems
    for name, value in values.items():
        if name == table.key or name.endswith("_id"):
            yield cut_short(value), f"{name} {CUT_SHORT}"
    yield from renderer.checks.items()
    for early, late in _ORDERED:
        if early in values and late in values:
            yield f"{values[late]} < {values[early]}", f"{late} is before {early}"
    if mapping.dispositions.quarantine and "disposition" in values:
        unknown = mapping.dispositions.unknown_sql("_code", "_campaign")
        yield unknown, "disposition is not listed in the mapping's [disposition]"


def unused(look: Look, used: frozenset[int], table: Table) -> tuple[str, ...]:
    """List the headers that nothing reads; columns that dialgauge derives are not among them."""
    derived = {column.name for column in table.columns if column.derived}
    return tuple(
        header
        for place, header in enumerate(look.headers)
        if place not in used and header and folded(header) not in derived
    )
