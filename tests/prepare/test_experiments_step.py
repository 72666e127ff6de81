"""What is each lead, agent and call in, and since when?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.prepare.experiments import STEPS
from memory_lake import MemoryLake
from run_step import Row, run_step

NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
STEP = {step.table: step for step in STEPS}
HOURS = [NOON + dt.timedelta(hours=hours) for hours in range(3)]


def assigned(experiment: str | None, variant: str | None, **columns: object) -> Row:
    """Put lead l into a variant at noon."""
    row = {"experiment": experiment, "variant": variant, "assigned_at": NOON}
    return row | {"unit": "lead", "unit_id": "l"} | columns


def numbered(rows: Sequence[Row]) -> list[Row]:
    """Name assignments."""
    return [{"assignment_id": f"{number}", **row} for number, row in enumerate(rows)]


def places(*rows: Row, unit: str = "lead") -> dict[tuple[str, str], tuple[Any, ...]]:
    """Find what everybody is in, by whom and what is asked."""
    found = run_step(STEP[f"{unit}_experiments"], assignments=numbered(rows))
    told = ("experiment", "variant", "assigned_at", "several_at")
    return {
        (row[f"{unit}_id"], row["asked_experiment"]): tuple(row[name] for name in told)
        for row in found
    }


def test_one_experiment_is_the_same_asked_or_not() -> None:
    """A lead in one experiment is in it whether or not a question names it."""
    place = ("script", "A", NOON, None)
    assert places(assigned("script", "A")) == {("l", ""): place, ("l", "script"): place}


def test_two_experiments_are_several_from_the_second_on() -> None:
    """Until then the first is meant; a question that names one still finds it."""
    found = places(assigned("price", "X", assigned_at=HOURS[1]), assigned("script", "A"))
    assert found == {
        ("l", ""): ("script", "A", NOON, HOURS[1]),
        ("l", "price"): ("price", "X", HOURS[1], None),
        ("l", "script"): ("script", "A", NOON, None),
    }


def test_two_variants_are_several_from_the_first_on() -> None:
    """Neither the first nor the last is picked; the same variant again changes nothing."""
    later = {"assigned_at": HOURS[1]}
    found = places(assigned("script", "A"), assigned("script", "B", **later))
    assert found["l", "script"] == ("script", "several", NOON, None)
    found = places(assigned("script", "A", **later), assigned("script", "A"))
    assert found["l", "script"] == ("script", "A", NOON, None)


def test_what_names_nobody_or_nothing_says_nothing() -> None:
    """An unknown variant stays unknown, an unknown experiment or unit is none."""
    assert (
        places(assigned(None, "A"), assigned("", "A"), assigned("script", "A", unit_id=None)) == {}
    )
    assert places(assigned("script", None))["l", ""] == ("script", None, NOON, None)


def test_units_of_one_name_are_apart() -> None:
    """An agent l and a call l are not the lead l."""
    rows = [assigned("script", variant, unit=variant) for variant in ("lead", "agent", "call")]
    for unit in ("lead", "agent", "call"):
        assert places(*rows, unit=unit)["l", ""] == ("script", unit, NOON, None)


ASSIGNMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "experiment": st.sampled_from(("script", "price", "", None)),
            "variant": st.sampled_from(("A", "B", None)),
            "unit": st.sampled_from(("lead", "lead", "agent", None)),
            "unit_id": st.sampled_from(("l", "l#1", None)),
            "assigned_at": st.sampled_from(HOURS),
        }
    ),
    max_size=8,
).map(numbered)


def expected(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Work out what leads are in, the slow and obvious way."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    mine = [row for row in rows if row["unit"] == "lead" and row["unit_id"] and row["experiment"]]
    for lead in {row["unit_id"] for row in mine}:
        begun = []
        for experiment in {row["experiment"] for row in mine if row["unit_id"] == lead}:
            those = [r for r in mine if (r["unit_id"], r["experiment"]) == (lead, experiment)]
            variants = {row["variant"] for row in those} - {None}
            variant = "several" if len(variants) > 1 else next(iter(variants), None)
            since = min(row["assigned_at"] for row in those)
            found[lead, experiment] = (experiment, variant, since, None)
            begun.append((since, experiment, variant))
        begun.sort(key=lambda each: each[:2])
        since, experiment, variant = begun[0]
        again = begun[1][0] if len(begun) > 1 else None
        found[lead, ""] = (experiment, variant, since, again)
    return found


@given(ASSIGNMENTS)
def test_any_assignments_come_out_as_by_hand(rows: list[Row]) -> None:
    """Whatever is assigned twice, at once, to nobody or to nothing."""
    assert places(*rows) == expected(rows)


@pytest.mark.parametrize("unit", ["lead", "agent"])
def test_a_correction_moves_and_removes_rows(unit: str) -> None:
    """An assignment that is corrected leaves no row behind."""
    lake = MemoryLake()
    lake.load("assignments", numbered([assigned("script", "A", unit=unit)]))
    table = f"{unit}_experiments"
    assert {row["variant"] for row in lake.rows(table).values()} == {"A"}
    lake.load("assignments", numbered([assigned("price", "B", unit=unit)]))
    assert {row["experiment"] for row in lake.rows(table).values()} == {"price"}
    lake.load("assignments", numbered([assigned("price", "B", unit="call")]))
    assert lake.rows(table) == {}
    assert lake.anew() == ()
