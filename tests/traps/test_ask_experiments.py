"""Is a row of an experiment counted in the variant it was in, once, and never before?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dialgauge.errors import DimensionError
from small_lake import Record, SmallLake, by, call, small_lake, spell

SCRIPT = ("experiment = 'script'",)


def at(day: int) -> str:
    """Write noon of a day of January."""
    return f"2026-01-{day:02}T12:00:00Z"


def put(number: int, unit: str, whom: str, into: str, day: int = 1) -> Record:
    """Write an assignment; `into` is the experiment and the variant."""
    experiment, _, variant = into.partition(":")
    named = {"assignment_id": number, "experiment": experiment, "variant": variant}
    return {**named, "unit": unit, "unit_id": whom, "assigned_at": at(day)}


def lead(name: str) -> Record:
    """Write a lead of New Year."""
    return {"lead_id": name, "created_at": "2026-01-01T00:00:00Z"}


def variants(lake: SmallLake, kpi: str, where: Sequence[str] = SCRIPT) -> Mapping[Any, Any]:
    """Ask a KPI by variant."""
    return by(lake.ask(kpi, by=("variant",), where=tuple(where)), kpi)


def test_a_call_before_its_lead_was_assigned_is_not_in_the_experiment(tmp_path: Path) -> None:
    """Of two calls to a lead the one after counts; one at the very moment counts too."""
    lake = small_lake(
        tmp_path,
        leads=[lead("l")],
        calls=[
            call("before", at(4), lead_id="l"),
            call("then", at(5), lead_id="l"),
            call("after", at(6), lead_id="l"),
        ],
        assignments=[put(1, "lead", "l", "script:A", day=5)],
    )
    assert variants(lake, "dials") == {"A": 2}
    assert variants(lake, "dials", ()) == {"A": 2, None: 1}


def test_a_lead_that_was_dialled_before_is_not_in_the_experiment(tmp_path: Path) -> None:
    """Whoever is assigned when reached would make a lead's variants look reached by all."""
    lake = small_lake(
        tmp_path,
        leads=[lead("early"), lead("late"), lead("never"), lead("nobody")],
        calls=[call(1, at(5), lead_id="early"), call(2, at(5), lead_id="late")],
        assignments=[
            put(1, "lead", "early", "script:A"),
            put(2, "lead", "late", "script:A", day=6),
            put(3, "lead", "never", "script:B", day=9),
        ],
    )
    assert variants(lake, "leads_created") == {"A": 1, "B": 1}
    assert variants(lake, "never_dialled_rate") == {"A": 0, "B": 1}
    assert variants(lake, "never_contacted_rate") == {"A": 1}


def test_a_lead_in_two_experiments_counts_once(tmp_path: Path) -> None:
    """As 'several' where no experiment is named; as that of the one that is, where one is."""
    lake = small_lake(
        tmp_path,
        leads=[lead("l"), lead("m")],
        calls=[call(1, at(5), lead_id="l"), call(2, at(5), lead_id="m")],
        assignments=[
            put(1, "lead", "l", "script:A"),
            put(2, "lead", "m", "script:B"),
            put(3, "lead", "m", "price:X"),
        ],
    )
    whole = lake.ask("dials", by=("experiment", "variant"))
    assert by(whole, "dials") == {("script", "A"): 1, ("several", "several"): 1}
    assert variants(lake, "dials") == {"A": 1, "B": 1}
    assert variants(lake, "dials", ["'price' = experiment and direction = 'outbound'"]) == {"X": 1}
    assert variants(lake, "dials", ["experiment in ('script', 'price')"]) == {"A": 1}


def test_an_agent_tested_again_is_in_the_first_experiment_until_then(tmp_path: Path) -> None:
    """Nobody writes when an experiment ends; from the second on it is not told which is meant."""
    lake = small_lake(
        tmp_path,
        calls=[call(day, at(day), agent_id="a") for day in (2, 4, 6)],
        assignments=[put(1, "agent", "a", "headset:new", 3), put(2, "agent", "a", "script:B", 5)],
    )
    found = by(lake.ask("dials", by=("experiment",)), "dials")
    assert found == {None: 1, "headset": 1, "several": 1}
    assert variants(lake, "dials", ["experiment = 'headset'"]) == {"new": 2}


