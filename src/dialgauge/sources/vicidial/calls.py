"""What came of each call, who talked, and for how long?

A call is decided by the last leg an agent took, or by its last leg when nobody did. A conversation,
a sale or a request to stop on any leg is one of the call. Talk is that of the agents' own log: from
it, unlike from the length, the time is taken off after the customer had gone. Hold is no talk.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.vicidial.countries import countries_sql
from dialgauge.sources.vicidial.holds import CALL_HOLDS, CYCLE_CALLS
from dialgauge.sources.vicidial.intervals import FULL
from dialgauge.sources.vicidial.legs import LEGS
from dialgauge.sources.vicidial.loading import given, instant, named, number, relation
from dialgauge.sources.vicidial.options import Options
from dialgauge.sources.vicidial.statuses import (
    CAUSES,
    RUNNING,
    flag,
    meaning_joins,
    result,
)
from dialgauge.sources.vicidial.tables import (
    AGENT_LOG,
    CALLBACKS,
    CARRIER,
    LEADS,
    PARKS,
    RECORDINGS,
    USERS,
)
from dialgauge.tables.storage import text

CALLS = "vd_calls"
"""Temporary table with one row a call: the columns of the canonical table that VICIdial fills, and
`_row`, `_file`. Calls of which only context was read are not in it."""

SHARES = "vd_shares"
"""Temporary table: each agent's part of a call by the agents' log, `call`, `agent`, `talk_s` (NULL
when its counter was full), `wrap_s`, `campaign`."""

_PARTS, _DECIDED = "vd_parts", "vd_decided"
_HOUR_US = 3_600 * 1_000_000
_ENDED_BY = {"customer": ("CALLER", "ABANDON"), "agent": ("AGENT",)}
_NOBODYS = ("NONE", "")


def create_calls(con: duckdb.DuckDBPyConnection, options: Options, zone: str, known: str) -> None:
    """Make the table `CALLS` of the legs.

    Args:
        con: Where legs, meanings and loaded tables are.
        options: What the user said.
        zone: The zone of wall-clock times.
        known: The table of what numbers tell.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {SHARES} AS {_shares()}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_PARTS} AS {_parts(options)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_DECIDED} AS {_decided(options)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {CALLS} AS {_calls(options, zone, known)}")
    con.execute(f"DROP TABLE {_PARTS}")
    con.execute(f"DROP TABLE {_DECIDED}")


def _good() -> str:
    return f"(SELECT * FROM {LEGS} WHERE _problem IS NULL AND call IS NOT NULL)"


def _shares() -> str:
    """Write each agent's part of each call."""
    talk, dead, dispo = (number(f"{name}_sec") for name in ("talk", "dead", "dispo"))
    talked = (
        f"CASE WHEN {talk} < {FULL} AND coalesce({dead}, 0) < {FULL} "
        f"THEN greatest(0, {talk} - coalesce({dead}, 0)) END"
    )
    return f"""
        SELECT call, lower(user) agent,
            CASE WHEN count({talked}) = count(*) THEN sum({talked}) END talk_s,
            sum(CASE WHEN {dispo} < {FULL} THEN {dispo} END) wrap_s,
            arg_max(campaign_id, r) campaign
        FROM {relation(AGENT_LOG)} a JOIN {CYCLE_CALLS} ON r = a._row GROUP BY ALL
    """


def _parts(options: Options) -> str:
    """Write the legs with what their status means."""
    # an in-group has no statuses of its own: those of the campaign the agent worked in count
    campaign = (
        "CASE WHEN g.outbound THEN g.campaign_id ELSE coalesce(s.campaign, o.campaign_id) END"
    )
    inbound = "NOT coalesce(o.outbound, false)"
    known = "coalesce(mc.status, ms.status, ma.status) IS NOT NULL"
    running = ", ".join(text(code) for code in RUNNING)
    return f"""
        WITH legs AS (
            SELECT g.*, {campaign} status_campaign, {inbound} inbound, s.talk_s, s.wrap_s,
                row_number() OVER (
                    PARTITION BY g.call ORDER BY g.start_us, NOT g.outbound, g.number
                ) place
            FROM {_good()} g LEFT JOIN {_good()} o ON o.leg = g.call
            LEFT JOIN {SHARES} s ON s.call = g.call AND s.agent = lower(g.agent)
        )
        SELECT legs.*, {result("legs.status", "inbound", "reason", "legs.agent", options)} result,
            CASE WHEN legs.status IN ({running}) THEN NULL WHEN legs.agent IS NULL THEN false
                ELSE {flag("contact")} END contact,
            CASE WHEN {known} THEN {flag("sale")} END sale, CASE WHEN {known} THEN {flag("dnc")} END
                dnc
        FROM legs {meaning_joins("legs.status", "status_campaign")}
    """


def _decided(options: Options) -> str:
    """Write one row a call: its first leg, the leg that decides, and what adds up."""
    credited = "arg_min" if options.credit == "fronter" else "arg_max"
    first_agent = "min(place) FILTER (WHERE agent IS NOT NULL) OVER (PARTITION BY call)"
    until = f"place <= coalesce({first_agent}, place)"
    return f"""
        SELECT call, min(start_us) start_us,
            CASE WHEN bool_and(end_us IS NOT NULL) THEN max(end_us) END end_us,
            bool_or(contact) contact, bool_or(sale) sale, bool_or(dnc) dnc,
            count(*) legs, count(agent) agents, {credited}(agent, place) FILTER (agent IS NOT NULL)
                agent,
            coalesce(max(place) FILTER (agent IS NOT NULL), max(place)) decisive,
            sum(CASE WHEN waited THEN queue_s END) queue_s,
            sum(CASE WHEN agent IS NOT NULL THEN greatest(0, length_s - coalesce(queue_s, 0)) END)
                lasted_s
        FROM (SELECT *, {until} waited FROM {_PARTS}) GROUP BY call
    """


def _calls(options: Options, zone: str, known: str) -> str:
    """Write the calls: `f` is the first leg, `d` the deciding one, `c` what adds up."""
    causes = " ".join(
        f"WHEN TRY_CAST(l.hangup_cause AS INTEGER) IN ({', '.join(map(str, numbers))}) "
        f"THEN {text(came)}"
        for came, numbers in CAUSES.items()
    )
    ended = " ".join(
        f"WHEN d.reason IN ({', '.join(map(text, reasons))}) THEN {text(who)}"
        for who, reasons in _ENDED_BY.items()
    )
    nobodys = ", ".join(map(text, _NOBODYS))
    ring = (
        f"CASE WHEN {number('l.dial_time')} >= coalesce({number('l.answered_time')}, 0) "
        f"THEN {number('l.dial_time')} - coalesce({number('l.answered_time')}, 0) END"
    )
    listed = ", ".join(map(text, (name.upper() for name in options.right_party)))
    right = f"d.status IN ({listed})" if listed else "NULL::BOOLEAN"
    unknown = "coalesce(h.unknown, false)"
    # where a park cannot be placed, talk stays as it was told
    held = f"CASE WHEN {unknown} THEN 0 ELSE coalesce(h.held_s, 0) END"
    result_ = (
        "CASE WHEN c.contact THEN 'human' WHEN d.result = 'no_answer' AND d.status = 'NA' "
        f"AND c.agents = 0 THEN CASE {causes} ELSE 'no_answer' END ELSE d.result END"
    )
    return f"""
        SELECT {named("c.call", options.server)} call_id, c.start_us,
            CASE WHEN f.outbound AND came IN ('human', 'machine', 'answered', 'dropped')
                THEN CAST(c.start_us + ring_s * 1000000 AS BIGINT)
                WHEN NOT f.outbound THEN c.start_us END answer_us,
            c.end_us, CASE WHEN f.outbound THEN 'outbound' ELSE 'inbound' END direction,
            came result, d.said disposition, c.contact,
            CASE WHEN c.contact THEN {right} WHEN c.contact = false AND {right} IS NOT NULL
                THEN false END right_party,
            c.sale converted, c.dnc do_not_call, b.callback_us,
            CASE {ended} WHEN d.reason NOT IN ({nobodys}) THEN 'system' END ended_by, ring_s,
            CASE WHEN NOT f.outbound OR c.queue_s IS NOT NULL THEN c.queue_s
                WHEN came = 'dropped' THEN f.length_s END wait_s,
            CASE WHEN came IS NULL THEN NULL WHEN c.agents > 0
                THEN greatest(0, coalesce(s.talk_s, c.lasted_s) - {held})
                WHEN came NOT IN ('human', 'machine', 'answered') THEN 0 END talk_s,
            CASE WHEN came IS NOT NULL AND c.agents > 0 AND {given(PARKS)} AND NOT {unknown}
                THEN {held} END hold_s,
            s.wrap_s,
            CASE WHEN f.outbound THEN {named("f.campaign_id", options.server)}
                ELSE {named("'ingroup:' || d.campaign_id", options.server)} END campaign_id,
            {named("f.list", options.server)} list_id,
            CASE WHEN TRY_CAST(f.lead_id AS BIGINT) > 0
                THEN {named("f.lead_id", options.server)} END lead_id,
            {named("coalesce(u.user, c.agent)", options.server)} agent_id,
            k.phone_token,
            coalesce(e.state, e.province, k.region) region,
            coalesce(n.country, k.country) country,
            k.line_type, k.carrier, k.phone_valid, k.timezone, {_recording(options)} recording,
            {_test(options)} test, f._row, f._file
        FROM (SELECT c.*, {result_} came, {ring} ring_s FROM {_DECIDED} c
            JOIN {_PARTS} f ON f.leg = c.call
            JOIN {_PARTS} d ON d.call = c.call AND d.place = c.decisive
            LEFT JOIN {relation(CARRIER)} l ON f.outbound AND l.uniqueid = c.call) c
        JOIN {_PARTS} f ON f.leg = c.call
        JOIN {_PARTS} d ON d.call = c.call AND d.place = c.decisive
        LEFT JOIN (SELECT call, CASE WHEN count(talk_s) = count(*) THEN sum(talk_s) END talk_s,
            sum(wrap_s) wrap_s FROM {SHARES} GROUP BY call) s ON s.call = c.call
        LEFT JOIN {CALL_HOLDS} h ON h.call = c.call
        LEFT JOIN ({_callbacks(zone)}) b ON b.call = c.call
        LEFT JOIN ({_recordings()}) r ON r.call = c.call
        LEFT JOIN (SELECT lower(user) low, any_value(user) user FROM {relation(USERS)}
            GROUP BY low) u ON u.low = lower(c.agent)
        LEFT JOIN {known} k ON k.said = f.phone
        LEFT JOIN {relation(LEADS)} e ON e.lead_id = f.lead_id
        LEFT JOIN ({countries_sql()}) n ON n.code = upper(e.country_code)
        WHERE NOT f._context
    """


def _callbacks(zone: str) -> str:
    """Write the last promise given on each call, by the agent who gave it."""
    given = instant("NULL", "b.entry_time", zone)
    due = instant("NULL", "b.callback_time", zone)
    return f"""
        SELECT call, arg_max(due_us, promise) callback_us FROM (
            SELECT promise, any_value(due_us) due_us, arg_max(p.call, p.start_us) call
            FROM (SELECT TRY_CAST(callback_id AS BIGINT) promise, lead_id, lower(user) who,
                {given} given_us, {due} due_us FROM {relation(CALLBACKS)} b) b
            JOIN {_PARTS} p ON p.lead_id = b.lead_id AND lower(p.agent) = b.who
                AND given_us BETWEEN p.start_us
                AND coalesce(p.end_us, p.start_us) + {_HOUR_US}
            WHERE due_us IS NOT NULL GROUP BY promise
        ) GROUP BY call
    """


def _recordings() -> str:
    """Write the longest recording of each call."""
    longest = f"coalesce({number('r.length_in_sec')}, 0)"
    return f"""
        SELECT p.call, arg_max(r.recording_id, {longest}) recording_id,
            arg_max(coalesce(r.location, r.filename), {longest}) location
        FROM {relation(RECORDINGS)} r JOIN {_PARTS} p
            ON r.vicidial_id = CASE WHEN p.outbound THEN p.leg ELSE p.number::VARCHAR END
        GROUP BY p.call
    """


def _recording(options: Options) -> str:
    # by default only its number: names of recordings often are the customer's phone number
    return "r.location" if options.recordings else "'recording_log/' || r.recording_id"


def _test(options: Options) -> str:
    parts = [
        f"coalesce({column} IN ({', '.join(map(text, names))}), false)"
        for column, names in (
            ("f.list", options.test_lists),
            ("f.campaign_id", options.test_campaigns),
        )
        if names
    ]
    return " OR ".join(parts) or "false"
