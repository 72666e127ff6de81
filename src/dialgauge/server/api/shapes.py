"""What do answers look like, for the OpenAPI document?

They are written by `dialgauge.model.wire` and its kind; these shapes only say so, and the tests
hold every answer to them.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Cell: TypeAlias = str | int | float | bool | None


class Shape(BaseModel):
    """Nothing but what is declared."""

    model_config = ConfigDict(extra="forbid")


class QuestionShape(Shape):
    """A question, as it was understood."""

    kpis: list[str]
    by: list[str]
    where: list[str]
    from_: str | None = Field(alias="from", description="First day inside.")
    to: str | None = Field(description="First day after.")
    grain: Literal["hour", "day", "week", "month", "quarter", "year"] | None
    timezone: str
    versus: str | None = Field(description="previous, year, or a range of days.")
    week_starts: int
    as_of: str | None
    totals: bool


class ValueShape(Shape):
    """A number with what it is made of; null is n/a, and the reason says why."""

    value: float | None
    numerator: float | None
    denominator: float | None
    n: int = Field(description="How many rows, or different things, it rests on.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None = Field(description="Upper end of the 95 % interval.")
    reason: str = Field("", description="Why the value or its interval is missing.")


class ChangeShape(ValueShape):
    """The other period's value, and how this one differs."""

    difference: float | None
    difference_low: float | None
    difference_high: float | None
    relative: float | None
    likely_real: bool | None = Field(description="Whether the interval excludes 0.")


class ComparedShape(ValueShape):
    """A number, with its change where one was asked."""

    versus: ChangeShape | None = None


class RowShape(Shape):
    """One group."""

    keys: dict[str, Cell]
    values: dict[str, ComparedShape]


class AnswerShape(Shape):
    """What came back for a question."""

    question: QuestionShape
    notes: list[str] = Field(description="Sentences a reader must know.")
    rows: list[RowShape]
    total: dict[str, ComparedShape] | None = Field(None, description="All groups together.")


class KpiShape(Shape):
    """A KPI, with all that is said of it."""

    name: str
    title: str
    unit: Literal["count", "share", "seconds", "days", "hours", "money", "ratio", "points"]
    better: Literal["higher", "lower", "neither", "band"]
    band: list[float | None] | None
    question: str
    definition: str
    caveat: str
    source: str
    formula: str
    beside: list[str]
    dimensions: list[str] = Field(description="By what it can be split.")


class DimensionShape(Shape):
    """Something numbers can be split and filtered by."""

    name: str
    title: str
    tables: list[str] = Field(description="The facts that have it.")


class EffectShape(Shape):
    """What one group did to the change."""

    keys: dict[str, Cell]
    value: ComparedShape
    share_before: float | None
    share_after: float | None
    mix: float | None
    rate: float | None
    effect: float


class WholeShape(Shape):
    """The change of the whole."""

    before: float
    after: float
    change: float
    mix: float | None
    rate: float | None
    value: ComparedShape


class ExplanationShape(Shape):
    """Where the change of a KPI comes from."""

    summary: str = Field(description="In one sentence.")
    question: QuestionShape
    notes: list[str]
    total: WholeShape
    rows: list[EffectShape] = Field(description="The largest effect first; they add up.")


class TargetShape(Shape):
    """How a target stands."""

    target_id: str
    kpi: str | None
    scope: str
    starts_on: str | None
    ends_on: str | None
    target: float | None
    value: float | None
    value_low: float | None
    value_high: float | None
    gap: float | None
    elapsed: float | None = Field(description="The share of its days that are over.")
    forecast: float | None
    forecast_low: float | None
    forecast_high: float | None
    status: Literal["reached", "on_track", "at_risk", "missed", "not_started", "unknown"]
    reason: str
    made_of: ComparedShape | None
    notes: list[str]


class MonthShape(ValueShape):
    """A month of a cohort's life."""

    month: int = Field(description="0 is the month they were won in.")
    period: str = Field("", description="Which month that was.")


class CohortShape(Shape):
    """Customers won in one month."""

    cohort: str
    size: int
    months: list[MonthShape]


class CohortsShape(Shape):
    """Cohorts side by side."""

    kpi: str
    notes: list[str]
    cohorts: list[CohortShape]
    total: list[MonthShape]


class FindingShape(Shape):
    """What a check found."""

    check: str
    table: str
    severity: Literal["error", "warning", "info"]
    says: str
    rows: int | None
    total: int | None
    share: float | None
    detail: Any
    kpis: list[str]
    dimensions: list[str]
    examples: list[Any]


class TableShape(Shape):
    """How much a table holds."""

    table: str
    rows: int
    oldest: str | None
    newest: str | None
    meaning: str


class RefusedShape(Shape):
    """Rows that were refused for one reason."""

    table: str
    reason: str
    rows: int
    mended: int
    file: str | None


class RefusedRowShape(Shape):
    """One refused row."""

    table: str
    file: str | None
    row: int | None
    reason: str
    raw: str | None


class ChecksShape(Shape):
    """What is in the lake, what was refused, what is wrong."""

    version: int
    tables: list[TableShape]
    quarantine: list[RefusedShape]
    rows: list[RefusedRowShape]
    findings: list[FindingShape]


class CheckShape(Shape):
    """One check, and the rows it found."""

    finding: FindingShape | None
    rows: list[dict[str, Cell]]


class CountsShape(Shape):
    """What became of rows; read is the sum of the others."""

    read: int
    loaded: int
    updated: int
    unchanged: int
    quarantined: int


class ReasonShape(Shape):
    """Why rows were put into quarantine."""

    table: str
    reason: str
    rows: int
    example: str
    file: str


class ReportShape(CountsShape):
    """What an import did."""

    version: int = Field(description="The lake's version afterwards.")
    tables: dict[str, CountsShape]
    reasons: list[ReasonShape]
    unused: list[str]
    notes: list[str]


class AliveShape(Shape):
    """That the process lives."""

    status: Literal["alive"]


class ReadyShape(Shape):
    """That questions can be answered."""

    status: Literal["ready"]
    version: int = Field(description="The lake's version.")


class SourceShape(Shape):
    """How one system stands that is read while it runs."""

    name: str
    system: str
    feed: Literal["fetch", "hook"] = Field(description="Asked by us, or sent by itself.")
    state: Literal["never", "ok", "failed"]
    started_at: str | None = Field(description="When it was read the last time.")
    ended_at: str | None
    succeeded_at: str | None = Field(description="When that went well the last time.")
    error: str = Field(description="What went wrong the last time; empty when nothing did.")
    failures: int = Field(description="How many times in a row it went wrong.")
    counts: CountsShape
    newest_at: str | None = Field(description="When the newest row happened that ever came.")
    lag_s: float | None = Field(description="How many seconds ago that was.")
    version: int | None = Field(description="The lake's version afterwards.")
    next_at: str | None = Field(description="When it is to be read again.")


class SourcesShape(Shape):
    """All of them."""

    sources: list[SourceShape]
