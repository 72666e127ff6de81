"""Who works in the invented company, on what, and when are they on duty?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from dialgauge.tables.agents import AGENTS
from dialgauge.tables.campaigns import CAMPAIGNS
from dialgauge.testing import columns, truths
from dialgauge.testing.columns import Floats, Ints
from dialgauge.testing.places import DESKS, PLACES, day_start
from dialgauge.testing.truths import CONTACT_RATES, Truths

CAMPAIGN_IDS = tuple(CONTACT_RATES)
SCRIPTS = tuple(truths.SCRIPT_FACTORS)
_GOALS = {"insurance": "meeting", "software": "meeting", "survey": "survey"}
_PRODUCTS = {
    "broadband": "Fibre 500",
    "insurance": "Home cover",
    "software": "Ledger",
    "energy": "Green power",
    "survey": "Customer panel",
}
_FAR_AHEAD = dt.date(2262, 1, 1)


@dataclass(frozen=True, slots=True)
class Staff:
    """The agents, as arrays in the order of their numbers.

    Attributes:
        desk: The desk each belongs to.
        hired: Wall-clock midnight of the first day of work, milliseconds.
        left: The same for the day after the last.
        factor: What the agent multiplies conversion by.
        hourly_cost: What an hour costs, EUR.
        table: The canonical table `agents`.
    """

    desk: Ints
    hired: Ints
    left: Ints
    factor: Floats
    hourly_cost: Floats
    table: pa.Table

    def employed(self, desk: int, today: int) -> Ints:
        """List the numbers of a desk's agents who work that day."""
        mine = (self.desk == desk) & (self.hired <= today) & (self.left > today)
        return np.flatnonzero(mine)


def hire(rng: np.random.Generator, count: int, start: dt.date, days: int) -> Staff:
    """Invent agents: most with tenure, some hired during the period, a few who leave.

    Each desk's first two agents have tenure and stay. The second agent of the first desk is far
    better than the others, that of the third far worse.
    """
    shares = np.array([desk.share for desk in DESKS])
    desk = np.concatenate(
        [np.arange(len(DESKS)).repeat(2), rng.choice(len(DESKS), count - 12, p=shares)]
    )
    desk = np.sort(desk)
    first_two = np.array([np.sum(desk[:number] == desk[number]) < 2 for number in range(count)])
    tenured = first_two | (rng.random(count) < 0.7)
    before = np.where(tenured, rng.integers(100, 1500, count), rng.integers(-days + 10, 60, count))
    leaves = ~first_two & tenured & (rng.random(count) < 0.08)
    hired = [start - dt.timedelta(days=int(number)) for number in before]
    leaving = [
        start + dt.timedelta(days=int(number)) for number in rng.integers(days // 3, days, count)
    ]
    left = [day if gone else None for day, gone in zip(leaving, leaves, strict=True)]
    factor = np.exp(rng.normal(0, 0.1, count))
    factor[_second(desk, 0)], factor[_second(desk, 2)] = 2.2, 0.3
    given = rng.integers(0, 10, count)
    hourly_cost = rng.integers(18, 48, count) / 2
    table = columns.batch(
        AGENTS,
        count,
        {
            "agent_id": pa.array(agent_ids(count)),
            "name": pa.array(
                [_name(int(d), n, int(g)) for n, (d, g) in enumerate(zip(desk, given, strict=True))]
            ),
            "team": columns.words(desk, [each.team for each in DESKS]),
            "hired_on": columns.dates(hired),
            "left_on": columns.dates(left),
            "hourly_cost": columns.money(hourly_cost),
            "currency": columns.constant("EUR", count),
            "language": columns.words(desk, [each.language for each in DESKS]),
        },
    )
    return Staff(
        desk=desk,
        hired=np.array([day_start(day) for day in hired]),
        left=np.array(
            [day_start(day + dt.timedelta(days=1) if day else _FAR_AHEAD) for day in left]
        ),
        factor=factor,
        hourly_cost=hourly_cost,
        table=pa.Table.from_batches([table]),
    )


def plant(staff: Staff, end: dt.date) -> Truths:
    """Write down what is true in a world with these agents that ends before `end`."""
    ids = agent_ids(len(staff.desk))
    teams, weak = [desk.team for desk in DESKS], truths.WEAK_TEAM
    return Truths(
        agent_factors={name: float(staff.factor[number]) for number, name in enumerate(ids)},
        best_agent=ids[_second(staff.desk, 0)],
        worst_agent=ids[_second(staff.desk, 2)],
        fallen_from=end - dt.timedelta(days=30),
        region_factors={place.region: place.factor for place in PLACES},
        hour_factors=truths.HOUR_FACTORS,
        weekday_factors=truths.WEEKDAY_FACTORS,
        line_type_factors=truths.LINE_TYPE_FACTORS,
        contact_rates=truths.CONTACT_RATES,
        conversion_rates=truths.CONVERSION_RATES,
        script_factors=truths.SCRIPT_FACTORS,
        source_factors=truths.SOURCE_FACTORS,
        invalid_rates=truths.INVALID_RATES,
        lead_costs=truths.LEAD_COSTS,
        prices=truths.PRICES,
        margin_shares=truths.MARGIN_SHARES,
        churn_rates=truths.CHURN_RATES,
        stage_days=truths.STAGE_DAYS,
        stage_forward=truths.STAGE_FORWARD,
        satisfied_shares=MappingProxyType({**dict.fromkeys(teams, 0.8), weak: 0.58}),
        quality_shares=MappingProxyType({**dict.fromkeys(teams, 0.82), weak: 0.66}),
        talk_shares=MappingProxyType({**dict.fromkeys(teams, 0.52), weak: 0.7}),
    )


def agent_ids(count: int) -> list[str]:
    """Name the agents by number, from A0001."""
    return [f"A{number + 1:04d}" for number in range(count)]


def campaigns(start: dt.date) -> pa.Table:
    """Make the canonical table `campaigns`."""
    rows = len(CAMPAIGN_IDS)
    table = columns.batch(
        CAMPAIGNS,
        rows,
        {
            "campaign_id": pa.array(CAMPAIGN_IDS),
            "name": pa.array([name.capitalize() for name in CAMPAIGN_IDS]),
            "product": pa.array(PRODUCTS),
            "goal": pa.array([_GOALS.get(name, "sale") for name in CAMPAIGN_IDS]),
            "started_on": columns.dates([start] * rows),
        },
    )
    return pa.Table.from_batches([table])


PRODUCTS = tuple(_PRODUCTS[name] for name in CAMPAIGN_IDS)


def _second(desk: Ints, number: int) -> int:
    return int(np.flatnonzero(desk == number)[1])


def _name(desk: int, number: int, given: int) -> str:
    first, last = DESKS[desk].names
    return f"{first[given]} {last[number % len(last)]}"
