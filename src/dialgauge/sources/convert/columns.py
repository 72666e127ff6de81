"""How does what a file holds become a canonical text, number, amount, flag or object?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from dialgauge.model.table import Column, Type
from dialgauge.sources.convert.cells import (
    Cell,
    Kind,
    as_text,
    both,
    either,
    enum_of,
    number_of_text,
    plain_number,
    stripped,
    trimmed,
)
from dialgauge.sources.convert.converted import Converted, says
from dialgauge.sources.convert.times import Local, convert_day, convert_time
from dialgauge.sources.mapping import UNITS, Rule
from dialgauge.sources.zones import BETWEEN, known_zones
from dialgauge.tables.storage import text

_EXACT = "DECIMAL(38,12)"
WHOLE_OF = {"refunded": "amount"}
"""Column in which true stands for the whole of another and false for nothing."""
_BOOLS = "true, yes, y, t, 1, false, no, n, f, 0"  # what TRY_CAST AS BOOLEAN reads, in any case


def convert(rule: Rule, cell: Cell, local: Local | None, mapped: Collection[str] = ()) -> Converted:
    """Write the conversion of one column.

    Args:
        rule: The column and how its values are written.
        cell: What the file holds, over the raw relation.
        local: The zone of times that carry none; None for UTC.
        mapped: The columns that are converted beside it.
    """
    kind = rule.column.type
    if kind is Type.TIME:
        return convert_time(rule, cell, local)
    if kind is Type.DATE:
        return convert_day(rule, cell)
    if kind is Type.MONEY:
        return _whole(rule, cell, mapped) if rule.column.name in WHOLE_OF else _money(rule, cell)
    if kind in (Type.NUMBER, Type.INTEGER):
        return _number(rule, cell)
    if kind is Type.BOOL:
        return _bool(rule, cell)
    return _text(rule, cell)


def _layers(rule: Rule, source: str, value: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    name = rule.column.name
    return ((f"s_{name}", source),), ((f"v_{name}", value),)


def _plain(rule: Rule, cell: Cell) -> Cell:
    """Bring a number to a plain one, or to a text that holds one."""
    if cell.kind in (Kind.NUMBER, Kind.DECIMAL):
        return cell
    if rule.decimal == "." and not rule.thousands:
        return Cell(as_text(cell), Kind.TEXT, cell.blanks)
    # what is not written so stays as it is, with a mark that no number has
    written = as_text(cell)
    plain = plain_number(written, rule.decimal, rule.thousands)
    return Cell(f"coalesce({plain}, '_' || {written})", Kind.TEXT)


def _number(rule: Rule, cell: Cell) -> Converted:
    name, shown = rule.column.name, rule.shown
    s, v = f"s_{name}", f"v_{name}"
    duration = name.endswith("_s")
    by_parts = rule.unit in ("HH:MM:SS", "MM:SS")
    cell = Cell(as_text(cell), Kind.TEXT) if by_parts else _plain(rule, cell)
    example = "a duration in seconds" if duration else "a number such as 12.5"
    if cell.kind is not Kind.TEXT:
        value = f"CASE WHEN isfinite(CAST({s} AS DOUBLE)) THEN CAST({s} AS DOUBLE) END"
    elif rule.unit == "MM:SS":
        value, example = _clock(s, parts=2), "a duration such as 05:30"
    elif rule.unit == "HH:MM:SS":
        value, example = _clock(s, parts=3), "a duration such as 00:05:30"
    elif duration:
        clock = f"CASE WHEN contains({s}, ':') THEN {_clock(stripped(s), parts=3)} END"
        value = either(number_of_text(s), either(clock, _again(s, number_of_text)))
    else:
        value = number_of_text(s)
    if cell.loose and not duration:
        value = either(value, _again(s, number_of_text))
    if UNITS[rule.unit] != 1:
        value = f"({value}) * {UNITS[rule.unit]}" if rule.unit != "ms" else f"({value}) / 1000"
    said = says(s, loose=cell.loose)
    problems = [(both(f"{v} IS NULL", said), f"{shown} is not {example}")]
    if duration:
        problems.append((f"{v} < 0", f"{shown} is negative"))
    layers = _layers(rule, cell.sql, value)
    if rule.column.type is Type.INTEGER:
        d = f"d_{name}"
        problems[0] = (problems[0][0], f"{shown} is not a whole number")
        whole = f"CASE WHEN {d} = trunc({d}) AND abs({d}) < 9e15 THEN CAST({d} AS BIGINT) END"
        layers = (layers[0], ((d, value),), ((v, whole),))
    return Converted(
        column=rule.column, layers=layers, said=said, value=v, problems=tuple(problems)
    )


def _again(s: str, write: Callable[[str], str]) -> str:
    """Write a conversion once more for a text without blanks around it."""
    return f"CASE WHEN {s} IS NOT NULL THEN {write(stripped(s))} END"


def _amount(s: str) -> str:
    return f"CASE WHEN NOT contains({s}, '_') THEN TRY_CAST({s} AS DECIMAL(18,4)) END"


def _clock(s: str, *, parts: int) -> str:
    """Write H:MM:SS or MM:SS as seconds, NULL for what is not written so."""
    pattern = "\\d+:[0-5]?\\d:[0-5]?\\d(\\.\\d+)?" if parts == 3 else "\\d+:[0-5]?\\d(\\.\\d+)?"
    summed = " + ".join(
        f"CAST(split_part({s}, ':', {part}) AS DOUBLE) * {60 ** (parts - part)}"
        for part in range(1, parts + 1)
    )
    return f"CASE WHEN regexp_full_match({s}, '{pattern}') THEN {summed} END"


def _money(rule: Rule, cell: Cell) -> Converted:
    name, shown = rule.column.name, rule.shown
    s, v = f"s_{name}", f"v_{name}"
    cell = _plain(rule, cell)
    value = f"TRY_CAST({s} AS DECIMAL(18,4))"
    if cell.kind is Kind.TEXT:
        value = _amount(s)
        if cell.loose:
            value = either(value, _again(s, _amount))
        rounded = f"TRY_CAST({s} AS {_EXACT}) <> {v}"
    elif cell.kind is Kind.DECIMAL:
        rounded = f"{s} <> {v}"
    else:  # a double is never exact: only what people would see counts
        rounded = f"abs({s} - CAST({v} AS DOUBLE)) > 1e-7 + abs({s}) * 1e-12"
    said = says(s, loose=cell.loose)
    return Converted(
        column=rule.column,
        layers=_layers(rule, cell.sql, value),
        said=said,
        value=v,
        problems=(
            (both(f"{v} IS NULL", said),
             f"{shown} is not an amount such as 12.50, below 100,000,000,000,000"),
        ),
        marks=((rounded, f"{shown}: amounts with more than 4 decimals, rounded: {{rows}}"),),
    )  # fmt: skip


def _whole(rule: Rule, cell: Cell, mapped: Collection[str]) -> Converted:
    """Write an amount that may also be told by true or false; 1 and 0 are amounts."""
    money = _money(rule, cell)
    s, v, w = f"s_{rule.column.name}", money.value, f"w_{rule.column.name}"
    whole = WHOLE_OF[rule.column.name]
    # A text that is no number as the mapping writes them comes with a mark before it.
    word = f"TRY_CAST(ltrim({stripped(f'CAST({s} AS VARCHAR)')}, '_') AS BOOLEAN)"
    told = f"CASE {word} WHEN true THEN {f'v_{whole}' if whole in mapped else 'NULL'} ELSE 0 END"
    value = either(v, f"CASE WHEN {word} IS NOT NULL THEN {told} END")
    reason = (
        f"{rule.shown} is not an amount such as 12.50, true for all of {whole}, or false;"
        f" true needs {whole} in the same row"
    )
    return replace(
        money,
        layers=(*money.layers, ((w, value),)),
        value=w,
        problems=((both(f"{w} IS NULL", money.said), reason),),
    )


def _bool(rule: Rule, cell: Cell) -> Converted:
    name = rule.column.name
    s, v = f"s_{name}", f"v_{name}"
    if cell.kind is Kind.BOOL:
        value = s
    elif cell.kind in (Kind.NUMBER, Kind.DECIMAL):
        value = f"CASE {s} WHEN 1 THEN true WHEN 0 THEN false END"
    else:
        cell = Cell(as_text(cell), Kind.TEXT, cell.blanks)
        value = f"TRY_CAST({s} AS BOOLEAN)"
        if cell.loose:
            value = either(value, f"TRY_CAST({stripped(s)} AS BOOLEAN)")
    said = says(s, loose=cell.loose)
    reason = f"{rule.shown} is not true or false; allowed are {_BOOLS}"
    return Converted(
        column=rule.column,
        layers=_layers(rule, cell.sql, value),
        said=said,
        value=v,
        problems=((both(f"{v} IS NULL", said), reason),),
    )


def words(column: Column) -> tuple[str, ...]:
    """Return the only texts a column may hold; none where it may hold any, or is no text.

    Example:
        >>> from dialgauge.tables.calls import CALLS
        >>> words(CALLS.column("direction")), words(CALLS.column("timezone"))
        (('outbound', 'inbound', 'internal'), ())
    """
    return column.values


def _zones(s: str) -> str:
    """Write a text that names a zone, or all that are possible; NULL for another."""
    known = sorted(known_zones())
    one = f"(?:{'|'.join(map(re.escape, known))})"
    several = text(f"{one}(?:{re.escape(BETWEEN)}{one})+")
    # what is no word of an enumeration takes the cast to it 40 microseconds
    return (
        f"CASE WHEN CASE WHEN contains({s}, '{BETWEEN}') THEN regexp_full_match({s}, {several})"
        f" ELSE {enum_of(s, known)} IS NOT NULL END THEN {s} END"
    )


def _text(rule: Rule, cell: Cell) -> Converted:
    column, shown = rule.column, rule.shown
    s, v = f"s_{column.name}", f"v_{column.name}"
    value, reason, loose = s, "", False
    if column.values:
        lowered = f"CASE WHEN {s} IS NOT NULL THEN lower({stripped(s)}) END"
        value = either(enum_of(s, words(column)), enum_of(lowered, words(column)))
        reason = f"{shown} is not one of {', '.join(column.values)}"
        loose = cell.loose
    elif column.name == "timezone":
        value = either(_zones(s), f"CASE WHEN {s} IS NOT NULL THEN {_zones(stripped(s))} END")
        reason = (
            f"{shown} is not an IANA time zone such as Europe/Berlin, or several with | between"
        )
        loose = cell.loose
    elif column.type is Type.JSON:
        value = f"CASE WHEN json_valid({s}) THEN CASE json_type({s}) WHEN 'OBJECT' THEN {s} END END"
        reason = f"{shown} is not a JSON object"
    source = as_text(cell) if loose or not cell.loose else trimmed(cell.sql, (), cell.blanks)
    said = says(s, loose=loose)
    return Converted(
        column=column,
        layers=_layers(rule, source, value),
        said=said,
        value=v,
        problems=((both(f"{v} IS NULL", said), reason),) if reason else (),
    )
