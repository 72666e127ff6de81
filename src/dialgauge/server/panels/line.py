"""How does a value look beside its interval, on one line?

Drawn as SVG in a table, so that it needs no script, prints, and stands beside its words.
Everything is in per cent of the width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialgauge.model.answer import Value
from dialgauge.model.kpi import Unit
from dialgauge.server.charts.axes import round_ticks
from dialgauge.server.panels.heat import LEAST_ROWS
from dialgauge.server.speech import Speech

_SIDE = 6.0  # per cent left free at both ends, for the words of the axis
_MOST_TICKS = 5
_NARROW = 4
_FEW_TICKS = 2  # where there is little room


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where numbers stand between the two ends of a line.

    Attributes:
        low: The number at the left.
        high: The number at the right; above `low`.
        ticks: Round numbers between them.
    """

    low: float
    high: float
    ticks: tuple[float, ...] = ()

    def place(self, number: float) -> float:
        """Give a number's place in per cent; what lies beyond an end stands at the end.

        Example:
            >>> Scale(low=0.0, high=0.5).place(0.25), Scale(low=0.0, high=0.5).place(9.0)
            (50.0, 100.0)
        """
        share = (number - self.low) / (self.high - self.low)
        return round(min(max(_SIDE + (100 - 2 * _SIDE) * share, 0.0), 100.0), 2)


def scale(
    values: Sequence[Value], others: Sequence[float | None], unit: Unit, span: int = 12
) -> Scale | None:
    """Choose a scale on which all values stand, and the intervals of those with enough rows.

    A group of three calls has an interval that would press all others together; its interval is
    cut off at the ends.

    Args:
        values: What is drawn.
        others: What else must stand on it, such as the whole.
        unit: What is counted: shares stay within 0-1.
        span: How many of twelve columns there are: the fewer, the fewer ticks.
    """
    held = [number for number in others if number is not None]
    held += [value.value for value in values if value.value is not None]
    many = [value for value in values if value.n >= LEAST_ROWS]
    for value in many or values:
        held += [end for end in (value.low, value.high) if end is not None]
    if not held:
        return None
    low, high = min(held), max(held)
    if unit is Unit.SHARE:
        low, high = max(low, 0.0), min(high, 1.0)
    if low == high:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    ticks = [tick for tick in round_ticks(low, high) if low <= tick <= high]
    most = _MOST_TICKS if span > _NARROW else _FEW_TICKS
    return Scale(low=low, high=high, ticks=tuple(ticks[:: 1 + len(ticks) // (most + 1)]))


def drawn(value: Value, on: Scale | None) -> Mapping[str, Any]:
    """Place a value and its interval.

    Returns:
        `at`, and `low` and `high` where there is an interval; empty without a value.
    """
    if on is None or value.value is None:
        return {}
    found = {"at": on.place(value.value)}
    if value.low is not None:
        found["low"] = on.place(value.low)
        found["high"] = on.place(value.high) if value.high is not None else 100.0
    return found


def axis(on: Scale | None, unit: Unit, say: Speech) -> list[tuple[float, str]]:
    """Place the ticks with their words."""
    return [(on.place(tick), tick_told(tick, unit, say)) for tick in on.ticks] if on else []


def tick_told(tick: float, unit: Unit, say: Speech) -> str:
    """Write a round number as short as it can be.

    Example:
        >>> from dialgauge.server.speech import speech
        >>> tick_told(0.2, Unit.SHARE, speech("en")), tick_told(0.025, Unit.SHARE, speech("en"))
        ('20%', '2.5%')
    """
    told = say.number(tick, unit)
    if unit is Unit.SHARE and abs(tick * 100 - round(tick * 100)) < 1e-9:
        return told.replace(".0", "").replace(",0", "")
    return told
