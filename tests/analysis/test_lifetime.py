"""Does BG/NBD say who buys again, and refuse what it cannot know?"""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.lifetime import (
    MOST,
    BgNbd,
    alive_probability,
    expected_customers,
    expected_purchases,
    fit_bg_nbd,
)
from dialgauge.analysis.likelihood import Misfit

Array = npt.NDArray[np.float64]

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426, -9582.4, 2357)
SIZES = st.floats(-2.5, 3.5).map(math.exp)
MODELS = st.builds(
    BgNbd, SIZES, SIZES, SIZES, SIZES, log_likelihood=st.just(0.0), customers=st.just(1)
)


def lived(model: BgNbd, customers: int, seed: int) -> tuple[Array, Array, Array]:
    """Let customers buy and leave as the model says; whole days, known for 27 to 39 weeks."""
    rng = np.random.default_rng(seed)
    age = rng.integers(189, 273, customers).astype(np.float64)
    rate = rng.gamma(model.r, 1 / (7 * model.alpha), customers)
    leaving = rng.beta(model.a, model.b, customers)
    bought, now = np.zeros(customers), np.zeros(customers)
    here = np.flatnonzero(rate > 1e-12)
    while len(here):
        then = now[here] + rng.exponential(1 / rate[here])
        here, then = here[then <= age[here]], then[then <= age[here]]
        bought[here] += 1
        now[here] = then
        here = here[rng.random(len(here)) >= leaving[here]]
    return bought, np.minimum(np.ceil(now), age), age


def fitted(model: BgNbd, customers: int, seed: int) -> BgNbd:
    """Fit customers that lived by a model."""
    found = fit_bg_nbd(*lived(model, customers, seed))
    assert isinstance(found, BgNbd), found
    return found


