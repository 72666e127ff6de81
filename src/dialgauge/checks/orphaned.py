"""Which rows name something that nobody else knows?"""

from __future__ import annotations

from dialgauge.checks.check import Check, Known, Severity, Where

_KEYS = {
    "leads": "lead_id",
    "agents": "agent_id",
    "campaigns": "campaign_id",
    "customers": "customer_id",
    "deals": "deal_id",
    "named_calls": "call_id",
    "lead_lists": "list_id",
}
_NOUNS = {
    "leads": "lead",
    "agents": "agent",
    "campaigns": "campaign",
    "customers": "customer",
    "deals": "deal",
    "named_calls": "call",
    "lead_lists": "list",
}
_OF = {"named_calls": "calls", "lead_lists": "leads"}

_REFERENCES = {
    "calls": ("leads", "agents", "campaigns", "customers", "lead_lists"),
    "agent_time": ("agents", "campaigns"),
    "leads": ("campaigns", "customers"),
    "meetings": ("leads", "agents", "campaigns"),
    "deals": ("leads", "customers", "agents", "campaigns"),
    "stages": ("deals", "leads"),
    "customers": ("leads",),
    "orders": ("customers", "named_calls", "deals", "leads", "agents", "campaigns"),
    "conversations": ("named_calls",),
    "reviews": ("named_calls", "agents"),
    "surveys": ("named_calls", "customers", "agents"),
    "costs": ("campaigns", "agents"),
}
"""Table to where its references are looked up, each by the column of the other's key."""


def _orphans(table: str, relation: str) -> Check:
    key = _KEYS[relation]
    known = Known(relation, f"r.{key}", key)
    # Lists have no table of their own, and a list that no lead is on yet may be right.
    severity = Severity.INFO if relation == "lead_lists" else Severity.WARNING
    return Check(
        name=f"{table}_of_unknown_{_NOUNS[relation]}",
        table=table,
        says="Rows of {table} whose {column} is not in {other}",
        severity=severity,
        touches=(f"{key}>{_OF.get(relation, relation)}",),
        finds=Where(f"r.{key} IS NOT NULL AND {relation}.{key} IS NULL", (known,)),
        text="orphaned",
        words={"table": table, "column": key, "other": _OF.get(relation, relation)},
    )


_UNIT = "r.unit = '{unit}' AND r.unit_id IS NOT NULL AND {relation}.{key} IS NULL"


def _lost_unit(unit: str, relation: str) -> Check:
    key = _KEYS[relation]
    known = Known(relation, f"CASE WHEN r.unit = '{unit}' THEN r.unit_id END", key)
    return Check(
        name=f"assignments_of_unknown_{unit}",
        table="assignments",
        says="Rows of {table} whose {column} is not in {other}",
        severity=Severity.WARNING,
        touches=("unit_id",),
        finds=Where(_UNIT.format(unit=unit, relation=relation, key=key), (known,)),
        text="orphaned",
        words={"table": "assignments", "column": "unit_id", "other": _OF.get(relation, relation)},
    )


ORPHANED = (
    *(_orphans(table, other) for table, others in _REFERENCES.items() for other in others),
    _lost_unit("lead", "leads"),
    _lost_unit("agent", "agents"),
    _lost_unit("call", "named_calls"),
)
"""Checks of references; each needs rows in the table referred to."""
