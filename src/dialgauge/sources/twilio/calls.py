"""Which legs make one call, which way did it go, and what came of it?

A bridged call has two legs or more: a parent and the children it dialled. The customer's leg
decides. In a browser dialler the agent calls Twilio first, so the parent is *inbound* from
`client:ann` and the child goes to the customer: a call that went out.
"""

from __future__ import annotations

from dialgauge.sources.twilio.names import CONTEXT, INBOUND, INVALID_CODES, RESULTS, RUNNING
from dialgauge.sources.twilio.options import Options
from dialgauge.tables.storage import text

LEGS = "twilio_legs"
"""Temporary table with one row a leg, whether of the API or of callbacks: `sid`, `parent`,
`from_said`, `to_said`, `status`, `answered_by`, `direction`, `start_at`, `end_at`, `lasted_s`,
`price`, `currency`, `code`, `ring_s`, `_row`, `_file`, `_said`, `_why`, `earlier` (it only helps to
understand others)."""

_OPEN = ", ".join(map(text, RUNNING))


def api_legs() -> str:
    """Write the legs of the rows of the API, in the table `twilio_calls`."""
    start, end, made = (_instant(name) for name in ("start_time", "end_time", "date_created"))
    problems = (
        ("sid IS NULL", "missing sid"),
        (f"start_time IS NOT NULL AND {start} IS NULL", "unreadable start_time"),
        (f"end_time IS NOT NULL AND {end} IS NULL", "unreadable end_time"),
        (f"coalesce({start}, {made}) IS NULL", "missing start_time"),
        (f"duration IS NOT NULL AND {_number('duration')} IS NULL", "unreadable duration"),
        (f"{_number('duration')} < 0", "negative duration"),
        (f"NOT {_number('duration')} <= 604800", "duration of more than seven days"),
        (f"{end} < {start}", "ends before it starts"),
        (f"price IS NOT NULL AND {_money('price')} IS NULL", "unreadable price"),
    )
    return f"""
        SELECT sid, parent_call_sid parent, "from" from_said, "to" to_said, lower(status) status,
            lower(answered_by) answered_by, lower(direction) direction,
            coalesce({start}, {made}) start_at, {end} end_at, {_number("duration")} lasted_s,
            -{_money("price")} price, upper(price_unit) currency, NULL code, NULL::DOUBLE ring_s,
            _row, _file, _said, {CONTEXT} IS NOT NULL earlier, {_first(problems)} _why
        FROM twilio_calls
    """


def callback_legs() -> str:
    """Write the legs of status callbacks, in the table `twilio_twilio_status`.

    A leg has an event for each of its statuses, or only the last one: then it began as long before
    as it lasted.
    """
    at = f"coalesce({_instant('Timestamp')}, TRY_CAST(received_at AS TIMESTAMPTZ))"
    final = f"lower(CallStatus) NOT IN ({_OPEN})"
    last = f"({final}, coalesce(TRY_CAST(SequenceNumber AS BIGINT), -1), _row)"
    longest = f"max({_number('CallDuration')})"
    answered = "min(told_at) FILTER (WHERE lower(CallStatus) = 'in-progress')"
    first = "min(told_at) FILTER (WHERE lower(CallStatus) IN ('initiated', 'queued', 'ringing'))"
    problems = (
        ("sid IS NULL", "missing CallSid"),
        ("start_at IS NULL", "missing Timestamp"),
        ("NOT lasted_s BETWEEN 0 AND 604800", "CallDuration is no length of a call"),
    )
    ended = f"max(told_at) FILTER (WHERE {final})"
    length = "to_microseconds(CAST(coalesce(lasted_s, 0) * 1000000 AS BIGINT))"
    return f"""
        SELECT * EXCLUDE (answered_at, first_at, seen_at) REPLACE (
            coalesce(lasted_s, CASE WHEN status = 'completed' THEN 0 END) AS lasted_s),
            CASE WHEN answered_at >= first_at
                THEN epoch(answered_at) - epoch(first_at) END ring_s, {_first(problems)} _why
        FROM (
            SELECT *, coalesce(CASE WHEN lasted_s BETWEEN 1 AND 604800 THEN end_at - {length} END,
                answered_at, first_at, seen_at) start_at
            FROM (
                SELECT CallSid sid, arg_max(ParentCallSid, {last}) parent,
                    arg_max("From", {last}) from_said, arg_max("To", {last}) to_said,
                    arg_max(lower(CallStatus), {last}) status,
                    lower(max(AnsweredBy)) answered_by, arg_max(lower(Direction), {last}) direction,
                    {ended} end_at, {longest} lasted_s, NULL::DECIMAL(18, 4) price, NULL currency,
                    max(SipResponseCode) code, min(_row) _row, min(_file) _file,
                    arg_max(_said, {last}) _said, {answered} answered_at, {first} first_at,
                    min(told_at) seen_at, false earlier
                FROM (SELECT *, {at} told_at FROM twilio_twilio_status)
                GROUP BY CallSid, CASE WHEN CallSid IS NULL THEN _row END
            )
        )
    """


