"""Do the clocks of those who record agree?"""

from __future__ import annotations

from dialgauge.checks.check import Check, Known, Severity, Where

_US = 1_000_000
_SLACK_S = 300
_SKEW_S = 2 * 3600

_HAPPEN = {
    "calls": "started_at",
    "agent_time": "started_at",
    "leads": "created_at",
    "meetings": "held_at",
    "deals": "created_at",
    "stages": "entered_at",
    "orders": "ordered_at",
    "surveys": "asked_at",
    "reviews": "reviewed_at",
    "customers": "acquired_at",
}
"""Table to a time that cannot lie ahead."""


def _ahead(table: str, clock: str) -> Check:
    return Check(
        name=f"{table}_in_future",
        table=table,
        says="Rows of {table} whose {column} lies ahead: a clock or a time zone is wrong",
        severity=Severity.ERROR,
        touches=(clock,),
        finds=Where(f"epoch_us(r.{clock}) > epoch_us({{now}}) + {_SLACK_S * _US}"),
        text="in_future",
        words={"table": table, "column": clock},
    )


def _before_call(table: str, clock: str, name: str, says: str) -> Check:
    call = Known("named_calls", "r.call_id", "call_id")
    # Orders and the like may be written to the day, as at its midnight.
    day = 86_400 * _US
    return Check(
        name=name,
        table=table,
        says=says,
        severity=Severity.WARNING,
        touches=(clock,),
        finds=Where(
            f"epoch_us(r.{clock}) + {_SLACK_S * _US} < epoch_us(named_calls.started_at)"
            f" AND (epoch_us(r.{clock}) // {day} < epoch_us(named_calls.started_at) // {day}"
            f" OR epoch_us(r.{clock}) % {day} <> 0)",
            (call,),
        ),
    )


CLOCKS = (
    *(_ahead(table, clock) for table, clock in _HAPPEN.items()),
    _before_call(
        "orders", "ordered_at", "orders_before_their_call", "Orders made before their call began"
    ),
    _before_call(
        "surveys", "asked_at", "surveys_before_their_call", "Surveys put before their call began"
    ),
    _before_call(
        "reviews",
        "reviewed_at",
        "reviews_before_their_call",
        "Reviews made before their call began",
    ),
    Check(
        name="surveys_answered_before_asked",
        table="surveys",
        says="Surveys that were answered before they were put",
        severity=Severity.WARNING,
        touches=("asked_at", "answered_at"),
        finds=Where(f"epoch_us(r.answered_at) + {_SLACK_S * _US} < epoch_us(r.asked_at)"),
    ),
    Check(
        name="calls_after_agent_time",
        table="calls",
        says="Calls of agents hours after the last agent time of the same source:"
        " its clocks or time zones differ, or agent time is missing",
        severity=Severity.WARNING,
        touches=("started_at", "agent_time.started_at"),
        finds=Where(
            "r.agent_id IS NOT NULL AND r.test IS NOT TRUE"
            f" AND epoch_us(r.started_at) > last_agent_time.until_us + {_SKEW_S * _US}",
            (Known("last_agent_time", "coalesce(r.source, '')", "source"),),
        ),
    ),
)
"""Checks of times that lie ahead, or in the wrong order."""
