"""What do calls of any CRM say in the same way?

Their rows have, besides the struct `p`: `disposition`, `direction`, `duration` (seconds),
`going_on` (the call is not over), `status` (the system's word for the line) and `result`; and from
the phone number `k.*`, see `phones`.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.staging import count
from dialgauge.tables.storage import text

_CODE = "lower(trim(coalesce(nullif(trim(disposition), ''), status)))"
_TALKED = "result IN ('human', 'machine', 'answered')"


def told_result(options: Options, line: str) -> str:
    """Write what a call came to: by its outcome, else by the line; nothing while it goes on.

    Args:
        options: What outcomes mean.
        line: SQL of what the line came to by itself.
    """
    outcome = options.dispositions.flag_sql("result", _CODE, "NULL")
    return f"CASE WHEN going_on THEN NULL ELSE coalesce({outcome}, {line}) END"


def call_columns(options: Options, started: str) -> Mapping[str, str]:
    """Write the columns that follow from the shared ones.

    Args:
        options: What the team decided.
        started: SQL of when the call began.
    """
    flags = {
        flag: f"CASE WHEN NOT going_on THEN {options.dispositions.flag_sql(flag, _CODE, 'NULL')}"
        " END"
        for flag in ("contact", "right_party", "converted", "do_not_call")
    }
    long = (
        "NULL"
        if options.contact_after is None
        else f"duration >= CAST({options.contact_after} AS DOUBLE)"
    )
    flags["contact"] = (
        f"coalesce({flags['contact']}, CASE WHEN result IN ('human', 'answered') THEN {long}"
        " WHEN result IS NOT NULL THEN false END)"
    )
    return {
        "ended_at": f"CASE WHEN NOT going_on THEN make_timestamptz(epoch_us({started})"
        " + CAST(round(duration * 1e6) AS BIGINT)) END",
        "direction": "direction",
        "result": "result",
        "disposition": "disposition",
        **flags,
        "talk_s": f"CASE WHEN {_TALKED} THEN duration END",
        "phone_token": "k.phone_token",
        "region": "k.region",
        "country": "k.country",
        "line_type": "k.line_type",
        "carrier": "k.carrier",
        "phone_valid": "k.phone_valid",
        "timezone": "k.timezone",
        "_status": "status",
        "_going_on": "going_on",
    }


def call_notes(con: duckdb.DuckDBPyConnection, calls: str) -> list[str]:
    """Say what of the calls is not understood.

    Args:
        con: Where they are.
        calls: The table that `tell` made.
    """
    notes = []
    lost = count(con, f"{calls} WHERE _why IS NULL AND direction IS NULL")
    if lost:
        notes.append(
            f"{lost} calls do not tell who called, so no KPI counts them; where your people call "
            "out, say --option direction=outbound."
        )
    going_on = count(con, f"{calls} WHERE _why IS NULL AND _going_on")
    if going_on:
        notes.append(f"{going_on} calls were not over yet; their results come when they are.")
    unknown = con.execute(
        f"SELECT coalesce(disposition, nullif(_status, '')), count(*) FROM {calls}"
        " WHERE _why IS NULL AND result IS NULL AND NOT _going_on"
        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3"
    ).fetchall()
    notes += [
        f"{number} calls do not say what came of them; they count as dials and as nothing else."
        if said is None
        else f"{number} calls came to {text(said)}, which nobody has said the meaning of; say it "
        f"with --option 'dispositions={said}: human contact'."
        for said, number in unknown
    ]
    tomorrow = "epoch_us(now()) + 86400000000"
    later = count(con, f"{calls} WHERE _why IS NULL AND epoch_us(started_at) > {tomorrow}")
    if later:
        notes.append(
            f"{later} calls begin in the future; a clock is wrong, or they are only planned."
        )
    return notes
