"""Who calls?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type

AGENTS = Table(
    name="agents",
    key="agent_id",
    clock=None,
    meaning="People who call, one row each, as they are now.",
    columns=(
        Column("agent_id", Type.TEXT, "Names the agent in calls and agent_time."),
        Column("name", Type.TEXT, "What the agent is called.", personal=True),
        Column("team", Type.TEXT, "The team the agent belongs to now."),
        Column("hired_on", Type.DATE, "First day of work; tenure counts from here."),
        Column("left_on", Type.DATE, "Last day of work."),
        Column("hourly_cost", Type.MONEY, "What an hour of the agent costs."),
        Column("currency", Type.TEXT, "ISO 4217 code of hourly_cost."),
        Column("language", Type.TEXT, "The language the agent works in."),
    ),
)
