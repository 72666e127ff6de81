"""What was each agent doing, and when?

The switches of one agent become one state at a time: talking before offline before paused before
available. An agent in two queues is one person: paused when paused in every queue served, and
available as soon as one queue may ring.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.asterisk.agent_switches import AGENT_EVENTS, SWITCHES, create_switches
from dialgauge.sources.asterisk.options import Options
from dialgauge.tables.storage import text

INTERVALS = "asterisk_intervals"
"""Temporary table with one row an interval, times in microseconds of UTC."""

_COUNTED = ("login", "member", "pause", "pause_all", "talk")


def gather_intervals(con: duckdb.DuckDBPyConnection, options: Options, key: bytes) -> list[str]:
    """Turn the events into intervals that do not overlap within an agent.

    Args:
        con: Where the events are.
        options: How logins are known, and how agents are named.
        key: The lake's secret, for agents who work from an outside phone.

    Returns:
        Notes on agents whose time cannot be known.
    """
    notes = []
    if unknown := create_switches(con, options, key):
        notes.append(
            f"{unknown} agents never log in or out in the queue_log (static members), so nobody "
            "knows when they were there, and they have no agent_time; --option logins=activity "
            "counts them as there from the first to the last thing they do."
        )
    con.execute(f"CREATE TEMP TABLE {INTERVALS} AS {_intervals(options)}")
    con.execute(f"DROP TABLE {SWITCHES}")
    con.execute(f"DROP TABLE {AGENT_EVENTS}")
    ((still_in,),) = con.execute(
        f"SELECT count(DISTINCT agent_id) FROM {INTERVALS} WHERE closed_here"
    ).fetchall()
    if still_in:
        notes.append(
            f"{still_in} agents are still logged in when the queue_log ends; their last interval "
            "was closed at the last thing they did."
        )
    return notes


def _changes() -> str:
    """Write the switchings that change something, as steps up and down."""
    return f"""
        SELECT *, is_on::INTEGER - coalesce(was_on, false)::INTEGER step FROM (
            SELECT *, lag(is_on) OVER same was_on, lag(reason) OVER same was_reason FROM {SWITCHES}
            WINDOW same AS (PARTITION BY agent, kind, name ORDER BY at_us, _row, is_on)
        ) WHERE is_on <> coalesce(was_on, false)
            OR (is_on AND kind = 'pause' AND reason IS DISTINCT FROM was_reason)
    """


def _moments() -> str:
    """Write for each agent and moment how many switches of each kind go up or down."""
    return f"""
        SELECT agent, at_us, arg_min(file, _row) file,
            sum(step) FILTER (WHERE kind = 'login') login,
            sum(step) FILTER (WHERE kind = 'login' AND name <> '@') member,
            sum(step) FILTER (WHERE kind = 'pause' AND name <> '*') pause,
            sum(step) FILTER (WHERE kind = 'pause' AND name = '*') pause_all,
            sum(step) FILTER (WHERE kind = 'talk') talk,
            arg_max(reason, _row) FILTER (WHERE kind = 'pause' AND is_on) reason
        FROM ({_changes()}) GROUP BY agent, at_us
    """


def _states() -> str:
    """Write the state in which each moment leaves its agent, NULL before the first login."""
    counts = ", ".join(f"coalesce(sum({name}) OVER so_far, 0) {name}" for name in _COUNTED)
    return f"""
        WITH running AS (
            SELECT agent, at_us, file, {counts},
                count(*) FILTER (WHERE login > 0) OVER so_far logins,
                last_value(reason IGNORE NULLS) OVER so_far reason
            FROM ({_moments()}) WINDOW so_far AS (PARTITION BY agent ORDER BY at_us)
        ), known AS (
            SELECT agent, count(DISTINCT queue) queues, min(queue) only_queue, max(at_us) last_us
            FROM {AGENT_EVENTS} GROUP BY agent
        )
        SELECT r.agent, at_us, file, last_us, CASE WHEN queues = 1 THEN only_queue END queue,
            CASE WHEN talk > 0 THEN 'talking'
                WHEN login <= 0 THEN CASE WHEN logins > 0 THEN 'offline' END
                WHEN pause_all > 0 THEN 'paused'
                WHEN pause > 0 AND pause >= CASE WHEN member > 0 THEN member ELSE queues END
                    THEN 'paused'
                ELSE 'available' END state,
            CASE WHEN state = 'paused' THEN r.reason END reason
        FROM running r JOIN known k ON k.agent = r.agent
    """


def _intervals(options: Options) -> str:
    server = f"{text(options.server + '/')} || " if options.server else ""
    whole = "CASE WHEN at_us % 1000000 = 0 THEN (at_us // 1000000)::VARCHAR"
    return f"""
        WITH turns AS (
            SELECT * FROM ({_states()}) WINDOW mine AS (PARTITION BY agent ORDER BY at_us)
            QUALIFY row_number() OVER mine = 1
                OR (state, reason) IS DISTINCT FROM lag((state, reason)) OVER mine
        ), spans AS (
            SELECT *, lead(at_us) OVER (PARTITION BY agent ORDER BY at_us) next_us FROM turns
        )
        SELECT {server}agent || '@' || {whole} ELSE (at_us / 1e6)::VARCHAR END interval_id,
            agent agent_id, state, reason, at_us start_us, coalesce(next_us, last_us) end_us,
            next_us IS NULL closed_here, queue campaign_id, file
        FROM spans
        WHERE state IS NOT NULL AND coalesce(next_us, last_us) > at_us
            AND NOT (state = 'offline' AND next_us IS NULL)
    """
