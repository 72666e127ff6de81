"""What is a customer worth? One number a way of counting, with what it does not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dialgauge.server.panels.cards import made_of
from dialgauge.server.panels.panel import Look, Shown, ask_able, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """KPIs side by side, each with its definition and its caveat in full.

    Attributes:
        kpis: Which; those that cannot be asked here say why.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "worth"
    kpis: tuple[str, ...]
    title: str
    name: str = "worth"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask all of them at once."""
        say, words = look.say, look.gauge.words
        answer, refused = ask_able(look.gauge, look.view.question(*self.kpis))
        values = total(answer).values
        return Shown(
            title=say.t(self.title),
            answers={"worth": answer},
            face={
                "worths": [
                    {
                        "title": say.title(words.kpis[name]),
                        "href": look.view.at(f"/kpi/{name}").address,
                        "value": say.number(values[name].value, words.kpis[name].unit),
                        "interval": say.interval(values[name], words.kpis[name].unit),
                        "made_of": made_of(values[name], say),
                        "reason": values[name].reason,
                        "definition": say.texts.kpi(words.kpis[name], "definition"),
                        "caveat": say.texts.kpi(words.kpis[name], "caveat"),
                    }
                    for name in answer.question.kpis
                ],
                "refused": [(say.title(words.kpis[name]), why) for name, why in refused.items()],
            },
            data={"left_out": dict(refused)},
            notes=answer.notes,
        )
