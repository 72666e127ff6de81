"""What comes back, and how sure is it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from dialgauge.model.question import Question

KeyValue: TypeAlias = str | int | float | bool | dt.date | None
"""What a key of a row may be: a group's name, a number such as the hour, or a bucket's label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a value differs from the one it is compared with.

    Attributes:
        value: The other period's value, with its parts and interval.
        difference: This value less the other one; None when either is unknown.
        low: The lower end of the difference's 95 % interval.
        high: The upper end.
        relative: The difference as a share of the other value; None when that is 0.
        likely_real: Whether the interval excludes 0; None without an interval.
    """

    value: Value
    difference: float | None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    likely_real: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One number with what it is made of.

    Attributes:
        value: The number; None is "n/a".
        numerator: What is divided; for a plain count or sum the value itself.
        denominator: What it is divided by; None when nothing is.
        n: How many rows (or different things) the value rests on.
        low: The lower end of the 95 % interval; None when none can be given.
        high: The upper end.
        reason: Why the value or its interval is missing.
        change: The comparison, when one was asked.
    """

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    n: int = 0
    low: float | None = None
    high: float | None = None
    reason: str = ""
    change: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The values of one group.

    Attributes:
        keys: `period` and dimension names to what the row is about.
        values: KPI name to value.
    """

    keys: Mapping[str, KeyValue]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for a question.

    Attributes:
        question: What was asked.
        rows: One a group that has data, ordered by key.
        total: All groups together, from the measures and never from the ratios; None when not
            asked for.
        notes: Sentences a reader must know: what was left out, not mature, not comparable.
    """

    question: Question
    rows: tuple[Row, ...]
    total: Row | None = None
    notes: tuple[str, ...] = ()
