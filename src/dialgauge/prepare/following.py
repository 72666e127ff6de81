"""Which tables follow from those that were touched, and in what order?

Each table's step stands in its own file. A step runs when a table it reads was touched and there
are rows it could give something to; it works them out from what is stored, and only those that
came out differently are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Protocol

import duckdb

from dialgauge.model.rules import Rules
from dialgauge.model.table import Table
from dialgauge.prepare import (
    active_spells,
    conversations,
    cost_shares,
    deals,
    experiments,
    lifetimes,
    orders,
    reviews,
    scores,
    stages,
    surveys,
)
from dialgauge.prepare.changes import changed_rows
from dialgauge.prepare.narrowing import Touched, mattering
from dialgauge.prepare.scratch import Scratch
from dialgauge.prepare.step import Given, Step
from dialgauge.tables import TABLES

STEPS: tuple[Step, ...] = (
    deals.STEP,
    stages.STAGES_STEP,
    stages.NORMS_STEP,
    orders.STEP,
    lifetimes.STEP,
    active_spells.STEP,
    cost_shares.STEP,
    surveys.STEP,
    conversations.STEP,
    reviews.STEP,
    scores.SCORES_STEP,
    scores.REVIEWED_STEP,
    *experiments.STEPS,
)
"""All steps; each reads what comes before it, never what comes after."""

MADE_FROM: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "lifetimes": frozenset({"customers", "orders"}),
        "active_spells": frozenset({"customers", "orders"}),
        "cost_shares": frozenset({"costs"}),
        "stage_norms": frozenset({"stages"}),
        "scores": frozenset({"reviews"}),
        "reviewed_calls": frozenset({"reviews"}),
        **{step.table: step.reads for step in experiments.STEPS},
    }
)
"""Derived table to the tables without whose rows it has none."""


class Store(Protocol):
    """Who holds the tables, with all that was done to them so far."""

    def holds(self, table: Table) -> bool:
        """Tell whether a table has rows."""

    def view(self, table: Table) -> str:
        """Return a view of all rows of a table."""

    def upsert(self, table: Table, rows: str) -> None:
        """Store rows by key; one without clock in a derived table is gone."""

    def replace(self, table: Table, rows: str) -> None:
        """Store rows in the place of all there are."""


def step_of(table: str) -> Step | None:
    """Return how a batch of a table gets its derived columns; None where it has none here.

    Example:
        >>> step_of("orders").table, step_of("lifetimes"), step_of("agents")
        ('orders', None, None)
    """
    steps = {step.table: step for step in STEPS if not TABLES[step.table].derived}
    return steps.get(table)


def is_due(step: Step, touched: Collection[str], holds: Callable[[str], bool]) -> bool:
    """Decide whether a step must run.

    Args:
        step: The step.
        touched: The tables that were touched.
        holds: Tells whether a table has rows; asked only when the step reads what was touched.

    Example:
        >>> is_due(step_of("orders"), {"calls"}, {"calls"}.__contains__)
        False
        >>> is_due(step_of("orders"), {"calls"}, {"calls", "orders"}.__contains__)
        True
    """
    if step.reads.isdisjoint(touched):
        return False
    return any(holds(name) for name in {step.table, *MADE_FROM.get(step.table, ())})


def follow(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    touched: Touched,
    rules: Rules,
    progress: Callable[[str], None],
) -> tuple[str, ...]:
    """Bring all tables up to date that follow from touched ones.

    Args:
        con: Connection in which the work is done, its TimeZone UTC.
        store: Holds the tables.
        touched: What happened; with all tables, and none that only grew, everything is worked
            out anew.
        rules: What the team decided.
        progress: Told in a few words what is being done.

    Returns:
        The tables of which rows came out differently.
    """
    now = set(touched.tables)
    changed = []
    for step in STEPS:
        if is_due(step, now, lambda name: store.holds(TABLES[name])):
            progress(f"working out {step.table}")
            condition = mattering(step, frozenset(now), touched.new)
            if _run(Scratch(con), store, step, rules, condition):
                now.add(step.table)
                changed.append(step.table)
    return tuple(changed)


def _run(scratch: Scratch, store: Store, step: Step, rules: Rules, condition: str | None) -> bool:
    """Run a step on what is stored, store what differs, and tell whether anything did."""
    table = TABLES[step.table]
    views = {name: store.view(TABLES[name]) for name in sorted({*step.reads, step.table})}
    own = views[step.table]
    if condition is not None:
        fewer = scratch.table("fewer", f"FROM {own} WHERE {condition}")
        if not scratch.count(fewer):
            scratch.drop([fewer])
            return False
        own = own if table.derived else fewer
    given = Given(scratch=scratch, own=own, views=views, rules=rules)
    rows = scratch.table(step.table, step.rows(given))
    changed = changed_rows(scratch, table, rows, own)
    some = scratch.count(changed) > 0
    if some and table.derived and table.clock is None:  # nothing could tell that a row is gone
        store.replace(table, rows)
    elif some:
        store.upsert(table, changed)
    scratch.drop(reversed(list(scratch.names)))
    return some
