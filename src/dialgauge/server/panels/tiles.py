"""How is today going? Numbers that can be read from the other end of the room."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from dialgauge.model.answer import Value
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Period
from dialgauge.server.panels.marks import last_day, marks
from dialgauge.server.panels.panel import Look, Shown, ask_able, total
from dialgauge.server.view import DEFAULT_PRESET

MOST_TILES = 12
_WIDE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """One large number a KPI, with how it stands against its target or its limits.

    Attributes:
        kpis: Which, unless the address names others with `kpi`.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "tiles"
    kpis: tuple[str, ...]
    name: str = "tiles"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask the newest day."""
        look = of_today(look)
        say, words = look.say, look.gauge.words
        wanted = [words.kpi(name).name for name in look.view.rest.get("kpi", self.kpis)]
        answer, refused = ask_able(look.gauge, look.view.question(*wanted[:MOST_TILES]))
        values = total(answer).values
        held = marks(look, answer.question.kpis)
        tiles = []
        for name in answer.question.kpis:
            kpi, found = words.kpis[name], held.get(name)
            state = (
                {
                    "mood": found.mood,
                    "sign": found.sign,
                    "text": f"{found.status} · {found.target} · {found.until}",
                }
                if found
                else None
            )
            tiles.append(
                {
                    "kpi": name,
                    "title": say.title(kpi),
                    "value": (told := say.number(values[name].value, kpi.unit)),
                    "long": wide(told) > _WIDE,
                    "state": state or in_band(values[name], kpi, look),
                }
            )
        return Shown(
            title=_days(look),
            answers={"today": answer},
            data={"left_out": dict(refused)},
            face={"tiles": tiles},
            notes=answer.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Teams or agents of the newest day, those who win most first.

    Attributes:
        by: team or agent.
        kpis: One a column; the last one orders.
        name: Its name on the page.
        most: So many rows fit on the wall.
    """

    kind: ClassVar[str] = "crew"
    by: str
    kpis: tuple[str, ...]
    name: str
    span: int = 6
    most: int = 7

    def show(self, look: Look) -> Shown:
        """Ask the newest day by group."""
        look = of_today(look)
        say, words = look.say, look.gauge.words
        answer, refused = ask_able(look.gauge, look.view.question(*self.kpis, by=(self.by,)))
        kpis = answer.question.kpis
        rows = sorted(
            (row for row in answer.rows if row.keys[self.by] is not None),
            key=lambda row: [-(row.values[name].value or 0.0) for name in reversed(kpis)],
        )
        return Shown(
            title=say.dimension(self.by),
            answers={"crew": answer},
            data={"left_out": dict(refused)},
            face={
                "columns": [say.title(words.kpis[name]) for name in kpis],
                "rows": [
                    (
                        say.key(self.by, row.keys[self.by]),
                        [say.number(row.values[n].value, words.kpis[n].unit) for n in kpis],
                    )
                    for row in rows[: self.most]
                ],
                "left": max(0, len(rows) - self.most),
            },
            notes=answer.notes,
        )


def wide(text: str) -> int:
    """Count how much room a text takes, where Chinese letters take two places.

    Example:
        >>> wide("1m 30s"), wide("1分钟30秒")
        (6, 9)
    """
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _days(look: Look) -> str:
    period = look.view.period
    if period.start and period.end and (period.end - period.start).days == 1:
        return look.say.day(period.start)
    return look.say.period(period)


def of_today(look: Look) -> Look:
    """Look at the newest day, unless the address names days."""
    if look.view.preset != DEFAULT_PRESET:
        return look
    day = last_day(look.view, look.gauge)
    period = Period(day, day + dt.timedelta(days=1))
    return replace(look, view=replace(look.view, period=period, preset=""))


def in_band(value: Value, kpi: Kpi, look: Look) -> Mapping[str, Any] | None:
    """Say whether a value keeps within its KPI's limits; None where there are none."""
    if kpi.band is None or value.value is None:
        return None
    low, high = kpi.band
    kept = (low is None or value.value >= low) and (high is None or value.value <= high)
    say = look.say
    ends = [say.number(end, kpi.unit) for end in kpi.band if end is not None]
    key = "wall.at_most" if low is None else "wall.at_least" if high is None else "wall.band"
    told = say.t(key, ends=" \u2013 ".join(ends))
    return {"mood": "good" if kept else "bad", "sign": "✓" if kept else "✕", "text": told}
