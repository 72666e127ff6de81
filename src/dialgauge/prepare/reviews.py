"""Which review is an answer part of, and whose call is it about?"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.reviews import REVIEWS

_DERIVED = {
    "score_id": "coalesce(o.review_id, o.answer_id)",
    "reviewed_agent_id": "coalesce(o.agent_id, c.agent_id)",
    "lead_id": "c.lead_id",
    "called_at": "c.started_at",
}


def review_rows(given: Given) -> str:
    """Write the query of answers with what their calls tell.

    Args:
        given: The answers, and the view of calls.
    """
    values = {column.name: f"o.{column.name}" for column in REVIEWS.columns}
    return (
        f"SELECT {typed(REVIEWS, values | _DERIVED)} FROM {given.own} AS o"
        f" LEFT JOIN {given.views['calls']} AS c ON c.call_id = o.call_id"
    )


STEP = Step(table="reviews", reads=frozenset({"calls"}), rows=review_rows)
