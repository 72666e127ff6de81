"""Which tables have stopped, or never begun?"""

from __future__ import annotations

from dialgauge.checks.check import Check, Empty, Late, Severity

LATE_AFTER = {
    "calls": ("started_at", 7),
    "agent_time": ("started_at", 7),
    "conversations": ("started_at", 14),
    "leads": ("created_at", 14),
    "meetings": ("set_at", 30),
    "deals": ("created_at", 30),
    "stages": ("entered_at", 30),
    "orders": ("ordered_at", 30),
    "customers": ("acquired_at", 30),
    "surveys": ("asked_at", 30),
    "reviews": ("reviewed_at", 30),
    "costs": ("ends_on", 45),
}
"""Table to its clock and how many days it may be behind the newest of all."""


def _late(table: str, clock: str, days: int) -> Check:
    return Check(
        name=f"{table}_stopped",
        table=table,
        says="The newest row of {table} is more than {days} days behind the newest of all",
        severity=Severity.WARNING,
        touches=(clock,),
        finds=Late(days),
        text="stopped",
        words={"table": table, "days": str(days)},
    )


def _empty(table: str) -> Check:
    return Check(
        name=f"no_{table}",
        table=table,
        says="The table {table} is empty",
        severity=Severity.INFO,
        touches=("*",),
        finds=Empty(),
        text="empty",
        words={"table": table},
    )


STALE = (
    *(_late(table, clock, days) for table, (clock, days) in LATE_AFTER.items()),
    *(_empty(table) for table in (*LATE_AFTER, "agents", "campaigns")),
)
"""Checks of whole tables."""
