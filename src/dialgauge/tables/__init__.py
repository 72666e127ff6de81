"""Which tables does the lake hold?

One file a table: its columns and, when things happen in it, the fact with its dimensions and
measures. `TABLES` and `FACTS` list them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.model.fact import Fact
from dialgauge.model.table import Table
from dialgauge.tables.active_spells import ACTIVE_SPELLS_FACT
from dialgauge.tables.agent_time import AGENT_TIME_FACT
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.assignments import ASSIGNMENTS
from dialgauge.tables.callbacks import CALLBACKS_FACT
from dialgauge.tables.calls import CALLS_FACT
from dialgauge.tables.campaigns import CAMPAIGNS
from dialgauge.tables.conversations import CONVERSATIONS_FACT
from dialgauge.tables.cost_shares import COST_SHARES_FACT
from dialgauge.tables.costs import COSTS
from dialgauge.tables.currencies import CURRENCIES
from dialgauge.tables.customers import CUSTOMERS
from dialgauge.tables.deals import DEALS_FACT
from dialgauge.tables.experiments import EXPERIMENTS
from dialgauge.tables.journeys import JOURNEYS_FACT
from dialgauge.tables.leads import LEADS_FACT
from dialgauge.tables.lifetimes import LIFETIMES_FACT
from dialgauge.tables.meetings import MEETINGS_FACT
from dialgauge.tables.orders import ORDERS_FACT
from dialgauge.tables.reviews import REVIEWS_FACT
from dialgauge.tables.scores import REVIEWED_CALLS, SCORES_FACT
from dialgauge.tables.stages import STAGE_NORMS, STAGES_FACT
from dialgauge.tables.surveys import SURVEYS_FACT
from dialgauge.tables.targets import TARGETS

FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        fact.name: fact
        for fact in (
            CALLS_FACT,
            AGENT_TIME_FACT,
            LEADS_FACT,
            JOURNEYS_FACT,
            CALLBACKS_FACT,
            MEETINGS_FACT,
            DEALS_FACT,
            STAGES_FACT,
            LIFETIMES_FACT,
            ACTIVE_SPELLS_FACT,
            ORDERS_FACT,
            COST_SHARES_FACT,
            SURVEYS_FACT,
            REVIEWS_FACT,
            SCORES_FACT,
            CONVERSATIONS_FACT,
        )
    }
)
"""Fact name to fact."""

_PLAIN = (
    AGENTS,
    CAMPAIGNS,
    CUSTOMERS,
    COSTS,
    ASSIGNMENTS,
    TARGETS,
    CURRENCIES,
    STAGE_NORMS,
    REVIEWED_CALLS,
    *EXPERIMENTS.values(),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (*_PLAIN, *(fact.table for fact in FACTS.values()))}
)
"""Table name to table."""
