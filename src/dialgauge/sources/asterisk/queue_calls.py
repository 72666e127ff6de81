"""What came of each call that entered a queue?

A call is one callid that ENTERQUEUEs, counted when it first entered, however often it is queued
again. Each stay from one ENTERQUEUE to the next is looked at alone; the first stay in which an
agent connects decides, else the last one. A stay without an end was cut off by a crash or a
restart: it ends at the next QUEUESTART or after a horizon, and its result stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from dialgauge.sources.asterisk import parties
from dialgauge.sources.asterisk.calls import call_name
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
from dialgauge.sources.phones import tell
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
    tell(con, QUEUE_CALLS, "phone", key, options.region)
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


def _in(words: Iterable[str]) -> str:
    return "(" + ", ".join(text(word) for word in words) + ")"


def _stays() -> str:
    """Write one row a stay: who connected, how long the caller waited and talked, how it ended."""
    order = "(at_us, _row)"
    talked, ended = f"event IN {_in(TALKS)}", f"event IN {_in(ENDS)}"
    talk = by_event({event: position for event, (position, _) in TALKS.items()})
    wait = by_event({event: end.waited for event, end in ENDS.items()})
    events = f"""
        SELECT *, count(*) FILTER (WHERE event = 'ENTERQUEUE')
            OVER (PARTITION BY callid ORDER BY at_us, _row) stay
        FROM {EVENTS} WHERE _problem IS NULL AND callid NOT IN {_in(NO_CALL)}
    """
    stays = f"""
        SELECT callid, stay, min(_row) _row, arg_min(file, _row) file, min(at_us) entered_us,
            arg_min(queue, _row) queue,
            any_value(d2) FILTER (WHERE event = 'ENTERQUEUE') phone,
            arg_min(at_us, {order}) FILTER (WHERE event = 'CONNECT') connect_us,
            arg_min({seconds("d1")}, {order}) FILTER (WHERE event = 'CONNECT') connect_wait,
            arg_min({seconds("d3")}, {order}) FILTER (WHERE event = 'CONNECT') rung,
            arg_min(agent, {order}) FILTER (WHERE event = 'CONNECT' OR {talked}) agent,
            arg_min({by_event(HOLDS)}, {order}) FILTER (WHERE {talked}) talk_wait,
            sum({talk}) FILTER (WHERE {talked}) told_talk,
            max(at_us) FILTER (WHERE {talked}) talked_us,
            arg_max(event, {order}) FILTER (WHERE {talked}) talked_event,
            arg_max(event, {order}) FILTER (WHERE {ended}) end_event,
            max(at_us) FILTER (WHERE {ended}) end_us,
            arg_max({wait}, {order}) FILTER (WHERE {ended}) told_wait,
            -- the ring of an attempt nobody answered is in milliseconds
            max({seconds("d1")} / 1000) FILTER (WHERE event = 'RINGNOANSWER') missed_ring
        FROM ({events}) WHERE stay > 0 GROUP BY callid, stay
    """
    return f"""
        SELECT callid, stay, _row, file, entered_us, queue, phone, agent, rung, missed_ring,
            talked_event, end_event, connected,
            CASE WHEN connected THEN
                coalesce(connect_us, talked_us - CAST(told_talk * 1000000 AS BIGINT)) END answer_us,
            coalesce(told_talk, (talked_us - connect_us) / 1e6) talk,
            CASE WHEN connected
                THEN coalesce(connect_wait, talk_wait, (connect_us - entered_us) / 1e6)
                ELSE coalesce(told_wait, (end_us - entered_us) / 1e6) END wait,
            CASE WHEN connected THEN talked_us ELSE end_us END closed_us,
            min(CASE WHEN connected THEN stay END) OVER (PARTITION BY callid) first_connected,
            max(stay) OVER (PARTITION BY callid) last_stay
        FROM (SELECT *, connect_us IS NOT NULL OR talked_us IS NOT NULL connected FROM ({stays}))
    """


def _together() -> str:
    """Write one row a call: the stays until the first connected one decide, else all."""
    return f"""
        SELECT callid, min(_row) _row, arg_min(file, _row) file, min(entered_us) entered_us,
            max(entered_us) last_entered_us, bool_or(connected) connected,
            min(answer_us) answer_us, arg_min(phone, stay) phone,
            arg_min(queue, stay) FILTER (WHERE stay = coalesce(first_connected, last_stay)) queue,
            arg_min(agent, stay) FILTER (WHERE stay = first_connected) agent,
            arg_min(rung, stay) FILTER (WHERE stay = first_connected) rung,
            sum(wait) FILTER (WHERE stay <= coalesce(first_connected, last_stay)) waited,
            sum(talk) FILTER (WHERE connected) talk, max(missed_ring) missed_ring,
            arg_max(talked_event, stay) FILTER (WHERE connected) talked_event,
            any_value(end_event) FILTER (WHERE stay = last_stay) end_event,
            any_value(closed_us) FILTER (WHERE stay = last_stay) closed_us
        FROM {_STAYS} GROUP BY callid
    """


def _calls(options: Options) -> str:
    results = " ".join(f"WHEN {text(event)} THEN {text(end.result)}" for event, end in ENDS.items())
    enders = " ".join(f"WHEN {text(event)} THEN {text(who)}" for event, (_, who) in TALKS.items())
    digits = "length(regexp_replace(phone, '[^0-9]', '', 'g'))"
    phone = f"CASE WHEN {digits} > {options.extension_length} THEN phone END"
    lost_us = f"last_entered_us + {options.horizon * 1_000_000}"
    good = f"FROM {EVENTS} WHERE _problem IS NULL"
    return f"""
        SELECT {call_name("callid", options)} call_id, callid, _row, file, entered_us start_us,
            answer_us,
            -- without an end: cut off by a restart, else lost, else perhaps still going on
            coalesce(closed_us, restart_us, CASE WHEN {lost_us} <= until_us THEN {lost_us} END)
                end_us,
            {text(options.queue_direction)} direction, connected, closed_us IS NULL unfinished,
            CASE WHEN connected THEN 'human' ELSE CASE end_event {results} END END result,
            CASE WHEN connected THEN coalesce(talked_event, 'CONNECT')
                ELSE coalesce(end_event, 'ENTERQUEUE') END disposition,
            CASE WHEN connected THEN true WHEN end_event IS NOT NULL THEN false END contact,
            CASE WHEN connected THEN CASE talked_event {enders} END
                WHEN end_event IN ('ABANDON', 'EXITWITHKEY') THEN 'customer'
                WHEN end_event IS NOT NULL THEN 'system' END ended_by,
            CASE WHEN connected THEN rung ELSE missed_ring END ring_s,
            CASE WHEN connected OR end_event IS NOT NULL THEN waited END wait_s,
            CASE WHEN connected THEN talk WHEN end_event IS NOT NULL THEN 0 END talk_s,
            queue campaign_id, {agent_name("agent", options)} agent_id, {phone} phone
        FROM (
            SELECT c.*, s.at_us restart_us FROM ({_together()}) c
            ASOF LEFT JOIN (SELECT at_us {good} AND event = 'QUEUESTART') s
                ON c.last_entered_us < s.at_us
        ), (SELECT max(at_us) until_us {good})
    """


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
        f"AND callid NOT IN {_in(NO_CALL)} AND event IN {_in((*ENDS, *TALKS, 'CONNECT'))} "
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
        f"count(*) FROM {EVENTS} WHERE _problem IS NULL AND event NOT IN {_in(KNOWN)} "
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12"
    ).fetchall()
    if unknown:
        named = ", ".join(f"{event} {count}" for event, count in unknown)
        notes.append(f"Events that say nothing dialgauge reads: {named}.")
    return notes
