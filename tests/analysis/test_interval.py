"""Are the intervals those of the literature, and sane at their edges?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.interval import (
    compound_poisson,
    difference,
    mean,
    poisson_rate,
    ratio_of_sums,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_the_published_interval(successes: int, n: int, low: float, high: float) -> None:
    """The worked examples of Newcombe 1998, Statistics in Medicine 17:857-872, method 3."""
    found = wilson(successes, n)
    assert [float(end) for end in found] == pytest.approx([low, high], abs=5e-5)


def test_wilson_is_exact_at_its_edges() -> None:
    """Without a success it starts at 0, without a failure it ends at 1, for small n and large."""
    sizes = np.array([1, 7, 100, 12_345_678])
    assert wilson(np.zeros(4), sizes)[0].tolist() == [0.0] * 4
    assert wilson(sizes, sizes)[1].tolist() == [1.0] * 4


def test_wilson_knows_nothing_of_no_rows_or_impossible_counts() -> None:
    """No rows, more successes than rows, negative and unknown numbers give NaN."""
    low, high = wilson([0, 5, -1, np.nan, 1], [0, 4, 4, 4, np.nan])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@given(n=st.integers(1, 10**9), data=st.data())
def test_wilson_contains_the_share_and_stays_a_share(n: int, data: st.DataObject) -> None:
    """0 <= low <= share <= high <= 1, and failures mirror successes."""
    k = data.draw(st.integers(0, n))
    low, high = (float(end) for end in wilson(k, n))
    assert 0 <= low <= k / n <= high <= 1
    assert low < high
    mirror_low, mirror_high = (float(end) for end in wilson(n - k, n))
    assert [1 - mirror_high, 1 - mirror_low] == pytest.approx([low, high], abs=1e-12)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0, 3.689),
        (1, 0.0253, 5.572),
        (2, 0.242, 7.225),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
        (50, 37.111, 65.919),
        (100, 81.364, 121.627),
    ],
)
def test_poisson_rate_is_the_printed_interval(count: int, low: float, high: float) -> None:
    """Tables of exact Poisson limits give these."""
    found = poisson_rate(count)
    assert [float(end) for end in found] == pytest.approx([low, high], abs=6e-4)


def test_poisson_rate_divides_by_exposure() -> None:
    """Ten calls in eight hours: a count of ten, an eighth of it an hour."""
    low, high = poisson_rate([10, 10, 10], [1, 8, 0])
    assert low[:2].tolist() == pytest.approx([4.7954, 0.59943], abs=5e-5)
    assert high[:2].tolist() == pytest.approx([18.3904, 2.29880], abs=5e-5)
    assert math.isnan(low[2])
    assert math.isnan(high[2])


def test_poisson_rate_of_the_unknown_is_unknown() -> None:
    """Unknown and negative counts and exposures give NaN on both ends."""
    low, high = poisson_rate([np.nan, -1, 3], [1, 1, np.nan])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@given(count=st.integers(0, 10**7), exposure=st.floats(1e-3, 1e6))
def test_poisson_rate_contains_the_rate(count: int, exposure: float) -> None:
    """The rate lies between its ends, and the lower one is never negative."""
    low, high = (float(end) for end in poisson_rate(count, exposure))
    assert 0 <= low <= count / exposure <= high


def test_mean_is_students_interval() -> None:
    """1 to 5: mean 3, variance 2.5, t 2.7764 at 4 degrees, so 3 -+ 1.9632."""
    low, high = mean(15, 55, 5)
    assert float(low) == pytest.approx(1.03676, abs=1e-5)
    assert float(high) == pytest.approx(4.96324, abs=1e-5)


def test_mean_of_one_row_has_no_interval() -> None:
    """One row tells nothing of how rows scatter, nor do none."""
    low, high = mean([4, 0, np.nan], [16, 0, 1], [1, 0, 5])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_mean_of_equal_rows_has_no_width() -> None:
    """Rounding must not turn a variance of zero into a negative one."""
    low, high = mean(0.1 * 3, 0.01 * 3, 3)
    assert float(low) == pytest.approx(0.1, abs=1e-8)
    assert float(high) == pytest.approx(0.1, abs=1e-8)


def test_ratio_of_sums_by_hand() -> None:
    """Rows (1, 1), (3, 1), (2, 2): R 1.5, residuals -.5, 1.5, -1, error sqrt(3.5 * 1.5) / 4."""
    low, high = ratio_of_sums(6, 4, 14, 8, 6, 3)
    half = 4.302653 * math.sqrt(5.25) / 4
    assert float(low) == pytest.approx(1.5 - half, abs=1e-6)
    assert float(high) == pytest.approx(1.5 + half, abs=1e-6)


def test_ratio_over_ones_is_a_mean() -> None:
    """When each row adds 1 to the denominator, the ratio is a mean and has its interval."""
    assert [float(end) for end in ratio_of_sums(15, 5, 55, 15, 5, 5)] == pytest.approx(
        [float(end) for end in mean(15, 55, 5)], abs=1e-12
    )


def test_ratio_needs_a_denominator_and_two_rows() -> None:
    """A zero or unknown denominator and a single row give NaN."""
    low, high = ratio_of_sums([1, 1, 1], [0, 1, np.nan], 1, 1, 1, [5, 1, 5])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@given(
    rows=st.lists(
        st.tuples(st.integers(-1000, 1000), st.integers(1, 1000)), min_size=2, max_size=30
    ),
    scale=st.sampled_from([0.25, 2.0, 1024.0]),
)
def test_ratio_follows_the_units(rows: list[tuple[int, int]], scale: float) -> None:
    """Numerators in another unit scale the interval, denominators in another unit divide it."""
    x, y = np.array(rows, dtype=float).T

    def ends(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        sums = (x.sum(), y.sum(), (x * x).sum(), (x * y).sum(), (y * y).sum(), len(x))
        return np.array(ratio_of_sums(*sums))

    plain = ends(x, y)
    assert plain[0] <= x.sum() / y.sum() <= plain[1]
    assert ends(scale * x, y).tolist() == pytest.approx((scale * plain).tolist(), rel=1e-9)
    assert ends(x, scale * y).tolist() == pytest.approx((plain / scale).tolist(), rel=1e-9)


def test_a_sum_of_ones_is_a_count() -> None:
    """Ten terms of 1 have the interval of ten events, ten of 30 s thirty times that."""
    for size in (1, 30):
        low, high = compound_poisson(10 * size, 10 * size**2)
        assert float(low) == pytest.approx(4.7954 * size, abs=5e-5 * size)
        assert float(high) == pytest.approx(18.3904 * size, abs=5e-5 * size)


def test_sums_of_both_signs_are_symmetric() -> None:
    """A sum of 1 over squares of 100 is 1 -+ 19.6, a sum of -5 over 25 is -5 -+ 9.8."""
    low, high = compound_poisson([1, -5, 0], [100, 25, 4])
    assert low.tolist() == pytest.approx([-18.6, -14.8, -3.92], abs=1e-3)
    assert high.tolist() == pytest.approx([20.6, 4.8, 3.92], abs=1e-3)


def test_a_single_term_counts_as_one_event() -> None:
    """One term of 0.1 has the interval of one event in tenths, however 0.1 squared rounds."""
    low, high = compound_poisson(0.1, 0.1 * 0.1)
    assert float(low) == pytest.approx(0.00253, abs=1e-5)
    assert float(high) == pytest.approx(0.5572, abs=1e-4)


def test_a_sum_of_nothing_has_no_interval() -> None:
    """Without terms nothing is known of their size; unknown stays unknown."""
    low, high = compound_poisson([0, np.nan, 3], [0, 1, np.nan])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@given(
    terms=st.lists(st.integers(1, 10**4), min_size=1, max_size=50),
    scale=st.sampled_from([0.5, 8.0]),
)
def test_a_sum_lies_in_its_interval_in_any_unit(terms: list[int], scale: float) -> None:
    """Positive sums have positive ends around them, which follow the unit."""
    total, squares = sum(terms), sum(term**2 for term in terms)
    low, high = (float(end) for end in compound_poisson(total, squares))
    assert 0 < low <= total <= high
    scaled = compound_poisson(scale * total, scale**2 * squares)
    assert [float(end) for end in scaled] == pytest.approx([scale * low, scale * high], rel=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_difference_of_shares_is_newcombes(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """The worked examples of Newcombe 1998, Statistics in Medicine 17:873-890, method 10."""
    share, other_share = one[0] / one[1], other[0] / other[1]
    found = difference(share, *wilson(*one), other_share, *wilson(*other))
    assert [float(number) for number in found] == pytest.approx(
        [share - other_share, low, high], abs=6e-5
    )


def test_difference_by_hand() -> None:
    """10 in (7, 14) less 2 in (-2, 5): 8, from 8 - sqrt(9 + 9) to 8 + sqrt(16 + 16)."""
    gap, low, high = difference(10, 7, 14, 2, -2, 5)
    assert float(gap) == 8
    assert float(low) == pytest.approx(8 - math.sqrt(18))
    assert float(high) == pytest.approx(8 + math.sqrt(32))


def test_difference_without_an_interval_has_none() -> None:
    """An unknown end leaves the difference known and its ends unknown."""
    gap, low, high = difference(3, np.nan, np.nan, 1, 0, 2)
    assert float(gap) == 2
    assert math.isnan(low)
    assert math.isnan(high)


_NUMBERS = st.floats(-1e6, 1e6)
_WIDTHS = st.floats(0, 1e6)


@given(a=_NUMBERS, b=_NUMBERS, widths=st.tuples(_WIDTHS, _WIDTHS, _WIDTHS, _WIDTHS))
def test_difference_is_antisymmetric(
    a: float, b: float, widths: tuple[float, float, float, float]
) -> None:
    """Swapping the sides turns the signs and swaps the ends; the difference lies inside."""
    one, other = (a, a - widths[0], a + widths[1]), (b, b - widths[2], b + widths[3])
    gap, low, high = (float(number) for number in difference(*one, *other))
    back, back_low, back_high = (float(number) for number in difference(*other, *one))
    assert low <= gap <= high
    assert (back, back_low, back_high) == (-gap, -high, -low)


def test_numbers_of_a_table_are_bounded_at_once() -> None:
    """Arrays of any shape come back in that shape, and single numbers spread over them."""
    low, high = wilson([[1, 2], [3, 4]], 10)
    assert low.shape == high.shape == (2, 2)
    assert poisson_rate(np.ones((3, 1)), np.ones(2))[0].shape == (3, 2)
