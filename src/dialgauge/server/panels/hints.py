"""What should be done now, as far as the numbers allow to say so?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar, Protocol

from babel.lists import format_list

from dialgauge.errors import UsageError
from dialgauge.model.answer import Answer, KeyValue, Row
from dialgauge.model.kpi import Kpi
from dialgauge.server.panels.dots import longer
from dialgauge.server.panels.mood import Mood
from dialgauge.server.panels.panel import Look, Shown, total
from dialgauge.server.panels.standing import Side, meaning, of_own_mix, standings
from dialgauge.server.speech import Speech
from dialgauge.server.view import View

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One sentence about what to do.

    Attributes:
        text: The sentence, with its numbers.
        mood: Whether it is about something good or bad.
        href: Where to look or act; empty for nowhere.
    """

    text: str
    mood: Mood = Mood.FLAT
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What one rule found.

    Attributes:
        hints: Its sentences; none when there is nothing to say.
        answers: What it rests on, name to answer.
    """

    hints: Sequence[Hint] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)


class Rule(Protocol):
    """Something that may give advice."""

    def advise(self, look: Look) -> Advice:
        """Ask what it needs and say what follows.

        Raises:
            UsageError: It cannot be asked here; nothing is advised then.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Sentences that say what to do, each from a rule of its own.

    Attributes:
        rules: In order of weight.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "hints"
    rules: tuple[Rule, ...]
    title: str = "boards.what_to_do"
    name: str = "hints"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Gather the advice of all rules; one that cannot be asked stops no other."""
        found = [_advised(rule, look) for rule in self.rules]
        hints = [hint for each in found for hint in each.hints]
        answers = {
            f"{place}.{name}": answer
            for place, each in enumerate(found, 1)
            for name, answer in each.answers.items()
        }
        return Shown(
            title=look.say.t(self.title),
            answers=answers,
            face={"hints": hints},
            data={"hints": [{"text": each.text, "mood": each.mood.value} for each in hints]},
        )


def _advised(rule: Rule, look: Look) -> Advice:
    try:
        return rule.advise(look)
    except UsageError:
        return Advice()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandOut:
    """Names the groups that are surely better or worse than the whole.

    Attributes:
        kpi: By which KPI.
        by: Groups of these dimensions, taken together.
        best: Key of the sentence about the better ones; empty to say nothing of them.
        worst: Key of the sentence about the worse ones.
        none: Key of the sentence when no group can be told from chance.
        where: Conditions beside those of the page.
        link: Where the first named group leads; to the page filtered by it, by default.
        mix: Each group is held against what its own shares of this dimension would give.
        most: So many groups are named on each side.
    """

    kpi: str
    by: tuple[str, ...]
    best: str = ""
    worst: str = ""
    none: str = ""
    where: tuple[str, ...] = ()
    link: str = ""
    mix: str = ""
    most: int = MOST_NAMED

    def advise(self, look: Look) -> Advice:
        """Judge all groups together and name up to three on each side."""
        kpi = look.gauge.words.kpi(self.kpi)
        answer = look.gauge.ask(look.view.question(kpi.name, by=self.by, where=self.where))
        answers = {kpi.name: answer}
        would: Mapping[KeyValue, float] = {}
        if self.mix:
            by = (*self.by, self.mix)
            answers["mix"] = look.gauge.ask(look.view.question(kpi.name, by=by, where=self.where))
            would = of_own_mix(answers["mix"], kpi.name, self.by[0], self.mix)
        good, bad, able = sides(answer, kpi, self.by, would)
        hints = []
        for rows, key, mood in ((good, self.best, Mood.GOOD), (bad, self.worst, Mood.BAD)):
            if rows and key:
                text = look.say.t(key, **self._told(rows, kpi, answer, look))
                hints.append(Hint(text=text, mood=mood, href=self._href(rows[0], look.view)))
        if self.none and able > 1 and not hints:
            whole = total(answer).values[kpi.name]
            hints.append(
                Hint(
                    text=look.say.t(
                        self.none,
                        kpi=look.say.title(kpi),
                        whole=look.say.number(whole.value, kpi.unit),
                        count=able,
                    )
                )
            )
        return Advice(hints=hints, answers=answers)

    def _told(
        self, rows: Sequence[Row], kpi: Kpi, answer: Answer, look: Look
    ) -> Mapping[str, object]:
        say = look.say
        named = [
            f"{say_keys(row, self.by, say)} ({say.number(row.values[kpi.name].value, kpi.unit)})"
            for row in rows[: self.most]
        ]
        if len(rows) > self.most:
            named.append(say.t("boards.more", count=len(rows) - self.most))
        return {
            "groups": listed(named, say),
            "kpi": say.title(kpi),
            "whole": say.number(total(answer).values[kpi.name].value, kpi.unit),
        }

    def _href(self, row: Row, view: View) -> str:
        if self.link:
            return view.at(self.link.format(row.keys[self.by[0]])).address
        for name in self.by:
            view = view.with_filter(name, str(row.keys[name]))
        return view.address


def sides(
    answer: Answer,
    kpi: Kpi,
    by: Sequence[str],
    would: Mapping[KeyValue, float] = MappingProxyType({}),
) -> tuple[list[Row], list[Row], int]:
    """Find the groups that are surely better and surely worse than the whole.

    Args:
        answer: The KPI by the dimensions, with its total.
        kpi: Must have a good side.
        by: The dimensions; rows of which any is unknown are not judged.
        would: For groups of the first dimension, what they are held against in place of the whole.

    Returns:
        The better ones, the best first; the worse ones, the worst first; how many were judged.
    """
    rows = [row for row in answer.rows if all(row.keys[name] is not None for name in by)]
    whole = total(answer).values[kpi.name].value
    against = [would.get(row.keys[by[0]], whole) for row in rows]
    found = standings([row.values[kpi.name] for row in rows], against)
    good = [r for r, s in zip(rows, found, strict=True) if meaning(s.side, kpi) is Mood.GOOD]
    bad = [r for r, s in zip(rows, found, strict=True) if meaning(s.side, kpi) is Mood.BAD]

    def gap(row: Row) -> float:
        return -abs((row.values[kpi.name].value or 0.0) - (whole or 0.0))

    able = sum(each.side not in (Side.FEW, Side.UNKNOWN) for each in found)
    return sorted(good, key=gap), sorted(bad, key=gap), able


@dataclass(frozen=True, slots=True, kw_only=True)
class Losing:
    """Names the groups whose KPI surely lies on the wrong side of a fixed number.

    Attributes:
        kpi: Such as the return on investment.
        by: The dimension of the groups.
        limit: The number, such as 0.
        below: Key of the sentence about those surely below.
    """

    kpi: str
    by: str
    limit: float
    below: str

    def advise(self, look: Look) -> Advice:
        """Find groups whose whole interval lies below the number."""
        kpi = look.gauge.words.kpi(self.kpi)
        answer = look.gauge.ask(look.view.question(kpi.name, by=(self.by,)))
        shifted = [row for row in answer.rows if row.keys[self.by] is not None]
        found = standings([row.values[kpi.name] for row in shifted], [self.limit] * len(shifted))
        rows = [row for row, each in zip(shifted, found, strict=True) if each.side is Side.BELOW]
        hints = []
        for row in sorted(rows, key=lambda row: row.values[kpi.name].value or 0.0)[:MOST_NAMED]:
            value, name = row.values[kpi.name], look.say.key(self.by, row.keys[self.by])
            text = look.say.t(
                self.below,
                group=name,
                value=look.say.number(value.value, kpi.unit),
                interval=look.say.interval(value, kpi.unit),
            )
            href = look.view.with_filter(self.by, str(row.keys[self.by])).address
            hints.append(Hint(text=text, mood=Mood.BAD, href=href))
        return Advice(hints=hints, answers={kpi.name: answer})


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Says what is known beforehand.

    Attributes:
        key: Key of the sentence.
        path: Where it leads; empty for nowhere.
    """

    key: str
    path: str = ""

    def advise(self, look: Look) -> Advice:
        """Say it."""
        href = look.view.at(self.path).address if self.path else ""
        return Advice(hints=[Hint(text=look.say.t(self.key), href=href)])


@dataclass(frozen=True, slots=True, kw_only=True)
class For:
    """Lets a rule look at one group only.

    Attributes:
        dimension: Of which dimension.
        group: Which group.
        rule: What is said of it.
        days: Look at so many days up to the end of the page's; 0 for the page's own days.
    """

    dimension: str
    group: str
    rule: Rule
    days: int = 0

    def advise(self, look: Look) -> Advice:
        """Advise about that group."""
        alone = within(look, self.dimension, self.group)
        return self.rule.advise(replace(alone, view=longer(alone.view, self.days)))


def within(look: Look, dimension: str, group: str) -> Look:
    """Look at one group of a dimension only."""
    return replace(look, view=look.view.with_filter(dimension, group))


def say_keys(row: Row, by: Sequence[str], say: Speech) -> str:
    """Name a group of several dimensions."""
    return " ".join(say.key(name, row.keys[name]) for name in by)


def listed(parts: Sequence[str], say: Speech) -> str:
    """Write a list as the language does.

    Example:
        >>> from dialgauge.server.speech import speech
        >>> listed(["a", "b", "c"], speech("en")), listed(["a", "b"], speech("ru"))
        ('a, b, and c', 'a и b')
    """
    return format_list(list(parts), locale=say.locale)
