"""What should be reached, and how does it stand?"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dialgauge.model.answer import Value
from dialgauge.model.wire import value_json


class Status(enum.Enum):
    """How a target stands."""

    REACHED = "reached"  # and nothing can undo it, or it is over
    ON_TRACK = "on_track"  # what is expected at its end meets it
    AT_RISK = "at_risk"  # what is expected at its end does not
    MISSED = "missed"  # it is over, or cannot be met any more
    NOT_STARTED = "not_started"  # no day of it is over
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A value that a KPI should reach in a range of days.

    Attributes:
        target_id: Its name.
        kpi: The KPI's name; None when nobody wrote it down, as all that follows.
        value: What it should reach; shares are 0-1.
        scope: A condition that says where; empty for everywhere.
        starts_on: The first day.
        ends_on: The last day, included.
    """

    target_id: str
    kpi: str | None = None
    value: float | None = None
    scope: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStatus:
    """How a target stands at a moment.

    Attributes:
        target: The target.
        status: How it stands.
        reason: Why the status, the forecast or its interval is not known.
        value: The KPI over the days that are over; None before there are any.
        gap: The value less the target.
        elapsed: The share of the target's days that are over, 0-1.
        forecast: What the KPI is expected to be at the end.
        low: The lower end of the forecast's 95 % interval.
        high: The upper end.
        notes: Sentences a reader must know about the value.
    """

    target: Target
    status: Status
    reason: str = ""
    value: Value | None = None
    gap: float | None = None
    elapsed: float | None = None
    forecast: float | None = None
    low: float | None = None
    high: float | None = None
    notes: tuple[str, ...] = ()


def target_records(found: Sequence[TargetStatus]) -> list[dict[str, Any]]:
    """Write how targets stand flat, one a record, as data frames and spreadsheets want them.

    Returns:
        target_id, kpi, scope, starts_on, ends_on, target, value with `value_low` and
        `value_high`, gap, elapsed, forecast with `forecast_low` and `forecast_high`, status,
        reason.
    """
    return [_record(each) for each in found]


def targets_json(found: Sequence[TargetStatus]) -> list[dict[str, Any]]:
    """Write how targets stand; as records, with the value's parts and the notes."""
    return [
        {
            **_record(each),
            "made_of": None if each.value is None else value_json(each.value),
            "notes": list(each.notes),
        }
        for each in found
    ]


def _record(found: TargetStatus) -> dict[str, Any]:
    target, value = found.target, found.value
    return {
        "target_id": target.target_id,
        "kpi": target.kpi,
        "scope": target.scope,
        "starts_on": _day(target.starts_on),
        "ends_on": _day(target.ends_on),
        "target": target.value,
        "value": value.value if value else None,
        "value_low": value.low if value else None,
        "value_high": value.high if value else None,
        "gap": found.gap,
        "elapsed": found.elapsed,
        "forecast": found.forecast,
        "forecast_low": found.low,
        "forecast_high": found.high,
        "status": found.status.value,
        "reason": found.reason,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
