"""What follows from the lists that engines hand over?

Some numbers need every row: how long half of all deals take to be won, what customers will be
worth. Engines only list what each row says; here it becomes one number a group.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pyarrow as pa

from dialgauge.analysis.distribution import Array
from dialgauge.analysis.survival import cumulative_incidence, quantile

HISTORIES = "lifetimes.expected_value"
"""The column with customers' histories."""

Times: TypeAlias = tuple[Array, Array, Array]
"""A time a group, and the lower and upper ends of its interval; NaN is out of reach."""


def tuples(column: pa.ChunkedArray, width: int) -> list[Array]:
    """Read a column of lists of tuples.

    Args:
        column: One cell a group; NULL for no rows.
        width: Numbers in a tuple.

    Returns:
        For each group an array of rows by `width`, NaN for unknown.

    Example:
        >>> tuples(pa.chunked_array([[[[1.0, 0.0], [2.0, 1.0]], None]]), 2)[0].tolist()
        [[1.0, 0.0], [2.0, 1.0]]
    """
    found = []
    for chunk in column.chunks:
        for cell in chunk:
            flat = [] if cell.values is None else cell.values.flatten()
            numbers = np.array(flat, dtype=np.float64) if len(flat) else np.empty(0)
            found.append(numbers.reshape(-1, width))
    return found


def times_to(groups: list[Array], share: float) -> Times:
    """Find when a share of each group has come to its event.

    Args:
        groups: For each group rows of (time, how it ended: 0 not yet, 1 the event, 2 otherwise).
        share: Above 0, at most 1.

    Example:
        >>> times_to([np.array([[10.0, 1.0], [20.0, 1.0], [30.0, 0.0]])], 0.5)[0].tolist()
        [20.0]
    """
    reached = [quantile(cumulative_incidence(rows[:, 0], rows[:, 1]), share) for rows in groups]
    days, low, high = (
        np.array([getattr(one, part) for one in reached], dtype=np.float64)  # None becomes NaN
        for part in ("days", "low", "high")
    )
    return days, low, high


def histories(numbers: pa.Table) -> Array:
    """Read the histories of all customers off the groups, or the total, that list them.

    Returns:
        A row a customer, as `expected.expect` takes them.
    """
    return np.concatenate([np.empty((0, 4)), *tuples(numbers.column(HISTORIES), 4)])
