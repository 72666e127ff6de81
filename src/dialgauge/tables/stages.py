"""How do deals move through the pipeline?

One row a visit of a deal (or a lead) to a stage. `prepare` closes visits that the system left
open: a visit ends when the next begins, or when the deal is closed.
"""

from __future__ import annotations

from dialgauge.model.fact import Alive, Fact, Lookup
from dialgauge.model.measure import count, distinct, time_to
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import SOURCE

STAGES = Table(
    name="stages",
    key="stage_id",
    clock="entered_at",
    meaning="Visits of deals to stages of their pipeline, one row each.",
    columns=(
        Column("stage_id", Type.TEXT, "Names the visit."),
        Column("deal_id", Type.TEXT, "The deal."),
        Column("lead_id", Type.TEXT, "The lead, where leads move through stages."),
        Column("pipeline", Type.TEXT, "The pipeline."),
        Column("stage", Type.TEXT, "The stage."),
        Column("position", Type.INTEGER, "Its place in the pipeline, the first lowest."),
        Column("entered_at", Type.TIME, "When the deal came into it."),
        Column("left_at", Type.TIME, "When the deal left it."),
        SOURCE,
        Column("party_id", Type.TEXT, "The deal, else `lead:` and the lead.", derived=True),
        Column("ended_at", Type.TIME, "When the visit ended, written or not.", derived=True),
        Column("forward", Type.BOOL, "It ended with a later stage or a win.", derived=True),
        Column("deal_lead_id", Type.TEXT, "The lead, of the deal where not named.", derived=True),
        Column("deal_agent_id", Type.TEXT, "The agent of the deal.", derived=True),
        Column("norm_id", Type.TEXT, "Its row in stage_norms.", derived=True),
    ),
)

STAGE_NORMS = Table(
    name="stage_norms",
    key="norm_id",
    clock=None,
    derived=True,
    made_from="stages",
    meaning="How long won deals stayed in each stage.",
    columns=(
        Column("norm_id", Type.TEXT, "The pipeline and the stage."),
        Column("visits", Type.INTEGER, "Visits of won deals."),
        Column("usual_s", Type.NUMBER, "Three of four such visits took at most so long."),
    ),
)

_LAST = "coalesce(ended_at, now)"
_DAYS = f"greatest(seconds_between(entered_at, {_LAST}) / 86400, 0)"
_STALLED = (
    "entered_at < bucket_end and (ended_at is null or ended_at >= bucket_end)"
    " and seconds_between(entered_at, bucket_end) > stage_norms.usual_s"
)

STAGES_FACT = Fact(
    table=STAGES,
    clocks=("entered_at", "ended_at"),
    alive=Alive(since="entered_at", until="ended_at"),
    lookups=(
        Lookup(table="deals", on="deal_id"),
        Lookup(table="leads", on="deal_lead_id"),
        Lookup(table="journeys", on="deal_lead_id"),
        Lookup(table="agents", on="deal_agent_id"),
        Lookup(table="stage_norms", on="norm_id"),
        *experiment_lookups(lead="deal_lead_id", agent="deal_agent_id"),
    ),
    dimensions={
        "stage": "stage",
        "pipeline": "coalesce(pipeline, deals.pipeline)",
        "campaign": "coalesce(deals.campaign_id, leads.campaign_id)",
        "list": "leads.list_id",
        "agent": "deal_agent_id",
        "team": "agents.team",
        "region": "leads.region",
        "country": "leads.country",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        **experiment_dimensions(lead="entered_at", agent="entered_at"),
        "source": "source",
    },
    measures={
        "left": distinct("party_id", clock="ended_at"),
        "forward": distinct("party_id", "forward", clock="ended_at"),
        "days": time_to(_DAYS, "ended_at is not null"),
        "stalled": count(_STALLED, clock="alive"),
    },
)
