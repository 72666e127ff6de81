"""What does an invented telemarketing company's data look like?

A world is made day by day: leads come in, agents of six teams dial them in the shifts of their
desk, outcomes follow from the planted `Truths` and from chance, and every table follows from what
happened. So agents never talk to two people at once, their time adds up, and retries, callbacks
and milestones hang together. The same arguments always give the same world.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from dialgauge.errors import UsageError
from dialgauge.tables import TABLES
from dialgauge.testing import columns
from dialgauge.testing.books import Books
from dialgauge.testing.company import Company, Setting
from dialgauge.testing.office import Office, Scene
from dialgauge.testing.outcomes import Odds
from dialgauge.testing.people import campaigns, hire, plant
from dialgauge.testing.places import Clocks, day_start
from dialgauge.testing.rates import Rates
from dialgauge.testing.truths import Truths

DEMO_END = dt.date(2026, 5, 1)
"""The first day after the demo: its 90 days hold both the American and the European spring."""

_TABLES = (
    "agents",
    "campaigns",
    "currencies",
    "leads",
    "calls",
    "agent_time",
    "deals",
    "stages",
    "meetings",
    "customers",
    "orders",
    "costs",
    "surveys",
    "reviews",
    "conversations",
    "assignments",
    "targets",
)
_MARGIN = 40  # days around the world for which zones are looked up
_LEAST_AGENTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An invented company.

    Attributes:
        tables: Table name to its rows, with the columns that a file may bring; every table that
            is not made by `prepare`.
        truths: What was planted.
        start: The first day.
        end: The first day after.
    """

    tables: Mapping[str, pa.Table]
    truths: Truths
    start: dt.date
    end: dt.date


def make_world(
    seed: int = 7,
    days: int = 90,
    calls: int = 300_000,
    end: dt.date = DEMO_END,
    agents: int | None = None,
) -> World:
    """Invent a company with its calls.

    Args:
        seed: Another seed gives another world with the same truths (and other agents).
        days: How many days it works, Sundays included.
        calls: How many calls it makes and takes.
        end: The first day after.
        agents: How many agents; by default one for 5,000 calls in 90 days.

    Returns:
        The world; the same for the same arguments.

    Raises:
        UsageError: An argument is out of range.

    Example:
        >>> world = make_world(days=7, calls=1_000)
        >>> world.tables["calls"].num_rows
        1000
    """
    parts: dict[str, list[pa.RecordBatch]] = {name: [] for name in _TABLES}
    for name, rows in stream_world(seed, days, calls, end, agents):
        parts[name].append(rows)
    tables = {
        name: pa.Table.from_batches(batches, columns.schema(TABLES[name]))
        for name, batches in parts.items()
    }
    setting, _ = _set(seed, days, calls, end, agents)
    start = end - dt.timedelta(days=days)
    return World(tables=MappingProxyType(tables), truths=setting.truths, start=start, end=end)


def stream_world(
    seed: int = 7,
    days: int = 90,
    calls: int = 300_000,
    end: dt.date = DEMO_END,
    agents: int | None = None,
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the tables of the same world piece by piece, in bounded memory.

    Agents and campaigns come first, then calls and agent_time shift after shift, each lead when
    it is done with, what follows from calls every few days, and costs at the end.

    Args:
        seed: As for `make_world`.
        days: As for `make_world`.
        calls: As for `make_world`; tens of millions are fine.
        end: As for `make_world`.
        agents: As for `make_world`.

    Yields:
        Table name and some of its rows.

    Raises:
        UsageError: An argument is out of range.
    """
    setting, rng = _set(seed, days, calls, end, agents)
    yield from (("agents", rows) for rows in setting.staff.table.to_batches())
    start = end - dt.timedelta(days=days)
    yield from (("campaigns", rows) for rows in campaigns(start).to_batches())
    chance = np.random.default_rng([seed, 1])
    scene = Scene(
        truths=setting.truths,
        agents=setting.staff.desk.size,
        rates=Rates.draw(chance, start, days),
        books=setting.books,
        end_utc=setting.end_utc,
    )
    yield from Company(setting, Office(scene, chance), rng, calls).days()


def make_calls(
    seed: int = 7,
    days: int = 90,
    calls: int = 300_000,
    end: dt.date = DEMO_END,
    agents: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield only the calls of the same world, a shift at a time.

    Args:
        seed: As for `make_world`.
        days: As for `make_world`.
        calls: As for `make_world`; tens of millions are fine.
        end: As for `make_world`.
        agents: As for `make_world`.

    Yields:
        Calls in the columns of the canonical table.

    Example:
        >>> sum(rows.num_rows for rows in make_calls(days=7, calls=1_000))
        1000
    """
    for name, rows in stream_world(seed, days, calls, end, agents):
        if name == "calls":
            yield rows


def write_world(
    world: World | Iterable[tuple[str, pa.RecordBatch]],
    directory: Path,
    format: Literal["parquet", "csv"] = "parquet",
) -> dict[str, Path]:
    """Write a world's tables as files that `dialgauge import files` reads without a mapping.

    Args:
        world: A world, or what `stream_world` yields.
        directory: Where the files go; made when missing.
        format: One `<table>.parquet` or `<table>.csv` each.

    Returns:
        Table name to file.

    Raises:
        UsageError: Another format was asked for.
    """
    if format not in ("parquet", "csv"):
        raise UsageError(f"cannot write a world as '{format}'; allowed: parquet, csv")
    directory.mkdir(parents=True, exist_ok=True)
    files = {name: directory / f"{name}.{format}" for name in _TABLES}
    open_writer = pyarrow.parquet.ParquetWriter if format == "parquet" else pyarrow.csv.CSVWriter
    writers = {name: open_writer(files[name], columns.schema(TABLES[name])) for name in _TABLES}
    try:
        for name, rows in _pieces(world):
            writers[name].write_batch(rows)
    finally:
        for writer in writers.values():
            writer.close()
    return files


def _pieces(
    world: World | Iterable[tuple[str, pa.RecordBatch]],
) -> Iterator[tuple[str, pa.RecordBatch]]:
    if not isinstance(world, World):
        yield from world
        return
    for name, table in world.tables.items():
        yield from ((name, rows) for rows in table.combine_chunks().to_batches())


def _set(
    seed: int, days: int, calls: int, end: dt.date, agents: int | None
) -> tuple[Setting, np.random.Generator]:
    by_default = max(_LEAST_AGENTS, round(calls / max(days, 1) * 90 / 5_000))
    count = by_default if agents is None else agents
    if days < 1 or calls < 0 or count < _LEAST_AGENTS:
        raise UsageError(
            f"cannot make a world of {days} days, {calls} calls and {count} agents; allowed are "
            f"1 day or more, 0 calls or more and {_LEAST_AGENTS} agents or more"
        )
    rng = np.random.default_rng(seed)
    start = end - dt.timedelta(days=days)
    staff = hire(rng, count, start, days)
    truths = plant(staff, end)
    midnights = tuple(day_start(start + dt.timedelta(days=number)) for number in range(days))
    setting = Setting(
        staff=staff,
        truths=truths,
        odds=Odds(truths, day_start(truths.fallen_from)),
        clocks=Clocks(start - dt.timedelta(days=_MARGIN), days + 2 * _MARGIN),
        midnights=midnights,
        end_utc=day_start(end),
        books=Books(staff, truths, start, end),
    )
    return setting, rng