def calls_sql(options: Options) -> str:
    """Write the calls of `LEGS`: `f` is the parent, `c` the customer's leg.

    Besides canonical columns they have `phone`, the number outside.
    """
    ended = f"status NOT IN ({_OPEN})"
    return f"""
        WITH legs AS (SELECT *, {_agent("from_said", options)} from_agent,
                {_agent("to_said", options)} to_agent,
                {_number_of("from_said", options)} from_number,
                {_number_of("to_said", options)} to_number
            FROM {LEGS} WHERE _why IS NULL AND NOT lost),
        first AS (SELECT * FROM legs WHERE sid = root),
        further AS (SELECT * FROM legs WHERE sid <> root),
        gathered AS (SELECT root, count(*) legs, bool_or(status = 'completed') answered,
                bool_and({ended}) ended, sum(lasted_s) FILTER (WHERE status = 'completed') lasted_s,
                arg_max(to_agent, lasted_s) FILTER (WHERE status = 'completed') agent,
                bool_or(to_number IS NOT NULL) outside
            FROM further GROUP BY root),
        money AS (SELECT root, sum(price) cost, min(currency) currency,
                count(DISTINCT currency) currencies
            FROM (SELECT * FROM legs WHERE price IS NOT NULL) GROUP BY root),
        outside AS (SELECT * FROM further WHERE to_number IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY root
                ORDER BY status = 'completed' DESC, lasted_s DESC NULLS LAST, _row) = 1),
        ways AS (SELECT f, g, o, m, {_direction()} way FROM first f
            LEFT JOIN gathered g USING (root) LEFT JOIN outside o USING (root)
            LEFT JOIN money m USING (root)),
        decided AS (SELECT *, CASE WHEN way = 'outbound' AND o.sid IS NOT NULL
                AND (f.to_number IS NULL OR f.from_agent IS NOT NULL) THEN o ELSE f END c
            FROM ways),
        results AS (SELECT *, {_result()} result,
            NOT (c.status IN ({_OPEN}) OR f.status IN ({_OPEN})) has_ended FROM decided)
        SELECT f.root call_id, f.start_at started_at,
            CASE WHEN result IN ('human', 'machine', 'answered', 'dropped')
                THEN c.start_at END answered_at,
            CASE WHEN has_ended THEN coalesce(f.end_at, c.end_at) END ended_at,
            way direction, result, c.status disposition, {_contact(options)} contact,
            {_talk()} talk_s, c.ring_s ring_s,
            CASE WHEN way = 'inbound' THEN CASE WHEN result = 'answered' THEN g.agent END
                ELSE coalesce(f.from_agent, f.to_agent, g.agent) END agent_id,
            CASE WHEN m.currencies = 1 THEN m.cost END cost,
            CASE WHEN m.currencies = 1 THEN m.currency END currency,
            CASE WHEN way = 'outbound' THEN coalesce(c.to_number, f.to_number)
                WHEN way = 'inbound' THEN f.from_number END phone, 'twilio' source, has_ended,
            m.currencies, f._row, f._file
        FROM results WHERE NOT f.earlier
    """


