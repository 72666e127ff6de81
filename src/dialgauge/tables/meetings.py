"""Which meetings were agreed, and did they take place?"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import SOURCE, agent_tenure

MEETINGS = Table(
    name="meetings",
    key="meeting_id",
    clock="set_at",
    meaning="Meetings agreed on the phone, one row each.",
    columns=(
        Column("meeting_id", Type.TEXT, "Names the meeting."),
        Column("lead_id", Type.TEXT, "With whom."),
        Column("agent_id", Type.TEXT, "The agent who set it."),
        Column("campaign_id", Type.TEXT, "The campaign it came from."),
        Column("set_at", Type.TIME, "When it was agreed."),
        Column("due_at", Type.TIME, "When it should take place."),
        Column("held_at", Type.TIME, "When it took place."),
        Column("cancelled_at", Type.TIME, "When it was called off."),
        SOURCE,
    ),
)

_DUE = "cancelled_at is null"

MEETINGS_FACT = Fact(
    table=MEETINGS,
    clocks=("set_at", "due_at", "held_at"),
    lookups=(
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        Lookup(table="agents", on="agent_id"),
        *experiment_lookups(lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "leads.list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("set_at"),
        "region": "leads.region",
        "country": "leads.country",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        **experiment_dimensions(lead="set_at", agent="set_at"),
        "source": "source",
    },
    measures={
        "set": count(),
        "held": count(clock="held_at"),
        "due": count(_DUE, clock="due_at", matures_in=0),
        "kept": count(f"{_DUE} and held_at is not null", clock="due_at", matures_in=0),
    },
)
