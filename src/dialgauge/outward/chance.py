"""How likely is a lead reached, going by what happened to leads like it?

A simple rule that everybody can check: the contact rate of past dials of the same list, attempt
and hour; where those are fewer than `ENOUGH`, of the same lead source; then without the hour; and
so on until there are enough. The score is the lower end of that rate's 95 % interval (Wilson), so
that a handful of lucky calls does not lead the list. It says what happened to others, not what
makes people answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dialgauge.errors import NoDataError
from dialgauge.gauge import Gauge
from dialgauge.model.answer import KeyValue
from dialgauge.model.question import Period, Question
from dialgauge.outward.callable import Lead

ENOUGH = 50
"""So many dials a group must have to tell anything."""

_KPI = "contact_rate"
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("list", "attempt", "hour"),
    ("lead_source", "attempt", "hour"),
    ("list", "attempt"),
    ("lead_source", "attempt"),
    ("region", "attempt"),
    ("attempt",),
    (),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How likely a lead is reached.

    Attributes:
        score: The lower end of the contact rate's interval, 0-1; None when nothing is known.
        contacts: Of the dials like this one, so many reached somebody.
        dials: How many dials that were.
        group: What they have in common, name to value; empty for all dials.
    """

    score: float | None = None
    contacts: int = 0
    dials: int = 0
    group: tuple[tuple[str, KeyValue], ...] = ()

    @property
    def told(self) -> str:
        """Say it in words.

        Example:
            >>> group = (("list", "101"), ("attempt", "2"))
            >>> Chance(score=0.194, contacts=23, dials=80, group=group).told
            'list 101, attempt 2: 23 of 80 dials reached somebody, at least 19.4 %'
        """
        if self.score is None:
            return "no dials to learn from yet"
        same = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.group)
        return (
            f"{same or 'all dials'}: {self.contacts:,} of {self.dials:,} dials reached somebody, "
            f"at least {self.score:.1%}".replace("%", " %")
        )


@dataclass(frozen=True, slots=True)
class History:
    """What happened to dials, by the groups that leads fall into.

    Attributes:
        rates: For each set of dimensions, values to what happened.
        hours: For each set of dimensions without the hour, values to the best hour.
    """

    rates: Mapping[tuple[str, ...], Mapping[tuple[KeyValue, ...], Chance]]
    hours: Mapping[tuple[str, ...], Mapping[tuple[KeyValue, ...], int]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def best_hour(self, lead: Lead) -> int | None:
        """Say at which hour its next dial is likeliest to reach it; None when nobody can tell."""
        known = _known(lead)
        for group, hours in self.hours.items():
            values = tuple(known[name] for name in group)
            if None not in values and values in hours:
                return hours[values]
        return None

    def of(self, lead: Lead) -> Chance:
        """Say how likely a lead is reached on its next dial."""
        known = _known(lead)
        for group in _GROUPS:
            values = tuple(known[name] for name in group)
            if None not in values:
                found = self.rates.get(group, {}).get(values)
                if found is not None:
                    return found
        return Chance()


def _known(lead: Lead) -> Mapping[str, KeyValue]:
    return {
        "list": lead.list_id or None,
        "lead_source": lead.lead_source or None,
        "region": lead.region or None,
        "attempt": band(lead.dials + 1),
        "hour": lead.hour,
    }


def best_hours(
    rates: Mapping[tuple[KeyValue, ...], Chance],
) -> Mapping[tuple[KeyValue, ...], int]:
    """Find the hour with the best score, where at least two hours are known.

    Args:
        rates: Values to what happened; the last value is the hour.

    Example:
        >>> best_hours({("A", 9): Chance(score=0.1), ("A", 17): Chance(score=0.2),
        ...             ("B", 9): Chance(score=0.3)})
        {('A',): 17}
    """
    by_hour: dict[tuple[KeyValue, ...], list[tuple[float, int]]] = {}
    for (*values, hour), chance in rates.items():
        if isinstance(hour, int) and chance.score is not None:
            by_hour.setdefault(tuple(values), []).append((chance.score, hour))
    return {
        values: max(scores, key=lambda each: (each[0], -each[1]))[1]
        for values, scores in by_hour.items()
        if len(scores) > 1
    }


def band(attempt: int) -> str:
    """Name an attempt as the dimension `attempt` does.

    Example:
        >>> band(1), band(5), band(9)
        ('1', '4-6', '7+')
    """
    return str(attempt) if attempt <= 3 else "4-6" if attempt <= 6 else "7+"


def learn(gauge: Gauge, at: dt.datetime, days: int) -> History:
    """Ask what happened to the dials of the days before.

    Args:
        gauge: Whose calls; its row rules count.
        at: The moment of calling.
        days: How far back dials count.
    """
    end = at.astimezone(dt.UTC).date() + dt.timedelta(days=1)
    period = Period(end - dt.timedelta(days=days + 1), end)
    rates: dict[tuple[str, ...], Mapping[tuple[KeyValue, ...], Chance]] = {}
    for group in _GROUPS:
        try:
            answer = gauge.ask(Question(kpis=(_KPI,), by=group, period=period, as_of=at))
        except NoDataError:  # nobody has called yet
            return History({})
        found: dict[tuple[KeyValue, ...], Chance] = {}
        for row in answer.rows:
            value = row.values[_KPI]
            dials = int(value.denominator or 0)
            if dials >= ENOUGH and value.low is not None:
                keys = tuple(row.keys[name] for name in group)
                found[keys] = Chance(
                    score=float(value.low),
                    contacts=int(value.numerator or 0),
                    dials=dials,
                    group=tuple(zip(group, keys, strict=True)),
                )
        rates[group] = found
    hours = {group[:-1]: best_hours(rates[group]) for group in _GROUPS if "hour" in group}
    return History(rates, hours)
