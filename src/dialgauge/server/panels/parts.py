"""What share of the whole is a part?"""

from __future__ import annotations

from dialgauge.analysis.additive import adds_up
from dialgauge.model.answer import Value
from dialgauge.model.expression import names
from dialgauge.model.kpi import Kpi
from dialgauge.model.measure import Aggregate
from dialgauge.model.parse import parse
from dialgauge.model.vocabulary import Vocabulary


def has_parts(kpi: Kpi, words: Vocabulary) -> bool:
    """Whether groups of a KPI add up to the whole.

    Different things, such as leads, are left out: one may be in several groups.

    Example:
        >>> from dialgauge.catalogue.user import built_in
        >>> words = built_in()
        >>> [has_parts(words.kpi(name), words) for name in ("dials", "contact_rate")]
        [True, False]
    """
    formula = parse(kpi.formula)
    measures = (name.partition(".") for name in names(formula))
    kinds = {words.facts[fact].measures[name].aggregate for fact, _, name in measures}
    return kinds <= {Aggregate.COUNT, Aggregate.SUM} and adds_up(formula, words)


def part_of(value: Value, whole: Value, kpi: Kpi, words: Vocabulary) -> float | None:
    """Give a group's share of the whole, 0-1; None where parts do not add up to a whole."""
    if value.value is None or not whole.value or not has_parts(kpi, words):
        return None
    return value.value / whole.value
