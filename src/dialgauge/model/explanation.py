"""What did each group do to a KPI's change?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialgauge.model.answer import KeyValue, Value
from dialgauge.model.question import Question
from dialgauge.model.wire import question_json, value_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one group did to the change of the whole.

    Attributes:
        keys: Dimension names to what the group is.
        value: The group's own value, with its change and that change's interval.
        share_before: The group's share of the denominator before; None for counts and sums.
        share_after: Its share of the denominator now.
        mix: What the change of its share did to the whole; None for counts and sums.
        rate: What the change of its own ratio did to the whole; None for counts and sums.
        effect: What it did altogether, in the KPI's unit.
    """

    keys: Mapping[str, KeyValue]
    value: Value
    effect: float
    share_before: float | None = None
    share_after: float | None = None
    mix: float | None = None
    rate: float | None = None

    @property
    def before(self) -> float | None:
        """The group's value in the other period."""
        return self.value.change.value.value if self.value.change else None

    @property
    def after(self) -> float | None:
        """The group's value in the period."""
        return self.value.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where the change of one KPI comes from.

    Attributes:
        question: What was asked: one KPI, split and compared.
        total: The KPI over all groups, with its change and that change's interval.
        before: Its value in the other period.
        after: Its value in the period.
        change: After less before; the effects add up to it.
        effects: One a group, the largest effect first.
        mix: What changed shares did, over all groups; None for counts and sums.
        rate: What changed ratios did, over all groups; None for counts and sums.
        notes: Sentences a reader must know.
    """

    question: Question
    total: Value
    before: float
    after: float
    change: float
    effects: tuple[Effect, ...]
    mix: float | None = None
    rate: float | None = None
    notes: tuple[str, ...] = ()


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Write an explanation; shares are 0-1, unknown numbers null.

    Returns:
        The question, its notes, `total` with before, after, change, mix and rate, and rows.
    """
    return {
        "question": question_json(found.question),
        "notes": list(found.notes),
        "total": {
            "before": found.before,
            "after": found.after,
            "change": found.change,
            "mix": found.mix,
            "rate": found.rate,
            "value": value_json(found.total),
        },
        "rows": [
            {
                "keys": dict(each.keys),
                "value": value_json(each.value),
                "share_before": each.share_before,
                "share_after": each.share_after,
                "mix": each.mix,
                "rate": each.rate,
                "effect": each.effect,
            }
            for each in found.effects
        ],
    }


def effect_records(found: Explanation) -> list[dict[str, Any]]:
    """Write the groups flat, one a record, as data frames and spreadsheets want them.

    Returns:
        The keys, then `before`, `after`, `difference` with `difference_low` and
        `difference_high`, `share_before`, `share_after`, `mix`, `rate` and `effect`.
    """
    return [_record(each) for each in found.effects]


def _record(effect: Effect) -> dict[str, Any]:
    change = effect.value.change
    return {
        **effect.keys,
        "before": effect.before,
        "after": effect.after,
        "difference": change.difference if change else None,
        "difference_low": change.low if change else None,
        "difference_high": change.high if change else None,
        "share_before": effect.share_before,
        "share_after": effect.share_after,
        "mix": effect.mix,
        "rate": effect.rate,
        "effect": effect.effect,
    }
