"""Who works in Salesforce, and whom may they call?

A lead is our lead, also after it was converted; a contact is one when it never was a lead. Whether
a lead must not be called, the contact that it became says, too.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.no_calls import any_of, unread_contacts
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, midnight, named, unread, yes
from dialgauge.sources.crm.staging import Telling, count, staged, tell, unsaid
from dialgauge.sources.phones import understand
from dialgauge.sources.salesforce.names import CONTACT, CONTACT_SAYS_NO, LEAD_ID, PHONES
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.leads import LEADS


def stage_people(
    con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes, home: str
) -> list[Staged]:
    """Stage users as agents, leads and contacts as leads.

    Args:
        con: Where `salesforce_user`, `salesforce_lead` and `salesforce_contact` are.
        options: What the team decided.
        phone_key: The lake's secret.
        home: The zone of days without a time.
    """
    found = []
    if count(con, "salesforce_user"):
        role = "json_extract_string(CASE WHEN json_valid(UserRole) THEN UserRole END, '$.Name')"
        tell(
            con,
            options,
            Telling(
                name="salesforce_agents",
                table=AGENTS,
                columns={"agent_id": named(options.prefix, "Id"), "name": "Name", "team": role},
                rows="salesforce_user AS p",
                problems=[("Id IS NULL", "Id is missing")],
            ),
        )
        found.append(staged(con, AGENTS, "salesforce_agents"))
    for stream in ("lead", "contact"):
        where = "" if stream == "lead" else f" WHERE {LEAD_ID} IS NULL"
        if count(con, f"salesforce_{stream}{where}"):
            _tell_leads(con, options, phone_key, (stream, where, home))
            told = f"salesforce_{stream}s"
            without = unsaid(con, told, "do_not_call")
            found.append(staged(con, LEADS, told, _notes(con, stream), without))
    return found


def _tell_leads(
    con: duckdb.DuckDBPyConnection,
    options: Options,
    phone_key: bytes,
    which: tuple[str, str, str],
) -> None:
    stream, where, home = which
    number = "coalesce(nullif(trim(Phone), ''), nullif(trim(MobilePhone), ''))"
    rows = f"(SELECT *, {number} AS phone_said FROM salesforce_{stream}{where})"
    known = understand(con, rows, "phone_said", phone_key, options.region)
    created = instant("p.CreatedDate")
    lead = stream == "lead"
    place = "p." if lead else "p.Mailing"
    country = f"upper(coalesce(nullif({place}CountryCode, ''), {place}Country))"
    status = "p.Status" if lead else "NULL"
    relation = f"CASE WHEN json_valid(p.{CONTACT}) THEN p.{CONTACT} END"
    contact = f"coalesce(json_extract_string({relation}, '$.{CONTACT_SAYS_NO}'), contact_said)"
    beside = (
        " LEFT JOIN (SELECT Id AS contact, DoNotCall AS contact_said FROM salesforce_contact)"
        " ON contact = p.ConvertedContactId"
        if lead
        else ""
    )
    columns = {
        "lead_id": named(options.prefix, "p.Id"),
        "created_at": created,
        "lead_source": "nullif(p.LeadSource, '')",
        "region": f"coalesce(nullif(trim({place}State), ''), k.region)",
        "country": f"CASE WHEN length({country}) = 2 THEN {country} ELSE k.country END",
        "carrier": "k.carrier",
        "phone_valid": "k.phone_valid",
        "timezone": "k.timezone",
        "industry": "nullif(p.Industry, '')" if lead else "NULL",
        "attributes": f"to_json({{status: {status}}})",
        "converted_at": midnight("p.ConvertedDate", home) if lead else "NULL",
        "do_not_call": any_of("p.DoNotCall", *([contact] if lead else [])),
        "lost_at": f"CASE WHEN {yes('p.IsDeleted')} THEN {instant('p.SystemModstamp')} END",
        "customer_id": named(options.prefix, "p.ConvertedAccountId" if lead else "p.AccountId"),
        "phone_token": "k.phone_token",
        "source": "'salesforce'",
        "_merged": "nullif(p.MasterRecordId, '') IS NOT NULL",
        "_unasked": f"nullif(p.ConvertedContactId, '') IS NOT NULL AND ({contact}) IS NULL"
        if lead
        else "false",
    }
    problems = [
        ("p.Id IS NULL", "Id is missing"),
        ("nullif(p.CreatedDate, '') IS NULL", "CreatedDate is missing"),
        (unread("p.CreatedDate", created), "CreatedDate is no time"),
    ]
    if lead:
        day = "TRY_CAST(left(p.ConvertedDate, 10) AS DATE)"
        problems.append((unread("p.ConvertedDate", day), "ConvertedDate is no day"))
    tell(
        con,
        options,
        Telling(
            name=f"salesforce_{stream}s",
            table=LEADS,
            columns=columns,
            rows=f"{rows} AS p LEFT JOIN {known} AS k ON k.said = p.phone_said{beside}",
            problems=problems,
            hidden=PHONES,
        ),
    )


def _notes(con: duckdb.DuckDBPyConnection, stream: str) -> list[str]:
    told = f"salesforce_{stream}s"
    notes = unread_contacts(con, f"{told} WHERE _unasked")
    merged = count(con, f"{told} WHERE _merged")
    if merged:
        notes.append(
            f"{merged} {stream}s were merged into others; Salesforce moves their calls along."
        )
    return notes
