"""By what clock did Asterisk write, and when was each leg in UTC?

CDR times carry no zone, and whether they are local or UTC depends on a setting nobody can see. But
a uniqueid begins with the second of UTC in which its channel was made, and most legs start within
that second: their difference, rounded to a quarter of an hour, is a vote for the offset. Half
hours are counted one by one, so both sides of a daylight saving change get their own offset. A
leg that starts long after its channel (a transfer, a queue) takes the offset of those around it.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from dialgauge.sources.asterisk.cdr import LEGS
from dialgauge.sources.zones import FOLD, oddity_sql, utc_sql

STARTS = "asterisk_starts"
"""Temporary table: `_row` and `at`, the microsecond of UTC at which the leg started."""

_VOTES, _SLOTS = "asterisk_votes", "asterisk_slots"
_SLOT_S = 1800
_FIRST_SLOT = -1
_QUARTER_S = 900
_PROMPT_S = 30  # a leg that starts this soon after its channel may vote
_MOST_S = 14 * 3600  # no zone is further from UTC
_SHIFT_S = 3600  # clocks change by an hour at most
_SECOND = 1_000_000
_HOURS_3 = 3 * 3600 * _SECOND


def find_starts(con: duckdb.DuckDBPyConnection, files: Sequence[str], timezone: str) -> list[str]:
    """Work out when each leg without a problem started.

    Args:
        con: Where the legs are.
        files: The files' names, by their numbers.
        timezone: The zone the user gave; empty when unset.

    Returns:
        Notes on which clock each file was written with.
    """
    _count_votes(con)
    notes = _given(con, files, timezone) if timezone else _inferred(con, files)
    con.execute(f"CREATE TEMP TABLE {STARTS} AS {_starts(con, timezone)}")
    con.execute(f"DROP TABLE {_VOTES}")
    con.execute(f"DROP TABLE {_SLOTS}")
    return notes


def _count_votes(con: duckdb.DuckDBPyConnection) -> None:
    seconds = "(wall // 1000000 - epoch)"
    rounded = f"CAST(round({seconds} / {_QUARTER_S}.0) * {_QUARTER_S} AS BIGINT)"
    con.execute(
        f"CREATE TEMP TABLE {_VOTES} AS "
        f"SELECT file, epoch // {_SLOT_S} slot, {rounded} shift, count(*) votes FROM {LEGS} "
        f"WHERE _problem IS NULL AND NOT zoned AND epoch IS NOT NULL "
        f"AND {seconds} - {rounded} BETWEEN -2 AND {_PROMPT_S} AND abs({rounded}) <= {_MOST_S} "
        "GROUP BY ALL"
    )
    leader = "arg_max(shift, (votes, -abs(shift), shift))"
    con.execute(
        f"CREATE TEMP TABLE {_SLOTS} AS WITH whole AS ("
        f"SELECT file, {leader} usual FROM (SELECT file, shift, sum(votes) votes FROM {_VOTES} "
        "GROUP BY ALL) GROUP BY file), "
        f"slots AS (SELECT file, slot, {leader} shift FROM {_VOTES} JOIN whole USING (file) "
        f"WHERE abs(shift - usual) <= {_SHIFT_S} GROUP BY ALL) "
        # an offset that neither the half hour before nor the one after shares is a late leg
        "SELECT file, slot, shift FROM slots WINDOW so AS (PARTITION BY file ORDER BY slot) "
        "QUALIFY coalesce(lag(shift) OVER so = shift, true) "
        "OR coalesce(lead(shift) OVER so = shift, true) "
        # before the first vote, the usual offset holds
        f"UNION ALL SELECT file, {_FIRST_SLOT}, usual FROM whole"
    )


def _starts(con: duckdb.DuckDBPyConnection, timezone: str) -> str:
    good = f"FROM {LEGS} WHERE _problem IS NULL"
    if timezone:
        first, last = con.execute(
            f"SELECT coalesce(min(wall), 0), coalesce(max(wall), 0) {good}"
        ).fetchall()[0]
        years = (_year(first) - 1, _year(last) + 2)
        early = utc_sql("wall", timezone, *years)
        # shown twice: three hours later the second offset holds for sure
        late = f"({utc_sql(f'(wall + {_HOURS_3})', timezone, *years)} - {_HOURS_3})"
        nearer = f"abs({late} // 1000000 - epoch) < abs({early} // 1000000 - epoch)"
        return (
            f"SELECT _row, CASE WHEN zoned THEN wall WHEN {oddity_sql('wall', timezone, *years)} "
            f"= {FOLD} AND {nearer} THEN {late} ELSE {early} END start_us {good}"
        )
    # a row without uniqueid is put into its half hour by the usual offset
    moment = "coalesce(epoch, wall // 1000000 - coalesce(usual.shift, 0))"
    return (
        "SELECT _row, CASE WHEN zoned THEN wall ELSE wall - 1000000 * coalesce(s.shift, 0) END "
        f"start_us FROM (SELECT _row, legs.file, wall, zoned, {moment} // {_SLOT_S} slot "
        f"FROM {LEGS} legs LEFT JOIN {_SLOTS} usual ON usual.file = legs.file "
        f"AND usual.slot = {_FIRST_SLOT} WHERE _problem IS NULL) l "
        f"ASOF LEFT JOIN {_SLOTS} s ON s.file = l.file AND l.slot >= s.slot"
    )


def _inferred(con: duckdb.DuckDBPyConnection, files: Sequence[str]) -> list[str]:
    rows = con.execute(
        f"SELECT file, list(DISTINCT shift ORDER BY shift) FROM {_SLOTS} GROUP BY file ORDER BY 1"
    ).fetchall()
    shifts = dict(rows)
    notes = []
    for number in _unzoned(con):
        found = shifts.get(number)
        if found:
            names = " and ".join(offset_name(shift) for shift in found)
            notes.append(f"{files[number]}: times are {names}, as its uniqueids show.")
        else:
            notes.append(
                f"{files[number]}: no zone was given and no uniqueid tells one, so its times were "
                "taken as UTC; if they are local, import again with --timezone."
            )
    return notes


def _given(con: duckdb.DuckDBPyConnection, files: Sequence[str], timezone: str) -> list[str]:
    first, last = con.execute(
        f"SELECT coalesce(min(slot), 0), coalesce(max(slot), 0) FROM {_VOTES}"
    ).fetchall()[0]
    years = (_year(first * _SLOT_S * _SECOND) - 1, _year(last * _SLOT_S * _SECOND) + 2)
    real = f"(v.slot * {_SLOT_S} * {_SECOND})"
    wall = f"({real} + v.shift * {_SECOND})"
    rows = con.execute(
        f"SELECT v.file, any_value(v.shift), sum(v.votes) FROM {_VOTES} v JOIN {_SLOTS} s "
        "ON s.file = v.file AND s.slot = v.slot AND s.shift = v.shift "
        # a wall that is shown twice may be either time
        f"WHERE {utc_sql(wall, timezone, *years)} <> {real} "
        f"AND {oddity_sql(wall, timezone, *years)} <> {FOLD} GROUP BY v.file ORDER BY 1"
    ).fetchall()
    return [
        f"{files[number]}: the uniqueids of {count} rows say its times are {offset_name(shift)}, "
        f"which is not {timezone}; {timezone} was used, as asked. Import without --timezone to "
        "let the uniqueids decide."
        for number, shift, count in rows
    ]


def _unzoned(con: duckdb.DuckDBPyConnection) -> list[int]:
    rows = con.execute(
        f"SELECT DISTINCT file FROM {LEGS} WHERE _problem IS NULL AND NOT zoned ORDER BY 1"
    ).fetchall()
    return [number for (number,) in rows]


def offset_name(seconds: int) -> str:
    """Write an offset from UTC for people.

    Example:
        >>> offset_name(0), offset_name(-12600)
        ('UTC', 'UTC-03:30')
    """
    if not seconds:
        return "UTC"
    minutes = abs(seconds) // 60
    return f"UTC{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def _year(microseconds: int) -> int:
    return 1970 + int(microseconds // 31_556_952_000_000)
