"""What became of customers won in the same month, month by month?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dialgauge.model.answer import Value
from dialgauge.model.question import Period
from dialgauge.model.wire import value_json

STAYED = "active_customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortQuestion:
    """Which customers should be followed, and in what?

    Attributes:
        kpi: `active_customers`, which gives the share that is still there at the end of a month;
            `revenue` or `orders`, which give what a customer has brought to date.
        where: Conditions that say which customers, all of which must hold.
        period: In which months, whole ones of UTC, they were won.
        as_of: Months that end after it are left out; None for now.
    """

    kpi: str = STAYED
    where: tuple[str, ...] = ()
    period: Period = field(default_factory=Period)
    as_of: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Customers won in one month.

    Attributes:
        name: The month, such as 2026-01.
        size: How many customers.
        values: One a month of life that is over; the first is of the month they were won in.
    """

    name: str
    size: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Cohorts side by side.

    Attributes:
        kpi: The KPI that was counted.
        cohorts: The oldest first.
        total: For each month of life, all cohorts that have completed it, taken together.
        notes: Sentences a reader must know.
    """

    kpi: str
    cohorts: tuple[Cohort, ...]
    total: tuple[Value, ...]
    notes: tuple[str, ...] = ()


def month_after(name: str, months: int) -> str:
    """Name the month so many months after another.

    Example:
        >>> month_after("2025-11", 2), month_after("2026-01", 0)
        ('2026-01', '2026-01')
    """
    year, month = divmod(_number(name) + months, 12)
    return f"{year:04}-{month + 1:02}"


def months_between(first: str, second: str) -> int:
    """Count the months from one month to another.

    Example:
        >>> months_between("2025-11", "2026-01")
        2
    """
    return _number(second) - _number(first)


def _number(name: str) -> int:
    year, _, month = name.partition("-")
    return int(year) * 12 + int(month) - 1


def cohorts_json(found: Cohorts) -> dict[str, Any]:
    """Write cohorts; every value with its parts and its interval."""
    return {
        "kpi": found.kpi,
        "notes": list(found.notes),
        "cohorts": [
            {"cohort": each.name, "size": each.size, "months": _months(each.values, each.name)}
            for each in found.cohorts
        ],
        "total": _months(found.total),
    }


def cohort_records(found: Cohorts) -> list[dict[str, Any]]:
    """Write cohorts flat, one month of life a record, as data frames and spreadsheets want them.

    Returns:
        cohort, size, month (0 is the one they were won in), period (which month that was), value,
        numerator, denominator, low, high.
    """
    return [
        {
            "cohort": each.name,
            "size": each.size,
            "month": month,
            "period": month_after(each.name, month),
            "value": value.value,
            "numerator": value.numerator,
            "denominator": value.denominator,
            "low": value.low,
            "high": value.high,
        }
        for each in found.cohorts
        for month, value in enumerate(each.values)
    ]


def _months(values: Sequence[Value], cohort: str | None = None) -> list[dict[str, Any]]:
    return [
        {
            "month": month,
            **({"period": month_after(cohort, month)} if cohort else {}),
            **value_json(value),
        }
        for month, value in enumerate(values)
    ]
