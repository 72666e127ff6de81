"""How do rows of Asterisk's tables become what its files would say?

A spool or a dump holds `cdr`, `queue_log` and `cel`. A row may have been read twice; it counts
once, and as context only when it was never read for itself. From there on they are read as files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb

from dialgauge.sources.asterisk.calls import CALLS
from dialgauge.sources.asterisk.detect import CDR_FIELDS, CdrFile, QueueLog
from dialgauge.sources.asterisk.queue_calls import QUEUE_CALLS
from dialgauge.sources.asterisk.streams import CONTEXT, EARLIER, STREAMS, YOUNG
from dialgauge.sources.base import ROW
from dialgauge.sources.spooled import find_streams, load_stream
from dialgauge.sources.zones import utc_sql
from dialgauge.tables.storage import quoted

CDR_ROWS, QUEUE_ROWS, CAUSES = "asterisk_table_cdr", "asterisk_table_queue", "asterisk_causes"
"""Temporary tables: rows with `line`, `context` and `c1`... or `cells`; `linkedid` and `cause`."""

_LOADED = "asterisk_loaded"
_KINDS = (".parquet", ".jsonl", ".jsonl.gz")
_DATA = 5
_QUARTER_S = 900
_EARLIER = f"bool_and(coalesce({CONTEXT} = '{EARLIER}', false))"
_ZONED = ".{19}[.0-9]* ?(Z|[+-][0-9:]{2,6})"
_MEAN: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "invalid": (1, 22, 28),
        "rejected": (21, 55, 57),
        "congestion": (34, 38, 41, 42, 44),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Files of tables.

    Attributes:
        files: Stream to its files.
        others: What was given besides.
    """

    files: Mapping[str, tuple[Path, ...]]
    others: tuple[Path, ...]


def find_tables(paths: Sequence[Path]) -> Tables:
    """Say which of the paths hold tables; a CSV with a header is read as a file."""
    inside: list[Path] = []
    others: list[Path] = []
    for path in paths:
        candidates = sorted(path.rglob("*")) if path.is_dir() else [path]
        found = [file for file in candidates if file.name.lower().endswith(_KINDS)]
        named = [
            file
            for file in found
            if file.parent.name in STREAMS or file.name.split(".")[0].split("-")[0] in STREAMS
        ]
        inside += named
        if not named:
            others.append(path)
    files = find_streams(inside, tuple(STREAMS)) if inside else {}
    return Tables(files=files, others=tuple(others))


def load_cdr(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> CdrFile:
    """Load rows of the CDR's table, in the order of their start."""
    names = tuple(dict.fromkeys((*STREAMS["cdr"], CONTEXT)))
    load_stream(con, _LOADED, files, names)
    fields = [name for name in CDR_FIELDS if name in STREAMS["cdr"]]
    cells = ", ".join(
        f"{'coalesce(calldate, start)' if name == 'start' else quoted(name)} c{place}"
        for place, name in enumerate(fields, start=1)
    )
    same = ", ".join(quoted(name) for name in STREAMS["cdr"])
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {CDR_ROWS} AS SELECT row_number() OVER (ORDER BY "
        f"coalesce(calldate, start), {ROW}) line, {cells}, context FROM (SELECT {same}, "
        f"min({ROW}) {ROW}, {_EARLIER} context FROM {_LOADED} "
        f"GROUP BY {same}) ORDER BY line"
    )
    con.execute(f"DROP TABLE {_LOADED}")
    return CdrFile(
        path=_shown(files),
        order="columns",
        width=len(fields),
        names=tuple(fields),
        relation=CDR_ROWS,
    )


def load_queue_log(
    con: duckdb.DuckDBPyConnection, files: Sequence[Path], timezone: str
) -> tuple[QueueLog, list[str]]:
    """Load rows of the queue_log's table, with their times in UTC.

    Args:
        con: Where they shall be.
        files: The files.
        timezone: The zone of its times; empty to let the names of the calls tell it.

    Returns:
        What to read, and what to tell people.
    """
    load_stream(con, _LOADED, files, (*STREAMS["queue_log"], CONTEXT))
    same = ", ".join(quoted(name) for name in STREAMS["queue_log"])
    old = "string_split(coalesce(data, ''), '|')"
    data = ", ".join(f"coalesce(nullif(data{i}, ''), {old}[{i}], '')" for i in range(1, _DATA + 1))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {QUEUE_ROWS} AS SELECT *, "
        "CASE WHEN regexp_full_match(\"time\", '[0-9]{9,10}([.][0-9]+)?') "
        'THEN CAST(TRY_CAST("time" AS DOUBLE) * 1000000 AS BIGINT) '
        f"WHEN regexp_full_match(\"time\", '{_ZONED}') "
        'THEN epoch_us(TRY_CAST("time" AS TIMESTAMPTZ)) END told_us, '
        'CASE WHEN told_us IS NULL THEN epoch_us(TRY_CAST("time" AS TIMESTAMP)) END wall_us '
        f"FROM (SELECT {same}, min({ROW}) {ROW}, {_EARLIER} context, "
        f"coalesce(bool_or({CONTEXT} = '{YOUNG}'), false) young FROM {_LOADED} GROUP BY {same})"
    )
    con.execute(f"DROP TABLE {_LOADED}")
    utc, notes = _utc(con, timezone)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {QUEUE_ROWS} AS SELECT row_number() OVER (ORDER BY "
        f"coalesce(told_us, wall_us), TRY_CAST(id AS BIGINT), {ROW}) line, context, young, "
        f"[CAST(coalesce(told_us, {utc}) / 1e6 AS VARCHAR), coalesce(callid, ''), "
        f"coalesce(queuename, ''), coalesce(agent, ''), coalesce(event, ''), {data}] cells "
        f"FROM {QUEUE_ROWS} ORDER BY line"
    )
    return QueueLog(path=_shown(files), relation=QUEUE_ROWS), notes


