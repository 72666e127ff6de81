"""Whom may the invented teams call, and when is each of them due?

The pool holds only leads with a call still to come, so it stays small however long the world
runs. Times are milliseconds on the desk's wall clock unless their name says UTC.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dialgauge.tables.leads import LEADS
from dialgauge.testing import columns
from dialgauge.testing.columns import NONE, Bools, Ints
from dialgauge.testing.people import CAMPAIGN_IDS
from dialgauge.testing.places import DAY, DESKS, PLACE_DESK, PLACES, Clocks
from dialgauge.testing.truths import (
    INVALID_RATES,
    LEAD_COSTS,
    LINE_TYPE_FACTORS,
    SOURCE_FACTORS,
)

NEVER = np.iinfo(np.int64).max // 4
"""Due at no time."""

LISTS = tuple(INVALID_RATES)
SOURCES = tuple(SOURCE_FACTORS)
LINE_TYPES = tuple(LINE_TYPE_FACTORS)
COLD_LISTS, COLD_SOURCES = 6, 2  # the first of each; the others hold people who asked for a call
_LINE_SHARES = (0.68, 0.24, 0.08)
_COSTS = np.array([LEAD_COSTS[source] for source in SOURCES])
_QUALIFIED_BY_MARKETING = np.array([0.2, 0.35, 0.55, 0.5, 0.7])
_INDUSTRIES = ("retail", "health", "education", "transport", "construction", "hospitality")
TIERS = tuple(f'{{"tier": "{tier}"}}' for tier in ("gold", "silver", "bronze"))
_MINUTE = 60_000

Leads = dict[str, npt.NDArray[Any]]
"""Column name to one value a lead."""


class Pool:
    """Leads with a call still to come, and those that are done but not yet handed over."""

    def __init__(self, rng: np.random.Generator, clocks: Clocks, neglected_share: float) -> None:
        self._rng, self._clocks, self._neglected = rng, clocks, neglected_share
        self._made = 0
        self.leads: Leads = self._make(np.empty(0, np.int64), np.empty(0, np.int64), cold=True)

    def load_lists(self, desk: int, count: int, created: int) -> None:
        """Add bought leads, due at once."""
        at = created - self._rng.integers(20 * _MINUTE, 90 * _MINUTE, count)
        self._add(self._make(np.full(count, desk), at, cold=True))

    def arrive(self, expected: float, midnight: int) -> None:
        """Add a day's leads that asked for a call, each due minutes after it came in."""
        shares = np.array([desk.share for desk in DESKS])
        count = self._rng.poisson(expected * shares)
        desk = np.arange(len(DESKS)).repeat(count)
        hour = self._rng.triangular(0, 14, 24, desk.size)
        leads = self._make(desk, midnight + (hour * 60 * _MINUTE).astype(np.int64), cold=False)
        delay = self._rng.lognormal(np.log(6 * _MINUTE), 1.0, desk.size).astype(np.int64)
        leads["due"] = np.where(leads["due"] < NEVER, leads["created"] + delay, NEVER)
        leads["exact"] = np.ones(desk.size, np.bool_)
        self._add(leads)

    def ready(self, desk: int, until: int) -> Ints:
        """List a desk's leads that are due, the longest due first."""
        found = np.flatnonzero((self.leads["desk"] == desk) & (self.leads["due"] <= until))
        order = np.argsort(self.leads["due"][found], kind="stable")
        return found[order]

    def appointed(self, desk: int, start: int, end: int) -> Ints:
        """List a desk's leads that are due at an exact time between two."""
        due = self.leads["due"]
        here = (self.leads["desk"] == desk) & self.leads["exact"]
        return np.flatnonzero(here & (due > start) & (due < end))

    def done(self) -> Leads:
        """Take out the leads that nobody will call again."""
        return self._take(self.leads["due"] >= NEVER)

    def rest(self) -> Leads:
        """Take out all leads."""
        return self._take(np.ones(self.leads["due"].size, np.bool_))

    def _take(self, chosen: Bools) -> Leads:
        taken = {name: values[chosen] for name, values in self.leads.items()}
        self.leads = {name: values[~chosen] for name, values in self.leads.items()}
        return taken

    def _add(self, leads: Leads) -> None:
        self.leads = {
            name: np.concatenate([values, leads[name]]) for name, values in self.leads.items()
        }

    def _make(self, desk: Ints, created: Ints, *, cold: bool) -> Leads:
        rng, count = self._rng, desk.size
        place = np.empty(count, np.int64)
        for number in range(len(DESKS)):
            mine = desk == number
            choices = np.flatnonzero(np.array(PLACE_DESK) == number)
            shares = [PLACES[choice].share for choice in choices]
            place[mine] = rng.choice(choices, int(mine.sum()), p=shares)
        if cold:
            where = rng.integers(0, COLD_LISTS, count)
            source = rng.integers(0, COLD_SOURCES, count)
        else:
            where = rng.integers(COLD_LISTS, len(LISTS), count)
            source = rng.choice(np.arange(COLD_SOURCES, len(SOURCES)), count, p=[0.5, 0.2, 0.3])
        numbers = self._made + np.arange(count)
        self._made += count
        created_utc = self._clocks.utc(created, desk)
        marketed = rng.random(count) < _QUALIFIED_BY_MARKETING[source]
        forgotten = rng.random(count) < self._neglected
        nothing = np.full(count, NONE)
        return {
            "number": numbers,
            "token": rng.integers(1 << 40, 1 << 50, count),
            "desk": desk.astype(np.int64),
            "place": place,
            "list": where,
            "source": source,
            "campaign": rng.integers(0, len(CAMPAIGN_IDS), count),
            "line": rng.choice(len(LINE_TYPES), count, p=_LINE_SHARES),
            "industry": rng.integers(0, len(_INDUSTRIES), count),
            "tier": rng.choice(len(TIERS), count, p=[0.15, 0.35, 0.5]),
            "bad": rng.random(count) < np.array(list(INVALID_RATES.values()))[where],
            "created": created,
            "created_utc": created_utc,
            "due": np.where(forgotten, NEVER, created),
            "exact": np.zeros(count, np.bool_),
            "dials": np.zeros(count, np.int64),
            "mql_utc": np.where(marketed, created_utc + rng.integers(0, 2 * DAY, count), NONE),
            "met_utc": nothing.copy(),
            "sql_utc": nothing.copy(),
            "converted_utc": nothing.copy(),
            "lost_utc": nothing.copy(),
            "stop_utc": nothing.copy(),
        }


