"""What does it cost to fit and to use the models of customers' lifetimes?

Run `python benchmarks/lifetime.py [CUSTOMERS]`. Makes a million customers who buy and leave as
those of CDNOW do, in whole days and at exact times, and prints CPU seconds of fitting BG/NBD and
Gamma-Gamma and of forecasting a year, medians of three rounds.
"""

from __future__ import annotations

import sys

import measure
import numpy as np
import numpy.typing as npt

from dialgauge.analysis.lifetime import BgNbd, expected_purchases, fit_bg_nbd
from dialgauge.analysis.lifetime_value import fit_gamma_gamma

Array = npt.NDArray[np.float64]

TRUTH = BgNbd(r=0.243, alpha=7 * 4.414, a=0.793, b=2.426, log_likelihood=0.0, customers=0)
P, Q, V = 6.25, 3.74, 15.44


def customers(number: int) -> tuple[Array, Array, Array]:
    """Let customers buy and leave: repeat purchases, the time of the last, and age, in days."""
    rng = np.random.default_rng(1)
    age = rng.integers(189, 273, number).astype(np.float64)
    rate = rng.gamma(TRUTH.r, 1 / TRUTH.alpha, number)
    leaving = rng.beta(TRUTH.a, TRUTH.b, number)
    bought, last = np.zeros(number), np.zeros(number)
    here = np.flatnonzero(rate > 1e-12)
    while len(here):
        then = last[here] + rng.exponential(1 / rate[here])
        here, then = here[then <= age[here]], then[then <= age[here]]
        bought[here] += 1
        last[here] = then
        here = here[rng.random(len(here)) >= leaving[here]]
    return bought, last, age


def mean_values(bought: Array) -> Array:
    """Give the mean value of each customer's repeat purchases, 0 without one."""
    rng = np.random.default_rng(2)
    rate = rng.gamma(Q, 1 / V, len(bought)) * np.maximum(bought, 1)
    return np.where(bought > 0, rng.gamma(P * np.maximum(bought, 1), 1 / rate), 0.0)


def main(number: int) -> None:
    """Measure, and print a table."""
    bought, last, age = customers(number)
    days = np.minimum(np.ceil(last), age)
    value = mean_values(bought)
    fitted = fit_bg_nbd(bought, days, age)
    print(f"{number:,} customers, {int((bought > 0).sum()):,} came back: {fitted}")
    if not isinstance(fitted, BgNbd):
        return
    works = {
        "BG/NBD, whole days": lambda: fit_bg_nbd(bought, days, age),
        "BG/NBD, exact times": lambda: fit_bg_nbd(bought, last, age),
        "Gamma-Gamma": lambda: fit_gamma_gamma(bought, value),
        "forecast of a year": lambda: expected_purchases(fitted, bought, days, age, 365),
    }
    for name, costs in measure.in_turns(works, rounds=3).items():
        print(f"{name:22}{measure.median(costs).cpu:8.2f} CPU s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
