"""How is what was written as JSON read back?

The inverse of `wire` and of its kind in `explanation`, `target` and `cohort`: what is read equals
what was written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from dialgauge.model.answer import Answer, Change, Row, Value
from dialgauge.model.cohort import Cohort, Cohorts
from dialgauge.model.explanation import Effect, Explanation
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.target import Status, Target, TargetStatus

_PARTS = ("value", "numerator", "denominator", "n", "low", "high")


def read_answer(told: Mapping[str, Any]) -> Answer:
    """Read what `answer_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It is something else.

    Example:
        >>> from dialgauge.model.wire import answer_json
        >>> row = Row(keys={}, values={"dials": Value(value=3.0, n=3)})
        >>> answer = Answer(question=Question(kpis=("dials",)), rows=(row,), total=row)
        >>> read_answer(answer_json(answer)) == answer
        True
    """
    total = told.get("total")
    return Answer(
        question=read_question(told["question"]),
        rows=tuple(_row(each["keys"], each["values"]) for each in told["rows"]),
        total=None if total is None else _row({}, total),
        notes=tuple(told["notes"]),
    )


def read_question(told: Mapping[str, Any]) -> Question:
    """Read what `question_json` wrote.

    Example:
        >>> from dialgauge.model.wire import question_json
        >>> june = Period(dt.date(2026, 6, 1), dt.date(2026, 7, 1))
        >>> asked = Question(kpis=("dials",), period=june, grain=Grain.DAY, versus=june)
        >>> read_question(question_json(asked)) == asked
        True
    """
    return Question(
        kpis=tuple(told["kpis"]),
        by=tuple(told["by"]),
        where=tuple(told["where"]),
        period=Period(_day(told["from"]), _day(told["to"])),
        grain=Grain(told["grain"]) if told["grain"] else None,
        timezone=told["timezone"],
        versus=_versus(told["versus"]),
        week_starts=told["week_starts"],
        as_of=dt.datetime.fromisoformat(told["as_of"]) if told["as_of"] else None,
        totals=told["totals"],
    )


def read_value(told: Mapping[str, Any]) -> Value:
    """Read what `value_json` wrote."""
    versus = told.get("versus")
    return Value(
        **{part: told[part] for part in _PARTS},
        reason=told.get("reason", ""),
        change=None if versus is None else _change(versus),
    )


def read_explanation(told: Mapping[str, Any]) -> Explanation:
    """Read what `explanation_json` wrote."""
    whole = told["total"]
    return Explanation(
        question=read_question(told["question"]),
        notes=tuple(told["notes"]),
        total=read_value(whole["value"]),
        **{part: whole[part] for part in ("before", "after", "change", "mix", "rate")},
        effects=tuple(
            Effect(
                keys=dict(each["keys"]),
                value=read_value(each["value"]),
                **{
                    part: each[part]
                    for part in ("share_before", "share_after", "mix", "rate", "effect")
                },
            )
            for each in told["rows"]
        ),
    )


def read_cohorts(told: Mapping[str, Any]) -> Cohorts:
    """Read what `cohorts_json` wrote."""
    return Cohorts(
        kpi=told["kpi"],
        notes=tuple(told["notes"]),
        cohorts=tuple(
            Cohort(name=each["cohort"], size=each["size"], values=_values(each["months"]))
            for each in told["cohorts"]
        ),
        total=_values(told["total"]),
    )


def read_targets(told: Iterable[Mapping[str, Any]]) -> tuple[TargetStatus, ...]:
    """Read what `targets_json` wrote."""
    return tuple(_target(each) for each in told)


def _target(told: Mapping[str, Any]) -> TargetStatus:
    target = Target(
        target_id=told["target_id"],
        kpi=told["kpi"],
        value=told["target"],
        scope=told["scope"],
        starts_on=_day(told["starts_on"]),
        ends_on=_day(told["ends_on"]),
    )
    return TargetStatus(
        target=target,
        status=Status(told["status"]),
        reason=told["reason"],
        value=None if told["made_of"] is None else read_value(told["made_of"]),
        gap=told["gap"],
        elapsed=told["elapsed"],
        forecast=told["forecast"],
        low=told["forecast_low"],
        high=told["forecast_high"],
        notes=tuple(told["notes"]),
    )


def _values(months: Iterable[Mapping[str, Any]]) -> tuple[Value, ...]:
    return tuple(read_value(month) for month in months)


def _change(told: Mapping[str, Any]) -> Change:
    return Change(
        value=Value(**{part: told[part] for part in _PARTS}, reason=told.get("reason", "")),
        difference=told["difference"],
        low=told["difference_low"],
        high=told["difference_high"],
        relative=told["relative"],
        likely_real=told["likely_real"],
    )


def _row(keys: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
    return Row(keys=dict(keys), values={kpi: read_value(value) for kpi, value in values.items()})


def _versus(told: str | None) -> str | Period | None:
    start, dots, end = (told or "").partition("..")
    return Period(_day(start), _day(end)) if dots else told


def _day(told: str | None) -> dt.date | None:
    # An open end of a range is written as Python writes it.
    return dt.date.fromisoformat(told) if told and told != "None" else None
