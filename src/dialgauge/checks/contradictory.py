"""Which records of calling contradict themselves?

Tolerances allow for what honest systems do: times rounded to seconds, durations rounded apart
from the times they lie between.
"""

from __future__ import annotations

from dialgauge.checks.check import Check, Known, Severity, Where, of_rows

_UNANSWERED = "('busy', 'no_answer', 'invalid', 'congestion', 'rejected', 'cancelled', 'failed')"
_LASTED = "(epoch_us(r.ended_at) - epoch_us(r.started_at)) / 1e6"
_SECONDS = ("ring_s", "wait_s", "talk_s", "hold_s", "wrap_s")
_LONGEST = 86_400


def _wrong(  # noqa: PLR0913 - each says something of its own
    table: str,
    name: str,
    says: str,
    where: str,
    touches: str,
    *,
    severity: Severity = Severity.ERROR,
) -> Check:
    """Make a check of rows; what a test call says need not be true."""
    counts = " AND r.test IS NOT TRUE" if table == "calls" else ""
    return of_rows(table, name, says, f"({where}){counts}", touches, severity=severity)


CONTRADICTORY = (
    _wrong(
        "calls",
        "calls_ended_before_started",
        "Calls that ended before they began",
        "r.ended_at < r.started_at",
        "started_at",
    ),
    _wrong(
        "calls",
        "calls_answered_before_started",
        "Calls that were answered before they began",
        "r.answered_at < r.started_at",
        "started_at",
    ),
    _wrong(
        "calls",
        "calls_answered_after_ended",
        "Calls that were answered after they had ended",
        "r.answered_at > r.ended_at AND r.ended_at >= r.started_at",
        "answered_at ended_at",
    ),
    _wrong(
        "calls",
        "talk_longer_than_call",
        "Calls with more talk than there is time between their beginning and their end",
        f"r.ended_at >= r.started_at AND r.talk_s > {_LASTED} + 1",
        "talk_s",
    ),
    _wrong(
        "calls",
        "calls_answered_without_time",
        "Answered calls that do not say when",
        "r.result IN ('human', 'machine', 'answered') AND r.answered_at IS NULL",
        "answered_at",
        severity=Severity.INFO,
    ),
    _wrong(
        "calls",
        "calls_unanswered_with_time",
        "Calls that nobody answered, by their result, yet with a time of answer",
        f"r.result IN {_UNANSWERED} AND r.answered_at IS NOT NULL",
        "result",
        severity=Severity.WARNING,
    ),
    _wrong(
        "calls",
        "calls_unanswered_with_talk",
        "Calls that nobody answered, by their result, yet with talk or contact",
        f"r.result IN {_UNANSWERED} AND (r.talk_s > 0 OR r.contact)",
        "result contact talk_s",
        severity=Severity.WARNING,
    ),
    _wrong(
        "calls",
        "calls_converted_without_contact",
        "Calls that converted somebody without contact",
        "r.converted AND r.contact IS FALSE",
        "converted contact",
        severity=Severity.WARNING,
    ),
    _wrong(
        "calls",
        "calls_with_negative_seconds",
        "Calls with a duration below 0",
        f"least({', '.join(f'r.{name}' for name in _SECONDS)}) < 0",
        " ".join(_SECONDS),
    ),
    _wrong(
        "calls",
        "calls_over_24_hours",
        "Calls or parts of them that lasted more than 24 hours",
        f"greatest({_LASTED}, {', '.join(f'r.{name}' for name in _SECONDS)}) > {_LONGEST}",
        " ".join(_SECONDS),
    ),
    _wrong(
        "agent_time",
        "agent_time_ends_before_it_starts",
        "Intervals that ended before they began",
        "r.ended_at < r.started_at",
        "started_at ended_at",
    ),
    _wrong(
        "agent_time",
        "agent_time_over_24_hours",
        "Intervals of more than 24 hours in one state, offline apart",
        "r.state IS DISTINCT FROM 'offline'"
        f" AND epoch_us(r.ended_at) - epoch_us(r.started_at) > {_LONGEST}000000",
        "started_at ended_at",
        severity=Severity.WARNING,
    ),
    Check(
        name="conversations_longer_than_call",
        table="conversations",
        says="Recordings with more talk and silence than their call is long",
        severity=Severity.WARNING,
        touches=("agent_talk_s", "customer_talk_s", "silence_s"),
        finds=Where(
            "r.agent_talk_s + r.customer_talk_s + coalesce(r.silence_s, 0)"
            " - coalesce(r.overlap_s, 0) >"
            " (epoch_us(named_calls.ended_at) - epoch_us(named_calls.started_at)) / 1e6 + 5",
            (Known("named_calls", "r.call_id", "call_id"),),
        ),
    ),
    _wrong(
        "agents",
        "agents_left_before_hired",
        "Agents who left before they were hired",
        "r.left_on < r.hired_on",
        "hired_on",
        severity=Severity.WARNING,
    ),
    _wrong(
        "campaigns",
        "campaigns_ended_before_started",
        "Campaigns that ended before they began",
        "r.ended_on < r.started_on",
        "started_on",
        severity=Severity.WARNING,
    ),
    _wrong(
        "surveys",
        "scores_outside_scale",
        "Scores of satisfaction or effort outside their scale",
        "r.kind IS DISTINCT FROM 'nps' AND (r.score < 0 OR r.score > coalesce(r.scale, 5))",
        "score scale",
    ),
    _wrong(
        "surveys",
        "nps_outside_scale",
        "Recommendations that are not on the scale of 0 to 10 and left out of NPS",
        "r.kind = 'nps' AND (r.score < 0 OR r.score > 10 OR r.scale <> 10)",
        "score scale",
        severity=Severity.WARNING,
    ),
    _wrong(
        "reviews",
        "reviews_over_the_most",
        "Answers on scorecards with more points than there are, or less than 0",
        "r.score > coalesce(r.max_score, 1) OR r.score < 0",
        "score max_score",
    ),
    _wrong(
        "reviews",
        "reviews_without_weight",
        "Answers on scorecards whose weight or whose most points are 0 or less",
        "r.score IS NOT NULL AND (r.weight <= 0 OR r.max_score <= 0)",
        "weight max_score",
        severity=Severity.WARNING,
    ),
)
"""Checks of calls, agents, surveys and reviews."""
