"""Are the reference engine's aggregates right, by hand?"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.engines.reference_aggregates import add, aggregate, quantiles
from dialgauge.model.expression import Compare, Literal, Name
from dialgauge.plan.nodes import Aggregation, Function

ROWS: list[dict[str, Any]] = [
    {"x": 1, "y": 2.0},
    {"x": None, "y": 3.0},
    {"x": 3, "y": None},
    {"x": 3, "y": -1.0},
]


def of(function: Function, rows: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    """Aggregate x over the rows above."""
    each = Aggregation(name="a", function=function, argument=Name("x"), **more)
    return aggregate(each, ROWS if rows is None else rows)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Function.COUNT, 3),
        (Function.DISTINCT, 2),
        (Function.SUM, 7),
        (Function.SUM_OF_SQUARES, 19.0),
        (Function.MIN, 1),
        (Function.MAX, 3),
    ],
)
def test_aggregates_read_known_values_only(function: Function, expected: float) -> None:
    """The row whose x is NULL counts in none of them."""
    assert of(function) == expected


def test_products_need_both_factors() -> None:
    """1 * 2 and 3 * -1 count; rows that lack a factor do not."""
    assert of(Function.SUM_OF_PRODUCTS, other=Name("y")) == -1.0


def test_counting_rows_needs_no_argument() -> None:
    """All four rows count."""
    assert aggregate(Aggregation(name="a", function=Function.COUNT), ROWS) == 4


def test_only_rows_whose_condition_is_true_count() -> None:
    """Y > 0 is unknown for one row and false for another."""
    positive = Compare(">", Name("y"), Literal(0))
    assert of(Function.SUM, where=positive) == 1
    assert of(Function.COUNT, where=positive) == 1


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Function.COUNT, 0),
        (Function.DISTINCT, 0),
        (Function.SUM, None),
        (Function.SUM_OF_SQUARES, None),
        (Function.SUM_OF_PRODUCTS, None),
        (Function.MIN, None),
        (Function.MAX, None),
        (Function.QUANTILES, None),
    ],
)
def test_nothing_counts_0_and_is_otherwise_unknown(
    function: Function, expected: int | None
) -> None:
    """The same for no rows at all and for rows without a known value."""
    more = {"other": Name("y"), "fractions": (0.5,)}
    assert of(function, [], **more) == expected
    assert of(function, [{"x": None, "y": 1.0}], **more) == expected


def test_money_adds_up_to_the_cent() -> None:
    """Ten times 0.1 is 1 exactly, and large amounts lose no digit."""
    assert add([Decimal("0.1000")] * 10) == Decimal("1.0000")
    large = [Decimal("99999999999999.9999")] * 1000
    assert add(large) == Decimal("99999999999999999.9000")


def test_floats_are_rounded_once() -> None:
    """Small terms survive between large ones."""
    assert add([1e16, 1.0, -1e16]) == 1.0


def test_quantiles_lie_on_the_line_between_neighbours() -> None:
    """Of 10, 20, 30, 40 the median is 25 and the 0.9 quantile 7 tenths from 30 to 40."""
    assert quantiles([40, 10, 30, 20], (0.0, 0.5, 1.0)) == [10, 25, 40]
    assert quantiles([40, 10, 30, 20], (0.9,)) == pytest.approx([37.0])
    assert quantiles([7.5], (0.0, 0.3, 1.0)) == [7.5, 7.5, 7.5]


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_quantiles_are_those_of_numpy(values: list[float], fractions: list[float]) -> None:
    """Linear interpolation is what numpy calls so."""
    expected = np.quantile(values, fractions, method="linear")
    assert quantiles(values, fractions) == pytest.approx(list(expected), rel=1e-9, abs=1e-6)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_whole_numbers_add_exactly(values: list[int]) -> None:
    """A sum of whole numbers is whole, and the mean of its floats is close."""
    assert add(values) == int(math.fsum(values))
