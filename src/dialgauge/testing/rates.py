"""What is foreign money worth in the invented world, day by day?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dialgauge.tables.currencies import CURRENCIES as TABLE
from dialgauge.testing import columns
from dialgauge.testing.columns import Floats, Ints
from dialgauge.testing.places import DAY, PLACES, day_start
from dialgauge.testing.truths import FOREIGN_COUNTRY, FOREIGN_CURRENCY

CURRENCIES = ("EUR", FOREIGN_CURRENCY)
"""In what the invented people pay; the first is the company's own."""

_ABROAD = np.array([place.country == FOREIGN_COUNTRY for place in PLACES])
_FIRST_RATE, _DAILY_SPREAD = 0.32, 0.004


@dataclass(frozen=True, slots=True)
class Rates:
    """What a unit of the foreign currency is worth in EUR.

    Attributes:
        start: The first day.
        rates: One a day.
    """

    start: dt.date
    rates: Floats

    @staticmethod
    def draw(rng: np.random.Generator, start: dt.date, days: int) -> Rates:
        """Let the rate wander."""
        steps = rng.normal(0.0, _DAILY_SPREAD, days)
        return Rates(start, np.round(_FIRST_RATE * np.exp(np.cumsum(steps)), 4))

    def in_currency(self, euros: Floats, at_utc: Ints, place: Ints) -> tuple[Floats, Ints]:
        """Tell what people pay, in cents rounded, and the number of the currency.

        Args:
            euros: The price.
            at_utc: When they pay, UTC milliseconds.
            place: Where they live.
        """
        day = (at_utc - day_start(self.start)) // DAY
        rate = np.where(_ABROAD[place], self.rates[day], 1.0)
        return np.round(euros / rate, 2), _ABROAD[place].astype(np.int64)

    def rows(self) -> pa.RecordBatch:
        """Write the rates as rows of the canonical table."""
        days = [self.start + dt.timedelta(days=number) for number in range(self.rates.size)]
        return columns.batch(
            TABLE,
            len(days),
            {
                "rate_id": pa.array([f"{FOREIGN_CURRENCY} {day}" for day in days]),
                "currency": columns.constant(FOREIGN_CURRENCY, len(days)),
                "on": columns.dates(days),
                "rate": pa.array(self.rates),
            },
        )
