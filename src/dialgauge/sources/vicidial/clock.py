"""Which of the agents' time is paid, when VICIdial's time clock says so?

An agent clocks out (LOGOUT), or the system does it for them (AUTOLOGOUT), and the row says for how
many seconds they were clocked in; a manager may correct both ends later. What lies inside is paid,
also where the dialler knew nothing of the agent: that is offline, and paid. So for each agent the
paid seconds come to the seconds on the clock. Whoever is clocked in now is paid since then.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import ROW
from dialgauge.sources.vicidial.intervals import FULL, INTERVALS
from dialgauge.sources.vicidial.loading import given, instant, named, number, raw, relation
from dialgauge.sources.vicidial.options import Options
from dialgauge.sources.vicidial.statuses import agent
from dialgauge.sources.vicidial.tables import TIMECLOCK, USERS

_SPANS, _INSIDE, _DONE = "vd_clocked", "vd_inside", "vd_intervals_paid"


def pay_by_clock(con: duckdb.DuckDBPyConnection, options: Options) -> list[str]:
    """Say of the rows of `INTERVALS` whether they are paid, and add what was paid besides.

    Args:
        con: Where they and the loaded tables are.
        options: What the user said.

    Returns:
        What to tell people.
    """
    ((read,),) = con.execute(f"SELECT {given(TIMECLOCK)}").fetchall()
    if not read:
        return ["What is paid is unknown: vicidial_timeclock_log was not read."]
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_SPANS} AS {_spans(options)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_INSIDE} AS {_inside()}")
    columns = "interval_id, agent_id, state, reason, start_us, end_us, billable, paid, campaign_id"
    kept = f"{columns}, _file, _problem, _raw"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_DONE} AS SELECT *, row_number() OVER () {ROW} FROM ("
        f"SELECT {kept} FROM {INTERVALS} WHERE end_us IS NULL OR _problem IS NOT NULL "
        f"UNION ALL SELECT {kept} FROM ({_pieces()}) UNION ALL SELECT {kept} FROM ({_offline()}) "
        f"UNION ALL SELECT {kept} FROM ({_damaged()}))"
    )
    con.execute(f"DROP TABLE {INTERVALS}")
    con.execute(f"ALTER TABLE {_DONE} RENAME TO {INTERVALS}")
    return _told(con)


def _spans(options: Options) -> str:
    """Write the times on the clock: closed ones, and those of agents who are clocked in now.

    `sure` is false where nobody clocked out in time, so that nobody knows what is paid.
    """
    at = instant("event_epoch", "NULL", "UTC")
    who = named(f"coalesce(u.user, {agent('t.user')})", options.server)
    rows = (
        f"SELECT t.*, {who} agent_id, {at} at_us, {number('login_sec')} clocked_s, "
        f"upper(event) what FROM {relation(TIMECLOCK)} t LEFT JOIN (SELECT lower(user) low, "
        f"any_value(user) user FROM {relation(USERS)} GROUP BY low) u ON u.low = lower(t.user)"
    )
    problem = (
        "CASE WHEN timeclock_id IS NULL THEN 'missing timeclock_id' "
        "WHEN agent_id IS NULL THEN 'no agent' WHEN at_us IS NULL THEN 'unreadable event_epoch' "
        "WHEN clocked_s IS NULL OR clocked_s < 0 THEN 'unreadable login_sec' "
        f"WHEN clocked_s >= {FULL} THEN 'clocked in for {FULL} seconds or more: nobody clocked "
        "out, and nobody knows how much of it is paid' END"
    )
    return f"""
        WITH rows AS ({rows}),
        latest AS (FROM rows WHERE (what = 'LOGIN' OR what LIKE '%LOGOUT') AND at_us IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY agent_id
                ORDER BY at_us DESC, TRY_CAST(timeclock_id AS BIGINT) DESC) = 1)
        SELECT timeclock_id, agent_id, what, CAST(at_us - clocked_s * 1000000 AS BIGINT) from_us,
            at_us to_us, clocked_s < {FULL} sure, true closed, _context, {problem} _problem,
            _file, CASE WHEN {problem} IS NOT NULL THEN {raw("_said")} END _raw
        FROM rows WHERE what LIKE '%LOGOUT'
        UNION ALL
        SELECT timeclock_id, agent_id, what, at_us, at_us + {FULL}000000, true, false, _context,
            NULL, _file, NULL
        FROM latest WHERE what = 'LOGIN' AND agent_id IS NOT NULL
    """


def _whole() -> str:
    return f"(SELECT * FROM {INTERVALS} WHERE end_us IS NOT NULL AND _problem IS NULL)"


def _inside() -> str:
    """Write which part of each interval lies in which time on the clock."""
    return f"""
        SELECT i.interval_id, s.timeclock_id, s.sure, greatest(i.start_us, s.from_us) from_us,
            least(i.end_us, s.to_us) to_us,
            s.from_us <= i.start_us AND s.to_us >= i.end_us whole
        FROM {_whole()} i JOIN {_SPANS} s ON s.agent_id = i.agent_id
            AND s.from_us < i.end_us AND s.to_us > i.start_us
    """


def _pieces() -> str:
    """Write the intervals, cut where somebody clocked in or out; the first piece keeps its name."""
    cut = f"(SELECT DISTINCT interval_id FROM {_INSIDE} WHERE NOT whole)"
    place = "row_number() OVER (PARTITION BY interval_id ORDER BY from_us)"
    name = f"interval_id || CASE {place} WHEN 1 THEN '' ELSE '-' || {place} END"
    return f"""
        WITH borders AS (
            SELECT interval_id, start_us border FROM {_whole()} SEMI JOIN {cut} USING (interval_id)
            UNION SELECT interval_id, end_us FROM {_whole()} SEMI JOIN {cut} USING (interval_id)
            UNION SELECT interval_id, from_us FROM {_INSIDE} SEMI JOIN {cut} USING (interval_id)
            UNION SELECT interval_id, to_us FROM {_INSIDE} SEMI JOIN {cut} USING (interval_id)),
        pieces AS (SELECT interval_id, border from_us,
            lead(border) OVER (PARTITION BY interval_id ORDER BY border) to_us FROM borders
            QUALIFY to_us IS NOT NULL),
        judged AS (SELECT p.*, CASE WHEN bool_or(n.sure) THEN true
            WHEN count(n.interval_id) = 0 THEN false END paid
            FROM pieces p LEFT JOIN {_INSIDE} n ON n.interval_id = p.interval_id
            AND n.from_us <= p.from_us AND n.to_us >= p.to_us GROUP BY ALL)
        SELECT i.* REPLACE ({name} AS interval_id, from_us AS start_us, to_us AS end_us,
            judged.paid AS paid)
        FROM judged JOIN {_whole()} i USING (interval_id)
        UNION ALL
        SELECT i.* REPLACE (CASE WHEN n.interval_id IS NULL THEN false WHEN n.sure THEN true END
            AS paid)
        FROM {_whole()} i LEFT JOIN (SELECT interval_id, bool_or(sure) sure FROM {_INSIDE}
            GROUP BY interval_id) n USING (interval_id)
        ANTI JOIN {cut} USING (interval_id)
    """


def _offline() -> str:
    """Write what was on the clock while the dialler knew nothing of the agent.

    The times before the first interval and after the last one are always told, also when they are
    nothing: when a manager corrects the clock, they are replaced.
    """
    times = "PARTITION BY timeclock_id ORDER BY n.from_us, n.to_us, interval_id"
    spans = f"(SELECT * FROM {_SPANS} WHERE closed AND _problem IS NULL AND NOT _context)"
    between = f"""
        SELECT timeclock_id, interval_id, n.from_us, max(n.to_us) OVER ({times}
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) before_us
        FROM {_INSIDE} n SEMI JOIN {spans} USING (timeclock_id)
    """
    around = f"""
        SELECT s.*, min(n.from_us) first_us, max(n.to_us) last_us
        FROM {spans} s LEFT JOIN {_INSIDE} n USING (timeclock_id) GROUP BY ALL
    """
    gaps = f"""
        SELECT timeclock_id, agent_id, '-before-' || interval_id piece, before_us start_us,
            b.from_us end_us, _file
        FROM ({between}) b JOIN {spans} s USING (timeclock_id) WHERE b.from_us > before_us
        UNION ALL SELECT timeclock_id, agent_id, '-start', from_us, first_us, _file
        FROM ({around}) WHERE first_us IS NOT NULL
        UNION ALL SELECT timeclock_id, agent_id, '-end', coalesce(last_us, from_us), to_us, _file
        FROM ({around})
    """
    return f"""
        SELECT 'clock-' || timeclock_id || piece interval_id, agent_id, 'offline' state,
            'TIMECLOCK' reason, start_us, end_us, NULL::BOOLEAN billable, true paid,
            NULL campaign_id, _file, NULL _problem, NULL _raw
        FROM ({gaps})
    """


def _damaged() -> str:
    return f"""
        SELECT 'clock-' || timeclock_id interval_id, agent_id, 'offline' state, 'TIMECLOCK' reason,
            from_us start_us, to_us end_us, NULL::BOOLEAN billable, NULL::BOOLEAN paid,
            NULL campaign_id, _file, _problem, _raw
        FROM {_SPANS} WHERE _problem IS NOT NULL AND NOT _context
    """


def _told(con: duckdb.DuckDBPyConnection) -> list[str]:
    ((stopped,),) = con.execute(
        f"SELECT count(*) FROM {_SPANS} WHERE what = 'AUTOLOGOUT' AND sure AND NOT _context"
    ).fetchall()
    if not stopped:
        return []
    said = (
        f"{stopped:,} times the system clocked out agents who had forgotten to; what is paid "
        "reaches until then, unless a manager corrects it."
    )
    return [said]