def lead_rows(leads: Leads, end_utc: int) -> pa.RecordBatch:
    """Spell leads out as rows of the canonical table, as they stand at the world's end."""
    count = leads["number"].size
    sql = leads["sql_utc"]
    mql = np.where(leads["mql_utc"] < end_utc, leads["mql_utc"], NONE)
    mql = np.where((sql >= 0) & ((mql < 0) | (mql > sql)), sql, mql)
    won, lost = leads["converted_utc"], leads["lost_utc"]
    customer = np.where(won >= 0, leads["number"], NONE)
    reached = np.where(leads["bad"] & (leads["dials"] > 0), 1, 0).astype(np.bool_)
    return columns.batch(
        LEADS,
        count,
        {
            "lead_id": columns.names("P", leads["number"]),
            "created_at": columns.times(leads["created_utc"]),
            "lead_source": columns.words(leads["source"], SOURCES),
            "list_id": columns.words(leads["list"], LISTS),
            "campaign_id": columns.words(leads["campaign"], CAMPAIGN_IDS),
            "region": columns.words(leads["place"], [place.region for place in PLACES]),
            "country": columns.words(leads["place"], [place.country for place in PLACES]),
            "timezone": columns.words(leads["place"], [place.timezone for place in PLACES]),
            "industry": columns.words(leads["industry"], _INDUSTRIES),
            "attributes": columns.words(leads["tier"], TIERS),
            "mql_at": columns.times(mql),
            "sql_at": columns.times(sql),
            "converted_at": columns.times(won),
            "lost_at": columns.times(lost),
            "invalid": columns.flags(reached),
            "do_not_call_at": columns.times(leads["stop_utc"]),
            "cost": columns.money(_COSTS[leads["source"]]),
            "currency": columns.constant("EUR", count),
            "customer_id": columns.names("K", customer),
            "phone_token": columns.names("t", leads["token"]),
            "source": columns.constant("demo", count),
        },
    )
