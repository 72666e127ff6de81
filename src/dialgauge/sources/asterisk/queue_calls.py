"""What came of each call that entered a queue?

A call is one callid that ENTERQUEUEs, counted when it first entered, however often it is queued
again. Each stay from one ENTERQUEUE to the next is looked at alone; the first stay in which an
agent connects decides, else the last one. A stay without an end was cut off by a crash or a
restart: it ends at the next QUEUESTART or after a horizon, and its result stays unknown.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.asterisk import parties
from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.asterisk.queue_log import (
    ENDS,
    EVENTS,
    HOLDS,
    KNOWN,
    NO_CALL,
    TALKS,
    by_event,
    seconds,
)
from dialgauge.sources.phone import token_parameters, token_sql
from dialgauge.tables.storage import text

QUEUE_CALLS = "asterisk_queue_calls"
"""Temporary table with one row a queue call, times in microseconds of UTC."""

_STAYS = "asterisk_stays"


def gather_queue_calls(con: duckdb.DuckDBPyConnection, options: Options, key: bytes) -> list[str]:
    """Join the events to calls.

    Args:
        con: Where the events are.
        options: The horizon, and how agents are named.
        key: The lake's secret, for phone tokens.

    Returns:
        Notes on what could not be told.
    """
    con.execute(f"CREATE TEMP TABLE {_STAYS} AS {_stays()}")
    con.execute(
        f"CREATE TEMP TABLE {QUEUE_CALLS} AS {_calls(options)}", dict(token_parameters(key))
    )
    con.execute(f"DROP TABLE {_STAYS}")
    return _notes(con)


def agent_name(value: str, options: Options) -> str:
    """Write SQL for the agent a queue_log names by interface or by name.

    A person who works from an outside phone is told apart by a token, not by the number.
    """
    bare = (
        rf"regexp_replace({value}, '^[A-Za-z0-9]+/|(-[0-9a-fA-F]{{8}})?(@.*|/n|;[12])?$', '', 'g')"
    )
    number = f"length(regexp_replace({bare}, '[^0-9]', '', 'g')) > {options.extension_length}"
    return (
        f"CASE WHEN {value} = 'NONE' THEN NULL ELSE coalesce({parties.extension(value, options)}, "
        f"CASE WHEN {number} THEN 'agent-' || left({token_sql(bare)}, 12) "
        f"ELSE nullif({bare}, '') END) END"
    )


def _in(words: object) -> str:
    return ", ".join(text(str(word)) for word in words)  # type: ignore[attr-defined]


def _stays() -> str:
    waits = by_event({event: end.waited for event, end in ENDS.items()})
    talks = by_event({event: position for event, (position, _) in TALKS.items()})
    ended = f"event IN ({_in(ENDS)})"
    talked = f"event IN ({_in(TALKS)})"
    order = "(at_us, _row)"
    return (
        f"WITH marked AS (SELECT *, count(*) FILTER (WHERE event = 'ENTERQUEUE') OVER stay stay "
        f"FROM {EVENTS} WHERE _problem IS NULL AND callid NOT IN ({_in(NO_CALL)}) "
        "WINDOW stay AS (PARTITION BY callid ORDER BY at_us, _row)), "
        "stays AS (SELECT callid, stay, min(_row) _row, arg_min(file, _row) file, "
        "min(at_us) entered_us, arg_min(queue, _row) queue, "
        "any_value(d2) FILTER (WHERE event = 'ENTERQUEUE') phone, "
        f"arg_min(at_us, {order}) FILTER (WHERE event = 'CONNECT') connect_us, "
        f"arg_min({seconds('d1')}, {order}) FILTER (WHERE event = 'CONNECT') connect_wait, "
        f"arg_min({seconds('d3')}, {order}) FILTER (WHERE event = 'CONNECT') connect_ring, "
        f"arg_min(agent, {order}) FILTER (WHERE event = 'CONNECT' OR {talked}) agent, "
        f"arg_min({by_event(HOLDS)}, {order}) FILTER (WHERE {talked}) talk_wait, "
        f"sum({talks}) FILTER (WHERE {talked}) talk, "
        f"max(at_us) FILTER (WHERE {talked}) talked_us, "
        f"arg_max(event, {order}) FILTER (WHERE {talked}) talked_event, "
        f"arg_max(event, {order}) FILTER (WHERE {ended}) end_event, "
        f"max(at_us) FILTER (WHERE {ended}) end_us, "
        f"arg_max({waits}, {order}) FILTER (WHERE {ended}) waited, "
        # the ring time of an attempt nobody answered is in milliseconds
        f"max({seconds('d1')} / 1000) FILTER (WHERE event = 'RINGNOANSWER') missed_ring "
        "FROM marked WHERE stay > 0 GROUP BY callid, stay) "
        "SELECT * EXCLUDE (connect_us, talk), connected, "
        "coalesce(connect_us, talked_us - CAST(talk * 1000000 AS BIGINT)) connect_us, "
        "coalesce(talk, (talked_us - connect_us) / 1e6) talk, "
        "CASE WHEN connected THEN coalesce(connect_wait, talk_wait, "
        "(connect_us - entered_us) / 1e6) ELSE coalesce(waited, (end_us - entered_us) / 1e6) END "
        "wait, coalesce(CASE WHEN connected THEN talked_us END, end_us) closed_us, "
        "min(CASE WHEN connected THEN stay END) OVER (PARTITION BY callid) first_connected, "
        "max(stay) OVER (PARTITION BY callid) last_stay "
        "FROM (SELECT *, connect_us IS NOT NULL OR talked_us IS NOT NULL connected FROM stays)"
    )


def _calls(options: Options) -> str:
    results = " ".join(f"WHEN {text(event)} THEN {text(end.result)}" for event, end in ENDS.items())
    enders = " ".join(f"WHEN {text(event)} THEN {text(who)}" for event, (_, who) in TALKS.items())
    phone = (
        f"CASE WHEN length(regexp_replace(phone, '[^0-9]', '', 'g')) > {options.extension_length}"
        " THEN phone END"
    )
    agent = agent_name("c.agent", options)
    start = f"SELECT at_us FROM {EVENTS} WHERE _problem IS NULL AND event = 'QUEUESTART'"
    lost = f"entered_us + {options.horizon * 1_000_000}"
    name = f"{text(options.server + '/')} || callid" if options.server else "callid"
    return (
        "WITH calls AS (SELECT callid, min(_row) _row, arg_min(file, _row) file, "
        "min(entered_us) entered_us, arg_min(phone, stay) FILTER (WHERE phone IS NOT NULL) phone, "
        "bool_or(connected) connected, min(connect_us) connect_us, "
        "arg_min(queue, stay) FILTER (WHERE stay = coalesce(first_connected, last_stay)) queue, "
        "arg_min(agent, stay) FILTER (WHERE stay = first_connected) agent, "
        "sum(wait) FILTER (WHERE stay <= coalesce(first_connected, last_stay)) waited, "
        "sum(talk) FILTER (WHERE connected) talk, "
        "max(connect_ring) FILTER (WHERE stay = first_connected) rung, "
        "max(missed_ring) missed_ring, "
        "arg_max(talked_event, stay) FILTER (WHERE connected) talked_event, "
        "arg_max(coalesce(end_event, ''), stay) end_event, "
        "max(entered_us) last_entered_us, "
        "arg_max(coalesce(closed_us, -1), stay) closed_us "
        f"FROM {_STAYS} GROUP BY callid), "
        f"starts AS ({start}), "
        f"log AS (SELECT max(at_us) until FROM {EVENTS} WHERE _problem IS NULL), "
        "cut AS (SELECT c.*, nullif(closed_us, -1) real_end_us, s.at_us cut_us "
        "FROM calls c ASOF LEFT JOIN starts s ON c.last_entered_us < s.at_us) "
        f"SELECT {name} call_id, callid, c._row, c.file, c.entered_us start_us, "
        "CASE WHEN connected THEN connect_us END answer_us, "
        "coalesce(real_end_us, cut_us, "
        f"CASE WHEN {lost.replace('entered_us', 'c.last_entered_us')} <= log.until "
        f"THEN {lost.replace('entered_us', 'c.last_entered_us')} END) end_us, "
        f"{text(options.queue_direction)} direction, connected, real_end_us IS NULL unfinished, "
        f"CASE WHEN connected THEN 'human' ELSE CASE end_event {results} END END result, "
        "CASE WHEN connected THEN coalesce(talked_event, 'CONNECT') "
        "ELSE coalesce(nullif(end_event, ''), 'ENTERQUEUE') END disposition, "
        "CASE WHEN connected THEN true WHEN end_event <> '' THEN false END contact, "
        f"CASE WHEN connected THEN CASE talked_event {enders} END "
        "WHEN end_event IN ('ABANDON', 'EXITWITHKEY') THEN 'customer' "
        "WHEN end_event <> '' THEN 'system' END ended_by, "
        "CASE WHEN connected THEN rung ELSE missed_ring END ring_s, "
        "CASE WHEN connected OR end_event <> '' THEN waited END wait_s, "
        "CASE WHEN connected THEN talk WHEN end_event <> '' THEN 0 END talk_s, "
        f"queue campaign_id, {agent} agent_id, {token_sql(phone)} phone_token "
        "FROM cut c, log"
    )


def _notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    notes = []
    calls, unfinished = con.execute(
        f"SELECT count(*), count(*) FILTER (WHERE unfinished) FROM {QUEUE_CALLS}"
    ).fetchall()[0]
    if unfinished:
        notes.append(
            f"{unfinished} of {calls} queue calls have no end in the log (crash, restart or still "
            "waiting); those nobody answered have an unknown result."
        )
    orphans = con.execute(
        f"SELECT count(DISTINCT callid) FROM {EVENTS} WHERE _problem IS NULL "
        f"AND callid NOT IN ({_in(NO_CALL)}) AND event IN ({_in((*ENDS, *TALKS, 'CONNECT'))}) "
        f"AND callid NOT IN (SELECT callid FROM {QUEUE_CALLS})"
    ).fetchall()[0][0]
    if orphans:
        notes.append(
            f"{orphans} calls end in the queue_log but never enter it, so they are no calls here; "
            "import the earlier, rotated queue_log together with this one. Transfers may do this "
            "too."
        )
    unknown = con.execute(
        "SELECT CASE WHEN regexp_full_match(event, '[A-Z_]{2,30}') THEN event ELSE 'others' END, "
        f"count(*) FROM {EVENTS} WHERE _problem IS NULL AND event NOT IN ({_in(KNOWN)}) "
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12"
    ).fetchall()
    if unknown:
        named = ", ".join(f"{event} {count}" for event, count in unknown)
        notes.append(f"Events that say nothing dialgauge reads: {named}.")
    return notes
