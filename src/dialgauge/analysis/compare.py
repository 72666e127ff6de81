"""What changed, and is the change likely real?

Two answers to one question, asked of two periods, are set beside each other row by row. The
interval of a difference assumes that the two sides share no rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from dialgauge.analysis.interval import difference
from dialgauge.model.answer import Answer, Change, KeyValue, Row, Value

Shift: TypeAlias = Callable[[KeyValue], KeyValue]
"""From a period key of the answer to that of the other one, None where it has none."""

_NOT_HERE = "no rows in this period"
_NOT_THERE = "no rows in the other period"
_NO_BUCKET = "the other period has no such part"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A group: its keys here, its row here and there, and whether there is a there at all."""

    keys: Mapping[str, KeyValue]
    row: Row | None
    other: Row | None
    comparable: bool = True


def change(value: Value, other: Value) -> Change:
    """Say how a value differs from another one.

    The interval is MOVER's (`interval.difference`); a difference is likely real when its interval
    excludes 0, which by chance alone happens in at most about 5 of 100 comparisons.

    Args:
        value: The value.
        other: What it is compared with.

    Returns:
        The change; parts of it are None where a value, an interval or a base is missing. The
        relative change is measured against the size of the other value, so its sign is that of
        the difference.

    Example:
        >>> now, then = Value(value=0.4, low=0.3, high=0.5), Value(value=0.2, low=0.16, high=0.24)
        >>> found = change(now, then)
        >>> found.difference, found.relative, found.likely_real
        (0.2, 1.0, True)
    """
    return _changes([(value, other)])[0]


def by_position(periods: Sequence[KeyValue], others: Sequence[KeyValue]) -> Shift:
    """Set the first bucket beside the first, the second beside the second, and so on.

    Args:
        periods: The buckets of the answer, in order.
        others: The buckets of the other answer, in order; there may be more or fewer.

    Returns:
        The shift for `compare`.

    Example:
        >>> shift = by_position(("2026-02-01", "2026-02-02"), ("2026-01-01",))
        >>> shift("2026-02-01"), shift("2026-02-02")
        ('2026-01-01', None)
    """
    return dict(zip(periods, others, strict=False)).get


def compare(
    answer: Answer,
    other: Answer,
    shift: Shift,
    *,
    periods: Sequence[KeyValue] = (),
    empty: Mapping[str, Value] | None = None,
) -> Answer:
    """Set an answer beside the same question's answer for another period.

    Args:
        answer: The one asked for.
        other: The one to compare with.
        shift: Which bucket of the other answer a bucket is compared with; not called without a
            `period` key.
        periods: Every bucket of the question in order, so that buckets without rows are found,
            too; without it, those that have rows.
        empty: What a KPI is when there are no rows, such as 0 for counts; for others it is
            unknown.

    Returns:
        The answer with a `change` in each value. Groups that only the other period has stand
        where their keys put them, with the reason. What has no bucket here is left out, and a
        note says so. Notes of the other answer follow, marked as such.

    Example:
        >>> from dialgauge.model.question import Question
        >>> asked = Question(kpis=("dials",))
        >>> now = Answer(question=asked, rows=(Row(keys={}, values={"dials": Value(value=12)}),))
        >>> then = Answer(question=asked, rows=(Row(keys={}, values={"dials": Value(value=9)}),))
        >>> compare(now, then, lambda key: key).rows[0].values["dials"].change.difference
        3.0
    """
    kpis = answer.question.kpis
    known = periods or tuple(dict.fromkeys(row.keys.get("period") for row in answer.rows))
    joined, lost = _join(answer.rows, other.rows, shift, known)
    positions = {period: position for position, period in enumerate(known)}
    joined.sort(key=lambda pair: _order(pair.keys, positions))
    rows = _changed(kpis, joined, empty or {})
    total = answer.total
    if total is not None and other.total is not None:
        total = _changed(kpis, [_Pair(total.keys, total, other.total)], {})[0]
    notes = (*answer.notes, *_other_notes(answer, other, lost))
    return replace(answer, rows=tuple(rows), total=total, notes=notes)


