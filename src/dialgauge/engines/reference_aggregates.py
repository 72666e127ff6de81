"""What does an aggregate give over some rows, in plain Python?"""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from typing import Any

from dialgauge.engines.reference_expressions import EXACT, Row, alike, evaluate
from dialgauge.plan.nodes import Aggregation, Function


def aggregate(  # noqa: C901 - one branch a function
    aggregation: Aggregation, rows: Sequence[Row]
) -> Any:
    """Compute one aggregate.

    Args:
        aggregation: What to compute.
        rows: The rows of one group, without those left out.

    Returns:
        0 for a COUNT or DISTINCT of nothing, None for any other aggregate of nothing.
    """
    counted = [
        row for row in rows if aggregation.where is None or evaluate(aggregation.where, row) is True
    ]
    if aggregation.argument is None:
        return len(counted)
    pairs = [(evaluate(aggregation.argument, row), _other(aggregation, row)) for row in counted]
    known = [(value, other) for value, other in pairs if value is not None]
    values = alike([value for value, _ in known])
    match aggregation.function:
        case Function.COUNT:
            return len(values)
        case Function.DISTINCT:
            return len(set(values))
        case Function.SUM:
            return add(values)
        case Function.SUM_OF_SQUARES:
            return add([float(value) ** 2 for value in values])
        case Function.SUM_OF_PRODUCTS:
            products = [(v, other) for v, other in known if other is not None]
            return add([float(value) * float(other) for value, other in products])
        case Function.MIN:
            return min(values, default=None)
        case Function.MAX:
            return max(values, default=None)
        case Function.TUPLES:
            return [
                _tuple(aggregation, row)
                for row, value in zip(counted, pairs, strict=True)
                if value[0] is not None
            ] or None
        case Function.QUANTILES:
            return quantiles([float(value) for value in values], aggregation.fractions)


def add(values: Sequence[Any]) -> Any:
    """Add numbers without rounding, except once at the end when there are floats.

    Example:
        >>> from decimal import Decimal
        >>> add([0.1] * 10), add([Decimal("0.1")] * 10), add([])
        (1.0, Decimal('1.0'), None)
    """
    if not values:
        return None
    if any(isinstance(value, float) for value in values):
        return math.fsum(values)
    with decimal.localcontext(EXACT):
        return sum(values)


def quantiles(values: Sequence[float], fractions: Sequence[float]) -> list[float] | None:
    """Find the values below which shares of the values lie, interpolated linearly.

    Example:
        >>> quantiles([4.0, 1.0, 2.0], (0.0, 0.25, 0.5, 1.0))
        [1.0, 1.5, 2.0, 4.0]
    """
    if not values:
        return None
    ordered = sorted(values)
    found = []
    for fraction in fractions:
        place = fraction * (len(ordered) - 1)
        below = math.floor(place)
        above = min(below + 1, len(ordered) - 1)
        found.append(ordered[below] + (ordered[above] - ordered[below]) * (place - below))
    return found


def _other(aggregation: Aggregation, row: Row) -> Any:
    return None if aggregation.other is None else evaluate(aggregation.other, row)


def _tuple(aggregation: Aggregation, row: Row) -> list[float | None]:
    parts = (aggregation.argument, *aggregation.more)
    cells = (None if part is None else evaluate(part, row) for part in parts)
    return [None if cell is None else float(cell) for cell in cells]
