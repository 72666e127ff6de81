"""What will customers be worth over the months to come?

Fitted once on all customers and read for any group of them, so that the parts of a whole are
expected to bring what the whole is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dialgauge.analysis.distribution import Array
from dialgauge.analysis.lifetime import BgNbd, fit_bg_nbd
from dialgauge.analysis.lifetime_value import GammaGamma, expected_value, fit_gamma_gamma
from dialgauge.analysis.likelihood import Misfit

_DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What histories of customers make expect.

    Attributes:
        months: How far it looks ahead.
        buying: Who buys again; None when it could not be fitted.
        spending: What a purchase is worth; None when it could not be fitted.
        refusal: Why nothing can be expected, '' when something can.
    """

    months: int
    buying: BgNbd | None = None
    spending: GammaGamma | None = None
    refusal: str = ""

    def worth(self, histories: Array) -> float:
        """Add up what customers are expected to bring.

        Args:
            histories: A row a customer; see `expect`.

        Returns:
            Money, not discounted; NaN when nothing can be expected.
        """
        if self.buying is None or self.spending is None:
            return float("nan")
        frequency, recency, age, mean = histories.T
        horizon = self.months * _DAYS_A_MONTH
        found = expected_value(self.buying, self.spending, frequency, recency, age, mean, horizon)
        return float(np.nansum(found))

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what the models are, and where they fit badly."""
        if self.buying is None or self.spending is None:
            return (f"Expected values are unknown: {self.refusal}.",)
        what = (
            f"Expected values look {self.months} months ahead, not discounted: BG/NBD on "
            f"{self.buying.customers:,} customers and Gamma-Gamma on {self.spending.customers:,} "
            "who came back."
        )
        return (
            what,
            *self.buying.doubts,
            *self.spending.doubts,
        )


def expect(histories: Array, months: int) -> Expectation:
    """Learn from the histories of all customers.

    Args:
        histories: A row a customer: how often it came back, days from its first purchase to its
            last, days from its first purchase to now, mean worth of the times it came back.
        months: How far to look ahead.
    """
    frequency, recency, age, mean = histories.T
    buying = fit_bg_nbd(frequency, recency, age)
    if isinstance(buying, Misfit):
        return Expectation(months=months, refusal=buying.reason)
    back = frequency > 0
    spending = fit_gamma_gamma(frequency[back], mean[back])
    if isinstance(spending, Misfit):
        return Expectation(months=months, refusal=spending.reason)
    return Expectation(months=months, buying=buying, spending=spending)
