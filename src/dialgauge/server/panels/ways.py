"""What became of those for whom something holds? A KPI under several conditions, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from dialgauge.model.answer import Answer
from dialgauge.model.kpi import Kpi
from dialgauge.server.panels.dots import (
    Group,
    Order,
    behind,
    choices,
    face,
    judged,
    longer,
    only,
    picture,
)
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.panel import Look, Shown, total

Way = tuple[str, str]
"""Key of a name, and a condition."""

_FIRST = "journeys.first_dial_at"
SPEED: tuple[Way, ...] = (
    ("boards.speed_5m", f"{_FIRST} <= created_at + 5 minutes"),
    (
        "boards.speed_1h",
        f"{_FIRST} > created_at + 5 minutes and {_FIRST} <= created_at + 1 hours",
    ),
    ("boards.speed_1d", f"{_FIRST} > created_at + 1 hours and {_FIRST} <= created_at + 1 days"),
    ("boards.speed_later", f"{_FIRST} > created_at + 1 days"),
    ("boards.speed_never", f"{_FIRST} is null"),
)
"""How soon a lead was first dialled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """A KPI for each of several conditions that exclude each other.

    Attributes:
        kpi: Which, unless the address names another under this panel's name.
        ways: Names and conditions.
        heading: Key of what they are ways of.
        title: Key of its heading.
        name: Its name on the page.
        choices: KPIs the reader may choose among.
        days: Look at so many days up to the end of the page's, because what is asked is known only
            after months; 0 for the page's own days.
    """

    kind: ClassVar[str] = "dots"
    kpi: str
    ways: tuple[Way, ...]
    heading: str
    title: str
    name: str = "ways"
    choices: tuple[str, ...] = ()
    days: int = 0
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Ask the KPI once for each condition, and once without."""
        say = look.say
        kpi = look.gauge.words.kpi(look.view.first(self.name) or self.kpi)
        view = longer(look.view, self.days)
        whole = look.gauge.ask(view.question(kpi.name))
        answers = {"whole": whole}
        for name, condition in self.ways:
            answers[name] = look.gauge.ask(view.question(kpi.name, where=(condition,)))
        value = total(whole).values[kpi.name]
        groups = judged(_groups(self.ways, answers, kpi, replace(look, view=view)), value.value)
        days = say.period(view.period) if self.days else ""
        return Shown(
            title=say.t(self.title),
            subtitle=days if self.choices else f"{say.title(kpi)}{', ' if days else ''}{days}",
            answers=answers,
            face={
                "kpi": kpi.name,
                "choices": choices(self.choices, look),
                "mix": "",
                **face(groups, value, kpi, Order.KEY, look, self.span),
                "heading": say.t(self.heading),
            },
            chart=picture(groups, value, kpi, look) if groups else None,
            behind=behind(groups, kpi, say.t(self.heading), look),
            notes=whole.notes,
        )


def _groups(ways: Sequence[Way], answers: dict[str, Answer], kpi: Kpi, look: Look) -> list[Group]:
    return [
        Group(
            key=f"{place}",
            name=look.say.t(name),
            href=replace(look.view, where=(*look.view.where, condition)).address,
            rows=rows_href(only(look, (condition,)), kpi.name),
            value=total(answers[name]).values[kpi.name],
        )
        for place, (name, condition) in enumerate(ways)
    ]
