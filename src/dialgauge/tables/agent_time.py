"""How do agents spend their time?

Each row is an interval in one state. Questions split it at the edges of their time buckets, so an
interval across midnight counts in both days. Intervals without an end never count.
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup, Spread
from dialgauge.model.measure import total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import agent_tenure

STATES = ("available", "talking", "hold", "wrap", "paused", "offline")

AGENT_TIME = Table(
    name="agent_time",
    key="interval_id",
    clock="started_at",
    by_month=True,
    meaning="Intervals of agents' time, each in one state.",
    columns=(
        Column("interval_id", Type.TEXT, "Names the interval."),
        Column("agent_id", Type.TEXT, "The agent."),
        Column("state", Type.TEXT, "What the agent was doing.", STATES),
        Column("reason", Type.TEXT, "The pause code or other reason, as the system wrote it."),
        Column("started_at", Type.TIME, "When the state began."),
        Column("ended_at", Type.TIME, "When it ended."),
        Column("paid", Type.BOOL, "The time is paid."),
        Column("billable", Type.BOOL, "The time is billed to a client."),
        Column("campaign_id", Type.TEXT, "The campaign worked for."),
        Column("source", Type.TEXT, "The system it was read from."),
    ),
)

AGENT_TIME_FACT = Fact(
    table=AGENT_TIME,
    clocks=("started_at",),
    left_out={"unfinished": "ended_at is null"},
    lookups=(
        Lookup(table="agents", on="agent_id"),
        *experiment_lookups(agent="agent_id"),
    ),
    spread=Spread.INTERVAL,
    dimensions={
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("started_at"),
        "campaign": "campaign_id",
        **experiment_dimensions(agent="started_at"),
        "source": "source",
    },
    measures={
        "working": total("seconds", "state in ('available', 'talking', 'hold', 'wrap')"),
        "occupied": total("seconds", "state in ('talking', 'hold', 'wrap')"),
        "available": total("seconds", "state = 'available'"),
        "logged_in": total("seconds", "state != 'offline'"),
        "paid": total("seconds", "paid"),
    },
)
