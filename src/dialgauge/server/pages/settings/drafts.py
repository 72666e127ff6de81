"""What did someone type into a form, and can it be?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from pydantic import BaseModel

from dialgauge.asking import day
from dialgauge.catalogue.user import extend
from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Period, Question
from dialgauge.model.segment import Segment
from dialgauge.model.target import Target
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.planner import plan
from dialgauge.store.decided import segments_yaml
from dialgauge.targets import listed

FILE = "the segment"
"""Under which name messages speak of what was typed."""

_LONGEST = 100
_PER_CENT = ("%", "\uff05")  # as keyboards in Chinese write it, too
_COUNTED = ("dials", "leads_created", "new_customers", "orders", "agent_hours", "cost")


class TargetForm(BaseModel):
    """What was typed of a target.

    Attributes:
        was: The name of the one that is changed; empty for a new one.
        name: Its name.
        kpi: The KPI's name.
        value: What shall be reached, as the reader's language writes numbers.
        scope: Where, as a condition.
        starts_on: The first day.
        ends_on: The last day, included.
    """

    was: str = ""
    name: str = ""
    kpi: str = ""
    value: str = ""
    scope: str = ""
    starts_on: str = ""
    ends_on: str = ""


class SegmentForm(BaseModel):
    """What was typed of a segment.

    Attributes:
        was: The name of the one that is changed; empty for a new one.
        name: Its name.
        group: The groups' names.
        where: Their conditions, in the same order.
        otherwise: The group of whatever fits none.
        do: `look` shows its sizes, `more` gives more lines, `keep` keeps it.
    """

    was: str = ""
    name: str = ""
    group: list[str] = []
    where: list[str] = []
    otherwise: str = ""
    do: str = "look"


def target(of: TargetForm, gauge: Gauge, language: str) -> Target:
    """Read a target that can be judged.

    Args:
        of: What was typed.
        gauge: Whose words count.
        language: How numbers are written.

    Raises:
        UsageError: Something cannot be; the sentence says what is allowed.
    """
    name = " ".join(of.name.split())
    if not 1 <= len(name) <= _LONGEST:
        raise UsageError(f"give the target a name of 1 to {_LONGEST} characters")
    if name != of.was and any(each.target_id == name for each in listed(gauge)):
        raise UsageError(f"there is a target '{name}' already; choose another name, or change it")
    kpi = gauge.words.kpi(of.kpi.strip())
    wish = number(of.value, kpi.unit, language)
    first, last = (
        day(of.starts_on.strip(), "the first day"),
        day(of.ends_on.strip(), "the last day"),
    )
    if first is None or last is None:
        raise UsageError("a target needs a first and a last day, such as 2026-01-01 and 2026-01-31")
    if last < first:
        raise UsageError(f"the target ends on {last}, before it starts on {first}; mend its days")
    made = Target(
        target_id=name,
        kpi=kpi.name,
        value=wish,
        scope=of.scope.strip(),
        starts_on=first,
        ends_on=last,
    )
    need_askable(made, gauge.words, gauge.clock())
    return made


def need_askable(of: Target, words: Vocabulary, now: dt.datetime) -> None:
    """Refuse a target whose scope its KPI cannot be asked for.

    Raises:
        UsageError: It cannot be asked.
    """
    if of.kpi is None or of.starts_on is None or of.ends_on is None:
        return
    asked = Question(
        kpis=(of.kpi,),
        where=(of.scope,) if of.scope else (),
        period=Period(of.starts_on, of.ends_on + dt.timedelta(days=1)),
    )
    plan(asked, words, now=now)


def number(text: str, unit: Unit, language: str) -> float:
    """Read a number as a language writes it; shares as 20 % or 0.2.

    Raises:
        UsageError: It is not a number, or a share above 1 without a per cent sign.

    Example:
        >>> number("12,5 %", Unit.SHARE, "ru"), number("1,200", Unit.COUNT, "en")
        (0.125, 1200.0)
    """
    plain = text.strip()
    per_cent = plain.endswith(_PER_CENT)
    try:
        found = float(
            parse_decimal(plain.rstrip("".join(_PER_CENT)).strip(), locale=language, strict=True)
        )
    except NumberFormatError:
        found = math.nan
    if not math.isfinite(found):
        raise UsageError(f"'{text}' is not a number; write for example 1200, 0.2 or 20 %")
    if per_cent and unit is not Unit.SHARE:
        raise UsageError(f"'{text}' is a share, and the KPI is none; write the number without %")
    if unit is Unit.SHARE and not per_cent and abs(found) > 1:
        raise UsageError(f"the KPI is a share; write {text} % or a number from 0 to 1")
    return found / 100 if per_cent else found


def written(value: float, language: str) -> str:
    """Write a number so that `number` reads it again.

    Example:
        >>> written(1200.5, "ru"), number(written(1200.5, "ru"), Unit.COUNT, "ru")
        ('1200,5', 1200.5)
    """
    return format_decimal(Decimal(repr(round(value, 10))), "0.##########", locale=language)


def segment(of: SegmentForm) -> Segment:
    """Read a segment as it was typed; whether it can be is for `with_segment` to say.

    Raises:
        UsageError: A line is half empty, or there is none.

    Example:
        >>> typed = SegmentForm(name="half", group=["am", ""], where=["hour < 12", ""])
        >>> segment(typed)
        Segment(name='half', rules=(('am', 'hour < 12'),), otherwise='other')
    """
    name = of.name.strip()
    if not name:
        raise UsageError("give the segment a name, such as size_class")
    rules = []
    for place, (group, where) in enumerate(lines(of), start=1):
        if not group and not where:
            continue
        if not group or not where:
            raise UsageError(f"line {place} needs both a group's name and a condition")
        rules.append((group, where))
    if not rules:
        raise UsageError("a segment needs at least one line with a group's name and a condition")
    return Segment(name=name, rules=tuple(rules), otherwise=of.otherwise.strip() or "other")


def lines(of: SegmentForm) -> list[tuple[str, str]]:
    """Pair groups with their conditions, empty lines included."""
    many = max(len(of.group), len(of.where))
    groups = [*of.group, *[""] * (many - len(of.group))]
    wheres = [*of.where, *[""] * (many - len(of.where))]
    return [(g.strip(), w.strip()) for g, w in zip(groups, wheres, strict=True)]


def with_segment(
    words: Vocabulary, kept: Iterable[Segment], draft: Segment | None, without: str = ""
) -> Vocabulary:
    """Give the words as they would be with a segment.

    Args:
        words: The words of the lake's own files.
        kept: The segments that were made in the dashboard.
        draft: The new one; None to only take one away.
        without: The one it takes the place of.

    Raises:
        UsageError: It cannot be: its name is taken, a condition means nothing, it contradicts.
    """
    others = [each for each in kept if each.name != without]
    if draft is not None:
        if draft.name in words.segments or any(each.name == draft.name for each in others):
            raise UsageError(f"there is a segment '{draft.name}' already; choose another name")
        others.append(draft)
    return extend(words, {FILE: segments_yaml(tuple(others))}) if others else words


def need_same_targets(gauge: Gauge, words: Vocabulary) -> None:
    """Refuse to take away what targets speak of.

    Args:
        gauge: Answers with the words of now.
        words: The words as they would be.

    Raises:
        UsageError: A target that can be asked now could be asked no longer.
    """
    for each in listed(gauge):
        try:
            need_askable(each, gauge.words, gauge.clock())
        except UsageError:
            continue
        try:
            need_askable(each, words, gauge.clock())
        except UsageError as error:
            raise UsageError(
                f"the target '{each.target_id}' could not be judged any more: {error}; change or "
                "remove the target first"
            ) from error


def sizes(gauge: Gauge, words: Vocabulary, name: str) -> list[tuple[str, list[tuple[str, float]]]]:
    """Count what falls into each group of a segment.

    Args:
        gauge: Answers under the reader's row rules.
        words: The words with the segment.
        name: The segment.

    Returns:
        KPI name to the groups with their counts, for each table that has what the segment reads.
    """
    asking = replace(gauge, words=words)
    found = []
    for kpi in _COUNTED:
        asked = Question(kpis=(kpi,), by=(name,), totals=False)
        if kpi not in words.kpis or asking.refusal(asked):
            continue
        rows = asking.ask(asked).rows
        groups = [(str(row.keys[name]), row.values[kpi].value or 0.0) for row in rows]
        found.append((kpi, groups))
    return found
