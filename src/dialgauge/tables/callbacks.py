"""Do we call back when we said we would?

Made by `prepare`: one row for each call on which a callback was promised.
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups

CALLBACKS = Table(
    name="callbacks",
    key="call_id",
    clock="due_at",
    by_month=True,
    derived=True,
    made_from="calls",
    meaning="Promised callbacks, and whether they were kept.",
    columns=(
        Column("call_id", Type.TEXT, "The call on which it was promised."),
        Column("due_at", Type.TIME, "When we promised to call."),
        Column("dialled_at", Type.TIME, "First dial from 5 minutes before to 30 after."),
        Column("party_id", Type.TEXT, "Whom we promised it."),
        Column("campaign_id", Type.TEXT, "The campaign of the promise."),
        Column("list_id", Type.TEXT, "The list."),
        Column("agent_id", Type.TEXT, "Who promised."),
        Column("region", Type.TEXT, "Where the called party is."),
        Column("country", Type.TEXT, "The called party's country."),
        Column("timezone", Type.TEXT, "The called party's zone."),
        Column("source", Type.TEXT, "The system it was read from."),
    ),
)

CALLBACKS_FACT = Fact(
    table=CALLBACKS,
    clocks=("due_at",),
    lookups=(
        Lookup(table="agents", on="agent_id"),
        Lookup(table="leads", on="party_id"),
        Lookup(table="journeys", on="party_id"),
        *experiment_lookups(call="call_id", lead="party_id", agent="agent_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "region": "region",
        "country": "country",
        "timezone": "timezone",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        **experiment_dimensions(call=WHOLE, lead="due_at", agent="due_at"),
        "source": "source",
    },
    measures={
        "due": count(matures_in=1800),
        "kept": count("dialled_at is not null", matures_in=1800),
    },
)
