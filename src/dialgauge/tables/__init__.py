"""Which tables does the lake hold?

One file a table: its columns and, when things happen in it, the fact with its dimensions and
measures. `TABLES` and `FACTS` list them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.model.fact import Fact
from dialgauge.model.table import Table
from dialgauge.tables.agent_time import AGENT_TIME_FACT
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.callbacks import CALLBACKS_FACT
from dialgauge.tables.calls import CALLS_FACT
from dialgauge.tables.campaigns import CAMPAIGNS
from dialgauge.tables.journeys import JOURNEYS_FACT
from dialgauge.tables.leads import LEADS_FACT

FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        fact.name: fact
        for fact in (CALLS_FACT, AGENT_TIME_FACT, LEADS_FACT, JOURNEYS_FACT, CALLBACKS_FACT)
    }
)
"""Fact name to fact."""

TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (AGENTS, CAMPAIGNS, *(fact.table for fact in FACTS.values()))}
)
"""Table name to table."""
