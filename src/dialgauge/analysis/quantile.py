"""Between which values does a quantile lie?

The ends of a quantile's interval are other quantiles of the same rows: which, depends only on how
many rows there are. As that is known only after the scan, one scan computes a grid of quantiles,
dense around the wanted one, and the nearest points outward bound the interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Array, binomial_ranks


def quantile_bracket(n: npt.ArrayLike, fraction: float) -> tuple[Array, Array]:
    """Find the fractions whose quantiles enclose a quantile with at least 95 % confidence.

    From the ranks of binomial order statistics, whatever the distribution. The fractions fit
    linear interpolation between rows (position 1 + (n - 1) fraction), and are safe for quantiles
    that take the row itself.

    Args:
        n: How many rows have a known value.
        fraction: The quantile, 0-1.

    Returns:
        The lower and upper fractions; NaN both where the rows are too few: a median needs 6 rows,
        a 90 % quantile 36.

    Example:
        >>> low, high = quantile_bracket(101, 0.5)
        >>> round(float(low), 2), round(float(high), 2)
        (0.4, 0.6)
    """
    first, last = binomial_ranks(n, fraction)
    gaps = np.where(np.isnan(first), np.nan, np.asarray(n, dtype=np.float64) - 1)
    return (first - 1) / gaps, (last - 1) / gaps


def quantile_interval(
    grid: Sequence[float], values: npt.ArrayLike, n: npt.ArrayLike, q: float
) -> tuple[Array, Array]:
    """Bound quantiles from the grid of quantiles that one scan computed.

    Args:
        grid: Ascending fractions from 0 to 1, as `plan.quantiles.grid` gives them.
        values: The quantiles at those fractions, of shape (..., len(grid)); NaN for no rows.
        n: How many rows they rest on, of shape (...).
        q: The wanted quantile, 0-1.

    Returns:
        The ends, in the values' unit and the shape of `n`; NaN where rows are too few.

    Raises:
        ValueError: The grid does not reach from 0 to 1, or the values do not fit it.

    Example:
        >>> low, high = quantile_interval((0, 0.25, 0.5, 0.75, 1), [[0, 2, 4, 6, 8]], [50], 0.5)
        >>> low.tolist(), high.tolist()
        ([2.0], [6.0])
    """
    points = np.asarray(grid, dtype=np.float64)
    known = np.asarray(values, dtype=np.float64)
    if not len(points) or points[0] != 0 or points[-1] != 1 or known.shape[-1:] != points.shape:
        raise ValueError("a grid runs from 0 to 1, and each row has one value for each point of it")
    low, high = quantile_bracket(n, q)
    found = ~np.isnan(low)
    below = np.searchsorted(points, np.where(found, low, 0.0), side="right") - 1
    above = np.searchsorted(points, np.where(found, high, 1.0), side="left")
    return _pick(known, below, found), _pick(known, above, found)


def _pick(values: Array, places: npt.NDArray[np.intp], found: npt.NDArray[np.bool_]) -> Array:
    picked = np.take_along_axis(values, places[..., np.newaxis], axis=-1)[..., 0]
    return np.where(found, picked, np.nan)
