"""Do scores, surveys and deals say what was reviewed, answered and won?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from small_lake import by, call, small_lake

CALL = call("k", "2026-01-05T10:00:00Z", "human", contact=True, agent_id="a", campaign_id="C")


def answer(
    answer_id: object, review: object, score: object, **columns: object
) -> dict[str, object]:
    """Write an answer on a scorecard."""
    return {
        "answer_id": answer_id,
        "review_id": review,
        "call_id": "k",
        "scorecard": "std",
        "kind": "human",
        "reviewed_at": "2026-01-06T10:00:00Z",
        "score": score,
    } | columns


def test_a_score_is_the_mean_of_reviews_not_of_answers(tmp_path: Path) -> None:
    """Three good answers in one review and one bad one in another are 50 %, not 75 %."""
    lake = small_lake(
        tmp_path,
        calls=[CALL],
        reviews=[*(answer(n, "R1", 1) for n in range(3)), answer(9, "R2", 0)],
    )
    assert lake.total("quality_score").value == 0.5
    assert lake.total("quality_question_score").value == 0.75


def test_an_automatic_failure_scores_nothing_and_the_raw_score_stays(tmp_path: Path) -> None:
    """3 of 4 weighted points, failed by one answer: 0 and 75 %."""
    lake = small_lake(
        tmp_path,
        calls=[CALL],
        reviews=[
            answer(1, "R", 1, weight=3, auto_fail=True),
            answer(2, "R", 0, weight=1),
            answer(3, "R", None, weight=5, state="na"),
        ],
    )
    assert lake.total("quality_score").value == 0
    assert lake.total("quality_raw_score").value == 0.75
    assert lake.total("quality_fail_rate").value == 1


def test_calibrations_never_count_and_are_told(tmp_path: Path) -> None:
    """A calibration's answers are left out of scores and of questions, with a number."""
    lake = small_lake(
        tmp_path,
        calls=[CALL],
        reviews=[answer(1, "R", 1), answer(2, None, 0, kind="calibration", scorecard="other")],
    )
    answered = lake.ask("quality_score", "quality_question_score")
    assert answered.rows[0].values["quality_score"].value == 1
    assert answered.rows[0].values["quality_question_score"].value == 1
    assert sum("calibration" in note for note in answered.notes) == 2


def test_a_review_without_an_agent_is_of_the_agent_of_its_call(tmp_path: Path) -> None:
    """Scores and questions can be split by the call's agent and campaign."""
    lake = small_lake(tmp_path, calls=[CALL], reviews=[answer(1, None, 1)])
    for kpi in ("quality_score", "quality_question_score"):
        assert by(lake.ask(kpi, by=("agent", "campaign")), kpi) == {("a", "C"): 1}


def test_promoters_less_detractors(tmp_path: Path) -> None:
    """10, 9, 8, 6 and no answer: two promoters, one detractor, four answers, 25 points."""
    lake = small_lake(
        tmp_path,
        surveys=[
            {"survey_id": n, "kind": "nps", "score": score, "asked_at": "2026-01-05T10:00:00Z"}
            for n, score in enumerate((10, 9, 8, 6, None))
        ],
    )
    nps = lake.total("nps")
    assert (nps.value, nps.denominator) == (25, 4)
    assert nps.low is not None
    assert nps.high is not None
    assert -100 <= nps.low < 25 < nps.high <= 100
    assert lake.total("survey_response_rate").value == 0.8


def test_the_two_best_of_any_scale_are_satisfied(tmp_path: Path) -> None:
    """4 of 5 and 9 of 10 are satisfied, 3 of 5 and 8 of 10 are not."""
    lake = small_lake(
        tmp_path,
        surveys=[
            {
                "survey_id": n,
                "kind": "csat",
                "score": score,
                "scale": scale,
                "asked_at": "2026-01-05T10:00:00Z",
            }
            for n, (score, scale) in enumerate(((4, 5), (9, 10), (3, 5), (8, 10)))
        ],
    )
    assert lake.total("csat").value == 0.5


def test_open_deals_lengthen_the_sales_cycle_and_lost_ones_end_it(tmp_path: Path) -> None:
    """Won after 10 and 30 days, lost after 20, open for 40: half are won after 30 days, not 20."""
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    ends = {1: ("won", 10), 2: ("lost", 20), 3: ("won", 30), 4: ("open", None)}
    lake = replace(
        small_lake(
            tmp_path,
            deals=[
                {
                    "deal_id": n,
                    "created_at": created.isoformat(),
                    "status": status,
                    "closed_at": (created + dt.timedelta(days=days)).isoformat() if days else "",
                }
                for n, (status, days) in ends.items()
            ],
        ),
        now=created + dt.timedelta(days=40),
    )
    assert lake.total("sales_cycle").value == 30  # 2 of 4, lost and open ones among them
    assert lake.total("sales_cycle_mean").value == 20  # of won deals alone: too short
    assert lake.total("win_rate").value == 2 / 3


def test_a_cycle_that_half_never_finish_has_no_median(tmp_path: Path) -> None:
    """One of three is won: nothing says when half will be."""
    lake = small_lake(
        tmp_path,
        deals=[
            {
                "deal_id": n,
                "created_at": "2026-01-01T00:00:00Z",
                "closed_at": "2026-01-11T00:00:00Z",
                "status": status,
            }
            for n, status in enumerate(("won", "lost", "lost"))
        ],
    )
    cycle = lake.total("sales_cycle")
    assert cycle.value is None
    assert "fewer than half" in cycle.reason


def test_a_cycle_begins_with_the_first_call(tmp_path: Path) -> None:
    """Called on the 1st, a deal on the 6th, won on the 11th: ten days."""
    lake = small_lake(
        tmp_path,
        calls=[call(1, "2026-01-01T00:00:00Z", lead_id="l")],
        deals=[
            {
                "deal_id": 1,
                "lead_id": "l",
                "created_at": "2026-01-06T00:00:00Z",
                "closed_at": "2026-01-11T00:00:00Z",
                "status": "won",
            }
        ],
    )
    assert lake.total("sales_cycle").value == 10


def test_talk_share_is_a_mean_over_calls_and_its_total_is_not(tmp_path: Path) -> None:
    """An agent who spoke 9 of 10 and 10 of 100 seconds: 50 % a call, 17 % of all talk."""
    lake = small_lake(
        tmp_path,
        calls=[CALL, call("k2", "2026-01-05T11:00:00Z", "human")],
        conversations=[
            {"call_id": "k", "agent_talk_s": 9, "customer_talk_s": 1},
            {"call_id": "k2", "agent_talk_s": 10, "customer_talk_s": 90},
        ],
    )
    assert lake.total("talk_share").value == 0.5
    assert lake.total("talk_share_total").value == 19 / 110


def test_conversations_before_their_calls_wait_for_them(tmp_path: Path) -> None:
    """Recordings measured before the calls are imported count as soon as those are."""
    lake = small_lake(
        tmp_path, conversations=[{"call_id": "k", "agent_talk_s": 9, "customer_talk_s": 1}]
    )
    lake.load(calls=[CALL])
    assert by(lake.ask("talk_share", by=("agent",)), "talk_share") == {"a": 0.9}
