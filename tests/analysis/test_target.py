"""Is a target judged rightly, and does the forecast hold what comes?"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.distribution import Array
from dialgauge.analysis.forecast import count_to_come, forecast, mean_to_come, sum_to_come
from dialgauge.analysis.interval import compound_poisson, mean, wilson
from dialgauge.analysis.pace import Pace, pace
from dialgauge.analysis.target import complete, elapsed, judge, wanted
from dialgauge.catalogue.user import built_in
from dialgauge.errors import UsageError
from dialgauge.model.answer import Value
from dialgauge.model.kpi import Better, Kpi, Unit
from dialgauge.model.target import Status, Target
from dialgauge.plan.reading import Certainty, read

WORDS = built_in()
WORLDS = 20_000
MARCH = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
INFINITE = math.inf


def held(truth: npt.NDArray[Any], low: Array, high: Array) -> float:
    """Tell in what share of worlds the end lay inside."""
    return float(((low <= truth) & (truth <= high)).mean())


def how(kpi: str) -> Pace:
    """Tell how a KPI of the catalogue moves."""
    return pace(read(WORDS.kpi(kpi), WORDS), WORDS)


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (dt.date(2026, 2, 1), 0),
        (dt.date(2026, 3, 1), 0),
        (dt.date(2026, 3, 2), 1),
        (dt.date(2026, 3, 31), 30),
        (dt.date(2026, 4, 1), 31),
        (dt.date(2027, 1, 1), 31),
    ],
)
def test_only_days_that_are_over_have_passed(today: dt.date, days: int) -> None:
    """The day itself is not over, the last day of the target is included."""
    assert elapsed(*MARCH, today) == days / 31


def test_a_day_is_over_on_the_next() -> None:
    """A target of one day has passed by none or all."""
    day = dt.date(2026, 3, 5)
    assert elapsed(day, day, day) == 0
    assert elapsed(day, day, day + dt.timedelta(days=1)) == 1


def test_a_whole_target_is_taken_as_it_is() -> None:
    """A target of one day, even of nothing, can be judged."""
    day = dt.date(2026, 3, 5)
    target = Target(target_id="t", kpi="dials", value=0.0, starts_on=day, ends_on=day)
    assert complete(target) == ("dials", 0.0, day, day)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kpi": None, "ends_on": None}, "does not say its kpi and ends_on"),
        ({"value": None}, "does not say its value"),
        ({"starts_on": None}, "does not say its starts_on"),
        ({"value": math.nan}, "value is nan"),
        ({"value": INFINITE}, "value is inf"),
        ({"starts_on": dt.date(2026, 4, 1)}, "ends on 2026-03-31, before it starts on 2026-04-01"),
    ],
)
def test_what_is_no_target_is_said(changed: dict[str, Any], sentence: str) -> None:
    """Another writer of the lake may have left something out that an import refuses."""
    whole: dict[str, Any] = {
        "kpi": "dials",
        "value": 9.0,
        "starts_on": MARCH[0],
        "ends_on": MARCH[1],
    }
    with pytest.raises(UsageError, match=sentence):
        complete(Target(target_id="t", **(whole | changed)))


def test_a_count_by_hand() -> None:
    """50 in half of the time: T^2 - (200 + z^2) T + 10,000 = 0, z^2 = 3.8415: 82.2 and 121.6.

    Half the sum 203.8415 is 101.9207; its square less 10,000 is 387.84, the root of it 19.694.
    """
    low, high = count_to_come(50, 0.5)
    assert float(low) == pytest.approx(101.9207 - 19.694, abs=1e-3)
    assert float(high) == pytest.approx(101.9207 + 19.694, abs=1e-3)


@given(count=st.integers(0, 5000), share=st.floats(0.02, 0.98))
def test_ends_of_a_count_are_wilsons_of_its_share(count: int, share: float) -> None:
    """Seen from an end, what came is just as far from the share of time as Wilson allows."""
    for end in (float(each) for each in count_to_come(count, share)):
        if end > count:  # else it is cut off at what has come
            low, high = (float(each) for each in wilson(count, end))
            assert share == pytest.approx(low) or share == pytest.approx(high)


def test_no_less_than_what_came_is_expected() -> None:
    """One event in half of the time: T^2 - 7.84 T + 4 = 0 has its lower root at 0.55, below 1."""
    assert float(count_to_come(1, 0.5)[0]) == 1


def test_nothing_is_uncertain_at_the_end() -> None:
    """When all has passed, the forecast is what came."""
    assert [float(end) for end in count_to_come(50, 1)] == [50, 50]
    assert [float(end) for end in sum_to_come(300, 200, 420, 1)] == [300, 300]
    assert [float(end) for end in mean_to_come(0.3, 0.2, 0.42, 1)] == [0.3, 0.3]


def test_a_sum_by_hand() -> None:
    """300 in (200, 420) after 3/4: 400, less 100 x (1/2) / (3/4), more 120 x 2/3."""
    low, high = sum_to_come(300, 200, 420, 0.75)
    assert (float(low), float(high)) == pytest.approx((400 - 200 / 3, 480))


def test_a_mean_by_hand() -> None:
    """0.2 in (0.16, 0.26) after 3/4: the ends come half as near."""
    low, high = mean_to_come(0.2, 0.16, 0.26, 0.75)
    assert (float(low), float(high)) == pytest.approx((0.18, 0.23))


@pytest.mark.parametrize("expected", [5, 20, 300])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_forecasts_of_counts_hold(expected: float, share: float) -> None:
    """Where events come by chance, the end lies inside in 92 to 98 of 100 worlds."""
    rng = np.random.default_rng(1)
    so_far = rng.poisson(expected * share, WORLDS)
    end = so_far + rng.poisson(expected * (1 - share), WORLDS)
    assert 0.92 <= held(end, *count_to_come(so_far, share)) <= 0.98


@pytest.mark.parametrize("expected", [60, 200])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_forecasts_of_sums_hold(expected: int, share: float) -> None:
    """Where orders and their amounts come by chance, it does in 92 to 98 of 100."""
    rng = np.random.default_rng(2)

    def amounts(mean_count: float) -> Array:
        counts = rng.poisson(mean_count, WORLDS)
        found = rng.exponential(60, (WORLDS, int(counts.max())))
        found[np.arange(found.shape[1]) >= counts[:, np.newaxis]] = 0
        return found

    came = amounts(expected * share)
    so_far = came.sum(1)
    end = so_far + amounts(expected * (1 - share)).sum(1)
    low, high = compound_poisson(so_far, (came**2).sum(1))
    assert 0.92 <= held(end, *sum_to_come(so_far, low, high, share)) <= 0.98


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_forecasts_of_shares_hold(share: float) -> None:
    """A contact rate at the end lies inside in 92 to 98 of 100 worlds."""
    rng = np.random.default_rng(3)
    dials, rest = round(2000 * share), round(2000 * (1 - share))
    contacts = rng.binomial(dials, 0.2, WORLDS)
    end = (contacts + rng.binomial(rest, 0.2, WORLDS)) / (dials + rest)
    low, high = wilson(contacts, dials)
    assert 0.92 <= held(end, *mean_to_come(contacts / dials, low, high, share)) <= 0.98


def test_forecasts_of_means_hold() -> None:
    """A mean talk time at the end lies inside in 92 to 98 of 100 worlds."""
    rows = np.random.default_rng(4).exponential(90, (WORLDS, 200))
    came = rows[:, :120]
    low, high = mean(came.sum(1), (came**2).sum(1), 120)
    found = mean_to_come(came.mean(1), low, high, 0.6)
    assert 0.92 <= held(rows.mean(1), *found) <= 0.98


@pytest.mark.parametrize(
    ("kpi", "expected"),
    [
        ("dials", Pace.ADDS),
        ("revenue", Pace.ADDS),
        ("cost", Pace.ADDS),
        ("agent_hours", Pace.ADDS),
        ("contact_rate", Pace.AVERAGES),
        ("roi", Pace.AVERAGES),
        ("median_call_duration", Pace.AVERAGES),
        ("pipeline_velocity", Pace.AVERAGES),
        ("pipeline_value", Pace.STANDS),
        ("active_customers", Pace.STANDS),
        ("drop_rate_30d", Pace.STANDS),
        ("leads_worked", Pace.REPEATS),
        ("lead_contact_rate", Pace.DRIFTS),
        ("revenue_per_customer", Pace.DRIFTS),
        ("churn_rate", Pace.GROWS),
        ("retention_rate", Pace.FALLS),
    ],
)
def test_kpis_move_in_their_own_ways(kpi: str, expected: Pace) -> None:
    """Counts add, ratios average, stocks stand; leads come again; churn grows."""
    assert how(kpi) is expected


def test_counts_are_carried_on() -> None:
    """300 dials in 10 of 30 days are 900 at the end."""
    found = forecast(Value(value=300), Pace.ADDS, 1 / 3, Certainty.COUNT)
    assert found.value == pytest.approx(900)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 900 < found.high


def test_measured_sums_have_a_forecast_without_interval() -> None:
    """Cost is recorded in full: 40 in half of the time are 80, and the reason is told."""
    told = Value(value=40, reason="costs are recorded in full")
    found = forecast(told, Pace.ADDS, 0.5, Certainty.NONE)
    assert (found.value, found.low, found.high, found.reason) == (
        *(80, None, None),
        "costs are recorded in full",
    )


def test_stocks_are_expected_to_stay() -> None:
    """Of open deals nothing is known but how they stand."""
    value = Value(value=500, low=400, high=620)
    found = forecast(value, Pace.STANDS, 0.5, Certainty.SUM)
    assert (found.value, found.low, found.high) == (500, 400, 620)


def test_ratios_are_expected_to_stay() -> None:
    """A rate is expected to be what it is, surer than the rate so far for the days to come."""
    value = Value(value=0.2, low=0.16, high=0.26)
    found = forecast(value, Pace.AVERAGES, 0.75, Certainty.SHARE)
    assert found.value == 0.2
    assert (found.low, found.high) == pytest.approx((0.18, 0.23))


def test_churn_is_carried_on_by_those_lost() -> None:
    """6 of 200 lost in a third of the time: 18 of 200 at the end; kept are the others."""
    low, high = (float(end) / 200 for end in count_to_come(6, 1 / 3))
    lost = Value(value=0.03, numerator=6, denominator=200, low=0.01, high=0.06)
    churn = forecast(lost, Pace.GROWS, 1 / 3, Certainty.SHARE)
    assert (churn.value, churn.low, churn.high) == pytest.approx((0.09, low, high))
    kept = Value(value=0.97, numerator=194, denominator=200, low=0.94, high=0.99)
    retention = forecast(kept, Pace.FALLS, 1 / 3, Certainty.SHARE)
    assert (retention.value, retention.low, retention.high) == pytest.approx(
        (0.91, 1 - high, 1 - low)
    )


def test_no_more_than_all_can_be_lost() -> None:
    """Half lost on the first of ten days is not five times all."""
    value = Value(value=0.5, numerator=5, denominator=10, low=0.2, high=0.8)
    assert forecast(value, Pace.GROWS, 0.1, Certainty.SHARE).value == 1
    assert forecast(value, Pace.FALLS, 0.1, Certainty.SHARE).low == 0


@pytest.mark.parametrize("share", [0.25, 0.5, 0.8])
def test_forecasts_of_churn_hold(share: float) -> None:
    """Where 8 % of 500 customers leave at no fixed times, it does in 92 to 98 of 100 worlds."""
    lives = np.random.default_rng(5).exponential(1 / -math.log(0.92), (4000, 500))
    lost, end = (lives < share).sum(1), (lives < 1).sum(1)
    assert 0.92 <= held(end, *count_to_come(lost, share)) <= 0.98


def test_shares_of_the_first_day_that_are_read_otherwise_have_no_forecast() -> None:
    """Those that stayed of all that ever were neither grow nor fall for sure."""
    kpi = Kpi(name="x", formula="active_spells.kept / active_spells.active", unit=Unit.SHARE)
    assert pace(read(kpi, WORDS), WORDS) is Pace.DRIFTS


@pytest.mark.parametrize("pace_of", [Pace.REPEATS, Pace.DRIFTS])
def test_some_have_no_forecast_before_the_end(pace_of: Pace) -> None:
    """It is told why; at the end it is what it is."""
    value = Value(value=40, low=30, high=52)
    found = forecast(value, pace_of, 0.5, Certainty.COUNT)
    assert found.value is None
    assert found.reason
    assert forecast(value, pace_of, 1.0, Certainty.COUNT).value == 40


def test_an_unknown_value_has_no_forecast() -> None:
    """Without dials there is no rate, now or later."""
    found = forecast(Value(value=None, reason="no rows"), Pace.AVERAGES, 0.5, Certainty.SHARE)
    assert (found.value, found.reason) == (None, "no rows")


def test_targets_are_met_on_the_good_side() -> None:
    """At least where more is better or nothing is, at most where less is, a band where one is."""
    assert wanted(WORDS.kpi("contacts"), 500) == (500, INFINITE)
    assert wanted(WORDS.kpi("dials"), 500) == (500, INFINITE)
    assert wanted(WORDS.kpi("cost"), 500) == (-INFINITE, 500)
    assert wanted(WORDS.kpi("occupancy"), 0.8) == (0.75, 0.88)
    assert wanted(WORDS.kpi("occupancy"), 0.9) == (0.75, 0.9)
    assert wanted(WORDS.kpi("occupancy"), 0.7) == (0.7, 0.88)
    assert wanted(WORDS.kpi("avg_handle_time"), 300) is None


def test_an_open_band_has_one_end() -> None:
    """A band with an upper limit alone is met by anything below."""
    kpi = Kpi(
        name="x", formula="calls.dials", unit=Unit.COUNT, better=Better.BAND, band=(None, 0.03)
    )
    assert wanted(kpi, 0.02) == (-INFINITE, 0.03)


LEAST, MOST, BAND = (100, INFINITE), (-INFINITE, 100), (75, 88)


@pytest.mark.parametrize(
    ("value", "expected", "ends", "pace_of", "share", "status"),
    [
        (60, 120, LEAST, Pace.ADDS, 0.5, Status.ON_TRACK),
        (40, 80, LEAST, Pace.ADDS, 0.5, Status.AT_RISK),
        (100, 200, LEAST, Pace.ADDS, 0.5, Status.REACHED),
        (100, 100, LEAST, Pace.ADDS, 1.0, Status.REACHED),
        (99, 99, LEAST, Pace.ADDS, 1.0, Status.MISSED),
        (101, 202, MOST, Pace.ADDS, 0.5, Status.MISSED),
        (60, 120, MOST, Pace.ADDS, 0.5, Status.AT_RISK),
        (100, 200, MOST, Pace.ADDS, 0.5, Status.AT_RISK),
        (40, 80, MOST, Pace.ADDS, 0.5, Status.ON_TRACK),
        (100, 100, MOST, Pace.ADDS, 1.0, Status.REACHED),
        (120, 120, LEAST, Pace.AVERAGES, 0.5, Status.ON_TRACK),
        (120, 120, MOST, Pace.AVERAGES, 0.5, Status.AT_RISK),
        (80, 80, BAND, Pace.AVERAGES, 0.5, Status.ON_TRACK),
        (74, 74, BAND, Pace.AVERAGES, 0.5, Status.AT_RISK),
        (89, 89, BAND, Pace.AVERAGES, 1.0, Status.MISSED),
        (75, 75, BAND, Pace.AVERAGES, 1.0, Status.REACHED),
        (40, None, LEAST, Pace.REPEATS, 0.5, Status.UNKNOWN),
        (100, None, LEAST, Pace.REPEATS, 0.5, Status.REACHED),
        (101, None, MOST, Pace.REPEATS, 0.5, Status.MISSED),
        (40, None, MOST, Pace.DRIFTS, 0.5, Status.UNKNOWN),
        (40, 40, MOST, Pace.DRIFTS, 1.0, Status.REACHED),
        (101, 150, MOST, Pace.GROWS, 0.5, Status.MISSED),
        (60, 120, MOST, Pace.GROWS, 0.5, Status.AT_RISK),
        (99, 80, LEAST, Pace.FALLS, 0.5, Status.MISSED),
        (120, 105, LEAST, Pace.FALLS, 0.5, Status.ON_TRACK),
    ],
)
def test_judgements(
    *,
    value: float,
    expected: float | None,
    ends: tuple[float, float],
    pace_of: Pace,
    share: float,
    status: Status,
) -> None:
    """What cannot be undone is reached or missed early; the rest is until the end what is due."""
    assert judge(value, expected, ends, pace_of, share) is status
