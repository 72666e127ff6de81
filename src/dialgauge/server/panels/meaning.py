"""What does a KPI mean, and how much is it now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dialgauge.model.answer import Value
from dialgauge.model.kpi import Better, Kpi
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import TIME_DIMENSIONS, shared_dimensions
from dialgauge.server.panels.cards import figure
from dialgauge.server.panels.panel import Look, Shown, total
from dialgauge.telling import describe


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a KPI is, in the reader's words.

    Attributes:
        kpi: Which.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "meaning"
    kpi: str
    name: str = "meaning"
    span: int = 8

    def show(self, look: Look) -> Shown:
        """Say it; nothing is asked."""
        say, words = look.say, look.gauge.words
        kpi = words.kpi(self.kpi)
        explored = look.view.at("/explore").with_rest(kpi=kpi.name)
        return Shown(
            title=say.texts.kpi(kpi, "question") or say.title(kpi),
            data={"kpi": describe(kpi, words, say.language)},
            face={
                "definition": say.texts.kpi(kpi, "definition"),
                "formula": kpi.formula,
                "caveat": say.texts.kpi(kpi, "caveat"),
                "source": kpi.source,
                "unit": say.t(f"unit.{kpi.unit.value}"),
                "better": say.t(f"better.{kpi.better.value}"),
                "band": _band(kpi, look),
                "beside": [
                    {
                        "title": say.title(words.kpis[name]),
                        "href": look.view.at(f"/kpi/{name}").address,
                    }
                    for name in kpi.beside
                    if name in words.kpis
                ],
                "splits": [
                    {"title": say.dimension(name), "href": explored.with_rest(by=name).address}
                    for name in splits(kpi, look)
                ],
                "explore": explored.address,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How much a KPI is now, of what, how sure, and what it was before.

    Attributes:
        kpi: Which.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "now"
    kpi: str
    name: str = "now"
    span: int = 4

    def show(self, look: Look) -> Shown:
        """Ask it, beside the period before."""
        view, say = look.view, look.say
        kpi = look.gauge.words.kpi(self.kpi)
        answer = look.gauge.ask(view.question(kpi.name, compared=view.versus))
        value = total(answer).values[kpi.name]
        return Shown(
            title=say.period(view.period),
            answers={"now": answer},
            face={
                **figure(kpi, value, look),
                "parts": [(say.t(part), text) for part, text in _parts(value, kpi, look)],
            },
            notes=answer.notes,
        )


def splits(kpi: Kpi, look: Look) -> list[str]:
    """List the dimensions that a KPI can be split by, without those that are time buckets."""
    words = look.gauge.words
    facts = tuple(words.facts[name] for name in read(kpi, words).facts)
    return [name for name in shared_dimensions(facts, words) if name not in TIME_DIMENSIONS]


def _band(kpi: Kpi, look: Look) -> str:
    if kpi.better is not Better.BAND or kpi.band is None:
        return ""
    low, high = (look.say.number(end, kpi.unit) if end is not None else "" for end in kpi.band)
    return look.say.t("say.between", low=low, high=high)


def _parts(value: Value, kpi: Kpi, look: Look) -> list[tuple[str, str]]:
    say, change = look.say, value.change
    found = [
        ("kpipage.numerator", "" if value.numerator is None else say.count(value.numerator)),
        ("kpipage.denominator", "" if value.denominator is None else say.count(value.denominator)),
        ("kpipage.rests_on", say.count(value.n)),
        ("ui.interval", say.interval(value, kpi.unit)),
        ("kpipage.before", say.number(change.value.value, kpi.unit) if change else ""),
        ("kpipage.why_not", value.reason),
    ]
    ratio = value.denominator is not None
    return [(part, text) for part, text in found if text and (ratio or part != "kpipage.numerator")]
