"""What is a KPI?"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Unit(enum.Enum):
    """What a KPI's value is counted in."""

    COUNT = "count"
    SHARE = "share"  # 0-1, shown as per cent
    SECONDS = "seconds"
    DAYS = "days"
    HOURS = "hours"
    MONEY = "money"
    RATIO = "ratio"
    POINTS = "points"  # -100 to 100


class Better(enum.Enum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"
    BAND = "band"  # inside `Kpi.band`


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A formula over measures, and what people must know about it.

    Python and YAML are two spellings of this class. Titles and translations live in `lang`.

    Attributes:
        name: Its one name everywhere.
        formula: `fact.measure` names with + - * / ( ) numbers, coalesce, least, greatest.
        unit: What the value is counted in.
        better: Which way is good.
        question: What a manager asks when they need it.
        definition: What exactly is counted, in words.
        caveat: What it does not say, or how it misleads.
        source: A reference that was checked, or nothing.
        band: The lowest and highest good value when `better` is BAND; an upper limit alone
            (None, 0.03) for a legal bound.
        title: Shown when no language file names it (a user's own KPI).
        replaces: The built-in KPI a user's KPI takes the place of.
        beside: KPIs that belong next to it, such as a mean beside a median.
    """

    name: str
    formula: str
    unit: Unit
    better: Better = Better.NEITHER
    question: str = ""
    definition: str = ""
    caveat: str = ""
    source: str = ""
    band: tuple[float | None, float | None] | None = None
    title: str = ""
    replaces: str = ""
    beside: tuple[str, ...] = ()
