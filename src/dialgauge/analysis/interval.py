"""How far may a number be from what it would be in the long run?

95 % intervals on arrays, one element a number; an unknown is NaN and gives NaN. All assume that
rows are independent of each other, which repeated calls to one lead or by one agent are not: see
docs/statistics.md.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Array, Z, gamma_quantile, t_quantile

Interval: TypeAlias = tuple[Array, Array]
"""The lower and the upper ends."""


def wilson(successes: npt.ArrayLike, n: npt.ArrayLike) -> Interval:
    """Bound a share: so many of n rows.

    Wilson's score interval (Wilson 1927, JASA 22:209-212; recommended by Brown, Cai and DasGupta
    2001, Statistical Science 16:101-133). Never leaves 0-1; its lower end is exactly 0 without a
    success, its upper end exactly 1 without a failure.

    Args:
        successes: Rows that count, 0 to n.
        n: Rows that could; 0 gives NaN, as do successes outside 0 to n.

    Returns:
        The ends, shares of 0-1.

    Example:
        >>> low, high = wilson(31, 100)
        >>> round(float(low), 4), round(float(high), 4)
        (0.2278, 0.4063)
    """
    k, size = _floats(successes, n)
    known = (size > 0) & (k >= 0) & (k <= size)
    size = np.where(known, size, np.nan)
    middle = (k + Z**2 / 2) / (size + Z**2)
    half = Z / (size + Z**2) * np.sqrt(np.where(known, k * (size - k) / size + Z**2 / 4, np.nan))
    share = k / size
    # Rounding must not push an end past the share, nor off 0 and 1 where it is exact.
    low = np.where(k == 0, 0.0, np.minimum(middle - half, share))
    high = np.where(k == size, 1.0, np.maximum(middle + half, share))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def poisson_rate(count: npt.ArrayLike, exposure: npt.ArrayLike = 1.0) -> Interval:
    """Bound a count of events, or events per hour, per lead or per any other exposure.

    Garwood's exact interval (Garwood 1936, Biometrika 28:437-442): at least 95 %, more for small
    counts. The exposure is taken as known.

    Args:
        count: Events, whole numbers from 0.
        exposure: What it is divided by; 1 for the count itself, 0 or less gives NaN.

    Returns:
        The ends, in events per exposure; exact to 1e-7 of their value.

    Example:
        >>> low, high = poisson_rate([0, 10], [1, 8])
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([0.0, 0.5994], [3.6889, 2.2988])
    """
    events, hours = _floats(count, exposure)
    known = (events >= 0) & (hours > 0)
    hours = np.where(known, hours, np.nan)
    low = np.where(events >= 1, gamma_quantile(events, upper=False), 0.0) / hours
    high = gamma_quantile(events + 1, upper=True) / hours
    return low, high


def mean(total: npt.ArrayLike, total_of_squares: npt.ArrayLike, n: npt.ArrayLike) -> Interval:
    """Bound the mean of n rows.

    Student's t interval (Student 1908, Biometrika 6:1-25). Exact for normal rows, near for
    others from some 30 rows on; long-tailed ones such as talk times need more.

    Args:
        total: The sum of the rows.
        total_of_squares: The sum of their squares.
        n: How many they are; less than 2 gives NaN.

    Returns:
        The ends, in the rows' unit.

    Example:
        >>> low, high = mean(15, 55, 5)  # of 1, 2, 3, 4, 5
        >>> round(float(low), 4), round(float(high), 4)
        (1.0368, 4.9632)
    """
    rows = np.asarray(n, dtype=np.float64)
    return ratio_of_sums(total, rows, total_of_squares, total, rows, rows)


def ratio_of_sums(  # noqa: PLR0913, PLR0917 - the sums of one table
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    xx: npt.ArrayLike,
    xy: npt.ArrayLike,
    yy: npt.ArrayLike,
    n: npt.ArrayLike,
) -> Interval:
    """Bound a ratio whose two sums run over the same rows, such as talk time per ring time.

    The delta method (Cochran 1977, Sampling Techniques, 6.3) with a t quantile: the residuals
    x - R y tell how far the ratio R scatters. With y = 1 in each row it is the interval of a mean.

    Args:
        x: The sum of the numerators.
        y: The sum of the denominators; 0 gives NaN.
        xx: The sum of squared numerators.
        xy: The sum of products of numerator and denominator.
        yy: The sum of squared denominators.
        n: How many rows there are; less than 2 gives NaN.

    Returns:
        The ends, in the numerator's unit per the denominator's.

    Example:
        >>> low, high = ratio_of_sums(12, 6, 56, 28, 14, 3)  # (2, 1), (4, 2), (6, 3)
        >>> float(low), float(high)
        (2.0, 2.0)
    """
    top, bottom, top2, both, bottom2, rows = _floats(x, y, xx, xy, yy, n)
    known = (rows >= 2) & (bottom != 0)
    bottom, rows = np.where(known, bottom, np.nan), np.where(known, rows, np.nan)
    ratio = top / bottom
    # Equal rows leave a rest of rounding, which may be below 0.
    residual = np.maximum(top2 - 2 * ratio * both + ratio**2 * bottom2, 0.0)
    error = np.sqrt(residual * rows / (rows - 1)) / np.abs(bottom)
    half = t_quantile(rows - 1) * error
    return ratio - half, ratio + half


def compound_poisson(total: npt.ArrayLike, total_of_squares: npt.ArrayLike) -> Interval:
    """Bound a sum when it is chance, too, how many terms it has: seconds of talk, money.

    The variance of such a sum is estimated by the sum of squares. A sum whose terms can all be
    positive is read as so many events of equal size, total squared / total of squares, and gets
    their Poisson interval (Bohm and Zech 2014, NIM A 748:1-6); terms of 1 give that of a count.
    Where terms of both signs cancel so far that this means less than one event, and for negative
    sums, it is total +- 1.96 sqrt(total of squares).

    Args:
        total: The sum.
        total_of_squares: The sum of the squared terms; 0 gives NaN, for nothing is known of the
            size of a term.

    Returns:
        The ends, in the terms' unit.

    Example:
        >>> low, high = compound_poisson(300, 9000)  # ten calls of 30 s
        >>> round(float(low), 1), round(float(high), 1)
        (143.9, 551.7)
    """
    amount, squares = _floats(total, total_of_squares)
    squares = np.where(squares > 0, squares, np.nan)
    # Squares of positive terms never exceed the squared sum, but for rounding.
    events = amount**2 / squares
    positive = (amount > 0) & (events >= 1 - 1e-9)
    size = squares / np.where(positive, amount, np.nan)
    events = np.maximum(events, 1.0)
    half = Z * np.sqrt(squares)
    low = np.where(positive, size * gamma_quantile(events, upper=False), amount - half)
    high = np.where(positive, size * gamma_quantile(events + 1, upper=True), amount + half)
    return low, high


def difference(  # noqa: PLR0913, PLR0917 - two values with their ends
    value: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    other: npt.ArrayLike,
    other_low: npt.ArrayLike,
    other_high: npt.ArrayLike,
) -> tuple[Array, Array, Array]:
    """Bound the difference of two independent values from their own intervals.

    The method of variance estimates recovery, MOVER (Zou and Donner 2008, Statistics in Medicine
    27:1693-1702); for shares with Wilson intervals it is Newcombe's hybrid score interval
    (Newcombe 1998, Statistics in Medicine 17:873-890, method 10). It keeps the skew of both.

    Args:
        value: The value.
        low: The lower end of its 95 % interval.
        high: The upper end.
        other: What is taken away.
        other_low: The lower end of its interval.
        other_high: The upper end.

    Returns:
        The difference, and the ends of its interval.

    Example:
        >>> (low, high), (other_low, other_high) = wilson(56, 70), wilson(48, 80)
        >>> found = difference(56 / 70, low, high, 48 / 80, other_low, other_high)
        >>> [round(float(number), 4) for number in found]
        [0.2, 0.0524, 0.3339]
    """
    a, a_low, a_high, b, b_low, b_high = _floats(value, low, high, other, other_low, other_high)
    gap = a - b
    return gap, gap - np.hypot(a - a_low, b_high - b), gap + np.hypot(a_high - a, b - b_low)


def _floats(*values: npt.ArrayLike) -> tuple[Array, ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
