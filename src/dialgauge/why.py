"""Who finds out why a KPI changed?

A hall beside the gauge: it asks the gauge to compare, and lets the analysis split the change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dialgauge.analysis.decompose import decompose, need_parts
from dialgauge.errors import UsageError
from dialgauge.model.answer import Answer
from dialgauge.model.explanation import Explanation
from dialgauge.model.question import Question
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read


def explained(
    question: Question, words: Vocabulary, ask: Callable[[Question], Answer]
) -> Explanation:
    """Split a KPI's change between two periods into effects of groups.

    Args:
        question: One KPI, split by dimensions, with a period; compared with the previous period
            unless it says otherwise.
        words: What may be named.
        ask: Answers questions.

    Raises:
        UsageError: The question cannot be asked, or the KPI cannot be split so.
    """
    kpis = tuple(dict.fromkeys(question.kpis))
    if len(kpis) != 1:
        raise UsageError(
            f"the change of one KPI is explained at a time, not of {len(kpis)}; name one, such as: "
            "dialgauge why contact_rate --by list"
        )
    reading = read(words.kpi(kpis[0]), words)
    need_parts(reading, words)
    if not question.by:
        raise UsageError(
            f"what should the change of '{kpis[0]}' be split by? Name a dimension, such as "
            "--by team"
        )
    if question.grain is not None:
        raise UsageError(
            "a change between two periods is explained, so there are no buckets; leave the grain "
            "out and choose the periods"
        )
    asked = replace(question, kpis=kpis, versus=question.versus or "previous", totals=True)
    return decompose(ask(asked), reading, words)
