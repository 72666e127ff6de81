"""What is the right answer to a plan?

The oracle: a slow and obvious engine in plain Python, written from the contract at `Plan` alone,
against which the fast engines are held. It reads whole tables into memory.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from dialgauge.engines.base import ARROW_TYPES, TableFiles, schema
from dialgauge.engines.reference_aggregates import aggregate
from dialgauge.engines.reference_expressions import Row, evaluate
from dialgauge.engines.reference_rows import standing
from dialgauge.model.expression import Compare, Expression, Literal, conjunction
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Aggregation, Function, Key, Leg, Plan, RowsPlan

_FIRST = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class ReferenceEngine:
    """Answers plans in plain Python."""

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Answer a plan; see `Engine.run`."""
        if plan.parted:
            return _parted(plan, files, self)
        legs = [_read(leg, files) for leg in plan.legs]
        found = {values: None for leg in legs for values in leg.groups} if plan.keys else {}
        records = [_record(plan, legs, values) for values in found]
        if plan.totals or not plan.keys:
            records.append(_record(plan, legs, None))
        left_out: Counter[str] = Counter()
        for leg in legs:
            left_out.update(leg.left_out)
        records += [
            {"left_out": reason, "is_total": True, "rows": rows}
            for reason, rows in left_out.items()
        ]
        return pa.Table.from_pylist(records, schema=schema(plan))

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List the rows behind a number; see `Engine.rows`."""
        types = files[plan.leg.fact].table.types
        found = {}
        for stored, row in standing(plan.leg, files):
            if _reason(plan.leg, row) is None and _holds(plan.condition, row):
                # A row that stands for several clocks or pieces is listed once.
                found[stored[plan.key]] = stored
        clock = plan.order

        def order(stored: Row) -> tuple[bool, dt.datetime, str]:
            return stored[clock] is None, stored[clock] or _FIRST, stored[plan.key]

        listed = sorted(found.values(), key=order)[: plan.limit]
        return pa.Table.from_pylist(
            [{name: stored[name] for name in plan.leg.columns} for stored in listed],
            schema=pa.schema([(name, ARROW_TYPES[types[name]]) for name in plan.leg.columns]),
        )

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:  # noqa: ARG002 - contract
        """Show nothing: there is no statement."""
        return ""


def _parted(plan: Plan, files: Mapping[str, TableFiles], engine: ReferenceEngine) -> pa.Table:
    """Filter for each value that any row has, one after the other."""
    values = {
        evaluate(leg.part, row)
        for leg in plan.legs
        if leg.part is not None
        for _, row in standing(replace(leg, part=None), files)
        if _reason(leg, row) is None
    }
    answers = [schema(plan).empty_table()]
    for value in sorted(values - {None}):
        narrow = replace(plan, legs=tuple(_for_part(leg, value) for leg in plan.legs))
        found = engine.run(narrow, files)
        answers.append(found.add_column(2, "part", pa.array([value] * len(found), pa.string())))
    return pa.concat_tables(answers)


def _for_part(leg: Leg, value: str) -> Leg:
    if leg.part is None:
        return leg
    chosen = Compare("=", leg.part, Literal(value))
    return replace(leg, part=None, where=conjunction(leg.where, chosen))


@dataclass(frozen=True, slots=True)
class _LegRows:
    """The rows of one leg, those of its groups by their keys, and how many were left out why."""

    leg: Leg
    kept: list[Row]
    groups: Mapping[tuple[Any, ...], list[Row]]
    left_out: Counter[str]


def _read(leg: Leg, files: Mapping[str, TableFiles]) -> _LegRows:
    kept: list[Row] = []
    groups: dict[tuple[Any, ...], list[Row]] = {}
    left_out: Counter[str] = Counter()
    for _, row in standing(leg, files):
        reason = _reason(leg, row)
        if reason is not None:
            left_out[reason] += 1
            continue
        kept.append(row)
        if leg.bucketed and row["whole"]:
            continue
        values = tuple(_stored(evaluate(key.expression, row), key) for key in leg.keys)
        groups.setdefault(values, []).append(row)
    return _LegRows(leg, kept, groups, left_out)


def _reason(leg: Leg, row: Row) -> str | None:
    return next((reason for reason, condition in leg.left_out if _holds(condition, row)), None)


def _holds(condition: Expression | None, row: Row) -> bool:
    return condition is None or evaluate(condition, row) is True


def _stored(value: Any, key: Key) -> Any:
    """Give a key's value the key's type, so that legs agree on it."""
    if value is None:
        return None
    match key.type:
        case Type.NUMBER:
            return float(value)
        case Type.MONEY:
            return Decimal(value)
        case _:
            return value


def _record(plan: Plan, legs: list[_LegRows], values: tuple[Any, ...] | None) -> dict[str, Any]:
    """Compute the row of one group, or of all rows when `values` is None."""
    computed: dict[str, Any] = {}
    for leg in legs:
        rows = leg.kept if values is None else leg.groups.get(values, [])
        for each in leg.leg.aggregations:
            where = each.where_in_total if values is None else None
            asked = each if where is None else replace(each, where=where)
            computed[each.name] = aggregate(asked, rows)
    record: dict[str, Any] = {"left_out": None, "is_total": values is None, "rows": None}
    names = (key.name for key in plan.keys)
    record |= dict.fromkeys(names) if values is None else dict(zip(names, values, strict=True))
    for each in (each for leg in legs for each in leg.leg.aggregations):
        record[each.name] = _typed(computed[each.name], each)
    for each in (each for leg in legs for each in leg.leg.aggregations):
        if each.function is Function.QUANTILES and computed[each.name] is not None:
            computed[each.name] = computed[each.name][each.picked]
    for output in plan.outputs:
        number = evaluate(output.formula, computed)
        record[output.name] = None if number is None else float(number)
    return record


def _typed(value: Any, aggregation: Aggregation) -> Any:
    """Bring a number to the declared type of its column."""
    if value is None or aggregation.function in (Function.QUANTILES, Function.TUPLES):
        return value
    match aggregation.type:
        case Type.NUMBER:
            return float(value)
        case Type.MONEY:
            return Decimal(value).quantize(Decimal("0.0001"))
        case _:
            return value
