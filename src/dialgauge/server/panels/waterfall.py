"""What is left of what we sold, when every kind of cost is paid?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Value
from dialgauge.model.kpi import Unit
from dialgauge.server.charts.theme import chart, encode
from dialgauge.server.panels.panel import Behind, Look, Shown, total
from dialgauge.tables.costs import COST_CATEGORIES

WHOLE, PART, GAIN, LOSS = "whole", "part", "gain", "loss"
_CENT = 0.005
_ROOM = 0.5  # of the bars, for the numbers behind them: a phone has little


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar between what comes in and what is left.

    Attributes:
        name: `revenue`, a kind of cost, `unsaid` for cost without a kind, or `return`.
        amount: What it adds, or takes away when it is negative.
        low: Where its bar begins.
        high: Where it ends.
        kind: WHOLE, PART, GAIN or LOSS.
    """

    name: str
    amount: float
    low: float
    high: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Revenue, less each kind of cost, down to the return.

    Attributes:
        title: Key of its heading; `roi` is filled in.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "waterfall"
    title: str = "money.waterfall"
    name: str = "waterfall"
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Ask revenue, cost and its kinds at once."""
        view, say = look.view, look.say
        kinds = [name for name in COST_CATEGORIES if f"cost_{name}" in look.gauge.words.kpis]
        answer = look.gauge.ask(
            view.question("revenue", "cost", "roi", *(f"cost_{kind}" for kind in kinds))
        )
        values = total(answer).values
        parts = [(kind, _number(values[f"cost_{kind}"])) for kind in kinds]
        found = steps(_number(values["revenue"]), _number(values["cost"]), parts)
        roi = say.number(values["roi"].value, Unit.RATIO)
        return Shown(
            title=say.t(self.title, roi=roi),
            subtitle=say.interval(values["roi"], Unit.RATIO),
            answers={"return": answer},
            data={"steps": [_step_json(step) for step in found]},
            chart=_drawn(found, look),
            behind=_behind(found, look),
            notes=answer.notes,
        )


def steps(revenue: float, cost: float, parts: Sequence[tuple[str, float]]) -> list[Step]:
    """Go from revenue down to the return; the bars add up to it, to the cent.

    Args:
        revenue: What came in.
        cost: All cost.
        parts: Kind of cost to its amount; kinds without any are left out.

    Returns:
        Revenue, each kind of cost with the largest first, what is left of the cost when the kinds
        are taken off, and the return, which is revenue less cost.

    Example:
        >>> [(step.name, step.amount, step.low) for step in steps(200.0, 50.0, [("labour", 50.0)])]
        [('revenue', 200.0, 0.0), ('labour', -50.0, 150.0), ('return', 150.0, 0.0)]
    """
    found = [Step(name="revenue", amount=revenue, low=0.0, high=revenue, kind=WHOLE)]
    rest = cost - sum(amount for _, amount in parts)
    ordered = sorted(parts, key=lambda part: -part[1])
    left = revenue
    for name, amount in (*ordered, ("unsaid", rest)):
        if abs(amount) < _CENT:
            continue
        ends = sorted((left, left - amount))
        found.append(Step(name=name, amount=-amount, low=ends[0], high=ends[1], kind=PART))
        left -= amount
    back = revenue - cost
    kind = LOSS if back < 0 else GAIN
    found.append(
        Step(name="return", amount=back, low=min(back, 0.0), high=max(back, 0.0), kind=kind)
    )
    return found


def _number(value: Value) -> float:
    return value.value or 0.0


def _name(step: Step, look: Look) -> str:
    if step.name in COST_CATEGORIES:
        return look.say.key("cost_category", step.name)
    return look.say.t(f"money.step.{step.name}")


def _told(step: Step, look: Look) -> str:
    said = look.say.money(abs(step.amount))
    return f"\u2212{said}" if step.amount < 0 else said


def _share(step: Step, all_steps: Sequence[Step], look: Look) -> str:
    revenue = all_steps[0].amount
    return look.say.share(abs(step.amount) / revenue) if revenue > 0 else ""


def _drawn(found: Sequence[Step], look: Look) -> Mapping[str, Any]:
    say = look.say
    points = [
        {
            "name": _name(step, look),
            "low": step.low,
            "high": step.high,
            "kind": step.kind,
            "told": _told(step, look),
            "share": _share(step, found, look),
        }
        for step in found
    ]
    low = min(step.low for step in found)
    high = max(step.high for step in found)
    y = encode(
        "name",
        "ordinal",
        sort=[point["name"] for point in points],
        axis={"labelLimit": 120, "labelFontSize": 12},
    )
    scale = {"domain": [low, high + (high - low) * _ROOM], "nice": False}
    x = encode("low", "quantitative", axis=None, scale=scale)
    hints = [
        {"field": "name", "title": " "},
        {"field": "told", "title": say.t("money.amount")},
        {"field": "share", "title": say.t("money.of_revenue")},
    ]
    styles: Mapping[str, Mapping[str, Any]] = {
        WHOLE: {},
        PART: {"style": "quiet"},
        GAIN: {"style": "good"},
        LOSS: {"style": "bad"},
    }
    bars: list[dict[str, Any]] = [
        {
            "transform": [{"filter": f"datum.kind == '{kind}'"}],
            "mark": {"type": "bar", "height": {"band": 0.66}, **style},
            "encoding": {"x": x, "x2": {"field": "high"}, "y": y, "tooltip": hints},
        }
        for kind, style in styles.items()
        if any(step.kind == kind for step in found)
    ]
    words = {
        "mark": {"type": "text", "align": "left", "dx": 7, "fontSize": 12},
        "encoding": {
            "x": encode("high", "quantitative", axis=None, scale=scale),
            "y": y,
            "text": {"field": "told"},
        },
    }
    return chart(300 if len(points) < 9 else 360, data={"values": points}, layer=[*bars, words])


def _behind(found: Sequence[Step], look: Look) -> Behind:
    say = look.say
    return Behind(
        headings=(say.t("money.item"), say.t("money.amount"), say.t("money.of_revenue")),
        rows=[(_name(step, look), _told(step, look), _share(step, found, look)) for step in found],
    )


def _step_json(step: Step) -> Mapping[str, Any]:
    return {"name": step.name, "amount": step.amount, "low": step.low, "high": step.high}
