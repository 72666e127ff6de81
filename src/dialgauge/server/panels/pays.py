"""Where does the next unit of money go? Groups by the return that is sure."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import Answer, KeyValue, Row, Value
from dialgauge.model.kpi import Unit
from dialgauge.server.panels.panel import Behind, Look, Shown, total


class Verdict(enum.Enum):
    """What the interval of a return says."""

    PAYS = "pays"  # even its low end is above 0
    OPEN = "open"  # 0 is inside
    LOSES = "loses"  # even its high end is below 0
    UNKNOWN = "unknown"  # there is no interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Pays:
    """Groups of a dimension by the low end of their return on investment.

    Attributes:
        by: The dimension.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "pays"
    by: str = "lead_source"
    title: str = "money.pays"
    name: str = "pays"
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Ask revenue, cost and return of each group that cost something."""
        view, say = look.view, look.say
        answer = look.gauge.ask(view.question("roi", "revenue", "cost", by=(self.by,)))
        rows = ranked(answer, self.by)
        values = [row.values["roi"] for row in rows]
        scale = _Scale.over(values)
        names = [say.key(self.by, row.keys[self.by]) for row in rows]
        return Shown(
            title=say.t(self.title),
            subtitle=say.t("money.pays_by", dimension=say.texts.dimension(self.by)),
            answers={"pays": answer},
            data={"order": [row.keys[self.by] for row in rows]},
            face={
                "bars": [
                    self._bar(row, name, scale, look) for row, name in zip(rows, names, strict=True)
                ],
                "even": scale.at(0.0),
                "low_end": say.number(scale.low, Unit.RATIO),
                "high_end": say.number(scale.high, Unit.RATIO),
                "whole": say.number(total(answer).values["roi"].value, Unit.RATIO),
            },
            behind=Behind(
                headings=(
                    say.texts.dimension(self.by),
                    say.title(look.gauge.words.kpis["roi"]),
                    say.t("ui.interval"),
                    say.title(look.gauge.words.kpis["revenue"]),
                    say.title(look.gauge.words.kpis["cost"]),
                    say.t("money.verdict_heading"),
                ),
                rows=[
                    (
                        name,
                        say.number(value.value, Unit.RATIO),
                        say.interval(value, Unit.RATIO),
                        say.money(row.values["revenue"].value or 0.0),
                        say.money(row.values["cost"].value or 0.0),
                        say.t(f"money.verdict.{verdict(value).value}"),
                    )
                    for name, row, value in zip(names, rows, values, strict=True)
                ],
            ),
            notes=answer.notes,
        )

    def _bar(self, row: Row, name: str, scale: _Scale, look: Look) -> Mapping[str, Any]:
        say, value = look.say, row.values["roi"]
        group: KeyValue = row.keys[self.by]
        ends = [scale.at(end) for end in (value.low, value.high) if end is not None]
        return {
            "name": name,
            "href": look.view.with_filter(self.by, None if group is None else str(group)).address,
            "told": say.number(value.value, Unit.RATIO),
            "interval": say.interval(value, Unit.RATIO),
            "reason": value.reason,
            "dot": scale.at(value.value or 0.0),
            "from": ends[0] if len(ends) == 2 else None,
            "wide": round(ends[-1] - ends[0], 2) if len(ends) == 2 else 0.0,
            "cost": say.money(row.values["cost"].value or 0.0),
            "verdict": verdict(value).value,
        }


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a return stands between the lowest and the highest, in per cent of the width."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[Value]) -> _Scale:
        """Span all ends of intervals, and 0."""
        ends = [end for value in values for end in (value.low, value.high, value.value)]
        known = [end for end in ends if end is not None]
        low, high = min(0.0, *known, -1.0), max(0.0, *known, 0.0)
        return cls(low, high if high > low else low + 1.0)

    def at(self, value: float) -> float:
        return round(2 + 96 * (value - self.low) / (self.high - self.low), 2)


def verdict(value: Value) -> Verdict:
    """Say what is sure of a return.

    Example:
        >>> verdict(Value(value=0.4, low=-0.1, high=0.9)).value
        'open'
    """
    if value.low is None or value.high is None:
        return Verdict.UNKNOWN
    if value.low > 0:
        return Verdict.PAYS
    return Verdict.LOSES if value.high < 0 else Verdict.OPEN


def ranked(answer: Answer, by: str) -> list[Row]:
    """Order groups that cost something by the low end of their return; the unsure stand last.

    What is charged to no group is left out: no money can be given to it.
    """
    known = [
        row
        for row in answer.rows
        if row.keys[by] is not None
        and (row.values["cost"].value or 0.0) > 0
        and row.values["roi"].value is not None
    ]
    return sorted(known, key=_order)


def _order(row: Row) -> tuple[bool, float]:
    value = row.values["roi"]
    low = value.low if value.low is not None else value.value or 0.0
    return value.low is None, -low
