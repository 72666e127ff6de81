"""Where do the invented people live, and which team calls them?

A desk is a team with the part of the world it calls. Its shifts follow its own zone's clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from dialgauge.testing.columns import Ints

DAY = 86_400_000
"""Milliseconds of a day."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region with its zone.

    Attributes:
        region: ISO 3166-2 code.
        timezone: IANA zone.
        share: Its share of the desk's leads.
        factor: What it multiplies the chance of a contact by.
    """

    region: str
    timezone: str
    share: float
    factor: float

    @property
    def country(self) -> str:
        """ISO 3166 code of the country."""
        return self.region[:2]


@dataclass(frozen=True, slots=True)
class Desk:
    """A team and whom it calls.

    Attributes:
        team: Its name.
        language: What it speaks.
        timezone: The zone of its shifts.
        share: Its share of all calls.
        places: Where its leads live.
        names: Given and family names of its agents.
    """

    team: str
    language: str
    timezone: str
    share: float
    places: tuple[Place, ...]
    names: tuple[tuple[str, ...], tuple[str, ...]]


_ENGLISH = (
    ("Ann", "Ben", "Carla", "Dan", "Ella", "Finn", "Grace", "Hugo", "Ivy", "Jack"),
    ("Abbott", "Brooks", "Carter", "Doyle", "Ellis", "Foster", "Grant"),
)
_EUROPEAN = (
    ("Anna", "Bruno", "Clara", "David", "Emma", "Felix", "Greta", "Hannes", "Ines", "Jonas"),
    ("Albrecht", "Bernard", "Costa", "Dietrich", "Ferrer", "Gomez", "Hahn"),
)
_GEORGIAN = (
    ("Ana", "Beka", "Dato", "Eka", "Giorgi", "Irakli", "Keti", "Levan", "Mariam", "Nino"),
    ("Abashidze", "Beridze", "Gelashvili", "Kapanadze", "Lomidze", "Maisuradze", "Tsiklauri"),
)
_RUSSIAN = (
    ("Alina", "Boris", "Vera", "Gleb", "Daria", "Egor", "Zoya", "Ivan", "Kira", "Lev"),
    ("Belov", "Gromov", "Zimin", "Kotov", "Lebedev", "Morozov", "Orlov"),
)
_CHINESE = (
    ("Fang", "Gang", "Hao", "Jing", "Lei", "Mei", "Na", "Ping", "Wei", "Yan"),
    ("Chen", "Huang", "Li", "Liu", "Wang", "Zhang", "Zhou"),
)

DESKS: tuple[Desk, ...] = (
    Desk(
        "Alder",
        "en",
        "America/New_York",
        0.22,
        (
            Place("US-NY", "America/New_York", 0.4, 0.95),
            Place("US-MA", "America/New_York", 0.25, 1.0),
            Place("US-IL", "America/Chicago", 0.35, 1.03),
        ),
        _ENGLISH,
    ),
    Desk(
        "Birch",
        "en",
        "America/Los_Angeles",
        0.13,
        (
            Place("US-CA", "America/Los_Angeles", 0.5, 0.96),
            Place("US-WA", "America/Los_Angeles", 0.2, 1.0),
            Place("US-CO", "America/Denver", 0.3, 1.04),
        ),
        _ENGLISH,
    ),
    Desk(
        "Cedar",
        "de",
        "Europe/Berlin",
        0.22,
        (
            Place("DE-BE", "Europe/Berlin", 0.35, 0.98),
            Place("DE-BY", "Europe/Berlin", 0.2, 1.0),
            Place("FR-IDF", "Europe/Paris", 0.25, 0.94),
            Place("PT-11", "Europe/Lisbon", 0.2, 1.05),
        ),
        _EUROPEAN,
    ),
    Desk(
        "Hazel",
        "ka",
        "Asia/Tbilisi",
        0.13,
        (
            Place("GE-TB", "Asia/Tbilisi", 0.6, 1.0),
            Place("GE-AJ", "Asia/Tbilisi", 0.2, 1.06),
            Place("GE-IM", "Asia/Tbilisi", 0.2, 1.08),
        ),
        _GEORGIAN,
    ),
    Desk(
        "Linden",
        "ru",
        "Europe/Moscow",
        0.15,
        (
            Place("RU-MOW", "Europe/Moscow", 0.5, 0.95),
            Place("RU-SPE", "Europe/Moscow", 0.3, 0.98),
            Place("RU-SVE", "Asia/Yekaterinburg", 0.2, 1.04),
        ),
        _RUSSIAN,
    ),
    Desk(
        "Rowan",
        "zh",
        "Asia/Shanghai",
        0.15,
        (
            Place("CN-SH", "Asia/Shanghai", 0.35, 0.96),
            Place("CN-GD", "Asia/Shanghai", 0.4, 1.0),
            Place("CN-SC", "Asia/Shanghai", 0.25, 1.05),
        ),
        _CHINESE,
    ),
)

PLACES: tuple[Place, ...] = tuple(place for desk in DESKS for place in desk.places)
PLACE_DESK: tuple[int, ...] = tuple(
    number for number, desk in enumerate(DESKS) for _ in desk.places
)


class Clocks:
    """UTC offsets of desks and places, a value a day.

    Zones change their clocks at night, when nobody dials, so the offset at noon serves the day.

    Args:
        first: The first day.
        days: How many days.
    """

    def __init__(self, first: dt.date, days: int) -> None:
        self._first = first.toordinal() - _EPOCH
        self._desk = _offsets([desk.timezone for desk in DESKS], first, days)
        self._place = _offsets([place.timezone for place in PLACES], first, days)

    def utc(self, local: Ints, desk: Ints) -> Ints:
        """Turn milliseconds on the desk's wall clock into milliseconds of UTC."""
        return local - self._desk[desk, local // DAY - self._first]

    def ahead(self, local: Ints, desk: Ints, place: Ints) -> Ints:
        """Tell how far the place's wall clock is ahead of the desk's, in milliseconds."""
        day = local // DAY - self._first
        return self._place[place, day] - self._desk[desk, day]


_EPOCH = dt.date(1970, 1, 1).toordinal()


def day_start(day: dt.date) -> int:
    """Give the midnight of a wall clock, in milliseconds since 1970."""
    return (day.toordinal() - _EPOCH) * DAY


def working(day: Ints) -> Ints:
    """Move days (since 1970) that are Sundays to the Monday after."""
    return np.where((day + 3) % 7 == 6, day + 1, day)


def _offsets(zones: list[str], first: dt.date, days: int) -> Ints:
    noons = [
        dt.datetime.combine(first + dt.timedelta(days=day), dt.time(12)) for day in range(days)
    ]
    rows = []
    for name in zones:
        zone = ZoneInfo(name)
        known = (noon.replace(tzinfo=zone).utcoffset() or dt.timedelta() for noon in noons)
        rows.append([int(offset.total_seconds()) * 1000 for offset in known])
    return np.array(rows, dtype=np.int64)
