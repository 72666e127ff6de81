"""How do Odoo's rows become ours?

A row of crm.lead is our lead; when it is an opportunity it is a deal as well. Fields that name
another row are lists of its number and its name.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.calls import call_columns, call_notes, told_result
from dialgauge.sources.crm.deals import stage_deals, stage_visits
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import first_problem, instant, money, named, unread, yes
from dialgauge.sources.crm.staging import Telling, count, staged, tell, unsaid
from dialgauge.sources.odoo.names import BLACKLISTED, PHONES
from dialgauge.sources.phones import understand
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.calls import CALLS
from dialgauge.tables.deals import DEALS
from dialgauge.tables.leads import LEADS
from dialgauge.tables.storage import text

_SOURCE = "'odoo'"


def stage_rows(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> list[Staged]:
    """Stage users, leads, opportunities with their stages, and calls.

    Args:
        con: Where the tables of the streams are.
        options: What the team decided.
        phone_key: The lake's secret.
    """
    found = []
    if count(con, "odoo_users"):
        found.append(_agents(con, options))
    if count(con, "odoo_leads"):
        _read_leads(con)
        found += [_leads(con, options, phone_key), *_deals(con, options)]
    if count(con, "odoo_blacklisted") and "do_not_call" not in options.fields_of("leads"):
        found.append(_blacklisted(con, options))
    if count(con, "odoo_calls"):
        found.append(_calls(con, options, phone_key))
    return found


def _part(value: str, place: int) -> str:
    """Write the number (0) or the name (1) of another row."""
    return f"json_extract_string(CASE WHEN json_valid({value}) THEN {value} END, '$[{place}]')"


def _agents(con: duckdb.DuckDBPyConnection, options: Options) -> Staged:
    columns = {
        "agent_id": named(options.prefix, "id"),
        "name": "nullif(name, '')",
        "team": _part("sale_team_id", 1),
    }
    tell(
        con,
        options,
        Telling(
            name="odoo_agents",
            table=AGENTS,
            columns=columns,
            rows="odoo_users",
            problems=[("id IS NULL", "id is missing")],
        ),
    )
    return staged(con, AGENTS, "odoo_agents")


def _read_leads(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE odoo_leads_read AS SELECT l.* EXCLUDE (phone),"
        " nullif(trim(l.phone), '') AS phone, upper(c.code) AS country_code,"
        f" {yes('s.is_won')} AS in_won FROM odoo_leads AS l"
        f" LEFT JOIN odoo_countries AS c ON c.id = {_part('l.country_id', 0)}"
        f" LEFT JOIN odoo_stages AS s ON s.id = {_part('l.stage_id', 0)}"
    )


def _leads(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> Staged:
    known = understand(con, "odoo_leads_read", "phone", phone_key, options.region)
    created = instant("p.create_date")
    state = f"regexp_replace({_part('p.state_id', 1)}, ' \\([A-Z]+\\)$', '')"
    won = f"CASE WHEN in_won THEN {instant('p.date_closed')} END"
    tell(
        con,
        options,
        Telling(
            name="odoo_leads_told",
            table=LEADS,
            columns={
                "lead_id": named(options.prefix, "p.id"),
                "created_at": created,
                "lead_source": _part("p.source_id", 1),
                "campaign_id": named(options.prefix, _part("p.campaign_id", 0)),
                "region": f"coalesce({state}, k.region)",
                "country": "coalesce(country_code, k.country)",
                "carrier": "k.carrier",
                "phone_valid": "k.phone_valid",
                "timezone": "k.timezone",
                "sql_at": instant("p.date_conversion"),
                "converted_at": won,
                "lost_at": f"CASE WHEN {_lost('p')} THEN {instant('p.date_closed')} END",
                "customer_id": f"CASE WHEN in_won THEN"
                f" {named(options.prefix, _part('p.partner_id', 0))} END",
                "do_not_call": yes(f"p.{BLACKLISTED}"),
                "phone_token": "k.phone_token",
                "source": _SOURCE,
            },
            rows=f"odoo_leads_read AS p LEFT JOIN {known} AS k ON k.said = p.phone",
            problems=[
                ("p.id IS NULL", "id is missing"),
                ("nullif(p.create_date, '') IS NULL", "create_date is missing"),
                (unread("p.create_date", created), "create_date is no time"),
            ],
            hidden=PHONES,
        ),
    )
    without = unsaid(con, "odoo_leads_told", "do_not_call")
    return staged(con, LEADS, "odoo_leads_told", without=without)


def _blacklisted(con: duckdb.DuckDBPyConnection, options: Options) -> Staged:
    """Stage leads of which no more is said than whether their number is on the blacklist."""
    lead, listed = named(options.prefix, "id"), yes(BLACKLISTED)
    created = instant("create_date")
    missing = [
        (f"({lead}) IS NULL", "id is missing"),
        (f"({created}) IS NULL", "create_date is missing"),
        (f"({listed}) IS NULL", "it is not said whether it is on the blacklist"),
    ]
    shape = Shape(
        columns={"lead_id": lead, "created_at": created, "do_not_call": listed},
        rows="odoo_blacklisted",
        problem=first_problem(*missing),
        raw="_said",
    )
    found = stage_shapes(con, LEADS, [shape], present=["lead_id", "created_at"])
    # after the leads that were read with them, and only of those that the lake has
    return replace(found, from_lake={"do_not_call": "said.do_not_call"})


def _lost(row: str) -> str:
    """Write that an opportunity was given up: put away, and with no chance left."""
    return (
        f"NOT {yes(f'{row}.active')} AND (nullif({row}.lost_reason_id, '') IS NOT NULL"
        f" OR TRY_CAST({row}.probability AS DOUBLE) = 0)"
    )


def _deals(con: duckdb.DuckDBPyConnection, options: Options) -> list[Staged]:
    deals = "odoo_leads_read AS p WHERE type = 'opportunity'"
    if not count(con, deals):
        return []
    _read_changes(con)
    created, amount = (
        instant("coalesce(p.date_conversion, p.create_date)"),
        money("p.expected_revenue"),
    )
    ended = instant("p.date_closed")
    status = (
        f"CASE WHEN {_lost('p')} THEN 'lost' WHEN in_won THEN 'won' WHEN {yes('p.active')}"
        " THEN 'open' END"
    )
    buyer = named(options.prefix, _part("p.partner_id", 0))
    tell(
        con,
        options,
        Telling(
            name="odoo_deals_told",
            table=DEALS,
            columns={
                "deal_id": named(options.prefix, "p.id"),
                "lead_id": named(options.prefix, "p.id"),
                "customer_id": f"CASE WHEN in_won THEN {buyer} END",
                "agent_id": named(options.prefix, _part("p.user_id", 0)),
                "campaign_id": named(options.prefix, _part("p.campaign_id", 0)),
                "created_at": created,
                "closed_at": f"CASE WHEN {_lost('p')} OR in_won THEN {ended} END",
                "status": status,
                "amount": amount,
                "currency": f"coalesce({_part('p.company_currency', 1)},"
                f" nullif({text(options.currency)}, ''))",
                "pipeline": _part("p.team_id", 1),
                "source": _SOURCE,
                # one that was put away without being lost is no part of the pipeline any more
                "_gone_at": f"CASE WHEN NOT {yes('p.active')} AND NOT ({_lost('p')})"
                f" THEN {instant('p.write_date')} END",
                "_won_at": f"CASE WHEN in_won THEN {ended} ELSE last_won END",
                "p": "p",
            },
            rows="(SELECT * FROM odoo_leads_read WHERE type = 'opportunity' OR type IS NULL) AS p"
            " LEFT JOIN (SELECT deal, max(entered_at) AS last_won FROM odoo_history WHERE won"
            " GROUP BY 1) ON deal = p.id",
            problems=[
                ("p.id IS NULL", "id is missing"),
                ("nullif(p.create_date, '') IS NULL", "create_date is missing"),
                (unread("p.create_date", created), "create_date is no time"),
                (unread("p.expected_revenue", amount), "expected_revenue is no number"),
            ],
            hidden=PHONES,
        ),
    )
    return [
        *stage_deals(con, "odoo_deals_told", options, []),
        stage_visits(con, "odoo_history", options.prefix),
    ]


def _read_changes(con: duckdb.DuckDBPyConnection) -> None:
    shape = text('[{"old":"VARCHAR","new":"VARCHAR","date":"VARCHAR"}]')
    kept = "_row, _file, _said"
    began = instant("coalesce(date_conversion, create_date)")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE odoo_changes AS SELECT id, c.old AS was, c.new AS became,"
        f" {instant('c.date')} AS changed_at, nth, {began} AS began, team_id, {kept}"
        " FROM (SELECT *, unnest(changes_read) AS c, generate_subscripts(changes_read, 1) AS nth"
        " FROM (SELECT *, json_transform(CASE WHEN json_valid(changes) THEN changes END,"
        f" {shape}) AS changes_read FROM odoo_leads_read WHERE type = 'opportunity'))"
    )
    now = _part("stage_id", 0)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE odoo_history AS SELECT c.id AS deal,"
        f" {_part('c.team_id', 1)} AS pipeline, coalesce(s.name, c.stage) AS stage, s.position,"
        f" entered_at, {_SOURCE} AS source, s.won, c._row, c._file, c._said AS _was, _nth FROM ("
        f" SELECT id, became AS stage, changed_at AS entered_at, nth AS _nth, team_id, {kept}"
        " FROM odoo_changes WHERE changed_at >= began OR changed_at IS NULL"
        f" UNION ALL SELECT id, was, began, 0, team_id, {kept} FROM odoo_changes"
        " WHERE changed_at >= began"
        " QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at, nth) = 1"
        f" UNION ALL SELECT id, {now}, {instant('coalesce(date_last_stage_update, create_date)')},"
        f" 0, team_id, {kept} FROM odoo_leads_read WHERE type = 'opportunity'"
        " AND stage_id IS NOT NULL AND id NOT IN"
        " (SELECT id FROM odoo_changes WHERE id IS NOT NULL AND changed_at >= began)"
        ") AS c LEFT JOIN (SELECT id, name,"
        f" {yes('is_won')} AS won, row_number() OVER (ORDER BY TRY_CAST(sequence AS BIGINT),"
        " TRY_CAST(id AS BIGINT)) AS position FROM odoo_stages) AS s ON s.id = c.stage"
        " WHERE c.id IS NOT NULL"
    )


def _calls(con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes) -> Staged:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE odoo_calls_read AS SELECT c.* EXCLUDE (phone),"
        " u.id AS user_id,"
        " CAST(NULL AS VARCHAR) AS disposition, CAST(NULL AS VARCHAR) AS status,"
        " CAST(NULL AS DOUBLE) AS duration, false AS going_on,"
        f" nullif({text(options.direction)}, '') AS direction, coalesce(nullif(trim(c.phone), ''),"
        " nullif(trim(l.phone), '')) AS phone"
        " FROM odoo_calls AS c LEFT JOIN (SELECT any_value(id) AS id,"
        f" {_part('partner_id', 0)} AS partner FROM odoo_users GROUP BY 2) AS u"
        f" ON u.partner = {_part('c.author_id', 0)}"
        " LEFT JOIN odoo_leads AS l ON l.id = c.res_id"
    )
    known = understand(con, "odoo_calls_read", "phone", phone_key, options.region)
    started = instant("p.date")
    tell(
        con,
        options,
        Telling(
            name="odoo_calls_told",
            table=CALLS,
            columns={
                "call_id": named(options.prefix, "p.id"),
                "started_at": started,
                "lead_id": named(options.prefix, "p.res_id"),
                "agent_id": named(options.prefix, "p.user_id"),
                "source": _SOURCE,
                **call_columns(options, started),
            },
            rows=f"(SELECT *, {told_result(options, 'NULL')} AS result FROM odoo_calls_read) AS p"
            f" LEFT JOIN {known} AS k ON k.said = p.phone",
            problems=[
                ("p.id IS NULL", "id is missing"),
                ("nullif(p.date, '') IS NULL", "date is missing"),
                (unread("p.date", started), "date is no time"),
            ],
        ),
    )
    return staged(con, CALLS, "odoo_calls_told", call_notes(con, "odoo_calls_told"))
