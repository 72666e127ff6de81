"""Do two tables in one question stay apart, and do unknown keys and row rules hold in each?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from dialgauge.catalogue.user import built_in
from dialgauge.errors import DimensionError
from dialgauge.model.question import Question
from dialgauge.plan.planner import plan
from small_lake import NOW, SmallLake, by, call, small_lake, spell


@pytest.fixture
def two_facts(tmp_path: Path) -> SmallLake:
    """Three dials and two hours of A, two dials and half an hour of nobody known."""
    return small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", "human", contact=True, agent_id="A", campaign_id="C1"),
            call(2, "2026-01-05T10:10:00Z", agent_id="A", campaign_id="C1"),
            call(3, "2026-01-05T10:20:00Z", agent_id="A", campaign_id="C2"),
            call(4, "2026-01-05T10:30:00Z", campaign_id="C1"),
            call(5, "2026-01-05T10:40:00Z", agent_id="B", campaign_id="C2"),
        ],
        agent_time=[
            spell(1, "available", "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z", agent_id="A"),
            spell(2, "talking", "2026-01-05T11:00:00Z", "2026-01-05T12:00:00Z", agent_id="A"),
            spell(3, "wrap", "2026-01-05T12:00:00Z", "2026-01-05T12:30:00Z"),
        ],
    )


def test_two_facts_never_multiply(two_facts: SmallLake) -> None:
    """A joined with its own hours would count 6 dials or 6 hours; it has 3 and 2."""
    answer = two_facts.ask("dials", "agent_hours", "dials_per_agent_hour", by=("agent",))
    assert by(answer, "dials") == {"A": 3, "B": 1, None: 1}
    assert by(answer, "agent_hours") == {"A": 2, "B": 0, None: 0.5}
    assert by(answer, "dials_per_agent_hour") == {"A": 1.5, "B": None, None: 2}
    assert answer.total is not None
    assert answer.total.values["dials_per_agent_hour"].value == 2  # 5 dials in 2.5 hours


def test_groups_that_one_fact_alone_has_are_kept(two_facts: SmallLake) -> None:
    """B has dials and no hours: a row with a dial and n/a, not a row that is lost."""
    answer = two_facts.ask("dials_per_agent_hour", by=("agent",))
    (row,) = (row for row in answer.rows if row.keys["agent"] == "B")
    value = row.values["dials_per_agent_hour"]
    assert (value.value, value.numerator, value.denominator) == (None, 1, 0)
    assert value.reason == "the denominator is 0"


def test_unknown_keys_of_both_facts_are_one_group(two_facts: SmallLake) -> None:
    """NULL meets NULL, though in SQL it equals nothing; it stands last."""
    answer = two_facts.ask("dials", "agent_hours", by=("agent",))
    assert [row.keys["agent"] for row in answer.rows] == ["A", "B", None]


def test_the_same_dial_in_two_orders_of_words(two_facts: SmallLake) -> None:
    """Which KPI is asked first changes no number."""
    one = two_facts.ask("dials", "agent_hours", by=("agent",))
    two = two_facts.ask("agent_hours", "dials", by=("agent",))
    assert by(one, "dials") == by(two, "dials")
    assert by(one, "agent_hours") == by(two, "agent_hours")


def test_a_filter_holds_for_every_fact(two_facts: SmallLake) -> None:
    """A condition restricts dials and hours alike, or a ratio of the two would be nonsense."""
    value = two_facts.total("dials_per_agent_hour", where=("agent = 'A'",))
    assert (value.value, value.numerator, value.denominator) == (1.5, 3, 2)


def test_a_sum_of_nothing_is_zero_in_the_numerator_too(two_facts: SmallLake) -> None:
    """Where a sum counts as 0 without rows, its part says 0 and not unknown."""
    value = two_facts.total("occupancy", where=("agent = 'B'",))
    assert (value.value, value.numerator, value.denominator) == (None, 0, 0)
    idle = two_facts.total("occupancy", where=("state = 'available'",))
    assert (idle.value, idle.numerator, idle.denominator) == (0, 0, 3600)


@pytest.fixture
def guarded(tmp_path: Path) -> SmallLake:
    """Calls, hours and leads of two campaigns, seen by someone who may see C1 alone."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", campaign_id="C1", lead_id="L1"),
            call(2, "2026-01-05T10:10:00Z", campaign_id="C2", lead_id="L2"),
            call(3, "2026-01-05T10:20:00Z", campaign_id="C2", lead_id="L2"),
            call(4, "2026-01-05T10:30:00Z", lead_id="L3"),
        ],
        agent_time=[
            spell(1, "wrap", "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z", campaign_id="C1"),
            spell(2, "wrap", "2026-01-05T11:00:00Z", "2026-01-05T14:00:00Z", campaign_id="C2"),
        ],
        leads=[
            {"lead_id": "L1", "created_at": "2026-01-01T00:00:00Z", "campaign_id": "C1"},
            {"lead_id": "L2", "created_at": "2026-01-01T00:00:00Z", "campaign_id": "C2"},
        ],
    )
    return replace(lake, guard=("campaign_id = 'C1'",))


def test_row_rules_restrict_every_fact(guarded: SmallLake) -> None:
    """One dial, one hour and one lead of C1; what has no campaign is not C1 either."""
    answer = guarded.ask("dials", "agent_hours", "leads_created", "never_contacted_rate")
    (row,) = answer.rows
    assert row.values["dials"].value == 1
    assert row.values["agent_hours"].value == 1
    assert row.values["leads_created"].value == 1
    assert row.values["never_contacted_rate"].denominator == 1


def test_row_rules_restrict_groups_and_both_sides_of_a_comparison(guarded: SmallLake) -> None:
    """No group of another campaign is shown, not even with nothing in it."""
    answer = guarded.ask("dials", by=("campaign",))
    assert by(answer, "dials") == {"C1": 1}


def test_row_rules_restrict_the_rows_behind_a_number(guarded: SmallLake) -> None:
    """The list shows call 1 alone, and a filter cannot widen it."""
    gauge = guarded.gauge()
    assert gauge.rows(Question(kpis=("dials",))).column("call_id").to_pylist() == ["1"]
    wide = Question(kpis=("dials",), where=("campaign_id = 'C2' or true",))
    assert gauge.rows(wide).column("call_id").to_pylist() == ["1"]


def test_a_row_rule_that_a_fact_cannot_obey_refuses_the_question(guarded: SmallLake) -> None:
    """Agents' time knows no script: showing all of it would show too much."""
    by_script = replace(guarded, guard=("script = 'S1'",))
    with pytest.raises(DimensionError, match="script"):
        by_script.ask("agent_hours")


def test_row_rules_are_part_of_the_plans_digest() -> None:
    """Answers are kept by digest: two people who may see different rows never share one."""
    question = Question(kpis=("dials",))
    digests = {
        plan(question, built_in(), now=NOW, guard=guard).plan.digest
        for guard in ((), ("campaign_id = 'C1'",), ("campaign_id = 'C2'",))
    }
    assert len(digests) == 3
    again = plan(question, built_in(), now=NOW + dt.timedelta(days=1))
    assert again.plan.digest in digests
