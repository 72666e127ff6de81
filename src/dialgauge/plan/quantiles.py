"""Which quantiles are computed, so that one of them gets an interval from the same scan?"""

from __future__ import annotations

_FIRST_STEP = 0.0005
_GROWTH = 1.6


def grid(fraction: float) -> tuple[float, ...]:
    """List the quantiles to compute in one scan, so that any number of rows gets an interval.

    The ends of a quantile's interval are other quantiles of the same rows; which, depends on how
    many rows there are, and that is known only after the scan. The steps away from the wanted one
    grow by six tenths, so an end is at most that much further off than it needs to be: with
    steps that grow by a quarter an answer took a tenth more time.

    Args:
        fraction: The wanted quantile, 0-1.

    Returns:
        Ascending fractions with 0, the wanted one and 1 among them.

    Example:
        >>> points = grid(0.5)
        >>> len(points), points[0], points[15:18], points[-1]
        (33, 0.0, (0.4995, 0.5, 0.5005), 1.0)
    """
    points = {0.0, fraction, 1.0}
    step = _FIRST_STEP
    while step < max(fraction, 1 - fraction):
        both = (round(fraction - step, 7), round(fraction + step, 7))
        points |= {point for point in both if 0 < point < 1}
        step *= _GROWTH
    return tuple(sorted(points))
