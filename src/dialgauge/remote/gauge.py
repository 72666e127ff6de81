"""Who answers questions from afar?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from urllib.parse import quote

import pyarrow as pa

from dialgauge.checks import Finding, Severity
from dialgauge.errors import ServerError, UsageError
from dialgauge.model.answer import Answer
from dialgauge.model.cohort import CohortQuestion, Cohorts
from dialgauge.model.explanation import Explanation
from dialgauge.model.question import Question
from dialgauge.model.target import TargetStatus
from dialgauge.model.unwire import read_answer, read_cohorts, read_explanation, read_targets
from dialgauge.model.wire import question_json
from dialgauge.remote.transport import Transport, Words, open_transport

TIMEOUT_S = 120.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RemoteGauge:
    """Answers questions about the lake of a server, as a `Gauge` does about one that is here.

    Whoever the token belongs to asks: their row rules hold, phone tokens are masked for who may
    not see them. It may be used from threads; close it, or use it in a `with`.

    Attributes:
        transport: The connection.
    """

    transport: Transport

    def ask(self, question: Question) -> Answer:
        """Answer a question.

        Raises:
            UsageError: The question cannot be asked; the message says what can.
            NoDataError: A KPI's table is empty.
            ForbiddenError: Nobody knows who asks, or they may not.
            ServerError: The server cannot be reached.
        """
        return _read(read_answer, self.transport.post("ask", _written(question), {}))

    def why(self, question: Question) -> Explanation:
        """Say why a KPI changed: what each group of a dimension did to the change.

        Raises:
            As `ask` does.
        """
        return _read(read_explanation, self.transport.post("why", _written(question), {}))

    def targets(
        self, as_of: dt.datetime | None = None, timezone: str = "UTC"
    ) -> tuple[TargetStatus, ...]:
        """Say how each target stands.

        Args:
            as_of: The moment of judging; now by default.
            timezone: In which days begin.

        Raises:
            As `ask` does.
        """
        words = {"timezone": timezone, **_moment(as_of)}
        return _read(read_targets, self.transport.get("targets", words))

    def cohorts(self, asked: CohortQuestion | None = None) -> Cohorts:
        """Follow the customers of each month through the months after.

        Raises:
            As `ask` does.
        """
        asked = asked or CohortQuestion()
        ends = {"from": asked.period.start, "to": asked.period.end}
        words = {
            "kpi": asked.kpi,
            "where": asked.where,
            **{name: day.isoformat() for name, day in ends.items() if day},
            **_moment(asked.as_of),
        }
        return _read(read_cohorts, self.transport.get("cohorts", words))

    def rows(self, question: Question, limit: int = 100) -> pa.Table:
        """List the rows behind the first KPI of a question.

        Args:
            question: Its KPI, filter and period count.
            limit: At most so many rows, the earliest first.

        Raises:
            As `ask` does.
        """
        words: Words = {"limit": limit, "format": "arrow"}
        stream = self.transport.fetch("rows", _written(question), words)
        return _read(lambda told: pa.ipc.open_stream(told).read_all(), stream)

    def check(self) -> tuple[Finding, ...]:
        """Look for what is wrong with the data, the worst first.

        Raises:
            As `ask` does.
        """
        return _read(_findings, self.transport.get("checks", {}))

    def kpis(self, lang: str = "en") -> list[dict[str, Any]]:
        """List the KPIs with all that is said of them, as `dialgauge kpis --format json` does."""
        found: list[dict[str, Any]] = self.transport.get("kpis", {"lang": lang})
        return found

    def kpi(self, name: str, lang: str = "en") -> dict[str, Any]:
        """Tell everything about a KPI.

        Raises:
            UnknownNameError: There is none of that name.
        """
        path = f"kpis/{quote(name, safe='')}"
        found: dict[str, Any] = self.transport.get(path, {"lang": lang})
        return found

    def dimensions(self, lang: str = "en") -> list[dict[str, Any]]:
        """List by what numbers can be split and filtered."""
        found: list[dict[str, Any]] = self.transport.get("dimensions", {"lang": lang})
        return found

    def close(self) -> None:
        """Let the connection go."""
        self.transport.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(url: str, token: str, timeout_s: float = TIMEOUT_S) -> RemoteGauge:
    """Get ready to ask a server; the first question tells whether it is there.

    Args:
        url: Where it is, such as `https://gauge.example.com`; with https unless it is on this
            machine.
        token: Who asks, made under Tokens; empty for a server that asks nobody to log in.
        timeout_s: How many seconds an answer may take.

    Raises:
        UsageError: The address cannot be used, or the token would travel for all to read.
        EngineError: What speaks HTTP is not installed.
    """
    return RemoteGauge(open_transport(url, token, timeout_s))


def _written(question: Question) -> dict[str, Any]:
    _need_zone(question.as_of)
    return question_json(question)


def _moment(at: dt.datetime | None) -> dict[str, str]:
    _need_zone(at)
    return {} if at is None else {"as_of": at.isoformat()}


def _need_zone(at: dt.datetime | None) -> None:
    """Refuse what a gauge refuses; over the network it would silently become UTC."""
    if at is not None and at.tzinfo is None:
        raise UsageError(f"the moment {at} has no time zone; write for example {at}+00:00")


def _findings(told: dict[str, Any]) -> tuple[Finding, ...]:
    lists = ("kpis", "dimensions", "examples")
    return tuple(
        Finding(
            **{
                **each,
                **{name: tuple(each[name]) for name in lists},
                "severity": Severity(each["severity"]),
            }
        )
        for each in told["findings"]
    )


def _read(reading: Callable[[Any], _T], told: Any) -> _T:
    try:
        return reading(told)
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise ServerError(
            "the server's answer cannot be read; is it of the same version as this dialgauge?"
        ) from error
