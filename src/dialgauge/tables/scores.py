"""How well was each reviewed call handled?

Made by `prepare` from reviews: one row a review. An automatic failure scores 0; the score it
would have had stays beside it. A review with nothing answered has no score. An appeal takes the
place of all other reviews of its call on the same scorecard but calibrations; of several
appeals the last stands. A review of an unknown kind is one like any other.
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups
from dialgauge.tables.reviews import REVIEW_KINDS
from dialgauge.tables.shared import agent_tenure

SCORES = Table(
    name="scores",
    key="review_id",
    clock="reviewed_at",
    derived=True,
    made_from="reviews",
    meaning="Reviews of calls, one row each.",
    columns=(
        Column("review_id", Type.TEXT, "The review."),
        Column("call_id", Type.TEXT, "The call reviewed."),
        Column("reviewed_at", Type.TIME, "When the last answer was given."),
        Column("scorecard", Type.TEXT, "The scorecard."),
        Column("kind", Type.TEXT, "Who reviewed, and what for.", REVIEW_KINDS),
        Column("earned", Type.NUMBER, "Weighted points earned."),
        Column("possible", Type.NUMBER, "Weighted points that could be earned."),
        Column("raw_score", Type.NUMBER, "Earned of possible, 0-1."),
        Column("auto_failed", Type.BOOL, "An answer failed the whole review."),
        Column("score", Type.NUMBER, "The same, 0 after an automatic failure."),
        Column("passed", Type.BOOL, "At or above the pass mark."),
        Column("superseded", Type.BOOL, "An appeal took its place."),
        Column("agent_id", Type.TEXT, "The agent reviewed, of the call else."),
        Column("campaign_id", Type.TEXT, "The campaign of the call."),
        Column("list_id", Type.TEXT, "The list of the call."),
        Column("lead_id", Type.TEXT, "The lead of the call."),
        Column("product", Type.TEXT, "The product of the call."),
        Column("script", Type.TEXT, "The script of the call."),
        Column("source", Type.TEXT, "The system it was read from."),
        Column("called_at", Type.TIME, "When the call began."),
    ),
)

REVIEWED_CALLS = Table(
    name="reviewed_calls",
    key="call_id",
    clock=None,
    derived=True,
    made_from="reviews",
    meaning="Calls that have been reviewed.",
    columns=(
        Column("call_id", Type.TEXT, "The call."),
        Column("reviews", Type.INTEGER, "How many reviews, calibrations aside."),
    ),
)

_AT = "coalesce(called_at, reviewed_at)"
"""What is reviewed later may be a call of before an experiment."""

SCORES_FACT = Fact(
    table=SCORES,
    clocks=("reviewed_at",),
    left_out={"calibration": "kind = 'calibration'", "superseded": "superseded"},
    lookups=(
        Lookup(table="agents", on="agent_id"),
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        *experiment_lookups(call="call_id", lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "scorecard": "scorecard",
        "campaign": "campaign_id",
        "list": "list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("reviewed_at"),
        "region": "leads.region",
        "country": "leads.country",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "product": "product",
        "script": "script",
        **experiment_dimensions(call=WHOLE, lead=_AT, agent=_AT),
        "source": "source",
    },
    measures={
        "reviews": count(),
        "scored": count("score is not null"),
        "score": total("score", "score is not null", empty=None),
        "raw_score": total("raw_score", "raw_score is not null", empty=None),
        "passed": count("passed"),
        "auto_failed": count("score is not null and auto_failed"),
    },
)