def _join(
    rows: Sequence[Row], others: Sequence[Row], shift: Shift, periods: Sequence[KeyValue]
) -> tuple[list[_Pair], int]:
    """Pair rows by key, and count the other rows whose bucket has no counterpart."""
    waiting = {_group(row.keys): row for row in others}
    pairs = []
    used = set()
    for row in rows:
        target = _moved(row.keys, shift)
        group = _group(target)
        # A bucket without counterpart had no chance to hold anything: it is not empty, it is not.
        comparable = target.get("period", "") is not None
        pairs.append(_Pair(row.keys, row, waiting.get(group), comparable))
        used.add(group)
    back = {shift(period): period for period in periods if period is not None}
    lost = 0
    for group, row in waiting.items():
        if group in used:
            continue
        if "period" in row.keys and row.keys["period"] not in back:
            lost += 1
        else:
            pairs.append(_Pair(_moved(row.keys, back.__getitem__), None, row))
    return pairs, lost


def _changed(kpis: Sequence[str], joined: Sequence[_Pair], empty: Mapping[str, Value]) -> list[Row]:
    missing = Value(value=None, reason=_NO_BUCKET)
    pairs = [
        (
            _value(pair.row, kpi, empty, _NOT_HERE),
            _value(pair.other, kpi, empty, _NOT_THERE) if pair.comparable else missing,
        )
        for pair in joined
        for kpi in kpis
    ]
    values = (
        replace(value, change=found)
        for (value, _), found in zip(pairs, _changes(pairs), strict=True)
    )
    return [Row(keys=pair.keys, values={kpi: next(values) for kpi in kpis}) for pair in joined]


def _changes(pairs: Sequence[tuple[Value, Value]]) -> list[Change]:
    if not pairs:
        return []
    numbers = np.array(
        [
            (value.value, value.low, value.high, other.value, other.low, other.high)
            for value, other in pairs
        ],
        dtype=np.float64,  # None becomes NaN
    )
    bounds = zip(*(found.tolist() for found in difference(*numbers.T)), strict=True)
    return [
        _change(other, gap, low, high)
        for (_, other), (gap, low, high) in zip(pairs, bounds, strict=True)
    ]


def _change(other: Value, gap: float, low: float, high: float) -> Change:
    if math.isnan(gap):
        return Change(value=other, difference=None)
    bounded = not (math.isnan(low) or math.isnan(high))
    return Change(
        value=other,
        difference=gap,
        low=low if bounded else None,
        high=high if bounded else None,
        relative=gap / abs(other.value) if other.value else None,
        likely_real=low > 0 or high < 0 if bounded else None,
    )


def _value(row: Row | None, kpi: str, empty: Mapping[str, Value], reason: str) -> Value:
    if row is None:
        return empty.get(kpi, Value(value=None, reason=reason))
    return row.values[kpi]


def _moved(keys: Mapping[str, KeyValue], shift: Shift) -> Mapping[str, KeyValue]:
    return {**keys, "period": shift(keys["period"])} if "period" in keys else keys


def _group(keys: Mapping[str, KeyValue]) -> frozenset[tuple[str, KeyValue]]:
    return frozenset(keys.items())


def _order(
    keys: Mapping[str, KeyValue], positions: Mapping[KeyValue, int]
) -> tuple[tuple[bool, object], ...]:
    """Order buckets as the question does, groups by their key, unknown ones last."""
    return tuple(
        (False, positions.get(value, len(positions)))
        if name == "period"
        else (value is None, 0 if value is None else value)
        for name, value in keys.items()
    )


def _other_notes(answer: Answer, other: Answer, lost: int) -> tuple[str, ...]:
    notes = [f"In the other period: {note}" for note in other.notes if note not in answer.notes]
    if lost:
        notes.append(
            f"Groups of the other period that lie in a part without counterpart here: {lost}; "
            "they count in its total alone."
        )
    return tuple(notes)
