"""Which of many groups really differ, when so many are looked at that some would by chance?

A group is held against a number (the whole, or what its own mix would give) and its doubt is a
p-value; looking at many groups at once, the doubts are made larger so that of the groups called
different at most one in twenty is so by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dialgauge.analysis.distribution import Z
from dialgauge.analysis.interval import wilson
from dialgauge.model.answer import Value

LEVEL = 0.05
"""The share of false finds among the finds that is put up with."""


def adjusted(doubts: Sequence[float]) -> list[float]:
    """Adjust p-values for how many there are, by the false discovery rate.

    The step-up procedure of Benjamini and Hochberg (1995, Journal of the Royal Statistical Society
    B 57:289-300); it holds for independent tests and for those that lean the same way.

    Args:
        doubts: P-values, each 0-1.

    Returns:
        The adjusted ones, in the same order.

    Example:
        >>> adjusted([0.01, 0.04, 0.03])
        [0.03, 0.04, 0.04]
    """
    count = len(doubts)
    if not count:
        return []
    given = np.asarray(doubts, dtype=np.float64)
    order = np.argsort(given)
    scaled = given[order] * count / np.arange(1, count + 1)
    least = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(count)
    found[order] = np.minimum(least, 1.0)
    return [float(each) for each in found]


def doubt(value: Value, reference: float | None) -> float | None:
    """Say how likely chance alone puts a value as far from a number as it is.

    Where the interval is Wilson's, this is the score test that it inverts; elsewhere the standard
    error is read off the side of the interval that looks to the number. Either way the p-value is
    below 0.05 just where the interval excludes the number.

    Args:
        value: The value with its 95 % interval.
        reference: The number, which is taken as known.

    Returns:
        The two-sided p-value; None without a value, an interval or a number.

    Example:
        >>> round(doubt(Value(value=0.6, n=100, low=0.5, high=0.7), 0.5), 3)
        0.05
    """
    if value.value is None or value.low is None or reference is None:
        return None
    gap = value.value - reference
    if not gap:
        return 1.0
    if _is_wilson(value) and 0 < reference < 1:
        error = math.sqrt(reference * (1 - reference) / value.n)
        return _two_sided(gap / error)
    end = value.low if gap > 0 else value.high
    if end is None:
        return None
    reach = abs(value.value - end)
    return _two_sided(Z * gap / reach) if reach else 0.0


def _is_wilson(value: Value) -> bool:
    successes, n = value.numerator, value.denominator
    if successes is None or not n or n != value.n or not 0 <= successes <= n:
        return False
    low, high = wilson(successes, n)
    return (
        value.low is not None
        and value.high is not None
        and math.isclose(value.low, float(low), abs_tol=1e-9)
        and math.isclose(value.high, float(high), abs_tol=1e-9)
    )


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))
