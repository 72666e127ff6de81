"""How do CRMs that teams host themselves become canonical tables?

EspoCRM and SuiteCRM know the same things under other names: calls that are planned, held or not
held, leads, opportunities with a stage. Each is an `Office`, which brings its rows into these
tables, and the rest is one:

- `SYSTEM_calls_read`: id, said_at, said_seconds, direction_said, status_said, user_id, lead, phone,
  gone, changed
- `SYSTEM_leads_read`: id, created, origin, trade, state, country, phone, no_calls, converted,
  account, gone, changed; `no_calls` is a truth value, and `unasked` is true of a lead that became a
  contact whose word on that is not known
- `SYSTEM_deals_read`: id, created, stage, amount_said, currency_said, close_day, user_id, lead,
  account, campaign, gone, changed
- `SYSTEM_users_read`: id, name, team
- `SYSTEM_history`: as `crm.deals.stage_visits` wants it

All else are texts; each but the last has `p`, `_row`, `_file` and `_said`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.calls import call_columns, call_notes, told_result
from dialgauge.sources.crm.deals import stage_deals, stage_visits
from dialgauge.sources.crm.no_calls import unread_contacts
from dialgauge.sources.crm.options import Options, read_options
from dialgauge.sources.crm.rolls import stage_missed
from dialgauge.sources.crm.sql import instant, midnight, money, named, seconds, unread, yes
from dialgauge.sources.crm.staging import (
    Stream,
    Telling,
    count,
    finished,
    load,
    staged,
    tell,
    unsaid,
    with_fields,
)
from dialgauge.sources.phones import understand
from dialgauge.sources.zones import zone
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.calls import CALLS
from dialgauge.tables.deals import DEALS
from dialgauge.tables.leads import LEADS
from dialgauge.tables.storage import text

TABLES = ("calls", "leads", "agents", "deals", "stages", "orders")
"""What such a CRM can fill."""

MEANINGS: Mapping[str, Mapping[str, str | bool]] = MappingProxyType(
    {
        "held": {"result": "human", "contact": True},
        "not held": {"result": "no_answer", "contact": False},
    }
)
"""What the statuses of calls mean."""

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One such CRM.

    Attributes:
        system: Its name.
        streams: Those it gives; `gone` is one of them.
        filled: Canonical table to the streams that it is made of.
        read: Makes the tables above of those of the streams.
    """

    system: str
    streams: Mapping[str, Stream]
    filled: Mapping[str, Sequence[str]]
    read: Callable[[duckdb.DuckDBPyConnection], None]


