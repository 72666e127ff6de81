"""How much will a customer spend at each purchase, and so in all?

Someone who spent much once will spend less the next time, because part of it was chance. The
Gamma-Gamma model (Fader, Hardie and Lee 2005, Journal of Marketing Research 42:415-430) says how
large that part is: single purchases vary about a customer's own mean (gamma, p), the means vary
over customers (gamma, q and v). It takes for granted that how much and how often have nothing to do
with each other, which is checked here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Array
from dialgauge.analysis.lifetime import BgNbd, expected_purchases
from dialgauge.analysis.likelihood import (
    FEWEST,
    Loss,
    Misfit,
    Runaway,
    columns_of,
    likeliest,
)

RELATED = 0.3
"""A correlation of how often and how much from which the model's assumption is in doubt."""

_ALIKE = (
    "every customer spends the same at each purchase, or very nearly",
    "customers do not differ enough in what they spend",
    "customers do not differ enough in what they spend",
)


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fitted model of what a purchase is worth.

    Attributes:
        p: Shape of single purchases about their customer's mean; large means steady.
        q: Shape of the means over customers; above 1, large means alike.
        v: Their scale, in money.
        log_likelihood: Of all customers together, in the unit of money.
        customers: Repeat buyers that it was fitted to.
        correlation: Between repeat purchases and mean value of those; the model takes it for 0.
        left_out: Repeat buyers left out because their mean value is 0 or below.
        doubts: Sentences on where it fits badly.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float = 0.0
    left_out: int = 0
    doubts: tuple[str, ...] = ()


