"""Which target is a number on a page held against?

A target belongs to a number when it is about the same KPI and the same part of the company, and
its days hold the last one that is shown. Who sees only some rows is shown only targets that are
about those: another's target cannot be told from their rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.expression import And, Expression, Or
from dialgauge.model.kpi import Kpi
from dialgauge.model.parse import parse
from dialgauge.model.target import Status, Target, TargetStatus
from dialgauge.server.panels.panel import Look
from dialgauge.server.view import View
from dialgauge.targets import listed, status_of

SIGNS: Mapping[Status, str] = {
    Status.REACHED: "✓",
    Status.ON_TRACK: "●",
    Status.AT_RISK: "▲",
    Status.MISSED: "✕",
    Status.NOT_STARTED: "○",
    Status.UNKNOWN: "?",
}
"""How a status looks beside its word: colour is never the only sign."""

MOODS: Mapping[Status, str] = {
    Status.REACHED: "good",
    Status.ON_TRACK: "good",
    Status.AT_RISK: "warn",
    Status.MISSED: "bad",
    Status.NOT_STARTED: "flat",
    Status.UNKNOWN: "flat",
}
"""Which colour it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a number stands against its target.

    Attributes:
        name: The target's name.
        state: The status, as programs read it.
        sign: A sign of its status.
        mood: good, warn, bad or flat.
        status: The status in words.
        target: The target's value in words.
        until: Its last day in words.
        told: The whole sentence.
        href: Where the target stands.
    """

    name: str
    state: str
    sign: str
    mood: str
    status: str
    target: str
    until: str
    told: str
    href: str


def marks(look: Look, kpis: Sequence[str]) -> Mapping[str, Mark]:
    """Judge the targets that numbers of a page are held against.

    Args:
        look: Who looks at what.
        kpis: The KPIs that are shown.

    Returns:
        KPI name to its mark; nothing for KPIs without a target. Of several targets the one of
        the fewest days counts.
    """
    found: dict[str, Mark] = {}
    day = last_day(look.view, look.gauge)
    known = [each for each in listed(look.gauge) if each.kpi in kpis]
    for target in sorted(known, key=_days):
        kpi = look.gauge.words.kpis.get(target.kpi or "")
        if kpi and kpi.name not in found and belongs(target, day, look.view, look.gauge.guard):
            judged = status_of(target, look.gauge, look.gauge.clock(), look.view.timezone)
            found[kpi.name] = mark(judged, kpi, look)
    return found


def mark(judged: TargetStatus, kpi: Kpi, look: Look) -> Mark:
    """Say how a number stands against a target."""
    say, target = look.say, judged.target
    status = say.t(f"target.{judged.status.value}")
    wish = say.number(target.value, kpi.unit)
    return Mark(
        name=target.target_id,
        state=judged.status.value,
        sign=SIGNS[judged.status],
        mood=MOODS[judged.status],
        status=status,
        target=say.t("targets.of", value=wish),
        until=say.t("say.until", day=say.short_day(target.ends_on)) if target.ends_on else "",
        told=say.t("targets.told", target=target.target_id, value=wish, status=status),
        href=look.view.at("/targets").address,
    )


def belongs(target: Target, day: dt.date, view: View, guard: Iterable[str]) -> bool:
    """Tell whether a target is about what a view shows."""
    if target.starts_on is None or target.ends_on is None:
        return False
    if not target.starts_on <= day <= target.ends_on or not within(target.scope, guard):
        return False
    own = branches(guard)
    return parts((target.scope,)) - own == parts(view.conditions) - own


def within(scope: str, guard: Iterable[str]) -> bool:
    """Tell whether a target's scope holds no more than someone may see.

    Args:
        scope: The target's condition; empty for everything.
        guard: The row rules; none for who may see everything.

    Example:
        >>> guard = ("team = 'Alder' or team = 'Elm'",)
        >>> within("team = 'Elm' and hour < 12", guard), within("", guard), within("", ())
        (True, False, True)
    """
    rules = [rule for rule in guard if rule]
    if not rules:
        return True
    said = parts((scope,))
    return all(said & branches((rule,)) for rule in rules)


def parts(conditions: Iterable[str]) -> frozenset[Expression]:
    """Take conditions apart at each `and`; nothing of one that cannot be read.

    Example:
        >>> parts(("team = 'Elm'", "hour < 12")) == parts(("hour < 12 and team='Elm'",))
        True
    """
    found: set[Expression] = set()
    for text in conditions:
        if not text.strip():
            continue
        try:
            read = parse(text)
        except UsageError:
            continue
        found.update(read.operands if isinstance(read, And) else (read,))
    return frozenset(found)


def branches(guard: Iterable[str]) -> frozenset[Expression]:
    """Give row rules, and each of what they allow one of."""
    rules = parts(guard)
    each = {one for rule in rules if isinstance(rule, Or) for one in rule.operands}
    return rules | each


def last_day(view: View, gauge: Gauge) -> dt.date:
    """Give the last day that a view shows; today where it has no end."""
    if view.period.end is not None:
        return view.period.end - dt.timedelta(days=1)
    return gauge.clock().astimezone(ZoneInfo(view.timezone)).date()


def _days(target: Target) -> int:
    if target.starts_on is None or target.ends_on is None:
        return 0
    return (target.ends_on - target.starts_on).days
