"""Who will buy again, and how often?

A customer who buys weekly and has been silent for two months is gone; one who buys yearly is not.
BG/NBD (Fader, Hardie and Lee 2005, Marketing Science 24:275-284) says how sure that is from three
numbers a customer: repeat purchases, when the last of them was, and for how long the customer is
known. Purchases come at random at a rate of the customer's own (gamma over customers, r and alpha),
and after each repeat the customer may leave for good, with a chance of the customer's own (beta, a
and b). Nobody leaves before a repeat, so a customer without one counts as alive for sure.

Times are in one unit, any: if days go in, alpha and horizons are in days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Array
from dialgauge.analysis.likelihood import (
    FEWEST,
    Loss,
    Misfit,
    Runaway,
    columns_of,
    distinct,
    likeliest,
)

MOST = 7
"""Customers with so many repeat purchases or more are compared together."""

MISPLACED = 0.05
"""A share of customers with another number of purchases than expected that calls for a doubt."""

FEW = 200
"""Repeat buyers below which forecasts are doubtful: over 60 simulated worlds with CDNOW's habits,
120 of them gave totals from 22 % below to 49 % above the truth, 400 from 12 below to 17 above."""

_ALIKE = ("how often they buy", "how often they buy", "how soon they stop", "how soon they stop")
_ASIDE = 1e-4


@dataclass(frozen=True, slots=True)
class BgNbd:
    """A fitted model of who buys again.

    Attributes:
        r: Shape of the purchase rates over customers.
        alpha: Their scale, in the unit of time; r / alpha is the mean rate of the living.
        a: First parameter of the chance to leave after a repeat purchase.
        b: Second; a / (a + b) is the mean chance.
        log_likelihood: Of all customers together, in the unit of time.
        customers: How many it was fitted to.
        observed: Customers with 0, 1, ... and MOST or more repeat purchases.
        expected: The numbers the model expects of them.
        doubts: Sentences on where it fits badly.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    observed: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()
    doubts: tuple[str, ...] = ()


def fit_bg_nbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> BgNbd | Misfit:
    """Fit BG/NBD by maximum likelihood.

    Equal customers are worked out once, so whole days make a million of them cheap.

    Args:
        frequency: Repeat purchases of each customer: days with a purchase, without the first.
        recency: Time from the first purchase to the last; 0 without a repeat.
        age: Time from the first purchase to today.

    Returns:
        The model, or why there is none.

    Raises:
        ValueError: The columns differ in length.

    Example:
        >>> fit_bg_nbd([2, 0], [9, 0], [30, 30]).why
        'too few'
    """
    x, last, known = columns_of(frequency, recency, age)
    if problem := _nonsense(x, last, known):
        return problem
    repeaters = int((x > 0).sum())
    if repeaters < FEWEST:
        return Misfit(
            "too few",
            f"only {repeaters} of {len(x)} customers came back; BG/NBD needs {FEWEST}: take a "
            "longer history or more customers",
        )
    (x, last, known), counts = distinct(x, last, known)
    scale = float(known.max())
    found = likeliest(_loss(x, last / scale, known / scale, counts), 4)
    if found is None:
        return Misfit(
            "no convergence",
            "the search for the likeliest purchase rates did not arrive; look for customers who "
            "are not people, such as test accounts or resellers",
        )
    if isinstance(found, Runaway):
        return Misfit(
            "no summit",
            f"customers do not differ enough in {_ALIKE[found.which]} for BG/NBD to tell them "
            "apart; take a longer history, or use averages",
        )
    r, alpha, a, b = (float(value) for value in found * (1, scale, 1, 1))
    customers = int(counts.sum())
    loss, _ = _loss(x, last, known, counts)(np.log([r, alpha, a, b]))
    model = BgNbd(r, alpha, a, b, -loss * customers, customers)
    observed = _added(np.minimum(x, MOST).astype(np.int64), counts, MOST + 1)
    expected = expected_customers(model, known, counts)
    return replace(
        model,
        observed=tuple(observed.tolist()),
        expected=tuple(expected.tolist()),
        doubts=_doubts(observed, expected),
    )


