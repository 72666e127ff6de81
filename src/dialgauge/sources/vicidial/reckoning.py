"""What do VICIdial's reports and our measures come to over the same rows?

Each query gives one row of numbers; `reconcile` says which belong together and why they differ.
"""

from __future__ import annotations

from dialgauge.sources.vicidial.calls import CALLS
from dialgauge.sources.vicidial.intervals import FULL, INTERVALS
from dialgauge.sources.vicidial.legs import LEGS
from dialgauge.sources.vicidial.loading import number, relation
from dialgauge.sources.vicidial.statuses import flag, meaning_joins
from dialgauge.sources.vicidial.tables import AGENT_LOG, CONTEXT, LEADS, LISTS, LOG, PARKS

_ANSWERS = ("human_answered", "answering_machine")


def log_sql() -> str:
    """Write the query of the outbound log, as VICIdial's reports sum it up."""
    length = number("length_in_sec")
    no_answer = "(code IN ('NA', 'ADC', 'AB', 'B', 'DC', 'N') OR starts_with(code, 'CPD'))"
    human, machine = (f"coalesce({flag(name)}, false)" for name in _ANSWERS)
    agents = "upper(coalesce(l.user, 'VDAD')) <> 'VDAD'"
    return f"""
        SELECT count(*) calls, count(*) FILTER (human) answers,
            count(*) FILTER (code = 'DROP' AND (length_s <= 6000 OR length_s IS NULL)) drops,
            count(*) FILTER (code = 'DROP' AND length_s > 6000) long_drops,
            count(*) FILTER (code = 'XDROP') xdrop, count(*) FILTER (code = 'PDROP') pdrop,
            count(*) FILTER (human AND agent) uk_humans,
            count(*) FILTER (machine AND agent) uk_machines,
            count(*) FILTER ({no_answer} AND length_s <= 60) no_answer,
            count(*) FILTER ({no_answer} AND length_s > 60) long_no_answer,
            (SELECT count(*) FROM {LEGS}
                WHERE outbound AND NOT {CONTEXT} AND _problem IS NOT NULL) damaged
        FROM (SELECT upper(l.status) code, {length} length_s, {human} human, {machine} machine,
            {agents} agent
            FROM {relation(LOG)} l {meaning_joins("upper(l.status)", "l.campaign_id")}
            WHERE NOT l.{CONTEXT})
    """


def calls_sql() -> str:
    """Write the query of our measures of calls, as `tables.calls` defines them."""
    out = "direction = 'outbound'"
    human = f"{out} AND (result IN ('human', 'dropped') OR contact)"
    unanswered = "'no_answer', 'busy', 'invalid', 'congestion', 'rejected', 'failed'"
    return f"""
        SELECT count(*) FILTER ({out}) dials, count(*) FILTER ({human}) human,
            count(*) FILTER ({out} AND result = 'dropped') dropped,
            count(*) FILTER ({out} AND contact) contacts,
            count(*) FILTER ({out} AND converted) sales,
            count(*) FILTER ({out} AND result IN ({unanswered})) unanswered,
            count(*) FILTER (agent_id IS NOT NULL) handled,
            count(DISTINCT lead_id) FILTER ({out}) leads,
            count(DISTINCT lead_id) FILTER ({human}) leads_human,
            count(DISTINCT lead_id) FILTER ({out} AND converted) leads_sold,
            count(DISTINCT lead_id) FILTER ({out} AND do_not_call) leads_dnc,
            (SELECT count(*) FROM {LEGS} l JOIN {CALLS} c ON c._row = l._row
                WHERE l.outbound AND l.status = 'DROP' AND c.result <> 'dropped') rescued
        FROM {CALLS} WHERE NOT test
    """


def cycles_sql() -> str:
    """Write the query of the agents' log: full parts zeroed, or whole rows dropped (`_whole`)."""
    names = ("pause", "wait", "talk", "dispo", "dead")
    values = {name: f"coalesce({number(f'{name}_sec')}, 0)" for name in names}
    full = {name: f"{sql} >= {FULL}" for name, sql in values.items()}
    zeroed = ", ".join(
        f"CASE WHEN {full[name]} THEN 0 ELSE {sql} END {name}" for name, sql in values.items()
    )
    whole = " AND ".join(f"NOT ({full[name]})" for name in names[:4])
    customer = "greatest(0, talk - dead)"
    sums = {name: name for name in names[:4]} | {
        "customer": customer,
        "all": "pause + wait + talk + dispo",
    }
    listed = ", ".join(
        f'coalesce(sum({sql}), 0) "{name}", coalesce(sum({sql}) FILTER (whole), 0) "{name}_whole"'
        for name, sql in sums.items()
    )
    return f"""
        SELECT {listed}, count(*) FILTER (NOT whole) "full",
            coalesce(sum(pause) FILTER (code = 'PRECAL'), 0) precal,
            count(*) FILTER (called) calls, count(*) FILTER (called AND whole) calls_whole,
            count(DISTINCT lead_id) FILTER (called) leads,
            count(*) FILTER (called AND contact) contacts, count(*) FILTER (called AND sale) sales
        FROM (SELECT {zeroed}, {whole} whole, upper(a.sub_status) code, a.lead_id,
            TRY_CAST(a.lead_id AS BIGINT) > 0 AND a.status IS NOT NULL called,
            coalesce({flag("customer_contact")}, false) contact,
            coalesce({flag("sale")}, false) sale
            FROM {relation(AGENT_LOG)} a {meaning_joins("upper(a.status)", "a.campaign_id")})
    """


def intervals_sql() -> str:
    """Write the query of our seconds by state."""
    seconds = "(end_us - start_us) / 1e6"
    dead = "reason IS NOT DISTINCT FROM 'DEAD' AND state = 'wrap'"
    chosen = {
        "paused": "state = 'paused'",
        "available": "state = 'available'",
        "hold": "state = 'hold'",
        "talking": "state IN ('talking', 'hold')",
        "talked": f"state IN ('talking', 'hold') OR ({dead})",
        "dispo": f"state = 'wrap' AND NOT ({dead})",
        "logged_in": "state <> 'offline'",
    }
    listed = ", ".join(
        f"coalesce(sum({seconds}) FILTER ({where}), 0) {name}" for name, where in chosen.items()
    )
    return f"SELECT {listed} FROM {INTERVALS} WHERE _problem IS NULL"


def parks_sql() -> str:
    """Write the query of park_log, as Agent Time Detail sums it up by user."""
    return f"""
        SELECT coalesce(sum({number("parked_sec")}), 0) parked,
            count(*) FILTER (coalesce({number("parked_sec")}, 0) = 0) open
        FROM {relation(PARKS)} WHERE NOT {CONTEXT} AND "user" IS NOT NULL
    """


def leads_sql() -> str:
    """Write the query of leads by the status they have now."""
    return f"""
        SELECT count(*) "all", count(*) FILTER (TRY_CAST(l.called_count AS BIGINT) > 0) called,
            count(*) FILTER ({flag("human_answered")}) human, count(*) FILTER ({flag("sale")}) sale,
            count(*) FILTER ({flag("dnc")}) dnc
        FROM {relation(LEADS)} l LEFT JOIN {relation(LISTS)} i ON i.list_id = l.list_id
        {meaning_joins("upper(l.status)", "i.campaign_id")}
    """
