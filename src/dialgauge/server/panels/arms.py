"""Which way of doing it is better, and could the difference be chance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from babel.numbers import format_decimal

from dialgauge.analysis.compare import change
from dialgauge.analysis.distribution import Z
from dialgauge.analysis.many import LEVEL, adjusted, doubt
from dialgauge.model.answer import Answer, Change, KeyValue, Value
from dialgauge.model.kpi import Kpi
from dialgauge.server.panels.dots import choices, only
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.line import Scale, axis, drawn, scale
from dialgauge.server.panels.mood import Mood, mood
from dialgauge.server.panels.panel import Look, Shown, total

_POWER = 0.8416212335729143  # the normal quantile of 80 %
_CONTROLS = ("control", "baseline", "base", "old")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """A KPI for each variant, and its difference to the first one.

    Attributes:
        kpi: Which, unless the address names another under this panel's name.
        by: The dimension whose groups are compared.
        title: Key of its heading, which may name `of`.
        of: What is tried, such as the experiment's name.
        where: Conditions beside those of the page.
        name: Its name on the page.
        choices: KPIs the reader may choose among.
        most: Compare the largest groups only.
    """

    kind: ClassVar[str] = "arms"
    kpi: str
    by: str
    title: str
    of: str = ""
    where: tuple[str, ...] = ()
    name: str = "arms"
    choices: tuple[str, ...] = ()
    most: int = 12
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask the KPI for each variant."""
        view, say = look.view, look.say
        kpi = look.gauge.words.kpi(view.first(self.name) or self.kpi)
        answer = look.gauge.ask(view.question(kpi.name, by=(self.by,), where=self.where))
        arms = compared(answer, kpi, self.by, self.most)
        whole = total(answer).values[kpi.name]
        on = scale([arm.value for arm in arms], [], kpi.unit)
        seen = least_seen(arms)
        return Shown(
            title=say.t(self.title, of=self.of),
            subtitle="" if self.choices else say.title(kpi),
            answers={"arms": answer},
            face={
                "kpi": kpi.name,
                "choices": choices(self.choices, look),
                "heading": say.texts.dimension(self.by),
                "title": say.title(kpi),
                "axis": axis(on, kpi.unit, say),
                "whole": None,
                "base": say.key(self.by, arms[0].key) if arms else "",
                "lines": [_line(arm, kpi, on, self, look) for arm in arms],
                "seen": _points(seen, kpi, look) if seen is not None else "",
                "several": len(arms) > 2,
            },
            data={
                "whole": whole.value,
                "differences": [
                    {
                        "group": arm.key,
                        "difference": arm.change.difference,
                        "low": arm.change.low,
                        "high": arm.change.high,
                        "p": arm.doubt,
                    }
                    for arm in arms
                    if arm.change is not None
                ],
            },
            notes=answer.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One variant.

    Attributes:
        key: Its name.
        value: Its value.
        change: How it differs from the first variant; None for that one.
        doubt: The p-value of the difference, adjusted for how many differences there are.
    """

    key: KeyValue
    value: Value
    change: Change | None = None
    doubt: float | None = None


def compared(answer: Answer, kpi: Kpi, by: str, most: int = 12) -> list[Arm]:
    """Set each group beside the first one.

    Args:
        answer: The KPI by the dimension.
        kpi: The KPI.
        by: The dimension; rows where it is unknown are left out.
        most: So many of the largest groups are kept.

    Returns:
        The control first (see `control`), then the others in order.
    """
    found = [
        Arm(key=row.keys[by], value=row.values[kpi.name])
        for row in answer.rows
        if row.keys[by] is not None and row.values[kpi.name].value is not None
    ]
    kept = sorted(found, key=lambda arm: -arm.value.n)[:most]
    arms = [arm for arm in found if arm in kept]
    if not arms:
        return []
    first = arms[control([str(arm.key) for arm in arms])]
    others = [arm for arm in arms if arm is not first]
    changes = [change(arm.value, first.value) for arm in others]
    doubts = [_doubt(each) for each in changes]
    held = iter(adjusted([each for each in doubts if each is not None]))
    sure = [None if each is None else next(held) for each in doubts]
    return [
        first,
        *(
            replace(arm, change=each, doubt=p)
            for arm, each, p in zip(others, changes, sure, strict=True)
        ),
    ]


def control(names: Sequence[str]) -> int:
    """Choose which variant the others are held against: one that is called so, else the first.

    Example:
        >>> control(["b", "Control"]), control(["A", "B"])
        (1, 0)
    """
    lowered = [name.lower() for name in names]
    return next((lowered.index(each) for each in _CONTROLS if each in lowered), 0)


def _doubt(found: Change) -> float | None:
    return doubt(Value(value=found.difference, low=found.low, high=found.high), 0.0)


def least_seen(arms: Sequence[Arm]) -> float | None:
    """Say which difference so many rows would show four times in five, at 95 % certainty.

    The two normal quantiles times the standard error of the difference, which is read off its
    interval; for the arm whose difference is known worst.
    """
    reaches = [
        (arm.change.high - arm.change.low) / (2 * Z)
        for arm in arms
        if arm.change is not None and arm.change.low is not None and arm.change.high is not None
    ]
    return (Z + _POWER) * max(reaches) if reaches else None


def _points(size: float, kpi: Kpi, look: Look) -> str:
    told = look.say.difference(Change(value=Value(value=1.0), difference=size), kpi.unit)
    return told.lstrip("+")


def _line(arm: Arm, kpi: Kpi, on: Scale | None, panel: Arms, look: Look) -> Mapping[str, Any]:
    say, found = look.say, arm.change
    line: dict[str, Any] = {
        "key": arm.key,
        "name": say.key(panel.by, arm.key),
        "href": look.view.with_filter(panel.by, str(arm.key)).address,
        "rows": rows_href(only(look, panel.where), kpi.name, {panel.by: arm.key}),
        "told": say.number(arm.value.value, kpi.unit),
        "interval": say.interval(arm.value, kpi.unit),
        "n": say.count(arm.value.n),
        "dot": drawn(arm.value, on),
        "would": None,
        "mood": "flat",
        "side": "",
        "difference": "",
        "between": "",
        "p": "",
        "verdict": say.t("boards.base"),
    }
    if found is not None:
        sure = arm.doubt is not None and arm.doubt < LEVEL
        line |= {
            "difference": say.difference(found, kpi.unit),
            "between": _between(found, kpi, look),
            "p": p_told(arm.doubt, look),
            "mood": mood(replace(found, likely_real=sure), kpi).value if sure else Mood.FLAT.value,
            "side": ("above" if (found.difference or 0) > 0 else "below") if sure else "like",
            "verdict": say.t("boards.real" if sure else "boards.side.like"),
        }
    return line


def _between(found: Change, kpi: Kpi, look: Look) -> str:
    if found.low is None or found.high is None:
        return ""
    ends = [
        look.say.difference(replace(found, difference=end), kpi.unit)
        for end in (found.low, found.high)
    ]
    return look.say.t("say.between", low=ends[0], high=ends[1])


def p_told(p: float | None, look: Look) -> str:
    """Write a p-value: three digits, and no smaller than can be meant."""
    if p is None:
        return ""

    if p < 0.001:
        return "< " + format_decimal(0.001, "0.000", locale=look.say.locale)
    return format_decimal(p, "0.000", locale=look.say.locale)
