"""How long does it take until a deal is won, when many are still open and some are lost?

Leaving open deals out makes a cycle look short, for the slow ones are still open; counting lost
deals as if they might still be won makes it look long. Kaplan and Meier's curve answers "until it
closes, one way or the other", Aalen and Johansen's "won by then", with lost as the competing end.
Days stand for any unit of time. Both assume that what is still open will go on like the rest did:
that being open today says nothing about a deal but its age.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Array, Z

_ROUNDING = 1e-12
"""Sums of shares may miss what they should reach by this much."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of cases for which the event has happened by each time.

    All arrays have one element for each distinct duration, ascending. A share of 0 has no upper
    end, a share of 1 no lower one (NaN): nothing in the rows says how far chance reaches there.

    Attributes:
        times: The distinct durations, days.
        incidence: Share of cases with the event by then, 0-1.
        variance: The variance of that share.
        low: Lower end of its 95 % interval.
        high: Upper end.
        at_risk: Cases still open just before.
        ended: Cases that ended then, by the event or otherwise.
    """

    times: Array
    incidence: Array
    variance: Array
    low: Array
    high: Array
    at_risk: npt.NDArray[np.int64]
    ended: npt.NDArray[np.int64]

    @property
    def cases(self) -> int:
        """How many durations were known."""
        return int(self.at_risk[0]) if len(self.at_risk) else 0

    @property
    def still_open(self) -> int:
        """How many of those cases have not ended yet."""
        return self.cases - int(self.ended.sum())


@dataclass(frozen=True, slots=True)
class Reached:
    """When a curve first reaches a share, in days; an end may be out of reach, hence None.

    Attributes:
        days: The first time at which the share is reached.
        low: Lower end of the 95 % interval.
        high: Upper end; None where the rows do not exclude that it takes for ever.
    """

    days: float | None
    low: float | None
    high: float | None


def cumulative_incidence(durations: npt.ArrayLike, ended: npt.ArrayLike) -> Curve:
    """Estimate the share of cases that met the event by each time, other ends competing.

    The estimator of Aalen and Johansen (1978, Scandinavian Journal of Statistics 5:141-150). Its
    variance is the delta method's, of which Greenwood's formula is the case without a competing
    end (Marubini and Valsecchi 1995, Analysing Survival Data from Clinical Trials and
    Observational Studies, chapter 10); the interval is normal on the scale log(-log share)
    (Choudhury 2002, Statistics in Medicine 21:1129-1144). Ends of both kinds at one time are
    counted together, nothing is moved apart.

    Args:
        durations: Days from the start to the end, or to today where there is no end; NaN is
            left out.
        ended: What ended each case: 0 it is still open, 1 the event, 2 a competing end.

    Returns:
        The curve; empty when no duration is known.

    Raises:
        ValueError: A duration is below 0 or endless, a code is none of 0, 1 and 2, or the lengths
            differ.

    Example:
        >>> curve = cumulative_incidence([10, 20, 30, 40], [1, 2, 1, 0])
        >>> curve.incidence.tolist()
        [0.25, 0.25, 0.5, 0.5]
    """
    counts = _counted(durations, ended)
    share = np.cumsum(_before(counts) * counts.events / counts.at_risk)
    share = np.where(1 - share < _ROUNDING, 1.0, share)
    variance = _variance(share, counts)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = Z * np.sqrt(variance) / (share * -np.log(share))
        low, high = share ** np.exp(spread), share ** np.exp(-spread)
    return _curve(counts, share, variance, low, high)


def kaplan_meier(durations: npt.ArrayLike, ended: npt.ArrayLike) -> Curve:
    """Estimate the share of cases that have ended by each time, whatever ended them.

    One minus the estimator of Kaplan and Meier (1958, JASA 53:457-481), with Greenwood's variance
    and the interval that is normal on the scale log(-log share still open) (Kalbfleisch and
    Prentice 1980, The Statistical Analysis of Failure Time Data, 1.3).

    Args:
        durations: Days from the start to the end, or to today where there is no end; NaN is
            left out.
        ended: 0 where it is still open, else 1 or 2.

    Returns:
        The curve; empty when no duration is known.

    Raises:
        ValueError: As for `cumulative_incidence`.

    Example:
        >>> curve = kaplan_meier([10, 20, 30, 40], [1, 0, 2, 0])
        >>> curve.incidence.tolist()
        [0.25, 0.25, 0.625, 0.625]
    """
    counts = _counted(durations, ended)
    still, left = counts.still, counts.at_risk - counts.ends
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        relative = np.cumsum(counts.ends / (counts.at_risk * left.astype(np.float64)))
        variance = np.where(still > 0, still**2 * relative, 0.0)
        spread = Z * np.sqrt(relative) / -np.log(still)
        low, high = 1 - still ** np.exp(-spread), 1 - still ** np.exp(spread)
    return _curve(counts, 1 - still, variance, low, high)


def quantile(curve: Curve, share: float) -> Reached:
    """Tell when a share of all cases is first reached: 0.5 for the median.

    The interval holds the times at which the curve's own interval holds the share (Brookmeyer and
    Crowley 1982, Biometrics 38:29-41).

    Args:
        curve: What `cumulative_incidence` or `kaplan_meier` gave.
        share: Above 0, at most 1.

    Returns:
        The time and its interval; None for what the curve never reaches.

    Raises:
        ValueError: The share is not above 0 and at most 1.

    Example:
        >>> quantile(kaplan_meier([10, 20, 30], [1, 1, 1]), 0.5).days
        20.0
        >>> quantile(kaplan_meier([10, 20, 30], [1, 0, 0]), 0.5).days is None
        True
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share to reach lies above 0 and at most at 1, not at {share}")
    return Reached(
        days=_first(curve, curve.incidence, share),
        low=_first(curve, curve.high, share),
        high=_first(curve, curve.low, share),
    )


