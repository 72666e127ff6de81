"""Who calls, for what, and who may be called?

Leads are as they are now: VICIdial keeps no history of them, so when one was sold to is known from
its calls only. A number may be on the do-not-call list of the system or of the lead's campaign;
the log of those lists says since when, for what people added. Of other numbers nobody knows.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.staging import Shape
from dialgauge.sources.vicidial.countries import countries_sql
from dialgauge.sources.vicidial.loading import called, given, instant, named, raw, relation
from dialgauge.sources.vicidial.options import Options
from dialgauge.sources.vicidial.statuses import LINE, flag, meaning_joins
from dialgauge.sources.vicidial.tables import (
    CAMPAIGN_DNC,
    CAMPAIGNS,
    DNC,
    DNC_LOG,
    INGROUPS,
    LEADS,
    LISTS,
    NOBODY,
    USER_GROUPS,
    USERS,
)
from dialgauge.tables.storage import text

LEAD_ROWS = "vd_leads_done"
_DNC = "vd_dnc_since"
_SYSTEM = "-SYSINT-"  # what the log writes in the place of a campaign
_ATTRIBUTES = ("status", "called_count", "rank", "owner", "vendor_lead_code")
_BAD_NUMBERS = tuple(code for code, came in LINE.items() if came == "invalid")


def create_leads(
    con: duckdb.DuckDBPyConnection, options: Options, zone: str, known: str
) -> list[str]:
    """Make the table `LEAD_ROWS` of the leads that were loaded.

    Args:
        con: Where they are.
        options: What the user said.
        zone: The zone of entry_date.
        known: The table of what numbers tell.

    Returns:
        What to tell people.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_DNC} AS {_dnc(zone)}")
    since = (
        instant("NULL", text(options.do_not_call_since), zone)
        if options.do_not_call_since
        else "NULL"
    )
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
            d.number IS NOT NULL do_not_call,
            CASE WHEN d.number IS NOT NULL THEN coalesce(d.since_us, {since}) END dnc_us,
            d.number IS NOT NULL AND d.since_us IS NULL undated,
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
        LEFT JOIN (SELECT l.lead_id, any_value(d.number) number, min(d.since_us) since_us
            FROM {relation(LEADS)} l LEFT JOIN {relation(LISTS)} i ON i.list_id = l.list_id
            JOIN {_DNC} d ON d.number = l.phone_number
                AND d.scope IN ({text(_SYSTEM)}, upper(i.campaign_id))
            GROUP BY l.lead_id) d ON d.lead_id = l.lead_id
        {meaning_joins("upper(l.status)", "i.campaign_id")}
    """)
    ((undated,),) = con.execute(f"SELECT count(*) FROM {LEAD_ROWS} WHERE undated").fetchall()
    if not undated or options.do_not_call_since:
        return []
    said = (
        f"{undated:,} leads are on a do-not-call list, and nothing says since when: call lists "
        "leave them out, and do_not_call_violations counts no dials of theirs until you say from "
        "which day on, such as do_not_call_since=2026-01-01."
    )
    return [said]


def dnc_read(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether a do-not-call list was read, and so whether leads without one are on none."""
    ((found,),) = con.execute(f"SELECT {given(DNC)} OR {given(CAMPAIGN_DNC)}").fetchall()
    return bool(found)


def _dnc(zone: str) -> str:
    """Write who is on which list, and since when: the first adding after the last deletion."""
    at = instant("NULL", "action_date", zone)
    return f"""
        WITH log AS (SELECT phone_number number, upper(campaign_id) scope, {at} at_us,
            lower(action) = 'add' added FROM {relation(DNC_LOG)}),
        gone AS (SELECT number, scope, max(at_us) FILTER (NOT added) at_us FROM log GROUP BY ALL),
        listed AS (SELECT phone_number number, {text(_SYSTEM)} scope FROM {relation(DNC)}
            UNION SELECT phone_number, upper(campaign_id) FROM {relation(CAMPAIGN_DNC)})
        SELECT number, scope, min(l.at_us) FILTER (l.added
            AND l.at_us > coalesce(g.at_us, -1)) since_us
        FROM listed LEFT JOIN log l USING (number, scope) LEFT JOIN gone g USING (number, scope)
        WHERE number IS NOT NULL GROUP BY ALL
    """


def lead_shape(*, dnc: bool) -> Shape:
    """Say how rows of `LEAD_ROWS` become rows of leads.

    Args:
        dnc: Whether a do-not-call list was read; otherwise what is known already stays.
    """
    names = (
        *("lead_id", "lead_source", "list_id", "campaign_id", "region", "country", "carrier"),
        *("phone_valid", "timezone", "attributes", "invalid", "phone_token"),
    )
    return Shape(
        columns={name: name for name in names}
        | {"created_at": "make_timestamptz(created_us)", "source": "'vicidial'"}
        | (
            {"do_not_call": "do_not_call", "do_not_call_at": "make_timestamptz(dnc_us)"}
            if dnc
            else {}
        ),
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
