"""Who works in Pipedrive, and whom may they call?

A person is our lead. What Pipedrive calls a lead is a deal that has not begun, and is not read.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, named, picked_from, unread, yes
from dialgauge.sources.crm.staging import Telling, count, staged, tell
from dialgauge.sources.phones import understand
from dialgauge.sources.pipedrive.names import PHONES, STREAMS
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.leads import LEADS
from dialgauge.tables.storage import text


def stage_people(
    con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes
) -> list[Staged]:
    """Stage users as agents, persons as leads.

    Args:
        con: Where `pipedrive_users` and `pipedrive_persons` are.
        options: What the team decided.
        phone_key: The lake's secret.
    """
    found = []
    if count(con, "pipedrive_users"):
        tell(
            con,
            options,
            Telling(
                name="pipedrive_agents",
                table=AGENTS,
                columns={"agent_id": named(options.prefix, "id"), "name": "nullif(name, '')"},
                rows="pipedrive_users",
                problems=[("id IS NULL", "id is missing")],
            ),
        )
        found.append(staged(con, AGENTS, "pipedrive_agents"))
    if count(con, "pipedrive_persons"):
        _tell_leads(con, options, phone_key)
        found.append(staged(con, LEADS, "pipedrive_leads"))
    return found


def _tell_leads(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> None:
    shape = text('[{"value":"VARCHAR","primary":"BOOLEAN"}]')
    own = picked_from(
        "custom_fields", options.fields_of("leads").values(), STREAMS["persons"].columns
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pipedrive_persons_read AS SELECT *, nullif(trim(coalesce("
        "list_filter(numbers, lambda n: n.primary)[1].value, numbers[1].value)), '') AS phone"
        f" FROM (SELECT *, {own} AS p,"
        f" json_transform(CASE WHEN json_valid(phones) THEN phones END, {shape}) AS numbers"
        " FROM pipedrive_persons)"
    )
    known = understand(con, "pipedrive_persons_read", "phone", phone_key, options.region)
    created, gone = instant("add_time"), instant("update_time")
    tell(
        con,
        options,
        Telling(
            name="pipedrive_leads",
            table=LEADS,
            columns={
                "lead_id": named(options.prefix, "id"),
                "created_at": created,
                "region": "k.region",
                "country": "k.country",
                "carrier": "k.carrier",
                "phone_valid": "k.phone_valid",
                "timezone": "k.timezone",
                "lost_at": f"CASE WHEN {yes('is_deleted')} THEN {gone} END",
                "phone_token": "k.phone_token",
                "source": "'pipedrive'",
            },
            rows=f"pipedrive_persons_read LEFT JOIN {known} AS k ON k.said = phone",
            problems=[
                ("id IS NULL", "id is missing"),
                ("nullif(add_time, '') IS NULL", "add_time is missing"),
                (unread("add_time", created), "add_time is no time"),
            ],
            hidden=PHONES,
        ),
    )
