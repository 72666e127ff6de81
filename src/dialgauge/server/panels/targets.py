"""Will we get where we want to? Every target, how it stands and where it heads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from dialgauge.analysis.pace import Pace, pace
from dialgauge.asking import moment
from dialgauge.errors import NoDataError
from dialgauge.model.answer import Change, Value
from dialgauge.model.kpi import Kpi
from dialgauge.model.target import Status, TargetStatus, targets_json
from dialgauge.plan.reading import read
from dialgauge.server.panels.marks import MOODS, SIGNS, within
from dialgauge.server.panels.panel import Behind, Look, Shown
from dialgauge.targets import listed, status_of

_RUNNING = (Status.AT_RISK, Status.MISSED, Status.UNKNOWN, Status.ON_TRACK, Status.REACHED)
_ROOM = 1.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """All targets, those that need someone first.

    Attributes:
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "targets"
    title: str = "targets.heading"
    name: str = "targets"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Judge each target as of now, or as of `as_of` in the address."""
        say, gauge = look.say, look.gauge
        known = listed(gauge)
        mine = [target for target in known if within(target.scope, gauge.guard)]
        if not known:
            raise NoDataError(
                "there are no targets; make some under Settings, or import them: "
                "dialgauge import files targets.csv --table targets"
            )
        at = moment(look.view.first("as_of") or None) or gauge.clock()
        zone = look.view.timezone
        found = sorted((status_of(each, gauge, at, zone) for each in mine), key=urgency)
        return Shown(
            title=say.t(self.title),
            subtitle=say.t("targets.as_of", moment=say.moment(at.astimezone(ZoneInfo(zone)))),
            data={"targets": targets_json(found)},
            face={
                "targets": [_told(each, look) for each in found],
                "hidden": len(known) - len(mine),
            },
            behind=_behind(found, look),
            notes=tuple(dict.fromkeys(note for each in found for note in each.notes)),
        )


def urgency(found: TargetStatus) -> tuple[int, int, dt.date, str]:
    """Order targets: what runs and is at risk, what runs, what is to come, what is over."""
    share, status = found.elapsed, found.status
    running = share is not None and 0 < share < 1
    block = 0 if running else 1 if status is Status.NOT_STARTED else 2
    place = _RUNNING.index(status) if status in _RUNNING else 0
    return block, place, found.target.ends_on or dt.date.max, found.target.target_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauged:
    """Where the parts of a target's bar stand, in per cent of its width.

    Attributes:
        zero: Where 0 is; the bar begins there.
        value: Where the bar ends.
        wish: Where the target is.
        due: Where the bar should end today to be there in time; None where that says nothing.
        low: Where the forecast's interval begins; None without one.
        high: Where it ends.
    """

    zero: float
    value: float
    wish: float
    due: float | None = None
    low: float | None = None
    high: float | None = None


def gauged(found: TargetStatus, *, adds: bool) -> Gauged | None:
    """Lay out a target's bar; None where there is no number.

    Args:
        found: How the target stands.
        adds: Whether the KPI adds up day by day, so that a share of the days asks for that share
            of the target.

    Example:
        >>> from dialgauge.model.target import Target
        >>> wish = Target(target_id="t", kpi="dials", value=200.0)
        >>> now = TargetStatus(
        ...     target=wish, status=Status.AT_RISK, value=Value(value=50.0), elapsed=0.5
        ... )
        >>> gauged(now, adds=True)
        Gauged(zero=0.0, value=23.15, wish=92.59, due=46.3, low=None, high=None)
    """
    wish, value = found.target.value, found.value.value if found.value else None
    if wish is None or value is None:
        return None
    due = wish * found.elapsed if adds and found.elapsed and found.elapsed < 1 else None
    ends = [end for end in (found.low, found.high) if end is not None and (found.elapsed or 0) < 1]
    numbers = [0.0, wish, value, *ends]
    low, high = min(numbers) * _ROOM, max(numbers) * _ROOM
    wide = (high - low) or 1.0

    def at(number: float) -> float:
        return round(100 * (number - low) / wide, 2)

    return Gauged(
        zero=at(0.0),
        value=at(value),
        wish=at(wish),
        due=None if due is None else at(due),
        low=at(ends[0]) if len(ends) == 2 else None,
        high=at(ends[1]) if len(ends) == 2 else None,
    )


def _told(found: TargetStatus, look: Look) -> Mapping[str, Any]:
    say, target = look.say, found.target
    kpi = look.gauge.words.kpis.get(target.kpi or "")
    adds = kpi is not None and pace(read(kpi, look.gauge.words), look.gauge.words) is Pace.ADDS
    over = found.elapsed is not None and found.elapsed >= 1
    return {
        "name": target.target_id,
        "title": say.title(kpi) if kpi else target.kpi or target.target_id,
        "href": look.view.at(f"/kpi/{kpi.name}").address if kpi else "",
        "scope": target.scope,
        "days": _days(found, look),
        "sign": SIGNS[found.status],
        "mood": MOODS[found.status],
        "status": say.t(f"target.{found.status.value}"),
        "value": _number(found.value.value if found.value else None, kpi, look),
        "wish": _number(target.value, kpi, look),
        "gap": _gap(found, kpi, look),
        "elapsed": "" if found.elapsed is None else say.share(found.elapsed),
        "forecast": "" if over else _number(found.forecast, kpi, look),
        "interval": "" if over or kpi is None else say.interval(_ahead(found), kpi.unit),
        "reason": found.reason,
        "bar": gauged(found, adds=adds),
    }


def _number(value: float | None, kpi: Kpi | None, look: Look) -> str:
    return "" if value is None or kpi is None else look.say.number(value, kpi.unit)


def _ahead(found: TargetStatus) -> Value:
    return Value(value=found.forecast, low=found.low, high=found.high)


def _gap(found: TargetStatus, kpi: Kpi | None, look: Look) -> str:
    wish = found.target.value
    if kpi is None or found.gap is None or wish is None:
        return ""
    change = Change(
        value=Value(value=wish),
        difference=found.gap,
        relative=found.gap / wish if wish else None,
    )
    return look.say.difference(change, kpi.unit)


def _days(found: TargetStatus, look: Look) -> str:
    first, last = found.target.starts_on, found.target.ends_on
    if first is None or last is None:
        return ""
    return f"{look.say.day(first)} \u2013 {look.say.day(last)}"


def _behind(found: list[TargetStatus], look: Look) -> Behind:
    say = look.say
    heads = ("target", "scope", "days", "so_far", "gap", "elapsed", "forecast", "status")
    told = [_told(each, look) for each in found]
    return Behind(
        headings=(
            say.t("ui.kpi"),
            *(say.t(f"target.{head}") for head in heads[:4]),
            *(say.t(f"target.{head}") for head in heads[4:7]),
            say.t("ui.interval"),
            say.t("target.status"),
        ),
        rows=[
            (
                each["title"],
                *(each[key] for key in ("wish", "scope", "days", "value", "gap", "elapsed")),
                *(each[key] for key in ("forecast", "interval", "status")),
            )
            for each in told
        ],
    )
