"""Which switches did each agent turn on and off?

A login to a queue, a pause, a connected call: each is a switch with a kind, a name and a state. An
agent has several at once. What the log leaves out is added here: the end of a talk that a restart
cut off, the logout before a second login, the login before a logout that tells its length.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.asterisk.queue_calls import agent_name
from dialgauge.sources.asterisk.queue_log import EVENTS, LOGINS, PAUSES, TALKS, seconds
from dialgauge.sources.phone import token_parameters
from dialgauge.tables.storage import text

AGENT_EVENTS = "asterisk_agent_events"
"""Temporary table: the events of agents, under the names agents have elsewhere."""

SWITCHES = "asterisk_switches"
"""Temporary table: agent, at_us, _row, file, kind (login, pause, talk), name, is_on, reason. The
name is a queue, `*` for a pause in all queues, `@` for a login to none in particular, or a call."""

_TALKS = "asterisk_talks"
_BURST_US = 60_000_000  # logins to several queues follow one another within a minute
_AGENT_WIDE = ("AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF")


def create_switches(con: duckdb.DuckDBPyConnection, options: Options, key: bytes) -> int:
    """Make `AGENT_EVENTS` and `SWITCHES` from the events.

    Args:
        con: Where the events are.
        options: How logins are known, and how agents are named.
        key: The lake's secret, for agents who work from an outside phone.

    Returns:
        How many agents were left out, because without any login their idle time would be invented.
    """
    con.execute(
        f"""
        CREATE TEMP TABLE {AGENT_EVENTS} AS SELECT * FROM (
            SELECT at_us, _row, file, {agent_name("agent", options)} agent,
                CASE WHEN queue <> 'NONE' THEN queue END queue, callid, event, d1, d2
            FROM {EVENTS} WHERE _problem IS NULL AND agent <> 'NONE'
        ) WHERE agent IS NOT NULL
        """,
        dict(token_parameters(key)),
    )
    unknown = 0 if options.logins == "activity" else _drop_unknown(con)
    con.execute(f"CREATE TEMP TABLE {_TALKS} AS {_talks()}")
    logins = _sessions(options) if options.logins == "activity" else _logins()
    con.execute(
        f"CREATE TEMP TABLE {SWITCHES} AS WITH every AS ({_every_name()}) "
        f"{logins} UNION ALL {_pauses()} UNION ALL {_talk_switches()}"
    )
    con.execute(f"DROP TABLE {_TALKS}")
    return unknown


def _in(*words: str) -> str:
    return "(" + ", ".join(text(word) for word in words) + ")"


def _drop_unknown(con: duckdb.DuckDBPyConnection) -> int:
    without = (
        f"FROM {AGENT_EVENTS} WHERE agent NOT IN "
        f"(SELECT agent FROM {AGENT_EVENTS} WHERE event IN {_in(*LOGINS)})"
    )
    ((unknown,),) = con.execute(f"SELECT count(DISTINCT agent) {without}").fetchall()
    con.execute(f"DELETE {without}")
    return int(unknown)


def _every_name() -> str:
    return f"""
        SELECT agent, coalesce(queue, '@') name FROM {AGENT_EVENTS}
        UNION SELECT agent, '@' FROM {AGENT_EVENTS}
    """


def _logins() -> str:
    on = _in(*(event for event, is_on in LOGINS.items() if is_on))
    length = seconds("d2")
    logins = f"""
        SELECT *, lag(is_on) OVER (PARTITION BY agent, name ORDER BY at_us, _row) was_on FROM (
            SELECT agent, at_us, _row, file, event, d2, event IN {on} is_on,
                CASE WHEN event IN {_in(*_AGENT_WIDE)} THEN '@' ELSE coalesce(queue, '@') END name,
                lag(at_us) OVER (PARTITION BY agent ORDER BY at_us, _row) seen_us
            FROM {AGENT_EVENTS}
        ) WHERE event IN {_in(*LOGINS)}
    """
    return f"""
        SELECT agent, at_us, _row, file, 'login' kind, name, is_on, NULL reason FROM ({logins})
        -- a second login without a logout: the first one ended with the last thing seen
        UNION ALL
        SELECT l.agent, l.seen_us, l._row, l.file, 'login', every.name, false, NULL
        FROM ({logins}) l JOIN every USING (agent)
        WHERE l.is_on AND l.was_on AND l.at_us - l.seen_us > {_BURST_US}
        -- a logout that tells how long ago the login was
        UNION ALL
        SELECT agent, at_us - CAST({length} * 1000000 AS BIGINT), _row, file, 'login', name, true,
            NULL
        FROM ({logins})
        WHERE NOT is_on AND NOT coalesce(was_on, false) AND name = '@' AND {length} > 0
    """


def _sessions(options: Options) -> str:
    """Write logins from what agents do: until nothing happens for a horizon."""
    gap = options.horizon * 1_000_000
    return f"""
        SELECT agent, unnest([first_us, last_us]) at_us, unnest([_row, last_row]) _row, file,
            'login' kind, '@' name, unnest([true, false]) is_on, NULL reason
        FROM (
            SELECT agent, session, min(at_us) first_us, max(at_us) last_us, min(_row) _row,
                max(_row) last_row, arg_min(file, _row) file
            FROM (
                SELECT *, count(*) FILTER (WHERE is_new)
                    OVER (PARTITION BY agent ORDER BY at_us, _row) session
                FROM (
                    SELECT *, at_us - lag(at_us, 1, 0)
                        OVER (PARTITION BY agent ORDER BY at_us, _row) > {gap} is_new
                    FROM {AGENT_EVENTS}
                )
            ) GROUP BY ALL
        ) WHERE last_us > first_us
    """


def _pauses() -> str:
    paused = "event = 'ADDMEMBER' AND coalesce(upper(d1), '') = 'PAUSED'"
    columns = "agent, at_us, _row, file, 'pause' kind"
    off_everywhere = _in("UNPAUSEALL", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF")
    on = _in(*(event for event, is_on in PAUSES.items() if is_on))
    return f"""
        SELECT {columns}, coalesce(queue, '*') name, event IN {on} is_on, d1 reason
        FROM {AGENT_EVENTS} WHERE event IN {_in(*PAUSES)}
        -- whoever may take calls of one queue is not paused in all
        UNION ALL SELECT {columns}, '*', false, NULL FROM {AGENT_EVENTS}
        WHERE event IN {_in("UNPAUSE", *_AGENT_WIDE)} OR (event = 'ADDMEMBER' AND NOT ({paused}))
        UNION ALL SELECT {columns}, every.name, false, NULL
        FROM {AGENT_EVENTS} JOIN every USING (agent) WHERE event IN {off_everywhere}
        -- a new login begins as it says, a logout ends the pause
        UNION ALL SELECT {columns}, queue, {paused}, NULL
        FROM {AGENT_EVENTS} WHERE event IN ('ADDMEMBER', 'REMOVEMEMBER')
    """


def _talks() -> str:
    """Write the talks: from CONNECT to its end, or to the next thing that shows it is over."""
    logouts = (event for event, is_on in LOGINS.items() if not is_on)
    return f"""
        WITH talk AS (
            SELECT *, lead(event) OVER mine next_event, lead(at_us) OVER mine next_us
            FROM {AGENT_EVENTS} WHERE event IN {_in("CONNECT", *TALKS)}
            WINDOW mine AS (PARTITION BY agent, callid ORDER BY at_us, _row)
        ), free AS (
            SELECT _row, lead(at_us) OVER (PARTITION BY agent ORDER BY at_us, _row) free_us
            FROM {AGENT_EVENTS} WHERE event IN {_in("CONNECT", *logouts)}
        ), starts AS (
            SELECT DISTINCT at_us FROM {EVENTS} WHERE _problem IS NULL AND event = 'QUEUESTART'
        )
        SELECT t.agent, t._row, t.file, t.callid, t.at_us,
            CASE WHEN t.next_event <> 'CONNECT' THEN t.next_us
                ELSE least(f.free_us, s.at_us) END end_us
        FROM talk t JOIN free f USING (_row) ASOF LEFT JOIN starts s ON t.at_us < s.at_us
        WHERE t.event = 'CONNECT'
    """


def _talk_switches() -> str:
    # a talk whose end nobody wrote and nothing shows is left out
    return f"""
        SELECT agent, unnest([at_us, end_us]) at_us, _row, file, 'talk' kind, callid name,
            unnest([true, false]) is_on, NULL reason
        FROM {_TALKS} WHERE end_us > at_us
    """
