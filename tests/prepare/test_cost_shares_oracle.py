"""Do random costs come apart as plain Python, one cost at a time, takes them apart?"""

from __future__ import annotations

import collections
import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from dialgauge.model.rules import Rules
from dialgauge.prepare.cost_shares import STEP
from run_step import Row, run_step

World: TypeAlias = dict[str, list[Row]]
Cell: TypeAlias = tuple[str | None, str | None, str | None, str | None]

START = dt.date(2026, 1, 1)
TINY = Decimal("0.0001")
DAY = dt.timedelta(days=1)
NAMED = ("campaign_id", "team", "agent_id", "lead_source")


def midnight(day: dt.date) -> dt.datetime:
    """Return the first instant of a day in UTC."""
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    """Draw one of the values, or None."""
    return st.sampled_from((*values, None))


DAYS = st.integers(0, 5).map(lambda n: START + n * DAY)
MOMENTS = st.builds(
    lambda day, hours: midnight(day) + dt.timedelta(hours=hours),
    DAYS,
    st.sampled_from((0, 0.5, 12, 23.75)),
)


def rows(key: str, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    """Draw up to eight rows, numbered by their key."""
    return st.lists(st.fixed_dictionaries(dict(columns)), max_size=8).map(
        lambda drawn: [row | {key: f"{n}"} for n, row in enumerate(drawn)]
    )


WORLDS = st.fixed_dictionaries(
    {
        "calls": rows(
            "call_id",
            started_at=MOMENTS,
            direction=st.sampled_from(("outbound", "outbound", "inbound", "internal", None)),
            test=st.sampled_from((None, False, False, True)),
            campaign_id=maybe("A", "B"),
            list_id=maybe("l"),
            lead_id=maybe("0", "1", "9"),
            agent_id=maybe("0", "1", "9"),
            talk_s=maybe(0.0, 0.5, 61.25),
        ),
        "leads": rows(
            "lead_id",
            created_at=MOMENTS,
            campaign_id=maybe("A", "B"),
            list_id=maybe("l"),
            lead_source=maybe("web", "fair"),
        ),
        "agents": rows("agent_id", team=maybe("north", "south")),
        "agent_time": rows(
            "interval_id",
            started_at=MOMENTS,
            hours=maybe(0, 1, 50),
            state=st.sampled_from(("available", "talking", "hold", "wrap", "paused", "offline")),
            agent_id=maybe("0", "1", "9"),
            campaign_id=maybe("A", "B"),
        ),
        "costs": rows(
            "cost_id",
            starts_on=DAYS,
            ends_on=st.one_of(st.none(), DAYS),
            amount=st.one_of(
                maybe(Decimal(0), TINY),
                st.integers(-(10**7), 10**9).map(lambda n: n * TINY),
            ),
            currency=maybe("EUR", "USD", "GBP"),
            allocate_by=maybe("calls", "talk_time", "agent_hours", "leads", "even"),
            campaign_id=st.sampled_from((None, None, "A")),
            team=st.sampled_from((None, None, "north")),
            agent_id=st.sampled_from((None, None, "0")),
            lead_source=st.sampled_from((None, None, "web")),
        ),
        "currencies": st.dictionaries(
            DAYS, st.sampled_from((0.5, 1.25, 0.0033, 150.0)), max_size=4
        ).map(
            lambda drawn: [
                {"rate_id": str(day), "currency": "USD", "on": day, "rate": rate}
                for day, rate in drawn.items()
            ]
        ),
    }
).map(lambda world: world | {"agent_time": [ended(row) for row in world["agent_time"]]})


def ended(row: Row) -> Row:
    """Give an interval its end."""
    hours = row["hours"]
    end = None if hours is None else row["started_at"] + dt.timedelta(hours=hours)
    return {name: value for name, value in row.items() if name != "hours"} | {"ended_at": end}


def find(table: list[Row], key: str, value: str | None) -> Row:
    """Return the row of a key, an empty one when there is none."""
    return next((row for row in table if row[key] == value), {})


def work_of(world: World, by: str, since: dt.datetime, until: dt.datetime) -> Iterator[Row]:
    """Give each piece of work of a kind done in a span: how much, by whom, for what."""
    if by == "leads":
        for row in world["leads"]:
            if since <= row["created_at"] < until:
                yield row | {"work": 1, "agent_id": None, "team": None}
    elif by == "agent_hours":
        for row in world["agent_time"]:
            if row["ended_at"] is None or row["state"] in {"paused", "offline"}:
                continue
            worked = min(row["ended_at"], until) - max(row["started_at"], since)
            team = find(world["agents"], "agent_id", row["agent_id"]).get("team")
            blank = {"list_id": None, "lead_source": None}
            yield (
                row | blank | {"work": max(worked // dt.timedelta(microseconds=1), 0), "team": team}
            )
    else:
        for row in world["calls"]:
            if row["test"] or row["direction"] == "internal":
                continue
            if since <= row["started_at"] < until:
                team = find(world["agents"], "agent_id", row["agent_id"]).get("team")
                source = find(world["leads"], "lead_id", row["lead_id"]).get("lead_source")
                talk = int((row["talk_s"] or 0) * 1000)
                work = talk if by == "talk_time" else 1
                yield row | {"work": work, "team": team, "lead_source": source}


def cells_of(world: World, cost: Row, first: dt.date, last: dt.date) -> dict[Cell, int]:
    """Add up the work of each cell that a cost may fall to."""
    by = cost["allocate_by"]
    unknown = {"leads": ("agent_id", "team"), "agent_hours": ("lead_source",)}.get(by, ())
    found: dict[Cell, int] = collections.Counter()
    for row in work_of(world, by, midnight(first), midnight(last + DAY)):
        if any(cost[n] not in (None, row[n]) for n in NAMED if n not in unknown):
            continue
        if by == "even":
            if row["campaign_id"] is not None:
                found[(row["campaign_id"], None, None, None)] = 1
        else:
            key = (row["campaign_id"], row["list_id"], row["lead_source"], row["agent_id"])
            found[key] += row["work"]
    return {cell: work for cell, work in found.items() if work}


def cut(units: int | None, weights: list[int]) -> list[int | None]:
    """Cut a whole number by weights, each edge rounded towards 0."""
    if units is None:
        return [None] * len(weights)
    sign, total, done = (-1 if units < 0 else 1), sum(weights), 0
    edges = [0]
    for weight in weights:
        done += weight
        edges.append(sign * (abs(units) * done // total))
    return [b - a for a, b in itertools.pairwise(edges)]


def value_of(world: World, units: int | None, currency: str | None, day: dt.date) -> int | None:
    """Convert ten-thousandths into euros at the rate of the day."""
    if units is None or units == 0 or currency in (None, "EUR"):
        return units
    rate = next(
        (r["rate"] for r in world["currencies"] if (r["currency"], r["on"]) == (currency, day)),
        None,
    )
    if rate is None:
        return None
    return int((units * Decimal(str(rate))).quantize(Decimal(1), ROUND_HALF_UP))


def by_hand(world: World, cost: Row) -> Iterator[tuple[Any, ...]]:
    """Share one cost out, as days, amount, value, whose, and by what."""
    first = cost["starts_on"]
    last = max(cost["ends_on"] or first, first)
    units = None if cost["amount"] is None else int(cost["amount"] / TINY)
    shared = cost["allocate_by"] is not None and bool(units)
    cells = cells_of(world, cost, first, last) if shared else {}
    order = sorted(cells, key=lambda cell: [(part is None, part or "") for part in cell])
    weights = [cells[cell] for cell in order] or [1]
    pieces = [(first, last, units)]
    if units and cost["currency"] not in (None, "EUR"):
        count = (last - first).days + 1
        days = [first + n * DAY for n in range(count)]
        pieces = [(d, d, u) for d, u in zip(days, cut(units, [1] * count), strict=True)]
    for since, until, piece in pieces:
        value = value_of(world, piece, cost["currency"], since)
        owners: list[Cell] = order or [(None, None, None, None)]
        for cell, part, worth in zip(owners, cut(piece, weights), cut(value, weights), strict=True):
            if units and not part and not worth:
                continue
            campaign = cost["campaign_id"] or cell[0]
            agent = cost["agent_id"] or cell[3]
            team = cost["team"] or find(world["agents"], "agent_id", agent).get("team")
            source = cost["lead_source"] or cell[2]
            whose = (campaign, cell[1], source, agent, team)
            yield since, until, part, worth, whose, cost["allocate_by"] if order else "nothing"


def whole(amount: Decimal | None) -> int | None:
    """Count the ten-thousandths of an amount."""
    return None if amount is None else int(amount / TINY)


def found_shares(world: World) -> dict[str, list[Row]]:
    """Run the step and return the shares of each cost in the order of their numbers."""
    found: dict[str, list[Row]] = {cost["cost_id"]: [] for cost in world["costs"]}
    shares = run_step(STEP, Rules(currency="EUR"), **world)
    for row in sorted(shares, key=lambda row: int(row["share_id"].rpartition("/")[2])):
        found[row["cost_id"]].append(row)
    return found


@given(world=WORLDS)
def test_shares_are_those_of_plain_python(world: World) -> None:
    """Every share has the days, amount, value and owner that a slow search gives, in order."""
    found = found_shares(world)
    for cost in world["costs"]:
        assert [
            (
                row["starts_on"],
                row["ends_on"],
                whole(row["amount"]),
                whole(row["value"]),
                tuple(
                    row[n] for n in ("campaign_id", "list_id", "lead_source", "agent_id", "team")
                ),
                row["shared_by"],
            )
            for row in found[cost["cost_id"]]
        ] == list(by_hand(world, cost))


@given(world=WORLDS)
def test_shares_sum_to_the_cost(world: World) -> None:
    """Whatever was done, the parts of a cost are the cost, and those of a converted its value."""
    found = found_shares(world)
    for cost in world["costs"]:
        shares = found[cost["cost_id"]]
        if cost["amount"] is None:
            assert [row["amount"] for row in shares] == [None]
            continue
        assert sum(row["amount"] for row in shares) == cost["amount"]
        if cost["currency"] in (None, "EUR"):
            assert sum(row["value"] for row in shares) == cost["amount"]
