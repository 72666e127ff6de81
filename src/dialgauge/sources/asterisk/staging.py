"""How do calls and agents' time of Asterisk become rows of the canonical tables?

A call known from CDR and queue_log is one row: the CDR tells of the line (when it began and ended,
which way, whose number), the queue_log of the people (waiting, talk, agent, queue, outcome).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from dialgauge.sources.asterisk.agent_intervals import INTERVALS
from dialgauge.sources.asterisk.calls import CALLS, PIECES, call_name
from dialgauge.sources.asterisk.cdr import LEGS
from dialgauge.sources.asterisk.masking import UNIQUEID
from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.asterisk.queue_calls import QUEUE_CALLS
from dialgauge.sources.asterisk.queue_log import EVENTS
from dialgauge.sources.base import PROBLEM, RAW, Staged
from dialgauge.sources.phones import FILLED
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.tables.agent_time import AGENT_TIME
from dialgauge.tables.calls import CALLS as CALLS_TABLE
from dialgauge.tables.storage import text

_LINE = (
    *("call_id", "started_at", "answered_at", "ended_at", "direction", "result", "disposition"),
    *("ring_s", "talk_s", "agent_id", "phone_token", *FILLED, "source"),
)
_PEOPLE = ("contact", "ended_by", "wait_s", "campaign_id")
_SOURCE = {"source": "'asterisk'"}
MATCH = "asterisk_match"
"""Temporary table: `callid` of each queue call and the `call_id` of its CDR."""


def stage_queue_calls(
    con: duckdb.DuckDBPyConnection, files: Sequence[str], notes: Sequence[str]
) -> Staged:
    """Stage the calls that went through a queue, joined with their CDR when it is here too.

    Args:
        con: Where the queue calls are, and maybe the calls of the CDR.
        files: The files as they were given, by their numbers.
        notes: What to tell people.
    """
    columns = {name: f"q.{name}" for name in (*_LINE, *_PEOPLE)} | _times("q") | _SOURCE
    way, source, row, number = "q.direction", f"{QUEUE_CALLS} q", "q._row", "q.file"
    if has_table(con, CALLS):
        _match(con)
        source += (
            f" LEFT JOIN {MATCH} m ON m.callid = q.callid"
            f" LEFT JOIN {CALLS} c ON c.call_id = m.call_id"
        )
        for name, sql in _times("c").items():
            columns[name] = f"CASE WHEN c.call_id IS NULL THEN {columns[name]} ELSE {sql} END"
        for name in ("call_id", "direction", "phone_token"):
            columns[name] = f"coalesce(c.{name}, q.{name})"
        for name in FILLED:  # of the number whose token it is
            columns[name] = f"CASE WHEN c.phone_token IS NULL THEN q.{name} ELSE c.{name} END"
        way = columns["direction"]
        row, number = "coalesce(c._row, q._row)", "coalesce(c.file, q.file)"
    # somebody we called who found no agent in the queue was dropped; nobody abandoned us
    columns["result"] = (
        f"CASE WHEN {way} = 'outbound' AND q.contact = false THEN 'dropped' ELSE q.result END"
    )
    name = f"CASE WHEN regexp_full_match(callid, '{UNIQUEID}') THEN callid END"
    shapes = (
        Shape(columns=columns, rows=source, row=row, file=_file(number, files)),
        _damaged(name, EVENTS, files),
    )
    return stage_shapes(con, CALLS_TABLE, shapes, notes, present=(*_LINE, *_PEOPLE))


def stage_cdr_calls(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    options: Options,
    unused: Sequence[str],
    notes: Sequence[str],
) -> Staged:
    """Stage the calls that no queue_log of this import knows, and all damaged CDR rows.

    Args:
        con: Where the calls are.
        files: The files as they were given, by their numbers.
        options: Which columns a CDR says anything about.
        unused: Headers that nothing reads.
        notes: What to tell people.
    """
    extra = {
        "campaign_id": options.campaign != "none",
        "contact": options.contact_after is not None,
        "recording": options.recordings,
    }
    present = (*_LINE, *(name for name, said in extra.items() if said))
    columns = {name: f"c.{name}" for name in present} | _times("c") | _SOURCE
    where = (
        f" WHERE c.call_id NOT IN (SELECT call_id FROM {MATCH})" if has_table(con, MATCH) else ""
    )
    # with the key of a call that other legs make, the damaged leg would seem to be mended
    name = call_name("coalesce(linkedid, uniqueid)", options)
    readable = f"regexp_full_match(coalesce(linkedid, uniqueid), '{UNIQUEID}')"
    other = f"{name} NOT IN (SELECT call_id FROM {CALLS})"
    known = f"CASE WHEN {readable} AND {other} THEN {name} END"
    shapes = (
        Shape(columns=columns, rows=f"{CALLS} c{where}", row="c._row", file=_file("c.file", files)),
        _damaged(known, LEGS, files),
    )
    staged = stage_shapes(con, CALLS_TABLE, shapes, notes, present=present)
    return replace(staged, unused=tuple(unused))


def stage_intervals(
    con: duckdb.DuckDBPyConnection, files: Sequence[str], first_row: int, notes: Sequence[str]
) -> Staged:
    """Stage the agents' time.

    Args:
        con: Where the intervals are.
        files: The files as they were given, by their numbers.
        first_row: The first free `_row`; intervals are numbered after the rows of all files.
        notes: What to tell people.
    """
    names = ("interval_id", "agent_id", "state", "reason", "campaign_id")
    columns = {name: f"i.{name}" for name in names} | _SOURCE
    columns |= {"started_at": _instant("i.start_us"), "ended_at": _instant("i.end_us")}
    number = f"row_number() OVER (ORDER BY start_us, agent_id) + {first_row - 1}"
    shape = Shape(columns=columns, rows=f"{INTERVALS} i", row=number, file=_file("i.file", files))
    return stage_shapes(con, AGENT_TIME, (shape,), notes)


def has_table(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Say whether a temporary table exists."""
    found = con.execute(
        f"SELECT count(*) FROM duckdb_tables() WHERE table_name = {text(table)}"
    ).fetchall()
    return bool(found[0][0])


