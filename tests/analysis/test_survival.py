"""Are the survival curves those of the literature, of another library, and sane at their edges?"""

from __future__ import annotations

import warnings
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dialgauge.analysis.survival import (
    Curve,
    Reached,
    cumulative_incidence,
    incidence_at,
    kaplan_meier,
    quantile,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import AalenJohansenFitter, KaplanMeierFitter
    from lifelines.datasets import load_lung, load_waltons
    from lifelines.utils import median_survival_times

Cases = list[tuple[int, int]]
"""Whole days and what ended each case."""

CASES = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), min_size=1, max_size=60)


def split(cases: Cases) -> tuple[list[int], list[int]]:
    """Give days and codes apart."""
    return [days for days, _ in cases], [code for _, code in cases]


def by_hand(cases: Cases) -> dict[int, tuple[Fraction, Fraction]]:
    """Work out in fractions, day after day, the shares with the event and with any end by then."""
    still, share, found = Fraction(1), Fraction(0), {}
    for day in sorted({days for days, _ in cases}):
        at_risk = sum(days >= day for days, _ in cases)
        now = [code for days, code in cases if days == day]
        share += still * Fraction(now.count(1), at_risk)
        still *= 1 - Fraction(now.count(1) + now.count(2), at_risk)
        found[day] = share, 1 - still
    return found


def inner(curve: Curve) -> npt.NDArray[np.bool_]:
    """Pick the times at which the share is neither 0 nor 1, so that it has an interval."""
    return np.asarray((curve.incidence > 0) & (curve.incidence < 1 - 1e-9))


@given(cases=CASES)
def test_curves_are_those_worked_out_in_fractions(cases: Cases) -> None:
    """Ties of wins, losses and open cases on one day included, nothing is moved apart."""
    curve, ends = cumulative_incidence(*split(cases)), kaplan_meier(*split(cases))
    known = by_hand(cases)
    assert curve.times.tolist() == ends.times.tolist() == sorted(known)
    assert curve.incidence == pytest.approx([float(event) for event, _ in known.values()])
    assert ends.incidence == pytest.approx([float(end) for _, end in known.values()])
    assert curve.at_risk.tolist() == [sum(days >= day for days, _ in cases) for day in known]
    assert curve.still_open == sum(code == 0 for _, code in cases)


@given(cases=CASES)
def test_kaplan_meier_is_that_of_lifelines(cases: Cases) -> None:
    """Share and interval, ties included."""
    days, codes = split(cases)
    fitted = KaplanMeierFitter().fit(days, np.array(codes) > 0)
    curve = kaplan_meier(days, codes)
    still = fitted.survival_function_.loc[curve.times].to_numpy()[:, 0]
    assert curve.incidence == pytest.approx(1 - still, abs=1e-6)
    ends = fitted.confidence_interval_survival_function_.loc[curve.times].to_numpy()
    at = inner(curve)
    assert curve.low[at] == pytest.approx(1 - ends[at].max(axis=1), abs=1e-6)
    assert curve.high[at] == pytest.approx(1 - ends[at].min(axis=1), abs=1e-6)


@given(cases=CASES)
def test_a_median_is_the_first_day_with_half_of_the_cases(cases: Cases) -> None:
    """Exactly half counts, however the shares were rounded; no such day gives none."""
    event, end = (
        next(
            (day for day, shares in by_hand(cases).items() if shares[which] >= Fraction(1, 2)), None
        )
        for which in (0, 1)
    )
    assert quantile(cumulative_incidence(*split(cases)), 0.5).days == event
    assert quantile(kaplan_meier(*split(cases)), 0.5).days == end


@given(cases=CASES)
def test_aalen_johansen_is_that_of_lifelines(cases: Cases) -> None:
    """Share, variance and interval; not where a win and a loss tie, which lifelines moves apart."""
    kinds: dict[int, set[int]] = {}
    for day, code in cases:
        kinds.setdefault(day, set()).add(code)
    assume(not any({1, 2} <= kind for kind in kinds.values()))
    days, codes = split(cases)
    curve = cumulative_incidence(days, codes)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines divides by 0 where nobody is left
        fitted = AalenJohansenFitter().fit(days, codes, event_of_interest=1)
    share = fitted.cumulative_density_.loc[curve.times].to_numpy()[:, 0]
    assert curve.incidence == pytest.approx(share, abs=1e-6)
    variance = fitted.variance_.loc[curve.times].to_numpy()
    ends = fitted.confidence_interval_.loc[curve.times].to_numpy()
    at = inner(curve) & np.isfinite(variance)
    assert curve.variance[at] == pytest.approx(variance[at], abs=1e-6)
    assert curve.low[at] == pytest.approx(ends[at].min(axis=1), abs=1e-6)
    assert curve.high[at] == pytest.approx(ends[at].max(axis=1), abs=1e-6)


