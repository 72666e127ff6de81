"""What is each deal worth in the lake's own currency?

By the rate of the day it was closed, else of the day it was opened.
"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.rates import find_rates, utc_day
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.deals import DEALS


def _rows(given: Given) -> str:
    rates = find_rates(given)
    priced = ("b.amount", "b.currency", utc_day("coalesce(b.closed_at, b.created_at)"))
    values = {name: f"b.{name}" for name in DEALS.types}
    values |= {
        "value": rates.value(*priced),
        "value_currency": rates.value_currency("b.currency"),
    }
    return f"SELECT {typed(DEALS, values)} FROM {given.own} AS b {rates.join(*priced[1:])}"


STEP = Step(table="deals", reads=frozenset({"currencies"}), rows=_rows)
"""How deals get their value."""
