"""Does Gamma-Gamma say what a purchase is worth, and refuse what it cannot know?"""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.lifetime import BgNbd, expected_purchases
from dialgauge.analysis.lifetime_value import (
    GammaGamma,
    expected_mean_value,
    expected_value,
    fit_gamma_gamma,
)
from dialgauge.analysis.likelihood import Misfit

Array = npt.NDArray[np.float64]

CDNOW = GammaGamma(6.25, 3.74, 15.44, 0.0, 946)


def spent(model: GammaGamma, customers: int, seed: int) -> tuple[Array, Array]:
    """Let customers spend as the model says, purchase by purchase."""
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.4, customers)
    scale = 1 / rng.gamma(model.q, 1 / model.v, customers)
    of = np.repeat(np.arange(customers), x)
    values = rng.gamma(model.p, scale[of])
    return x.astype(np.float64), np.bincount(of, values) / x


def fitted(x: npt.ArrayLike, mean: npt.ArrayLike) -> GammaGamma:
    """Fit, and insist that it worked."""
    found = fit_gamma_gamma(x, mean)
    assert isinstance(found, GammaGamma), found
    return found


def log_likelihood(model: GammaGamma, x: float, mean: float) -> float:
    """Follow the paper's equation 1a for one customer."""
    p, q, v = model.p, model.q, model.v
    log = math.lgamma(p * x + q) - math.lgamma(p * x) - math.lgamma(q)
    log += q * math.log(v) + (p * x - 1) * math.log(mean) + p * x * math.log(x)
    return log - (p * x + q) * math.log(v + x * mean)


def test_the_fit_is_a_summit_of_the_papers_formula() -> None:
    """Its log-likelihood is the formula's, and less a hair to any side of each parameter."""
    x, mean = spent(CDNOW, 1500, seed=1)
    model = fitted(x, mean)

    def total(of: GammaGamma) -> float:
        return math.fsum(
            log_likelihood(of, float(n), float(m)) for n, m in zip(x, mean, strict=True)
        )

    top = total(model)
    assert model.log_likelihood == pytest.approx(top, rel=1e-12)
    for name in ("p", "q", "v"):
        for factor in (0.98, 1.02):
            assert total(replace(model, **{name: getattr(model, name) * factor})) < top


def test_the_truth_is_found_again() -> None:
    """Of 100,000 customers each parameter within four of its standard errors."""
    model = fitted(*spent(CDNOW, 100_000, seed=2))
    assert model.p == pytest.approx(6.25, rel=0.03)
    assert model.q == pytest.approx(3.74, rel=0.03)
    assert model.v == pytest.approx(15.44, rel=0.05)
    assert abs(model.correlation) < 0.02
    assert model.doubts == ()


@pytest.mark.parametrize("rate", [0.001, 41.0])
def test_the_currency_does_not_matter(rate: float) -> None:
    """Other money changes v alone."""
    x, mean = spent(CDNOW, 2000, seed=3)
    model, other = fitted(x, mean), fitted(x, mean * rate)
    assert astuple(other)[:3] == pytest.approx((model.p, model.q, model.v * rate), rel=1e-5)
    moved = model.log_likelihood - 2000 * math.log(rate)
    assert other.log_likelihood == pytest.approx(moved, rel=1e-9)


def test_customers_without_a_repeat_are_left_aside() -> None:
    """Whatever their mean value, known or not."""
    x, mean = spent(CDNOW, 500, seed=4)
    model = fitted(x, mean)
    more = fitted(np.append(x, [0, 0, 0]), np.append(mean, [0, 77, np.nan]))
    assert astuple(more) == astuple(model)


def test_buyers_who_paid_nothing_are_left_out_and_told() -> None:
    """Free samples and refunds are no values of purchases."""
    x, mean = spent(CDNOW, 500, seed=5)
    model = fitted(np.append(x, [1, 2]), np.append(mean, [0, -5]))
    assert (model.customers, model.left_out) == (500, 2)
    assert model.doubts == (
        "Left out: 2 who came back but paid nothing on average, or got money back.",
    )