@given(cases=CASES)
def test_without_another_end_both_estimators_are_one(cases: Cases) -> None:
    """Their shares and, by Greenwood's formula, their variances."""
    days, codes = split(cases)
    won = [int(code == 1) for code in codes]
    curve, ends = cumulative_incidence(days, won), kaplan_meier(days, won)
    assert curve.incidence == pytest.approx(ends.incidence, abs=1e-12)
    assert curve.variance == pytest.approx(ends.variance, abs=1e-12)


@given(cases=CASES)
def test_wins_losses_and_open_deals_share_the_whole(cases: Cases) -> None:
    """Won by then, lost by then and still open add up to all, whatever is called the event."""
    days, codes = split(cases)
    won, ends = cumulative_incidence(days, codes), kaplan_meier(days, codes)
    lost = cumulative_incidence(days, [(0, 2, 1)[code] for code in codes])
    assert won.incidence + lost.incidence == pytest.approx(ends.incidence, abs=1e-12)


@given(cases=CASES, factor=st.sampled_from([0.125, 7, 24]), seed=st.integers(0, 99))
def test_neither_unit_nor_order_matters(cases: Cases, factor: float, seed: int) -> None:
    """Hours instead of days stretch the times and nothing else; so does no shuffling."""
    days, codes = split(cases)
    order = np.random.default_rng(seed).permutation(len(days))
    curve = cumulative_incidence(days, codes)
    other = cumulative_incidence(np.array(days)[order] * factor, np.array(codes)[order])
    assert other.times.tolist() == (curve.times * factor).tolist()
    assert other.incidence.tolist() == curve.incidence.tolist()
    assert other.low.tolist() == pytest.approx(curve.low.tolist(), nan_ok=True)


@given(cases=CASES)
def test_intervals_hold_their_share_and_quantiles_theirs(cases: Cases) -> None:
    """0 <= low <= share <= high <= 1 wherever known, and so for the times of a quantile."""
    for curve in (cumulative_incidence(*split(cases)), kaplan_meier(*split(cases))):
        assert (np.diff(curve.incidence) >= 0).all()
        assert not (curve.low > curve.incidence + 1e-12).any()
        assert not (curve.high < curve.incidence - 1e-12).any()
        assert not ((curve.low < 0) | (curve.high > 1)).any()
        found = quantile(curve, 0.5)
        if found.days is not None:
            assert found.low is not None
            assert found.low <= found.days
            assert found.high is None or found.high >= found.days


def test_the_lung_cancer_patients_of_the_textbooks() -> None:
    """Loprinzi 1994: median survival 310 days, 284 to 361; 228 patients of whom 63 lived."""
    lung = load_lung()
    curve = kaplan_meier(lung["time"], lung["status"])
    assert quantile(curve, 0.5) == Reached(310.0, 284.0, 361.0)
    assert (curve.cases, curve.still_open) == (228, 63)


def test_the_interval_of_a_median_is_that_of_lifelines() -> None:
    """On 163 flies, of which 7 were lost from sight."""
    flies = load_waltons()
    fitted = KaplanMeierFitter().fit(flies["T"], flies["E"])
    ((low, high),) = median_survival_times(fitted.confidence_interval_).to_numpy()
    found = quantile(kaplan_meier(flies["T"], flies["E"]), 0.5)
    assert (found.days, found.low, found.high) == (fitted.median_survival_time_, low, high)


def test_deals_of_which_none_is_closed() -> None:
    """Nothing has happened up to the longest age; beyond, nothing is known."""
    curve = cumulative_incidence([5, 9, 9], [0, 0, 0])
    assert curve.incidence.tolist() == [0, 0]
    assert np.isnan(curve.high).all()
    assert quantile(curve, 0.5) == Reached(None, None, None)
    assert incidence_at(curve, [0, 9, 10])[0].tolist() == pytest.approx([0, 0, np.nan], nan_ok=True)


