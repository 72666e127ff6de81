"""Which KPIs are there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.kpi import Kpi
from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.panels.picker import group_title, grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All KPIs by the business question they answer.

    Attributes:
        name: Its name on the page.
        title: Key of its heading.
    """

    kind: ClassVar[str] = "listing"
    name: str = "listing"
    title: str = "kpipage.listing"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """List those that the address searches for; nothing is asked."""
        wanted = look.view.first("q")
        groups = [
            (group_title(group, look), [each for each in said if _meant(each, wanted)])
            for group, kpis in grouped(look.gauge.words).items()
            for said in ([_said(kpi, look) for kpi in kpis],)
        ]
        found = [(title, kpis) for title, kpis in groups if kpis]
        return Shown(
            title=look.say.t(self.title, count=len(look.gauge.words.kpis)),
            data={"groups": [{"title": title, "kpis": kpis} for title, kpis in found]},
            face={
                "groups": found,
                "wanted": wanted,
                "hidden": [pair for pair in look.view.pairs if pair[0] != "q"],
            },
        )


def _said(kpi: Kpi, look: Look) -> dict[str, Any]:
    say = look.say
    return {
        "name": kpi.name,
        "title": say.title(kpi),
        "question": say.texts.kpi(kpi, "question"),
        "unit": say.t(f"unit.{kpi.unit.value}"),
        "href": look.view.at(f"/kpi/{kpi.name}").address,
    }


def _meant(said: dict[str, Any], wanted: str) -> bool:
    """Whether a KPI is one that is searched for, by its name, title or question.

    Example:
        >>> _meant({"name": "dials", "title": "Dials", "question": "How much?"}, "HOW")
        True
    """
    return any(wanted.lower() in str(said[part]).lower() for part in ("name", "title", "question"))
