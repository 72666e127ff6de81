"""Which legs make one call, which way did it go, and what came of it?

The channel's own direction does not tell: it is the switch's, so an agent who dials out begins with
an inbound leg. Only a leg that the switch itself began, as diallers do, is outbound there. The
customer's leg decides what came of a call; the first leg does where no other is known.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from dialgauge.sources.base import FILE, ROW
from dialgauge.sources.freeswitch.legs import LEGS
from dialgauge.sources.freeswitch.options import Options
from dialgauge.sources.freeswitch.streams import CONTEXT, EARLIER, RESULTS
from dialgauge.sources.options import glob_regex
from dialgauge.sources.phones import tell
from dialgauge.tables.storage import quoted, text

CALLS = "fs_calls"
"""Temporary table with one row a call: the canonical columns that FreeSWITCH fills, with times in
microseconds of UTC, and `_row`, `_file`."""

INBOUND_CONTEXTS = ("public*", "from-*", "inbound*", "incoming*")
_NOBODY = "(?i)anonymous|unknown|unavailable|restricted|private|withheld|asserted|0+"
_PEOPLE = "fs_people"


def create_calls(con: duckdb.DuckDBPyConnection, options: Options, key: bytes) -> None:
    """Make the table `CALLS` of the legs.

    Args:
        con: Where the legs are.
        options: What the user said.
        key: The lake's secret, for phone tokens.
    """
    con.execute(f"CREATE TEMP TABLE {_PEOPLE} AS {_people(options)}")
    con.execute(f"CREATE TEMP TABLE {CALLS} AS {_calls(options)}")
    con.execute(f"DROP TABLE {_PEOPLE}")
    tell(con, CALLS, "phone", key, options.region)


def named(value: str, options: Options) -> str:
    """Write SQL for a call's name, with the server's before it."""
    return f"{text(options.server + '/')} || {value}" if options.server else value


def extension(value: str, options: Options) -> str:
    """Write SQL for the agent a caller or a destination is, NULL when it is none."""
    plain = f"regexp_replace({value}, '^[a-z]+/|@.*$', '', 'g')"
    return (
        f"CASE WHEN regexp_full_match({plain}, '[*#0-9]{{1,{options.extension_length}}}"
        f"|[A-Za-z][A-Za-z0-9._-]*') AND NOT regexp_full_match({plain}, '{_NOBODY}') "
        f"THEN {plain} END"
    )


def number(value: str, options: Options) -> str:
    """Write SQL for the phone number a caller or a destination is, NULL when it is none."""
    plain = f"regexp_replace({value}, '^.*/|@.*$', '', 'g')"
    digits = f"length(regexp_replace({plain}, '[^0-9]', '', 'g'))"
    return (
        f"CASE WHEN regexp_full_match({plain}, '[-+ ().0-9]+') "
        f"AND {digits} > {options.extension_length} THEN {plain} END"
    )


def _people(options: Options) -> str:
    """Write the legs of calls with who is at either end."""
    dialled = number("destination_number", options)
    if options.outside_prefix:
        shorter = f"regexp_replace(destination_number, '^{options.outside_prefix}', '')"
        dialled = f"coalesce({number(shorter, options)}, {dialled})"
    lost = "" if options.lone_legs == "calls" else "AND NOT lost"
    return f"""
        SELECT *, lower(uuid) = root OR (lost AND row_number() OVER (
                PARTITION BY root ORDER BY answered DESC, start_us, {ROW}) = 1) is_first,
            lower(direction) = 'outbound' made, {number("caller_id_number", options)} from_number,
            {extension("caller_id_number", options)} from_ext, {dialled} to_number,
            {extension("destination_number", options)} to_ext
        FROM {LEGS} WHERE _problem IS NULL {lost}
    """


def _calls(options: Options) -> str:
    return f"""
        WITH first AS (SELECT * FROM {_PEOPLE} WHERE is_first),
        further AS (SELECT * FROM {_PEOPLE} WHERE NOT is_first),
        gathered AS (SELECT root, count(*) legs, bool_or(answered) any_answered,
                max(try_cast(hold_accum_seconds AS DOUBLE)) hold_s,
                arg_max(to_ext, talked_s) FILTER (WHERE answered AND to_ext IS NOT NULL) agent,
                any_value(cc_queue) queue, any_value(cc_agent) cc_agent, max(end_us) end_us,
                arg_max(to_number, talked_s) FILTER (WHERE to_number IS NOT NULL) number,
                bool_or(starts_with(sip_hangup_disposition, 'recv_') AND to_ext IS NOT NULL)
                    agent_left,
                bool_or(starts_with(sip_hangup_disposition, 'recv_') AND to_ext IS NULL)
                    customer_left
            FROM further GROUP BY root),
        outside AS (SELECT * FROM further WHERE to_ext IS NULL QUALIFY row_number() OVER (
            PARTITION BY root ORDER BY answered DESC, talked_s DESC, start_us DESC, {ROW}) = 1),
        spoken AS ({_union()}),
        ways AS (SELECT f, g, o, s.talk_s spoken_s, p.agent partner,
                coalesce(f.cc_queue, g.queue) queue,
                {_direction(options)} way
            FROM first f LEFT JOIN gathered g USING (root) LEFT JOIN outside o USING (root)
            LEFT JOIN spoken s USING (root)
            LEFT JOIN (SELECT lower(uuid) uuid, to_ext agent FROM {_PEOPLE}) p
                ON p.uuid = lower(f.bridge_uuid)),
        decided AS (SELECT *,
                -- the customer's leg: the one that was made to a number outside, else the first
                CASE WHEN way = 'outbound' AND NOT (coalesce(f.made, false)
                    AND f.to_number IS NOT NULL) AND o.uuid IS NOT NULL THEN o ELSE f END c
            FROM ways),
        lines AS (SELECT *, {_line()},
                coalesce(f.cc_queue_answered_epoch IS NOT NULL
                    OR lower(f.cc_cause) = 'answered', false) connected
            FROM decided),
        results AS (SELECT *, {_result()} result FROM lines)
        SELECT {named("f.root", options)} call_id, f.start_us, f.{ROW}, f.{FILE},
            CASE WHEN queue IS NOT NULL AND connected
                THEN coalesce({_epoch("f.cc_queue_answered_epoch")}, f.answer_us)
                WHEN result IN ('human', 'machine', 'answered', 'dropped')
                THEN coalesce(c.answer_us, f.answer_us) END answer_us,
            greatest(f.end_us, f.start_us) end_us, way direction, result,
            CASE WHEN queue IS NULL THEN cause WHEN connected THEN 'answered'
                ELSE coalesce(nullif(f.cc_cancel_reason, 'NONE'), f.cc_cause, cause) END
                disposition,
            {_contact(options)} contact, {_ended_by()} ended_by,
            CASE WHEN picked THEN (c.answer_us - c.start_us) / 1e6
                WHEN result IN ('no_answer', 'cancelled') THEN c.lasted_s END ring_s,
            CASE WHEN queue IS NOT NULL THEN {_wait()} END wait_s, {_talk()} talk_s,
            CASE WHEN picked THEN {_hold()} END hold_s, {_campaign(options)} campaign_id,
            {_own("lead_id", options)} lead_id, {_own("list_id", options)} list_id,
            {_agent()} agent_id, {_phone()} phone
        FROM results WHERE f.{CONTEXT} IS DISTINCT FROM '{EARLIER}'
    """


def _union() -> str:
    """Write the seconds during which any further leg talked, within the first leg's time."""
    return f"""
        SELECT root, sum(greatest(0, until_us - greatest(from_us, coalesce(before_us, from_us))))
                / 1e6 talk_s
        FROM (
            SELECT *, max(until_us) OVER (PARTITION BY root ORDER BY from_us, {ROW}
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) before_us
            FROM (SELECT b.root, b.{ROW}, greatest(b.answer_us, f.start_us) from_us,
                    least(b.end_us, f.end_us + 1000000) until_us
                FROM further b JOIN first f USING (root) WHERE b.answered)
            WHERE until_us >= from_us
        ) GROUP BY root
    """


