"""When was a customer on hold while an agent had the call?

A row of park_log says who parked the customer of which call, when, and for how long. The agents'
own log knows nothing of it: its talk goes on while the customer is parked. So what lies inside the
talk of the agent who parked is taken out of it, and is hold, on the call as well as in the agent's
time; talk and hold together stay what the agents' log says.

A park that nobody ended, or that lies outside the talk of its agent although there is one, leaves
the hold of its call unknown. One by somebody who had no part in the call is no hold: the customer
waited for an agent.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.vicidial.legs import LEGS
from dialgauge.sources.vicidial.loading import instant, number, relation
from dialgauge.sources.vicidial.statuses import agent
from dialgauge.sources.vicidial.tables import AGENT_LOG, PARKS

CYCLE_CALLS = "vd_cycle_calls"
"""Temporary table: the rows of the agents' log (`r`, their `_row`) and the call each belongs to."""

HOLDS = "vd_holds"
"""Temporary table: pieces of hold inside a cycle's talk, which do not overlap: `r`, `place` from 1,
`from_us`, `to_us`."""

CALL_HOLDS = "vd_call_holds"
"""Temporary table: `call`, `held_s`, and `unknown` where a park cannot be placed."""

_PARKED, _PLACED = "vd_parked", "vd_parks_placed"
_EARLY_US = 5_000_000  # web servers and the dialler have clocks of their own


def create_holds(con: duckdb.DuckDBPyConnection, cycles: str, zone: str) -> list[str]:
    """Make the tables of this module.

    Args:
        con: Where legs and loaded tables are.
        cycles: The table of the agents' cycles.
        zone: The zone of wall-clock times.

    Returns:
        What to tell people about parks that are no hold.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {CYCLE_CALLS} AS {_cycle_calls(cycles)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_PARKED} AS {_parked(zone)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_PLACED} AS {_placed(cycles)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {HOLDS} AS {_pieces()}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {CALL_HOLDS} AS {_by_call(cycles)}")
    return _told(con)


def _good() -> str:
    return f"(SELECT * FROM {LEGS} WHERE _problem IS NULL AND call IS NOT NULL)"


def _cycle_calls(cycles: str) -> str:
    """Write which call a cycle belongs to: by uniqueid, else by lead, agent and time."""
    rows = f"(SELECT * FROM {cycles} WHERE TRY_CAST(lead_id AS BIGINT) > 0)"
    return f"""
        WITH named AS (SELECT c._row r, min(call) call
            FROM {rows} c JOIN {_good()} g USING (uniqueid, lead_id) GROUP BY r),
        near AS (SELECT c._row r, arg_max(g.call, g.start_us) call
            FROM {rows} c JOIN {_good()} g
            ON g.lead_id = c.lead_id AND lower(g.agent) = lower(c.who)
            AND c.talk_us BETWEEN g.start_us - 10000000
            AND coalesce(g.end_us, g.start_us) + 60000000
            WHERE c._row NOT IN (SELECT r FROM named) GROUP BY r)
        FROM named UNION ALL FROM near
    """


def _parked(zone: str) -> str:
    """Write the parks: whose, of which lead, from when, and for how long where that is known."""
    seconds = number("parked_sec")
    until = "epoch(TRY_CAST(coalesce(grab_time, hangup_time) AS TIMESTAMP))"
    lasted = f"{until} - epoch(TRY_CAST(parked_time AS TIMESTAMP))"
    return f"""
        SELECT _row park, _context, lower({agent('"user"')}) who, uniqueid,
            CASE WHEN TRY_CAST(lead_id AS BIGINT) > 0 THEN lead_id END lead_id,
            {instant("NULL", "parked_time", zone)} from_us,
            CASE WHEN {seconds} > 0 THEN {seconds} WHEN {lasted} >= 0 THEN {lasted} END lasted_s
        FROM {relation(PARKS)}
    """


def _placed(cycles: str) -> str:
    """Write the parks that lie in the talk of their agent, cut to it, with the cycle's row."""
    return f"""
        SELECT park, _row r, greatest(from_us, began_us) from_us,
            least(CAST(from_us + lasted_s * 1000000 AS BIGINT), talked_us) to_us
        FROM (SELECT *, from_us + {_EARLY_US} sought_us FROM {_PARKED}
            WHERE lasted_s IS NOT NULL AND who IS NOT NULL) p
        ASOF JOIN (SELECT _row, lower(who) cycle_who, lead_id cycle_lead, talk_began_us began_us,
                CAST(talk_began_us + talk_s * 1000000 AS BIGINT) talked_us
            FROM {cycles} WHERE talk_s > 0 AND NOT talk_full) c
            ON p.who = c.cycle_who AND p.sought_us >= c.began_us
        WHERE from_us <= talked_us AND from_us + lasted_s * 1000000 >= began_us
            AND (p.lead_id IS NULL OR cycle_lead = p.lead_id)
    """


