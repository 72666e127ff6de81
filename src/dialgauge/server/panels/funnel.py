"""Where do calls get lost on the way to a sale?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.panel import Look, Shown, ask_able, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Counts that become fewer, each with its share of the one before.

    Attributes:
        steps: KPIs that count, each part of the one before it.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "funnel"
    steps: tuple[str, ...]
    title: str = "panel.funnel"
    name: str = "funnel"
    span: int = 4

    def show(self, look: Look) -> Shown:
        """Ask all steps at once."""
        say = look.say
        answer, refused = ask_able(look.gauge, look.view.question(*self.steps))
        words, values = look.gauge.words, total(answer).values
        numbers = [(name, values[name].value or 0.0) for name in answer.question.kpis]
        first = max((number for _, number in numbers), default=0.0)
        steps = []
        for place, (name, number) in enumerate(numbers):
            before = numbers[place - 1][1] if place else 0.0
            kpi = words.kpis[name]
            steps.append(
                {
                    "kpi": name,
                    "name": say.title(kpi),
                    "told": say.number(number, kpi.unit),
                    "share": round(100 * number / first, 2) if first else 0.0,
                    "passed": say.share(number / before) if before else "",
                    "href": look.view.at(f"/kpi/{name}").address,
                    "rows": rows_href(look, name),
                }
            )
        return Shown(
            title=say.t(self.title),
            answers={"funnel": answer},
            face={"steps": steps},
            data={"left_out": dict(refused)},
            notes=answer.notes,
        )