def alive_probability(
    model: BgNbd, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> Array:
    """Tell how likely it is that each customer has not left for good.

    Args:
        model: The fitted model.
        frequency: Repeat purchases; customers need not be those of the fit.
        recency: Time from the first purchase to the last.
        age: Time from the first purchase to today.

    Returns:
        Probabilities, in the common shape; exactly 1 without a repeat, NaN for the unknown.

    Example:
        >>> model = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)
        >>> alive_probability(model, [2, 2, 0], [30.43, 10, 0], 38.86).round(3).tolist()
        [0.727, 0.268, 1.0]
    """
    x, last, known = _floats(frequency, recency, age)
    with np.errstate(over="ignore"):
        odds = np.exp(_log_odds_of_leaving(model, x, last, known))
    return np.where(np.isnan(x + last + known), np.nan, 1 / (1 + odds))


def expected_purchases(
    model: BgNbd,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    horizon: npt.ArrayLike,
) -> Array:
    """Forecast how often each customer will buy from today on.

    Equation 10 of the paper, with Euler's transformation of its hypergeometric function: then no
    term grows with the number of purchases.

    Args:
        model: The fitted model.
        frequency: Repeat purchases; customers need not be those of the fit.
        recency: Time from the first purchase to the last.
        age: Time from the first purchase to today.
        horizon: How far to look ahead, in the same unit of time.

    Returns:
        Expected purchases, in the common shape; NaN for the unknown.

    Example:
        >>> model = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)
        >>> float(expected_purchases(model, 2, 30.43, 38.86, 39).round(3))
        1.226
    """
    x, last, known, ahead = _floats(frequency, recency, age, horizon)
    a, turn = model.a, model.a + model.b + x - 1
    # The formula is nought by nought where a or a + b + x is 1, and smooth to both sides.
    edge = (np.abs(turn) < _ASIDE / 2) | (abs(a - 1) < _ASIDE / 2)
    alive = _while_alive(model, np.where(edge, a + _ASIDE, a), x, known, ahead)
    if edge.any():
        other = _while_alive(model, np.where(edge, a - _ASIDE, a), x, known, ahead)
        alive = (alive + other) / 2
    return np.asarray(alive_probability(model, x, last, known) * alive)


def expected_customers(
    model: BgNbd, age: npt.ArrayLike, counts: npt.ArrayLike | None = None
) -> Array:
    """Tell how many customers the model expects to have 0, 1, ... repeat purchases by today.

    Args:
        model: The fitted model.
        age: Time from each customer's first purchase to today.
        counts: How many customers stand behind each age; 1 each when left out.

    Returns:
        An array of MOST + 1 numbers; the last is for MOST or more.

    Example:
        >>> model = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)
        >>> expected_customers(model, [38.86] * 100).round(1).tolist()
        [57.4, 19.9, 8.5, 4.6, 2.8, 1.8, 1.2, 3.7]
    """
    from scipy.special import betaln, gammaln  # noqa: PLC0415 - loads slowly, needed only here

    known = np.asarray(age, dtype=np.float64).ravel()
    weights = np.ones(len(known)) if counts is None else np.asarray(counts, dtype=np.float64)
    known, place = np.unique(known, return_inverse=True)
    weights = _added(place, weights)
    x = np.arange(MOST)[:, np.newaxis]
    buying = gammaln(model.r + x) - gammaln(model.r) - gammaln(x + 1)
    buying = buying + model.r * np.log(model.alpha / (model.alpha + known))
    share = known / (model.alpha + known)
    chances = np.exp(buying) * share**x
    enough = 1 - np.concatenate([np.zeros((1, len(known))), np.cumsum(chances, axis=0)[:-1]])
    same = betaln(model.a, model.b)
    stayed = np.exp(betaln(model.a, model.b + x) - same) * chances
    at_least_one = np.maximum(x, 1)
    left = np.exp(betaln(model.a + 1, model.b + at_least_one - 1) - same) * enough
    by_number = (stayed + np.where(x > 0, left, 0.0)) @ weights
    return np.append(by_number, max(float(weights.sum() - by_number.sum()), 0.0))


def _nonsense(x: Array, last: Array, known: Array) -> Misfit | None:
    """Find the first way in which the rows contradict themselves."""
    if not len(x):
        return Misfit("too few", "there is no customer; import orders first")
    with np.errstate(invalid="ignore"):
        wrong = {
            "an unknown or endless number": ~np.isfinite(x + last + known),
            "repeat purchases that are no whole number from 0": (x < 0) | (x % 1 != 0),
            "a last purchase before the first or after today": (last < 0) | (last > known),
            "a repeat purchase without time, or time without one": (x > 0) != (last > 0),
        }
    for what, rows in wrong.items():
        if rows.any():
            return Misfit(
                "nonsense",
                f"{int(rows.sum())} of {len(x)} customers have {what}; mend their orders or leave "
                "them out",
            )
    return None


def _loss(x: Array, last: Array, known: Array, counts: Array) -> Loss:
    """Make the negative log-likelihood a customer, of the logarithms of r, alpha, a and b."""
    from scipy.special import digamma, expit, gammaln  # noqa: PLC0415 - loads slowly

    numbers, place = np.unique(x, return_inverse=True)
    of_number = _added(place, counts)
    total = float(counts.sum())
    back = x > 0
    # The chance to leave only shows in customers with a repeat; 1 keeps the others' terms finite.
    at_least_one = np.maximum(x, 1.0)

    def loss(logs: Array) -> tuple[float, Array]:
        r, alpha, a, b = np.exp(logs)
        now, then = np.log(alpha + known), np.log(alpha + last)
        odds = np.log(a / (b + at_least_one - 1)) + (r + x) * (now - then)
        left = counts * np.where(back, expit(odds), 0.0)
        likely = of_number @ (
            gammaln(r + numbers)
            + gammaln(b + numbers)
            - gammaln(a + b + numbers)
            + gammaln(a + b)
            - gammaln(r)
            - gammaln(b)
            + r * np.log(alpha)
        )
        likely += counts @ (np.where(back, np.logaddexp(0.0, odds), 0.0) - (r + x) * now)
        both = of_number @ (digamma(a + b) - digamma(a + b + numbers))
        slope = (
            r * (of_number @ (digamma(r + numbers) - digamma(r) + np.log(alpha)))
            + r * (left @ (now - then) - counts @ now),
            r * total
            + alpha * (((left - counts) * (r + x)) @ (1 / (alpha + known)))
            - alpha * ((left * (r + x)) @ (1 / (alpha + last))),
            a * both + left.sum(),
            b * (both + of_number @ (digamma(b + numbers) - digamma(b)))
            - b * (left @ (1 / (b + at_least_one - 1))),
        )
        return -float(likely) / total, -np.array(slope) / total

    return loss


def _log_odds_of_leaving(model: BgNbd, x: Array, last: Array, known: Array) -> Array:
    """Give the logarithm of (left / still here); minus endless without a repeat."""
    at_least_one = np.maximum(x, 1.0)
    silence = np.log((model.alpha + known) / (model.alpha + last))
    odds = np.log(model.a / (model.b + at_least_one - 1)) + (model.r + x) * silence
    return np.where(x > 0, odds, -np.inf)


def _while_alive(model: BgNbd, a: Array, x: Array, known: Array, ahead: Array) -> Array:
    """Forecast the purchases of customers who have not left by today."""
    from scipy.special import hyp2f1  # noqa: PLC0415 - loads slowly, needed only here

    turn = a + model.b + x - 1
    reach = model.alpha + known + ahead
    rest = ((model.alpha + known) / reach) ** (a - 1)
    series = hyp2f1(a + model.b - 1 - model.r, a - 1, turn, ahead / reach)
    return np.asarray(turn / (a - 1) * (1 - rest * series))


def _doubts(observed: Array, expected: Array) -> tuple[str, ...]:
    """Say where the rows are few, and where the model misses more than chance explains."""
    doubts = []
    total, repeaters = observed.sum(), observed[1:].sum()
    if repeaters < FEW:
        doubts.append(
            f"Only {repeaters:.0f} customers came back; forecasts of a total may be off by a third."
        )
    misplaced = np.abs(observed - expected).sum() / 2 / total
    spread = np.sqrt(2 / np.pi * expected * np.maximum(1 - expected / total, 0))
    if misplaced > max(MISPLACED, spread.sum() / total):  # twice what chance misplaces
        worst = int(np.argmax(np.abs(observed - expected)))
        more = " or more" if worst == MOST else ""
        doubts.append(
            f"The model misplaces {misplaced:.0%} of customers: it expects {expected[worst]:,.0f} "
            f"with {worst}{more} repeat purchases, there are {observed[worst]:,.0f}; mistrust its "
            "forecasts of single customers."
        )
    return tuple(doubts)


def _added(places: npt.NDArray[np.intp], weights: Array, least: int = 0) -> Array:
    return np.bincount(places, weights, least).astype(np.float64)


def _floats(*values: npt.ArrayLike) -> tuple[Array, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
