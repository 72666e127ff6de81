"""What became of the customers of each month?

A hall beside the gauge: it asks how many customers each month brought and what they did since,
and sets the two against each other. Months are of UTC, as the column `cohort` is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from dialgauge.analysis.interval import wilson
from dialgauge.errors import NoDataError, UnknownNameError, UsageError
from dialgauge.model.answer import Answer, Value
from dialgauge.model.cohort import (
    STAYED,
    Cohort,
    CohortQuestion,
    Cohorts,
    month_after,
    months_between,
)
from dialgauge.model.expression import Expression, Name, transform
from dialgauge.model.fact import Fact
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.resolve import Scope, resolve
from dialgauge.prepare.active_spells import COPIED

if TYPE_CHECKING:
    from dialgauge.gauge import Gauge

SIZE = "new_customers"
KPIS: Mapping[str, str] = MappingProxyType(
    {STAYED: "active_spells", "revenue": "orders", "orders": "orders"}
)
"""What can be followed, and the fact it is counted on: who is still there at the end of a month,
or what all customers of the cohort, gone or not, have brought until then."""

_NOBODY = (
    "no customers were won in these months, or the months are not over; leave out --from, --to and "
    "--where to see every month that is over"
)
_SUMMED = "no interval: how much customers of one cohort differ is not looked at"


def followed(gauge: Gauge, wanted: CohortQuestion) -> Cohorts:
    """Follow the customers of each month through the months after.

    Args:
        gauge: Who answers.
        wanted: What is asked.

    Raises:
        UsageError: The question cannot be asked so.
        NoDataError: No customers were won in these months.
    """
    kpi, where, period = wanted.kpi, wanted.where, wanted.period
    as_of = wanted.as_of or gauge.clock()
    if kpi not in KPIS:
        raise UnknownNameError("KPI of cohorts", kpi, KPIS)
    _need_whole_months(period, as_of)
    for text in (*where, *gauge.guard):
        _need_same_meaning(text, KPIS[kpi], gauge.words)
    today = as_of.astimezone(dt.UTC).date().replace(day=1)
    end = today if period.end is None else min(today, period.end)
    if period.start is not None and period.start >= end:
        raise NoDataError(_NOBODY)
    asked = Question(
        kpis=(SIZE,),
        by=("cohort",),
        where=where,
        period=Period(period.start, end),
        as_of=as_of,
        totals=False,
    )
    won = gauge.ask(asked)
    sizes = _sizes(won)
    first = dt.date.fromisoformat(f"{min(sizes)}-01")
    # What was ordered before the month in which the customer was acquired, as written, counts in
    # that month.
    since = Period(first if kpi == STAYED else None, today)
    counted = gauge.ask(replace(asked, kpis=(kpi,), period=since, grain=Grain.MONTH))
    amounts = _amounts(counted, kpi)
    found = [
        _cohort(name, size, amounts.get(name, {}), f"{today:%Y-%m}", kpi)
        for name, size in sorted(sizes.items())
    ]
    return Cohorts(
        kpi=kpi,
        cohorts=tuple(found),
        total=_together(found, kpi),
        notes=tuple(dict.fromkeys((*won.notes, *counted.notes, *_stale(gauge, today)))),
    )


def _need_whole_months(period: Period, as_of: dt.datetime) -> None:
    if as_of.tzinfo is None:
        raise UsageError(f"the moment {as_of} has no time zone; write for example {as_of}+00:00")
    for day in (period.start, period.end):
        if day is not None and day.day != 1:
            raise UsageError(
                f"cohorts are whole months, and {day} is not the first day of one; write "
                f"{day.replace(day=1)}"
            )


def _need_same_meaning(text: str, fact: str, words: Vocabulary) -> None:
    """Refuse a condition that would not choose the same customers on both sides.

    Raises:
        UsageError: It speaks of the order or of the spell, not of the customer.
    """
    meanings = {_meaning(text, words.facts[name], words) for name in ("lifetimes", fact)}
    if len(meanings) > 1:
        raise UsageError(
            f"the condition '{text}' does not mean the same of customers (lifetimes) and of "
            f"{fact}; say what is meant of the customer with its table, for example "
            "lifetimes.product = 'A' or customers.region = 'North'"
        )


def _meaning(text: str, fact: Fact, words: Vocabulary) -> Expression:
    """Resolve a condition, every column named by the table and the row it is read from."""
    scope = Scope(fact=fact, words=words, at=Name(f"{fact.name}.{fact.clocks[0]}"), offsets=())
    keys = {lookup.table: lookup.on for lookup in fact.lookups}

    def own(column: str) -> str:
        same = fact.name == "active_spells" and column in COPIED
        return f"lifetimes.{column}" if same or column == "customer_id" else f"{fact.name}.{column}"

    def plain(node: Expression) -> Expression | None:
        if not isinstance(node, Name):
            return None
        table, _, column = node.name.rpartition(".")
        if table not in keys:
            return Name(own(column))
        if table == "lifetimes":
            return Name(node.name)
        return Name(f"{node.name} of {own(keys[table])}")

    return transform(resolve(parse(text), scope), plain)


def _sizes(won: Answer) -> dict[str, int]:
    found = {str(row.keys["cohort"] or ""): row.values[SIZE] for row in won.rows}
    if "" in found:
        raise NoDataError(
            "the lake does not say yet in which month customers were won; run: "
            "dialgauge lake prepare"
        )
    sizes = {name: int(value.value) for name, value in found.items() if value.value}
    if not sizes:
        raise NoDataError(_NOBODY)
    return sizes


def _amounts(counted: Answer, kpi: str) -> dict[str, dict[str, float]]:
    """Read cohort to month to number."""
    found: dict[str, dict[str, float]] = {}
    for row in counted.rows:
        month = str(row.keys["period"])[: len("2026-01")]
        found.setdefault(str(row.keys["cohort"]), {})[month] = row.values[kpi].value or 0.0
    return found


def _cohort(name: str, size: int, by_month: Mapping[str, float], end: str, kpi: str) -> Cohort:
    values = []
    to_date = sum(amount for month, amount in by_month.items() if month < name)
    for number in range(months_between(name, end)):
        amount = by_month.get(month_after(name, number), 0.0)
        to_date += amount
        values.append(_value(amount if kpi == STAYED else to_date, size, kpi))
    return Cohort(name=name, size=size, values=tuple(values))


def _together(cohorts: Sequence[Cohort], kpi: str) -> tuple[Value, ...]:
    longest = max(len(each.values) for each in cohorts)
    reached = [[each for each in cohorts if len(each.values) > month] for month in range(longest)]
    return tuple(
        _value(
            sum(each.values[month].numerator or 0.0 for each in there),
            sum(each.size for each in there),
            kpi,
        )
        for month, there in enumerate(reached)
    )


def _value(amount: float, size: int, kpi: str) -> Value:
    value = Value(value=amount / size, numerator=amount, denominator=size, n=size)
    if kpi != STAYED:
        return replace(value, reason=_SUMMED)
    low, high = wilson(amount, size)
    return replace(value, low=float(low), high=float(high))


def _stale(gauge: Gauge, today: dt.date) -> list[str]:
    """Say where the records end before the months that are shown."""
    reached = {name: gauge.reach(name).end for name in ("orders", "customers")}
    known = {name: at.astimezone(dt.UTC).date() for name, at in reached.items() if at is not None}
    if not known or max(known.values()).replace(day=1) >= _month_before(today):
        return []
    name = max(known, key=lambda each: known[each])
    note = (
        f"The newest record of {name} is of {known[name]}; if your records end there, leave the "
        "months after it out with --as-of, for nothing is known of them."
    )
    return [note]


def _month_before(day: dt.date) -> dt.date:
    return (day - dt.timedelta(days=1)).replace(day=1)
