"""In which variant of which experiment is a lead, an agent or a call?

Made by `prepare` from assignments, one table a unit. Somebody may be in several experiments: a
question that names one (`experiment = 'script'`) is about that one, whatever else went on; one
that names none finds 'several' from the second experiment on, since no row may count twice. Who
was put into several variants of one experiment is in none of them: its variant is 'several'.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.model.fact import Lookup
from dialgauge.model.table import Column, Table, Type

SEVERAL = "several"
"""What stands where one experiment, or one variant, cannot be told."""

WHOLE = ""
"""Instead of a time: what happens to the unit belongs to its experiment from the beginning."""


def _experiments(unit: str) -> Table:
    return Table(
        name=f"{unit}_experiments",
        key="place_id",
        clock="assigned_at",
        derived=True,
        made_from="assignments",
        meaning=f"Experiments that {unit}s are in, one row each, and one row over all of them.",
        columns=(
            Column("place_id", Type.TEXT, f"The {unit} and a number; 0 is all its experiments."),
            Column(f"{unit}_id", Type.TEXT, f"The {unit}."),
            Column("asked_experiment", Type.TEXT, "The experiment; empty in the row over all."),
            Column("experiment", Type.TEXT, "The experiment; in the row over all the first."),
            Column("variant", Type.TEXT, "The variant of that experiment."),
            Column("assigned_at", Type.TIME, "Since when it is in that experiment."),
            Column("several_at", Type.TIME, "In the row over all, since when in another one."),
        ),
    )


EXPERIMENTS: Mapping[str, Table] = MappingProxyType(
    {unit: _experiments(unit) for unit in ("lead", "agent", "call")}
)
"""Unit of an assignment to the table of what it is in."""


def experiment_lookups(**on: str) -> tuple[Lookup, ...]:
    """Write how a fact finds the experiments its rows are in.

    Args:
        on: Unit to the fact's column that names it.

    Example:
        >>> [lookup.table for lookup in experiment_lookups(lead="lead_id")]
        ['lead_experiments']
    """
    return tuple(
        Lookup(table=EXPERIMENTS[unit].name, on=column, key=f"{unit}_id", asked="experiment")
        for unit, column in on.items()
    )


def experiment_dimensions(**at: str) -> Mapping[str, str]:
    """Write the dimensions `experiment` and `variant` of a fact.

    A row before its unit was assigned is not in the experiment yet. A row whose units are in
    different experiments or variants is in 'several'.

    Args:
        at: Unit to the time of a row, as an expression; `WHOLE` where the row is the unit itself.

    Example:
        >>> sorted(experiment_dimensions(lead="set_at"))
        ['experiment', 'variant']
    """
    experiments = [_since(unit, "experiment", time) for unit, time in at.items()]
    variants = [_since(unit, "variant", time) for unit, time in at.items()]
    if len(at) == 1:
        return {"experiment": experiments[0], "variant": variants[0]}
    mixed = f"when {_differ(experiments)} then '{SEVERAL}'"
    return {
        "experiment": f"case {mixed} else coalesce({', '.join(experiments)}) end",
        "variant": f"case {mixed} when {_differ(variants)} then '{SEVERAL}'"
        f" else coalesce({', '.join(variants)}) end",
    }


def _since(unit: str, column: str, at: str) -> str:
    """Write what a row is in by one unit; without a time of its own, as if it were the first."""
    table = EXPERIMENTS[unit].name
    before = f"when {at} < {table}.assigned_at then null " if at else ""
    first = f"or {at} < {table}.several_at " if at else ""
    return (
        f"case {before}when {table}.several_at is null {first}then {table}.{column}"
        f" else '{SEVERAL}' end"
    )


def _differ(texts: list[str]) -> str:
    """Write that the known ones of some texts are not all the same."""
    listed = ", ".join(texts)
    return f"least({listed}) != greatest({listed})"
