"""Are reviews scored as their scorecards say?"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.model.rules import Rules
from dialgauge.prepare.scores import REVIEWED_STEP, SCORES_STEP
from run_step import Row, run_step

NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
NUMBERS = itertools.count()


def answer(score: float | None = None, **columns: object) -> Row:
    """Answer one question of review r about call c."""
    own = {"answer_id": f"a{next(NUMBERS):03}", "review_id": "r", "call_id": "c", "kind": "human"}
    return own | {"reviewed_at": NOON, "scorecard": "s", "score": score} | columns


def scores(*answers: Row, rules: Rules | None = None) -> dict[str, Row]:
    """Score answers and return the reviews by name."""
    call = {"call_id": "c", "started_at": NOON, "agent_id": "ann", "campaign_id": "spring"}
    found = run_step(SCORES_STEP, rules, reviews=answers, calls=[call])
    return {row["review_id"]: row for row in found}


def reviewed(*answers: Row) -> dict[str, int]:
    """Count the reviews of each reviewed call."""
    return {row["call_id"]: row["reviews"] for row in run_step(REVIEWED_STEP, reviews=answers)}


def test_weighted_share_of_points() -> None:
    """3 of 5 points at weight 2 and 1 of 1 at weight 1 earn 2.2 of 3."""
    row = scores(answer(3, max_score=5, weight=2), answer(1))["r"]
    assert (row["earned"], row["possible"]) == (pytest.approx(2.2), 3)
    assert row["score"] == row["raw_score"] == pytest.approx(2.2 / 3)
    assert (row["passed"], row["auto_failed"], row["superseded"]) == (False, False, False)
    assert (row["agent_id"], row["campaign_id"]) == ("ann", "spring")


def test_what_was_not_answered_counts_on_neither_side() -> None:
    """Not applicable, unknown and skipped questions leave points earned and possible alone."""
    row = scores(
        answer(1),
        answer(0, state="na"),
        answer(0, state="unknown"),
        answer(0, state="skipped"),
        answer(None, state="answered"),
        answer(1, max_score=0),
    )["r"]
    assert (row["earned"], row["possible"], row["score"]) == (1, 1, 1)


def test_review_without_answers_has_no_score() -> None:
    """Neither 0 nor 1, neither passed nor failed, and its call was not reviewed."""
    answers = (answer(None, state="na"), answer(1, state="skipped"))
    row = scores(*answers)["r"]
    assert (row["score"], row["raw_score"], row["passed"]) == (None, None, None)
    assert row["auto_failed"] is False
    assert reviewed(*answers) == {}


def test_automatic_failure_scores_0_and_keeps_the_raw_score() -> None:
    """One failing answer fails the whole, even one without points; an unanswered one does not."""
    for failing in (answer(1, auto_fail=True), answer(None, auto_fail=True)):
        row = scores(answer(1), failing)["r"]
        assert (row["score"], row["raw_score"]) == (0, 1)
        assert (row["auto_failed"], row["passed"]) == (True, False)
    row = scores(answer(1), answer(0, auto_fail=True, state="na"))["r"]
    assert (row["score"], row["auto_failed"]) == (1, False)


def test_negative_weight_is_none() -> None:
    """A weight below 0 counts as 0; without any weight there is no score."""
    assert scores(answer(1), answer(0, weight=-3))["r"]["score"] == 1
    assert scores(answer(1, weight=-1))["r"]["score"] is None


def test_pass_mark_is_reached_despite_binary_fractions() -> None:
    """Seven tenths and a tenth, 0.7999999999999999 for a computer, reach 0.8."""
    answers = (answer(1, weight=0.7), answer(1, weight=0.1), answer(0, weight=0.2))
    row = scores(*answers, rules=Rules(pass_mark=0.8))["r"]
    assert row["raw_score"] < 0.8
    assert row["passed"]
    assert not scores(*answers, rules=Rules(pass_mark=0.81))["r"]["passed"]


def test_answer_without_review_is_one() -> None:
    """Single answers stand for themselves under their own name."""
    found = scores(answer(1, review_id=None, answer_id="x"), answer(0))
    assert {key: row["score"] for key, row in found.items()} == {"x": 1, "r": 0}


def test_appeal_takes_the_place_of_a_review() -> None:
    """Of the same call and scorecard, and only there; a calibration stays what it is."""
    found = scores(
        answer(0, review_id="first"),
        answer(0, review_id="machine", kind="auto"),
        answer(0, review_id="unsaid", kind=None),
        answer(0, review_id="practice", kind="calibration"),
        answer(0, review_id="other card", scorecard="t"),
        answer(0, review_id="other call", call_id="d"),
        answer(1, review_id="appeal", kind="appeal", reviewed_at=NOON - dt.timedelta(days=1)),
    )
    gone = {key for key, row in found.items() if row["superseded"]}
    assert gone == {"first", "machine", "unsaid"}


def test_only_a_later_appeal_replaces_an_appeal() -> None:
    """The last appeal stands."""
    late = NOON + dt.timedelta(hours=1)
    found = scores(
        answer(0, review_id="a2", kind="appeal", reviewed_at=late),
        answer(1, review_id="a1", kind="appeal"),
    )
    assert {key: row["superseded"] for key, row in found.items()} == {"a1": True, "a2": False}


def test_unknown_calls_are_not_the_same_call() -> None:
    """An appeal about nobody knows which call leaves other such reviews alone."""
    found = scores(
        answer(0, review_id="one", call_id=None),
        answer(0, review_id="two", call_id=None, kind="appeal"),
    )
    assert not any(row["superseded"] for row in found.values())


def test_reviewed_calls_are_counted_without_calibrations() -> None:
    """Two reviews of c count; a calibration and an empty review of d do not."""
    assert reviewed(
        answer(1, review_id="one"),
        answer(1, review_id="one"),
        answer(None, review_id="two", auto_fail=True),
        answer(1, review_id="three", kind="calibration", call_id="d"),
        answer(None, review_id="four", call_id="d"),
        answer(1, review_id="five", call_id=None),
    ) == {"c": 2}


ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "review_id": st.sampled_from(("r", "s", None)),
            "score": st.sampled_from((None, 0.0, 1.0, 2.5, 4.0)),
            "max_score": st.sampled_from((None, 0.0, 4.0, 5.0, -1.0)),
            "weight": st.sampled_from((None, 0.0, 0.5, 3.0, -2.0)),
            "state": st.sampled_from((None, "answered", "na", "skipped", "unknown")),
            "auto_fail": st.sampled_from((None, False, False, True)),
        }
    ),
    max_size=7,
)


def by_hand(answers: list[Row]) -> tuple[Fraction, Fraction, bool, int]:
    """Work out points earned and possible, automatic failure and answers with exact fractions."""
    earned, possible, failed, answered = Fraction(0), Fraction(0), False, 0
    for row in answers:
        fails = row["auto_fail"] is True
        if row["state"] is None:
            is_answered = fails or row["score"] is not None
        else:
            is_answered = row["state"] == "answered"
        if not is_answered:
            continue
        answered += 1
        failed = failed or fails
        most = 1 if row["max_score"] is None else row["max_score"]
        if row["score"] is None or most <= 0:
            continue
        weight = Fraction(max(1 if row["weight"] is None else row["weight"], 0))
        earned += weight * Fraction(row["score"]) / Fraction(most)
        possible += weight
    return earned, possible, failed, answered


@given(answers=ANSWERS)
def test_scores_equal_those_of_exact_fractions(answers: list[Row]) -> None:
    """Any answers give the score that exact arithmetic gives."""
    rows = [answer(**columns) for columns in answers]
    found = scores(*rows)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["review_id"] or row["answer_id"], []).append(row)
    assert set(found) == set(groups)
    for key, group in groups.items():
        earned, possible, failed, _ = by_hand(group)
        raw = None if possible == 0 else earned / possible
        score = Fraction(0) if failed else raw
        row = found[key]
        assert row["auto_failed"] == failed
        for value, exact in ((row["raw_score"], raw), (row["score"], score)):
            assert (value is None) == (exact is None)
            assert exact is None or math.isclose(value, exact, rel_tol=1e-12)
        assert row["passed"] == (None if score is None else score >= Fraction(4, 5))
    answered = sum(by_hand(group)[3] > 0 for group in groups.values())
    assert reviewed(*rows) == ({"c": answered} if answered else {})
