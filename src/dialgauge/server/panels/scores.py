"""How does one agent do, beside their own past, their team and their targets?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.errors import UsageError
from dialgauge.model.answer import Answer, Value
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.target import Target
from dialgauge.server.panels.dots import told_side
from dialgauge.server.panels.drill import rows_href
from dialgauge.server.panels.grains import fine_grain
from dialgauge.server.panels.hints import within
from dialgauge.server.panels.mood import turn
from dialgauge.server.panels.panel import Look, Shown, ask_able, total
from dialgauge.server.panels.spark import spark
from dialgauge.server.panels.standing import Standing, meaning, of_own_mix, standings
from dialgauge.server.view import View, is_one_of

_SUMS = (Unit.COUNT, Unit.MONEY, Unit.HOURS)
"""What grows with the number of people: a team's is not one agent's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """An agent's score card.

    Attributes:
        agent: Whose.
        kpis: One a line.
        mixed: Those of them that are also held against what the agent's own campaigns would give.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "scores"
    agent: str
    kpis: tuple[str, ...]
    mixed: tuple[str, ...] = ()
    title: str = "boards.score_card"
    name: str = "scores"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask for the agent now, before and over time; for the team; and for the campaigns."""
        say = look.say
        alone = within(look, "agent", self.agent)
        own, refused = ask_able(
            look.gauge, alone.view.question(*self.kpis, compared=look.view.versus)
        )
        kpis = [look.gauge.words.kpis[name] for name in own.question.kpis]
        values = total(own).values
        if not any(value.n for value in values.values()):
            # Nothing tells whether there is such an agent: their name is not the reader's to see.
            return Shown(title=say.t(self.title), face={"lines": []})
        names = [kpi.name for kpi in kpis]
        grain = look.view.grain or fine_grain(look.view.period)
        course = look.gauge.ask(alone.view.question(*names, grain=grain))
        teams = look.gauge.ask(alone.view.question("dials", by=("team",)))
        team = [str(key) for row in teams.rows if (key := row.keys["team"]) and _n(row.values)]
        answers = {"own": own, "course": course, "team": _team(team, names, look)}
        would = self._would(look, answers)
        beside = total(answers["team"]).values
        others = beside["dials"].n > total(teams).values["dials"].n
        against = {
            name: would.get(name, beside[name].value) if others and _ratio(name, look) else None
            for name in names
        }
        found = standings([values[name] for name in names], [against[name] for name in names])
        targets = _targets(look, self.agent, team)
        lines = [
            {
                **_line(kpi, values[kpi.name], standing, course, alone),
                "team": _told(beside[kpi.name], kpi, look) if others else "",
                "would": say.number(would.get(kpi.name), kpi.unit) if kpi.name in would else "",
                "target": _target(targets, kpi, look),
            }
            for kpi, standing in zip(kpis, found, strict=True)
        ]
        return Shown(
            title=say.t(self.title),
            subtitle=", ".join(say.key("team", each) for each in team),
            answers=answers,
            face={
                "lines": lines,
                "others": others,
                "mixed": bool(would) and others,
                "targets": any(each["target"] for each in lines),
                "compared": look.view.versus is not None,
            },
            data={"left_out": dict(refused)},
            notes=own.notes,
        )

    def _would(self, look: Look, answers: dict[str, Answer]) -> Mapping[str, float]:
        """Say what the agent's own campaigns would give, KPI by KPI."""
        kept = [name for name in self.mixed if name in answers["own"].question.kpis]
        if not kept:
            return {}
        everyone = look.view.with_filter("agent")
        mixed = look.gauge.ask(everyone.question(*kept, by=("agent", "campaign")))
        answers["mix"] = mixed
        found = {name: of_own_mix(mixed, name, "agent", "campaign") for name in kept}
        return {name: each[self.agent] for name, each in found.items() if self.agent in each}


def _n(values: Mapping[str, Value]) -> int:
    return max(value.n for value in values.values())


def _ratio(name: str, look: Look) -> bool:
    return look.gauge.words.kpis[name].unit not in _SUMS


def _team(team: Sequence[str], kpis: Sequence[str], look: Look) -> Answer:
    view: View = look.view.with_filter("agent")
    names = tuple(dict.fromkeys(("dials", *kpis)))
    answer, _ = ask_able(
        look.gauge, (view.with_filter("team", *team) if team else view).question(*names)
    )
    return answer


def _told(value: Value, kpi: Kpi, look: Look) -> str:
    return "" if kpi.unit in _SUMS else look.say.number(value.value, kpi.unit)


def _line(kpi: Kpi, value: Value, standing: Standing, course: Answer, look: Look) -> dict[str, Any]:
    say = look.say
    side = standing.side
    return {
        "kpi": kpi.name,
        "title": say.title(kpi),
        "meaning": say.texts.kpi(kpi, "definition"),
        "rows": rows_href(look, kpi.name),
        "told": say.number(value.value, kpi.unit),
        "interval": say.interval(value, kpi.unit),
        "reason": value.reason,
        "n": say.count(value.n),
        "turn": turn(value, kpi, say),
        "spark": spark([row.values[kpi.name].value for row in course.rows]),
        "side": side.value,
        "mood": meaning(side, kpi).value,
        "verdict": told_side(side, look),
    }


def _targets(look: Look, agent: str, team: Sequence[str]) -> Sequence[Target]:
    """List the targets that are about this agent: for all, their team, or themselves."""
    own = {"", is_one_of("agent", (agent,)), *(is_one_of("team", (each,)) for each in team)}
    try:
        found = look.gauge.targets(timezone=look.view.timezone)
    except UsageError:
        return ()
    return [each.target for each in found if _plain(each.target.scope) in own]


def _plain(scope: str) -> str:
    return " ".join(scope.split())


def _target(targets: Sequence[Target], kpi: Kpi, look: Look) -> str:
    """Say what should be reached now: the agent's own before the team's before everybody's."""
    period, said = look.view.period, ""
    best = -1
    for each in targets:
        if each.kpi != kpi.name or each.value is None:
            continue
        weight = 2 if "agent" in each.scope else 1 if each.scope else 0
        if kpi.unit in _SUMS and weight < 2:
            continue
        after = each.starts_on and period.end and each.starts_on >= period.end
        before = each.ends_on and period.start and each.ends_on < period.start
        if after or before or weight <= best:
            continue
        best, said = weight, look.say.number(each.value, kpi.unit)
    return said