def _direction() -> str:
    inbound = ", ".join(map(text, INBOUND))
    return (
        f"CASE WHEN f.direction IN ({inbound}) THEN CASE WHEN f.from_agent IS NULL THEN 'inbound' "
        "WHEN coalesce(g.outside, false) THEN 'outbound' ELSE 'internal' END "
        "WHEN f.direction IS NULL THEN NULL "
        "WHEN f.to_agent IS NOT NULL AND NOT coalesce(g.outside, false) THEN 'internal' "
        "ELSE 'outbound' END"
    )


def _result() -> str:
    unanswered = " ".join(f"WHEN {text(word)} THEN {text(to)}" for word, to in RESULTS.items())
    codes = ", ".join(map(text, INVALID_CODES))
    return (
        f"CASE WHEN c.status IN ({_OPEN}) THEN NULL "
        "WHEN c.status = 'completed' AND way = 'inbound' AND g.legs > 0 AND NOT g.answered "
        "THEN CASE WHEN g.ended THEN 'abandoned' END "
        "WHEN c.status = 'completed' AND (starts_with(c.answered_by, 'machine') "
        "OR c.answered_by = 'fax') THEN 'machine' "
        # somebody we called had picked up, and no agent did
        "WHEN c.status = 'completed' AND way = 'outbound' AND c.sid = f.sid AND g.legs > 0 "
        "AND NOT g.answered THEN CASE WHEN g.ended THEN 'dropped' END "
        "WHEN c.status = 'completed' AND starts_with(c.answered_by, 'human') THEN 'human' "
        "WHEN c.status = 'completed' THEN 'answered' "
        f"WHEN c.status IN ('failed', 'no-answer') AND c.code IN ({codes}) THEN 'invalid' "
        f"ELSE CASE c.status {unanswered} END END"
    )


def _talk() -> str:
    # a child that was answered is the conversation; the parent's time holds ringing and music
    return (
        "CASE WHEN result IN ('human', 'machine', 'answered') THEN CASE WHEN g.answered "
        "THEN least(g.lasted_s, coalesce(f.lasted_s, g.lasted_s)) ELSE c.lasted_s END "
        "WHEN result IS NOT NULL THEN 0 END"
    )


def _contact(options: Options) -> str:
    if options.contact_after is None:
        return "NULL::BOOLEAN"
    return (
        f"CASE WHEN result IN ('human', 'answered') THEN {_talk()} >= {options.contact_after} "
        "WHEN result IS NOT NULL THEN false END"
    )


def _agent(value: str, options: Options) -> str:
    """Write SQL for the agent at one end: a client, a SIP user, or a phone of our people."""
    named = f"nullif(regexp_extract({value}, '^(?i)(?:client|sips?):([^@;]+)', 1), '')"
    if not options.agents:
        return named
    digits = f"regexp_replace({value}, '[^0-9]', '', 'g')"
    whens = " ".join(
        f"WHEN {text(number)} THEN {text(name)}" for number, name in options.agents.items()
    )
    return f"coalesce({named}, CASE {digits} {whens} END)"


def _number_of(value: str, options: Options) -> str:
    listed = ", ".join(map(text, options.agents)) or "''"
    digits = f"regexp_replace({value}, '[^0-9]', '', 'g')"
    return (
        f"CASE WHEN regexp_full_match({value}, '[+]?[0-9]{{5,15}}') AND {digits} NOT IN ({listed}) "
        f"THEN {value} END"
    )


def _first(problems: tuple[tuple[str, str], ...]) -> str:
    return f"CASE {' '.join(f'WHEN {when} THEN {text(why)}' for when, why in problems)} END"


def _instant(value: str) -> str:
    return f"try_strptime({value}, '%a, %d %b %Y %H:%M:%S %z')"


def _number(value: str) -> str:
    return f"TRY_CAST({value} AS DOUBLE)"


def _money(value: str) -> str:
    return f"TRY_CAST({value} AS DECIMAL(18, 4))"
