"""How do Salesforce's opportunities move, and how do they end?

CloseDate is a day. Where the history says at what instant of that day the opportunity was closed,
that instant counts; else the day's beginning.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.deals import stage_deals, stage_visits
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, midnight, money, named, unread, yes
from dialgauge.sources.crm.staging import Telling, count, tell
from dialgauge.sources.salesforce.names import LEAD_ID
from dialgauge.tables.deals import DEALS
from dialgauge.tables.storage import text

_DAY_US = 86_400_000_000


def stage_pipeline(con: duckdb.DuckDBPyConnection, options: Options, home: str) -> list[Staged]:
    """Stage opportunities, their visits to stages and, where wanted, the orders they are.

    Args:
        con: Where `salesforce_opportunity` and `salesforce_opportunitystage` are.
        options: What the team decided.
        home: The zone of days without a time.
    """
    if not count(con, "salesforce_opportunity"):
        return []
    _read(con)
    _tell(con, options, home)
    return [
        *stage_deals(con, "salesforce_deals_told", options, []),
        stage_visits(con, "salesforce_history", options.prefix),
    ]


def _read(con: duckdb.DuckDBPyConnection) -> None:
    history = '[{"StageName":"VARCHAR","CreatedDate":"VARCHAR"}]'
    roles = '[{"ContactId":"VARCHAR","IsPrimary":"BOOLEAN"}]'
    con.execute(
        "CREATE OR REPLACE TEMP TABLE salesforce_stages AS"
        " SELECT coalesce(nullif(ApiName, ''), MasterLabel) AS name,"
        f" any_value(TRY_CAST(SortOrder AS BIGINT)) AS position, bool_or({yes('IsWon')}) AS won,"
        f" bool_or({yes('IsClosed')}) AS closed FROM salesforce_opportunitystage GROUP BY 1"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE salesforce_said AS SELECT *, json_transform("
        "CASE WHEN json_valid(OpportunityHistories) THEN OpportunityHistories END,"
        f" {text(history)}) AS history, json_transform(CASE WHEN"
        " json_valid(OpportunityContactRoles) THEN OpportunityContactRoles END,"
        f" {text(roles)}) AS roles FROM salesforce_opportunity"
    )
    since = instant("h.CreatedDate")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE salesforce_history AS SELECT c.deal,"
        " CAST(NULL AS VARCHAR) AS pipeline, c.stage, s.position, c.entered_at,"
        " 'salesforce' AS source, s.won, s.closed, c._row, c._file, c._said AS _was, _nth FROM ("
        f" SELECT Id AS deal, h.StageName AS stage, {since} AS entered_at, _nth, _row, _file, _said"
        " FROM (SELECT *, unnest(history) AS h,"
        " generate_subscripts(history, 1) AS _nth FROM salesforce_said)"
        f" UNION ALL SELECT Id, StageName, {instant('CreatedDate')}, 1, _row, _file, _said"
        " FROM salesforce_said WHERE coalesce(len(history), 0) = 0 AND StageName IS NOT NULL"
        ") AS c LEFT JOIN salesforce_stages AS s ON s.name = c.stage WHERE deal IS NOT NULL"
    )


def _tell(con: duckdb.DuckDBPyConnection, options: Options, home: str) -> None:
    created, amount = instant("p.CreatedDate"), money("p.Amount")
    day = midnight("p.CloseDate", home)
    that_day = f"epoch_us(last_closed) - epoch_us({day}) BETWEEN 0 AND {_DAY_US - 1}"
    closed = f"CASE WHEN {that_day} THEN last_closed ELSE {day} END"
    primary = "coalesce(list_filter(roles, lambda r: r.IsPrimary)[1].ContactId, roles[1].ContactId)"
    with_whom = f"coalesce(p.{LEAD_ID}, {primary}, p.ContactId)"
    tell(
        con,
        options,
        Telling(
            name="salesforce_deals_told",
            table=DEALS,
            columns={
                "deal_id": named(options.prefix, "p.Id"),
                "lead_id": named(options.prefix, with_whom),
                "customer_id": f"CASE WHEN {yes('p.IsWon')}"
                f" THEN {named(options.prefix, 'p.AccountId')} END",
                "agent_id": named(options.prefix, "p.OwnerId"),
                "campaign_id": named(options.prefix, "p.CampaignId"),
                "created_at": created,
                "closed_at": f"CASE WHEN {yes('p.IsClosed')} THEN {closed} END",
                "status": f"CASE WHEN {yes('p.IsWon')} THEN 'won' WHEN {yes('p.IsClosed')}"
                " THEN 'lost' WHEN p.StageName IS NOT NULL THEN 'open' END",
                "amount": amount,
                "currency": "coalesce(nullif(upper(p.CurrencyIsoCode), ''),"
                f" nullif({text(options.currency)}, ''))",
                "source": "'salesforce'",
                "_gone_at": f"CASE WHEN {yes('p.IsDeleted')}"
                f" THEN {instant('p.SystemModstamp')} END",
                "_won_at": f"CASE WHEN {yes('p.IsWon')} THEN {closed} ELSE last_won END",
                "p": "p",
            },
            rows="salesforce_said AS p LEFT JOIN (SELECT deal,"
            " max(entered_at) FILTER (WHERE closed) AS last_closed,"
            " max(entered_at) FILTER (WHERE won) AS last_won FROM salesforce_history GROUP BY 1)"
            " AS h ON h.deal = p.Id",
            problems=[
                ("p.Id IS NULL", "Id is missing"),
                ("nullif(p.CreatedDate, '') IS NULL", "CreatedDate is missing"),
                (unread("p.CreatedDate", created), "CreatedDate is no time"),
                (unread("p.Amount", amount), "Amount is no number"),
                (unread("p.CloseDate", day), "CloseDate is no day"),
            ],
        ),
    )
