"""When was each leg, what is wrong with it, and which leg was it made by?

Times of cdr_csv are wall clocks of the server; epochs of mod_json_cdr are UTC and count before
them. From the start on, durations count, so that the night on which clocks change, and a
spreadsheet that has dropped the seconds, leave talk and ringing right.

A leg names the one it was made by in `originator`, `call_uuid` or `cc_member_session_uuid`; or
that one names it in `bleg_uuid`, `signal_bond` or `other_loopback_leg_uuid`. `bridge_uuid` names
whom it talked to last: an agent's leg that stays up all day talks to many, so it joins nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from dialgauge.sources.asterisk.masking import hidden
from dialgauge.sources.base import FILE, ROW
from dialgauge.sources.freeswitch.options import Options
from dialgauge.sources.freeswitch.reading import ROWS, names_of
from dialgauge.sources.freeswitch.streams import CONTEXT, EARLIER, NUMBERS
from dialgauge.sources.zones import utc_sql
from dialgauge.tables.storage import quoted, text

LEGS = "fs_legs"
"""Temporary table with one row a leg: the columns of `ROWS`, `start_us`, `answer_us`, `end_us` in
microseconds of UTC, `lasted_s`, `talked_s`, `answered`, `blurred` (seconds are missing),
`unzoned` (nothing told the zone), `maker` (the uuid of the leg that made it, NULL for none),
`root` (that of the leg that began the call, as far as it is known), `lost` (that leg is not here),
and `_problem`, `_raw`."""

_STAMPS = ("start", "answer", "end")
_FIRST_US, _LAST_US = 631_152_000_000_000, 4_102_444_800_000_000  # 1990, 2100
_LONGEST_S = 7 * 86_400
_HOUR_US = 3_600_000_000
_STAMP = (
    "^([0-9]{1,4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,4})[ T]+([0-9]{1,2}):([0-9]{2})"
    "(?::([0-9]{2}(?:\\.[0-9]+)?))?"
)
_HIDDEN = (*NUMBERS, "userfield", "originator_number")
_DEEPEST = 12
AMBIGUOUS = "a date that can be read in two ways; say --option dates=dmy or dates=mdy"


def create_legs(con: duckdb.DuckDBPyConnection, options: Options, timezone: str) -> int:
    """Make the table `LEGS` of `ROWS`.

    Args:
        con: Where the rows are.
        options: The order of dates.
        timezone: The zone of wall clocks.

    Returns:
        How many rows repeated a leg.
    """
    ((rows,),) = con.execute(f"SELECT count(*) FROM {ROWS}").fetchall()
    same = "PARTITION BY CASE WHEN uuid IS NULL THEN CAST(_row AS VARCHAR) ELSE lower(uuid) END"
    last = f"row_number() OVER ({same} ORDER BY {ROW} DESC) = 1"
    # a row that was once read for itself is more than context
    mark = (
        f"coalesce(max(nullif({CONTEXT}, '{EARLIER}')) OVER ({same}), "
        f"CASE WHEN count(*) OVER ({same}) = count({CONTEXT}) OVER ({same}) THEN {CONTEXT} END)"
    )
    marked = con.execute(f"SELECT count({CONTEXT}) FROM {ROWS}").fetchall()[0][0]
    kept = (
        f"(SELECT *{f' REPLACE ({mark} AS {CONTEXT})' if marked else ''} FROM {ROWS} "
        f"QUALIFY uuid IS NULL OR _wrong IS NOT NULL OR {last})"
    )
    con.execute(f"CREATE TEMP TABLE {LEGS} AS {_legs(kept, options, timezone)}")
    _find_roots(con)
    ((legs,),) = con.execute(f"SELECT count(*) FROM {LEGS}").fetchall()
    return int(rows - legs)


def _legs(rows: str, options: Options, timezone: str) -> str:
    problems = " ".join(f"WHEN {when} THEN {text(why)}" for why, when in _problems().items())
    walls = ", ".join(f"{_wall(name, options)} {name}_wall" for name in _STAMPS)
    parts = ", ".join(
        f"CASE WHEN NOT {_usual(name)} THEN "
        f"regexp_extract({name}_stamp, '{_STAMP}', ['a', 'b', 'c', 'h', 'm', 's']) END {name}_parts"
        for name in _STAMPS
    )
    return f"""
        WITH cut AS (SELECT *, {parts} FROM {rows}),
        voted AS (SELECT *, {_votes("a")} day_first, {_votes("b")} month_first FROM cut),
        walls AS (SELECT *, {walls} FROM voted),
        timed AS (SELECT *, {_moment("start", timezone)} said_start,
            {_moment("answer", timezone)} said_answer, {_moment("end", timezone)} said_end,
            start_epoch IS NULL AND coalesce(start_parts.s, '') = '' AND start_parts.h <> ''
                blurred, start_epoch IS NULL AND NOT coalesce({_zoned("start")}, false) unzoned,
            try_cast(duration AS DOUBLE) told_s, try_cast(billsec AS DOUBLE) told_talk_s
            FROM walls),
        known AS (SELECT *,
            coalesce(said_start, said_end - CAST(told_s * 1000000 AS BIGINT), said_answer, said_end)
                start_us,
            coalesce(told_talk_s > 0, false) OR said_answer IS NOT NULL answered
            FROM timed),
        lasting AS (SELECT *,
            coalesce(told_s, (said_end - start_us) / 1e6, told_talk_s) lasted_s,
            CASE WHEN NOT answered THEN 0
                ELSE coalesce(told_talk_s, (said_end - said_answer) / 1e6) END talked_s
            FROM known)
        SELECT * EXCLUDE (start_parts, answer_parts, end_parts, start_wall, answer_wall, end_wall,
                day_first, month_first, said_start, said_answer, said_end, told_s, told_talk_s),
            CAST(start_us + lasted_s * 1000000 AS BIGINT) end_us,
            CASE WHEN NOT answered THEN NULL
                WHEN answer_epoch IS NOT NULL AND said_answer IS NOT NULL THEN said_answer
                ELSE CAST(start_us + greatest(0, lasted_s - talked_s) * 1000000 AS BIGINT) END
                answer_us,
            coalesce(_wrong, CASE {problems} END) _problem,
            coalesce(_cut, CASE WHEN {" OR ".join(_problems().values())} THEN {_raw(options)} END)
                _raw
        FROM lasting
    """


def _votes(part: str) -> str:
    """Write whether some date of the file has a number there that no month has."""
    low = "length(start_parts.a) < 3 AND NOT regexp_matches(start_stamp, '^[0-9]+[.]')"
    return (
        f"coalesce(bool_or({low} AND try_cast(start_parts.{part} AS INTEGER) > 12) "
        f"OVER (PARTITION BY {FILE}), false)"
    )


def _problems() -> Mapping[str, str]:
    """Map each reason to the condition under which it holds, the first that does counts."""
    return {
        "missing uuid": "uuid IS NULL",
        AMBIGUOUS: "start_wall = 0",
        "start time not between 1990 and 2100": f"start_us NOT BETWEEN {_FIRST_US} AND {_LAST_US} "
        "OR (said_start IS NULL AND start_wall <> 0)",
        "unreadable start time": "said_start IS NULL AND "
        "coalesce(start_epoch, start_stamp) IS NOT NULL AND coalesce(start_epoch, '') <> '0'",
        "missing start time": "start_us IS NULL",
        "unreadable duration": "duration IS NOT NULL AND told_s IS NULL",
        "unreadable billsec": "billsec IS NOT NULL AND told_talk_s IS NULL",
        "ends before it starts": f"said_end < said_start - {_HOUR_US}",
        "missing duration": "lasted_s IS NULL",
        "negative duration": "lasted_s < 0",
        "negative billsec": "told_talk_s < 0",
        "duration of more than seven days": f"NOT lasted_s <= {_LONGEST_S}",
        "billsec longer than duration": "told_talk_s > lasted_s + 1",
    }


def _usual(name: str) -> str:
    """Write whether a stamp is as FreeSWITCH writes it; then it need not be taken apart."""
    return f"(length({name}_stamp) = 19 AND {name}_stamp[5] = '-')"


def _wall(name: str, options: Options) -> str:
    """Write SQL for a stamp as microseconds of its wall clock, NULL when none, 0 when ambiguous."""
    parts = f"{name}_parts"
    year_first = f"length({parts}.a) = 4"
    orders = {"ymd": "abc", "dmy": "cba", "mdy": "cab"}

    def made(order: str) -> str:
        year, month, day = (f"try_cast({parts}.{each} AS BIGINT)" for each in orders[order])
        year = f"CASE WHEN {year} < 100 THEN 2000 + {year} ELSE {year} END"
        second = f"coalesce(try_cast({parts}.s AS DOUBLE), 0)"
        hour, minute = (f"try_cast({parts}.{each} AS BIGINT)" for each in "hm")
        return f"epoch_us(TRY(make_timestamp({year}, {month}, {day}, {hour}, {minute}, {second})))"

    if options.dates in ("dmy", "mdy"):
        other = made(options.dates)
    else:
        first, second = (f"try_cast({parts}.{each} AS INTEGER) > 12" for each in "ab")
        dotted = f"regexp_matches({name}_stamp, '^[0-9]+[.]')"
        other = (
            f"CASE WHEN {first} OR {dotted} THEN {made('dmy')} WHEN {second} THEN {made('mdy')} "
            f"WHEN day_first AND NOT month_first THEN {made('dmy')} "
            f"WHEN month_first AND NOT day_first THEN {made('mdy')} "
            f"WHEN {parts}.h <> '' THEN 0 END"
        )
    exact = f"epoch_us(TRY_CAST({name}_stamp AS TIMESTAMP))"
    return (
        f"CASE WHEN {_usual(name)} THEN {exact} "
        f"WHEN {year_first} THEN {made('ymd')} ELSE {other} END"
    )


def _zoned(name: str) -> str:
    """Write whether a stamp says its zone, as PostgreSQL writes it."""
    return (
        f"(length({name}_stamp) > 19 AND regexp_full_match({name}_stamp, "
        "'[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:]{8}([.][0-9]+)? ?(Z|[+-][0-9]{2}(:[0-9]{2}){0,2})'))"
    )


def _moment(name: str, timezone: str) -> str:
    """Write SQL for an instant by its epoch, else by its stamp; before 1990 it is none."""
    epoch = f"try_cast({name}_epoch AS DOUBLE)"
    wall = f"{name}_wall"
    return (
        f"CASE WHEN {epoch} BETWEEN 1 AND {_LAST_US // 1_000_000} "
        f"THEN CAST({epoch} * 1000000 AS BIGINT) "
        f"WHEN {_zoned(name)} THEN epoch_us(TRY_CAST({name}_stamp AS TIMESTAMPTZ)) "
        f"WHEN {wall} BETWEEN {_FIRST_US} AND {_LAST_US} "
        f"THEN {utc_sql(wall, timezone, 2000, 2050)} END"
    )


def _raw(options: Options) -> str:
    listed = ", ".join(
        f"{text(name)}, {hidden(quoted(name)) if name in _HIDDEN else quoted(name)}"
        for name in names_of(options)
    )
    return f"json_merge_patch('{{}}', json_object({listed}))::VARCHAR"


def _find_roots(con: duckdb.DuckDBPyConnection) -> None:
    """Follow each leg to the one that began the call."""
    con.execute(f"CREATE TEMP TABLE fs_parents AS SELECT *, parent AS maker FROM ({_parents()})")
    for _ in range(_DEEPEST):
        ((moved,),) = con.execute(
            "UPDATE fs_parents SET parent = up.parent FROM fs_parents up "
            "WHERE up.uuid = fs_parents.parent AND up.parent <> fs_parents.uuid"
        ).fetchall()
        if not moved:
            break
    con.execute(
        f"CREATE TEMP TABLE {LEGS}_told AS SELECT l.*, p.maker, "
        "coalesce(p.parent, lower(l.uuid)) root, "
        f"p.parent IS NOT NULL AND p.parent NOT IN (SELECT lower(uuid) FROM {LEGS} "
        f"WHERE _problem IS NULL AND uuid IS NOT NULL) lost "
        f"FROM {LEGS} l LEFT JOIN fs_parents p ON p.uuid = lower(l.uuid) AND l._problem IS NULL"
    )
    con.execute(f"DROP TABLE {LEGS}")
    con.execute("DROP TABLE fs_parents")
    con.execute(f"ALTER TABLE {LEGS}_told RENAME TO {LEGS}")


def _parents() -> str:
    """Write each leg's maker: whom it names, else the earlier one that names it."""
    good = f"(SELECT *, lower(uuid) u FROM {LEGS} WHERE _problem IS NULL)"
    makers = ("cc_member_session_uuid", "originator", "call_uuid")
    named = ", ".join(f"nullif(lower({name}), u)" for name in makers)
    claims = " UNION ALL ".join(
        _claims(good, ("bleg_uuid", "signal_bond", "other_loopback_leg_uuid"))
    )
    return f"""
        WITH claims AS ({claims}),
        claimed AS (SELECT l.u, arg_min(c.u, (c.start_us, c.{ROW})) maker
            FROM {good} l JOIN claims c ON c.other = l.u
            WHERE (c.start_us, c.{ROW}) < (l.start_us, l.{ROW})
                OR (c.start_us = l.start_us AND c.kind = 'bleg_uuid' AND l.bleg_uuid IS NULL)
            GROUP BY l.u)
        SELECT l.u uuid, coalesce({named}, c.maker) parent
        FROM {good} l LEFT JOIN claimed c USING (u)
        WHERE coalesce({named}, c.maker) IS NOT NULL
    """


def _claims(rows: str, names: Sequence[str]) -> list[str]:
    return [
        f"SELECT u, lower({name}) other, start_us, {ROW}, '{name}' kind FROM {rows} "
        f"WHERE lower({name}) <> u"
        for name in names
    ]
