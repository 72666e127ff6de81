"""What was paid, for what, and over which days?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.shared import CURRENCY, SOURCE

COST_CATEGORIES = (
    "labour",
    "training",
    "technology",
    "lead_data",
    "infrastructure",
    "management",
    "campaign",
    "other",
)

COST_DRIVERS = ("calls", "talk_time", "agent_hours", "leads", "even")

COSTS = Table(
    name="costs",
    key="cost_id",
    clock="starts_on",
    meaning="What was paid, each for a range of days, both included.",
    columns=(
        Column("cost_id", Type.TEXT, "Names the cost."),
        Column("category", Type.TEXT, "What it was paid for.", COST_CATEGORIES),
        Column("amount", Type.MONEY, "How much, over all its days."),
        CURRENCY,
        Column("starts_on", Type.DATE, "The first day it is for."),
        Column("ends_on", Type.DATE, "The last day it is for; the first when unknown."),
        Column("campaign_id", Type.TEXT, "The campaign it is for."),
        Column("team", Type.TEXT, "The team it is for."),
        Column("agent_id", Type.TEXT, "The agent it is for."),
        Column("lead_source", Type.TEXT, "The lead source it is for."),
        Column("allocate_by", Type.TEXT, "What it is shared out by.", COST_DRIVERS),
        SOURCE,
    ),
)
