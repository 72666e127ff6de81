"""Which opportunities are in the pipeline, and how did they end?"""

from __future__ import annotations

from dialgauge.model.fact import Alive, Fact, Lookup, Money
from dialgauge.model.measure import count, median, time_to, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import CURRENCY, SOURCE, VALUE_CURRENCY, agent_tenure

STATUSES = ("open", "won", "lost")

DEALS = Table(
    name="deals",
    key="deal_id",
    clock="created_at",
    meaning="Opportunities in a pipeline, one row each.",
    columns=(
        Column("deal_id", Type.TEXT, "Names the deal."),
        Column("lead_id", Type.TEXT, "With whom."),
        Column("customer_id", Type.TEXT, "The customer, once it is one."),
        Column("agent_id", Type.TEXT, "Who works on it."),
        Column("campaign_id", Type.TEXT, "The campaign it came from."),
        Column("created_at", Type.TIME, "When it was opened."),
        Column("closed_at", Type.TIME, "When it was won or lost."),
        Column("status", Type.TEXT, "How it stands.", STATUSES),
        Column("amount", Type.MONEY, "What it is worth."),
        CURRENCY,
        Column("pipeline", Type.TEXT, "The pipeline it is in."),
        SOURCE,
        Column("value", Type.MONEY, "The amount in the lake's currency.", derived=True),
        VALUE_CURRENCY,
    ),
)

_WON = "status = 'won'"
_LOST = "status = 'lost'"
_DECIDED = "status in ('won', 'lost')"
_OPEN = (
    "created_at < bucket_end and"
    " (closed_at >= bucket_end or (closed_at is null and coalesce(status, 'open') = 'open'))"
)
_WHEN_KNOWN = "closed_at is not null or coalesce(status, 'open') = 'open'"
"""Deals that are closed without a day waited nobody knows how long."""
_BEGAN = (
    "case when journeys.first_dial_at <= coalesce(closed_at, now) then journeys.first_dial_at"
    " else created_at end"
)
_CYCLE_DAYS = f"greatest(seconds_between({_BEGAN}, coalesce(closed_at, now)) / 86400, 0)"

DEALS_FACT = Fact(
    table=DEALS,
    clocks=("created_at", "closed_at"),
    alive=Alive(since="created_at", until="closed_at"),
    money=Money(days=("closed_at", "created_at")),
    lookups=(
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        Lookup(table="agents", on="agent_id"),
        Lookup(table="customers", on="customer_id"),
        Lookup(table="lifetimes", on="customer_id"),
        *experiment_lookups(lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "campaign": "coalesce(campaign_id, leads.campaign_id)",
        "list": "leads.list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("created_at"),
        "region": "coalesce(leads.region, customers.region)",
        "country": "coalesce(leads.country, customers.country)",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "pipeline": "pipeline",
        **experiment_dimensions(lead="created_at", agent="created_at"),
        "source": "source",
    },
    measures={
        "created": count(),
        "won": count(_WON, clock="closed_at"),
        "lost": count(_LOST, clock="closed_at"),
        "decided": count(_DECIDED, clock="closed_at"),
        "won_value": total("value", _WON, clock="closed_at", empty=None),
        "won_with_value": count(f"{_WON} and value is not null", clock="closed_at"),
        "open": count(_OPEN, clock="alive"),
        "open_value": total("value", _OPEN, clock="alive"),
        "days_to_win": time_to(_CYCLE_DAYS, _WON, _WHEN_KNOWN, instead=_LOST),
        "days_of_won": total(_CYCLE_DAYS, _WON, clock="closed_at", empty=None),
        "median_days_of_won": median(_CYCLE_DAYS, _WON, clock="closed_at"),
    },
)
