"""How are questions and answers written as JSON?

The one shape that the command line prints and the API returns.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dialgauge.model.answer import Answer, Row, Value
from dialgauge.model.question import Period, Question


def answer_json(answer: Answer) -> dict[str, Any]:
    """Write an answer: question, notes, rows, and the total when there is one.

    Shares are 0-1, durations seconds, dates ISO; an unknown number is null.

    Example:
        >>> answer_json(Answer(question=Question(kpis=("dials",)), rows=()))["rows"]
        []
    """
    written: dict[str, Any] = {
        "question": question_json(answer.question),
        "notes": list(answer.notes),
        "rows": [_row(row) for row in answer.rows],
    }
    if answer.total is not None:
        written["total"] = _row(answer.total)["values"]
    return written


def question_json(question: Question) -> dict[str, Any]:
    """Write a question; what was not asked is null or empty."""
    versus = question.versus
    return {
        "kpis": list(question.kpis),
        "by": list(question.by),
        "where": list(question.where),
        "from": _day(question.period.start),
        "to": _day(question.period.end),
        "grain": question.grain.value if question.grain else None,
        "timezone": question.timezone,
        "versus": _period(versus) if isinstance(versus, Period) else versus,
        "week_starts": question.week_starts,
        "as_of": question.as_of.isoformat() if question.as_of else None,
        "totals": question.totals,
    }


def records(answer: Answer) -> list[dict[str, Any]]:
    """Write an answer's rows flat, one a group, as data frames and spreadsheets want them.

    Returns:
        The keys, then for each KPI `name`, `name_numerator`, `name_denominator`, `name_n`,
        `name_low` and `name_high`; compared, also `name_versus`, `name_difference`,
        `name_difference_low` and `name_difference_high`.

    Example:
        >>> from dialgauge.model.answer import Row, Value
        >>> row = Row(keys={"team": "Alder"}, values={"dials": Value(value=3.0, n=3)})
        >>> found = records(Answer(question=Question(kpis=("dials",)), rows=(row,)))
        >>> found[0]["team"], found[0]["dials"], found[0]["dials_n"]
        ('Alder', 3.0, 3)
    """
    return [_record(row) for row in answer.rows]


def value_json(value: Value) -> dict[str, Any]:
    """Write a value; `reason` says why it or its interval is missing."""
    written: dict[str, Any] = {
        "value": value.value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "n": value.n,
        "low": value.low,
        "high": value.high,
    }
    if value.reason:
        written["reason"] = value.reason
    if value.change is not None:
        change = value.change
        written["versus"] = {
            **value_json(change.value),
            "difference": change.difference,
            "difference_low": change.low,
            "difference_high": change.high,
            "relative": change.relative,
            "likely_real": change.likely_real,
        }
    return written


def plain_records(rows: Iterable[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Give rows of a table with cells that JSON and CSV know.

    Example:
        >>> import datetime as dt
        >>> plain_records([{"day": dt.date(2026, 1, 31), "talk_s": None}])
        [{'day': '2026-01-31', 'talk_s': None}]
    """
    return [
        {name: None if cell is None else plain(cell) for name, cell in row.items()} for row in rows
    ]


def plain(cell: object) -> object:
    """Write times and days as ISO text, money as a number; what is not a number as unknown."""
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell if isinstance(cell, str | int | float | bool) else float(str(cell))


def _record(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = dict(row.keys)
    for kpi, value in row.values.items():
        record[kpi] = value.value
        for part in ("numerator", "denominator", "n", "low", "high"):
            record[f"{kpi}_{part}"] = getattr(value, part)
        if value.change is not None:
            record[f"{kpi}_versus"] = value.change.value.value
            for part in ("difference", "low", "high"):
                name = part if part == "difference" else f"difference_{part}"
                record[f"{kpi}_{name}"] = getattr(value.change, part)
    return record


def _row(row: Row) -> dict[str, Any]:
    values: Mapping[str, Value] = row.values
    return {
        "keys": dict(row.keys),
        "values": {kpi: value_json(value) for kpi, value in values.items()},
    }


def _period(period: Period) -> str:
    return f"{_day(period.start)}..{_day(period.end)}"


def _day(day: object) -> str | None:
    return None if day is None else str(day)
