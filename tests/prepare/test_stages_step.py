"""Do visits to stages end, and go forward, as deals did?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.prepare.stages import NORMS_STEP, STAGES_STEP
from run_step import Row, run_step


def day(number: int) -> dt.datetime:
    """Return noon of a day in January 2026."""
    return dt.datetime(2026, 1, number, 12, tzinfo=dt.UTC)


def visit(
    key: str, position: int | None, entered: int, left: int | None = None, **more: Any
) -> Row:
    """Let deal D enter a stage named after its place on a day, and perhaps leave it."""
    return {
        "stage_id": key,
        "deal_id": "D",
        "stage": f"stage {position}",
        "position": position,
        "entered_at": day(entered),
        "left_at": None if left is None else day(left),
    } | more


def deal(status: str, closed: int | None = None, **columns: Any) -> Row:
    """Describe deal D."""
    closed_at = None if closed is None else day(closed)
    return {"deal_id": "D", "status": status, "closed_at": closed_at} | columns


def ends(visits: list[Row], *deals: Row, batch: list[Row] | None = None) -> dict[str, Any]:
    """Return the day each visit ended on, and whether it went forward, by its key."""
    rows = run_step(STAGES_STEP, batch=batch or (), stages=visits, deals=deals)
    return {
        row["stage_id"]: (row["ended_at"] and row["ended_at"].day, row["forward"]) for row in rows
    }


def test_visits_of_a_won_deal_end_with_the_next_and_with_the_win() -> None:
    """What is not written ends when the next begins; going back is not forward, winning is."""
    visits = [visit("a", 1, 1), visit("b", 3, 4, left=5), visit("c", 2, 7), visit("d", 3, 9)]
    assert ends(visits, deal("won", 12)) == {
        "a": (4, True),
        "b": (5, False),
        "c": (9, True),
        "d": (12, True),
    }


def test_open_visit_has_no_end() -> None:
    """Whether it will go forward is not known yet."""
    assert ends([visit("a", 1, 1)], deal("open")) == {"a": (None, None)}
    assert ends([visit("a", 1, 1)]) == {"a": (None, None)}


def test_visit_that_led_nowhere_is_no_step_forward() -> None:
    """Lost deals and visits left for nothing ended without a step."""
    assert ends([visit("a", 1, 1)], deal("lost", 3)) == {"a": (3, False)}
    assert ends([visit("a", 1, 1, left=2)], deal("open")) == {"a": (2, False)}


def test_stage_named_lost_is_not_ahead() -> None:
    """A lost deal that comes into a last stage when it is closed did not go forward."""
    visits = [visit("a", 1, 1), visit("b", 2, 3), visit("lost", 9, 5)]
    assert ends(visits, deal("lost", 5)) == {"a": (3, True), "b": (5, False), "lost": (5, False)}


def test_visit_does_not_end_before_it_began() -> None:
    """A deal closed on a day, as at its midnight, does not cut the visits of that day."""
    visits = [visit("a", 1, 1), visit("b", 2, 6)]
    assert ends(visits, deal("won", 5)) == {"a": (6, True), "b": (6, True)}


def test_places_without_a_number_tell_no_direction() -> None:
    """Unknown is neither forward nor back."""
    visits = [visit("a", None, 1), visit("b", 2, 3)]
    assert ends(visits, deal("open")) == {"a": (3, None), "b": (None, None)}


def test_visits_of_one_moment_are_in_the_order_of_places() -> None:
    """A deal that rushed through two stages at once went forward through the first."""
    visits = [visit("b", 2, 1), visit("a", 1, 1)]
    assert ends(visits, deal("open")) == {"a": (1, True), "b": (None, None)}


def test_deals_and_leads_of_the_same_name_are_apart() -> None:
    """Deal 7 and lead 7 have their own visits, and visits of nobody have no next one."""
    visits = [
        visit("a", 1, 1, deal_id="7"),
        visit("b", 2, 2, deal_id=None, lead_id="7"),
        visit("c", 1, 1, deal_id=None),
        visit("d", 2, 2, deal_id=None),
    ]
    assert ends(visits) == dict.fromkeys("abcd", (None, None))


def test_batch_sees_stored_visits() -> None:
    """A visit about to be stored ends with a stored one, and replaces its own stored row."""
    stored = [visit("a", 1, 2), visit("b", 2, 4)]
    assert ends(stored, deal("open"), batch=[visit("a", 1, 1)]) == {"a": (4, True)}


def test_lead_and_pipeline_are_the_deals_where_not_named() -> None:
    """The norm is that of the pipeline and the stage."""
    visits = [
        visit("a", 1, 1, stage="demo"),
        visit("b", 1, 1, stage="demo", pipeline="new", lead_id="own"),
        visit("c", 1, 1, stage="demo", deal_id=None, lead_id="own"),
        visit("d", 1, 1, stage=None),
    ]
    rows = run_step(STAGES_STEP, stages=visits, deals=[deal("open", pipeline="b2b", lead_id="L")])
    assert {row["stage_id"]: (row["deal_lead_id"], row["norm_id"]) for row in rows} == {
        "a": ("L", "b2b/demo"),
        "b": ("own", "new/demo"),
        "c": ("own", "/demo"),
        "d": ("L", None),
    }


def test_norm_is_the_third_quartile_of_won_deals() -> None:
    """Stays of 1, 2, 3 and 6 days of won deals: three quarters took at most 3.75."""
    visits = [
        visit(key, 1, 1, left=1 + days, deal_id=key, stage="demo")
        for key, days in (("w1", 1), ("w2", 2), ("w3", 3), ("w4", 6), ("lost", 20))
    ]
    deals = [deal("won", 29, deal_id=f"w{n}") for n in range(1, 5)]
    deals.append(deal("lost", 29, deal_id="lost"))
    (row,) = run_step(NORMS_STEP, stages=visits, deals=deals)
    assert (row["norm_id"], row["visits"]) == ("/demo", 4)
    assert row["usual_s"] == pytest.approx(3.75 * 86_400)


PARTIES = st.sampled_from((("1", None), ("2", None), ("2", "2"), (None, "1"), (None, None)))
VISITS = st.lists(
    st.builds(
        lambda party, position, entered, left, pipeline: visit(
            "", position, entered, left, deal_id=party[0], lead_id=party[1], pipeline=pipeline
        ),
        PARTIES,
        st.sampled_from((1, 2, 3, None)),
        st.integers(1, 9),
        st.sampled_from((None, None, 3, 9)),
        st.sampled_from((None, None, "p")),
    ),
    max_size=8,
).map(lambda rows: [row | {"stage_id": f"v{n}"} for n, row in enumerate(rows)])
DEALS = st.lists(
    st.builds(
        lambda key, status, closed: deal(status, closed, deal_id=key),
        st.sampled_from(("1", "2")),
        st.sampled_from(("open", "won", "lost")),
        st.sampled_from((None, 2, 5, 9)),
    ),
    max_size=2,
    unique_by=lambda row: row["deal_id"],
)


def place_then_key(row: Row) -> tuple[Any, ...]:
    """Sort visits by time, place (unknown last) and key."""
    return (row["entered_at"], row["position"] is None, row["position"] or 0, row["stage_id"])


def by_hand(visits: list[Row], deals: list[Row], row: Row) -> tuple[Any, Any]:
    """Find the end of a visit, and whether it went forward, by looking through all others."""
    party = (row["deal_id"], None if row["deal_id"] else row["lead_id"])
    later = sorted(
        (
            other
            for other in visits
            if party != (None, None)
            and (other["deal_id"], None if other["deal_id"] else other["lead_id"]) == party
            and place_then_key(other) > place_then_key(row)
        ),
        key=place_then_key,
    )
    of = next((d for d in deals if d["deal_id"] == row["deal_id"]), {})
    ended = row["left_at"]
    if ended is None and later:
        ended = later[0]["entered_at"]
    if ended is None and of.get("closed_at"):
        ended = max(of["closed_at"], row["entered_at"])
    if ended is None:
        return None, None
    if not later:
        return ended, of.get("status") == "won"
    lost_at = of["closed_at"] if of.get("status") == "lost" else None
    if lost_at and later[0]["entered_at"] >= lost_at:
        return ended, False
    if None in (later[0]["position"], row["position"]):
        return ended, None
    return ended, later[0]["position"] > row["position"]


@given(visits=VISITS, deals=DEALS)
def test_visits_end_as_a_search_through_all_others_says(
    visits: list[Row], deals: list[Row]
) -> None:
    """Any visits end, go forward and make norms as plain Python finds."""
    found = {row["stage_id"]: row for row in run_step(STAGES_STEP, stages=visits, deals=deals)}
    won = {d["deal_id"] for d in deals if d["status"] == "won"}
    stays: dict[str, list[float]] = {}
    for row in visits:
        ended, forward = by_hand(visits, deals, row)
        same = found.pop(row["stage_id"])
        assert (same["ended_at"], same["forward"]) == (ended, forward)
        if ended is not None and row["deal_id"] in won:
            seconds = max((ended - row["entered_at"]).total_seconds(), 0)
            stays.setdefault(f"{row['pipeline'] or ''}/{row['stage']}", []).append(seconds)
    assert not found
    norms = run_step(NORMS_STEP, stages=visits, deals=deals)
    assert {row["norm_id"]: (row["visits"], row["usual_s"]) for row in norms} == {
        key: (len(values), pytest.approx(float(np.quantile(values, 0.75))))
        for key, values in stays.items()
    }