def log_likelihood(model: BgNbd, x: float, last: float, age: float) -> float:
    """Follow the paper's spreadsheet: ln A1 + ln A2 + ln(A3 + A4) of one customer."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    first = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
    second = math.lgamma(a + b) + math.lgamma(b + x) - math.lgamma(b) - math.lgamma(a + b + x)
    third = (alpha + age) ** -(r + x)
    fourth = a / (b + x - 1) * (alpha + last) ** -(r + x) if x > 0 else 0
    return first + second + math.log(third + fourth)


def over_chances(model: BgNbd, x: float, of: npt.NDArray[np.float64]) -> tuple[Array, Array]:
    """Spread the chance to leave over its posterior: weights, and values of `of`, an empty array.

    Steps are equal in the logit of the chance, where the trapezoid rule errs next to nothing.
    """
    a, b = model.a, model.b + x
    middle = math.log(a / b)
    logit, step = np.linspace(
        middle - 45 / min(a, 1) - 10, middle + 45 / min(b, 1) + 10, len(of), retstep=True
    )
    log_chance = -np.logaddexp(0, -logit)
    log_weight = a * log_chance - b * np.logaddexp(0, logit)
    log_weight -= math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return np.exp(log_weight) * step, np.exp(np.maximum(log_chance, -600))


@given(model=MODELS, x=st.integers(0, 60), age=st.floats(0.1, 200), horizon=st.floats(0.05, 1000))
def test_forecasts_are_the_mean_over_all_customers_one_might_have(
    model: BgNbd, x: int, age: float, horizon: float
) -> None:
    """Of one whose rate and chance to leave are known it is (1 - exp(-rate chance t)) / chance.

    The mean over the rate is taken by its gamma distribution, that over the chance by adding up.
    """
    weights, chance = over_chances(model, x, np.empty(100_001))
    stretch = np.log1p(chance * horizon / (model.alpha + age))
    given_alive = (weights * -np.expm1(-(model.r + x) * stretch) / chance).sum()
    last = 0.6 * age if x else 0.0
    alive = alive_probability(model, x, last, age)
    found = expected_purchases(model, x, last, age, horizon)
    assert float(found) == pytest.approx(float(alive) * given_alive, rel=1e-5)


@pytest.mark.parametrize(("a", "b", "x"), [(1.0, 2.0, 3), (0.4, 0.6, 0), (1 + 1e-9, 0.1, 1)])
def test_forecasts_pass_smoothly_where_the_formula_does_not(a: float, b: float, x: int) -> None:
    """Where a or a + b + x is 1 it would divide nought by nought."""
    last = 5.0 if x else 0.0
    near = [
        float(expected_purchases(BgNbd(0.5, 4, a + off, b, 0, 1), x, last, 20, 30))
        for off in (-0.002, 0, 0.002)
    ]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-5)


def test_forecasts_bear_customers_of_all_sizes() -> None:
    """Thousands of purchases, a moment or a century ahead."""
    x, ahead = np.meshgrid([0, 1, 50, 5000], [1e-9, 1, 5000])
    found = expected_purchases(CDNOW, x, np.where(x > 0, 38.86, 0), 38.86, ahead)
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=0) > 0).all()
    assert (np.diff(found[1:, 1:], axis=1) > 0).all()


@given(model=MODELS, x=st.integers(1, 60), age=st.floats(0.1, 200), silence=st.floats(0, 0.99))
def test_alive_is_bayes_rule(model: BgNbd, x: int, age: float, silence: float) -> None:
    """Staying through all purchases and silence, against leaving right after the last purchase."""
    last = age * (1 - silence)
    weights, chance = over_chances(model, x - 1, np.empty(100_001))
    left = (weights * chance).sum() * (model.alpha + last) ** -(model.r + x)
    stayed = (weights * (1 - chance)).sum() * (model.alpha + age) ** -(model.r + x)
    found = alive_probability(model, x, last, age)
    assert float(found) == pytest.approx(stayed / (stayed + left), rel=1e-6)


def test_silence_speaks_louder_of_frequent_buyers() -> None:
    """Who bought 20 times and then not for 20 weeks is gone, who bought once may be back."""
    once, often = alive_probability(CDNOW, [1, 20], [18.86, 18.86], 38.86)
    assert often < 0.01
    assert once > 0.5
    assert float(alive_probability(CDNOW, 0, 0, 38.86)) == 1


def test_the_unknown_stays_unknown() -> None:
    """NaN in, NaN out, and only there."""
    found = expected_purchases(CDNOW, [2, np.nan, 2], [10, 10, np.nan], 38.86, 39)
    assert np.isnan(found).tolist() == [False, True, True]


def test_the_fit_is_a_summit_of_the_papers_formula() -> None:
    """Its log-likelihood is the spreadsheet's, and less a hair to any side of each parameter."""
    x, last, age = lived(CDNOW, 3000, seed=5)
    model = fit_bg_nbd(x, last, age)
    assert isinstance(model, BgNbd)

    def total(of: BgNbd) -> float:
        return math.fsum(
            log_likelihood(of, *map(float, row)) for row in zip(x, last, age, strict=True)
        )

    top = total(model)
    assert model.log_likelihood == pytest.approx(top, rel=1e-12)
    for name in ("r", "alpha", "a", "b"):
        for factor in (0.98, 1.02):
            assert total(replace(model, **{name: getattr(model, name) * factor})) < top


def test_the_truth_is_found_again() -> None:
    """Of 100,000 customers each parameter within four of its standard errors."""
    model = fitted(CDNOW, 100_000, seed=6)
    assert model.r == pytest.approx(0.243, rel=0.03)
    assert model.alpha / 7 == pytest.approx(4.414, rel=0.05)
    assert model.a == pytest.approx(0.793, rel=0.1)
    assert model.b == pytest.approx(2.426, rel=0.15)
    assert model.doubts == ()


def test_neither_the_unit_of_time_nor_order_nor_copies_matter() -> None:
    """Weeks for days change alpha alone, three of each customer nothing but the totals."""
    x, last, age = lived(CDNOW, 2000, seed=7)
    order = np.tile(np.random.default_rng(1).permutation(2000), 3)
    days, weeks = fit_bg_nbd(x, last, age), fit_bg_nbd(x[order], last[order] / 7, age[order] / 7)
    assert isinstance(days, BgNbd)
    assert isinstance(weeks, BgNbd)
    assert astuple(weeks)[:4] == pytest.approx((days.r, days.alpha / 7, days.a, days.b), rel=1e-5)
    moved = days.log_likelihood + x.sum() * math.log(7)
    assert weeks.log_likelihood == pytest.approx(3 * moved, rel=1e-9)
    assert weeks.customers == 3 * days.customers == 6000
    assert weeks.observed == tuple(3 * number for number in days.observed)


