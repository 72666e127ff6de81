"""What were the agents doing, and when?

A row of vicidial_agent_log is one cycle: pause, wait, talk, dispo, each with the moment it began
and its seconds. Talk includes the time after the customer had gone (dead); that is work after the
call. A part of 65,000 seconds or more is a counter that was full: it is put into quarantine, the
other parts of the row are not. Talk during which the customer was parked is hold.
"""

from __future__ import annotations

from dialgauge.sources.base import ROW
from dialgauge.sources.staging import Shape
from dialgauge.sources.vicidial.holds import HOLDS
from dialgauge.sources.vicidial.loading import instant, named, number, raw, relation
from dialgauge.sources.vicidial.options import Options
from dialgauge.sources.vicidial.statuses import agent
from dialgauge.sources.vicidial.tables import AGENT_LOG, PAUSE_CODES, USERS

INTERVALS = "vd_intervals"
"""Temporary table with one row a part of an agent's cycle."""

CYCLES = "vd_cycles"
"""Temporary table with the rows of the agents' log, and of each part (pause, wait, talk without
dead, dead, dispo) its seconds `talk_s`, its epoch `talk_us`, and whether its counter was full
`talk_full`; `who` is the agent, `talk_began_us` when talk began."""

FULL = 65_000
"""From so many seconds on VICIdial's counters are full and tell nothing."""

_PARTS = ("pause", "wait", "talk", "dead", "dispo")
_STATES = {
    "pause": "paused",
    "wait": "available",
    "talk": "talking",
    "dead": "wrap",
    "dispo": "wrap",
}


def intervals_sql(options: Options) -> str:
    """Write the query that makes the rows of `INTERVALS` of those of `CYCLES` and `HOLDS`.

    Args:
        options: What the user said.
    """
    parts = " UNION ALL ".join(
        f"SELECT a.*, '{part}' part, '{part}' piece, '{_STATES[part]}' state, "
        f"{_began(part)} part_us, {part}_s part_s, {part}_full part_full, "
        f"a._row * 8 + {place} number FROM {CYCLES} a"
        f"{f' ANTI JOIN {HOLDS} h ON h.r = a._row' if part == 'talk' else ''}"
        for place, part in enumerate(_PARTS)
    )
    billable = (
        "CASE WHEN part <> 'pause' THEN true ELSE CASE upper(p.billable) WHEN 'YES' THEN true "
        "WHEN 'NO' THEN false END END"
    )
    paid = {
        "unknown": "NULL::BOOLEAN",
        "all": "true",
        "billable": billable,
        "timeclock": "NULL::BOOLEAN",  # said later
    }[options.paid]
    return f"""
        SELECT {named("agent_log_id || '-' || piece", options.server)} interval_id,
            {named("coalesce(u.user, who)", options.server)} agent_id, state,
            CASE part WHEN 'pause' THEN a.sub_status WHEN 'dead' THEN 'DEAD' END reason,
            part_us start_us,
            CASE WHEN part_s > 0 THEN CAST(part_us + part_s * 1000000 AS BIGINT) END end_us,
            {billable} billable, {paid} paid, {named("a.campaign_id", options.server)} campaign_id,
            number {ROW}, a._file,
            CASE WHEN agent_log_id IS NULL THEN 'missing agent_log_id'
                WHEN who IS NULL THEN 'no agent'
                WHEN part_full THEN 'a part of {FULL} seconds or more: the counter was full, and '
                    || 'nobody knows how long it was'
                WHEN part_us IS NULL THEN 'unreadable event_time'
                WHEN part_s < 0 THEN 'negative seconds' END _problem,
            CASE WHEN _problem IS NOT NULL THEN {raw("a._said")} END _raw
        FROM ({parts} UNION ALL {_talk_and_hold()}) a
        LEFT JOIN (SELECT upper(pause_code) code, campaign_id campaign, any_value(billable) billable
            FROM {relation(PAUSE_CODES)} GROUP BY ALL) p
            ON p.code = upper(a.sub_status) AND p.campaign = a.campaign_id
        LEFT JOIN (SELECT lower(user) low, any_value(user) user FROM {relation(USERS)}
            GROUP BY low) u ON u.low = lower(who)
        WHERE part_s <> 0 OR part_full OR (part = 'pause' AND damaged)
    """


