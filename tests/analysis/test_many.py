"""Are groups called different no more often than chance allows?"""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, norm

from dialgauge.analysis.interval import mean, wilson
from dialgauge.analysis.many import adjusted, doubt
from dialgauge.model.answer import Value


def share(successes: int, n: int) -> Value:
    """Give a share with Wilson's interval."""
    low, high = wilson(successes, n)
    return Value(
        value=successes / n,
        numerator=successes,
        denominator=n,
        n=n,
        low=float(low),
        high=float(high),
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusts_as_benjamini_and_hochberg(doubts: list[float]) -> None:
    """P-values come out as scipy's control of the false discovery rate has them."""
    wanted = false_discovery_control(doubts, method="bh")
    assert adjusted(doubts) == pytest.approx(wanted.tolist())


def test_nothing_to_adjust() -> None:
    """No p-values stay none."""
    assert adjusted([]) == []


def test_the_example_of_the_paper() -> None:
    """Of the 15 tests of Benjamini and Hochberg 1995, section 4.1, four are below 0.05."""
    given_there = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
        *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
    ]
    assert sum(each <= 0.05 for each in adjusted(given_there)) == 4


@given(st.integers(1, 400), st.data(), st.floats(0.02, 0.98))
def test_a_share_is_doubted_just_where_its_interval_holds_the_number(
    n: int, data: st.DataObject, reference: float
) -> None:
    """The score test is below 0.05 if and only if Wilson's interval leaves the number out."""
    value = share(data.draw(st.integers(0, n)), n)
    assert value.low is not None
    assert value.high is not None
    assume(min(abs(value.low - reference), abs(value.high - reference)) > 1e-9)
    found = doubt(value, reference)
    assert found is not None
    assert (found < 0.05) == (not value.low <= reference <= value.high)


def test_a_share_against_a_number() -> None:
    """60 of 100 against one half: z is 0.1 over the root of 0.25/100, which is 2."""
    found = doubt(share(60, 100), 0.5)
    assert found == pytest.approx(2 * norm.sf(2.0))
    assert found == pytest.approx(binomtest(60, 100, 0.5).pvalue, abs=0.015)


def test_a_mean_against_a_number() -> None:
    """Elsewhere the standard error is read off the interval: half of it is 1.96 of them."""
    value = Value(value=10.0, n=50, low=10.0 - 1.959964, high=10.0 + 1.959964)
    assert doubt(value, 7.0) == pytest.approx(2 * norm.sf(3.0), rel=1e-5)


def test_a_skewed_interval_is_read_on_the_side_of_the_number() -> None:
    """A value whose interval reaches further up is less surely below a number."""
    value = Value(value=10.0, n=50, low=9.0, high=14.0)
    above, below = doubt(value, 8.0), doubt(value, 12.0)
    assert above is not None
    assert below is not None
    assert above < 0.05 < below


@pytest.mark.parametrize(
    ("value", "reference"),
    [
        (Value(value=None), 0.5),
        (Value(value=0.2, n=3), 0.5),
        (Value(value=0.2, n=30, low=0.1, high=0.3), None),
        (Value(value=30.0, n=30, low=20.0, high=None), 40.0),
    ],
)
def test_what_cannot_be_doubted(value: Value, reference: float | None) -> None:
    """Without a value, an interval on that side or a number there is no p-value."""
    assert doubt(value, reference) is None


def test_no_gap_and_no_width() -> None:
    """A value on the number is no surprise; one off it without any spread is the greatest."""
    assert doubt(Value(value=3.0, n=9, low=2.0, high=4.0), 3.0) == 1.0
    assert doubt(Value(value=3.0, n=9, low=3.0, high=3.0), 4.0) == 0.0


def test_a_mean_of_scores_is_not_taken_for_a_share() -> None:
    """Scores of 0.8 each vary less than coins do, and their narrow interval is believed."""
    low, high = (float(end) for end in mean(80.0, 64.2, 100))
    scores = Value(value=0.8, numerator=80.0, denominator=100, n=100, low=low, high=high)
    found, coins = doubt(scores, 0.78), doubt(share(80, 100), 0.78)
    assert found is not None
    assert coins is not None
    assert found < 0.001
    assert coins > 0.5
