"""When was each customer active?

Made by `prepare`: for a customer under contract one spell, from the day it was acquired to the
day it left; without contracts (see `inactive_after_days` in dialgauge.toml) a spell lasts from an
order until no order has followed for so many days.
"""

from __future__ import annotations

from dialgauge.model.fact import Alive, Fact, Lookup
from dialgauge.model.measure import count
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups

ACTIVE_SPELLS = Table(
    name="active_spells",
    key="spell_id",
    clock="started_at",
    derived=True,
    made_from="customers",
    meaning="Times in which customers were active, one row each.",
    columns=(
        Column("spell_id", Type.TEXT, "The customer and the number of the spell."),
        Column("customer_id", Type.TEXT, "The customer."),
        Column("started_at", Type.TIME, "When it became active."),
        Column("ended_at", Type.TIME, "When it was lost; NULL while under contract."),
        Column("lead_id", Type.TEXT, "The lead it was."),
        Column("campaign_id", Type.TEXT, "The campaign that won it."),
        Column("list_id", Type.TEXT, "The list that won it."),
        Column("agent_id", Type.TEXT, "The agent who won it."),
        Column("source", Type.TEXT, "The system it was read from."),
    ),
)

_AT_START = "started_at < bucket_start and (ended_at is null or ended_at >= bucket_start)"

ACTIVE_SPELLS_FACT = Fact(
    table=ACTIVE_SPELLS,
    clocks=("started_at", "ended_at"),
    alive=Alive(since="started_at", until="ended_at"),
    lookups=(
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        Lookup(table="customers", on="customer_id"),
        Lookup(table="lifetimes", on="customer_id"),
        Lookup(table="agents", on="agent_id"),
        *experiment_lookups(lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "region": "coalesce(customers.region, leads.region)",
        "country": "coalesce(customers.country, leads.country)",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "cohort": "lifetimes.cohort",
        "product": "lifetimes.product",
        **experiment_dimensions(lead="started_at", agent="started_at"),
        "source": "source",
    },
    measures={
        "active": count(
            "started_at < bucket_end and (ended_at is null or ended_at >= bucket_end)",
            clock="alive",
        ),
        "at_start": count(_AT_START, clock="alive"),
        "lost": count(f"{_AT_START} and ended_at < bucket_end", clock="alive"),
        "kept": count(
            f"{_AT_START} and (ended_at is null or ended_at >= bucket_end)", clock="alive"
        ),
    },
)
