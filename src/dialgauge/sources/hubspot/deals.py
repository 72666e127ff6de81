"""How do HubSpot's deals move, and how do they end?"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.deals import stage_deals, stage_visits
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, money, named, object_of, unread, yes
from dialgauge.sources.crm.staging import Telling, count, tell
from dialgauge.sources.hubspot.names import PROPERTIES
from dialgauge.tables.deals import DEALS
from dialgauge.tables.storage import text


def stage_pipeline(con: duckdb.DuckDBPyConnection, options: Options) -> list[Staged]:
    """Stage deals, their visits to stages and, where wanted, the orders they are.

    Args:
        con: Where `hubspot_deals`, `hubspot_pipelines` and `hubspot_account` are.
        options: What the team decided.
    """
    if not count(con, "hubspot_deals"):
        return []
    _read_stages(con)
    _read_deals(con, options)
    _read_history(con)
    created, amount = instant("coalesce(p.createdate, createdAt)"), money("p.amount")
    closed = instant("p.closedate")
    state = (
        f"CASE WHEN {yes('p.hs_is_closed_won')} THEN 'won' WHEN {yes('p.hs_is_closed')} THEN 'lost'"
        " WHEN p.dealstage IS NOT NULL OR p.hs_is_closed IS NOT NULL THEN 'open' END"
    )
    tell(
        con,
        options,
        Telling(
            name="hubspot_deals_told",
            table=DEALS,
            columns={
                "deal_id": named(options.prefix, "id"),
                "lead_id": named(options.prefix, "contact"),
                "customer_id": f"CASE WHEN {yes('p.hs_is_closed_won')}"
                f" THEN {named(options.prefix, 'contact')} END",
                "agent_id": named(options.prefix, "p.hubspot_owner_id"),
                "created_at": created,
                # on open deals closedate is only the end of the month
                "closed_at": f"CASE WHEN {yes('p.hs_is_closed')} THEN {closed} END",
                "status": state,
                "amount": amount,
                "currency": "coalesce(nullif(upper(p.deal_currency_code), ''), account_currency,"
                f" nullif({text(options.currency)}, ''))",
                "pipeline": "coalesce(pipeline_label, p.pipeline)",
                "source": "'hubspot'",
                "_gone_at": f"CASE WHEN archived = 'true' THEN {instant('archivedAt')} END",
                "_won_at": f"CASE WHEN {yes('p.hs_is_closed_won')} THEN {closed}"
                f" ELSE {instant('won_last')} END",
                "_unlinked": "associations IS NULL",
                "p": "p",
            },
            rows="hubspot_deals_read",
            problems=[
                ("id IS NULL", "id is missing"),
                ("p IS NULL", "properties is no JSON"),
                ("coalesce(p.createdate, createdAt) IS NULL", "createdate is missing"),
                (unread("coalesce(p.createdate, createdAt)", created), "createdate is no time"),
                (unread("p.amount", amount), "amount is no number"),
                (unread("p.closedate", closed), "closedate is no time"),
            ],
        ),
    )
    notes = []
    unknown = count(con, "hubspot_deals_told WHERE _why IS NULL AND pipeline IS NULL")
    if unknown:
        notes.append(f"{unknown} deals are in no pipeline.")
    return [
        *stage_deals(con, "hubspot_deals_told", options, notes),
        stage_visits(con, "hubspot_history", options.prefix, _stage_notes(con)),
    ]


def _read_stages(con: duckdb.DuckDBPyConnection) -> None:
    shape = (
        '[{"id":"VARCHAR","label":"VARCHAR","displayOrder":"INTEGER",'
        '"metadata":{"isClosed":"VARCHAR","probability":"VARCHAR"}}]'
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE hubspot_stages AS SELECT pipeline, pipeline_label, s.id,"
        " s.label, TRY_CAST(s.metadata.probability AS DOUBLE) = 1"
        f" AND {yes('s.metadata.isClosed')} AS won,"
        " row_number() OVER (PARTITION BY pipeline ORDER BY s.displayOrder, s.id) AS position"
        " FROM (SELECT id AS pipeline, label AS pipeline_label, unnest(json_transform("
        f" CASE WHEN json_valid(stages) THEN stages END, {text(shape)})) AS s"
        " FROM hubspot_pipelines) QUALIFY row_number() OVER (PARTITION BY s.id) = 1"
    )


def _read_deals(con: duckdb.DuckDBPyConnection, options: Options) -> None:
    names = (
        *PROPERTIES["deals"],
        *options.fields_of("deals").values(),
        *options.fields_of("orders").values(),
    )
    valid = "CASE WHEN json_valid(associations) THEN associations END"
    history = "CASE WHEN json_valid(propertiesWithHistory) THEN propertiesWithHistory END"
    shape = '{"dealstage":[{"value":"VARCHAR","timestamp":"VARCHAR"}]}'
    con.execute(
        "CREATE OR REPLACE TEMP TABLE hubspot_deals_read AS WITH said AS (SELECT *,"
        f" {object_of('properties', names)} AS p,"
        f" json_extract_string({valid}, '$.contacts.results[*].id')[1] AS contact,"
        f" json_transform({history}, {text(shape)}).dealstage AS history FROM hubspot_deals)"
        " SELECT s.*, l.label AS pipeline_label,"
        " list_max([h.timestamp for h in coalesce(history, [])"
        " if list_contains(w.stages, h.value)]) AS won_last,"
        " (SELECT any_value(upper(companyCurrency)) FROM hubspot_account) AS account_currency"
        " FROM said AS s LEFT JOIN hubspot_pipelines AS l ON l.id = p.pipeline CROSS JOIN"
        " (SELECT coalesce(list(id), []) AS stages FROM hubspot_stages WHERE won) AS w"
    )


def _read_history(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of changes; without any history each deal has its stage of now."""
    changes = (
        "SELECT id AS deal, h.value AS stage_id, "
        f"{instant('h.timestamp')} AS entered_at, p, _row, _file, _said"
        " FROM (SELECT *, unnest(history) AS h FROM hubspot_deals_read)"
    )
    if not count(con, "hubspot_deals_read WHERE len(history) > 0"):
        since = "coalesce(nullif(p.hs_v2_date_entered_current_stage, ''), p.createdate)"
        changes = (
            f"SELECT id AS deal, p.dealstage AS stage_id, {instant(since)} AS entered_at, p,"
            " _row, _file, _said FROM hubspot_deals_read"
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE hubspot_history AS SELECT deal,"
        " coalesce(s.pipeline_label, p.pipeline) AS pipeline,"
        " coalesce(s.label, c.stage_id) AS stage, s.position, entered_at,"
        " 'hubspot' AS source, c._row, c._file, c._said AS _was, s.id IS NULL AS unknown,"
        " row_number() OVER () AS _nth"
        f" FROM ({changes}) AS c LEFT JOIN hubspot_stages AS s ON s.id = c.stage_id"
        " WHERE deal IS NOT NULL AND c.stage_id IS NOT NULL"
    )


def _stage_notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    unknown = count(con, "hubspot_history WHERE unknown")
    if not unknown:
        return []
    told = (
        f"{unknown} visits are to stages that no pipeline has any more; they keep their identifier "
        "for a name and have no position."
    )
    return [told]