def load_causes(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Load from CEL the cause for which each call's last leg to end was hung up."""
    load_stream(con, _LOADED, files, STREAMS["cel"])
    extra = "coalesce(nullif(eventextra, ''), extra)"
    cause = (
        f"TRY_CAST(CASE WHEN json_valid({extra}) THEN {extra} ->> '$.hangupcause' END AS INTEGER)"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {CAUSES} AS SELECT linkedid, "
        "max(cause) FILTER (WHERE cause NOT IN (0, 16)) cause FROM (SELECT linkedid, "
        f"{cause} cause FROM {_LOADED} WHERE upper(eventtype) = 'HANGUP') "
        "WHERE linkedid IS NOT NULL GROUP BY linkedid HAVING count(DISTINCT cause) "
        "FILTER (WHERE cause NOT IN (0, 16)) = 1"
    )
    con.execute(f"DROP TABLE {_LOADED}")


def _utc(con: duckdb.DuckDBPyConnection, timezone: str) -> tuple[str, list[str]]:
    if timezone:
        return utc_sql("wall_us", timezone, 2000, 2050), []
    epoch = "TRY_CAST(regexp_extract(callid, '([0-9]{9,10})[.][0-9]+$', 1) AS BIGINT)"
    off = f"round((wall_us // 1000000 - {epoch}) / {_QUARTER_S}.0) * {_QUARTER_S}"
    walls, shift = con.execute(
        f"SELECT count(wall_us), mode({off}) FILTER (WHERE upper(event) = 'ENTERQUEUE') "
        f"FROM {QUEUE_ROWS}"
    ).fetchall()[0]
    if not walls:
        return "wall_us", []
    if shift is None or abs(shift) > 14 * 3_600:
        return "wall_us", [
            "The queue_log's times carry no zone and were taken as UTC; say it with --timezone."
        ]
    told = (
        f"The queue_log's times are {shift / 3_600:+g} hours from UTC, as the names of its calls "
        "show; where clocks change, say the zone with --timezone."
    )
    return f"(wall_us - {int(shift) * 1_000_000})", [told]


def _shown(files: Sequence[Path]) -> Path:
    return files[0] if len(files) == 1 else files[0].parent


def drop_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Remove what was loaded."""
    for table in (CDR_ROWS, QUEUE_ROWS, CAUSES, _LOADED):
        con.execute(f"DROP TABLE IF EXISTS {table}")


def note_context(
    con: duckdb.DuckDBPyConnection, relation: str, first_row: int, context: str
) -> None:
    """Write down which rows are only context.

    Args:
        con: Where they are.
        relation: What was loaded; empty for a file, which holds no context.
        first_row: The number its first row gets.
        context: The table to add to.
    """
    if relation:
        con.execute(
            f"INSERT INTO {context} SELECT line + {first_row - 1} FROM {relation} WHERE context"
        )


def forget_waiting(
    con: duckdb.DuckDBPyConnection, relation: str, first_row: int, legs: str
) -> list[str]:
    """Leave out calls of queues that the CDR may yet know, under another name.

    Args:
        con: Where they are.
        relation: The events that were loaded; empty for a file, where nothing is to come.
        first_row: The number its first row got.
        legs: The legs of the CDR.

    Returns:
        What to tell people.
    """
    if not relation:
        return []
    ((waiting,),) = con.execute(
        f"DELETE FROM {QUEUE_CALLS} WHERE {ROW} IN (SELECT line + {first_row - 1} FROM {relation} "
        f"WHERE young) AND callid NOT IN (SELECT uniqueid FROM {legs} WHERE uniqueid IS NOT NULL)"
    ).fetchall()
    told = f"{waiting} calls of queues are not in the CDR yet; they are read again."
    return [told] if waiting else []


def forget_context(con: duckdb.DuckDBPyConnection, relation: str, context: str) -> None:
    """Leave out of what was staged the calls that begin with a row that is only context."""
    con.execute(f"DELETE FROM {relation} WHERE {ROW} IN (SELECT {ROW} FROM {context})")


def forget_earlier(
    con: duckdb.DuckDBPyConnection, intervals: str, events: str, context: str
) -> None:
    """Leave out the time that lies before and behind all events that are more than context."""
    within = f"FROM {events} WHERE {ROW} NOT IN (SELECT {ROW} FROM {context})"
    con.execute(
        f"DELETE FROM {intervals} WHERE (SELECT count(*) FROM {context}) > 0 "
        f"AND NOT coalesce(end_us >= (SELECT min(at_us) {within}) "
        f"AND start_us <= (SELECT max(at_us) {within}), false)"
    )


def tell_causes(con: duckdb.DuckDBPyConnection, call_id: str) -> None:
    """Put what CEL says of calls that failed in the place of that they did.

    Args:
        con: Where the calls are.
        call_id: SQL of a call's name by its linkedid.
    """
    whens = " ".join(f"WHEN cause IN {causes} THEN '{result}'" for result, causes in _MEAN.items())
    con.execute(
        f"UPDATE {CALLS} SET result = coalesce(CASE {whens} END, result) FROM (SELECT {call_id} "
        f"told, cause FROM {CAUSES}) WHERE call_id = told AND result IN ('failed', 'congestion')"
    )
