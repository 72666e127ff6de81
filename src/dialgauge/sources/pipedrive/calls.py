"""How do activities of Pipedrive become calls?

An activity tells who called whom, and when it was ticked off. The call log of a telephony, where
there is one, tells when the call was, how long, and what came of it.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.calls import call_columns, call_notes, told_result
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, named, picked_from, seconds, unread, yes
from dialgauge.sources.crm.staging import Telling, count, staged, tell
from dialgauge.sources.phones import understand
from dialgauge.sources.pipedrive.names import PHONES, STREAMS
from dialgauge.tables.calls import CALLS
from dialgauge.tables.storage import text


def stage_calls(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> list[Staged]:
    """Stage calls.

    Args:
        con: Where `pipedrive_activities` and `pipedrive_calllogs` are.
        options: What the team decided.
        phone_key: The lake's secret.
    """
    if not count(con, "pipedrive_activities"):
        return []
    _read(con, options)
    other = count(con, "pipedrive_activities") - count(con, "pipedrive_calls_read")
    known = understand(con, "pipedrive_calls_read", "phone", phone_key, options.region)
    result = told_result(options, "NULL")
    tell(
        con,
        options,
        Telling(
            name="pipedrive_calls_told",
            table=CALLS,
            columns={
                "call_id": named(options.prefix, "id"),
                "started_at": "started",
                "lead_id": named(options.prefix, "person_id"),
                "agent_id": named(options.prefix, "owner_id"),
                "test": f"coalesce({yes('is_deleted')}, false)",
                "source": "'pipedrive'",
                **call_columns(options, "started"),
            },
            rows=f"(SELECT *, {result} AS result FROM pipedrive_calls_read)"
            f" LEFT JOIN {known} AS k ON k.said = phone",
            problems=[
                ("id IS NULL", "id is missing"),
                ("said_at IS NULL", "marked_as_done_time and due_date are missing"),
                ("started IS NULL", "marked_as_done_time is no time"),
                (unread("said_duration", "duration"), "duration is no number"),
                ("duration < 0", "duration is negative"),
            ],
            hidden=PHONES,
        ),
    )
    notes = call_notes(con, "pipedrive_calls_told")
    if other:
        kinds = ", ".join(options.types)
        notes.append(
            f"{other} activities are no calls; calls are those of type {kinds}, or say "
            "--option types=call,cold_call."
        )
    return [staged(con, CALLS, "pipedrive_calls_told", notes)]


def _read(con: duckdb.DuckDBPyConnection, options: Options) -> None:
    """Make the table of what calls say."""
    own = picked_from("NULL", options.fields_of("calls").values(), STREAMS["activities"].columns)
    types = ", ".join(map(text, options.types))
    due = "nullif(concat_ws('T', nullif(due_date, ''), nullif(due_time, '')), '')"
    said = f"coalesce(l.start_time, nullif(a.marked_as_done_time, ''), {due}, a.add_time)"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pipedrive_calls_read AS SELECT *,"
        f" {instant('said_at')} AS started, {seconds('said_duration')} AS duration,"
        f" {own} AS p FROM (SELECT a.* EXCLUDE (duration), {said} AS said_at,"
        " l.duration AS said_duration, l.outcome AS disposition, CAST(NULL AS VARCHAR) AS status,"
        f" nullif({text(options.direction)}, '') AS direction, false AS going_on,"
        " nullif(trim(CASE WHEN"
        f" {text(options.direction)} = 'inbound' THEN l.from_phone_number"
        " ELSE l.to_phone_number END), '') AS phone"
        " FROM pipedrive_activities AS a LEFT JOIN (SELECT * FROM pipedrive_calllogs"
        " WHERE activity_id IS NOT NULL QUALIFY"
        " row_number() OVER (PARTITION BY activity_id ORDER BY start_time) = 1) AS l"
        f" ON l.activity_id = a.id WHERE lower(trim(a.type)) IN ({types}) OR a.id IS NULL)"
    )
