"""Which legs make one call, and what came of it?

A call is all legs of one linkedid (else of one uniqueid, else a row of its own). The origin leg
began it; the decisive leg says how it ended: one that reached somebody before one that was only
answered, before one that rang outside; then by what is known best. Talk is the time during which
any leg talked, so parallel legs are not added up; as soon as one leg reached somebody, the time
spent with an announcement or a menu no longer counts as talk.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dialgauge.sources.asterisk import parties
from dialgauge.sources.asterisk.cdr import LEGS
from dialgauge.sources.asterisk.clock import STARTS
from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.phone import token_parameters
from dialgauge.sources.phones import tell
from dialgauge.tables.storage import text

CALLS = "asterisk_calls"
"""Temporary table with one row a call of the CDR: the columns of the canonical table that a CDR
fills, with times in microseconds of UTC, `number` untold, and `_row`, `file`."""

PIECES = "asterisk_pieces"
"""Temporary table with one row a leg: its call, and when it started, was answered and ended."""

RESULTS: Mapping[str, str] = {
    "NO ANSWER": "no_answer",
    "NOANSWER": "no_answer",
    "BUSY": "busy",
    "CANCEL": "cancelled",
    "CONGESTION": "congestion",
    "FAILED": "failed",
}
"""What a disposition, in capitals, means for a call nobody answered; the most telling first."""

_GROUPS = "asterisk_groups"
_VOICEMAIL = "regexp_matches(lastapp, '^(?i)(voicemail|minivm)')"
_AMD = "'(?i)({0})|.*amd(status)?[=: ]+({0})([^a-z].*)?'"


def gather_calls(con: duckdb.DuckDBPyConnection, options: Options, key: bytes) -> None:
    """Join the legs to calls.

    Args:
        con: Where legs and starts are.
        options: The rules of direction, agents and conversations.
        key: The lake's secret, for phone tokens and for the names of calls without uniqueid.
    """
    secret = dict(token_parameters(key))
    con.execute(f"CREATE TEMP TABLE {PIECES} AS {_pieces(options)}", secret)
    con.execute(f"CREATE TEMP TABLE {_GROUPS} AS {_groups()}")
    con.execute(f"CREATE TEMP TABLE {CALLS} AS {_calls(options)}")
    con.execute(f"DROP TABLE {_GROUPS}")
    tell(con, CALLS, "phone", key, options.region)


def call_name(identity: str, options: Options) -> str:
    """Write SQL for the call_id of a linkedid or uniqueid."""
    return f"{text(options.server + '/')} || {identity}" if options.server else identity


def _pieces(options: Options) -> str:
    # a hash without the secret would let people try numbers until one fits
    inner = "unhex(sha256($phone_inner || encode(identity)))"
    hashed = f"'row-' || left(sha256($phone_outer || {inner}), 32)"
    name = call_name(f"coalesce(linkedid, uniqueid, {hashed})", options)
    order = ", ".join(text(word) for word in RESULTS)
    return f"""
        SELECT *, CAST(start_us + rang * 1000000 AS BIGINT) answer_us,
            CASE WHEN reached THEN 0 WHEN answered THEN 100 WHEN outside THEN 200 ELSE 300 END
                + CASE WHEN answered THEN 0 ELSE telling END rank
        FROM (
            SELECT _row, {name} call_id, start_us,
                CAST(start_us + duration * 1000000 AS BIGINT) end_us,
                -- on the night the clocks change the walls lie, and the durations do not
                greatest(0, CASE WHEN ring BETWEEN 0 AND duration + 1 THEN ring
                    ELSE duration - billsec END) rang,
                coalesce(billsec, duration - ring) talk, answered,
                answered AND dstchannel IS NOT NULL AND NOT coalesce({_VOICEMAIL}, false) reached,
                coalesce(NOT starts_with(lower(dstchannel), 'local/'), false) outside,
                coalesce(nullif(list_position([{order}], upper(disposition)), 0), 99) telling,
                NOT coalesce(uniqueid = linkedid, false) later, coalesce(sequence, 0) sequence
            FROM {LEGS} JOIN {STARTS} USING (_row)
        )
    """


def _groups() -> str:
    return f"""
        SELECT call_id, min(_row) _row, min(start_us) start_us, max(end_us) end_us,
            min(answer_us) FILTER (WHERE answered) answer_us, bool_or(answered) answered,
            bool_or(reached) reached, count(*) FILTER (WHERE answered) talks,
            max(talk) FILTER (WHERE answered) talk,
            arg_min(_row, (later, start_us, sequence, _row)) origin,
            arg_min(_row, (rank, -coalesce(talk, 0), start_us, sequence, _row)) decisive
        FROM {PIECES} GROUP BY call_id
    """


def _talk_union() -> str:
    """Write the seconds during which any leg talked, of calls with several answered legs."""
    return f"""
        SELECT call_id,
            sum(greatest(0, until_us - greatest(answer_us, coalesce(before_us, answer_us)))) / 1e6
                talk
        FROM (
            SELECT *, max(until_us) OVER (PARTITION BY call_id ORDER BY answer_us, _row
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) before_us
            FROM (
                SELECT p.call_id, p._row, p.answer_us, p.answer_us + p.talk * 1e6 until_us
                FROM {PIECES} p JOIN {_GROUPS} g USING (call_id)
                WHERE g.talks > 1 AND p.answered AND (p.reached OR NOT g.reached)
            )
        ) GROUP BY call_id
    """


def _calls(options: Options) -> str:
    """Write the calls; `o` is the origin leg and `d` the decisive one."""
    campaign = "NULL" if options.campaign == "none" else f"o.{options.campaign}"
    recording = "coalesce(d.recordingfile, o.recordingfile)" if options.recordings else "NULL"
    meanings = ", ".join(text(word) for word in RESULTS)
    with_lines = f"""
        SELECT g.*, o.file, d.disposition, {parties.direction(options)} direction,
            CASE WHEN g.answered THEN (g.answer_us - g.start_us) / 1e6
                WHEN upper(d.disposition) IN ('NO ANSWER', 'NOANSWER', 'CANCEL')
                    THEN (g.end_us - g.start_us) / 1e6 END ring_s,
            CASE WHEN g.answered THEN coalesce(u.talk, g.talk)
                WHEN upper(d.disposition) IN ({meanings}) THEN 0 END line_s,
            g.answered AND NOT reached AND direction <> 'internal'
                AND coalesce(d.lastapp ILIKE 'queue', false) queue_lost,
            o, d
        FROM {_GROUPS} g JOIN {LEGS} o ON o._row = g.origin JOIN {LEGS} d ON d._row = g.decisive
        LEFT JOIN ({_talk_union()}) u ON u.call_id = g.call_id
    """
    with_parties = f"""
        SELECT call_id, _row, file, start_us, answer_us, end_us, reached, direction, disposition,
            ring_s, {_result()} result, CASE WHEN queue_lost THEN 0 ELSE line_s END talk_s,
            {parties.agent("direction", options)} agent_id,
            {parties.number("direction", options)} phone,
            -- an account code that is the number itself would tell it
            CASE WHEN {campaign} NOT IN (coalesce(o.src, ''), coalesce(o.dst, ''))
                THEN {campaign} END campaign_id,
            {recording} recording
        FROM ({with_lines})
    """
    return f"""
        SELECT * EXCLUDE (reached), {_contact(options)} contact
        FROM ({with_parties})
    """


def _contact(options: Options) -> str:
    if options.contact_after is None:
        return "NULL::BOOLEAN"
    return (
        "CASE WHEN result IN ('human', 'answered') "
        f"THEN reached AND talk_s >= {options.contact_after} "
        "WHEN result IS NOT NULL THEN false END"
    )


def _result() -> str:
    meanings = " ".join(f"WHEN '{word}' THEN '{result}'" for word, result in RESULTS.items())
    machine, human = (_AMD.format(word) for word in ("machine", "human"))
    userfield = "coalesce(d.userfield, o.userfield)"
    voicemail = _VOICEMAIL.replace("lastapp", "d.lastapp")
    return (
        "CASE WHEN queue_lost THEN CASE direction WHEN 'inbound' THEN 'abandoned' "
        "WHEN 'outbound' THEN 'dropped' ELSE 'answered' END "
        f"WHEN answered AND regexp_full_match({userfield}, {machine}) THEN 'machine' "
        f"WHEN answered AND regexp_full_match({userfield}, {human}) THEN 'human' "
        f"WHEN answered AND {voicemail} THEN 'machine' WHEN answered THEN 'answered' "
        f"ELSE CASE upper(d.disposition) {meanings} END END"
    )
