"""How do Pipedrive's deals move, and how do they end?

The changelog has each change of stage with what was before; the first stage is what was before the
first change, from the deal's own beginning on.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.deals import stage_deals, stage_visits
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, money, named, picked_from, unread, yes
from dialgauge.sources.crm.staging import Telling, count, tell
from dialgauge.sources.pipedrive.names import STREAMS
from dialgauge.tables.deals import DEALS
from dialgauge.tables.storage import text

_CHANGES = (
    '[{"field_key":"VARCHAR","old_value":"VARCHAR","new_value":"VARCHAR",'
    '"time":"VARCHAR","log_time":"VARCHAR"}]'
)


def stage_pipeline(con: duckdb.DuckDBPyConnection, options: Options) -> list[Staged]:
    """Stage deals, their visits to stages and, where wanted, the orders they are.

    Args:
        con: Where `pipedrive_deals`, `pipedrive_stages`, `pipedrive_pipelines` and `pipedrive_me`
            are.
        options: What the team decided.
    """
    if not count(con, "pipedrive_deals"):
        return []
    _read(con, options)
    created, amount = instant("add_time"), money("d.value")
    ended = "CASE status WHEN 'won' THEN coalesce(won_time, close_time)"
    closed = instant(f"{ended} WHEN 'lost' THEN coalesce(lost_time, close_time) END")
    person = named(options.prefix, "person_id")
    tell(
        con,
        options,
        Telling(
            name="pipedrive_deals_told",
            table=DEALS,
            columns={
                "deal_id": named(options.prefix, "d.id"),
                "lead_id": person,
                "customer_id": f"CASE WHEN status = 'won' THEN {person} END",
                "agent_id": named(options.prefix, "owner_id"),
                "created_at": created,
                "closed_at": closed,
                # a deleted deal does not tell what it was
                "status": "CASE WHEN status IN ('open', 'won', 'lost') THEN status END",
                "amount": amount,
                "currency": "coalesce(nullif(upper(d.currency), ''), home_currency,"
                f" nullif({text(options.currency)}, ''))",
                "pipeline": "coalesce(line, pipeline_id)",
                "source": "'pipedrive'",
                "_gone_at": f"CASE WHEN {yes('is_deleted')} OR status = 'deleted'"
                f" THEN {instant('update_time')} END",
                "_won_at": f"CASE WHEN status = 'won' THEN {closed} ELSE last_won END",
                "p": "p",
            },
            rows="pipedrive_deals_read AS d"
            " LEFT JOIN (SELECT id AS line_id, name AS line FROM pipedrive_pipelines)"
            " ON line_id = pipeline_id"
            " LEFT JOIN (SELECT id AS won_id, last_won FROM pipedrive_won) ON won_id = d.id",
            problems=[
                ("d.id IS NULL", "id is missing"),
                ("nullif(add_time, '') IS NULL", "add_time is missing"),
                (unread("add_time", created), "add_time is no time"),
                (unread("d.value", amount), "value is no number"),
                (
                    "status NOT IN ('open', 'won', 'lost', 'deleted')",
                    "status is none of open, won, lost, deleted",
                ),
            ],
        ),
    )
    return [
        *stage_deals(con, "pipedrive_deals_told", options, []),
        stage_visits(con, "pipedrive_history", options.prefix),
    ]


def _read(con: duckdb.DuckDBPyConnection, options: Options) -> None:
    names = (*options.fields_of("deals").values(), *options.fields_of("orders").values())
    own = picked_from("custom_fields", names, STREAMS["deals"].columns)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE pipedrive_deals_read AS SELECT *, {own} AS p,"
        " json_transform(CASE WHEN json_valid(changelog) THEN changelog END,"
        f" {text(_CHANGES)}) AS changes,"
        " (SELECT any_value(upper(default_currency)) FROM pipedrive_me) AS home_currency"
        " FROM pipedrive_deals"
    )
    at = instant("coalesce(c.time, c.log_time)")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pipedrive_changes AS SELECT id, add_time, stage_id, _row,"
        f" _file, _said, c.field_key, c.old_value, c.new_value, {at} AS changed_at, nth"
        " FROM (SELECT *, unnest(changes) AS c, generate_subscripts(changes, 1) AS nth"
        " FROM pipedrive_deals_read)"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pipedrive_won AS SELECT id, max(changed_at) AS last_won"
        " FROM pipedrive_changes WHERE field_key = 'status' AND new_value = 'won' GROUP BY 1"
    )
    moved = "pipedrive_changes WHERE field_key = 'stage_id' AND id IS NOT NULL"
    kept = "_row, _file, _said"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE pipedrive_history AS SELECT c.id AS deal,"
        " l.name AS pipeline, coalesce(s.name, c.stage) AS stage,"
        " TRY_CAST(s.order_nr AS BIGINT) AS position, entered_at, 'pipedrive' AS source,"
        " c._row, c._file, c._said AS _was, _nth FROM ("
        " SELECT id, new_value AS stage, changed_at AS entered_at, 1000 - nth AS _nth,"
        f" {kept} FROM {moved}"
        f" UNION ALL SELECT id, old_value, {instant('add_time')}, 0, {kept} FROM {moved}"
        " QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at, nth DESC) = 1"
        f" UNION ALL SELECT id, stage_id, {instant('add_time')}, 0, {kept}"
        f" FROM pipedrive_deals_read WHERE stage_id IS NOT NULL AND id NOT IN"
        f" (SELECT id FROM {moved}) AND nullif(stage_change_time, '') IS NULL"
        # without a changelog only the stage of now is known, and since when
        f" UNION ALL SELECT id, stage_id, {instant('stage_change_time')}, 0, {kept}"
        f" FROM pipedrive_deals_read WHERE stage_id IS NOT NULL AND id NOT IN"
        f" (SELECT id FROM {moved}) AND nullif(stage_change_time, '') IS NOT NULL"
        ") AS c LEFT JOIN pipedrive_stages AS s ON s.id = c.stage"
        " LEFT JOIN pipedrive_pipelines AS l ON l.id = s.pipeline_id WHERE c.id IS NOT NULL"
    )