def _direction(options: Options) -> str:
    inbound = (*options.inbound_contexts, *INBOUND_CONTEXTS)
    outside = "coalesce(f.to_number, g.number, f.from_number) IS NOT NULL"
    hidden = "(f.destination_number IS NULL OR starts_with(f.destination_number, '&'))"
    rules = (
        (_in(options.outbound_contexts), "'outbound'"),
        (_in(options.inbound_contexts), "'inbound'"),
        (_in(options.internal_contexts), "'internal'"),
        (f"coalesce(f.made, false) AND {outside}", "'outbound'"),
        ("coalesce(f.made, false)", "'internal'"),
        # click to call: the switch calls the agent first, and the record shows & for a number
        (f"{hidden} AND {outside}", "'outbound'"),
        ("coalesce(f.cc_queue, g.queue) IS NOT NULL", text(options.queue_direction)),
        ("f.from_ext IS NOT NULL AND f.to_number IS NOT NULL", "'outbound'"),
        (_in(inbound), "'inbound'"),
        ("f.from_number IS NOT NULL AND f.to_ext IS NOT NULL", "'inbound'"),
        ("f.from_ext IS NOT NULL AND f.to_ext IS NOT NULL", "'internal'"),
        ("f.from_number IS NOT NULL AND g.agent IS NOT NULL", "'inbound'"),
    )
    return f"CASE {' '.join(f'WHEN {when} THEN {way}' for when, way in rules)} END"


