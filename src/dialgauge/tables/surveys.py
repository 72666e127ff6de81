"""What do customers say when they are asked?"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import SOURCE, agent_tenure

SURVEY_KINDS = ("csat", "nps", "ces")

SURVEYS = Table(
    name="surveys",
    key="survey_id",
    clock="asked_at",
    meaning="Questions put to customers, one row each, answered or not.",
    columns=(
        Column("survey_id", Type.TEXT, "Names the question put."),
        Column("kind", Type.TEXT, "Satisfaction, recommendation or effort.", SURVEY_KINDS),
        Column("score", Type.NUMBER, "The answer."),
        Column("scale", Type.INTEGER, "The best score there is; 5, for nps 10, when unknown."),
        Column("asked_at", Type.TIME, "When it was put."),
        Column("answered_at", Type.TIME, "When it was answered."),
        Column("call_id", Type.TEXT, "The call it is about."),
        Column("customer_id", Type.TEXT, "Who was asked."),
        Column("agent_id", Type.TEXT, "The agent it is about."),
        Column("comment", Type.TEXT, "What was said besides.", personal=True),
        SOURCE,
        Column("about_agent_id", Type.TEXT, "The agent, of the call else.", derived=True),
        Column("campaign_id", Type.TEXT, "The campaign of the call.", derived=True),
        Column("list_id", Type.TEXT, "The list of the call.", derived=True),
        Column("lead_id", Type.TEXT, "The lead of the call, else of the customer.", derived=True),
        Column("product", Type.TEXT, "The product of the call.", derived=True),
        Column("script", Type.TEXT, "The script of the call.", derived=True),
        Column("called_at", Type.TIME, "When the call began.", derived=True),
    ),
)

_CSAT = "kind = 'csat' and score is not null"
_NPS = "kind = 'nps' and score between 0 and 10 and coalesce(scale, 10) = 10"

_AT = "coalesce(called_at, asked_at)"
"""What was asked later may be about a call of before an experiment."""

SURVEYS_FACT = Fact(
    table=SURVEYS,
    clocks=("asked_at",),
    lookups=(
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        Lookup(table="customers", on="customer_id"),
        Lookup(table="lifetimes", on="customer_id"),
        Lookup(table="agents", on="about_agent_id"),
        *experiment_lookups(call="call_id", lead="lead_id", agent="about_agent_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "agent": "about_agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("asked_at"),
        "region": "coalesce(leads.region, customers.region)",
        "country": "coalesce(leads.country, customers.country)",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "product": "product",
        "script": "script",
        **experiment_dimensions(call=WHOLE, lead=_AT, agent=_AT),
        "source": "source",
    },
    measures={
        "asked": count(),
        "answered": count("score is not null or answered_at is not null"),
        "csat_answers": count(_CSAT),
        "satisfied": count(f"{_CSAT} and score >= coalesce(scale, 5) - 1"),
        "csat_score": total("score", _CSAT, empty=None),
        "nps_answers": count(_NPS),
        "nps_points": total(
            "case when score >= 9 then 100 when score <= 6 then -100 else 0 end", _NPS, empty=None
        ),
    },
)
