"""What does the invented company pay, month by month, and what does it aim at?

Wages follow from the hours that were paid, lead costs from the leads that came in, lines from the
minutes; the rest grows with the calls. The amounts are added up as the days go by.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dialgauge.tables.agent_time import STATES
from dialgauge.tables.costs import COSTS
from dialgauge.tables.targets import TARGETS
from dialgauge.testing import columns
from dialgauge.testing.columns import Floats, Ints
from dialgauge.testing.duties import LUNCH
from dialgauge.testing.people import CAMPAIGN_IDS, Staff
from dialgauge.testing.places import DESKS, day_start
from dialgauge.testing.prospects import SOURCES
from dialgauge.testing.sessions import Intervals
from dialgauge.testing.truths import Truths

_HOUR = 3_600_000
_ON_TOP = 1.2  # of wages: what the employer pays besides
_TRAINING, _MANAGEMENT = 0.06, 0.15  # of wages
_TOOLS, _ROOMS, _MAILINGS, _OTHER = 0.08, 0.05, 0.15, 0.01  # EUR a call
_PAUSED, _OFFLINE = STATES.index("paused"), STATES.index("offline")


@dataclass(frozen=True, slots=True)
class _Cost:
    """A cost of a month; what it names and how it is shared out, None for nothing."""

    category: str
    amount: float
    allocate_by: str | None
    team: str | None = None
    campaign: str | None = None
    lead_source: str | None = None


class Books:
    """Adds up the months.

    Args:
        staff: The agents, who are paid by the hour.
        truths: What is true.
        start: The first day.
        end: The first day after.
    """

    def __init__(self, staff: Staff, truths: Truths, start: dt.date, end: dt.date) -> None:
        self._staff, self._truths = staff, truths
        self._months = _months(start, end)
        self._edges = np.array([day_start(first) for first, _ in self._months])
        months = len(self._months)
        self._paid = np.zeros((staff.desk.size, months))
        self._leads = np.zeros((len(SOURCES), months))
        self._calls, self._lines = np.zeros(months), np.zeros(months)

    def worked(self, intervals: Intervals) -> None:
        """Note agents' time."""
        lunch = (intervals.state == _PAUSED) & (intervals.reason == LUNCH)
        paid = np.where(lunch | (intervals.state == _OFFLINE), 0, intervals.end - intervals.begin)
        np.add.at(self._paid, (intervals.agent, self._month(intervals.begin)), paid / _HOUR)

    def called(self, started: Ints, line_cost: Floats) -> None:
        """Note calls."""
        month = self._month(started)
        self._calls += np.bincount(month, minlength=self._calls.size)
        self._lines += np.bincount(month, line_cost, minlength=self._calls.size)

    def came_in(self, source: Ints, created: Ints) -> None:
        """Note leads."""
        np.add.at(self._leads, (source, self._month(created)), 1)

    def costs(self, rng: np.random.Generator) -> pa.RecordBatch:
        """Write the costs of all months as rows of the canonical table."""
        found = [
            (cost, span)
            for month, span in enumerate(self._months)
            for cost in self._of_month(rng, month)
            if cost.amount > 0
        ]
        costs = [cost for cost, _ in found]
        return columns.batch(
            COSTS,
            len(found),
            {
                "cost_id": columns.names("C", np.arange(len(found))),
                "category": pa.array([cost.category for cost in costs], pa.string()),
                "amount": columns.money(np.round([cost.amount for cost in costs], 2)),
                "currency": columns.constant("EUR", len(found)),
                "starts_on": columns.dates([first for _, (first, _) in found]),
                "ends_on": columns.dates([last for _, (_, last) in found]),
                "campaign_id": pa.array([cost.campaign for cost in costs], pa.string()),
                "team": pa.array([cost.team for cost in costs], pa.string()),
                "lead_source": pa.array([cost.lead_source for cost in costs], pa.string()),
                "allocate_by": pa.array([cost.allocate_by for cost in costs], pa.string()),
                "source": columns.constant("demo", len(found)),
            },
        )

    def _of_month(self, rng: np.random.Generator, month: int) -> Iterator[_Cost]:
        calls = float(self._calls[month])
        wages = self._paid[:, month] * self._staff.hourly_cost * _ON_TOP
        whole = float(wages.sum())
        for number, desk in enumerate(DESKS):
            own = float(wages[self._staff.desk == number].sum())
            yield _Cost("labour", own, "talk_time", team=desk.team)
        yield _Cost("training", whole * _TRAINING * _about(rng), "agent_hours")
        yield _Cost("management", whole * _MANAGEMENT * _about(rng), "agent_hours")
        yield _Cost("technology", calls * _TOOLS * _about(rng), "calls")
        rooms = calls * _ROOMS * _about(rng)
        yield _Cost("infrastructure", float(self._lines[month]) + rooms, "even")
        for campaign in CAMPAIGN_IDS:
            mailed = calls * _MAILINGS / len(CAMPAIGN_IDS) * _about(rng)
            yield _Cost("campaign", mailed, "leads", campaign=campaign)
        for number, source in enumerate(SOURCES):
            bought = float(self._leads[number, month]) * self._truths.lead_costs[source]
            yield _Cost("lead_data", bought, "leads", lead_source=source)
        yield _Cost("other", calls * _OTHER * _about(rng), None)

    def targets(self) -> pa.RecordBatch:
        """Write what the last month should reach as rows of the canonical table."""
        first, last = self._months[-1]
        calls = float(self._calls[-1])
        wanted = (
            ("contact_rate", 0.2, None),
            ("conversions", round(calls * 0.022), None),
            ("roi", 1.0, None),
            ("csat", 0.75, f"team = '{self._truths.weak_team}'"),
            ("churn_rate", 0.1, f"campaign = '{self._truths.churning_campaign}'"),
        )
        return columns.batch(
            TARGETS,
            len(wanted),
            {
                "target_id": columns.names("target ", np.arange(1, len(wanted) + 1)),
                "kpi": pa.array([kpi for kpi, *_ in wanted]),
                "value": pa.array([float(value) for _, value, _ in wanted]),
                "scope": pa.array([scope for *_, scope in wanted], pa.string()),
                "starts_on": columns.dates([first] * len(wanted)),
                "ends_on": columns.dates([last] * len(wanted)),
            },
        )

    def _month(self, at_utc: Ints) -> Ints:
        found = np.searchsorted(self._edges, at_utc, side="right") - 1
        return np.maximum(found, 0)  # a desk's first day begins before UTC's


def _about(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.95, 1.05))


def _months(start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """List the months between two days, each by its first and last day inside."""
    found = []
    while start < end:
        following = (start.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
        found.append((start, min(following, end) - dt.timedelta(days=1)))
        start = following
    return found
