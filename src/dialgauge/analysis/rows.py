"""How does an engine's table become the rows of an answer?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from dialgauge.analysis.expected import Expectation
from dialgauge.analysis.values import unknown, values
from dialgauge.model.answer import KeyValue, Row
from dialgauge.model.question import Grain
from dialgauge.plan.planner import Planned


def rows(
    table: pa.Table,
    planned: Planned,
    silent: Mapping[str, tuple[str, str]] | None = None,
    expectation: Expectation | None = None,
) -> tuple[tuple[Row, ...], Row | None]:
    """Read the groups and the total off an engine's table.

    Args:
        table: The result of the plan.
        planned: What was asked.
        silent: KPI name to a fact and its flag that no row has: what it counts is unknown.
        expectation: What customers' histories make expect; None when nobody asks.

    Returns:
        The rows of the groups, ordered by key with unknown keys last, and the total. A question
        without keys has one row, which is its total too.
    """
    numbers = table.filter(pc.is_null(table.column("left_out")))
    keys = [key.name for key in planned.plan.keys]
    cells = {
        reading.kpi.name: values(numbers, planned.plan, reading, expectation)
        for reading in planned.readings
    }
    for kpi, (fact, flag) in (silent or {}).items():
        cells[kpi] = [unknown(value, f"no row of {fact} says '{flag}'") for value in cells[kpi]]
    found: list[tuple[tuple[tuple[bool, object], ...], Row]] = []
    total = None
    raw = numbers.select([*keys, "is_total"]).to_pylist()
    for place, record in enumerate(raw):
        row = Row(
            keys=_keys(record, planned) if not record["is_total"] else {},
            values={kpi: column[place] for kpi, column in cells.items()},
        )
        if record["is_total"]:
            total = row
        else:
            found.append((_order(record, keys), row))
    found.sort(key=lambda pair: pair[0])
    if not keys and total is not None:
        return (total,), total
    return tuple(row for _, row in found), total


def left_out(table: pa.Table) -> Mapping[str, int]:
    """Read how many rows were left out, by `fact.reason`."""
    out = table.filter(pc.is_valid(table.column("left_out")))
    return dict(
        zip(out.column("left_out").to_pylist(), out.column("rows").to_pylist(), strict=True)
    )


def total_numbers(table: pa.Table) -> pa.Table:
    """Return the total row when there is one, else all number rows."""
    numbers = table.filter(pc.is_null(table.column("left_out")))
    whole = numbers.filter(numbers.column("is_total"))
    return whole if whole.num_rows else numbers


def label(bucket: KeyValue, grain: Grain, timezone: str) -> KeyValue:
    """Write a bucket's key: an ISO day, or for hours an ISO time with its offset.

    Example:
        >>> label(1_792_890_000, Grain.HOUR, "Europe/Berlin")
        '2026-10-25T02:00:00+01:00'
    """
    if bucket is None:
        return None
    if grain is Grain.HOUR and isinstance(bucket, int):
        return dt.datetime.fromtimestamp(bucket, tz=ZoneInfo(timezone)).isoformat()
    return bucket.isoformat() if isinstance(bucket, dt.date) else bucket


def _keys(record: Mapping[str, KeyValue], planned: Planned) -> Mapping[str, KeyValue]:
    question = planned.question
    keys = {}
    for key in planned.plan.keys:
        value = record[key.name]
        if key.name == "period" and question.grain:
            value = label(value, question.grain, question.timezone)
        elif isinstance(value, dt.date):
            value = value.isoformat()
        keys[key.name] = value
    return keys


def _order(record: Mapping[str, KeyValue], keys: list[str]) -> tuple[tuple[bool, object], ...]:
    return tuple((record[key] is None, 0 if record[key] is None else record[key]) for key in keys)
