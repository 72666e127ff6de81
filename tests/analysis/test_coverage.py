"""Do 95 % intervals hold the truth in 95 of 100 worlds?

Each test draws worlds with a known truth and counts how often the interval holds it. With 20,000
worlds the count itself is uncertain by 0.3 of 100.
"""

from __future__ import annotations

import numpy as np
import pytest

from dialgauge.analysis.interval import (
    compound_poisson,
    difference,
    mean,
    poisson_rate,
    ratio_of_sums,
    wilson,
)
from dialgauge.analysis.quantile import quantile_interval
from dialgauge.plan.quantiles import grid as quantile_grid

WORLDS = 20_000


def held(truth: float, low: np.ndarray, high: np.ndarray) -> float:
    """Tell in what share of worlds the truth lay inside."""
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize(("n", "share"), [(20, 0.3), (50, 0.1), (200, 0.04), (1000, 0.5)])
def test_shares(n: int, share: float) -> None:
    """Wilson's interval holds a share in 93 to 98 of 100 worlds."""
    rng = np.random.default_rng(1)
    low, high = wilson(rng.binomial(n, share, WORLDS), n)
    assert 0.93 <= held(share, low, high) <= 0.98


@pytest.mark.parametrize("expected", [0.5, 3, 20, 400])
def test_counts(expected: float) -> None:
    """Garwood's interval holds an expected count in at least 95 of 100 worlds."""
    rng = np.random.default_rng(2)
    low, high = poisson_rate(rng.poisson(expected, WORLDS))
    assert held(expected, low, high) >= 0.947


@pytest.mark.parametrize("n", [2, 5, 40])
def test_means_of_normal_rows(n: int) -> None:
    """Student's interval is exact for normal rows, however few."""
    rows = np.random.default_rng(3).normal(7, 2, (WORLDS, n))
    low, high = mean(rows.sum(1), (rows**2).sum(1), n)
    assert held(7, low, high) == pytest.approx(0.95, abs=0.006)


def test_means_of_skewed_rows() -> None:
    """Means of 100 exponential times are held in at least 93 of 100 worlds."""
    rows = np.random.default_rng(4).exponential(90, (WORLDS, 100))
    low, high = mean(rows.sum(1), (rows**2).sum(1), 100)
    assert held(90, low, high) >= 0.93


def test_ratios() -> None:
    """The delta method holds talk per ring time over 100 calls in at least 93 of 100 worlds."""
    rng = np.random.default_rng(5)
    y = rng.gamma(4, 5, (WORLDS, 100))
    x = 3 * y * rng.gamma(4, 0.25, (WORLDS, 100))
    low, high = ratio_of_sums(
        x.sum(1), y.sum(1), (x * x).sum(1), (x * y).sum(1), (y * y).sum(1), 100
    )
    assert held(3, low, high) >= 0.93


@pytest.mark.parametrize("expected", [20, 50, 200])
def test_sums(expected: int) -> None:
    """A sum of a random number of exponential times is held in at least 93 of 100 worlds."""
    rng = np.random.default_rng(6)
    counts = rng.poisson(expected, WORLDS)
    times = rng.exponential(60, (WORLDS, int(counts.max())))
    times[np.arange(times.shape[1]) >= counts[:, np.newaxis]] = 0
    low, high = compound_poisson(times.sum(1), (times**2).sum(1))
    some = counts > 0
    assert held(60 * expected, low[some], high[some]) >= 0.93


@pytest.mark.parametrize(("n", "q"), [(6, 0.5), (40, 0.9), (300, 0.5), (2000, 0.9)])
def test_quantiles(n: int, q: float) -> None:
    """Order statistics hold a quantile in at least 95 of 100 worlds, whatever the distribution."""
    rng = np.random.default_rng(7)
    rows = rng.random((2000, n))  # of uniform rows, the q-quantile is q
    grid = quantile_grid(q)
    low, high = quantile_interval(grid, np.quantile(rows, grid, axis=1).T, np.full(2000, n), q)
    assert held(q, low, high) >= 0.94  # 0.95 less two standard errors of 2,000 worlds


def test_sums_of_few_terms_hold_more_often_than_the_normal_ones() -> None:
    """With some 5 exponential times the interval misses, but less than total +- 1.96 root."""
    rng = np.random.default_rng(11)
    times = rng.exponential(60, (WORLDS, 20))
    times[np.arange(20) >= np.maximum(rng.poisson(5, WORLDS), 1)[:, np.newaxis]] = 0
    total, squares = times.sum(1), (times**2).sum(1)
    normal = held(300, total - 1.96 * np.sqrt(squares), total + 1.96 * np.sqrt(squares))
    assert held(300, *compound_poisson(total, squares)) >= normal + 0.05


def test_differences_of_shares() -> None:
    """Newcombe's interval holds a difference of shares in 94 to 97 of 100 worlds."""
    rng = np.random.default_rng(8)
    a, b = rng.binomial(60, 0.3, WORLDS), rng.binomial(90, 0.2, WORLDS)
    _, low, high = difference(a / 60, *wilson(a, 60), b / 90, *wilson(b, 90))
    assert 0.94 <= held(0.1, low, high) <= 0.97


def test_differences_of_counts() -> None:
    """MOVER holds a difference of counts in 94 to 98 of 100 worlds."""
    rng = np.random.default_rng(9)
    a, b = rng.poisson(30, WORLDS), rng.poisson(20, WORLDS)
    _, low, high = difference(a, *poisson_rate(a), b, *poisson_rate(b))
    assert 0.94 <= held(10, low, high) <= 0.98


def test_unchanged_shares_seldom_look_changed() -> None:
    """Where nothing changed, at most 6 of 100 comparisons exclude 0."""
    rng = np.random.default_rng(10)
    a, b = rng.binomial(500, 0.12, WORLDS), rng.binomial(500, 0.12, WORLDS)
    _, low, high = difference(a / 500, *wilson(a, 500), b / 500, *wilson(b, 500))
    assert 1 - held(0, low, high) <= 0.06
