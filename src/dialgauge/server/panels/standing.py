"""Who is really above or below the rest?"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialgauge.analysis.many import LEVEL, adjusted, doubt
from dialgauge.model.answer import Answer, KeyValue, Value
from dialgauge.model.kpi import Better, Kpi
from dialgauge.server.panels.heat import LEAST_ROWS
from dialgauge.server.panels.mood import Mood


class Side(enum.Enum):
    """Where a value stands."""

    ABOVE = "above"
    BELOW = "below"
    LIKE = "like"  # not to be told from chance
    FEW = "few"  # too few rows to say
    UNKNOWN = "unknown"  # no value, no interval, or nothing to hold it against


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a value stands against a number.

    Attributes:
        side: Above or below it for sure, as far as so many comparisons can be sure.
        doubt: The p-value, adjusted for how many were compared; None where not judged.
    """

    side: Side
    doubt: float | None = None


def standings(values: Sequence[Value], references: Sequence[float | None]) -> list[Standing]:
    """Judge each value against its own number, all of them together.

    A group is part of the whole that it is held against, which pulls the two together: what is
    called different differs from the rest even more.

    Args:
        values: One a group, with their intervals.
        references: For each the number it is held against.

    Example:
        >>> far, near = (Value(value=v, n=99, low=v - 0.02, high=v + 0.02) for v in (0.3, 0.21))
        >>> [each.side.value for each in standings([far, near], [0.2, 0.2])]
        ['above', 'like']
    """
    doubts = [
        doubt(value, reference) if value.n >= LEAST_ROWS else None
        for value, reference in zip(values, references, strict=True)
    ]
    held = iter(adjusted([each for each in doubts if each is not None]))
    found = []
    for value, reference, each in zip(values, references, doubts, strict=True):
        if each is None:
            compared = value.value is not None and reference is not None
            few = compared and value.n < LEAST_ROWS
            found.append(Standing(side=Side.FEW if few else Side.UNKNOWN))
            continue
        sure = next(held)
        found.append(Standing(side=_side(value, reference, sure), doubt=sure))
    return found


def _side(value: Value, reference: float | None, sure: float) -> Side:
    if sure >= LEVEL or value.value is None or reference is None:
        return Side.LIKE
    return Side.ABOVE if value.value > reference else Side.BELOW


def meaning(side: Side, kpi: Kpi) -> Mood:
    """Say whether it is good to stand there.

    Example:
        >>> from dialgauge.model.kpi import Unit
        >>> meaning(Side.ABOVE, Kpi(name="x", formula="calls.dials", unit=Unit.COUNT))
        <Mood.FLAT: 'flat'>
    """
    if side not in (Side.ABOVE, Side.BELOW) or kpi.better not in (Better.HIGHER, Better.LOWER):
        return Mood.FLAT
    return Mood.GOOD if (side is Side.ABOVE) == (kpi.better is Better.HIGHER) else Mood.BAD


def of_own_mix(answer: Answer, kpi: str, by: str, mix: str) -> Mapping[KeyValue, float]:
    """Say what each group would reach if its own mix went as it goes on the whole.

    Indirect standardisation (Breslow and Day 1987, Statistical Methods in Cancer Research II, 2.3):
    each group keeps its own numbers of, say, calls in each campaign, and gets every campaign's
    common rate.

    Args:
        answer: The KPI asked by both dimensions, with totals.
        kpi: A ratio whose parts add up over the groups.
        by: The groups.
        mix: What they have different shares of.

    Returns:
        Group to value; empty where the parts do not add up to the whole.
    """
    whole = answer.total.values[kpi] if answer.total else Value(value=None)
    parts = [
        (row.keys[by], row.keys[mix], value.numerator, value.denominator)
        for row in answer.rows
        for value in (row.values[kpi],)
        if value.numerator is not None and value.denominator
    ]
    if not _adds_up([(top, bottom) for *_, top, bottom in parts], whole):
        return {}
    tops: dict[KeyValue, float] = {}
    bottoms: dict[KeyValue, float] = {}
    for _, kind, top, bottom in parts:
        tops[kind] = tops.get(kind, 0.0) + top
        bottoms[kind] = bottoms.get(kind, 0.0) + bottom
    would: dict[KeyValue, float] = {}
    had: dict[KeyValue, float] = {}
    for group, kind, _, bottom in parts:
        would[group] = would.get(group, 0.0) + bottom * tops[kind] / bottoms[kind]
        had[group] = had.get(group, 0.0) + bottom
    return {group: would[group] / had[group] for group in would}


def _adds_up(parts: Sequence[tuple[float, float]], whole: Value) -> bool:
    if not parts or whole.numerator is None or whole.denominator is None:
        return False
    return math.isclose(sum(top for top, _ in parts), whole.numerator, rel_tol=1e-6) and (
        math.isclose(sum(bottom for _, bottom in parts), whole.denominator, rel_tol=1e-6)
    )