def test_expected_customers_are_those_who_live_so() -> None:
    """Numbers of purchases of 200,000 simulated customers, within four standard errors."""
    x, _, age = lived(CDNOW, 200_000, seed=8)
    expected = expected_customers(CDNOW, age / 7)
    observed = np.bincount(np.minimum(x, MOST).astype(int), minlength=MOST + 1)
    assert expected.sum() == pytest.approx(200_000)
    assert (np.abs(observed - expected) < 4 * np.sqrt(expected)).all()


def test_customers_known_since_today_have_not_come_back() -> None:
    """At age 0 all stand at 0 purchases."""
    assert expected_customers(CDNOW, [0, 0]).tolist() == pytest.approx([2] + [0] * MOST)


def test_few_repeat_buyers_are_a_doubt() -> None:
    """Between 50 and 200 of them a total may be off by a third, and the model says so."""
    model = fitted(CDNOW, 300, seed=3)
    (doubt,) = model.doubts
    assert "customers came back; forecasts of a total may be off by a third" in doubt


def test_customers_who_are_not_as_the_model_thinks_are_a_doubt() -> None:
    """Where nobody comes back only once, the model expects many who do."""
    x, last, age = lived(CDNOW, 4000, seed=9)
    model = fit_bg_nbd(np.where(x == 1, 2, x), last, age)
    assert isinstance(model, BgNbd)
    assert model.observed[1] == 0
    (doubt,) = model.doubts
    assert "repeat purchases, there are" in doubt
    assert "mistrust its forecasts" in doubt


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((1, 400, 300), "1 of 801 customers have a last purchase before the first or after today"),
        ((1, -1, 300), "a last purchase before the first or after today"),
        ((1.5, 20, 300), "no whole number from 0"),
        ((-1, 0, 300), "no whole number from 0"),
        ((0, 20, 300), "a repeat purchase without time, or time without one"),
        ((3, 0, 300), "a repeat purchase without time, or time without one"),
        ((np.nan, 20, 300), "unknown or endless"),
        ((1, 20, np.inf), "unknown or endless"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    row: tuple[float, float, float], said: str
) -> None:
    """One such customer of many is told, rather than fitted."""
    found = fit_bg_nbd(*(np.append(*pair) for pair in zip(lived(CDNOW, 800, 1), row, strict=True)))
    assert isinstance(found, Misfit)
    assert found.why == "nonsense"
    assert said in found.reason


def test_too_few_repeat_buyers_are_refused() -> None:
    """With 49 of them nothing can be told, nor with nobody at all."""
    found = fit_bg_nbd([1] * 49 + [0] * 500, [30] * 49 + [0] * 500, [90] * 549)
    assert isinstance(found, Misfit)
    assert (found.why, "only 49 of 549 customers came back" in found.reason) == ("too few", True)
    nobody = fit_bg_nbd([], [], [])
    assert isinstance(nobody, Misfit)
    assert nobody.why == "too few"


def test_customers_who_hardly_ever_stop_are_refused() -> None:
    """One of 5,000 leaves after a purchase: nothing tells chances to leave apart."""
    found = fit_bg_nbd(*lived(BgNbd(0.243, 4.414, 0.01, 50, 0, 1), 3000, seed=1))
    assert isinstance(found, Misfit)
    assert found.why == "no summit"
    assert "how soon they stop" in found.reason


def test_customers_who_all_buy_alike_are_refused() -> None:
    """Five times of ten chances each, less scattered than one common rate: r is endless."""
    rng = np.random.default_rng(2)
    x = rng.binomial(10, 0.5, 3000)
    last = np.where(x > 0, np.ceil(270 * rng.beta(np.maximum(x, 1), 1)), 0)
    found = fit_bg_nbd(x, last, np.full(3000, 270))
    assert isinstance(found, Misfit)
    assert found.why == "no summit"
    assert "differ enough" in found.reason


def test_columns_have_one_length() -> None:
    """Anything else is a mistake of the caller."""
    with pytest.raises(ValueError, match="one length, not 2, 2, 1"):
        fit_bg_nbd([1, 2], [3, 4], [5])
