"""Are the quantiles as exact as they say?"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from dialgauge.analysis.distribution import (
    Z,
    binomial_ranks,
    gamma_quantile,
    t_quantile,
)


def t_chance(quantile: float, degrees: float) -> float:
    """Integrate Student's density from 0 to the quantile."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = quantile / 2 * (nodes + 1)
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2))
    density = scale / math.sqrt(degrees * math.pi) * (1 + x**2 / degrees) ** (-(degrees + 1) / 2)
    return float(quantile / 2 * (weights * density).sum())


def poisson_chance(most: int, expected: float) -> float:
    """Add up the chances of at most so many events."""
    return sum(
        math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(most + 1)
    )


def test_z_is_the_normal_quantile() -> None:
    """95 % of a normal distribution lie within Z of its mean."""
    assert math.erf(Z / math.sqrt(2)) == pytest.approx(0.95, abs=1e-15)


@pytest.mark.parametrize(
    ("degrees", "printed"),
    [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (40, 2.021), (120, 1.980)],
)
def test_t_quantile_is_the_printed_one(degrees: int, printed: float) -> None:
    """The quantiles are those of the tables in textbooks."""
    assert float(t_quantile(degrees)) == pytest.approx(printed, abs=5e-4)


@pytest.mark.parametrize("degrees", [*range(1, 33), 40.5, 100.0, 999.0])
def test_t_quantile_leaves_a_fortieth_above(degrees: float) -> None:
    """Half of 95 % of the density lies between 0 and the quantile, to 1e-8."""
    assert t_chance(float(t_quantile(degrees)), degrees) == pytest.approx(0.475, abs=1e-8)


def test_t_quantile_of_no_degrees_is_unknown() -> None:
    """Less than one degree of freedom, or an unknown number, gives NaN."""
    assert np.isnan(t_quantile([0.0, -1.0, np.nan, 0.9])).all()


def test_t_quantile_drops_parts_of_a_degree() -> None:
    """Between whole small degrees the wider quantile stands."""
    assert t_quantile([4.9, 30.9]).tolist() == t_quantile([4, 30]).tolist()


@pytest.mark.parametrize("shape", [1, 2, 3, 10, 59, 60, 61, 100, 400])
def test_gamma_quantiles_bound_poisson_counts(shape: int) -> None:
    """A Poisson count with these expectations is rare in exactly 2.5 of 100 cases."""
    lower = float(gamma_quantile(shape, upper=False))
    upper = float(gamma_quantile(shape, upper=True))
    assert 1 - poisson_chance(shape - 1, lower) == pytest.approx(0.025, rel=1e-6)
    assert poisson_chance(shape - 1, upper) == pytest.approx(0.025, rel=1e-6)


def test_gamma_quantile_is_half_the_printed_chi_square() -> None:
    """Chi-square tables give 3.247 and 20.483 at 10 degrees, 74.222 and 129.561 at 100."""
    lower, upper = gamma_quantile([5, 50], upper=False), gamma_quantile([5, 50], upper=True)
    assert (2 * lower).tolist() == pytest.approx([3.247, 74.222], abs=5e-4)
    assert (2 * upper).tolist() == pytest.approx([20.483, 129.561], abs=5e-4)


def test_gamma_quantile_is_continuous_where_the_method_changes() -> None:
    """Series and expansion meet at 60."""
    for upper in (False, True):
        below, above = gamma_quantile([60.0, 60.0 + 1e-9], upper=upper)
        assert float(above) == pytest.approx(float(below), rel=3e-8)


def test_gamma_quantile_below_one_is_unknown() -> None:
    """Shapes below 1 and unknown ones give NaN."""
    assert np.isnan(gamma_quantile([0.0, 0.5, np.nan], upper=True)).all()


def chance_of_at_most(k: int, n: int, fraction: Fraction) -> Fraction:
    """Add up binomial chances exactly."""
    p, q = fraction.numerator, fraction.denominator - fraction.numerator
    ways = sum(math.comb(n, j) * p**j * q ** (n - j) for j in range(k + 1))
    return Fraction(ways, fraction.denominator**n)


@pytest.mark.parametrize("fraction", [Fraction(1, 2), Fraction(9, 10), Fraction(1, 4)])
@pytest.mark.parametrize("n", [1, 5, 6, 10, 35, 36, 60, 400])
def test_binomial_ranks_are_the_closest_safe_ones(n: int, fraction: Fraction) -> None:
    """Up to 500 rows the ranks err with at most 2.5 % each, and closer ones would err more."""
    most = Fraction(1, 40)
    low, high = (float(rank) for rank in binomial_ranks(n, float(fraction)))
    if chance_of_at_most(0, n, fraction) > most or fraction**n > most:
        assert math.isnan(low)
        assert math.isnan(high)
        return
    assert chance_of_at_most(int(low) - 1, n, fraction) <= most
    assert chance_of_at_most(int(low), n, fraction) > most
    assert 1 - chance_of_at_most(int(high) - 1, n, fraction) <= most
    assert 1 - chance_of_at_most(int(high) - 2, n, fraction) > most


@pytest.mark.parametrize("fraction", [Fraction(1, 2), Fraction(9, 10), Fraction(99, 100)])
@pytest.mark.parametrize("n", [501, 1500])
def test_approximate_ranks_stay_safe_and_near(n: int, fraction: Fraction) -> None:
    """Beyond 500 rows each end errs with at most 2.5 %, and two ranks closer would err more."""
    most = Fraction(1, 40)
    low, high = (int(rank) for rank in binomial_ranks(n, float(fraction)))
    assert chance_of_at_most(low - 1, n, fraction) <= most
    assert chance_of_at_most(low + 1, n, fraction) > most
    assert 1 - chance_of_at_most(high - 1, n, fraction) <= most
    assert 1 - chance_of_at_most(high - 3, n, fraction) > most


def test_binomial_ranks_keep_the_shape_and_unknowns() -> None:
    """A table of row numbers gives a table of ranks; unknown numbers give NaN."""
    low, high = binomial_ranks(np.array([[6, np.nan], [0, 20]]), 0.5)
    assert low.tolist()[0][0] == 1.0
    assert (low[1, 1], high[1, 1]) == (6.0, 15.0)
    assert np.isnan(low).tolist() == [[False, True], [True, False]]
    assert np.isnan(high).tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_the_ends_have_no_ranks(fraction: float) -> None:
    """No sample bounds the smallest or largest value that could come."""
    assert np.isnan(binomial_ranks([10, 1000], fraction)).all()
