"""Which rows of the logs are one call?

An outbound call is a row of vicidial_log. A row of vicidial_closer_log is a pass through an
in-group: it is a call of its own only when it is inbound and the first pass; otherwise it is a leg
of the call it came from. The first rule that finds that call decides:

1. its transfer in vicidial_xfer_log names the first leg (front_uniqueid)
2. an outbound call has the same uniqueid, as when a drop rolled over to an in-group
3. an earlier pass has the same uniqueid and lead
4. it is a transfer (xfercallid), and a call of the same lead was going on
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.vicidial.loading import called, instant, number, raw, relation
from dialgauge.sources.vicidial.statuses import agent
from dialgauge.sources.vicidial.tables import CLOSER, LOG, XFER

LEGS = "vd_legs"
"""Temporary table with one row a leg: `leg` and `call` (their names, `call` NULL when the first
leg is not here), `outbound`, times in microseconds of UTC, `agent`, what the row says, and
`_problem`."""

_ROWS = "vd_leg_rows"
_PARENTS = "vd_parents"
_LATE_US = 120 * 1_000_000
_LONGEST_US = 4 * 3_600 * 1_000_000
_MOST_S = 7 * 86_400


def create_legs(con: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Make the table `LEGS` of the logs that were loaded.

    Args:
        con: Where they are.
        zone: The zone of wall-clock times without an epoch.
    """
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS {_outbound(zone)} UNION ALL {_passes(zone)}"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_PARENTS} AS {_parents()}")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {LEGS} AS "
        f"WITH RECURSIVE up(leg, call) AS ("
        f"SELECT leg, leg FROM {_ROWS} WHERE leg NOT IN (SELECT leg FROM {_PARENTS}) UNION ALL "
        f"SELECT p.leg, up.call FROM {_PARENTS} p JOIN up ON p.parent = up.leg) "
        f"SELECT r.*, CASE WHEN r.transfer AND up.call = r.leg AND NOT r.outbound THEN NULL "
        f"ELSE up.call END call FROM {_ROWS} r LEFT JOIN up ON up.leg = r.leg"
    )
    con.execute(f"DROP TABLE {_ROWS}")
    con.execute(f"DROP TABLE {_PARENTS}")


def _outbound(zone: str) -> str:
    return _leg(
        zone,
        "CASE WHEN uniqueid IS NOT NULL THEN uniqueid END",
        "true",
        {"queue_s": "NULL", "xfer": "NULL", "list": "list_id", "number": "NULL::BIGINT"},
        f"{relation(LOG)}",
        "uniqueid",
    )


def _passes(zone: str) -> str:
    xfer = "CASE WHEN TRY_CAST(xfercallid AS BIGINT) > 0 THEN xfercallid END"
    return _leg(
        zone,
        "'closer-' || closecallid",
        "false",
        {
            "queue_s": number("queue_seconds"),
            "xfer": xfer,
            "list": "list_id",
            "number": "TRY_CAST(closecallid AS BIGINT)",
        },
        f"{relation(CLOSER)}",
        "closecallid",
    )


def _leg(  # noqa: PLR0913, PLR0917 - one SELECT for two tables
    zone: str, name: str, outbound: str, own: dict[str, str], rows: str, key: str
) -> str:
    start = instant("start_epoch", "call_date", zone)
    length = number("length_in_sec")
    extra = ", ".join(f"{sql} {column}" for column, sql in own.items())
    problem = (
        f"CASE WHEN {key} IS NULL THEN 'missing {key}' "
        "WHEN start_us IS NULL AND start_epoch IS NULL AND call_date IS NULL "
        "THEN 'missing call_date' "
        "WHEN start_us IS NULL THEN 'unreadable call_date' "
        "WHEN length_s IS NULL AND length_in_sec IS NOT NULL THEN 'unreadable length_in_sec' "
        "WHEN length_s < 0 THEN 'negative length_in_sec' "
        f"WHEN length_s > {_MOST_S} THEN 'length_in_sec of more than seven days' "
        "WHEN told_end_us < start_us THEN 'ends before it starts' "
        "WHEN queue_s < 0 THEN 'negative queue_seconds' END"
    )
    return (
        f"SELECT leg, outbound, start_us, coalesce(told_end_us, "
        "CAST(start_us + length_s * 1000000 AS BIGINT)) end_us, length_s, queue_s, "
        "xfer IS NOT NULL transfer, xfer, number, uniqueid, lead_id, list, campaign_id, "
        f"upper(status) status, status said, {agent('user')} agent, user_group, "
        f"upper(term_reason) reason, phone, _row, _file, _context, {problem} _problem, "
        f"CASE WHEN {problem} IS NOT NULL OR xfer IS NOT NULL THEN {raw('_said')} END _raw FROM ("
        f"SELECT *, {name} leg, {outbound} outbound, {start} start_us, "
        f"CASE WHEN TRY_CAST(end_epoch AS BIGINT) > 0 THEN {instant('end_epoch', 'NULL', zone)} "
        f"END told_end_us, {length} length_s, {called('phone_code', 'phone_number')} phone, "
        f"{extra} FROM {rows})"
    )


def _parents() -> str:
    """Write the leg before each leg that has one; several rules may find one, the first counts."""
    good = f"{_ROWS} WHERE _problem IS NULL"
    passes = f"SELECT * FROM {good} AND NOT outbound"
    earlier = "(b.outbound OR b.number < p.number)"
    going_on = (
        f"b.start_us <= p.start_us AND p.start_us <= coalesce(b.end_us + {_LATE_US}, "
        f"b.start_us + {_LONGEST_US})"
    )
    return f"""
        SELECT leg, arg_min(parent, (rule, -near)) parent FROM (
            SELECT p.leg, b.leg parent, 1 rule, b.start_us near
            FROM ({passes}) p JOIN {relation(XFER)} x ON x.xfercallid = p.xfer
            JOIN (SELECT * FROM {good}) b ON b.outbound AND b.uniqueid = x.front_uniqueid
            UNION ALL
            SELECT p.leg, b.leg, 1, b.start_us
            FROM ({passes}) p JOIN {relation(XFER)} x ON x.xfercallid = p.xfer
            JOIN ({passes}) b ON b.number = TRY_CAST(x.front_uniqueid AS BIGINT)
                AND NOT contains(x.front_uniqueid, '.') AND b.number < p.number
            UNION ALL
            SELECT p.leg, b.leg, 2, b.start_us
            FROM ({passes}) p JOIN (SELECT * FROM {good}) b
                ON b.outbound AND b.uniqueid = p.uniqueid
            UNION ALL
            SELECT p.leg, b.leg, 3, b.start_us
            FROM ({passes}) p JOIN ({passes}) b ON b.uniqueid = p.uniqueid
                AND b.lead_id IS NOT DISTINCT FROM p.lead_id AND b.number < p.number
            UNION ALL
            SELECT p.leg, b.leg, 4, b.start_us
            FROM ({passes}) p JOIN (SELECT * FROM {good}) b ON b.lead_id = p.lead_id
                AND b.leg <> p.leg AND {earlier} AND {going_on}
            WHERE p.transfer
        ) GROUP BY leg
    """
