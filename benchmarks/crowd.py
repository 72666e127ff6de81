"""How do fifty people fare who click at once?

Each looks at the overview, thinks for 0 to 2 seconds and clicks on another of its filters. Which
group they choose follows Zipf's law, as what people look at does: the first of a list as often as
the second and third together.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx2
from serving import Serving

_FILTERS = ("campaign", "team", "lead_source", "region")
_SEEN = {"Accept": "text/html", "X-Part": "main", "Accept-Encoding": "gzip"}
_THINK_S = 2.0


@dataclass(slots=True)
class Fared:
    """What the crowd met.

    Attributes:
        seconds: How long each answer took.
        fresh: How long those took that nobody had asked for before.
        failed: How many answers were no page.
    """

    seconds: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    failed: int = 0


def groups(address: str) -> Mapping[str, Sequence[str]]:
    """Ask for the groups of each filter, the largest first."""
    found = {}
    for name in _FILTERS:
        asked = {"kpi": "dials", "by": name}
        told = httpx2.get(f"{address}/api/v1/ask", params=asked, timeout=600).json()
        rows = [each for each in told["rows"] if each["keys"][name]]
        rows.sort(key=lambda each: -each["values"]["dials"]["value"])
        found[name] = [each["keys"][name] for each in rows]
    return found


def crowd(server: Serving, people: int, seconds: float, seed: int = 7) -> Fared:
    """Let people click for a while."""
    return asyncio.run(_crowd(server.address, people, seconds, groups(server.address), seed))


async def _crowd(
    address: str, people: int, seconds: float, known: Mapping[str, Sequence[str]], seed: int
) -> Fared:
    fared, end = Fared(), time.monotonic() + seconds
    limits = httpx2.Limits(max_connections=people)
    async with httpx2.AsyncClient(base_url=address, timeout=120, limits=limits) as asked:
        some = [random.Random(seed + each) for each in range(people)]
        seen: set[str] = set()
        await asyncio.gather(*(_person(asked, each, end, known, fared, seen) for each in some))
    return fared


async def _person(  # noqa: PLR0913, PLR0917 - one of a crowd
    asked: httpx2.AsyncClient,
    dice: random.Random,
    end: float,
    known: Mapping[str, Sequence[str]],
    fared: Fared,
    seen: set[str],
) -> None:
    await asyncio.sleep(dice.uniform(0, _THINK_S))
    while time.monotonic() < end:
        address = _click(dice, known)
        new = address not in seen
        seen.add(address)
        start = time.perf_counter()
        try:
            answer = await asked.get(address, headers=_SEEN)
            fared.failed += answer.status_code != httpx2.codes.OK
        except httpx2.HTTPError:
            fared.failed += 1
        took = time.perf_counter() - start
        fared.seconds.append(took)
        if new:
            fared.fresh.append(took)
        await asyncio.sleep(dice.uniform(0, _THINK_S))


def views(known: Mapping[str, Sequence[str]]) -> list[str]:
    """List the views that can be clicked on."""
    return [_view(name, group) for name, some in known.items() for group in some]


def _view(name: str, group: str) -> str:
    return str(httpx2.URL("/overview", params={name: group}))


def _click(dice: random.Random, known: Mapping[str, Sequence[str]]) -> str:
    if dice.random() < 0.2:
        return "/overview"
    name = dice.choice(_FILTERS)
    some = known[name]
    place = dice.choices(range(len(some)), [1 / (each + 1) for each in range(len(some))])[0]
    return _view(name, some[place])


def quantile(values: Sequence[float], share: float) -> float:
    """Give the value that a share of all stay below."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]
