"""What does a call do to its lead, and when is the next one due?"""

from __future__ import annotations

import numpy as np

from dialgauge.testing import outcomes
from dialgauge.testing.columns import NONE, Bools, Ints
from dialgauge.testing.duties import HOUR, MINUTE, OUTBOUND, SHIFTS
from dialgauge.testing.places import DAY, PLACES, working
from dialgauge.testing.prospects import NEVER, Pool
from dialgauge.testing.shift import Happened

_FINAL = (
    outcomes.SALE,
    outcomes.STOP,
    outcomes.NOT_INTERESTED,
    outcomes.REFUSED,
    outcomes.INVALID,
)
_LATE_SHARE = 0.6  # of the callbacks not planned to be kept; the others are forgotten for days
_IGNORED_STOPS = 0.02  # requests not to be called that someone overlooks
_GIVE_UP = np.array([0.0, 0.08, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0])  # after so many dials
_EARLY_PLACES = np.array([place.timezone == "Asia/Yekaterinburg" for place in PLACES])
_FIRST_SHIFTS = np.array([begin for begin, _ in SHIFTS])


def follow_up(rng: np.random.Generator, pool: Pool, happened: Happened, kept_share: float) -> Ints:
    """Write the outcome of outbound calls into their leads and say when they are due again.

    Args:
        rng: Where chance comes from.
        pool: The leads, changed in place.
        happened: A shift's work.
        kept_share: Share of promised callbacks to be planned at their time.

    Returns:
        When a callback was promised, one value an item, milliseconds on the desk's wall clock;
        NONE where none was.
    """
    items, leads = happened.items, pool.leads
    dialled = np.flatnonzero(items["kind"] == OUTBOUND)
    lead, code = items["lead"][dialled], happened.disposition[dialled]
    local, ended = happened.start[dialled], happened.ended[dialled]
    leads["dials"][lead] += 1
    promised = _promise(rng, local, leads["place"][lead], code)
    due, exact = _due(rng, local, code, leads["dials"][lead])
    planned, exactly = _planned(rng, promised, kept_share)
    calls_back = code == outcomes.CALLBACK
    leads["due"][lead] = np.where(calls_back, planned, due)
    leads["exact"][lead] = np.where(calls_back, exactly, exact)
    _milestones(rng, pool, lead, code, ended)
    whole = np.full(items["kind"].size, NONE)
    whole[dialled] = promised
    return whole


def _promise(rng: np.random.Generator, local: Ints, place: Ints, code: Ints) -> Ints:
    last = np.where(_EARLY_PLACES[place], 16, 19)
    hour = rng.uniform(9.25, last)
    at = working(local // DAY + rng.integers(1, 4, local.size)) * DAY
    at += (hour * 12).astype(np.int64) * 5 * MINUTE
    return np.where(code == outcomes.CALLBACK, at, NONE)


def _planned(rng: np.random.Generator, promised: Ints, kept_share: float) -> tuple[Ints, Bools]:
    draw, count = rng.random(promised.size), promised.size
    on_time = promised + rng.integers(-3 * MINUTE, 8 * MINUTE, count)
    late = promised + rng.integers(45 * MINUTE, 170 * MINUTE, count)
    forgotten = working(promised // DAY + rng.integers(3, 9, count)) * DAY + 9 * HOUR
    is_late = draw < kept_share + (1 - kept_share) * _LATE_SHARE
    due = np.where(draw < kept_share, on_time, np.where(is_late, late, forgotten))
    return due, is_late


def _due(rng: np.random.Generator, local: Ints, code: Ints, dials: Ints) -> tuple[Ints, Bools]:
    count = local.size
    days = np.select(
        [code == outcomes.INTERESTED, code == outcomes.WRONG_PARTY, code == outcomes.DROPPED],
        [rng.integers(2, 10, count), rng.integers(1, 4, count), np.full(count, 3)],
        rng.integers(1, 5, count),
    )
    shift = _FIRST_SHIFTS[rng.integers(0, len(SHIFTS), count)] * HOUR
    due = working(local // DAY + days) * DAY + shift
    soon = local + rng.integers(30 * MINUTE, 90 * MINUTE, count)
    due = np.where(code == outcomes.BUSY, soon, due)
    gives_up = rng.random(count) < _GIVE_UP[np.minimum(dials - 1, _GIVE_UP.size - 1)]
    over = np.isin(code, _FINAL) | (gives_up & (code != outcomes.INTERESTED))
    overlooked = (code == outcomes.STOP) & (rng.random(count) < _IGNORED_STOPS)
    wrong = working(local // DAY + rng.integers(12, 20, count)) * DAY + 9 * HOUR
    due = np.where(over, NEVER, due)
    return np.where(overlooked, wrong, due), np.zeros(count, np.bool_)


def _milestones(rng: np.random.Generator, pool: Pool, lead: Ints, code: Ints, ended: Ints) -> None:
    leads = pool.leads
    warm = np.isin(code, (outcomes.CALLBACK, outcomes.INTERESTED)) & (rng.random(code.size) < 0.5)
    qualifies = (warm | (code == outcomes.SALE)) & (leads["sql_utc"][lead] < 0)
    meets = (code < outcomes.HUNG_UP) & (leads["met_utc"][lead] < 0)
    first_stop = (code == outcomes.STOP) & (leads["stop_utc"][lead] < 0)
    lost = (leads["due"][lead] >= NEVER) & (code != outcomes.SALE) & (leads["lost_utc"][lead] < 0)
    for column, when in (
        ("met_utc", meets),
        ("sql_utc", qualifies),
        ("converted_utc", code == outcomes.SALE),
        ("stop_utc", first_stop),
        ("lost_utc", lost),
    ):
        leads[column][lead[when]] = ended[when]
