"""What was each agent doing, and when?

A queue_log tells it in events: a login to a queue, a pause, a connected call. Each is a switch
that is on or off; an agent has several at once (two queues, two pauses) and is still one person,
in one state at a time: talking before offline before paused before available. An agent is paused
when paused in every queue served, and available as soon as one queue may ring.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.asterisk.queue_calls import agent_name
from dialgauge.sources.asterisk.queue_log import EVENTS, LOGINS, PAUSES, TALKS, seconds
from dialgauge.sources.phone import token_parameters
from dialgauge.tables.storage import text

INTERVALS = "asterisk_intervals"
"""Temporary table with one row an interval, times in microseconds of UTC."""

_AGENT, _TALK, _SWITCH = "asterisk_agent_events", "asterisk_talks", "asterisk_switches"
_TABLES = (_AGENT, _TALK, _SWITCH)
_BURST_US = 60_000_000  # logins to several queues follow one another within a minute
_AGENT_WIDE = ("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF")


def gather_intervals(con: duckdb.DuckDBPyConnection, options: Options, key: bytes) -> list[str]:
    """Turn the events into intervals that do not overlap within an agent.

    Args:
        con: Where the events are.
        options: How logins are known, and how agents are named.
        key: The lake's secret, for agents who work from an outside phone.

    Returns:
        Notes on agents whose time cannot be known.
    """
    con.execute(
        f"CREATE TEMP TABLE {_AGENT} AS SELECT at_us, _row, file, "
        f"{agent_name('agent', options)} agent, CASE WHEN queue <> 'NONE' THEN queue END queue, "
        f"callid, event, d1, d2 FROM {EVENTS} "
        "WHERE _problem IS NULL AND agent IS NOT NULL AND agent <> 'NONE'",
        dict(token_parameters(key)),
    )
    con.execute(f"DELETE FROM {_AGENT} WHERE agent IS NULL")
    notes = _unknown_agents(con, options)
    con.execute(f"CREATE TEMP TABLE {_TALK} AS {_talks()}")
    con.execute(f"CREATE TEMP TABLE {_SWITCH} AS {_switches(options)}")
    con.execute(f"CREATE TEMP TABLE {INTERVALS} AS {_intervals(options)}")
    notes += _open_agents(con)
    for table in _TABLES:
        con.execute(f"DROP TABLE {table}")
    return notes


def _in(*words: str) -> str:
    return ", ".join(text(word) for word in words)


def _unknown_agents(con: duckdb.DuckDBPyConnection, options: Options) -> list[str]:
    """Drop agents of whom no login is known: without it their idle time would be invented."""
    if options.logins == "activity":
        return []
    logged = f"SELECT agent FROM {_AGENT} WHERE event IN ({_in(*LOGINS)})"
    unknown = con.execute(
        f"SELECT count(DISTINCT agent) FROM {_AGENT} WHERE agent NOT IN ({logged})"
    ).fetchall()[0][0]
    con.execute(f"DELETE FROM {_AGENT} WHERE agent NOT IN ({logged})")
    if not unknown:
        return []
    return [
        f"{unknown} agents never log in or out in the queue_log (static members), so nobody knows "
        "when they were there, and they have no agent_time; --option logins=activity counts them "
        "as there from the first to the last thing they do."
    ]


def _talks() -> str:
    """Write the talks: from CONNECT to its end, or to the next thing that shows it is over."""
    return (
        "WITH talk AS (SELECT *, lead(event) OVER mine next_event, lead(at_us) OVER mine next_us "
        f"FROM {_AGENT} WHERE event IN ({_in('CONNECT', *TALKS)}) "
        "WINDOW mine AS (PARTITION BY agent, callid ORDER BY at_us, _row)), "
        f"starts AS (SELECT DISTINCT at_us FROM {EVENTS} WHERE _problem IS NULL "
        "AND event = 'QUEUESTART'), "
        "free AS (SELECT *, lead(at_us) OVER (PARTITION BY agent ORDER BY at_us, _row) free_us "
        f"FROM {_AGENT} WHERE event IN ({_in('CONNECT', *(e for e, on in LOGINS.items() if not on))})"
        ") SELECT t.agent, t._row, t.file, t.callid, t.at_us, CASE WHEN t.next_event <> 'CONNECT' "
        "THEN t.next_us ELSE least(f.free_us, s.at_us) END end_us "
        "FROM talk t JOIN free f USING (_row) ASOF LEFT JOIN starts s ON t.at_us < s.at_us "
        "WHERE t.event = 'CONNECT'"
    )


def _switches(options: Options) -> str:
    """Write every switching: agent, when, which kind, which of that kind, on or off."""
    offs = ", ".join(text(event) for event, on in {**LOGINS, **PAUSES}.items() if not on)
    key = f"CASE WHEN event IN ({_in(*_AGENT_WIDE)}) THEN '@' ELSE queue END"
    every = f"SELECT DISTINCT agent, coalesce(queue, '@') name FROM {_AGENT} UNION SELECT DISTINCT agent, '@' FROM {_AGENT}"
    logins = (
        f"SELECT *, lag(is_on) OVER (PARTITION BY agent, name ORDER BY at_us, _row) was_on FROM ("
        f"SELECT agent, at_us, _row, file, {key} name, event NOT IN ({offs}) is_on, d2, event, "
        f"lag(at_us) OVER (PARTITION BY agent ORDER BY at_us, _row) seen_us FROM {_AGENT}) "
        f"WHERE event IN ({_in(*LOGINS)})"
    )
    if options.logins == "activity":
        login_rows = _sessions(options)
    else:
        login_rows = (
            "SELECT agent, at_us, _row, file, 'login' kind, name, is_on, NULL reason FROM logins "
            # a second login without a logout: the first one ended with the last thing seen
            "UNION ALL SELECT l.agent, seen_us, _row, file, 'login', every.name, false, NULL "
            "FROM logins l JOIN every USING (agent) WHERE is_on AND was_on AND l.name <> '' "
            f"AND at_us - seen_us > {_BURST_US} "
            # a logout that says how long ago the login was
            f"UNION ALL SELECT agent, at_us - CAST({seconds('d2')} * 1000000 AS BIGINT), _row, "
            "file, 'login', name, true, NULL FROM logins WHERE NOT is_on AND "
            f"NOT coalesce(was_on, false) AND name = '@' AND {seconds('d2')} > 0"
        )
    pause = (
        f"SELECT agent, at_us, _row, file, 'pause' kind, coalesce(queue, '*') name, "
        f"event IN ('PAUSE', 'PAUSEALL') is_on, d1 reason FROM {_AGENT} "
        f"WHERE event IN ({_in(*PAUSES)}) "
        "UNION ALL SELECT agent, at_us, _row, file, 'pause', '*', false, NULL "
        f"FROM {_AGENT} WHERE event = 'UNPAUSE' "
        "UNION ALL SELECT agent, at_us, _row, file, 'pause', every.name, false, NULL "
        f"FROM {_AGENT} JOIN every USING (agent) "
        f"WHERE event IN ({_in('UNPAUSEALL', 'AGENTLOGOFF', 'AGENTCALLBACKLOGOFF')}) "
        "UNION ALL SELECT agent, at_us, _row, file, 'pause', '*', false, NULL "
        f"FROM {_AGENT} WHERE event IN ({_in(*_AGENT_WIDE)}) "
        "OR (event = 'ADDMEMBER' AND coalesce(upper(d1), '') <> 'PAUSED') "
        "UNION ALL SELECT agent, at_us, _row, file, 'pause', queue, "
        "event = 'ADDMEMBER' AND coalesce(upper(d1), '') = 'PAUSED', NULL "
        f"FROM {_AGENT} WHERE event IN ('ADDMEMBER', 'REMOVEMEMBER')"
    )
    talk = (
        f"SELECT agent, at_us, _row, file, 'talk' kind, callid name, true is_on, NULL reason "
        f"FROM {_TALK} WHERE end_us IS NOT NULL "
        f"UNION ALL SELECT agent, end_us, _row, file, 'talk', callid, false, NULL "
        f"FROM {_TALK} WHERE end_us IS NOT NULL"
    )
    return f"WITH every AS ({every}), logins AS ({logins}) {login_rows} UNION ALL {pause} UNION ALL {talk}"


def _sessions(options: Options) -> str:
    gap = options.horizon * 1_000_000
    return (
        "SELECT agent, unnest([first_us, last_us]) at_us, unnest([_row, last_row]) _row, file, "
        "'login' kind, '@' name, unnest([true, false]) is_on, NULL reason FROM ("
        "SELECT agent, session, min(at_us) first_us, max(at_us) last_us, min(_row) _row, "
        "max(_row) last_row, arg_min(file, _row) file FROM (SELECT *, count(*) FILTER "
        "(WHERE new) OVER (PARTITION BY agent ORDER BY at_us, _row) session FROM (SELECT *, "
        f"at_us - lag(at_us, 1, 0) OVER (PARTITION BY agent ORDER BY at_us, _row) > {gap} AS new "
        f"FROM {_AGENT})) GROUP BY ALL)"
    )


def _intervals(options: Options) -> str:
    server = f"{text(options.server + '/')} || " if options.server else ""
    return (
        "WITH known AS (SELECT agent, count(DISTINCT queue) queues, min(queue) only_queue, "
        f"max(at_us) last_us FROM {_AGENT} GROUP BY agent), "
        "changes AS (SELECT *, CAST(is_on AS INTEGER) - CAST(coalesce(was_on, false) AS INTEGER) "
        "delta FROM (SELECT *, lag(is_on) OVER same was_on, lag(reason) OVER same was_reason "
        f"FROM {_SWITCH} WINDOW same AS (PARTITION BY agent, kind, name ORDER BY at_us, _row, is_on)) "
        "WHERE is_on <> coalesce(was_on, false) "
        "OR (is_on AND kind = 'pause' AND reason IS DISTINCT FROM was_reason)), "
        "moments AS (SELECT agent, at_us, arg_min(file, _row) file, "
        "sum(delta) FILTER (WHERE kind = 'login') login, "
        "sum(delta) FILTER (WHERE kind = 'login' AND name <> '@') member, "
        "sum(delta) FILTER (WHERE kind = 'pause' AND name <> '*') pause, "
        "sum(delta) FILTER (WHERE kind = 'pause' AND name = '*') pause_all, "
        "sum(delta) FILTER (WHERE kind = 'talk') talk, "
        "arg_max(reason, _row) FILTER (WHERE kind = 'pause' AND is_on) reason "
        "FROM changes GROUP BY agent, at_us), "
        "running AS (SELECT agent, at_us, file, "
        + ", ".join(
            f"coalesce(sum({name}) OVER so_far, 0) {name}"
            for name in ("login", "member", "pause", "pause_all", "talk")
        )
        + ", count(*) FILTER (WHERE login > 0) OVER so_far logins, "
        "last_value(reason IGNORE NULLS) OVER so_far reason FROM moments "
        "WINDOW so_far AS (PARTITION BY agent ORDER BY at_us)), "
        "states AS (SELECT r.*, k.last_us, k.queues, k.only_queue, CASE WHEN talk > 0 THEN "
        "'talking' WHEN login <= 0 THEN CASE WHEN logins > 0 THEN 'offline' END "
        "WHEN pause_all > 0 OR (pause > 0 AND pause >= CASE WHEN member > 0 THEN member "
        "ELSE k.queues END) THEN 'paused' ELSE 'available' END state "
        "FROM running r JOIN known k USING (agent)), "
        "turns AS (SELECT *, CASE WHEN state = 'paused' THEN reason END why FROM states "
        "QUALIFY lag(agent) OVER (PARTITION BY agent ORDER BY at_us) IS NULL "
        "OR (state, CASE WHEN state = 'paused' THEN reason END) IS DISTINCT FROM "
        "lag((state, CASE WHEN state = 'paused' THEN reason END)) "
        "OVER (PARTITION BY agent ORDER BY at_us)), "
        "spans AS (SELECT *, lead(at_us) OVER (PARTITION BY agent ORDER BY at_us) next_us "
        "FROM turns) "
        f"SELECT {server}agent || '@' || CASE WHEN at_us % 1000000 = 0 THEN "
        "(at_us // 1000000)::VARCHAR ELSE (at_us / 1e6)::VARCHAR END interval_id, agent agent_id, state, why reason, at_us start_us, "
        "coalesce(next_us, last_us) end_us, next_us IS NULL closed_here, "
        "CASE WHEN queues = 1 THEN only_queue END campaign_id, file FROM spans "
        "WHERE state IS NOT NULL AND coalesce(next_us, last_us) > at_us "
        "AND NOT (state = 'offline' AND next_us IS NULL)"
    )


def _open_agents(con: duckdb.DuckDBPyConnection) -> list[str]:
    count = con.execute(
        f"SELECT count(DISTINCT agent_id) FROM {INTERVALS} WHERE closed_here"
    ).fetchall()[0][0]
    if not count:
        return []
    return [
        f"{count} agents are still logged in when the queue_log ends; their last interval was "
        "closed at the last thing they did."
    ]