def stage_office(con: duckdb.DuckDBPyConnection, request: Request, office: Office) -> list[Staged]:
    """Stage everything.

    Args:
        con: Where the rows shall be.
        request: What is to be read; `timezone` is that of days without a time.
        office: Which CRM.

    Raises:
        FileError: A file is no stream's, or cannot be read.
        UnknownNameError: An option, a zone, or the table that is wanted, does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    system, home = office.system, request.timezone or "UTC"
    options = read_options(request.options, system, "", MEANINGS)
    zone(home)
    notes = load(con, request, system, TABLES, with_fields(office.streams, options, office.filled))
    office.read(con)
    told = _told(con, system, options, request.phone_key, home)
    found = [*told, *stage_missed(con, f"{system}_gone", options, office.filled)]
    return finished(con, system, request, found, notes)


def _told(
    con: duckdb.DuckDBPyConnection, system: str, options: Options, phone_key: bytes, home: str
) -> list[Staged]:
    found = []
    if count(con, f"{system}_users_read"):
        found.append(_agents(con, system, options))
    if count(con, f"{system}_leads_read"):
        found.append(_leads(con, system, options, phone_key))
    if count(con, f"{system}_deals_read"):
        found += _deals(con, system, options, home)
    if count(con, f"{system}_calls_read"):
        found.append(_calls(con, system, options, phone_key))
    return found


def _agents(con: duckdb.DuckDBPyConnection, system: str, options: Options) -> Staged:
    tell(
        con,
        options,
        Telling(
            name=f"{system}_agents",
            table=AGENTS,
            columns={
                "agent_id": named(options.prefix, "id"),
                "name": "nullif(trim(name), '')",
                "team": "nullif(trim(team), '')",
            },
            rows=f"{system}_users_read",
            problems=[("id IS NULL", "id is missing")],
        ),
    )
    return staged(con, AGENTS, f"{system}_agents")


def _leads(
    con: duckdb.DuckDBPyConnection, system: str, options: Options, phone_key: bytes
) -> Staged:
    known = understand(con, f"{system}_leads_read", "phone", phone_key, options.region)
    created = instant("created")
    tell(
        con,
        options,
        Telling(
            name=f"{system}_leads_told",
            table=LEADS,
            columns={
                "lead_id": named(options.prefix, "id"),
                "created_at": created,
                "lead_source": "nullif(trim(origin), '')",
                "industry": "nullif(trim(trade), '')",
                "region": "coalesce(nullif(trim(l.state), ''), k.region)",
                "country": "CASE WHEN length(trim(l.country)) = 2 THEN upper(trim(l.country))"
                " ELSE k.country END",
                "carrier": "k.carrier",
                "phone_valid": "k.phone_valid",
                "timezone": "k.timezone",
                "do_not_call": "no_calls",
                "converted_at": instant("converted"),
                "customer_id": named(options.prefix, "account"),
                "lost_at": f"CASE WHEN {yes('gone')} THEN {instant('changed')} END",
                "phone_token": "k.phone_token",
                "source": text(system),
            },
            rows=f"{system}_leads_read AS l LEFT JOIN {known} AS k ON k.said = l.phone",
            problems=[
                ("id IS NULL", "id is missing"),
                ("nullif(created, '') IS NULL", "it is not said when the lead was made"),
                (unread("created", created), "when the lead was made is no time"),
            ],
            hidden=("phone.*?",),
        ),
    )
    without = unsaid(con, f"{system}_leads_told", "do_not_call")
    notes = unread_contacts(con, f"{system}_leads_read WHERE unasked")
    return staged(con, LEADS, f"{system}_leads_told", notes, without)


def _deals(
    con: duckdb.DuckDBPyConnection, system: str, options: Options, home: str
) -> list[Staged]:
    created, amount, day = instant("created"), money("amount_said"), midnight("close_day", home)
    state = (
        "CASE WHEN d.stage ILIKE 'closed won' THEN 'won' WHEN d.stage ILIKE 'closed lost'"
        " THEN 'lost' WHEN d.stage IS NOT NULL THEN 'open' END"
    )
    that_day = f"epoch_us(entered_last) - epoch_us({day}) BETWEEN 0 AND {_DAY_US - 1}"
    closed = f"CASE WHEN {that_day} THEN entered_last ELSE {day} END"
    account = named(options.prefix, "account")
    tell(
        con,
        options,
        Telling(
            name=f"{system}_deals_told",
            table=DEALS,
            columns={
                "deal_id": named(options.prefix, "id"),
                "lead_id": named(options.prefix, "lead"),
                "customer_id": f"CASE WHEN d.stage ILIKE 'closed won' THEN {account} END",
                "agent_id": named(options.prefix, "user_id"),
                "campaign_id": named(options.prefix, "campaign"),
                "created_at": created,
                # until it is closed the day is only a guess
                "closed_at": f"CASE WHEN d.stage ILIKE 'closed %' THEN {closed} END",
                "status": state,
                "amount": amount,
                "currency": "coalesce(nullif(upper(currency_said), ''),"
                f" nullif({text(options.currency)}, ''))",
                "source": text(system),
                "_gone_at": f"CASE WHEN {yes('gone')} THEN {instant('changed')} END",
                "_won_at": f"CASE WHEN d.stage ILIKE 'closed won' THEN {closed} ELSE won_last END",
                "p": "p",
            },
            rows=f"{system}_deals_read AS d LEFT JOIN (SELECT deal,"
            " max(entered_at) FILTER (WHERE stage ILIKE 'closed %') AS entered_last,"
            " max(entered_at) FILTER (WHERE stage ILIKE 'closed won') AS won_last"
            f" FROM {system}_history GROUP BY 1) ON deal = id",
            problems=[
                ("id IS NULL", "id is missing"),
                ("nullif(created, '') IS NULL", "it is not said when the deal was made"),
                (unread("created", created), "when the deal was made is no time"),
                (unread("amount_said", amount), "amount is no number"),
                (unread("close_day", day), "the day of closing is no day"),
            ],
        ),
    )
    return [
        *stage_deals(con, f"{system}_deals_told", options, []),
        stage_visits(con, f"{system}_history", options.prefix),
    ]


def _calls(
    con: duckdb.DuckDBPyConnection, system: str, options: Options, phone_key: bytes
) -> Staged:
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {system}_calls_meant AS SELECT *,"
        " status_said AS disposition, status_said AS status, false AS going_on,"
        f" {seconds('said_seconds')} AS duration,"
        " CASE lower(direction_said) WHEN 'outbound' THEN 'outbound' WHEN 'inbound' THEN 'inbound'"
        f" ELSE nullif({text(options.direction)}, '') END AS direction FROM {system}_calls_read"
    )
    known = understand(con, f"{system}_calls_meant", "phone", phone_key, options.region)
    started = instant("said_at")
    result = told_result(options, "NULL")
    tell(
        con,
        options,
        Telling(
            name=f"{system}_calls_told",
            table=CALLS,
            columns={
                "call_id": named(options.prefix, "id"),
                "started_at": started,
                "lead_id": named(options.prefix, "lead"),
                "agent_id": named(options.prefix, "user_id"),
                "test": f"coalesce({yes('gone')}, false)",
                "source": text(system),
                **call_columns(options, started),
            },
            rows=f"(SELECT *, {result} AS result FROM {system}_calls_meant)"
            f" LEFT JOIN {known} AS k ON k.said = phone",
            problems=[
                ("id IS NULL", "id is missing"),
                ("nullif(said_at, '') IS NULL", "it is not said when the call was"),
                (unread("said_at", started), "when the call was is no time"),
                (unread("said_seconds", "duration"), "its duration is no number"),
                ("duration < 0", "its duration is negative"),
            ],
        ),
    )
    return staged(con, CALLS, f"{system}_calls_told", call_notes(con, f"{system}_calls_told"))
