"""Does the search for parameters know whether it has arrived?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.likelihood import Runaway, columns_of, distinct, likeliest

Array = npt.NDArray[np.float64]


@given(summit=st.tuples(*[st.floats(-4, 4)] * 3))
def test_a_summit_is_found(summit: tuple[float, ...]) -> None:
    """In a long, narrow, bent valley."""

    def valley(logs: Array) -> tuple[float, Array]:
        off = logs - summit
        across = off[0] - off[1] + off[1] ** 2 / 5
        loss = 50 * across**2 + off[1] ** 2 / 2 + off[2] ** 2
        slope = [100 * across, 100 * across * (off[1] / 2.5 - 1) + off[1], 2 * off[2]]
        return float(loss), np.array(slope)

    found = likeliest(valley, 3)
    assert isinstance(found, np.ndarray)
    assert np.log(found).tolist() == pytest.approx(summit, abs=1e-5)


def test_a_ridge_is_no_summit() -> None:
    """Where only the product of two parameters matters, neither can be told."""

    def ridge(logs: Array) -> tuple[float, Array]:
        off = logs.sum() - 1
        return float(off**2), np.full(2, 2 * off)

    assert isinstance(likeliest(ridge, 2), Runaway)


def test_what_ran_away_is_named() -> None:
    """Ever better towards a huge second parameter."""

    def slope(logs: Array) -> tuple[float, Array]:
        return float(logs[0] ** 2 + np.exp(-logs[1])), np.array([2 * logs[0], -np.exp(-logs[1])])

    assert likeliest(slope, 2) == Runaway(1)


def test_a_kink_is_no_summit_either() -> None:
    """A loss with an edge has no slope of 0 to arrive at."""

    def kink(logs: Array) -> tuple[float, Array]:
        return float(np.abs(logs - 1).sum()), np.sign(logs - 1.00003)

    assert not isinstance(likeliest(kink, 1), np.ndarray)


@given(rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0.5, 1.5]), st.integers(0, 1))))
def test_distinct_rows_stand_for_all(rows: list[tuple[float, float, float]]) -> None:
    """Each occurs once, with the number of times it occurred."""
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    found, counts = distinct(*columns)
    table = {
        row: int(count)
        for *row_, count in zip(*found, counts, strict=True)
        for row in [tuple(row_)]
    }
    assert table == {row: rows.count(row) for row in set(rows)}
    assert len(counts) == len(table)


def test_columns_are_flat_numbers_of_one_length() -> None:
    """Whatever holds them."""
    first, second = columns_of([[1], [2]], (3, 4))
    assert (first.tolist(), second.tolist()) == ([1.0, 2.0], [3.0, 4.0])
    with pytest.raises(ValueError, match="one length, not 1, 2"):
        columns_of([1], [1, 2])