def test_value_that_goes_with_frequency_is_a_doubt() -> None:
    """Here those who come more often spend more a time."""
    x, mean = spent(CDNOW, 2000, seed=6)
    model = fitted(x, mean * x)
    assert model.correlation == pytest.approx(np.corrcoef(x, mean * x)[0, 1])
    (doubt,) = model.doubts
    assert "spend more a time" in doubt


def test_equal_frequencies_have_no_correlation() -> None:
    """Where everybody came once, none can be told."""
    mean = spent(CDNOW, 500, seed=7)[1]
    assert (
        fitted(np.ones(500), mean * 0 + np.random.default_rng(1).lognormal(3, 1, 500)).correlation
        == 0
    )


def test_prices_that_never_vary_are_refused() -> None:
    """A subscription: each pays the own price, always the same, so p is endless."""
    rng = np.random.default_rng(8)
    found = fit_gamma_gamma(rng.integers(2, 40, 400), np.full(400, 9.99))
    assert isinstance(found, Misfit)
    assert found.why == "no summit"


def test_endless_means_are_refused() -> None:
    """With q below 1 the mean over customers does not exist, and no forecast does."""
    found = fit_gamma_gamma(*spent(GammaGamma(6.0, 0.7, 10.0, 0.0, 1), 3000, seed=9))
    assert isinstance(found, Misfit)
    assert (found.why, "endless values" in found.reason) == ("no mean", True)


def test_too_few_buyers_are_refused() -> None:
    """Forty-nine who paid, however many did not."""
    found = fit_gamma_gamma([1] * 49 + [0] * 500 + [1], [20] * 49 + [0] * 501)
    assert isinstance(found, Misfit)
    assert (found.why, "only 49 customers came back and paid" in found.reason) == ("too few", True)


@pytest.mark.parametrize(
    ("x", "mean", "said"),
    [
        (1.5, 3, "1 of 101 customers have repeat purchases that are no whole number"),
        (np.nan, 3, "no whole number"),
        (-1, 3, "no whole number"),
        (1, np.nan, "1 of 101 customers have no known mean value"),
        (1, np.inf, "no known mean value"),
    ],
)
def test_nonsense_is_refused(x: float, mean: float, said: str) -> None:
    """One such customer of many is told, rather than fitted."""
    number, means = spent(CDNOW, 100, seed=1)
    found = fit_gamma_gamma(np.append(number, x), np.append(means, mean))
    assert isinstance(found, Misfit)
    assert (found.why, said in found.reason) == ("nonsense", True)


@given(x=st.integers(0, 200), mean=st.floats(0, 1e5))
def test_forecasts_lie_between_the_own_mean_and_that_of_all(x: int, mean: float) -> None:
    """They are a weighted mean of the two (the paper's equation 5)."""
    everyone = CDNOW.p * CDNOW.v / (CDNOW.q - 1)
    weight = CDNOW.p * x / (CDNOW.p * x + CDNOW.q - 1)
    found = float(expected_mean_value(CDNOW, x, mean))
    assert found == pytest.approx((1 - weight) * everyone + weight * mean)


def test_forecasts_are_what_simulated_customers_go_on_to_spend() -> None:
    """Those who bought twice for 30 to 40 a time: their third purchase, on average."""
    rng = np.random.default_rng(10)
    scale = 1 / rng.gamma(CDNOW.q, 1 / CDNOW.v, 400_000)
    values = rng.gamma(CDNOW.p, scale, (3, 400_000))
    mean = values[:2].mean(axis=0)
    alike = (mean > 30) & (mean < 40)
    expected = expected_mean_value(CDNOW, 2, mean[alike]).mean()
    assert values[2, alike].mean() == pytest.approx(expected, rel=0.01)


def test_value_is_purchases_times_their_worth() -> None:
    """For each customer, in the shape of the columns; an unknown mean leaves it unknown."""
    buying = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)
    columns = ([2, 0, 5], [30.43, 0, 20], [38.86, 38.86, 30])
    mean = [22.35, np.nan, np.nan]
    found = expected_value(buying, CDNOW, *columns, mean, 39)
    purchases = expected_purchases(buying, *columns, 39)
    assert found[0] == pytest.approx(purchases[0] * 24.664, rel=1e-4)
    assert found[1] == pytest.approx(purchases[1] * 35.219, rel=1e-4)
    assert np.isnan(found[2])
