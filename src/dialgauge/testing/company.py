"""How does a day of the invented company go?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dialgauge.errors import UsageError
from dialgauge.testing import duties
from dialgauge.testing.books import Books
from dialgauge.testing.call_rows import call_order, call_rows, time_rows
from dialgauge.testing.columns import NONE, Floats, Ints
from dialgauge.testing.duties import HOUR, KIND_SHARES, SHIFTS, Items
from dialgauge.testing.follow_up import follow_up
from dialgauge.testing.office import Office
from dialgauge.testing.outcomes import Odds
from dialgauge.testing.people import Staff
from dialgauge.testing.places import DAY, DESKS, Clocks
from dialgauge.testing.prospects import Leads, Pool, lead_rows
from dialgauge.testing.sessions import Intervals, begin_session, chain
from dialgauge.testing.shift import Happened, work
from dialgauge.testing.truths import Truths

_CALLERS = 2000  # former leads who may call in


@dataclass(frozen=True, slots=True)
class Setting:
    """What a company starts with.

    Attributes:
        staff: The agents.
        truths: What is true.
        odds: The chances that follow from it.
        clocks: The offsets of zones.
        midnights: Wall-clock midnight of each day, milliseconds.
        end_utc: When the world ends, milliseconds of UTC.
        books: Where costs are added up.
    """

    staff: Staff
    truths: Truths
    odds: Odds
    clocks: Clocks
    midnights: tuple[int, ...]
    end_utc: int
    books: Books


class Company:
    """Works day by day, and hands over what happened."""

    def __init__(
        self, setting: Setting, office: Office, rng: np.random.Generator, calls: int
    ) -> None:
        self._setting, self._office, self._rng = setting, office, rng
        self._quotas = _quotas(setting, calls)
        self._pool = Pool(rng, setting.clocks, setting.truths.neglected_share)
        self._callers: Leads = self._pool.done()
        self._logout = np.full(setting.staff.desk.size, NONE)
        self._calls = self._intervals = 0

    def days(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield table name and rows, day after day; then leads still to be called, and costs."""
        for number, midnight in enumerate(self._setting.midnights):
            quotas = self._quotas[number]
            self._pool.arrive(float(quotas.sum()) * 0.11, midnight)
            rosters = [
                self._rng.permutation(self._setting.staff.employed(desk, midnight))
                for desk in range(len(DESKS))
            ]
            for shift in range(len(SHIFTS)):
                if quotas[shift].sum():
                    yield from self._shift(shift, midnight, quotas[shift], rosters)
            yield from self._office.close_day(self._pool.leads)
            yield from self._hand_over(self._pool.done())
        yield from self._hand_over(self._pool.rest())
        yield from self._office.close()

    def _shift(
        self, shift: int, midnight: int, quotas: Ints, rosters: list[Ints]
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        rng, setting = self._rng, self._setting
        start, end = (midnight + hour * HOUR for hour in SHIFTS[shift])
        parts: list[Items] = []
        on_duty: list[Ints] = []
        for desk, quota in enumerate(quotas.tolist()):
            if not quota:
                continue
            agents = duties.on_duty(rosters[desk], shift, duties.needed_agents(quota, shift))
            on_duty.append(agents)
            parts += self._items(duties.Span(desk, start, end), agents, quota)
        agents = np.sort(np.concatenate(on_duty))
        desks = setting.staff.desk[agents]
        session = begin_session(rng, agents, desks, (start, end), self._logout)
        items = duties.join([*parts, duties.pauses(rng, session)])
        items = self._ordered(items, session)
        happened = work(items, rng, setting.odds, setting.staff, setting.clocks)
        share = setting.truths.callbacks_planned_share
        promised = follow_up(rng, self._pool, happened, share)
        intervals = chain(rng, session, happened, self._logout, setting.clocks)
        yield "calls", self._call_rows(happened, promised)
        yield "agent_time", self._time_rows(intervals)

    def _items(self, span: duties.Span, agents: Ints, quota: int) -> list[Items]:
        rng, pool = self._rng, self._pool
        out, called, inside, tests = rng.multinomial(quota, KIND_SHARES).tolist()
        items = [
            duties.outbound(rng, pool, self._setting.clocks, span, out),
            duties.inbound(rng, self._callers, span, called),
            duties.internal(rng, span, inside),
        ]
        for each in items:
            each["agent"] = _dealt(rng, agents, each["wished"])
        return [*items, duties.tests(rng, span.desk, span.start // DAY * DAY, tests)]

    def _ordered(self, items: Items, session: duties.Session) -> Items:
        agents = session.agent
        drawn = self._rng.exponential(self._setting.truths.patience_mean_s, items["kind"].size)
        patience = np.round(drawn * 10).astype(np.int64) * 100
        impatient = (items["kind"] == duties.INBOUND) & (patience < items["wait"])
        items["wait"] = np.where(impatient, patience, items["wait"])
        alone = np.flatnonzero(impatient | (items["agent"] < 0))
        items["agent"][alone] = self._logout.size + np.arange(alone.size)
        present = np.minimum(np.searchsorted(agents, items["agent"]), agents.size - 1)
        not_before = np.where(items["agent"] < self._logout.size, session.login[present], 0)
        items["wished"] = np.maximum(items["wished"], not_before)
        order = np.lexsort((items["wished"], items["agent"]))
        return {name: values[order] for name, values in items.items()}

    def _call_rows(self, happened: Happened, promised: Ints) -> pa.RecordBatch:
        desk = happened.items["desk"]
        due = np.where(promised >= 0, promised, happened.start)
        due = np.where(promised >= 0, self._setting.clocks.utc(due, desk), NONE)
        order = call_order(happened)
        rows = call_rows(happened, order, due, self._logout.size, self._calls)
        number = np.full(due.size, NONE)
        number[order] = self._calls + np.arange(order.size)
        self._office.note(happened, number)
        self._calls += rows.num_rows
        return rows

    def _time_rows(self, intervals: Intervals) -> pa.RecordBatch:
        self._setting.books.worked(intervals)
        rows = time_rows(intervals, self._logout.size, self._intervals)
        self._intervals += rows.num_rows
        return rows

    def _hand_over(self, leads: Leads) -> Iterator[tuple[str, pa.RecordBatch]]:
        inside = leads["created_utc"] < self._setting.end_utc
        leads = {name: values[inside] for name, values in leads.items()}
        talked = (leads["dials"] > 0) & ~leads["bad"] & (leads["stop_utc"] < 0)
        self._callers = {
            name: np.concatenate([values, leads[name][talked]])[-_CALLERS:]
            for name, values in self._callers.items()
        }
        self._setting.books.came_in(leads["source"], leads["created_utc"])
        if leads["number"].size:
            yield "leads", lead_rows(leads, self._setting.end_utc)


def _dealt(rng: np.random.Generator, agents: Ints, wished: Ints) -> Ints:
    """Deal items out in order of time, so that everyone's are spread over the shift."""
    dealt = np.empty(wished.size, np.int64)
    offset = int(rng.integers(0, agents.size))
    dealt[np.argsort(wished, kind="stable")] = agents[
        (offset + np.arange(wished.size)) % agents.size
    ]
    return dealt


def _quotas(setting: Setting, calls: int) -> Ints:
    """Spread the calls over days, shifts and desks.

    Nobody works on Sundays, few on Saturdays, and on the last day only desks whose shift ends
    well before the world does.
    """
    midnights = np.array(setting.midnights)
    weekday = (midnights // DAY + 3) % 7
    day = np.select([weekday == 6, weekday == 5], [0.0, 0.4], 1.0)
    shift = np.array([end - begin for begin, end in SHIFTS], dtype=np.float64)
    desk = np.array([each.share for each in DESKS])
    weights: Floats = np.multiply.outer(np.multiply.outer(day, shift), desk)
    for number, (_, hour) in enumerate(SHIFTS):
        ends = np.full(len(DESKS), midnights[-1] + (hour + 1) * HOUR)
        late = setting.clocks.utc(ends, np.arange(len(DESKS))) > setting.end_utc
        weights[-1, number, late] = 0.0
    if not weights.any():
        raise UsageError("nobody works on a Sunday; make a world of 2 days or more")
    whole: Ints = np.round(np.cumsum(weights) / weights.sum() * calls).astype(np.int64)
    quotas: Ints = np.diff(whole, prepend=0).reshape(weights.shape)
    return quotas
