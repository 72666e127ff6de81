"""How does what a file holds become an instant or a day?

Without a declared format only ISO 8601 is read (also with a blank for the T, with slashes, without
seconds): its order of year, month and day is never in doubt. Everything else needs a format.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgauge.sources.convert.cells import (
    Cell,
    Kind,
    as_text,
    both,
    either,
    number_of_text,
    stripped,
)
from dialgauge.sources.convert.converted import Converted, says
from dialgauge.sources.mapping import EPOCHS, ISO, Rule
from dialgauge.sources.zones import FIRST_YEAR, FOLD, GAP, LAST_YEAR, oddity_sql, utc_sql
from dialgauge.tables.storage import text

_SKIPPED = "times skipped by the clock of {0}, read with the offset before the gap: {{rows}}"
_TWICE = "times shown twice by the clock of {0}, of which the first was taken: {{rows}}"

FIRST_DAY = 1900
"""Days are read from this year on, to `LAST_YEAR`."""


@dataclass(frozen=True, slots=True)
class Local:
    """The zone, or zones, of times that carry none.

    Attributes:
        zones: IANA names.
        chooser: SQL of the zone's name in each row over the raw relation; empty for one zone.
        first: First year that occurs.
        last: The year after the last that occurs.
    """

    zones: tuple[str, ...]
    chooser: str = ""
    first: int = FIRST_YEAR
    last: int = LAST_YEAR

    def utc(self, wall: str, chosen: str) -> str:
        """Write microseconds of UTC from microseconds of wall-clock time."""
        return self._choose(
            chosen, [utc_sql(wall, zone, self.first, self.last) for zone in self.zones]
        )

    def oddity(self, wall: str, chosen: str) -> str:
        """Write 1 for a time in a gap, 2 for one in a fold, else 0."""
        return self._choose(
            chosen, [oddity_sql(wall, zone, self.first, self.last) for zone in self.zones]
        )

    def _choose(self, chosen: str, written: list[str]) -> str:
        if not self.chooser:
            return written[0]
        branches = " ".join(
            f"WHEN {chosen} = {text(zone)} THEN {sql}"
            for zone, sql in zip(self.zones, written, strict=True)
        )
        return f"CASE {branches} END" if branches else "CAST(NULL AS BIGINT)"


def convert_time(rule: Rule, cell: Cell, local: Local | None) -> Converted:
    """Write the conversion of a time column.

    Args:
        rule: The column and its formats.
        cell: What the file holds; texts are trimmed.
        local: The zone of times that carry none; None for UTC.
    """
    name = rule.column.name
    s, p, w, v, z = (f"{letter}_{name}" for letter in "spwvz")
    shown = rule.shown
    if cell.kind not in (Kind.TIME, Kind.WALL, Kind.DATE, Kind.TEXT):
        cell = Cell(as_text(cell), Kind.TEXT, cell.blanks)
    forms = rule.formats or (ISO,)
    said = says(s, loose=cell.loose)
    if cell.kind is Kind.TEXT:
        parsed = _coalesced([_instant(s, form) for form in forms])
        naive = _naive(s, forms)
    else:
        parsed = s if cell.kind is Kind.TIME else _as_if_utc(s)
        naive = "false" if cell.kind is Kind.TIME else "true"
    layers: tuple[tuple[tuple[str, str], ...], ...]
    marks: tuple[tuple[str, str], ...] = ()
    problems: tuple[tuple[str, str], ...] = (
        (both(f"{v} IS NULL", said), _unreadable(rule)),
        (_outside(v, "TIMESTAMPTZ", FIRST_YEAR), _far(rule, FIRST_YEAR)),
    )
    if local is None or naive == "false":
        layers = (((s, cell.sql),), ((v, parsed),))
    else:
        utc = local.utc(w, z)
        layers = (
            ((s, cell.sql), *(((z, local.chooser),) if local.chooser else ())),
            ((p, parsed),),
            ((w, f"CASE WHEN {naive} THEN epoch_us({p}) END"),),
            ((v, f"CASE WHEN {w} IS NULL THEN {p} ELSE make_timestamptz({utc}) END"),),
        )
        where = "their zones" if local.chooser else local.zones[0]
        odd = local.oddity(w, z)
        marks = (
            (f"{odd} = {GAP}", f"{shown}: {_SKIPPED.format(where)}"),
            (f"{odd} = {FOLD}", f"{shown}: {_TWICE.format(where)}"),
        )
        if local.chooser:
            lost = f"{w} IS NOT NULL AND {v} IS NULL"
            reason = f"{shown} has no zone, and '{rule.timezone_from}' names no IANA zone"
            problems = ((lost, reason), *problems)
    return Converted(
        column=rule.column, said=said, layers=layers, value=v, problems=problems, marks=marks
    )


def convert_day(rule: Rule, cell: Cell) -> Converted:
    """Write the conversion of a day column."""
    name = rule.column.name
    s, v = f"s_{name}", f"v_{name}"
    if cell.kind in (Kind.TIME, Kind.WALL, Kind.DATE):
        value = f"CASE WHEN isfinite({s}) THEN CAST({s} AS DATE) END"
    else:
        cell = Cell(as_text(cell), Kind.TEXT, cell.blanks)
        value = _coalesced([_day(s, form) for form in rule.formats or (ISO,)])
    said = says(s, loose=cell.loose)
    return Converted(
        column=rule.column,
        said=said,
        layers=(((s, cell.sql),), ((v, value),)),
        value=v,
        problems=(
            (both(f"{v} IS NULL", said), _unreadable(rule)),
            (_outside(v, "DATE", FIRST_DAY), _far(rule, FIRST_DAY)),
        ),
    )


def _unreadable(rule: Rule) -> str:
    what = "time" if rule.column.type.value == "time" else "day"
    if rule.formats:
        return f"{rule.shown} is not a {what} in the format {' or '.join(rule.formats)}"
    example = "2026-01-31T09:30:00Z" if what == "time" else "2026-01-31"
    return (
        f"{rule.shown} is not an ISO 8601 {what} such as {example}; "
        "say how it is written with format in a mapping"
    )


def _far(rule: Rule, first: int) -> str:
    hint = (
        "" if rule.formats else "; if it is written another way, say how with format in a mapping"
    )
    return f"{rule.shown} is not in {first}-{LAST_YEAR - 1}{hint}"


def _outside(value: str, type_name: str, first: int) -> str:
    low, high = (f"{type_name} '{year}-01-01'" for year in (first, LAST_YEAR))
    return f"{value} < {low} OR {value} >= {high}"


def _coalesced(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else either(parts[0], _coalesced(parts[1:]))


def _as_if_utc(wall: str) -> str:
    return (
        f"CASE WHEN isfinite({wall}) THEN make_timestamptz(epoch_us(CAST({wall} AS TIMESTAMP))) END"
    )


def _instant(s: str, form: str) -> str:
    """Write a text as an instant, as if in UTC when it names no zone."""
    if form in EPOCHS:
        number = number_of_text(s)
        micros = f"CAST(round({number} * {EPOCHS[form]}) AS BIGINT)"
        return (
            f"CASE WHEN abs({number}) < 9e18 / {EPOCHS[form]} THEN make_timestamptz({micros}) END"
        )
    if form == ISO:
        # the cast alone would also read 'epoch', 'infinity' and names of zones
        spelt = f"replace(replace(replace(upper({stripped(s)}), ',', '.'), ' +', '+'), ' -', '-')"
        parsed = f"CASE WHEN {_plausible(s)} THEN TRY_CAST({s} AS TIMESTAMPTZ) END"
        again = f"CASE WHEN {_plausible(stripped(s))} THEN TRY_CAST({spelt} AS TIMESTAMPTZ) END"
        return either(parsed, f"CASE WHEN {s} IS NOT NULL THEN {again} END")
    parsed = f"try_strptime({s}, {text(form)})"
    return f"CAST({parsed} AS TIMESTAMPTZ)" if "%z" in form else _as_if_utc(parsed)


def _plausible(s: str) -> str:
    return (
        f"{s} < ':' AND ({s}[-1] < ':' OR suffix({s}, 'Z') OR suffix({s}, 'z') "
        f"OR suffix({s}, ' UTC'))"
    )


def _naive(s: str, forms: tuple[str, ...]) -> str:
    """Write the test that a text names no zone."""
    tests = [_names_no_zone(s, form) for form in forms]
    if len(set(tests)) == 1:
        return tests[0]
    branches = " ".join(
        f"WHEN {_instant(s, form)} IS NOT NULL THEN {test}"
        for form, test in zip(forms, tests, strict=True)
    )
    return f"CASE {branches} ELSE false END"


def _names_no_zone(s: str, form: str) -> str:
    if form == ISO:
        s = f"trim({s})"
        after = f"substr({s}, 9)"
        return (
            f"NOT (suffix({s}, 'Z') OR suffix({s}, 'z') OR suffix({s}, 'UTC') "
            f"OR contains({after}, '+') OR contains(substr({after}, 3), '-'))"
        )
    return "false" if form in EPOCHS or "%z" in form else "true"


def _day(s: str, form: str) -> str:
    if form == ISO:
        return f"CASE WHEN ltrim({s}) < ':' THEN TRY_CAST({stripped(s)} AS DATE) END"
    if form in EPOCHS:
        return f"CAST({_instant(s, form)} AS DATE)"
    return f"CAST(try_strptime({s}, {text(form)}) AS DATE)"
