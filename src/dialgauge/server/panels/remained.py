"""How far did those who came in the period get? One cohort, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.analysis.interval import wilson
from dialgauge.server.panels.panel import Look, Shown, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Remained:
    """Those counted by a KPI, and how many of them meet each condition by now.

    Unlike a row of counts, each on its own clock, every step is about the same people.

    Attributes:
        kpi: A KPI that counts them, such as leads_created.
        steps: Key of a step's name, and its condition.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "remained"
    kpi: str
    steps: tuple[tuple[str, str], ...]
    title: str
    name: str = "remained"
    span: int = 4

    def show(self, look: Look) -> Shown:
        """Ask how many there are, and how many meet each condition."""
        say, view = look.say, look.view
        kpi = look.gauge.words.kpi(self.kpi)
        answers = {"all": look.gauge.ask(view.question(kpi.name))}
        first = total(answers["all"]).values[kpi.name].value or 0.0
        steps = [_step(say.title(kpi), first, first, look)]
        for name, condition in self.steps:
            answers[name] = look.gauge.ask(view.question(kpi.name, where=(condition,)))
            count = total(answers[name]).values[kpi.name].value or 0.0
            steps.append(_step(say.t(name), count, first, look))
        return Shown(
            title=say.t(self.title),
            subtitle=say.t("boards.cohort"),
            answers=answers,
            face={"steps": steps},
            notes=answers["all"].notes,
        )


def _step(name: str, count: float, first: float, look: Look) -> Mapping[str, Any]:
    say = look.say
    share = count / first if first else 0.0
    between = ""
    if first and count != first:
        low, high = (float(end) for end in wilson(count, first))
        between = say.t("say.between", low=say.share(low), high=say.share(high))
    return {
        "name": name,
        "told": say.count(count),
        "share": round(100 * min(share, 1.0), 2),
        "passed": say.share(share) if first and count != first else "",
        "interval": between,
    }
