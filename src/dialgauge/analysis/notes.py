"""What must a reader know beside the numbers?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from dialgauge.model.expression import names
from dialgauge.model.parse import parse
from dialgauge.model.rules import Rules
from dialgauge.model.table import Table
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.nodes import Plan
from dialgauge.plan.planner import Planned
from dialgauge.plan.reading import Reading
from dialgauge.tables.experiments import EXPERIMENTS

_LEFT_OUT = {
    "calls.test": ("test call", "test calls"),
    "calls.internal": ("internal call", "internal calls"),
    "orders.cancelled": ("cancelled order", "cancelled orders"),
    "agent_time.unfinished": ("interval without an end", "intervals without an end"),
}
_DAY = 86_400
_COST = "cost_shares.amount"
_PLACED = {"local_hour": ("hour", "hours"), "local_weekday": ("weekday", "weekdays")}
_CREDITED = {"campaign", "list", "agent", "team", "agent_tenure", "script", "lead_source"}
"""Dimensions of orders that depend on whose work an order was."""
_EXPERIMENTS = {table.name: unit for unit, table in EXPERIMENTS.items()}


def left_out_notes(counts: Mapping[str, int]) -> list[str]:
    """Say which rows never count.

    Example:
        >>> left_out_notes({"calls.test": 2})
        ['Left out: 2 test calls.']
    """
    notes = []
    for reason, rows in sorted(counts.items()):
        fact, _, why = reason.partition(".")
        one, many = _LEFT_OUT.get(reason, (f"row of {fact} ({why})", f"rows of {fact} ({why})"))
        notes.append(f"Left out: {rows:,} {one if rows == 1 else many}.")
    return notes


def immature_notes(counts: Iterable[tuple[Reading, int]], words: Vocabulary) -> list[str]:
    """Say which rows do not count yet."""
    notes = []
    for reading, rows in counts:
        if not rows:
            continue
        fact, name = reading.measures[-1]
        seconds = words.facts[fact].measures[name].matures_in or 0
        wait = f"{seconds // _DAY} days" if seconds >= _DAY else f"{seconds // 60} minutes"
        verb = "is" if rows == 1 else "are"
        notes.append(
            f"{reading.kpi.name}: {rows:,} of {fact} {verb} not counted yet, because what becomes "
            f"of them is known only after {wait}."
        )
    return notes


def unrecorded_notes(silent: Mapping[str, tuple[str, str]]) -> list[str]:
    """Say which KPIs are unknown because nobody wrote down what they count.

    Example:
        >>> unrecorded_notes({"contact_rate": ("calls", "contact")})
        ["contact_rate: no row of calls says 'contact', so it is unknown; import that column, or \
map dispositions to it."]
    """
    return [
        f"{kpi}: no row of {fact} says '{flag}', so it is unknown; import that column, or map "
        "dispositions to it."
        for kpi, (fact, flag) in silent.items()
    ]


def credit_notes(planned: Planned, rules: Rules) -> list[str]:
    """Say by which rule orders are somebody's, where an answer depends on it."""
    question = planned.question
    filtered = (name for text in question.where for name in _read(text))
    facts = {leg.fact for leg in planned.plan.legs}
    if not facts & {"orders", "lifetimes"} or not {*question.by, *filtered} & _CREDITED:
        return []
    rule = (
        "Orders are credited by the call, agent, campaign or deal they name, else to the last "
        f"contact with their lead in the {rules.attribution_days} days before"
    )
    return [f"{rule}; revenue --by credited_by shows which."]


def uncharged_notes(planned: Planned, table: pa.Table) -> list[str]:
    """Say how much of the cost no group is charged with.

    Args:
        planned: What was asked.
        table: The result of its plan.
    """
    by = planned.question.by
    if _COST not in table.column_names or not by:
        return []
    # Other columns may hold lists of thousands of rows.
    groups = table.select([*by, "is_total", "left_out", _COST]).to_pylist()
    spent = [row for row in groups if not row["is_total"] and not row["left_out"]]
    whole = sum(float(row[_COST] or 0) for row in spent)
    notes = []
    for name in by:
        nobody = sum(float(row[_COST] or 0) for row in spent if row[name] is None)
        if nobody and whole:
            notes.append(
                f"{nobody / whole:.0%} of the cost is charged to no {name}, and stands under none: "
                f"the {name}s bear less than the whole costs."
            )
    return notes


def _read(condition: str) -> tuple[str, ...]:
    return names(parse(condition))


def unplaced_notes(whole: pa.Table) -> list[str]:
    """Say how many rows stand in no hour or day of the called party.

    Args:
        whole: The number rows, or the total row alone.

    Example:
        >>> unplaced_notes(pa.table({"calls:no_local_hour": [2, 1]}))
        ["3 of calls are in no hour: the called party's time zone is unknown, or its number may be \
in several whose hours differ."]
    """
    notes = []
    for name in whole.column_names:
        fact, _, column = name.partition(":no_")
        rows = (
            sum(count or 0 for count in whole.column(name).to_pylist()) if column in _PLACED else 0
        )
        if rows:
            one, many = _PLACED[column]
            verb = "is" if rows == 1 else "are"
            notes.append(
                f"{rows:,} of {fact} {verb} in no {one}: the called party's time zone is unknown, "
                f"or its number may be in several whose {many} differ."
            )
    return notes


def lookup_notes(plan: Plan, empty: Iterable[Table]) -> list[str]:
    """Say which looked-up tables hold nothing, so that what they tell is unknown."""
    looked_up = {join.table for leg in plan.legs for join in leg.joins}
    silent = {table.name: table for table in empty if table.name in looked_up}
    missing = dict.fromkeys(
        table.made_from or name for name, table in silent.items() if name not in _EXPERIMENTS
    )
    notes = [
        f"The table {table} is empty, so all that it tells is unknown here; "
        f"import it with: dialgauge import files {table}.csv --table {table}."
        for table in missing
    ]
    if looked_up & _EXPERIMENTS.keys() and looked_up & _EXPERIMENTS.keys() <= silent.keys():
        units = " or ".join(unit for name, unit in _EXPERIMENTS.items() if name in looked_up)
        notes.append(
            f"No {units} is in an experiment, so experiment and variant are unknown here; import "
            "their assignments with: dialgauge import files assignments.csv --table assignments."
        )
    return notes


def variant_notes(planned: Planned) -> list[str]:
    """Say that variants of different experiments stand together, where no experiment is named."""
    question = planned.question
    read = {name for text in question.where for name in _read(text)}
    if "variant" not in {*question.by, *read} or "experiment" in {*question.by, *read}:
        return []
    note = (
        'Variants of all experiments stand together here; name one with --where "experiment ='
        " '...'\", or split by experiment too."
    )
    return [note]
