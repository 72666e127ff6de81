"""Which groups are really above or below the rest? A dot and its interval for each."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue, Value
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Period
from dialgauge.server.charts.axes import value_axis
from dialgauge.server.charts.theme import chart, encode
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.line import Scale, axis, drawn, scale
from dialgauge.server.panels.panel import Behind, Look, Shown, total
from dialgauge.server.panels.standing import Side, Standing, meaning, of_own_mix, standings
from dialgauge.server.view import View

MOST_DOTS = 40


class Order(enum.Enum):
    """Which groups stand first."""

    SURE = "sure"  # the end of the interval that is the worse: what one may count on
    KEY = "key"
    SIZE = "size"  # those that rest on most rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """A KPI for each group of a dimension, with its interval, beside the whole.

    Attributes:
        kpi: Which, unless the address names another under this panel's name.
        by: The dimension.
        title: Key of its heading.
        name: Its name on the page.
        choices: KPIs the reader may choose among.
        order: Which groups stand first.
        link: Where a group leads; to the same page filtered by it, by default.
        where: Conditions beside those of the page.
        days: Look at so many days up to the end of the page's; 0 for the page's own days.
        mix: Groups are also held against what their own shares of this dimension would give.
    """

    kind: ClassVar[str] = "dots"
    kpi: str
    by: str
    title: str
    name: str = "dots"
    choices: tuple[str, ...] = ()
    order: Order = Order.SURE
    link: str = ""
    where: tuple[str, ...] = ()
    mix: str = ""
    days: int = 0
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Ask the KPI for each group, and for each group's own mix."""
        view, say = longer(look.view, self.days), look.say
        kpi = look.gauge.words.kpi(view.first(self.name) or self.kpi)
        answer = look.gauge.ask(view.question(kpi.name, by=(self.by,), where=self.where))
        answers = {"dots": answer}
        would: Mapping[KeyValue, float] = {}
        if self.mix:
            mixed = view.question(kpi.name, by=(self.by, self.mix), where=self.where)
            answers["mix"] = look.gauge.ask(mixed)
            would = of_own_mix(answers["mix"], kpi.name, self.by, self.mix)
        whole = total(answer).values[kpi.name]
        groups = _groups(answer, kpi, self, would, look)
        return Shown(
            title=say.t(self.title),
            subtitle=", ".join(
                [
                    *(() if self.choices else (say.title(kpi),)),
                    *((say.period(view.period),) if self.days else ()),
                ]
            ),
            answers=answers,
            face={
                "kpi": kpi.name,
                "choices": choices(self.choices, look),
                "mix": say.texts.dimension(self.mix).lower() if would else "",
                **face(groups, whole, kpi, self.order, look, self.span),
                "heading": say.texts.dimension(self.by),
            },
            chart=picture(groups, whole, kpi, look) if groups else None,
            behind=behind(groups, kpi, say.texts.dimension(self.by), look),
            data={
                "standing": [
                    {"group": each.key, "side": each.standing.side.value, "p": each.standing.doubt}
                    for each in groups
                ],
            },
            notes=answer.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One line.

    Attributes:
        key: The group.
        name: What it is called.
        href: Where it leads.
        rows: Where the rows behind its value are; empty for who may not see them.
        value: Its value.
        would: What its own mix would give, where that is asked.
        standing: How it stands against the whole, or against its own mix.
    """

    key: KeyValue
    name: str
    href: str
    value: Value
    rows: str = ""
    would: float | None = None
    standing: Standing = field(default_factory=lambda: Standing(side=Side.UNKNOWN))


def longer(view: View, days: int) -> View:
    """Begin a view so many days before its end; 0 leaves it, and so does one without an end.

    Example:
        >>> import datetime as dt
        >>> april = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
        >>> longer(View(path="/", period=april), 365).period.start
        datetime.date(2025, 5, 1)
    """
    end = view.period.end
    if not days or end is None:
        return view
    return replace(view, period=Period(end - dt.timedelta(days=days), end))


def only(look: Look, where: Sequence[str]) -> Look:
    """Look at what meets some conditions only."""
    return replace(look, view=replace(look.view, where=(*look.view.where, *where)))


def judged(groups: Sequence[Group], whole: float | None) -> list[Group]:
    """Judge groups, each against its own mix where that is known, else against the whole.

    What is unknown (no key) is not judged, and neither is one that stands alone.
    """
    able = [each for each in groups if each.key is not None]
    if len(able) < 2:
        return list(groups)
    found = standings(
        [each.value for each in able],
        [whole if each.would is None else each.would for each in able],
    )
    stand = {each.key: standing for each, standing in zip(able, found, strict=True)}
    return [replace(each, standing=stand.get(each.key, each.standing)) for each in groups]


def choices(kpis: Sequence[str], look: Look) -> list[tuple[str, str]]:
    """Name the KPIs a reader may choose among."""
    words = look.gauge.words
    return [(name, look.say.title(words.kpis[name])) for name in kpis if name in words.kpis]


def face(  # noqa: PLR0913, PLR0917 - what a table of lines is made of
    groups: Sequence[Group], whole: Value, kpi: Kpi, order: Order, look: Look, span: int
) -> dict[str, Any]:
    """Lay groups out as lines of a table."""
    say = look.say
    ordered = sorted(groups, key=lambda each: _place(each, kpi, order))
    more = bool(look.view.first("all"))
    shown = ordered if more else ordered[:MOST_DOTS]
    on = scale(
        [each.value for each in shown],
        [whole.value, *(each.would for each in shown)],
        kpi.unit,
        span,
    )
    return {
        "heading": "",
        "title": say.title(kpi),
        "axis": axis(on, kpi.unit, say),
        "whole": _whole(whole, on),
        "whole_told": say.number(whole.value, kpi.unit),
        "compared": sum(each.standing.doubt is not None for each in groups),
        "lines": [line(each, kpi, on, look) for each in shown],
        "left": len(ordered) - len(shown),
        "more": look.view.with_rest(all="1").address,
    }


def line(group: Group, kpi: Kpi, on: Scale | None, look: Look) -> Mapping[str, Any]:
    """Write one line."""
    say, value, side = look.say, group.value, group.standing.side
    against = say.number(group.would, kpi.unit) if group.would is not None else ""
    return {
        "key": group.key,
        "name": group.name,
        "href": group.href,
        "rows": group.rows,
        "told": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "n": say.count(value.n),
        "reason": value.reason,
        "dot": drawn(value, on),
        "would": on.place(group.would) if on and group.would is not None else None,
        "would_told": against,
        "side": side.value,
        "mood": meaning(side, kpi).value,
        "verdict": told_side(side, look),
    }


def _whole(whole: Value, on: Scale | None) -> float | None:
    return on.place(whole.value) if on and whole.value is not None else None


def _groups(
    answer: Answer, kpi: Kpi, panel: Dots, would: Mapping[KeyValue, float], look: Look
) -> list[Group]:
    behind_it = only(replace(look, view=longer(look.view, panel.days)), panel.where)
    found = [
        Group(
            key=key,
            name=look.say.key(panel.by, key),
            href=_href(key, panel, look),
            value=value,
            rows=rows_href(behind_it, kpi.name, {panel.by: key}),
            would=would.get(key),
        )
        for row in answer.rows
        for key, value in ((row.keys[panel.by], row.values[kpi.name]),)
        if value.value is not None or value.n
    ]
    return judged(found, total(answer).values[kpi.name].value)


def _href(key: KeyValue, panel: Dots, look: Look) -> str:
    if panel.link and key is not None:
        return look.view.at(panel.link.format(key)).address
    return look.view.with_filter(panel.by, None if key is None else str(key)).address


def _place(group: Group, kpi: Kpi, order: Order) -> tuple[bool, Any]:
    value, key = group.value, group.key
    match order:
        case Order.KEY:
            return key is None, key if key is not None else ""
        case Order.SIZE:
            return key is None, -value.n
    return key is None or value.value is None, _counted_on(value, kpi)


def _counted_on(value: Value, kpi: Kpi) -> float:
    """Give the end of the interval that is the worse one, the best first when sorted."""
    if kpi.better.value == "lower":
        end = value.high if value.high is not None else value.value
        return end or 0.0
    end = value.low if value.low is not None else value.value
    return -(end or 0.0)


def behind(groups: Sequence[Group], kpi: Kpi, heading: str, look: Look) -> Behind:
    """Write the same as a table of words."""
    say = look.say
    return Behind(
        headings=(
            heading,
            say.title(kpi),
            say.t("ui.interval"),
            say.t("ui.n"),
            say.t("boards.own_mix_short"),
            say.t("boards.sure"),
        ),
        rows=[
            (
                each.name,
                say.number(each.value.value, kpi.unit),
                say.interval(each.value, kpi.unit),
                say.count(each.value.n),
                "" if each.would is None else say.number(each.would, kpi.unit),
                told_side(each.standing.side, look),
            )
            for each in groups
        ],
    )


def told_side(side: Side, look: Look) -> str:
    """Say where a value stands; nothing where that is not known."""
    return "" if side is Side.UNKNOWN else look.say.t(f"boards.side.{side.value}")


def picture(groups: Sequence[Group], whole: Value, kpi: Kpi, look: Look) -> Mapping[str, Any]:
    """Draw the same as a chart, for pictures and reports."""
    say = look.say
    points = [
        {
            "name": each.name,
            "value": each.value.value,
            "low": each.value.low,
            "high": each.value.high,
            "told": say.number(each.value.value, kpi.unit),
            "interval": say.interval(each.value, kpi.unit),
        }
        for each in groups
        if each.value.value is not None
    ]
    number = value_axis(points, kpi.unit, say, ("value", "low", "high"))
    x = encode("value", "quantitative", axis=number, scale={"zero": False})
    y = encode("name", "nominal", sort=[point["name"] for point in points])
    hints = [
        {"field": "name", "title": " "},
        {"field": "told", "title": say.title(kpi)},
        {"field": "interval", "title": say.t("ui.interval")},
    ]
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule"},
            "encoding": {
                "x": encode("low", "quantitative", axis=number, scale={"zero": False}),
                "x2": {"field": "high"},
                "y": y,
            },
        },
        {
            "mark": {"type": "point", "style": "main", "size": 60},
            "encoding": {"x": x, "y": y, "tooltip": hints},
        },
    ]
    if whole.value is not None:
        layers.append(
            {
                "data": {"values": [{"value": whole.value}]},
                "mark": {"type": "rule", "style": "whole"},
                "encoding": {"x": x},
            }
        )
    return chart(max(120, 24 * len(points)), data={"values": points}, layer=layers)
