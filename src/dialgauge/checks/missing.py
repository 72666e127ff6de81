"""What is not written down that KPIs need?"""

from __future__ import annotations

from functools import partial

from dialgauge.checks.check import Check, Never, Severity, of_rows

_OUT = "r.direction = 'outbound' AND r.test IS NOT TRUE"
_COUNTED = "r.test IS NOT TRUE AND r.direction IS DISTINCT FROM 'internal'"
_TALKED = f"{_COUNTED} AND (r.contact OR r.result = 'human' OR r.talk_s > 0)"

_unknown = partial(of_rows, severity=Severity.WARNING)


def _never(table: str, name: str, says: str, column: str, counts: str = "true") -> Check:
    return Check(
        name=name,
        table=table,
        says=says,
        severity=Severity.WARNING,
        touches=(column,),
        finds=Never(column, counts),
    )


MISSING = (
    _unknown(
        "calls",
        "calls_without_lead",
        "Dials that name no lead",
        f"{_OUT} AND r.lead_id IS NULL",
        "lead_id>leads",
        severity=Severity.INFO,
    ),
    _unknown(
        "calls",
        "calls_without_party",
        "Dials of whom nobody knows whom they were to: neither lead nor phone token",
        f"{_OUT} AND r.lead_id IS NULL AND r.phone_token IS NULL",
        "lead_id phone_token",
    ),
    _unknown(
        "calls",
        "calls_without_campaign",
        "Calls that name no campaign",
        f"{_COUNTED} AND r.campaign_id IS NULL",
        "campaign_id",
        severity=Severity.INFO,
    ),
    _unknown(
        "calls",
        "calls_without_list",
        "Dials that name no list",
        f"{_OUT} AND r.list_id IS NULL",
        "list_id",
        severity=Severity.INFO,
    ),
    _unknown(
        "calls",
        "calls_without_agent",
        "Conversations that name no agent",
        f"{_TALKED} AND r.agent_id IS NULL AND r.result IS DISTINCT FROM 'machine'"
        " AND r.result IS DISTINCT FROM 'dropped'",
        "agent_id",
    ),
    _unknown(
        "calls",
        "calls_without_direction",
        "Calls of unknown direction, which count as nobody's",
        "r.test IS NOT TRUE AND r.direction IS NULL",
        "direction",
    ),
    _unknown(
        "calls",
        "calls_without_result",
        "Calls without a result",
        f"{_COUNTED} AND r.result IS NULL",
        "result",
    ),
    _unknown(
        "calls",
        "calls_without_local_time",
        "Dials of which nobody knows the local hour",
        f"{_OUT} AND r.local_hour IS NULL",
        "timezone local_hour",
    ),
    _never("calls", "contact_never_recorded", "No call says 'contact'", "contact", _OUT),
    _never("calls", "conversion_never_recorded", "No call says 'converted'", "converted", _OUT),
    _never("calls", "talk_never_recorded", "No call says how long it was talked", "talk_s", _OUT),
    _unknown(
        "agent_time",
        "agent_time_without_agent",
        "Intervals of nobody",
        "r.agent_id IS NULL",
        "agent_id",
    ),
    _unknown(
        "agent_time",
        "agent_time_without_state",
        "Intervals without a state",
        "r.state IS NULL",
        "state",
    ),
    _unknown(
        "agent_time",
        "agent_time_unfinished",
        "Intervals without an end, which never count",
        "r.ended_at IS NULL",
        "ended_at",
    ),
    _never("agent_time", "paid_never_recorded", "No interval says whether it is paid", "paid"),
    _unknown(
        "leads",
        "leads_without_source",
        "Leads that do not say where they came from",
        "r.lead_source IS NULL",
        "lead_source",
        severity=Severity.INFO,
    ),
    _unknown(
        "deals",
        "deals_without_amount",
        "Open and won deals without an amount",
        "r.amount IS NULL AND r.status IS DISTINCT FROM 'lost'",
        "amount",
    ),
    _unknown(
        "deals",
        "deals_without_end",
        "Deals won or lost nobody knows when",
        "r.status IN ('won', 'lost') AND r.closed_at IS NULL",
        "closed_at",
    ),
    _unknown(
        "stages",
        "stages_without_deal",
        "Visits to a stage of neither a deal nor a lead",
        "r.deal_id IS NULL AND r.lead_id IS NULL",
        "deal_id",
    ),
    _unknown(
        "orders",
        "orders_without_customer",
        "Orders that name no customer",
        "r.customer_id IS NULL",
        "customer_id",
    ),
    _unknown(
        "orders",
        "orders_without_amount",
        "Orders without an amount",
        "r.amount IS NULL",
        "amount",
    ),
    _unknown(
        "orders",
        "orders_without_kind",
        "Orders that do not say whether they are new, repeat, cross-sell, up-sell or renewal",
        "r.kind IS NULL",
        "kind",
    ),
    _unknown(
        "orders",
        "orders_credited_to_nobody",
        "Orders that are credited to no agent and no campaign",
        "r.credited_agent_id IS NULL AND r.credited_campaign_id IS NULL",
        "credited_agent_id credited_campaign_id",
        severity=Severity.INFO,
    ),
    _unknown(
        "surveys",
        "surveys_without_kind",
        "Surveys of unknown kind",
        "r.kind IS NULL",
        "kind",
    ),
    _unknown(
        "surveys",
        "surveys_without_score",
        "Surveys that were answered without a score",
        "r.answered_at IS NOT NULL AND r.score IS NULL",
        "score",
    ),
    _unknown(
        "reviews",
        "reviews_without_call",
        "Answers on scorecards that name no call",
        "r.call_id IS NULL",
        "call_id",
    ),
    _unknown(
        "costs",
        "costs_without_amount",
        "Costs without an amount",
        "r.amount IS NULL",
        "amount",
    ),
    _unknown(
        "costs",
        "costs_without_category",
        "Costs without a category",
        "r.category IS NULL",
        "category",
    ),
    _unknown(
        "assignments",
        "assignments_without_variant",
        "Assignments without an experiment, a variant or whom they are of",
        "r.experiment IS NULL OR r.variant IS NULL OR r.unit IS NULL OR r.unit_id IS NULL",
        "variant",
    ),
    _unknown(
        "targets",
        "targets_without_value",
        "Targets without a KPI or a value",
        "r.kpi IS NULL OR r.value IS NULL",
        "value",
    ),
)
"""Checks of what is unknown."""
