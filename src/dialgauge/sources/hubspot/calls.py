"""How do HubSpot's calls become ours?

What the agent chose as the outcome says more than the status of the line, and comes first.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.calls import call_columns, call_notes, told_result
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, named, object_of, seconds, unread
from dialgauge.sources.crm.staging import Telling, count, staged, tell
from dialgauge.sources.hubspot.names import (
    CONTACT_TYPE,
    PHONES,
    PROPERTIES,
    RESULTS,
    UNFINISHED,
    USUAL_DISPOSITIONS,
)
from dialgauge.sources.phones import understand
from dialgauge.tables.calls import CALLS
from dialgauge.tables.storage import text


def stage_calls(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> list[Staged]:
    """Stage calls.

    Args:
        con: Where `hubspot_calls`, `hubspot_dispositions` and `hubspot_contacts` are.
        options: What the team decided.
        phone_key: The lake's secret.
    """
    if not count(con, "hubspot_calls"):
        return []
    _read(con, options)
    known = understand(con, "hubspot_calls_read", "phone", phone_key, options.region)
    started, result = instant("p.hs_timestamp"), told_result(options, _line_result())
    columns = {
        "call_id": named(options.prefix, "id"),
        "started_at": started,
        "lead_id": named(options.prefix, "contact"),
        "agent_id": named(options.prefix, "p.hubspot_owner_id"),
        "recording": "nullif(p.hs_call_recording_url, '')" if options.recordings else "NULL",
        "test": "coalesce(archived, 'false') = 'true'",
        "source": "'hubspot'",
        # what was deleted comes without whom it was with
        "_unlinked": "associations IS NULL",
        **call_columns(options, started),
    }
    tell(
        con,
        options,
        Telling(
            name="hubspot_calls_told",
            table=CALLS,
            columns=columns,
            rows=(
                f"(SELECT *, {result} AS result FROM hubspot_calls_read)"
                f" LEFT JOIN {known} AS k ON k.said = phone"
            ),
            problems=[
                ("id IS NULL", "id is missing"),
                ("p IS NULL", "properties is no JSON"),
                ("nullif(trim(p.hs_timestamp), '') IS NULL", "hs_timestamp is missing"),
                (unread("p.hs_timestamp", started), "hs_timestamp is no time"),
                (unread("p.hs_call_duration", "duration"), "hs_call_duration is no number"),
                ("duration < 0", "hs_call_duration is negative"),
            ],
            hidden=PHONES,
        ),
    )
    notes = call_notes(con, "hubspot_calls_told")
    several = count(con, "hubspot_calls_read WHERE contacts > 1")
    if several:
        notes.append(
            f"{several} calls belong to several contacts; the one that was called counts, else the "
            "first that HubSpot names."
        )
    found = [staged(con, CALLS, "hubspot_calls_told WHERE NOT _unlinked", notes)]
    loose = "hubspot_calls_told WHERE _unlinked"
    if count(con, loose):
        found.append(staged(con, CALLS, loose, without=("lead_id",)))
    return found


def _read(con: duckdb.DuckDBPyConnection, options: Options) -> None:
    """Make the table of what calls say."""
    own = options.fields_of("calls").values()
    usual = ", ".join(
        f"({text(name)}, {text(label)})" for name, label in USUAL_DISPOSITIONS.items()
    )
    valid = "CASE WHEN json_valid(associations) THEN associations END"
    contacts = f"json_extract_string({valid}, '$.contacts.results[*].id')"
    unfinished = ", ".join(map(text, UNFINISHED))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE hubspot_calls_read AS"
        f" WITH labels AS (SELECT lower(id) AS id, any_value(label) AS label"
        " FROM hubspot_dispositions GROUP BY 1 UNION ALL"
        f" SELECT u.id, u.label FROM (VALUES {usual}) AS u(id, label)"
        " WHERE u.id NOT IN (SELECT lower(id) FROM hubspot_dispositions WHERE id IS NOT NULL)),"
        f" said AS (SELECT *, {object_of('properties', (*PROPERTIES['calls'], *own))} AS p,"
        f" {contacts} AS named_contacts FROM hubspot_calls)"
        " SELECT s.*, len(named_contacts) AS contacts,"
        f" CASE WHEN p.hs_call_callee_object_type_id = {text(CONTACT_TYPE)}"
        " AND list_contains(named_contacts, p.hs_call_callee_object_id)"
        " THEN p.hs_call_callee_object_id ELSE named_contacts[1] END AS contact,"
        " coalesce(l.label, nullif(p.hs_call_disposition, '')) AS disposition,"
        " upper(trim(p.hs_call_status)) AS status,"
        f" {seconds('p.hs_call_duration')} / 1000 AS duration,"
        " CASE upper(p.hs_call_direction) WHEN 'OUTBOUND' THEN 'outbound'"
        f" WHEN 'INBOUND' THEN 'inbound' ELSE nullif({text(options.direction)}, '') END"
        " AS direction,"
        f" coalesce(upper(trim(p.hs_call_status)) IN ({unfinished}), false) AS going_on,"
        " nullif(trim(CASE WHEN upper(p.hs_call_direction) = 'INBOUND'"
        " THEN p.hs_call_from_number ELSE p.hs_call_to_number END), '') AS phone"
        " FROM said AS s LEFT JOIN labels AS l ON l.id = lower(p.hs_call_disposition)"
    )


def _line_result() -> str:
    """Write what the line came to by itself."""
    whens = " ".join(f"WHEN {text(name)} THEN {text(result)}" for name, result in RESULTS.items())
    missed = "CASE WHEN direction = 'inbound' THEN 'abandoned' ELSE 'no_answer' END"
    return (
        f"CASE status {whens} WHEN 'MISSED' THEN {missed}"
        " ELSE CASE WHEN nullif(status, '') IS NULL AND duration > 0 THEN 'answered' END END"
    )
