"""Do we stay within what the law allows, and on which days did we not?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, Value
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.question import Grain, Period
from dialgauge.server.panels.crossed import over
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.hints import Advice, Hint, listed
from dialgauge.server.panels.line import Scale
from dialgauge.server.panels.mood import Mood
from dialgauge.server.panels.panel import Look, Shown, ask_able, total

_MOST_DAYS = 8
_ALLOWED = 0.0
"""What is counted one by one, such as violations, is allowed at no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """KPIs that have an upper limit, beside it, with the days that broke it.

    Attributes:
        kpis: Their bands say the limit; counts have none to spare.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "limits"
    kpis: tuple[str, ...]
    title: str = "boards.limits"
    name: str = "limits"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask the KPIs over the period and day by day."""
        answer, refused = ask_able(look.gauge, look.view.question(*self.kpis))
        kpis = [look.gauge.words.kpis[name] for name in answer.question.kpis]
        # What looks back over weeks has no value of a day.
        daily, _ = ask_able(look.gauge, look.view.question(*answer.question.kpis, grain=Grain.DAY))
        values = total(answer).values
        return Shown(
            title=look.say.t(self.title),
            answers={"limits": answer, "days": daily},
            face={"lines": [_line(kpi, values[kpi.name], daily, look) for kpi in kpis]},
            data={
                "left_out": dict(refused),
                "broken": {kpi.name: [day for day, _ in broken(daily, kpi)] for kpi in kpis},
            },
            notes=answer.notes,
        )


def upper(kpi: Kpi) -> float | None:
    """Give the highest that is allowed; None where nothing says so."""
    if kpi.band is not None:
        return kpi.band[1]
    return _ALLOWED if kpi.unit is Unit.COUNT else None


def state(value: Value, limit: float | None, kpi: Kpi) -> str:
    """Say how a value stands against a limit: over, maybe, near, within or none.

    `maybe` is over it, though chance may have done that; `near` is below it, though its interval
    reaches beyond. Violations that are counted one by one are over it from the first.

    Example:
        >>> drops = Kpi(name="d", formula="calls.dials", unit=Unit.SHARE, band=(None, 0.03))
        >>> state(Value(value=0.02, low=0.01, high=0.04), 0.03, drops)
        'near'
    """
    if limit is None or value.value is None:
        return "none"
    if kpi.unit is Unit.COUNT:
        return "over" if value.value > limit else "within"
    if value.value > limit:
        return over(value, replace(kpi, band=(None, limit)))
    return "near" if value.high is not None and value.high > limit else "within"


def broken(daily: Answer, kpi: Kpi) -> list[tuple[str, Value]]:
    """List the days that were above the limit, the worst first."""
    limit = upper(kpi)
    if limit is None or kpi.name not in daily.question.kpis:
        return []
    found = [
        (str(row.keys["period"]), value)
        for row in daily.rows
        for value in (row.values[kpi.name],)
        if value.value is not None and value.value > limit
    ]
    return sorted(found, key=lambda each: -(each[1].value or 0.0))


def _line(kpi: Kpi, value: Value, daily: Answer, look: Look) -> Mapping[str, Any]:
    say, limit = look.say, upper(kpi)
    days = broken(daily, kpi)
    on = _scale(value, limit)
    return {
        "kpi": kpi.name,
        "title": say.title(kpi),
        "meaning": say.texts.kpi(kpi, "definition"),
        "href": look.view.at(f"/kpi/{kpi.name}").address,
        "rows": rows_href(look, kpi.name),
        "told": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "reason": value.reason,
        "limit": "" if limit is None else say.number(limit, kpi.unit),
        "limit_at": on.place(limit) if on and limit else None,
        "bar": on.place(value.value)
        if on and value.value is not None and limit is not None
        else 0.0,
        "state": (found := state(value, limit, kpi)),
        "state_told": say.t(f"boards.limit.{found}"),
        "days": [_day(day, value, kpi, look) for day, value in days[:_MOST_DAYS]],
        "left": max(0, len(days) - _MOST_DAYS),
        "more": look.view.at(f"/kpi/{kpi.name}").address,
        "count": len(days),
    }


def _scale(value: Value, limit: float | None) -> Scale | None:
    ends = [each for each in (value.value, value.high, limit) if each]
    return Scale(low=0.0, high=1.15 * max(ends)) if ends else None


def _day(day: str, value: Value, kpi: Kpi, look: Look) -> Mapping[str, Any]:
    start = dt.date.fromisoformat(day)
    period = Period(start, start + dt.timedelta(days=1))
    return {
        "name": look.say.short_day(start),
        "told": look.say.number(value.value, kpi.unit),
        "sure": state(value, upper(kpi), kpi) == "over",
        "href": rows_href(look, kpi.name, period=period)
        or replace(look.view, period=period, preset="").address,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Says which limits are broken, and by whom.

    Attributes:
        kpis: KPIs with an upper limit.
        by: The dimension whose groups are named.
    """

    kpis: tuple[str, ...]
    by: str = "campaign"

    def advise(self, look: Look) -> Advice:
        """Name the groups over each limit; say so when there are none."""
        answer, _ = ask_able(look.gauge, look.view.question(*self.kpis, by=(self.by,)))
        hints: list[Hint] = []
        for name in answer.question.kpis:
            kpi = look.gauge.words.kpis[name]
            hints += self._hints(answer, kpi, look)
        if not hints:
            hints.append(Hint(text=look.say.t("boards.limits_kept"), mood=Mood.GOOD))
        return Advice(hints=hints, answers={"limits": answer})

    def _hints(self, answer: Answer, kpi: Kpi, look: Look) -> Sequence[Hint]:
        limit, say = upper(kpi), look.say
        rows = [row for row in answer.rows if state(row.values[kpi.name], limit, kpi) == "over"]
        if not rows or limit is None:
            return ()
        named = [
            f"{say.key(self.by, row.keys[self.by])} "
            f"({say.number(row.values[kpi.name].value, kpi.unit)})"
            for row in sorted(rows, key=lambda row: -(row.values[kpi.name].value or 0.0))
        ]
        text = say.t(
            "boards.limit_broken",
            kpi=say.title(kpi),
            limit=say.number(limit, kpi.unit),
            groups=listed(named, say),
        )
        return (Hint(text=text, mood=Mood.BAD, href=look.view.at(f"/kpi/{kpi.name}").address),)