def _pieces() -> str:
    """Write the parks of a cycle one behind the other, none over another."""
    return f"""
        SELECT r, row_number() OVER (PARTITION BY r ORDER BY from_us, park) place, from_us, to_us
        FROM (SELECT r, park, greatest(from_us, coalesce(max(to_us) OVER (PARTITION BY r
            ORDER BY from_us, park ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), from_us))
            from_us, to_us FROM {_PLACED})
        WHERE to_us > from_us
    """


def _by_call(cycles: str) -> str:
    """Write the hold of each call: what lies in its cycles' talk, and what has no such cycle.

    Where the agents' log tells no talk of that agent on that call, the seconds of park_log count.
    """
    took = (
        f"SELECT call, lower(agent) who, NULL::DOUBLE talk_s FROM {_good()} WHERE agent IS NOT NULL"
        f" UNION ALL SELECT call, lower(who), CASE WHEN NOT talk_full THEN talk_s END "
        f"FROM {CYCLE_CALLS} JOIN {cycles} c ON c._row = r"
    )
    return f"""
        WITH took AS (SELECT call, who, sum(talk_s) talk_s FROM ({took}) GROUP BY ALL),
        loose AS (SELECT p.*, g.call FROM {_PARKED} p
            JOIN (SELECT DISTINCT call, uniqueid, lead_id FROM {_good()}) g
            ON g.uniqueid = p.uniqueid AND (p.lead_id IS NULL OR g.lead_id = p.lead_id)
            WHERE p.who IS NOT NULL AND p.park NOT IN (SELECT park FROM {_PLACED}))
        SELECT call, sum(held_s) held_s, bool_or(unknown) unknown FROM (
            SELECT call, (to_us - from_us) / 1e6 held_s, false unknown
            FROM {HOLDS} JOIN {CYCLE_CALLS} USING (r)
            UNION ALL
            SELECT call, coalesce(lasted_s, 0),
                lasted_s IS NULL OR talk_s IS NOT NULL
            FROM loose JOIN took USING (call, who)
        ) GROUP BY call
    """


def _told(con: duckdb.DuckDBPyConnection) -> list[str]:
    ((open_, outside, others),) = con.execute(f"""
        SELECT count(*) FILTER (who IS NOT NULL AND lasted_s IS NULL),
            count(*) FILTER (mine AND lasted_s IS NOT NULL AND park NOT IN
                (SELECT park FROM {_PLACED})),
            count(*) FILTER (who IS NULL)
        FROM (SELECT p.*, EXISTS (FROM {relation(AGENT_LOG)} a WHERE lower(a.user) = p.who
            AND a.uniqueid = p.uniqueid) mine FROM {_PARKED} p WHERE NOT _context)
    """).fetchall()
    notes = []
    if open_:
        notes.append(
            f"{open_:,} parks have no end in park_log; the hold of their calls is unknown, and "
            "their talk includes it."
        )
    if outside:
        notes.append(
            f"{outside:,} parks lie outside the talk of the agent who parked, so the hold of their "
            "calls is unknown; if they are many, say the server's zone with --timezone."
        )
    if others:
        notes.append(f"{others:,} parks are nobody's: those customers waited, and were not held.")
    return notes
