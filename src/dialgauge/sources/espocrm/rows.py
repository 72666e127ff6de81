"""What does EspoCRM call things?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import duckdb

from dialgauge.sources.crm.no_calls import any_of
from dialgauge.sources.crm.rolls import GONE
from dialgauge.sources.crm.sql import instant
from dialgauge.sources.crm.staging import Stream
from dialgauge.tables.storage import text

ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "lead": "Lead",
        "contact": "Contact",
        "opportunity": "Opportunity",
        "call": "Call",
    }
)
"""Stream to entity, in the order they are read."""

_CHANGED = ("modifiedAt",)
_PERSON = (
    *("id", "createdAt", "modifiedAt", "deleted", "phoneNumber", "addressState"),
    *("addressCountry", "assignedUserId", "doNotCall", "phoneNumberIsOptedOut"),
)

CONTACT_SAYS_NO = "contactSaysNo"
"""The column added to leads: whether the contact that they became must not be called."""

OWN_WORDS = ("doNotCall", "phoneNumberIsOptedOut")
"""Fields of a person that each may say so; the second is that of the primary number, ours."""

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "user": Stream(columns=("id", "name", "userName", "defaultTeamName")),
        "stage": Stream(columns=("name", "position"), key="name"),
        "lead": Stream(
            columns=(
                *(*_PERSON, "source", "industry", "status", "convertedAt", "createdContactId"),
                *("createdAccountId", "createdOpportunityId", CONTACT_SAYS_NO),
            ),
            changed=_CHANGED,
        ),
        "contact": Stream(columns=(*_PERSON, "accountId", "originalLeadId"), changed=_CHANGED),
        "opportunity": Stream(
            columns=(
                *("id", "createdAt", "modifiedAt", "deleted", "stage", "amount", "amountCurrency"),
                *("closeDate", "assignedUserId", "accountId", "contactId", "campaignId"),
                *("originalLeadId", "stream"),
            ),
            changed=_CHANGED,
        ),
        "call": Stream(
            columns=(
                *("id", "createdAt", "modifiedAt", "deleted", "status", "dateStart", "dateEnd"),
                *("direction", "parentType", "parentId", "assignedUserId", "leadsIds"),
                "contactsIds",
            ),
            changed=_CHANGED,
        ),
        "gone": GONE,
    }
)
"""The streams of `fetch`, and what is read of them."""

_NOTES = text(
    '[{"type":"VARCHAR","createdAt":"VARCHAR","data":{"value":"VARCHAR","field":"VARCHAR",'
    '"statusValue":"VARCHAR","statusField":"VARCHAR",'
    '"attributes":{"was":{"stage":"VARCHAR"},"became":{"stage":"VARCHAR"}}}}]'
)


def _first(listed: str) -> str:
    return f"json_extract_string(CASE WHEN json_valid({listed}) THEN {listed} END, '$[0]')"


def read_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Give EspoCRM's rows the names that `crm.office` understands.

    Args:
        con: Where the tables of the streams are.
    """
    kept = "p, _row, _file, _said"
    own = any_of(*OWN_WORDS)
    contact = f"coalesce({CONTACT_SAYS_NO}, CAST(contact_no AS VARCHAR))"
    lead = "CASE WHEN parentType = 'Lead' THEN parentId"
    queries = {
        "users_read": "SELECT id, coalesce(nullif(name, ''), userName) AS name,"
        f" defaultTeamName AS team, {kept} FROM espocrm_user AS p",
        # a contact that was a lead is that lead
        "leads_read": "SELECT id, createdAt AS created, source AS origin, industry AS trade,"
        " addressState AS state, addressCountry AS country, phoneNumber AS phone,"
        f" {any_of(*OWN_WORDS, contact)} AS no_calls,"
        f" nullif(createdContactId, '') IS NOT NULL AND {contact} IS NULL AS unasked,"
        " convertedAt AS converted, createdAccountId AS account,"
        f" deleted AS gone, modifiedAt AS changed, {kept} FROM espocrm_lead AS p"
        f" LEFT JOIN (SELECT id AS contact, coalesce({own}, false) AS contact_no"
        " FROM espocrm_contact) ON contact = createdContactId"
        " UNION ALL BY NAME SELECT id, createdAt AS created, addressState AS state,"
        f" addressCountry AS country, phoneNumber AS phone, {own} AS no_calls,"
        " accountId AS account, deleted AS gone, modifiedAt AS changed, _row, _file, _said"
        " FROM espocrm_contact WHERE originalLeadId IS NULL",
        "deals_read": "SELECT id, createdAt AS created, stage, amount AS amount_said,"
        " amountCurrency AS currency_said, closeDate AS close_day, assignedUserId AS user_id,"
        " coalesce(originalLeadId, contactId) AS lead, accountId AS account,"
        f" campaignId AS campaign, deleted AS gone, modifiedAt AS changed, {kept}"
        " FROM espocrm_opportunity AS p",
        "calls_read": "SELECT id, dateStart AS said_at,"
        " CAST(date_diff('second', TRY_CAST(dateStart AS TIMESTAMP),"
        " TRY_CAST(dateEnd AS TIMESTAMP)) AS VARCHAR) AS said_seconds,"
        " direction AS direction_said, status AS status_said, assignedUserId AS user_id,"
        f" {lead} WHEN parentType = 'Contact' THEN parentId"
        f" ELSE coalesce({_first('leadsIds')}, {_first('contactsIds')}) END AS lead,"
        " CAST(NULL AS VARCHAR) AS phone, deleted AS gone, modifiedAt AS changed,"
        # what is planned is no call yet
        f" {kept} FROM espocrm_call AS p WHERE status IS DISTINCT FROM 'Planned'",
    }
    for name, query in queries.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE espocrm_{name} AS {query}")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE espocrm_history AS"
        " WITH notes AS (SELECT id, n, nth, _row, _file, _said FROM (SELECT *, unnest(told) AS n,"
        " generate_subscripts(told, 1) AS nth FROM (SELECT *, json_transform("
        f"CASE WHEN json_valid(stream) THEN stream END, {_NOTES}) AS told"
        " FROM espocrm_opportunity))),"
        " moved AS (SELECT id, coalesce(CASE WHEN n.data.field = 'stage' THEN n.data.value END,"
        " n.data.attributes.became.stage,"
        " CASE WHEN n.data.statusField = 'stage' THEN n.data.statusValue END) AS stage,"
        f" {instant('n.createdAt')} AS entered_at, -nth AS _nth, _row, _file, _said FROM notes)"
        " SELECT id AS deal, CAST(NULL AS VARCHAR) AS pipeline, m.stage,"
        " TRY_CAST(s.position AS BIGINT) AS position, entered_at, 'espocrm' AS source, _row,"
        " _file, _said AS _was, _nth FROM (SELECT * FROM moved WHERE stage IS NOT NULL UNION ALL"
        f" SELECT id, stage, {instant('createdAt')}, 0, _row, _file, _said"
        " FROM espocrm_opportunity WHERE stage IS NOT NULL AND id NOT IN"
        " (SELECT id FROM moved WHERE stage IS NOT NULL AND id IS NOT NULL)) AS m"
        " LEFT JOIN (SELECT name, position FROM espocrm_stage) AS s ON s.name = m.stage"
        " WHERE id IS NOT NULL"
    )