def fit_gamma_gamma(frequency: npt.ArrayLike, mean_value: npt.ArrayLike) -> GammaGamma | Misfit:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Args:
        frequency: Repeat purchases of each customer; those with none are left aside.
        mean_value: What a repeat purchase of the customer was worth on average.

    Returns:
        The model, or why there is none.

    Raises:
        ValueError: The columns differ in length.

    Example:
        >>> fit_gamma_gamma([2, 0], [35.0, 0.0]).why
        'too few'
    """
    x, mean = columns_of(frequency, mean_value)
    with np.errstate(invalid="ignore"):
        wrong = int((~np.isfinite(x) | (x < 0) | (x % 1 != 0)).sum())
    unknown = int((~np.isfinite(mean) & (x > 0)).sum())
    if wrong or unknown:
        what = (
            "repeat purchases that are no whole number from 0" if wrong else "no known mean value"
        )
        return Misfit(
            "nonsense",
            f"{wrong or unknown} of {len(x)} customers have {what}; mend their orders or leave "
            "them out",
        )
    back, priced = x > 0, mean > 0
    left_out = int((back & ~priced).sum())
    x, mean = x[back & priced], mean[back & priced]
    if len(x) < FEWEST:
        return Misfit(
            "too few",
            f"only {len(x)} customers came back and paid; Gamma-Gamma needs {FEWEST}: take a "
            "longer history or more customers",
        )
    scale = float(mean.mean())
    found = likeliest(_loss(x, mean / scale), 3)
    if found is None:
        return Misfit(
            "no convergence",
            "the search for the likeliest values of purchases did not arrive; look for amounts in "
            "another currency, or far too large",
        )
    if isinstance(found, Runaway):
        return Misfit(
            "no summit",
            f"the values of purchases tell Gamma-Gamma nothing: {_ALIKE[found.which]}; use the "
            "average of all",
        )
    p, q, v = (float(value) for value in found * (1, 1, scale))
    if q <= 1:
        return Misfit(
            "no mean",
            f"a few customers spend so much more than the others (q = {q:.2f}) that the model "
            "expects endless values; set the largest orders apart, and fit the rest",
        )
    loss, _ = _loss(x, mean)(np.log([p, q, v]))
    correlation = _correlation(x, mean)
    return GammaGamma(
        p=p,
        q=q,
        v=v,
        log_likelihood=-loss * len(x),
        customers=len(x),
        correlation=correlation,
        left_out=left_out,
        doubts=_doubts(correlation, left_out),
    )


def expected_mean_value(
    model: GammaGamma, frequency: npt.ArrayLike, mean_value: npt.ArrayLike
) -> Array:
    """Tell what a customer's purchases are worth on average in the long run.

    Between what the customer has paid and what all pay, nearer to the former the more purchases
    there were.

    Args:
        model: The fitted model.
        frequency: Repeat purchases; customers need not be those of the fit.
        mean_value: What a repeat purchase was worth on average; without one it plays no part, and
            less than 0 counts as 0.

    Returns:
        Money, in the common shape; NaN for the unknown.

    Example:
        >>> model = GammaGamma(6.25, 3.74, 15.44, 0.0, 946)
        >>> expected_mean_value(model, [0, 1, 9], [0, 100, 100]).round(2).tolist()
        [35.22, 80.26, 96.99]
    """
    x, mean = np.asarray(frequency, np.float64), np.asarray(mean_value, np.float64)
    paid = np.where(x > 0, x * np.maximum(mean, 0.0), 0.0)
    return np.asarray(model.p * (model.v + paid) / (model.p * x + model.q - 1))


def expected_value(  # noqa: PLR0913, PLR0917 - two models, four columns, one horizon
    buying: BgNbd,
    spending: GammaGamma,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    mean_value: npt.ArrayLike,
    horizon: npt.ArrayLike,
) -> Array:
    """Forecast what each customer will bring from today on: purchases times their value.

    Args:
        buying: Who buys again.
        spending: What a purchase is worth.
        frequency: Repeat purchases.
        recency: Time from the first purchase to the last.
        age: Time from the first purchase to today.
        mean_value: What a repeat purchase was worth on average.
        horizon: How far to look ahead, in the unit of time of `recency` and `age`.

    Returns:
        Money, not discounted, in the common shape; NaN for the unknown.

    Example:
        >>> buying = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)
        >>> spending = GammaGamma(6.25, 3.74, 15.44, 0.0, 946)
        >>> float(expected_value(buying, spending, 2, 30.43, 38.86, 22.35, 39).round(2))
        30.24
    """
    purchases = expected_purchases(buying, frequency, recency, age, horizon)
    return np.asarray(purchases * expected_mean_value(spending, frequency, mean_value))


def _loss(x: Array, mean: Array) -> Loss:
    """Make the negative log-likelihood a customer, of the logarithms of p, q and v."""
    from scipy.special import digamma, gammaln  # noqa: PLC0415 - loads slowly, needed only here

    numbers, place = np.unique(x, return_inverse=True)
    of_number = np.bincount(place).astype(np.float64)
    paid = x * mean
    log_paid, log_mean = x @ np.log(paid), float(np.log(mean).sum())

    def loss(logs: Array) -> tuple[float, Array]:
        p, q, v = np.exp(logs)
        whole = np.log(v + paid)
        by_number = np.bincount(place, whole)
        shape = p * numbers + q
        likely = of_number @ (gammaln(shape) - gammaln(p * numbers) - gammaln(q) + q * np.log(v))
        likely += p * log_paid - log_mean - shape @ by_number
        upper = digamma(shape)
        slope = (
            (of_number * numbers) @ (upper - digamma(p * numbers)) + log_paid - numbers @ by_number,
            of_number @ (upper - digamma(q) + np.log(v)) - by_number.sum(),
            len(x) * q / v - shape @ np.bincount(place, 1 / (v + paid)),
        )
        return -float(likely) / len(x), -np.array(slope) * (p, q, v) / len(x)

    return loss


def _correlation(x: Array, mean: Array) -> float:
    """Give the correlation of how often and how much; 0 where one of them never varies."""
    if np.ptp(x) == 0 or np.ptp(mean) == 0:
        return 0.0
    return float(np.corrcoef(x, mean)[0, 1])


def _doubts(correlation: float, left_out: int) -> tuple[str, ...]:
    doubts = []
    if abs(correlation) >= RELATED:
        more = "more" if correlation > 0 else "less"
        doubts.append(
            f"Those who buy often spend {more} a time (correlation {correlation:.2f}); the model "
            "takes the two for unrelated, so mistrust the value of the best customers."
        )
    if left_out:
        doubts.append(
            f"Left out: {left_out:,} who came back but paid nothing on average, or got money back."
        )
    return tuple(doubts)