@pytest.mark.parametrize("days", [[], [np.nan, np.nan]])
def test_no_deal_at_all(days: list[float]) -> None:
    """An empty curve reaches nothing and knows nothing."""
    curve = cumulative_incidence(days, [1] * len(days))
    assert (curve.cases, curve.still_open, len(curve.times)) == (0, 0, 0)
    assert quantile(curve, 0.5) == Reached(None, None, None)
    assert np.isnan(incidence_at(curve, [0, 7])).all()


def test_a_single_deal() -> None:
    """One win on day 8: the median is 8, at most 8 at the low end, and no high end is known."""
    curve = cumulative_incidence([8], [1])
    assert quantile(curve, 0.5) == Reached(8.0, 8.0, None)
    assert incidence_at(curve, [7, 8, 800])[0].tolist() == [0, 1, 1]
    assert kaplan_meier([8], [1]).variance.tolist() == [0]


def test_a_deal_won_on_its_first_day_counts() -> None:
    """Of four deals one is won at once: a quarter by day 0."""
    curve = cumulative_incidence([0, 3, 3, 5], [1, 2, 0, 0])
    assert incidence_at(curve, 0)[0] == 0.25
    assert incidence_at(curve, -1)[0] != incidence_at(curve, -1)[0]  # NaN


def test_once_all_are_closed_the_last_share_stands() -> None:
    """Half won, half lost: half, for ever; an open deal leaves the future open."""
    share, low, high = incidence_at(cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 2]), 1000)
    assert share == 0.5
    assert low < 0.5 < high
    assert np.isnan(incidence_at(cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0]), 1000)[0])


def test_unknown_durations_are_left_out() -> None:
    """A deal without a first day says nothing."""
    curve = cumulative_incidence([4, np.nan, 6], [1, 1, 0])
    assert (curve.cases, curve.incidence.tolist()) == (2, [0.5, 0.5])


@pytest.mark.parametrize(
    ("days", "codes", "said"),
    [
        ([-1, 2], [1, 1], "1 of 2 durations are below 0"),
        ([np.inf], [0], "below 0 or endless"),
        ([1, 2], [1], "2 durations cannot have 1 codes"),
        ([1], [3], "0 (still open), 1 (the event) or 2 (another end)"),
        ([1], [np.nan], "0 (still open), 1 (the event) or 2 (another end)"),
    ],
)
def test_nonsense_is_refused(days: list[float], codes: list[float], said: str) -> None:
    """Rather than turned into a curve."""
    with pytest.raises(ValueError, match=said.replace("(", r"\(").replace(")", r"\)")):
        cumulative_incidence(days, codes)


@pytest.mark.parametrize("share", [0, 1.01, np.nan])
def test_a_share_to_reach_is_a_share(share: float) -> None:
    """Everybody has reached 0, and nobody more than 1."""
    with pytest.raises(ValueError, match="lies above 0 and at most at 1"):
        quantile(cumulative_incidence([1], [1]), share)


@pytest.mark.parametrize("estimate", [cumulative_incidence, kaplan_meier])
def test_intervals_hold_the_truth(estimate: object) -> None:
    """In 93 to 97 of 100 worlds: exponential days to win, to lose and to the end of watching."""
    rng = np.random.default_rng(4)
    worlds, held, medians = 2000, 0, 0
    competing = estimate is cumulative_incidence
    loss = 80.0 if competing else np.inf
    rate = 1 / 40 + 1 / loss
    truth = (1 / 40) / rate * (1 - np.exp(-rate * 30))
    middle = -np.log(1 - 0.5 * rate * 40) / rate
    for _ in range(worlds):
        won = rng.exponential(40, 150)
        lost = rng.exponential(80, 150) if competing else np.full(150, np.inf)
        watched = rng.uniform(20, 200, 150)
        days = np.minimum(np.minimum(won, lost), watched)
        codes = np.select([won == days, lost == days], [1, 2], 0)
        curve = (cumulative_incidence if competing else kaplan_meier)(days, codes)
        _, low, high = incidence_at(curve, 30)
        held += bool(low <= truth <= high)
        found = quantile(curve, 0.5)
        medians += (found.low or np.inf) <= middle <= (found.high or np.inf)
    assert 0.93 <= held / worlds <= 0.97
    assert 0.93 <= medians / worlds <= 0.97
