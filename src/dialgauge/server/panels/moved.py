"""What moved a KPI? What each group of a dimension did to its change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from babel.numbers import format_decimal

from dialgauge.lang.why import summary
from dialgauge.model.answer import Change, Value
from dialgauge.model.explanation import Effect, Explanation, effect_records, explanation_json
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.server.panels.drill import narrowed, rows_href
from dialgauge.server.panels.meaning import splits
from dialgauge.server.panels.mood import Mood, mood, turn
from dialgauge.server.panels.panel import Look, Shown

USUAL = ("campaign", "team", "agent", "lead_source", "list", "region")
"""By what a change is split when nobody says, the first that the KPI has."""

MOST = 20
_HALF = 50.0  # of the width of a cell, for effects to either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The change of a KPI, split exactly into what each group did to it.

    Attributes:
        kpi: Which.
        name: Its name on the page; the address says under it by which dimension.
        title: Key of its heading.
    """

    kind: ClassVar[str] = "moved"
    kpi: str
    name: str = "moved"
    title: str = "kpipage.moved"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask why."""
        view, say = look.view, look.say
        kpi = look.gauge.words.kpi(self.kpi)
        choices = splits(kpi, look)
        usual = next((name for name in USUAL if name in choices), choices[0] if choices else "")
        by = view.first(self.name) or usual
        found = look.gauge.why(view.question(kpi.name, by=(by,), compared=view.versus))
        most = max((abs(each.effect) for each in found.effects), default=0.0)
        return Shown(
            title=say.t(self.title),
            data={"why": explanation_json(found)},
            records=effect_records(found),
            face={
                "sentence": summary(named(found, look), kpi, say.texts),
                "by": by,
                "dimension": say.dimension(by),
                "choices": [(name, say.dimension(name)) for name in choices],
                "ratio": found.mix is not None,
                "rows": [_row(each, by, kpi, most, look) for each in found.effects[:MOST]],
                "rest": _rest(found.effects[MOST:], found, kpi, look),
                "total": _total(found, kpi, look),
            },
            notes=found.notes,
        )


def named(found: Explanation, look: Look) -> Explanation:
    """Call the groups by their names, as the sentence shall."""
    return replace(
        found,
        effects=tuple(
            replace(
                each,
                keys={
                    name: look.say.key(name, group) if isinstance(group, str) else group
                    for name, group in each.keys.items()
                },
            )
            for each in found.effects
        ),
    )


def signed(amount: float | None, kpi: Kpi, look: Look) -> str:
    """Write a part of a change with its sign; empty where there is none.

    Shares are told to a hundredth of a point, ratios to a thousandth, so that readers can add them.
    """
    if amount is None:
        return ""
    if kpi.unit in (Unit.SHARE, Unit.RATIO):
        share = kpi.unit is Unit.SHARE
        form, size = ("#,##0.00", 100) if share else ("#,##0.000", 1)
        told = format_decimal(abs(amount) * size, form, locale=look.say.locale)
        sign = "" if not told.strip("0.,") else "+" if amount > 0 else "\u2212"
        return look.say.t("say.points", number=f"{sign}{told}") if share else f"{sign}{told}"
    return look.say.difference(Change(value=Value(value=None), difference=amount), kpi.unit)


def _row(each: Effect, by: str, kpi: Kpi, most: float, look: Look) -> Mapping[str, Any]:
    say = look.say
    group = each.keys[by]
    return {
        "name": say.key(by, group),
        "href": narrowed(look.view, each.keys).address,
        "rows": rows_href(look, kpi.name, each.keys),
        "before": say.number(each.before, kpi.unit),
        "told": say.number(each.after, kpi.unit),
        "turn": turn(each.value, kpi, say),
        "share_before": "" if each.share_before is None else say.share(each.share_before),
        "share_after": "" if each.share_after is None else say.share(each.share_after),
        "mix": signed(each.mix, kpi, look),
        "rate": signed(each.rate, kpi, look),
        "effect": signed(each.effect, kpi, look),
        **_bar(each.effect, most),
        "mood": _mood(each.effect, kpi).value,
    }


def _bar(effect: float, most: float) -> dict[str, float]:
    wide = _HALF * abs(effect) / most if most else 0.0
    return {"wide": round(wide, 2), "from": round(_HALF - wide if effect < 0 else _HALF, 2)}


def _mood(effect: float, kpi: Kpi) -> Mood:
    return mood(Change(value=Value(value=None), difference=effect), kpi)


def _rest(
    effects: Sequence[Effect], found: Explanation, kpi: Kpi, look: Look
) -> Mapping[str, Any] | None:
    """Add up what the groups that are not shown did, so that the table still adds up."""
    if not effects:
        return None
    parts = found.mix is not None
    return {
        "name": look.say.t("panel.left", count=len(effects)),
        "mix": signed(sum(each.mix or 0.0 for each in effects), kpi, look) if parts else "",
        "rate": signed(sum(each.rate or 0.0 for each in effects), kpi, look) if parts else "",
        "effect": signed(sum(each.effect for each in effects), kpi, look),
    }


def _total(found: Explanation, kpi: Kpi, look: Look) -> Mapping[str, Any]:
    return {
        "before": look.say.number(found.before, kpi.unit),
        "told": look.say.number(found.after, kpi.unit),
        "rows": rows_href(look, kpi.name),
        "turn": turn(found.total, kpi, look.say),
        "mix": signed(found.mix, kpi, look),
        "rate": signed(found.rate, kpi, look),
        "effect": signed(found.change, kpi, look),
    }
