"""How are numbers written for people, in one line of text?"""

from __future__ import annotations

from dialgauge.model.answer import Change, KeyValue, Value
from dialgauge.model.kpi import Unit

NOT_AVAILABLE = "n/a"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = 86_400


def number(value: float | None, unit: Unit) -> str:
    """Write a number in its unit.

    Example:
        >>> number(0.2089, Unit.SHARE), number(8645.2, Unit.SECONDS), number(92222.0, Unit.COUNT)
        ('20.9 %', '2 h 24 min', '92,222')
    """
    if value is None:
        return NOT_AVAILABLE
    match unit:
        case Unit.SHARE:
            return f"{_digits(value * 100)} %"
        case Unit.SECONDS:
            return duration(value)
        case Unit.COUNT:
            return f"{value:,.0f}"
        case Unit.HOURS:
            return f"{value:,.1f} h"
        case Unit.DAYS:
            return f"{value:,.1f} d"
        case Unit.MONEY:
            return f"{value:,.2f}"
    return f"{value:,.2f}"


def duration(seconds: float) -> str:
    """Write a length of time in its two largest units.

    Example:
        >>> duration(18.04), duration(90), duration(90_000)
        ('18.0 s', '1 min 30 s', '1 d 1 h')
    """
    if abs(seconds) < 60:
        return f"{seconds:.1f} s"
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 else ""
    for size, name, part, part_name in (
        (_DAY, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{sign}{whole // size} {name}" + (f" {rest} {part_name}" if rest else "")
    return f"{sign}{whole} s"


def interval(value: Value, unit: Unit) -> str:
    """Write a 95 % interval, empty when there is none; some have no upper end."""
    if value.low is None:
        return ""
    if value.high is None:
        return f"{number(value.low, unit)} or more"
    low, high = number(value.low, unit), number(value.high, unit)
    if unit is Unit.SHARE:
        low = low.removesuffix(" %")
    return f"{low} to {high}"


def change(found: Change | None, unit: Unit) -> str:
    """Write a change, marked when it is likely real.

    Example:
        >>> change(Change(value=Value(value=0.2), difference=0.01, likely_real=True), Unit.SHARE)
        '+1.00 points *'
    """
    if found is None or found.difference is None:
        return ""
    mark = " *" if found.likely_real else ""
    sign = "+" if found.difference >= 0 else "-"
    if unit is Unit.SHARE:
        return f"{sign}{_digits(abs(found.difference) * 100)} points{mark}"
    relative = "" if found.relative is None else f" ({found.relative:+.1%})"
    return f"{sign}{number(abs(found.difference), unit)}{relative}{mark}"


def key(name: str, value: KeyValue) -> str:
    """Write a group's key.

    Example:
        >>> key("weekday", 1), key("hour", 9), key("team", None)
        ('Monday', '09:00', 'unknown')
    """
    if value is None:
        return "unknown"
    if name == "weekday" and isinstance(value, int):
        return WEEKDAYS[value - 1]
    if name == "hour" and isinstance(value, int):
        return f"{value:02}:00"
    return str(value)


def _digits(percent: float) -> str:
    return f"{percent:.1f}" if abs(percent) >= 10 else f"{percent:.2f}"
