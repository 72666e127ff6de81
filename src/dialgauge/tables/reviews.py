"""How well were calls handled, question by question?"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import SOURCE, agent_tenure

REVIEW_KINDS = ("auto", "human", "calibration", "appeal")
REVIEW_STATES = ("answered", "na", "unknown", "skipped")

REVIEWS = Table(
    name="reviews",
    key="answer_id",
    clock="reviewed_at",
    meaning="Answers on scorecards, one row a question of a review.",
    columns=(
        Column("answer_id", Type.TEXT, "Names the answer."),
        Column("review_id", Type.TEXT, "The review it is part of."),
        Column("call_id", Type.TEXT, "The call reviewed."),
        Column("agent_id", Type.TEXT, "The agent reviewed."),
        Column("scorecard", Type.TEXT, "The scorecard."),
        Column("version", Type.TEXT, "Its version."),
        Column("kind", Type.TEXT, "Who reviewed, and what for.", REVIEW_KINDS),
        Column("reviewer", Type.TEXT, "Who reviewed."),
        Column("reviewed_at", Type.TIME, "When."),
        Column("section", Type.TEXT, "The section of the scorecard."),
        Column("question", Type.TEXT, "The question."),
        Column("score", Type.NUMBER, "Points given, from 0 to max_score."),
        Column("max_score", Type.NUMBER, "The most points there are; 1 when unknown."),
        Column("weight", Type.NUMBER, "How much the question counts; 1 when unknown."),
        Column("state", Type.TEXT, "Whether it was answered.", REVIEW_STATES),
        Column("auto_fail", Type.BOOL, "This answer fails the whole review."),
        SOURCE,
        Column("score_id", Type.TEXT, "Its row in scores; itself without a review.", derived=True),
        Column("reviewed_agent_id", Type.TEXT, "The agent, of the call else.", derived=True),
        Column("lead_id", Type.TEXT, "The lead of the call.", derived=True),
        Column("called_at", Type.TIME, "When the call began.", derived=True),
    ),
)

_ANSWERED = (
    "score is not null and coalesce(state, 'answered') = 'answered' and coalesce(max_score, 1) > 0"
)

_AT = "coalesce(called_at, reviewed_at)"
"""What is reviewed later may be a call of before an experiment."""

REVIEWS_FACT = Fact(
    table=REVIEWS,
    clocks=("reviewed_at",),
    left_out={
        "calibration": "scores.kind = 'calibration'",
        "superseded": "scores.superseded",
    },
    lookups=(
        Lookup(table="scores", on="score_id"),
        Lookup(table="agents", on="reviewed_agent_id"),
        *experiment_lookups(call="call_id", lead="lead_id", agent="reviewed_agent_id"),
    ),
    dimensions={
        "scorecard": "scorecard",
        "section": "section",
        "question": "question",
        "campaign": "scores.campaign_id",
        "list": "scores.list_id",
        "agent": "reviewed_agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("reviewed_at"),
        "product": "scores.product",
        "script": "scores.script",
        **experiment_dimensions(call=WHOLE, lead=_AT, agent=_AT),
        "source": "source",
    },
    measures={
        "points": total(
            "coalesce(weight, 1) * score / coalesce(max_score, 1)", _ANSWERED, empty=None
        ),
        "possible": total("coalesce(weight, 1)", _ANSWERED, empty=None),
    },
)
