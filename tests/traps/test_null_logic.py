"""Trap: an unknown is silently taken for false, for zero, or for different from everything.

Each condition is counted three times on one row: where it is true, where its opposite is true,
and where it is unknown. Exactly one of the three may count, and every engine must agree which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgauge.engines.base import Engine
from dialgauge.plan.nodes import Function
from legs import aggregation, leg, moment, plan, record

if TYPE_CHECKING:
    from conftest import Store

CALL: dict[str, Any] = {
    "call_id": "1",
    "started_at": moment("2026-01-01"),
    "result": "busy",
    "contact": True,
    "converted": False,
    "talk_s": 30.0,
    "attempt": 2,
    "agent_id": "nobody",
}
"""right_party, disposition, ring_s, wait_s and callback_at are unknown, and so is the agent."""

TRUTHS = {
    # Comparing with an unknown is unknown, even an unknown with itself.
    "ring_s = 0": None,
    "ring_s != 0": None,
    "ring_s = ring_s": None,
    "disposition != 'sale'": None,
    "disposition = ''": None,
    "callback_at > '2026-01-01'": None,
    "agents.team = 'red'": None,
    "agents.team is null": True,
    "result != 'sale'": True,
    # Not of unknown is unknown: `not` does not select the rest.
    "not right_party": None,
    "not disposition = 'sale'": None,
    "not ring_s is null": False,
    # One side may decide alone.
    "contact or right_party": True,
    "converted or right_party": None,
    "contact and right_party": None,
    "converted and right_party": False,
    "not (converted and right_party)": True,
    "not (converted or right_party)": None,
    "right_party or contact or converted": True,
    # A list with an unknown never says no.
    "result in ('busy', null)": True,
    "result in ('sale', null)": None,
    "result not in ('sale', null)": None,
    "result not in ('busy', null)": False,
    "result not in ('sale')": True,
    "disposition in ('sale')": None,
    "disposition not in ('sale')": None,
    # Ranges.
    "talk_s between 10 and wait_s": None,
    "talk_s between 40 and wait_s": False,
    "talk_s not between 40 and wait_s": True,
    # Sums.
    "talk_s + wait_s > 0": None,
    "talk_s + coalesce(wait_s, 0) = 30": True,
    "attempt / 0 is null": True,
    "attempt / 0 = 0": None,
    "attempt / 4 = 0.5": True,
    "wait_s * 0 = 0": None,
    # Cases.
    "case when right_party then true else false end": False,
    "case when right_party then true end": None,
    "case when not right_party then true else false end": False,
    # Functions.
    "coalesce(right_party, false)": False,
    "coalesce(right_party, null) is null": True,
    "least(talk_s, wait_s) = 30": True,
    "greatest(wait_s, ring_s) is null": True,
    "lower(disposition) = 'sale'": None,
    "starts_with(disposition, '')": None,
    "contains(disposition, '')": None,
    "contains(result, '')": True,
    "seconds_between(started_at, callback_at) is null": True,
    "callback_at + 1 day > started_at": None,
    "days_between(agents.hired_on, started_at) < 30": None,
    "null": None,
    "null = null": None,
    "null is null": True,
}


def test_every_condition_is_true_false_or_unknown(engine: Engine, store: Store) -> None:
    """All conditions above have the truth that is written beside them."""
    counted = {
        f"{number} {kind}": text
        for number, condition in enumerate(TRUTHS)
        for kind, text in (
            ("true", condition),
            ("false", f"not ({condition})"),
            ("unknown", f"({condition}) is null"),
        )
    }
    asked = leg("calls", *(aggregation("calls", name, where=w) for name, w in counted.items()))
    answer = record(engine.run(plan(asked), store(calls=[CALL])))
    words = {True: "true", False: "false", None: "unknown"}
    expected = {
        f"{number} {kind}": int(words[truth] == kind)
        for number, truth in enumerate(TRUTHS.values())
        for kind in ("true", "false", "unknown")
    }
    assert {counted[name]: n for name, n in answer.items()} == {
        counted[name]: n for name, n in expected.items()
    }


def test_a_filter_keeps_what_is_true_only(engine: Engine, store: Store) -> None:
    """A leg's filter and its opposite together lose the rows for which it is unknown."""
    files = store(calls=[CALL, CALL | {"call_id": "2", "right_party": True}])
    count = aggregation("calls", "n")
    kept = [
        record(engine.run(plan(leg("calls", count, where=where)), files))["n"]
        for where in ("right_party", "not right_party", "right_party is null", "")
    ]
    assert kept == [1, 0, 1, 2]


def test_aggregates_skip_unknowns_but_never_invent_them(engine: Engine, store: Store) -> None:
    """The mean of 30 and an unknown is 30, and a sum of unknowns is unknown, not 0."""
    files = store(calls=[CALL, CALL | {"call_id": "2", "talk_s": None}])
    asked = leg(
        "calls",
        aggregation("calls", "rows_", Function.COUNT),
        aggregation("calls", "known", Function.COUNT, "talk_s"),
        aggregation("calls", "talk", Function.SUM, "talk_s"),
        aggregation("calls", "rang", Function.SUM, "ring_s"),
        aggregation("calls", "squares", Function.SUM_OF_SQUARES, "talk_s"),
        aggregation("calls", "products", Function.SUM_OF_PRODUCTS, "talk_s", other="ring_s"),
        aggregation("calls", "different", Function.DISTINCT, "talk_s"),
        aggregation("calls", "least", Function.MIN, "talk_s"),
        aggregation("calls", "middle", Function.QUANTILES, "talk_s", fractions=[0.5]),
        aggregation("calls", "rings", Function.TUPLES, "ring_s"),
    )
    answer = record(engine.run(plan(asked, mean="talk / known", lost="talk + rang"), files))
    assert answer == {
        "rows_": 2,
        "known": 1,
        "talk": 30.0,
        "rang": None,
        "squares": 900.0,
        "products": None,
        "different": 1,
        "least": 30.0,
        "middle": [30.0],
        "rings": None,
        "mean": 30.0,
        "lost": None,
    }
