"""What does SuiteCRM call things?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import duckdb

from dialgauge.sources.crm.no_calls import any_of
from dialgauge.sources.crm.rolls import GONE
from dialgauge.sources.crm.sql import instant
from dialgauge.sources.crm.staging import Stream
from dialgauge.tables.storage import text

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "leads": "Leads",
        "contacts": "Contacts",
        "opportunities": "Opportunities",
        "calls": "Calls",
    }
)
"""Stream to module, in the order they are read."""

_RECORD = ("date_entered", "date_modified", "deleted", "assigned_user_id")
_PERSON = (
    *(*_RECORD, "lead_source", "phone_mobile", "phone_work", "primary_address_state"),
    *("primary_address_country", "account_id", "do_not_call"),
)

CONTACTS_SAID = "contacts_said"
"""The stream of what contacts say of being called, whether or not they are leads themselves."""

CONTACT_SAYS_NO = "contact_do_not_call"
"""The column added to leads: whether the contact that they became must not be called."""

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        CONTACTS_SAID: ("date_modified", "do_not_call"),
        "leads": (*_PERSON, "status", "converted", "contact_id", "opportunity_id"),
        "contacts": _PERSON,
        "opportunities": (
            *(*_RECORD, "sales_stage", "amount", "date_closed", "account_id", "campaign_id"),
            "lead_source",
        ),
        "calls": (
            *(*_RECORD, "status", "direction", "date_start", "duration_hours"),
            *("duration_minutes", "parent_type", "parent_id"),
        ),
    }
)
"""What is asked for. No names, addresses or descriptions."""

_CHANGED = ("TRY_CAST(date_modified AS TIMESTAMPTZ)",)

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "users": Stream(columns=("id", "full_name", "user_name", "department")),
        CONTACTS_SAID: Stream(columns=("id", *FIELDS[CONTACTS_SAID]), changed=_CHANGED),
        "leads": Stream(columns=("id", *FIELDS["leads"], CONTACT_SAYS_NO), changed=_CHANGED),
        "contacts": Stream(columns=("id", *FIELDS["contacts"]), changed=_CHANGED),
        "opportunities": Stream(columns=("id", *FIELDS["opportunities"]), changed=_CHANGED),
        "opportunities_audit": Stream(
            columns=(
                *("id", "parent_id", "date_created", "field_name", "before_value_string"),
                "after_value_string",
            )
        ),
        "calls": Stream(columns=("id", *FIELDS["calls"], "related"), changed=_CHANGED),
        "gone": GONE,
    }
)
"""The streams of `fetch` and the dumps that may stand beside them, and what is read of them."""

_STAGES = (
    *("Prospecting", "Qualification", "Needs Analysis", "Value Proposition"),
    *("Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote"),
    *("Negotiation/Review", "Closed Won", "Closed Lost"),
)


def read_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Give SuiteCRM's rows the names that `crm.office` understands.

    Args:
        con: Where the tables of the streams are.
    """
    kept = "p, _row, _file, _said"
    person = (
        "id, date_entered AS created, lead_source AS origin, CAST(NULL AS VARCHAR) AS trade,"
        " primary_address_state AS state, primary_address_country AS country,"
        " coalesce(nullif(trim(phone_mobile), ''), nullif(trim(phone_work), '')) AS phone,"
        " CAST(NULL AS VARCHAR) AS converted, account_id AS account,"
        " deleted AS gone, date_modified AS changed"
    )
    own = any_of("do_not_call")
    contact = f"coalesce({CONTACT_SAYS_NO}, CAST(contact_no AS VARCHAR))"
    minutes = (
        "60 * coalesce(TRY_CAST(nullif(duration_hours, '') AS BIGINT), 0)"
        " + TRY_CAST(nullif(duration_minutes, '') AS BIGINT)"
    )
    queries = {
        "users_read": "SELECT id, coalesce(nullif(trim(full_name), ''), user_name) AS name,"
        f" department AS team, {kept} FROM suitecrm_users AS p",
        "leads_read": f"SELECT {person}, {any_of('do_not_call', contact)} AS no_calls,"
        f" nullif(contact_id, '') IS NOT NULL AND {contact} IS NULL AS unasked,"
        f" {kept} FROM suitecrm_leads AS p"
        f" LEFT JOIN (SELECT id AS contact, coalesce({own}, false) AS contact_no"
        " FROM suitecrm_contacts) ON contact = contact_id"
        f" UNION ALL BY NAME SELECT {person}, {own} AS no_calls, _row, _file, _said"
        " FROM suitecrm_contacts",
        "deals_read": "SELECT id, date_entered AS created, sales_stage AS stage,"
        " amount AS amount_said, CAST(NULL AS VARCHAR) AS currency_said,"
        " date_closed AS close_day, assigned_user_id AS user_id, CAST(NULL AS VARCHAR) AS lead,"
        " account_id AS account, campaign_id AS campaign, deleted AS gone,"
        f" date_modified AS changed, {kept} FROM suitecrm_opportunities AS p",
        "calls_read": "SELECT id, date_start AS said_at,"
        f" CASE WHEN nullif(concat(duration_hours, duration_minutes), '') IS NOT NULL"
        f" THEN coalesce(CAST(60 * ({minutes}) AS VARCHAR), 'no number') END AS said_seconds,"
        " direction AS direction_said, status AS status_said, assigned_user_id AS user_id,"
        " CASE WHEN parent_type IN ('Leads', 'Contacts') THEN parent_id ELSE related END AS lead,"
        " CAST(NULL AS VARCHAR) AS phone, deleted AS gone, date_modified AS changed,"
        # what is planned is no call yet
        f" {kept} FROM suitecrm_calls AS p WHERE status IS DISTINCT FROM 'Planned'",
    }
    for name, query in queries.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE suitecrm_{name} AS {query}")
    listed = ", ".join(f"({text(name)}, {place})" for place, name in enumerate(_STAGES, 1))
    moved = (
        "SELECT o.id, a.before_value_string AS was, a.after_value_string AS became,"
        f" {instant('a.date_created')} AS changed_at, o.date_entered, o._row, o._file, o._said"
        " FROM suitecrm_opportunities_audit AS a JOIN suitecrm_opportunities AS o"
        " ON o.id = a.parent_id WHERE a.field_name = 'sales_stage'"
    )
    began = instant("date_entered")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE suitecrm_history AS"
        f" WITH moved AS ({moved}), visits AS ("
        " SELECT id, became AS stage, changed_at AS entered_at, 1 AS _nth, _row, _file, _said"
        f" FROM moved UNION ALL SELECT id, was, {began}, 0, _row, _file, _said FROM moved"
        " QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at) = 1"
        # one without any change was where it is from its beginning on, when there is an audit
        f" UNION ALL SELECT id, sales_stage, {began}, 0, _row, _file, _said"
        " FROM suitecrm_opportunities WHERE id IS NOT NULL AND sales_stage IS NOT NULL"
        " AND id NOT IN (SELECT id FROM moved)"
        " AND EXISTS (SELECT 1 FROM suitecrm_opportunities_audit))"
        " SELECT id AS deal, CAST(NULL AS VARCHAR) AS pipeline, stage, s.position, entered_at,"
        " 'suitecrm' AS source, _row, _file, _said AS _was, _nth FROM visits"
        f" LEFT JOIN (VALUES {listed}) AS s(name, position) ON s.name = stage"
    )
