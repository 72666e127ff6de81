"""When did each visit to a stage end, and was it a step forward?"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.scratch import listed
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.stages import STAGE_NORMS, STAGES

# Visits of a batch need those that are stored: the next one may be among them.
_VISITS = """
    SELECT {columns}, true AS wanted FROM {own}
    UNION ALL
    SELECT {columns}, false FROM {stored} WHERE stage_id NOT IN (SELECT stage_id FROM {own})
"""

_PARTY = "coalesce(v.deal_id, 'lead:' || v.lead_id)"
# A visit of nobody knows whom has no next one; without the second part all those would be one's.
_ORDER = (
    f"PARTITION BY {_PARTY}, CASE WHEN {_PARTY} IS NULL THEN v.stage_id END"
    " ORDER BY v.entered_at, v.position NULLS LAST, v.stage_id"
)
_FOLLOWED = f"""
    SELECT v.*, {_PARTY} AS party_id, d.status, d.closed_at,
        coalesce(v.lead_id, d.lead_id) AS deal_lead_id, d.agent_id AS deal_agent_id,
        coalesce(v.pipeline, d.pipeline, '') || '/' || v.stage AS norm_id,
        lead(v.entered_at) OVER ({_ORDER}) AS next_at,
        lead(v.position) OVER ({_ORDER}) AS next_position
    FROM ({{visits}}) AS v LEFT JOIN {{deals}} AS d ON d.deal_id = v.deal_id
"""

# A deal may be closed on a day, as at its midnight; no visit ends before it began. greatest()
# alone would close visits of open deals, since it passes over NULL.
_CLOSED_AT = "CASE WHEN closed_at IS NOT NULL THEN greatest(closed_at, entered_at) END"

# Pipelines often put the stage "lost" last; coming into it is not a step forward.
_FORWARD = """
    CASE WHEN ended_at IS NULL THEN NULL
        WHEN next_at IS NULL THEN status IS NOT DISTINCT FROM 'won'
        WHEN status = 'lost' AND next_at >= closed_at THEN false
        ELSE next_position > position END
"""


def stage_rows(given: Given) -> str:
    """Write the query of visits with their ends.

    A visit ends when the deal left the stage, else with its next visit, else when the deal was
    closed. It was a step forward when the next visit is to a later place of the pipeline, or
    when there is none and the deal was won; that is unknown for places without a number.

    Args:
        given: The visits, and the views of stages and deals.
    """
    values = {name: name for name in STAGES.types}
    return f"SELECT {typed(STAGES, values)} FROM ({_completed(given, given.own)}) WHERE wanted"


def norm_rows(given: Given) -> str:
    """Write the query of how long won deals stayed in each stage of each pipeline.

    Args:
        given: With the views of stages and deals.
    """
    seconds = "greatest(epoch_us(ended_at) - epoch_us(entered_at), 0) / 1e6"
    values = {
        "norm_id": "norm_id",
        "visits": "count(*)",
        "usual_s": f"quantile_cont({seconds}, 0.75)",
    }
    return (
        f"SELECT {typed(STAGE_NORMS, values)} FROM ({_completed(given, given.views['stages'])})"
        " WHERE status = 'won' AND ended_at IS NOT NULL AND norm_id IS NOT NULL GROUP BY norm_id"
    )


def _completed(given: Given, own: str) -> str:
    """Write the query of all visits, own and stored, with what follows from each other."""
    columns = listed(column.name for column in STAGES.columns if not column.derived)
    visits = _VISITS.format(columns=columns, own=own, stored=given.views["stages"])
    followed = _FOLLOWED.format(visits=visits, deals=given.views["deals"])
    return (
        f"SELECT *, coalesce(left_at, next_at, {_CLOSED_AT}) AS ended_at,"
        f" {_FORWARD} AS forward FROM ({followed})"
    )


STAGES_STEP = Step(table="stages", reads=frozenset({"stages", "deals"}), rows=stage_rows)
NORMS_STEP = Step(table="stage_norms", reads=frozenset({"stages", "deals"}), rows=norm_rows)
