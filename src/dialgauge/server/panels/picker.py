"""What shall be looked at, and split by what? The KPIs and dimensions to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.catalogue import GROUPS
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Grain
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import all_dimensions, dimensions
from dialgauge.server.panels.panel import Look, Shown

OWN = "own"
"""The group of the KPIs that a team made itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """Lists of KPIs and dimensions, as a form whose answers are the page's address.

    Attributes:
        kpis: Which are chosen.
        by: Which dimensions are chosen.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "picker"
    kpis: tuple[str, ...]
    by: tuple[str, ...]
    name: str = "picker"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Lay out what there is; nothing is asked."""
        view, say, words = look.view, look.say, look.gauge.words
        chosen = [words.kpi(name) for name in self.kpis]
        splits = [_split(name, self.by, chosen, look) for name in all_dimensions(words)]
        return Shown(
            title=say.t("explore.choose"),
            data={"kpis": list(self.kpis), "by": list(self.by)},
            face={
                "groups": [
                    {
                        "title": group_title(group, look),
                        "kpis": [_choice(kpi, self.kpis, look) for kpi in kpis],
                    }
                    for group, kpis in grouped(words).items()
                ],
                "chosen": [self._chip(kpi, look) for kpi in chosen],
                "splits": sorted(splits, key=lambda split: bool(split["lacking"])),
                "split_by": [self._unsplit(name, look) for name in self.by],
                "grains": [
                    (grain.value, say.t(f"grain.{grain.value}"), grain is view.grain)
                    for grain in Grain
                ],
                "parts": bool(view.first("parts")),
                "hidden": [
                    pair for pair in view.pairs if pair[0] not in ("kpi", "by", "grain", "parts")
                ],
            },
        )

    def _chip(self, kpi: Kpi, look: Look) -> Mapping[str, str]:
        rest = [name for name in self.kpis if name != kpi.name]
        return {
            "title": look.say.title(kpi),
            "meaning": look.say.texts.kpi(kpi, "definition"),
            "href": look.view.with_rest(kpi=rest, by=self.by).address if rest else "",
        }

    def _unsplit(self, dimension: str, look: Look) -> Mapping[str, str]:
        rest = [name for name in self.by if name != dimension]
        return {
            "title": look.say.dimension(dimension),
            "href": look.view.with_rest(kpi=self.kpis, by=rest).address,
        }


def grouped(words: Vocabulary) -> Mapping[str, Sequence[Kpi]]:
    """Sort all KPIs by the business question they answer; a team's own stand first."""
    known = {name: [words.kpis[kpi.name] for kpi in kpis] for name, kpis in GROUPS.items()}
    built_in = {kpi.name for kpis in known.values() for kpi in kpis}
    own = [kpi for kpi in words.kpis.values() if kpi.name not in built_in]
    return {OWN: own, **known} if own else known


def group_title(group: str, look: Look) -> str:
    """Name a group of KPIs."""
    return look.say.t("explore.own" if group == OWN else f"group.{group}")


def lacking(dimension: str, kpis: Sequence[Kpi], words: Vocabulary) -> list[Kpi]:
    """List the KPIs that cannot be split by a dimension.

    Example:
        >>> from dialgauge.catalogue.user import built_in
        >>> words = built_in()
        >>> asked = [words.kpi("dials"), words.kpi("agent_hours")]
        >>> [kpi.name for kpi in lacking("list", asked, words)]
        ['agent_hours']
    """
    return [
        kpi
        for kpi in kpis
        if any(
            dimension not in dimensions(words.facts[fact], words) for fact in read(kpi, words).facts
        )
    ]


def _choice(kpi: Kpi, chosen: Sequence[str], look: Look) -> Mapping[str, Any]:
    return {
        "name": kpi.name,
        "title": look.say.title(kpi),
        "question": look.say.texts.kpi(kpi, "question"),
        "chosen": kpi.name in chosen,
    }


def _split(name: str, chosen: Sequence[str], kpis: Sequence[Kpi], look: Look) -> Mapping[str, Any]:
    say = look.say
    missing = lacking(name, kpis, look.gauge.words)
    told = ", ".join(say.title(kpi) for kpi in missing)
    return {
        "name": name,
        "title": say.dimension(name),
        "chosen": name in chosen,
        "lacking": say.t("explore.lacking", kpis=told) if missing else "",
        # What is chosen can be taken back, whatever lacks it.
        "disabled": bool(missing) and name not in chosen,
    }