def _in(patterns: Sequence[str]) -> str:
    if not patterns:
        return "false"
    return f"coalesce(regexp_full_match(f.context, {text(glob_regex(','.join(patterns)))}), false)"


def _line() -> str:
    """Write whether the customer's line was picked up, and the cause when it was not.

    Where an agent's own leg is all there is, it may be up while the one they call is not.
    """
    failed = (
        "way = 'outbound' AND c.uuid = f.uuid AND NOT coalesce(f.made, false) "
        "AND f.originate_disposition IS NOT NULL AND f.originate_disposition <> 'SUCCESS' "
        "AND f.bridge_uuid IS NULL"
    )
    unserved = (
        "way = 'inbound' AND queue IS NULL AND g.legs > 0 AND NOT g.any_answered "
        "AND NOT coalesce(lower(f.last_app) = 'voicemail', false)"
    )
    return (
        f"c.answered AND NOT coalesce({failed}, false) AND NOT coalesce({unserved}, false) picked, "
        f"c.answered AND coalesce({unserved}, false) unserved, "
        f"CASE WHEN coalesce({failed}, false) THEN f.originate_disposition "
        "ELSE c.hangup_cause END cause"
    )


def _result() -> str:
    causes = " ".join(
        f"WHEN upper(cause) IN ({', '.join(map(text, words))}) THEN '{result}'"
        for result, words in RESULTS.items()
    )
    amd = "lower(coalesce(c.amd_result, f.amd_result))"
    return (
        "CASE WHEN queue IS NOT NULL AND connected THEN 'human' "
        "WHEN queue IS NOT NULL AND f.answered AND way = 'outbound' THEN 'dropped' "
        "WHEN queue IS NOT NULL AND (f.answered OR f.cc_cause IS NOT NULL) "
        "THEN CASE WHEN f.cc_cancel_reason IN ('TIMEOUT', 'NO_AGENT_TIMEOUT') THEN 'failed' "
        "WHEN f.cc_cancel_reason = 'EXIT_WITH_KEY' THEN 'cancelled' ELSE 'abandoned' END "
        f"WHEN picked AND {amd} IN ('machine', 'fax') THEN 'machine' "
        f"WHEN picked AND {amd} IN ('human', 'person') THEN 'human' "
        "WHEN picked AND lower(f.last_app) = 'voicemail' THEN 'machine' "
        "WHEN picked THEN 'answered' WHEN unserved THEN 'abandoned' "
        f"ELSE CASE {causes} END END"
    )


def _contact(options: Options) -> str:
    queue = "WHEN queue IS NOT NULL THEN connected"
    if options.contact_after is None:
        return f"CASE {queue} END"
    return (
        f"CASE {queue} WHEN result IN ('human', 'answered') "
        f"THEN {_talk()} >= {options.contact_after} WHEN result IS NOT NULL THEN false END"
    )


def _hold() -> str:
    return (
        "greatest(0, coalesce(try_cast(f.hold_accum_seconds AS DOUBLE), 0), coalesce(g.hold_s, 0)) "
        "* CASE WHEN coalesce(f.hold_accum_seconds, g.hold_s::VARCHAR) IS NOT NULL THEN 1 END"
    )