def test_a_changed_variant_is_neither(tmp_path: Path) -> None:
    """A lead that was given both scripts shows the effect of neither."""
    lake = small_lake(
        tmp_path,
        leads=[lead("l")],
        calls=[call(1, at(3), lead_id="l"), call(2, at(6), lead_id="l")],
        assignments=[put(1, "lead", "l", "script:A"), put(2, "lead", "l", "script:B", 5)],
    )
    assert variants(lake, "dials") == {"several": 2}


def test_units_that_disagree_are_several(tmp_path: Path) -> None:
    """A call's own variant does not silently win over its lead's or its agent's."""
    lake = small_lake(
        tmp_path,
        leads=[lead("l")],
        calls=[
            call("own", at(3)),
            call("both", at(3), lead_id="l", agent_id="a"),
            call("agent", at(3), agent_id="a"),
        ],
        assignments=[
            put(1, "call", "own", "script:A", day=4),
            put(2, "lead", "l", "script:B"),
            put(3, "agent", "a", "script:A"),
        ],
    )
    assert variants(lake, "dials") == {"A": 2, "several": 1}


def test_money_and_meetings_follow_their_lead_call_and_agent(tmp_path: Path) -> None:
    """An order by the call it was made on, a meeting by its lead, hours by the agent."""
    lake = small_lake(
        tmp_path,
        leads=[lead("l"), lead("m")],
        calls=[
            call("k", at(3), "human", lead_id="m", agent_id="b", contact=True),
            call("x", at(2), "human", lead_id="l", agent_id="a", contact=True),
        ],
        meetings=[{"meeting_id": 1, "lead_id": "l", "set_at": at(4), "agent_id": "b"}],
        deals=[{"deal_id": 1, "lead_id": "l", "created_at": at(4), "closed_at": at(5),
                "status": "won"}],
        orders=[
            {"order_id": 1, "ordered_at": at(5), "amount": 10, "lead_id": "m"},
            {"order_id": 2, "ordered_at": at(5), "amount": 7, "lead_id": "l"},
            {"order_id": 3, "ordered_at": at(5), "amount": 5},
        ],
        surveys=[{"survey_id": 1, "kind": "csat", "score": 5, "asked_at": at(9), "call_id": "x"}],
        reviews=[{"answer_id": 1, "reviewed_at": at(9), "score": 1, "call_id": "x"}],
        agent_time=[
            spell(1, "available", "2026-01-05T08:00:00Z", "2026-01-05T10:00:00Z", agent_id="a"),
            spell(2, "available", "2026-01-05T08:00:00Z", "2026-01-05T11:00:00Z", agent_id="b"),
        ],
        assignments=[
            put(1, "call", "k", "script:B", 3),
            put(2, "lead", "l", "script:A", 3),
            put(3, "agent", "b", "headset:new"),
        ],
    )  # fmt: skip
    assert variants(lake, "revenue") == {"B": 10, "A": 7}
    assert variants(lake, "meetings_set") == {"A": 1}
    assert variants(lake, "win_rate") == {"A": 1}
    # What was asked and reviewed on the 9th is about a call of before the lead was assigned.
    assert variants(lake, "csat") == variants(lake, "quality_score") == {}
    headset = ("experiment = 'headset'",)
    assert variants(lake, "agent_hours", headset) == {"new": 3}
    assert variants(lake, "meetings_set", headset) == {"new": 1}
    with pytest.raises(DimensionError, match="cost_shares cannot be split by 'variant'"):
        lake.ask("roi", by=("variant",), where=SCRIPT)


def test_variants_of_all_experiments_together_are_told(tmp_path: Path) -> None:
    """B of one experiment has nothing to do with B of another."""
    lake = small_lake(
        tmp_path,
        leads=[lead("l")],
        calls=[call(1, at(5), lead_id="l")],
        assignments=[put(1, "lead", "l", "script:A")],
    )
    (note,) = lake.ask("dials", by=("variant",)).notes
    assert "name one with --where" in note
    assert lake.ask("dials", by=("variant",), where=SCRIPT).notes == ()
    assert lake.ask("dials", by=("variant", "experiment")).notes == ()


def test_nobody_in_an_experiment_is_told(tmp_path: Path) -> None:
    """Without assignments all is unknown, and the answer says why."""
    lake = small_lake(tmp_path, calls=[call(1, at(5), lead_id="l")])
    answer = lake.ask("dials", by=("experiment",))
    assert by(answer, "dials") == {None: 1}
    assert any("No lead or agent or call is in an experiment" in note for note in answer.notes)
