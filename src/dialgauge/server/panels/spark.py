"""How does a small line show a course?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

_WIDE, _HIGH = 120.0, 32.0


def spark(numbers: Sequence[float | None]) -> list[str]:
    """Draw a line of numbers as SVG points, in pieces where numbers are missing.

    Example:
        >>> spark([1.0, 3.0, None, 2.0, 2.0])
        ['0.0,32.0 30.0,0.0', '90.0,16.0 120.0,16.0']
    """
    known = sum(number is not None for number in numbers)
    return on_one_scale([numbers])[0] if known > 1 else []


def on_one_scale(courses: Sequence[Sequence[float | None]]) -> list[list[str]]:
    """Draw lines as SVG points, all from the same lowest to the same highest number.

    Returns:
        For each line its pieces; it is broken where numbers are missing.

    Example:
        >>> on_one_scale([[0.0, 2.0], [1.0, 1.0]])
        [['0.0,32.0 120.0,0.0'], ['0.0,16.0 120.0,16.0']]
    """
    known = [number for course in courses for number in course if number is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    scale = _HIGH / (high - low) if high > low else 0.0
    return [_pieces(course, low, scale) for course in courses]


def _pieces(course: Sequence[float | None], low: float, scale: float) -> list[str]:
    step = _WIDE / max(1, len(course) - 1)
    pieces = itertools.groupby(enumerate(course), key=lambda each: each[1] is None)
    return [
        " ".join(
            f"{place * step:.1f},{_HIGH - ((number or 0.0) - low) * scale:.1f}"
            for place, number in piece
        )
        for missing, piece in pieces
        if not missing
    ]