def _talk() -> str:
    queue = (
        f"(coalesce({_epoch('f.cc_queue_terminated_epoch')}, f.end_us) "
        f"- {_epoch('f.cc_queue_answered_epoch')}) / 1e6"
    )
    bridged = f"(f.end_us - greatest({_epoch('f.bridge_epoch')}, f.answer_us)) / 1e6"
    total = (
        f"CASE WHEN queue IS NOT NULL AND connected THEN coalesce({queue}, spoken_s, f.talked_s) "
        f"ELSE coalesce(spoken_s, {bridged}, c.talked_s) END"
    )
    return (
        f"CASE WHEN (queue IS NOT NULL AND connected) OR (queue IS NULL AND picked) "
        f"THEN greatest(0, {total} - coalesce({_hold()}, 0)) WHEN result IS NOT NULL THEN 0 END"
    )


def _wait() -> str:
    left = ("answered", "canceled", "terminated")
    until = ", ".join(_epoch(f"f.cc_queue_{name}_epoch") for name in left)
    joined = f"coalesce({_epoch('f.cc_queue_joined_epoch')}, f.answer_us)"
    return f"greatest(0, (coalesce({until}, f.end_us) - {joined}) / 1e6)"


def _epoch(value: str) -> str:
    seconds = f"try_cast({value} AS DOUBLE)"
    return (
        f"CASE WHEN {seconds} BETWEEN 631152000 AND 4102444800 "
        f"THEN CAST({seconds} * 1000000 AS BIGINT) END"
    )


def _agent() -> str:
    queue = "regexp_replace(coalesce(f.cc_agent, g.cc_agent), '@.*$', '')"
    return (
        f"CASE WHEN queue IS NOT NULL THEN CASE WHEN connected THEN coalesce({queue}, g.agent) END "
        "WHEN way = 'outbound' AND coalesce(f.made, false) AND f.to_number IS NOT NULL "
        "THEN coalesce(g.agent, partner) "
        "WHEN way = 'outbound' THEN coalesce(f.from_ext, f.to_ext, g.agent, partner) "
        "WHEN way = 'inbound' AND picked THEN coalesce(g.agent, partner, "
        "CASE WHEN g.legs IS NULL THEN f.to_ext END) "
        "WHEN way = 'internal' THEN f.from_ext END"
    )


def _phone() -> str:
    return (
        "CASE WHEN way = 'outbound' THEN coalesce(f.to_number, o.to_number, f.from_number) "
        "WHEN way = 'inbound' THEN f.from_number END"
    )


def _ended_by() -> str:
    """Write who hung up: the end from which the switch received it."""
    received = "regexp_matches(f.sip_hangup_disposition, '^recv_(bye|cancel)')"
    sent = "f.sip_hangup_disposition = 'send_bye'"
    mine, theirs = "'agent'", "'customer'"
    return (
        "CASE WHEN way = 'internal' OR way IS NULL THEN NULL "
        f"WHEN {received} THEN CASE WHEN way = 'inbound' OR (coalesce(f.made, false) "
        f"AND f.to_number IS NOT NULL) THEN {theirs} ELSE {mine} END "
        f"WHEN g.customer_left THEN {theirs} WHEN g.agent_left AND {sent} THEN {mine} "
        f"WHEN {sent} AND picked AND way = 'outbound' AND NOT coalesce(f.made, false) "
        f"AND f.bridge_uuid IS NOT NULL THEN {theirs} "
        "WHEN queue IS NOT NULL AND f.cc_cancel_reason IN ('TIMEOUT', 'NO_AGENT_TIMEOUT') "
        "THEN 'system' END"
    )


def _campaign(options: Options) -> str:
    queue = "regexp_replace(queue, '@.*$', '')"
    if options.campaign == "none":
        return queue
    field = f"f.{quoted(options.campaign)}"
    # an account code that is the number itself would tell it
    told = (
        f"CASE WHEN {field} NOT IN (coalesce(f.caller_id_number, ''), "
        f"coalesce(f.destination_number, '')) THEN {field} END"
    )
    return f"coalesce({queue}, {told})"


def _own(name: str, options: Options) -> str:
    field = getattr(options, name)
    return f"f.{quoted(field)}" if field else "NULL"
