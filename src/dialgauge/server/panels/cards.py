"""How are we doing? The main KPIs, one card each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, Value
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Grain
from dialgauge.plan.reading import read
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.grains import fine_grain
from dialgauge.server.panels.marks import marks
from dialgauge.server.panels.mood import turn
from dialgauge.server.panels.panel import Look, Shown, ask_able, total
from dialgauge.server.panels.spark import spark
from dialgauge.server.speech import Speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Big numbers with their change and their course.

    Attributes:
        kpis: Which, in order; those that cannot be asked here are left out.
        name: Its name on the page.
        title: Key of its heading.
    """

    kind: ClassVar[str] = "cards"
    kpis: tuple[str, ...]
    name: str = "cards"
    title: str = "panel.cards"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask each KPI now, before, and day by day."""
        view, say = look.view, look.say
        answer, refused = ask_able(look.gauge, view.question(*self.kpis, compared=view.versus))
        kpis = answer.question.kpis
        grain = fine_grain(view.period)
        course = look.gauge.ask(view.question(*_daily(kpis, look), grain=grain))
        whole = total(answer)
        held = marks(look, kpis)
        return Shown(
            title=say.t(self.title),
            answers={"now": answer, "course": course},
            face={
                "cards": [
                    {
                        **_card(
                            look.gauge.words.kpis[name], whole.values[name], course, grain, look
                        ),
                        "mark": held.get(name),
                    }
                    for name in kpis
                ]
            },
            data={
                "left_out": dict(refused),
                "targets": {
                    name: {"target_id": each.name, "status": each.state}
                    for name, each in held.items()
                },
            },
            notes=answer.notes,
        )


def _daily(kpis: Sequence[str], look: Look) -> list[str]:
    """Choose the KPIs with a course; costs are booked by the month, their days are arithmetic."""
    words = look.gauge.words
    found = [
        name
        for name in kpis
        if not any(words.facts[fact].days for fact in read(words.kpis[name], words).facts)
    ]
    return found or list(kpis)


def _card(kpi: Kpi, value: Value, course: Answer, grain: Grain, look: Look) -> Mapping[str, Any]:
    say = look.say
    days = [
        (row.keys["period"], row.values[kpi.name].value)
        for row in course.rows
        if kpi.name in row.values
    ]
    return {
        **figure(kpi, value, look),
        "spark": spark([number for _, number in days]),
        "course": [
            (say.bucket(label, grain), say.number(number, kpi.unit)) for label, number in days
        ],
    }


def figure(kpi: Kpi, value: Value, look: Look) -> dict[str, Any]:
    """Say all that a big number is shown with."""
    say = look.say
    return {
        "kpi": kpi.name,
        "title": say.title(kpi),
        "meaning": say.texts.kpi(kpi, "definition"),
        "value": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "made_of": made_of(value, say),
        "reason": value.reason,
        "turn": turn(value, kpi, say),
        "href": look.view.at(f"/kpi/{kpi.name}").address,
        "rows": rows_href(look, kpi.name),
    }


def made_of(value: Value, say: Speech) -> str:
    """Write a ratio's parts, or how many rows a value rests on."""
    if value.denominator is not None and value.numerator is not None:
        return say.t(
            "say.of", numerator=say.part(value.numerator), denominator=say.part(value.denominator)
        )
    return say.t("say.n", n=say.count(value.n))