def _match(con: duckdb.DuckDBPyConnection) -> None:
    """Find the CDR call of each queue call: its callid is the uniqueid of one of its legs."""
    con.execute(
        f"CREATE TEMP TABLE {MATCH} AS SELECT call_id, callid FROM (SELECT DISTINCT call_id, "
        "callid, connected, start_us FROM ("
        f"SELECT p.call_id, q.callid, q.connected, q.start_us FROM {QUEUE_CALLS} q "
        f"JOIN {LEGS} l ON l.uniqueid = q.callid JOIN {PIECES} p ON p._row = l._row UNION ALL "
        f"SELECT c.call_id, q.callid, q.connected, q.start_us FROM {QUEUE_CALLS} q "
        f"JOIN {CALLS} c ON c.call_id = q.call_id)) "
        "QUALIFY row_number() OVER (PARTITION BY callid ORDER BY call_id) = 1 "
        "AND row_number() OVER (PARTITION BY call_id ORDER BY NOT connected, start_us, callid) = 1"
    )


def _times(table: str) -> dict[str, str]:
    names = {"started_at": "start_us", "answered_at": "answer_us", "ended_at": "end_us"}
    return {name: _instant(f"{table}.{column}") for name, column in names.items()}


def _instant(microseconds: str) -> str:
    return f"make_timestamptz({microseconds})"


def _damaged(call: str, rows: str, files: Sequence[str]) -> Shape:
    """Shape the rows that cannot be read."""
    return Shape(
        columns={"call_id": call} | _SOURCE,
        rows=f"{rows} WHERE _problem IS NOT NULL",
        file=_file("file", files),
        problem=PROBLEM,
        raw=RAW,
    )


def _file(number: str, files: Sequence[str]) -> str:
    return f"([{', '.join(text(name) for name in files)}])[{number} + 1]"
