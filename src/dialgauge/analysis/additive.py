"""Does a number of the whole add up from the numbers of its parts?"""

from __future__ import annotations

from dialgauge.model.expression import Arithmetic, Call, Expression, Literal, Name, names
from dialgauge.model.measure import Aggregate
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import measure_of

_ADDING = (Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT, Aggregate.EXPECTED_VALUE)


def adds_up(formula: Expression, words: Vocabulary) -> bool:
    """Whether a formula adds counts and sums up, so that parts may be added as well.

    Different things are counted among them: they add up over parts that share none, which only
    the numbers can tell.

    Args:
        formula: Over measures, `fact.measure`.
        words: What the names mean.

    Example:
        >>> from dialgauge.catalogue.user import built_in
        >>> from dialgauge.model.parse import parse
        >>> words = built_in()
        >>> adds_up(parse("orders.revenue - cost_shares.amount"), words)
        True
        >>> adds_up(parse("orders.revenue / orders.count"), words)
        False
    """
    match formula:
        case Name():
            found = measure_of(formula, words)
            return found is not None and found[1].aggregate in _ADDING
        case Arithmetic("+" | "-", left, right):
            return adds_up(left, words) and adds_up(right, words)
        case Arithmetic("*", left, right) if not names(left):
            return adds_up(right, words)
        case Arithmetic("*" | "/", left, right) if not names(right):
            return adds_up(left, words)
        case Call("coalesce", (first, Literal(value))) if float(str(value)) == 0:
            return adds_up(first, words)
    return False
