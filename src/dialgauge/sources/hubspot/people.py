"""Who works in HubSpot, whom may they call, and who bought?

A contact is our lead. One whose lifecycle came to `customer` is a customer besides.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, named, object_of, unread
from dialgauge.sources.crm.staging import Telling, count, staged, tell
from dialgauge.sources.hubspot.names import PHONES, PROPERTIES
from dialgauge.sources.phones import understand
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.customers import CUSTOMERS
from dialgauge.tables.leads import LEADS


def stage_people(
    con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes
) -> list[Staged]:
    """Stage owners as agents, contacts as leads and customers.

    Args:
        con: Where `hubspot_owners` and `hubspot_contacts` are.
        options: What the team decided.
        phone_key: The lake's secret.
    """
    found = []
    if count(con, "hubspot_owners"):
        found.append(_agents(con, options))
    if count(con, "hubspot_contacts"):
        _tell_leads(con, options, phone_key)
        found.append(staged(con, LEADS, "hubspot_leads", _merged(con)))
        _tell_customers(con, options)
        found.append(staged(con, CUSTOMERS, "hubspot_customers"))
    return found


def _merged(con: duckdb.DuckDBPyConnection) -> list[str]:
    merged = count(con, "hubspot_leads WHERE _merged")
    if not merged:
        return []
    told = (
        f"{merged} contacts were merged with others; calls that were read before keep the contact "
        "they had, until they are read again."
    )
    return [told]


def _agents(con: duckdb.DuckDBPyConnection, options: Options) -> Staged:
    team = "json_transform(CASE WHEN json_valid(teams) THEN teams END, '{shape}')"
    team = team.replace("{shape}", '[{"name":"VARCHAR","primary":"BOOLEAN"}]')
    first = f"coalesce(list_filter({team}, lambda t: t.primary)[1].name, ({team})[1].name)"
    utc = f"make_timestamp(epoch_us({instant('updatedAt')}))"
    left = f"CASE WHEN archived = 'true' THEN CAST({utc} AS DATE) END"
    tell(
        con,
        options,
        Telling(
            name="hubspot_agents",
            table=AGENTS,
            columns={
                "agent_id": named(options.prefix, "id"),
                "name": "nullif(trim(concat_ws(' ', firstName, lastName)), '')",
                "team": first,
                "left_on": left,
            },
            rows="hubspot_owners",
            problems=[("id IS NULL", "id is missing")],
            hidden=("email",),
        ),
    )
    return staged(con, AGENTS, "hubspot_agents")


def _tell_leads(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> None:
    own = (*options.fields_of("leads").values(), *options.fields_of("customers").values())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE hubspot_contacts_read AS SELECT *, coalesce(nullif("
        "trim(p.phone), ''), nullif(trim(p.mobilephone), '')) AS phone FROM (SELECT *,"
        f" {object_of('properties', (*PROPERTIES['contacts'], *own))} AS p FROM hubspot_contacts)"
    )
    known = understand(con, "hubspot_contacts_read", "phone", phone_key, options.region)
    created = instant("coalesce(p.createdate, createdAt)")
    lost = instant("archivedAt")
    country = "upper(coalesce(nullif(p.hs_country_region_code, ''), p.country))"
    tell(
        con,
        options,
        Telling(
            name="hubspot_leads",
            table=LEADS,
            columns={
                "lead_id": named(options.prefix, "id"),
                "created_at": created,
                "lead_source": "nullif(p.hs_analytics_source, '')",
                "region": "coalesce(nullif(trim(p.state), ''), k.region)",
                "country": f"CASE WHEN length({country}) = 2 THEN {country} ELSE k.country END",
                "carrier": "k.carrier",
                "phone_valid": "k.phone_valid",
                "timezone": "k.timezone",
                "industry": "nullif(trim(p.industry), '')",
                "attributes": "to_json({lifecycle: p.lifecyclestage,"
                " lead_status: p.hs_lead_status})",
                "mql_at": _entered("marketingqualifiedlead"),
                "sql_at": _entered("salesqualifiedlead"),
                "converted_at": _entered("customer"),
                "lost_at": f"CASE WHEN archived = 'true' THEN {lost} END",
                "customer_id": f"CASE WHEN {_entered('customer')} IS NOT NULL"
                f" THEN {named(options.prefix, 'id')} END",
                "phone_token": "k.phone_token",
                "source": "'hubspot'",
                "_merged": "nullif(trim(p.hs_merged_object_ids), '') IS NOT NULL",
                "p": "p",
            },
            rows=(f"hubspot_contacts_read LEFT JOIN {known} AS k ON k.said = phone"),
            problems=[
                ("id IS NULL", "id is missing"),
                ("p IS NULL", "properties is no JSON"),
                ("coalesce(p.createdate, createdAt) IS NULL", "createdate is missing"),
                (unread("coalesce(p.createdate, createdAt)", created), "createdate is no time"),
            ],
            hidden=PHONES,
        ),
    )


def _tell_customers(con: duckdb.DuckDBPyConnection, options: Options) -> None:
    bought = "hubspot_leads WHERE _why IS NULL AND converted_at IS NOT NULL"
    tell(
        con,
        options,
        Telling(
            name="hubspot_customers",
            table=CUSTOMERS,
            columns={
                "customer_id": "lead_id",
                "lead_id": "lead_id",
                "acquired_at": "converted_at",
                "region": "region",
                "country": "country",
                "source": "source",
            },
            rows=(f"(SELECT * RENAME (_was AS _said) FROM {bought})"),
        ),
    )


def _entered(stage: str) -> str:
    """Write when a contact came to a stage of its life, by the newer name or the older one."""
    newer, older = f"p.hs_v2_date_entered_{stage}", f"p.hs_lifecyclestage_{stage}_date"
    return instant(f"coalesce(nullif({newer}, ''), nullif({older}, ''))")
