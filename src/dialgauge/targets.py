"""Who tells how the lake's targets stand?

A hall beside the gauge: it reads the targets, asks the gauge for each, and lets the analysis
judge. A target that cannot be understood is told as such and stops no other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dialgauge.analysis.forecast import forecast
from dialgauge.analysis.pace import pace
from dialgauge.analysis.target import complete, elapsed, judge, wanted
from dialgauge.errors import NoDataError, UsageError
from dialgauge.model.answer import Answer
from dialgauge.model.kpi import Kpi
from dialgauge.model.question import Period, Question
from dialgauge.model.target import Status, Target, TargetStatus
from dialgauge.plan.planner import plan
from dialgauge.plan.reading import Reading, read
from dialgauge.plan.zones import zone

if TYPE_CHECKING:
    from dialgauge.gauge import Gauge

_DAY = dt.timedelta(days=1)


def judged(gauge: Gauge, as_of: dt.datetime, timezone: str = "UTC") -> tuple[TargetStatus, ...]:
    """Judge every target of a lake.

    Args:
        gauge: Who answers.
        as_of: The moment of judging.
        timezone: In which days begin.

    Raises:
        NoDataError: There are no targets.
        UsageError: The moment has no zone, or there is no such zone.
    """
    if as_of.tzinfo is None:
        raise UsageError(f"the moment {as_of} has no time zone; write for example {as_of}+00:00")
    timezone = zone(timezone).key
    found = listed(gauge)
    if not found:
        raise NoDataError(
            "there are no targets; import some, for example with: "
            "dialgauge import files targets.csv --table targets"
        )
    return tuple(status_of(target, gauge, as_of, timezone) for target in found)


def listed(gauge: Gauge) -> tuple[Target, ...]:
    """List the targets that were decided elsewhere, then those of the lake."""
    stored = gauge.lake.snapshot().once("targets", lambda: _read(gauge))
    return (*gauge.more_targets, *stored)


def status_of(target: Target, gauge: Gauge, as_of: dt.datetime, timezone: str) -> TargetStatus:
    """Judge one target; one that cannot be understood says why."""
    try:
        return _judged(target, gauge, as_of, timezone)
    except UsageError as error:
        return TargetStatus(target=target, status=Status.UNKNOWN, reason=str(error))


def _read(gauge: Gauge) -> tuple[Target, ...]:
    """Read the targets of the lake, those that end first before the others."""
    table = gauge.words.tables["targets"]
    stored = gauge.lake.snapshot().stored(table)
    if not stored.files:
        return ()
    with contextlib.closing(gauge.lake.connect()) as con:
        rows = con.execute(
            "SELECT target_id, kpi, value, scope, starts_on, ends_on"
            f" FROM ({stored.reading(table, stored.paths)})"
            " ORDER BY ends_on, starts_on, target_id"
        ).fetchall()
    return tuple(
        Target(
            target_id=target_id,
            kpi=kpi,
            value=None if value is None else float(value),
            scope=(scope or "").strip(),
            starts_on=starts_on,
            ends_on=ends_on,
        )
        for target_id, kpi, value, scope, starts_on, ends_on in rows
    )


def _judged(target: Target, gauge: Gauge, as_of: dt.datetime, timezone: str) -> TargetStatus:
    name, value, first, last = complete(target)
    kpi = gauge.words.kpi(name)
    today = as_of.astimezone(ZoneInfo(timezone)).date()
    question = Question(
        kpis=(kpi.name,),
        where=(target.scope,) if target.scope else (),
        period=Period(first, today if last >= today else last + _DAY),
        timezone=timezone,
        as_of=as_of,
    )
    share = elapsed(first, last, today)
    if not share:
        begun = replace(question, period=Period(first, first + _DAY))
        plan(begun, gauge.words, now=as_of, guard=gauge.guard)  # can it be asked at all?
        return TargetStatus(target=target, status=Status.NOT_STARTED, elapsed=share)
    answer = gauge.ask(question)
    notes = (*answer.notes, *_stale(gauge, read(kpi, gauge.words), question, timezone))
    return replace(_compared(target, answer, share, kpi, value, gauge), notes=notes)


def _compared(  # noqa: PLR0913, PLR0917 - a target and all that is known of it
    target: Target, answer: Answer, share: float, kpi: Kpi, wish: float, gauge: Gauge
) -> TargetStatus:
    found = answer.rows[0].values[kpi.name]
    ends = wanted(kpi, wish)
    status = TargetStatus(target=target, status=Status.UNKNOWN, value=found, elapsed=share)
    if found.value is None:
        return replace(status, reason=found.reason)
    reading = read(kpi, gauge.words)
    how = pace(reading, gauge.words)
    expected = forecast(found, how, share, reading.certainty)
    status = replace(
        status,
        gap=found.value - wish,
        forecast=expected.value,
        low=expected.low,
        high=expected.high,
        reason=expected.reason,
    )
    if ends is None:
        reason = (
            f"'{kpi.name}' is best within a band, and none is declared; declare one in your own "
            "KPIs (`band`), with `replaces`"
        )
        return replace(status, reason=reason)
    return replace(status, status=judge(found.value, expected.value, ends, how, share))


def _stale(gauge: Gauge, reading: Reading, question: Question, timezone: str) -> tuple[str, ...]:
    """Say where the records end before the days that count."""
    notes = []
    for name in reading.facts:
        newest = None if gauge.words.tables[name].derived else gauge.reach(name).end
        if newest is None or question.period.end is None:
            continue
        day, final = newest.astimezone(ZoneInfo(timezone)).date(), question.period.end - _DAY
        if day < final:
            notes.append(
                f"In {name}, the newest record is of {day}: days up to {final} count as days on "
                "which nothing happened."
            )
    return tuple(notes)
