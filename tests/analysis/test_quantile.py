"""Do the grid and the bracket bound a quantile safely?"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.quantile import quantile_bracket, quantile_interval
from dialgauge.plan.quantiles import grid as quantile_grid


@pytest.mark.parametrize("q", [0.5, 0.9, 0.01, 0.999])
def test_the_grid_is_dense_near_its_quantile_and_reaches_the_ends(q: float) -> None:
    """Ascending fractions with 0, q and 1, nowhere further apart than 3/8 of the way to q."""
    grid = quantile_grid(q)
    assert (grid[0], grid[-1]) == (0.0, 1.0)
    assert q in grid
    assert list(grid) == sorted(set(grid))
    for a, b in itertools.pairwise(grid):
        assert b - a <= max(0.0005, 0.3751 * max(abs(a - q), abs(b - q))) + 1e-6


def test_the_bracket_of_a_median_by_hand() -> None:
    """Of 101 rows the 41st and 61st bound the median: fractions 40 and 60 of 100 gaps."""
    low, high = quantile_bracket([101, 6, 5], 0.5)
    assert low[:2].tolist() == pytest.approx([0.40, 0.0])
    assert high[:2].tolist() == pytest.approx([0.60, 1.0])
    assert np.isnan([low[2], high[2]]).all()


def test_a_high_quantile_needs_more_rows() -> None:
    """0.9 to the 36th is the first power below 2.5 %, so 35 rows do not bound a 90 % quantile."""
    low, _ = quantile_bracket([35, 36], 0.9)
    assert np.isnan(low).tolist() == [True, False]


def test_the_interval_takes_the_grid_points_outward() -> None:
    """A bracket of .36 to .64 (50 rows, 18th to 33rd) falls outward on .25 and .75."""
    low, high = quantile_bracket(50, 0.5)
    assert [float(low), float(high)] == pytest.approx([17 / 49, 32 / 49])
    grid = (0.0, 0.25, 0.5, 0.75, 1.0)
    values = np.array([[0.0, 2.0, 4.0, 6.0, 8.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    ends = quantile_interval(grid, values, [50, 50], 0.5)
    assert [end.tolist() for end in ends] == [[2.0, 1.0], [6.0, 1.0]]


def test_too_few_or_unknown_rows_have_no_interval() -> None:
    """Three rows do not bound a median; quantiles of no rows are unknown."""
    grid = (0.0, 0.5, 1.0)
    values = np.array([[1, 2, 3], [np.nan, np.nan, np.nan], [1, 2, 3]])
    low, high = quantile_interval(grid, values, [3, 0, np.nan], 0.5)
    assert np.isnan(low).all()
    assert np.isnan(high).all()


@pytest.mark.parametrize("grid", [(), (0.0, 0.5), (0.5, 1.0), (0.0, 1.0)])
def test_a_grid_must_reach_both_ends_and_fit(grid: tuple[float, ...]) -> None:
    """A grid that could leave an end without a point is refused."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        quantile_interval(grid, [[1.0, 2.0, 3.0]], [50], 0.5)


@given(
    rows=st.lists(st.integers(0, 10**6), min_size=36, max_size=400), q=st.sampled_from([0.5, 0.9])
)
def test_the_interval_holds_estimate_and_ranks(rows: list[int], q: float) -> None:
    """It holds the quantile itself, and is never narrower than the ranks allow."""
    grid = quantile_grid(q)
    values = np.quantile(np.array(rows, dtype=float), grid)
    low, high = (float(end) for end in quantile_interval(grid, values, len(rows), q))
    assert low <= np.quantile(rows, q) <= high
    first, last = (float(end) * (len(rows) - 1) for end in quantile_bracket(len(rows), q))
    ordered = sorted(rows)
    assert low <= ordered[round(first)]
    assert high >= ordered[round(last)]