def interval_shape() -> Shape:
    """Say how rows of `INTERVALS` become rows of agent_time."""
    names = ("interval_id", "agent_id", "state", "reason", "billable", "paid", "campaign_id")
    return Shape(
        columns={name: name for name in names}
        | {
            "started_at": "make_timestamptz(start_us)",
            "ended_at": "make_timestamptz(end_us)",
            "source": "'vicidial'",
        },
        rows=INTERVALS,
        problem="_problem",
        raw="_raw",
    )


def cycles_sql(zone: str) -> str:
    """Write the query that makes the rows of `CYCLES`.

    Args:
        zone: The zone of wall-clock times without an epoch.
    """
    values = {part: number(f"{part}_sec") for part in _PARTS}
    full = ", ".join(
        f"coalesce({value} >= {FULL}, false) {part}_full" for part, value in values.items()
    )
    value = {part: f"CASE WHEN {sql} < {FULL} THEN {sql} END" for part, sql in values.items()}
    # the dead part lies at the end of talk, and cannot be longer
    dead = f"least(coalesce({value['dead']}, 0), {value['talk']})"
    value |= {"dead": dead, "talk": f"{value['talk']} - {dead}"}
    seconds = ", ".join(f"coalesce({sql}, 0) {part}_s" for part, sql in value.items())
    epochs = ", ".join(
        f"{instant(f'{part}_epoch', 'NULL', zone)} {part}_us" for part in _PARTS if part != "dead"
    )
    return (
        f"SELECT *, {_began('talk')} talk_began_us, agent_log_id IS NULL OR who IS NULL "
        f"OR coalesce(pause_us, began_us) IS NULL damaged FROM (SELECT *, {agent('user')} who, "
        f"{instant('pause_epoch', 'event_time', zone)} began_us, {full}, {seconds}, {epochs} "
        f"FROM {relation(AGENT_LOG)})"
    )


def _talk_and_hold() -> str:
    """Write talk that was broken by hold in pieces; the first piece of talk is called as always.

    So a row that was read before the hold was known is replaced, not joined by others.
    """
    end = "CAST(talk_began_us + talk_s * 1000000 AS BIGINT)"
    talk = (
        "SELECT r, from_us, to_us FROM (SELECT r, "
        "lag(h.to_us, 1, talk_began_us) OVER times from_us, h.from_us to_us "
        f"FROM {HOLDS} h JOIN {CYCLES} c ON c._row = r "
        "WINDOW times AS (PARTITION BY r ORDER BY place) UNION ALL "
        f"SELECT r, max(h.to_us), any_value({end}) FROM {HOLDS} h JOIN {CYCLES} c ON c._row = r "
        "GROUP BY r) WHERE to_us > from_us"
    )
    numbered = "row_number() OVER (PARTITION BY r ORDER BY from_us)"
    pieces = (
        f"SELECT r, 'talking' state, CASE {numbered} WHEN 1 THEN 'talk' ELSE 'talk-' || {numbered} "
        f"END piece, from_us, to_us FROM ({talk}) UNION ALL "
        f"SELECT r, 'hold', 'hold-' || place, from_us, to_us FROM {HOLDS}"
    )
    return (
        "SELECT a.*, 'talk' part, piece, state, from_us part_us, (to_us - from_us) / 1e6 part_s, "
        f"false part_full, (SELECT max(_row) + 1 FROM {CYCLES}) * 8 + row_number() OVER () number "
        f"FROM {CYCLES} a JOIN ({pieces}) p ON p.r = a._row"
    )


def _began(part: str) -> str:
    """Write when a part began: by its own epoch, else behind the parts before it."""
    after = {
        "pause": "began_us",
        "wait": "began_us + pause_s * 1000000",
        "talk": "began_us + (pause_s + wait_s) * 1000000",
        "dispo": "began_us + (pause_s + wait_s + talk_s + dead_s) * 1000000",
    }
    if part == "dead":
        began = f"coalesce(talk_us, {after['talk']}) + talk_s * 1000000"
    elif part == "pause":
        began = f"coalesce(pause_us, {after['pause']})"
    else:
        began = f"coalesce({part}_us, {after[part]})"
    return f"CAST({began} AS BIGINT)"
