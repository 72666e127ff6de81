"""How do tests ask a lake of a few rows?

The rows go through files and the import, as everybody's do, and every question is answered by
DuckDB and by the reference engine, whose answers must be the same.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from dialgauge.catalogue.user import built_in
from dialgauge.engines.duckdb import DuckDBEngine
from dialgauge.engines.reference import ReferenceEngine
from dialgauge.gauge import Gauge
from dialgauge.intake import Report, take_in
from dialgauge.lake import Lake
from dialgauge.model.answer import Answer, KeyValue, Row, Value
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.rules import Rules
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.testing import assert_same_answer

Record: TypeAlias = Mapping[str, object]
NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def call(call_id: object, started_at: str, result: str = "busy", **columns: object) -> Record:
    """Write an outbound call."""
    return {
        "call_id": call_id,
        "started_at": started_at,
        "direction": "outbound",
        "result": result,
    } | columns


def spell(interval_id: object, state: str, start: str, end: str, **columns: object) -> Record:
    """Write an interval of an agent's time."""
    return {
        "interval_id": interval_id,
        "state": state,
        "started_at": start,
        "ended_at": end,
    } | columns


def days(start: str, end: str) -> Period:
    """Write a period: from a day, included, to a day, excluded."""
    return Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@dataclass(frozen=True)
class SmallLake:
    """A lake and those who answer questions about it.

    Attributes:
        lake: The lake.
        folder: Where its files are written.
        guard: Row rules of everybody who asks.
        now: The moment of asking.
        rules: What the team decided.
    """

    lake: Lake
    folder: Path
    guard: tuple[str, ...] = ()
    now: dt.datetime = NOW
    rules: Rules = field(default_factory=Rules)

    def load(self, **tables: Sequence[Record]) -> list[Report]:
        """Import rows; every one must be taken in."""
        reports = []
        for name, records in tables.items():
            path = self.folder / f"{name}.csv"
            headers = list(dict.fromkeys(header for record in records for header in record))
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, headers)
                writer.writeheader()
                writer.writerows(records)
            request = Request(paths=(path,), table=name, phone_key=self.lake.phone_key)
            reports.append(
                take_in(self.lake, source("files"), request, rules=self.rules, strict=True)
            )
        return reports

    def gauge(self) -> Gauge:
        """Open the gauge on DuckDB."""
        return Gauge(
            lake=self.lake,
            words=replace(built_in(), rules=self.rules),
            engine=DuckDBEngine(self.lake.connect()),
            clock=lambda: self.now,
            guard=self.guard,
        )

    def ask(self, *kpis: str, grain: str | None = None, **question: Any) -> Answer:
        """Ask both engines, which must agree."""
        asked = Question(kpis=kpis, grain=Grain(grain) if grain else None, **question)
        gauge = self.gauge()
        answer = gauge.ask(asked)
        reference = replace(gauge, engine=ReferenceEngine()).ask(asked)
        assert_same_answer(answer, reference)
        assert answer.notes == reference.notes
        return answer

    def total(self, kpi: str, **question: Any) -> Value:
        """Ask one KPI without groups."""
        answer = self.ask(kpi, **question)
        assert answer.total is not None
        return answer.total.values[kpi]


def small_lake(folder: Path, rules: Rules | None = None, **tables: Sequence[Record]) -> SmallLake:
    """Make a lake of a few rows."""
    small = SmallLake(Lake.create(str(folder / "lake")), folder, rules=rules or Rules())
    small.load(**tables)
    return small


def by(answer: Answer, kpi: str) -> dict[KeyValue | tuple[KeyValue, ...], float | None]:
    """Read a KPI's values by group; the key alone where there is one."""

    def key(row: Row) -> KeyValue | tuple[KeyValue, ...]:
        keys = tuple(row.keys.values())
        return keys[0] if len(keys) == 1 else keys

    found = {key(row): row.values[kpi].value for row in answer.rows}
    assert len(found) == len(answer.rows), "a group stands in more than one row"
    return found
