"""How does what a file holds become a canonical text, number, amount, flag or object?"""

from __future__ import annotations

from dialgauge.model.table import Type
from dialgauge.sources.convert.cells import Cell, Kind, as_text, number_of_text, plain_number
from dialgauge.sources.convert.converted import Converted
from dialgauge.sources.mapping import UNITS, Rule
from dialgauge.sources.convert.times import Local, convert_day, convert_time
from dialgauge.sources.zones import known_zones
from dialgauge.tables.storage import text

YES = ("true", "t", "yes", "y", "1")
NO = ("false", "f", "no", "n", "0")

_EXACT = "DECIMAL(38,12)"


def convert(rule: Rule, cell: Cell, local: Local | None) -> Converted:
    """Write the conversion of one column.

    Args:
        rule: The column and how its values are written.
        cell: What the file holds, over the raw relation; texts are trimmed.
        local: The zone of times that carry none; None for UTC.
    """
    kind = rule.column.type
    if kind is Type.TIME:
        return convert_time(rule, cell, local)
    if kind is Type.DATE:
        return convert_day(rule, cell)
    if kind is Type.MONEY:
        return _money(rule, cell)
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
    written = as_text(cell)
    if rule.decimal == "." and not rule.thousands:
        return Cell(written, Kind.TEXT)
    # what is not written so stays as it is, with a mark that no number has
    plain = plain_number(written, rule.decimal, rule.thousands)
    return Cell(f"coalesce({plain}, '_' || {written})", Kind.TEXT)


def _number(rule: Rule, cell: Cell) -> Converted:
    name, shown = rule.column.name, rule.shown
    s, v = f"s_{name}", f"v_{name}"
    duration = name.endswith("_s")
    cell = Cell(as_text(cell), Kind.TEXT) if rule.unit in ("HH:MM:SS", "MM:SS") else _plain(rule, cell)
    example = "a number such as 12.5"
    if cell.kind is not Kind.TEXT:
        value = f"CASE WHEN isfinite(CAST({s} AS DOUBLE)) THEN CAST({s} AS DOUBLE) END"
    elif rule.unit == "MM:SS":
        value, example = _clock(s, parts=2), "a duration such as 05:30"
    elif rule.unit == "HH:MM:SS":
        value, example = _clock(s, parts=3), "a duration such as 00:05:30"
    elif duration:
        value = f"CASE WHEN contains({s}, ':') THEN {_clock(s, parts=3)} ELSE {number_of_text(s)} END"
        example = "a duration in seconds"
    else:
        value = number_of_text(s)
    if UNITS[rule.unit] != 1:
        value = f"({value}) * {UNITS[rule.unit]}" if rule.unit != "ms" else f"({value}) / 1000"
    problems = [(f"{v} IS NULL AND {s} IS NOT NULL", f"{shown} is not {example}")]
    if duration:
        problems.append((f"{v} < 0", f"{shown} is negative"))
    layers = _layers(rule, cell.sql, value)
    if rule.column.type is Type.INTEGER:
        d = f"d_{name}"
        problems[0] = (problems[0][0], f"{shown} is not a whole number")
        whole = f"CASE WHEN {d} = trunc({d}) AND abs({d}) < 9e15 THEN CAST({d} AS BIGINT) END"
        layers = (layers[0], ((d, value),), ((v, whole),))
    return Converted(
        column=rule.column, layers=layers, given=s, value=v, problems=tuple(problems)
    )


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
        value = f"CASE WHEN NOT contains({s}, '_') THEN {value} END"
        rounded = f"TRY_CAST({s} AS {_EXACT}) <> {v}"
    elif cell.kind is Kind.DECIMAL:
        rounded = f"{s} <> {v}"
    else:  # a double is never exact: only what people would see counts
        rounded = f"abs({s} - CAST({v} AS DOUBLE)) > 1e-7 + abs({s}) * 1e-12"
    return Converted(
        column=rule.column,
        layers=_layers(rule, cell.sql, value),
        given=s,
        value=v,
        problems=(
            (f"{v} IS NULL AND {s} IS NOT NULL",
             f"{shown} is not an amount such as 12.50, below 100,000,000,000,000"),
        ),
        marks=((rounded, f"{shown}: {{rows}} amounts had more than 4 decimals and were rounded"),),
    )  # fmt: skip


def _bool(rule: Rule, cell: Cell) -> Converted:
    name = rule.column.name
    s, v = f"s_{name}", f"v_{name}"
    if cell.kind is Kind.BOOL:
        value = s
    elif cell.kind in (Kind.NUMBER, Kind.DECIMAL):
        value = f"CASE {s} WHEN 1 THEN true WHEN 0 THEN false END"
    else:
        cell = Cell(as_text(cell), Kind.TEXT)
        value = (
            f"CASE WHEN lower({s}) IN ({_listed(YES)}) THEN true "
            f"WHEN lower({s}) IN ({_listed(NO)}) THEN false END"
        )
    reason = f"{rule.shown} is not true or false; allowed are {', '.join((*YES, *NO))}"
    return Converted(
        column=rule.column,
        layers=_layers(rule, cell.sql, value),
        given=s,
        value=v,
        problems=((f"{v} IS NULL AND {s} IS NOT NULL", reason),),
    )


def _text(rule: Rule, cell: Cell) -> Converted:
    column, shown = rule.column, rule.shown
    s, v = f"s_{column.name}", f"v_{column.name}"
    value, reason = s, ""
    if column.values:
        allowed = _listed(column.values)
        value = (
            f"CASE WHEN {s} IN ({allowed}) THEN {s} "
            f"WHEN lower({s}) IN ({allowed}) THEN lower({s}) END"
        )
        reason = f"{shown} is not one of {', '.join(column.values)}"
    elif column.name == "timezone":
        value = f"CASE WHEN {s} IN ({_listed(sorted(known_zones()))}) THEN {s} END"
        reason = f"{shown} is not an IANA time zone such as Europe/Berlin"
    elif column.type is Type.JSON:
        value = f"CASE WHEN json_valid({s}) AND json_type({s}) = 'OBJECT' THEN {s} END"
        reason = f"{shown} is not a JSON object"
    return Converted(
        column=column,
        layers=_layers(rule, as_text(cell), value),
        given=s,
        value=v,
        problems=((f"{v} IS NULL AND {s} IS NOT NULL", reason),) if reason else (),
    )


def _listed(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(text(value) for value in values)
