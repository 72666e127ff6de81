"""What can be asked of a lake, here or on a server?"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import pyarrow as pa

from dialgauge.checks import Finding
from dialgauge.model.answer import Answer
from dialgauge.model.cohort import CohortQuestion, Cohorts
from dialgauge.model.explanation import Explanation
from dialgauge.model.question import Question
from dialgauge.model.target import TargetStatus


class Asks(Protocol):
    """What a `Gauge` and a `RemoteGauge` have in common: the same questions, the same answers."""

    def ask(self, question: Question) -> Answer:
        """Answer a question."""

    def why(self, question: Question) -> Explanation:
        """Say why a KPI changed."""

    def targets(
        self, as_of: dt.datetime | None = None, timezone: str = "UTC"
    ) -> tuple[TargetStatus, ...]:
        """Say how each target stands."""

    def cohorts(self, asked: CohortQuestion | None = None) -> Cohorts:
        """Follow the customers of each month."""

    def rows(self, question: Question, limit: int = 100) -> pa.Table:
        """List the rows behind the first KPI of a question."""

    def check(self) -> tuple[Finding, ...]:
        """Look for what is wrong with the data."""
