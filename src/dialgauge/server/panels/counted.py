"""How many rows are behind a number?"""

from __future__ import annotations

from dataclasses import replace

from dialgauge.gauge import Gauge
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.question import Question
from dialgauge.plan.reading import read

_NAME = "rows_behind"


def rows_behind(gauge: Gauge, question: Question) -> int | None:
    """Count the rows that `Gauge.rows` would list, without listing them.

    They are those that any of the measures of the KPI's first fact counts; so they are counted by
    a measure with all their conditions, under the same row rules as everything else.

    Args:
        gauge: Who answers.
        question: Its first KPI, filters and days count.

    Returns:
        The number; None where the measures count on different times, or count differently old
        rows, so that no one measure counts what all of them do.

    Raises:
        UsageError: The question cannot be asked.
    """
    words = gauge.words
    measures = read(words.kpi(question.kpis[0]), words).measures
    fact = words.facts[measures[0][0]]
    used = [fact.measures[name] for table, name in measures if table == fact.name]
    if len({(each.clock, each.matures_in, each.trailing) for each in used}) > 1:
        return None
    measure = Measure(
        aggregate=Aggregate.COUNT,
        where=any_of(used),
        clock=used[0].clock,
        matures_in=used[0].matures_in,
        trailing=used[0].trailing,
        empty=0,
    )
    counting = replace(fact, measures={**fact.measures, _NAME: measure})
    kpi = Kpi(name=_NAME, formula=f"{fact.name}.{_NAME}", unit=Unit.COUNT)
    more = replace(
        words, facts={**words.facts, fact.name: counting}, kpis={**words.kpis, _NAME: kpi}
    )
    asked = replace(question, kpis=(_NAME,), by=(), grain=None, versus=None, totals=True)
    (row,) = replace(gauge, words=more).ask(asked).rows
    found = row.values[_NAME].value
    return None if found is None else round(found)


def any_of(measures: list[Measure]) -> str:
    """Write the condition that a row counts in at least one of some measures.

    Example:
        >>> from dialgauge.model.measure import count
        >>> any_of([count("contact"), count("test")]), any_of([count(), count("test")])
        ('(contact) or (test)', '')
    """
    if any(not measure.where for measure in measures):
        return ""
    return " or ".join(f"({where})" for where in dict.fromkeys(each.where for each in measures))
