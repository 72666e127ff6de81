"""How many points did each review give?

A review is all answers of one `review_id`; an answer without one is a review by itself. Its call,
scorecard, kind, agent and source are those of its last answer that has them. An answer is
answered when its state says so; without a state, when it has a score or fails the review.
"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.scores import REVIEWED_CALLS, SCORES

_ANSWERED = "coalesce(state = 'answered', score IS NOT NULL OR auto_fail IS TRUE)"
_COUNTED = f"{_ANSWERED} AND score IS NOT NULL AND coalesce(max_score, 1) > 0"
_WEIGHT = "greatest(coalesce(weight, 1), 0)"

_LAST_KNOWN = ", ".join(
    f"arg_max({name}, row(reviewed_at, answer_id)) AS {name}"
    for name in ("call_id", "scorecard", "kind", "agent_id", "source")
)

# Sums are in a fixed order: in another one the last digit differs, and every import would find
# scores that changed.
_REVIEWS = f"""
    SELECT coalesce(review_id, answer_id) AS review_id, {_LAST_KNOWN},
        max(reviewed_at) AS reviewed_at,
        sum({_WEIGHT} * score / coalesce(max_score, 1) ORDER BY answer_id)
            FILTER ({_COUNTED}) AS earned,
        sum({_WEIGHT} ORDER BY answer_id) FILTER ({_COUNTED}) AS possible,
        count(*) FILTER ({_ANSWERED}) AS answers,
        count(*) FILTER ({_ANSWERED} AND auto_fail) > 0 AS auto_failed
    FROM {{reviews}} GROUP BY 1
"""

_SAME = "PARTITION BY call_id, scorecard"
_SUPERSEDED = f"""
    CASE WHEN call_id IS NULL OR kind = 'calibration' THEN false
        WHEN kind = 'appeal' THEN row(reviewed_at, review_id) < max(row(reviewed_at, review_id))
            FILTER (kind = 'appeal') OVER ({_SAME})
        ELSE count(*) FILTER (kind = 'appeal') OVER ({_SAME}) > 0 END
"""
_SCORED = f"""
    SELECT *, earned / nullif(possible, 0) AS raw_score,
        CASE WHEN auto_failed THEN 0.0 ELSE raw_score END AS score,
        {_SUPERSEDED} AS superseded
    FROM ({_REVIEWS})
"""

_OF_CALL = ("campaign_id", "list_id", "lead_id", "product", "script")


def score_rows(given: Given) -> str:
    """Write the query of scores.

    Args:
        given: With the pass mark, and the views of reviews and calls.
    """
    values = {name: f"r.{name}" for name in SCORES.types}
    values |= {name: f"c.{name}" for name in _OF_CALL}
    values |= {
        "agent_id": "coalesce(r.agent_id, c.agent_id)",
        "called_at": "c.started_at",
        # Rounded because seven tenths and a tenth are not quite eight.
        "passed": f"round(r.score, 9) >= {given.rules.pass_mark!r}",
    }
    scored = _SCORED.format(reviews=given.views["reviews"])
    return (
        f"SELECT {typed(SCORES, values)} FROM ({scored}) AS r"
        f" LEFT JOIN {given.views['calls']} AS c ON c.call_id = r.call_id"
    )


def reviewed_rows(given: Given) -> str:
    """Write the query of calls with a review in which anything was answered.

    Args:
        given: With the view of reviews.
    """
    values = {"call_id": "call_id", "reviews": "count(*)"}
    return (
        f"SELECT {typed(REVIEWED_CALLS, values)}"
        f" FROM ({_REVIEWS.format(reviews=given.views['reviews'])})"
        " WHERE call_id IS NOT NULL AND answers > 0 AND kind IS DISTINCT FROM 'calibration'"
        " GROUP BY call_id"
    )


SCORES_STEP = Step(table="scores", reads=frozenset({"reviews", "calls"}), rows=score_rows)
REVIEWED_STEP = Step(table="reviewed_calls", reads=frozenset({"reviews"}), rows=reviewed_rows)
