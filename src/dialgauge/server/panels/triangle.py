"""What became of the customers of each month? A triangle of numbers, coloured by their size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.cohorts import KPIS
from dialgauge.errors import UnknownNameError
from dialgauge.model.answer import Value
from dialgauge.model.cohort import STAYED, Cohort, CohortQuestion, cohorts_json, month_after
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Grain, Period
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.panel import Look, Shown

MOST_MONTHS = 24
"""So many months of life are shown; the twin has all."""

_STEPS = 9
_CLOCKS = ("orders", "customers", "calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangle:
    """Customers by the month they were won in, followed month by month.

    Attributes:
        title: Key of its heading.
        name: Its name on the page; the address says with it what is followed.
    """

    kind: ClassVar[str] = "triangle"
    title: str = "customers.triangle"
    name: str = "follow"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Follow the customers of each month that is over."""
        say, view = look.say, look.view
        kpi = view.first(self.name, STAYED)
        if kpi not in KPIS:
            raise UnknownNameError("KPI of cohorts", kpi, KPIS)
        found = look.gauge.cohorts(
            CohortQuestion(kpi=kpi, where=view.conditions, as_of=known_until(look))
        )
        unit = Unit.MONEY if kpi == "revenue" else Unit.SHARE if kpi == STAYED else Unit.RATIO
        numbers = [each.value or 0.0 for cohort in found.cohorts for each in cohort.values]
        ends = min(numbers, default=0.0), max(numbers, default=0.0)
        months = min(MOST_MONTHS, max(len(each.values) for each in found.cohorts))
        return Shown(
            title=say.t(self.title),
            subtitle=say.t(f"cohorts.{kpi}"),
            data={"cohorts": cohorts_json(found)},
            face={
                "kpi": kpi,
                "choices": [
                    (name, say.t(f"customers.follow.{name}"), view.with_rest(follow=name).address)
                    for name in KPIS
                ],
                "months": [say.count(month) for month in range(months)],
                "rows": [_row(each, months, ends, unit, look) for each in found.cohorts],
                "total": [_cell(value, ends, unit, "", look) for value in found.total[:months]],
                "everybody": say.count(sum(each.size for each in found.cohorts)),
            },
            notes=found.notes,
        )


def known_until(look: Look) -> dt.datetime:
    """Give the moment until which the records tell of customers: months after it are not over.

    The end of the page's days, unless the records or the present end before.
    """
    now = look.gauge.clock()
    ends = [look.gauge.reach(table).end for table in _CLOCKS]
    newest = max((end for end in ends if end is not None), default=now)
    day = newest.astimezone(dt.UTC).date() + dt.timedelta(days=1)
    chosen = look.view.period.end or day
    until = dt.datetime.combine(min(day, chosen), dt.time(), dt.UTC)
    return min(now, until)


def step(value: float, low: float, high: float) -> int:
    """Choose one of nine colours, 1 for the lowest of all cells and 9 for the highest.

    Example:
        >>> [step(value, 0.5, 1.0) for value in (0.5, 0.75, 1.0)], step(0.5, 0.5, 0.5)
        ([1, 5, 9], 9)
    """
    return 1 + round((_STEPS - 1) * (value - low) / (high - low)) if high > low else _STEPS


def _row(
    cohort: Cohort, months: int, ends: tuple[float, float], unit: Unit, look: Look
) -> Mapping[str, Any]:
    first = dt.date.fromisoformat(f"{cohort.name}-01")
    after = dt.date.fromisoformat(f"{month_after(cohort.name, 1)}-01")
    return {
        "name": look.say.bucket(cohort.name, Grain.MONTH),
        "size": look.say.count(cohort.size),
        "href": rows_href(look, "new_customers", period=Period(first, after)),
        "cells": [
            _cell(value, ends, unit, month_after(cohort.name, month), look)
            for month, value in enumerate(cohort.values[:months])
        ],
        "empty": months - len(cohort.values[:months]),
    }


def _cell(
    value: Value, ends: tuple[float, float], unit: Unit, month: str, look: Look
) -> Mapping[str, Any]:
    say = look.say
    parts: Sequence[str] = (
        say.bucket(month, Grain.MONTH) if month else "",
        say.interval(value, unit),
        say.t(
            "say.of",
            numerator=say.count(value.numerator or 0.0),
            denominator=say.count(value.denominator or 0.0),
        )
        if unit is not Unit.MONEY
        else "",
    )
    return {
        "told": say.number(value.value, unit),
        "step": step(value.value or 0.0, *ends),
        "hint": " · ".join(part for part in parts if part),
    }
