"""What does a page's address say?

The address is the whole state of a page: what is filtered, compared and opened. A `View` is read
from it, makes questions, and writes the addresses of the page's links.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

from dialgauge.asking import day, grain
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.question import Grain, Period, Question
from dialgauge.plan.zones import zone

PRESETS: Mapping[str, int] = MappingProxyType({"7d": 7, "28d": 28, "90d": 90, "365d": 365})
"""Preset to its number of days, up to the newest day of calls."""

MONTHS = ("this_month", "last_month")
ALL = "all"
VERSUS = ("previous", "year", "none")
DEFAULT_PRESET = "28d"

_OWN = frozenset(
    (
        "period",
        "from",
        "to",
        "versus",
        "grain",
        "clock",
        "where",
        "unknown",
        "lang",
        "theme",
        "pick",
        "calendar",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page is asked to show.

    Attributes:
        path: The page's path, such as `/overview`.
        period: The days that are shown.
        preset: Under which name they were chosen; empty for days of one's own.
        versus: What they are compared with; None for nothing.
        filters: Dimension to the groups that are kept; None among them stands for unknown.
        where: Conditions beside, in the language of `ask`.
        grain: The width of time buckets where the reader chose one.
        timezone: In which days begin.
        week_starts: 1 for Monday to 7 for Sunday.
        rest: What only this page understands, such as `sort` or `by`.
        parts: What the path itself says, such as the name of a KPI.
        clock: The time zone that the address asks for; `timezone` there is the called party's.
        picked: The day that was clicked first in the calendar, while the other end is missing.
        month: The month that the calendar was turned to, as its first day.
    """

    path: str
    period: Period
    preset: str = DEFAULT_PRESET
    versus: str | Period | None = "previous"
    filters: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    grain: Grain | None = None
    timezone: str = "UTC"
    week_starts: int = 1
    rest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    clock: str = ""
    picked: dt.date | None = None
    month: dt.date | None = None

    def question(
        self,
        *kpis: str,
        by: Sequence[str] = (),
        grain: Grain | None = None,
        where: Iterable[str] = (),
        compared: str | Period | None = None,
    ) -> Question:
        """Ask KPIs of what this view keeps.

        Args:
            kpis: Names of KPIs.
            by: Dimensions to group by.
            grain: Width of time buckets.
            where: More conditions.
            compared: What to compare with; nothing by default.
        """
        return Question(
            kpis=kpis,
            by=tuple(by),
            where=(*self.conditions, *where),
            period=self.period,
            grain=grain,
            timezone=self.timezone,
            week_starts=self.week_starts,
            versus=compared,
        )

    @property
    def conditions(self) -> tuple[str, ...]:
        """The filters as conditions of a question.

        Example:
            >>> View(path="/", period=Period(), filters={"team": ("Alder", None)}).conditions
            ("team = 'Alder' or team is null",)
        """
        return (*(is_one_of(name, kept) for name, kept in self.filters.items()), *self.where)

    def first(self, name: str, otherwise: str = "") -> str:
        """Give the first of what only this page understands, in its path or behind it."""
        return self.parts.get(name) or (self.rest.get(name) or (otherwise,))[0]

    def with_filter(self, name: str, *groups: str | None) -> View:
        """Keep only some groups of a dimension; without groups all of them."""
        kept = {each: value for each, value in self.filters.items() if each != name}
        filters = {**kept, name: groups} if groups else kept
        return replace(self, filters=filters, picked=None, month=None)

    def with_rest(self, **values: str | Sequence[str] | None) -> View:
        """Change what only this page understands; None takes it out."""
        rest = dict(self.rest)
        for name, value in values.items():
            rest.pop(name, None)
            if value is not None:
                rest[name] = (value,) if isinstance(value, str) else tuple(value)
        return replace(self, rest=rest)

    def at(self, path: str) -> View:
        """Go to another page with the same days and filters, without what only this one knows."""
        return replace(self, path=path, rest={}, parts={}, picked=None, month=None)

    def picking(self, day: dt.date) -> View:
        """Pick one end of the days; the other is still missing, and the calendar stays put."""
        return replace(self, picked=day)

    def turned(self, month: dt.date) -> View:
        """Turn the calendar to a month."""
        return replace(self, month=month)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What stands behind the question mark, in order."""
        choosing = (("pick", self.picked), ("calendar", self.month))
        return (
            *self.shared_pairs,
            *((name, value) for name, values in self.rest.items() for value in values),
            *((name, day.isoformat()) for name, day in choosing if day),
        )

    @property
    def shared_pairs(self) -> tuple[tuple[str, str], ...]:
        """What every page understands of it: the days, the comparison and the filters."""
        found: list[tuple[str, str]] = []
        if self.preset:
            found += [("period", self.preset)] if self.preset != DEFAULT_PRESET else []
        else:
            ends = (("from", self.period.start), ("to", self.period.end))
            found += [(name, day.isoformat()) for name, day in ends if day]
        if self.versus != "previous":
            found.append(("versus", _versus_text(self.versus)))
        if self.grain:
            found.append(("grain", self.grain.value))
        if self.clock:
            found.append(("clock", self.clock))
        for name, kept in self.filters.items():
            found += [("unknown", name) if group is None else (name, group) for group in kept]
        found += [("where", text) for text in self.where]
        return tuple(found)

    @property
    def address(self) -> str:
        """The page's path with everything behind it."""
        return f"{self.path}?{urlencode(self.pairs)}" if self.pairs else self.path

    def other(self, suffix: str, **more: str) -> str:
        """Give the address of the same view in another form, such as its twin `.json`."""
        pairs = (*self.pairs, *more.items())
        return f"{self.path}{suffix}" + (f"?{urlencode(pairs)}" if pairs else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What reading an address needs to know.

    Attributes:
        newest: The day after the newest call: presets end there.
        dimensions: What may be filtered by.
        timezone: In which days begin.
        week_starts: 1 for Monday to 7 for Sunday.
    """

    newest: dt.date
    dimensions: frozenset[str]
    timezone: str = "UTC"
    week_starts: int = 1


def read(path: str, pairs: Iterable[tuple[str, str]], known: Known) -> View:
    """Read a view from an address.

    Args:
        path: The page's path.
        pairs: What stands behind the question mark; empty values say nothing.
        known: The lake's newest day and what may be filtered by.

    Raises:
        UsageError: A day, preset, comparison or grain that cannot be read.

    Example:
        >>> known = Known(newest=dt.date(2026, 5, 1), dimensions=frozenset({"team"}))
        >>> read("/overview", [("period", "7d"), ("team", "Alder")], known).period.start
        datetime.date(2026, 4, 24)
    """
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            given.setdefault(name, []).append(value)
    filters: dict[str, tuple[str | None, ...]] = {}
    for name, values in given.items():
        if name in known.dimensions:
            filters[name] = tuple(dict.fromkeys(values))
    for name in given.get("unknown", ()):
        if name not in known.dimensions:
            raise UnknownNameError("dimension", name, known.dimensions)
        filters[name] = (*filters.get(name, ()), None)
    period, preset = _period(given, known.newest)
    clock = _last(given, "clock")
    return View(
        path=path,
        period=period,
        preset=preset,
        versus=_versus(_last(given, "versus"), period),
        filters=filters,
        where=tuple(given.get("where", ())),
        grain=grain(_last(given, "grain") or None),
        timezone=zone(clock or known.timezone).key,
        clock=clock,
        week_starts=known.week_starts,
        picked=day(_last(given, "pick") or None, "pick"),
        month=day(_last(given, "calendar") or None, "calendar"),
        rest={
            name: tuple(values)
            for name, values in given.items()
            if name not in _OWN and name not in known.dimensions
        },
    )


def is_one_of(name: str, groups: Sequence[str | None]) -> str:
    """Write the condition that a dimension is one of some groups.

    Example:
        >>> is_one_of("list", ["O'Hara", None]), is_one_of("hour", ["9"])
        ("list = 'O''Hara' or list is null", 'hour = 9')
    """
    return " or ".join(
        f"{name} is null" if group is None else f"{name} = {_literal(name, group)}"
        for group in groups
    )


def _literal(name: str, group: str) -> str:
    if name in ("hour", "weekday", "campaign_period"):
        if not group.lstrip("-").isdigit():
            raise UsageError(f"'{group}' is no {name}; write a whole number, such as {name}=9")
        return group
    return "'" + group.replace("'", "''") + "'"


def _last(given: Mapping[str, Sequence[str]], name: str) -> str:
    return (given.get(name) or ("",))[-1]


def _period(given: Mapping[str, Sequence[str]], newest: dt.date) -> tuple[Period, str]:
    start, end = (day(_last(given, name) or None, name) for name in ("from", "to"))
    if start or end:
        if start and end and start >= end:
            raise UsageError(f"the days from {start} to {end} are none; 'to' is the day after")
        return Period(start, end), ""
    preset = _last(given, "period") or DEFAULT_PRESET
    return preset_period(preset, newest), preset


def preset_period(preset: str, newest: dt.date) -> Period:
    """Give the days of a preset.

    Args:
        preset: A key of `PRESETS`, this_month, last_month or all.
        newest: The day after the newest call.

    Raises:
        UnknownNameError: There is no such preset.

    Example:
        >>> preset_period("last_month", dt.date(2026, 5, 3))
        Period(start=datetime.date(2026, 4, 1), end=datetime.date(2026, 5, 1))
    """
    if preset == ALL:
        return Period()
    if preset in PRESETS:
        return Period(newest - dt.timedelta(days=PRESETS[preset]), newest)
    month = (newest - dt.timedelta(days=1)).replace(day=1)
    if preset == "this_month":
        return Period(month, newest)
    if preset == "last_month":
        return Period((month - dt.timedelta(days=1)).replace(day=1), month)
    raise UnknownNameError("period", preset, (*PRESETS, *MONTHS, ALL))


def _versus(text: str, period: Period) -> str | Period | None:
    if text == "none" or period.start is None or period.end is None:
        return None
    if text in ("", "previous", "year"):
        return text or "previous"
    start, dots, end = text.partition("..")
    if not dots:
        raise UsageError(
            f"cannot compare with '{text}'; allowed: {', '.join(VERSUS)}, or a range of days such "
            "as 2026-01-01..2026-02-01"
        )
    return Period(day(start or None, "versus"), day(end or None, "versus"))


def _versus_text(versus: str | Period | None) -> str:
    if isinstance(versus, Period):
        return f"{versus.start}..{versus.end}"
    return versus or "none"
