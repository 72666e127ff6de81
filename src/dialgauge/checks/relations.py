"""What is looked up besides the tables themselves?

Small relations that several checks share. Each is made once, and only when a check that is run
reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Made:
    """A relation that is made before checks are run.

    Attributes:
        of: The table without whose rows it has none.
        query: SQL; `{calls}` and the like stand for tables.
    """

    of: str
    query: str


_NAMING_CALLS = ("orders", "surveys", "reviews", "conversations")

MADE: Mapping[str, Made] = MappingProxyType(
    {
        # The few calls that others name: one look through all calls instead of one for each table.
        "named_calls": Made(
            "calls",
            "SELECT call_id, started_at, ended_at FROM {calls} WHERE call_id IN ("
            + " UNION ALL ".join(f"SELECT call_id FROM {{{name}}}" for name in _NAMING_CALLS)
            + " UNION ALL SELECT unit_id FROM {assignments} WHERE unit = 'call')",
        ),
        "lead_lists": Made(
            "leads", "SELECT DISTINCT list_id FROM {leads} WHERE list_id IS NOT NULL"
        ),
        "customer_leads": Made(
            "customers", "SELECT DISTINCT lead_id FROM {customers} WHERE lead_id IS NOT NULL"
        ),
        "last_agent_time": Made(
            "agent_time",
            "SELECT coalesce(source, '') AS source,"
            " max(epoch_us(greatest(started_at, ended_at))) AS until_us"
            " FROM {agent_time} GROUP BY 1",
        ),
    }
)
"""Relation name to how it is made."""
