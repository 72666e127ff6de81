"""How are the numbers on an axis written in the reader's language?"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dialgauge.model.kpi import Unit
from dialgauge.server.speech import Speech

_TICKS = 6
_CENTS = re.compile(r"[.,]00(?!\d)")


def value_axis(
    points: Sequence[Mapping[str, Any]],
    unit: Unit,
    say: Speech,
    fields: Sequence[str] = ("value", "low", "high", "before"),
    *,
    least: float | None = None,
) -> dict[str, Any]:
    """Choose round ticks for an axis and write them.

    The browser does not know how Georgian writes numbers, so the words of all ticks travel along.

    Args:
        points: What is drawn.
        unit: What is counted.
        say: The reader's language.
        fields: Which of a point's fields stand on this axis.
        least: A number the axis must reach down to, such as 0 for bars.
    """
    numbers = [
        float(point[field])
        for point in points
        for field in fields
        if isinstance(point.get(field), int | float)
    ]
    if not numbers:
        return {}
    low = min(numbers) if least is None else min(least, *numbers)
    ticks = round_ticks(low, max(numbers), _base(unit, max(map(abs, numbers))))
    words = {_key(tick): _tick(tick, unit, say) for tick in ticks}
    told = json.dumps(words, ensure_ascii=False)
    return {
        "values": ticks,
        "labelExpr": f"({told})[format(datum.value, '.10~g')]",
    }


def round_ticks(low: float, high: float, base: float = 1.0) -> list[float]:
    """Choose up to seven round numbers from `low` to `high`.

    Args:
        low: The smallest number drawn.
        high: The largest.
        base: What shall be round: 60 makes steps of minutes.

    Example:
        >>> round_ticks(0.183, 0.262)
        [0.18, 0.2, 0.22, 0.24, 0.26, 0.28]
    """
    spread = (high - low) or abs(high) or 1.0
    rough = spread / (_TICKS - 1) / base
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough) * base
    first, last = math.floor(low / step), math.ceil(high / step)
    return [float(f"{place * step:.10g}") for place in range(first, last + 1)]


def _base(unit: Unit, largest: float) -> float:
    if unit is not Unit.SECONDS or largest < 120:
        return 1.0
    return 60.0 if largest < 7200 else 3600.0


def _key(tick: float) -> str:
    # As d3's format '.10~g' writes it, which decides in the browser.
    return f"{tick:.10g}".replace("-", "\u2212") if tick else "0"


def _tick(tick: float, unit: Unit, say: Speech) -> str:
    match unit:
        case Unit.SHARE:
            said = say.number(tick, unit)
            return said if tick * 100 % 1 else said.replace(".0", "").replace(",0", "")
        case Unit.COUNT:
            return say.count(tick) if tick == round(tick) else ""
        case Unit.MONEY if tick == round(tick):
            return _CENTS.sub("", say.number(tick, unit))
    return say.number(tick, unit)