def incidence_at(curve: Curve, days: npt.ArrayLike) -> tuple[Array, Array, Array]:
    """Read a curve: which share has met the event by then?

    Args:
        curve: What `cumulative_incidence` or `kaplan_meier` gave.
        days: Times from the start.

    Returns:
        The share and the ends of its 95 % interval, in the shape of `days`. All are NaN before 0
        and past the longest duration, where nobody was watched; but once every case has ended,
        the last share stands for ever.

    Example:
        >>> curve = cumulative_incidence([10, 20, 30, 40], [1, 2, 1, 0])
        >>> incidence_at(curve, [5, 25, 41])[0].tolist()
        [0.0, 0.25, nan]
    """
    wanted = np.asarray(days, dtype=np.float64)
    place = np.searchsorted(curve.times, wanted, side="right")
    watched = (wanted >= 0) & (curve.cases > 0)
    if curve.cases and curve.ended[-1] < curve.at_risk[-1]:
        watched &= wanted <= curve.times[-1]

    def read(values: Array, start: float) -> Array:
        return np.where(watched, np.concatenate(([start], values))[place], np.nan)

    return read(curve.incidence, 0.0), read(curve.low, 0.0), read(curve.high, np.nan)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What happened at each distinct time; `still` is the share that is open right after."""

    times: Array
    at_risk: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    still: Array


def _counted(durations: npt.ArrayLike, ended: npt.ArrayLike) -> _Counts:
    days = np.asarray(durations, dtype=np.float64).ravel()
    codes = np.asarray(ended).ravel()
    if len(days) != len(codes):
        raise ValueError(f"{len(days)} durations cannot have {len(codes)} codes; give one each")
    known = ~np.isnan(days)
    days, codes = days[known], codes[known]
    wrong = int(((days < 0) | np.isinf(days)).sum())
    if wrong:
        raise ValueError(
            f"{wrong} of {len(days)} durations are below 0 or endless; make them NaN to leave "
            "them out"
        )
    if not np.isin(codes, (0, 1, 2)).all():
        raise ValueError("what ended a case is 0 (still open), 1 (the event) or 2 (another end)")
    order = np.argsort(days)
    days, codes = days[order], codes[order]
    starts = np.flatnonzero(np.diff(days, prepend=-1.0))
    at_risk = len(days) - starts
    events = _sums(codes == 1, starts)
    ends = _sums(codes != 0, starts)
    still = np.cumprod((at_risk - ends) / at_risk, dtype=np.float64)
    return _Counts(days[starts], at_risk, events, ends, still)


def _before(counts: _Counts) -> Array:
    """Give the share still open just before each time."""
    return np.concatenate(([1.0], counts.still))[:-1]


def _sums(flags: npt.NDArray[np.bool_], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    running = np.concatenate(([0], np.cumsum(flags)))
    return np.diff(running[starts], append=running[-1]).astype(np.int64)


def _variance(share: Array, counts: _Counts) -> Array:
    """Add up the delta method's three terms; sums over what lies before, for every time at once."""
    n, all_ends, events = (
        part.astype(np.float64) for part in (counts.at_risk, counts.ends, counts.events)
    )
    # Where the last cases end, nothing follows whose share could still vary with them.
    with np.errstate(divide="ignore", invalid="ignore"):
        ending = np.where(all_ends < n, all_ends / (n * (n - all_ends)), 0.0)
    before = _before(counts)
    own = np.cumsum(before**2 * events * (n - events) / n**3)
    crossing = before * events / n**2
    squares = share**2 * np.cumsum(ending)
    squares += np.cumsum(share**2 * ending) - 2 * share * np.cumsum(share * ending)
    crossed = share * np.cumsum(crossing) - np.cumsum(share * crossing)
    return np.asarray(np.maximum(squares + own - 2 * crossed, 0.0))


def _curve(counts: _Counts, share: Array, variance: Array, low: Array, high: Array) -> Curve:
    return Curve(
        times=counts.times,
        incidence=share,
        variance=variance,
        low=np.where(share == 0, 0.0, np.where(share == 1, np.nan, low)),
        high=np.where(share == 1, 1.0, np.where(share == 0, np.nan, high)),
        at_risk=counts.at_risk,
        ended=counts.ends,
    )


def _first(curve: Curve, values: Array, share: float) -> float | None:
    reached = np.flatnonzero(values >= share - _ROUNDING)
    return float(curve.times[reached[0]]) if len(reached) else None
