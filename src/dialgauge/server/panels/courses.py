"""How does each group go over time?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.answer import KeyValue, Row, Value
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Grain
from dialgauge.server.panels.dots import choices, only
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.grains import calm_grain
from dialgauge.server.panels.mood import turn
from dialgauge.server.panels.panel import Look, Shown, total
from dialgauge.server.panels.spark import on_one_scale

_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """A line for each group: its course, its value now, and how that changed.

    Attributes:
        kpi: Which, unless the address names another under this panel's name.
        by: The dimension.
        title: Key of its heading; empty for the dimension's own name.
        name: Its name on the page.
        choices: KPIs the reader may choose among.
        where: Conditions beside those of the page.
    """

    kind: ClassVar[str] = "courses"
    kpi: str
    by: str
    title: str = ""
    name: str = "courses"
    choices: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Ask the KPI for each group, now, before, and bucket by bucket."""
        view, say = look.view, look.say
        kpi = look.gauge.words.kpi(view.first(self.name) or self.kpi)
        asked = view.question(kpi.name, by=(self.by,), where=self.where, compared=view.versus)
        answer = look.gauge.ask(asked)
        grain = view.grain or calm_grain(view.period)
        course = look.gauge.ask(
            view.question(kpi.name, by=(self.by,), grain=grain, where=self.where)
        )
        buckets = list(dict.fromkeys(row.keys["period"] for row in course.rows))
        rows = sorted(answer.rows, key=lambda row: -row.values[kpi.name].n)[:_MOST]
        courses = [self._course(row, course.rows, buckets, kpi) for row in rows]
        behind_it = only(look, self.where)
        lines = [
            _line(row.keys[self.by], row.values[kpi.name], drawn, kpi, self.by, behind_it)
            for row, drawn in zip(rows, on_one_scale(courses), strict=True)
        ]
        return Shown(
            title=say.t(self.title) if self.title else say.texts.dimension(self.by),
            subtitle=say.t(f"panel.by_grain.{grain.value}"),
            answers={"now": answer, "course": course},
            face={
                "kpi": kpi.name,
                "choices": choices(self.choices, look),
                "heading": say.texts.dimension(self.by),
                "lines": lines,
                "compared": view.versus is not None,
                "total": _line(None, total(answer).values[kpi.name], [], kpi, self.by, look),
                "first": say.bucket(buckets[0], grain) if buckets else "",
                "last": say.bucket(buckets[-1], grain) if buckets else "",
                "left": len(answer.rows) - len(lines),
            },
            data={"grain": grain.value if isinstance(grain, Grain) else ""},
            notes=answer.notes,
        )

    def _course(
        self, row: Row, rows: Sequence[Row], buckets: Sequence[KeyValue], kpi: Kpi
    ) -> list[float | None]:
        mine = {
            each.keys["period"]: each.values[kpi.name].value
            for each in rows
            if each.keys[self.by] == row.keys[self.by]
        }
        return [mine.get(bucket) for bucket in buckets]


def _line(  # noqa: PLR0913, PLR0917 - what one line is made of
    key: KeyValue,
    value: Value,
    drawn: Sequence[str],
    kpi: Kpi,
    by: str,
    look: Look,
) -> Mapping[str, Any]:
    say = look.say
    return {
        "name": say.key(by, key),
        "href": look.view.with_filter(by, None if key is None else str(key)).address,
        "spark": drawn,
        "rows": rows_href(look, kpi.name, {by: key}) if drawn else "",
        "told": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "reason": value.reason,
        "n": say.count(value.n),
        "turn": turn(value, kpi, say),
    }
