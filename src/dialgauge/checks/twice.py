"""What is there twice, or two at a time where there can be one?"""

from __future__ import annotations

from dialgauge.checks.check import Check, Keys, Severity

_SLACK_US = 2_000_000
"""Microseconds that neighbours may overlap, since times are rounded to seconds."""

# Only while there is talk is an agent surely busy: diallers ring several people at once.
_TALKS = (
    "SELECT call_id AS key, agent_id AS whose, epoch_us(ended_at) AS until_us,"
    " epoch_us(ended_at) - CAST(talk_s * 1e6 AS BIGINT) AS from_us FROM {calls}"
    " WHERE agent_id IS NOT NULL AND talk_s > 0 AND talk_s < 86400 AND test IS NOT TRUE"
)
_INTERVALS = (
    "SELECT interval_id AS key, agent_id AS whose, epoch_us(ended_at) AS until_us,"
    " epoch_us(started_at) AS from_us FROM {agent_time}"
    " WHERE agent_id IS NOT NULL AND ended_at >= started_at"
)
_VISITS = (
    "SELECT stage_id AS key, party_id AS whose, epoch_us(left_at) AS until_us,"
    " epoch_us(entered_at) AS from_us FROM {stages} WHERE party_id IS NOT NULL"
)


def _overlapping(spans: str) -> Keys:
    """Find what began while the one before it, of the same agent or deal, still went on.

    Where any two overlap, one overlaps the one right before it, so looking back once is enough.
    """
    return Keys(
        "SELECT key FROM (SELECT key, from_us, lag(until_us) OVER"
        f" (PARTITION BY whose ORDER BY from_us, until_us) AS before_us FROM ({spans}))"
        f" WHERE from_us + {_SLACK_US} < before_us"
    )


_SEVERAL_VARIANTS = (
    "SELECT assignment_id AS key FROM (SELECT assignment_id, min(variant) OVER whole AS first,"
    " max(variant) OVER whole AS last FROM {assignments}"
    " WHERE unit_id IS NOT NULL AND experiment IS NOT NULL"
    " WINDOW whole AS (PARTITION BY unit, unit_id, experiment)) WHERE first <> last"
)
_SHARED_NUMBERS = (
    "SELECT phone_token FROM {leads} WHERE phone_token IS NOT NULL"
    " GROUP BY phone_token HAVING count(*) > 1"
)
_NUMBERS_OF_CUSTOMERS = (
    "SELECT u.customer_id, l.phone_token FROM {customers} AS u"
    " JOIN {leads} AS l ON l.lead_id = u.lead_id WHERE l.phone_token IS NOT NULL"
)

TWICE = (
    Check(
        name="overlapping_calls",
        table="calls",
        says="Calls on which an agent talked before the talk on another had ended",
        severity=Severity.WARNING,
        touches=("talk_s", "agent_id"),
        finds=_overlapping(_TALKS),
    ),
    Check(
        name="overlapping_agent_time",
        table="agent_time",
        says="Intervals of an agent that began before another one had ended; both count",
        severity=Severity.ERROR,
        touches=("started_at", "ended_at"),
        finds=_overlapping(_INTERVALS),
    ),
    Check(
        name="overlapping_visits",
        table="stages",
        says="Visits of a deal to a stage that began before it had left another",
        severity=Severity.WARNING,
        touches=("left_at",),
        finds=_overlapping(_VISITS),
    ),
    Check(
        name="assignments_to_several_variants",
        table="assignments",
        says="Assignments of one lead, agent or call to different variants of an experiment",
        severity=Severity.WARNING,
        touches=("variant",),
        finds=Keys(_SEVERAL_VARIANTS),
    ),
    Check(
        name="duplicate_leads",
        table="leads",
        says="Leads that share their phone number with another lead",
        severity=Severity.WARNING,
        touches=("lead_id", "created_at", "calls.lead_id"),
        finds=Keys(
            f"SELECT lead_id AS key FROM {{leads}} WHERE phone_token IN ({_SHARED_NUMBERS})"
        ),
    ),
    Check(
        name="duplicate_customers",
        table="customers",
        says="Customers who share their phone number with another customer",
        severity=Severity.WARNING,
        touches=("customer_id", "acquired_at", "orders.customer_id"),
        needs=("leads",),
        finds=Keys(
            f"SELECT customer_id AS key FROM ({_NUMBERS_OF_CUSTOMERS}) WHERE phone_token IN"
            f" (SELECT phone_token FROM ({_NUMBERS_OF_CUSTOMERS}) GROUP BY 1 HAVING count(*) > 1)"
        ),
    ),
)
"""Checks of duplicates and overlaps."""
