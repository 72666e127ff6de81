"""Who calls, for what, and who may be called?

Leads are as they are now: VICIdial keeps no history of them, so when one was sold to or asked not
to be called is known from its calls only.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.staging import Shape
from dialgauge.sources.vicidial.countries import countries_sql
from dialgauge.sources.vicidial.loading import called, instant, named, raw, relation
from dialgauge.sources.vicidial.options import Options
from dialgauge.sources.vicidial.statuses import LINE, flag, meaning_joins
from dialgauge.sources.vicidial.tables import (
    CAMPAIGNS,
    INGROUPS,
    LEADS,
    LISTS,
    NOBODY,
    USER_GROUPS,
    USERS,
)
from dialgauge.tables.storage import text

LEAD_ROWS = "vd_leads_done"
_ATTRIBUTES = ("status", "called_count", "rank", "owner", "vendor_lead_code")
_BAD_NUMBERS = tuple(code for code, came in LINE.items() if came == "invalid")


def create_leads(con: duckdb.DuckDBPyConnection, options: Options, zone: str, known: str) -> None:
    """Make the table `LEAD_ROWS` of the leads that were loaded.

    Args:
        con: Where they are.
        options: What the user said.
        zone: The zone of entry_date.
        known: The table of what numbers tell.
    """
    source = {
        "list_name": "i.list_name",
        "list_id": "l.list_id",
    }.get(options.lead_source, f"l.{options.lead_source}")
    attributes = ", ".join(f"{name} := l.{name}" for name in _ATTRIBUTES)
    bad = ", ".join(text(code) for code in _BAD_NUMBERS)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {LEAD_ROWS} AS
        SELECT {named("l.lead_id", options.server)} lead_id,
            {instant("NULL", "l.entry_date", zone)} created_us, {source} lead_source,
            {named("l.list_id", options.server)} list_id,
            {named("i.campaign_id", options.server)} campaign_id,
            coalesce(l.state, l.province, k.region) region,
            coalesce(n.country, k.country) country, k.carrier, k.phone_valid,
            k.timezone, k.phone_token,
            json_merge_patch('{{}}', to_json(struct_pack({attributes}))) attributes,
            upper(l.status) IN ({bad}) OR coalesce({flag("unworkable")}, false) invalid,
            l._row, l._file, l._said,
            CASE WHEN l.lead_id IS NULL THEN 'missing lead_id'
                WHEN l.entry_date IS NULL THEN 'missing entry_date'
                WHEN {instant("NULL", "l.entry_date", zone)} IS NULL THEN 'unreadable entry_date'
            END _problem
        FROM (SELECT *, {called("phone_code", "phone_number")} phone FROM {relation(LEADS)}) l
        LEFT JOIN {relation(LISTS)} i ON i.list_id = l.list_id
        LEFT JOIN {known} k ON k.said = l.phone
        LEFT JOIN ({countries_sql()}) n ON n.code = upper(l.country_code)
        {meaning_joins("upper(l.status)", "i.campaign_id")}
    """)


def lead_shape() -> Shape:
    """Say how rows of `LEAD_ROWS` become rows of leads."""
    names = (
        *("lead_id", "lead_source", "list_id", "campaign_id", "region", "country", "carrier"),
        *("phone_valid", "timezone", "attributes", "invalid", "phone_token"),
    )
    return Shape(
        columns={name: name for name in names}
        | {"created_at": "make_timestamptz(created_us)", "source": "'vicidial'"},
        rows=LEAD_ROWS,
        problem="_problem",
        raw=raw("_said"),
    )


def agent_shape(options: Options) -> Shape:
    """Say how users become agents; their user group is their team."""
    nobody = ", ".join(text(name) for name in NOBODY)
    rows = (
        f"(SELECT u.*, coalesce(g.group_name, u.user_group) team FROM {relation(USERS)} u "
        f"LEFT JOIN {relation(USER_GROUPS)} g ON g.user_group = u.user_group "
        f"WHERE u.user IS NULL OR upper(u.user) NOT IN ({nobody}))"
    )
    return Shape(
        columns={
            "agent_id": named('"user"', options.server),
            "name": "full_name",
            "team": "team",
        },
        rows=rows,
        problem="CASE WHEN \"user\" IS NULL THEN 'missing user' END",
        raw=raw("_said"),
    )


def campaign_shapes(options: Options) -> tuple[Shape, ...]:
    """Say how campaigns and in-groups become campaigns."""
    return (
        Shape(
            columns={
                "campaign_id": named("campaign_id", options.server),
                "name": "campaign_name",
            },
            rows=relation(CAMPAIGNS),
            problem="CASE WHEN campaign_id IS NULL THEN 'missing campaign_id' END",
            raw=raw("_said"),
        ),
        Shape(
            columns={
                "campaign_id": named("'ingroup:' || group_id", options.server),
                "name": "group_name",
            },
            rows=relation(INGROUPS),
            problem="CASE WHEN group_id IS NULL THEN 'missing group_id' END",
            raw=raw("_said"),
        ),
    )
