"""Which one plan answers this one and its neighbours?

Who filters by one campaign will ask for the next. One plan that is parted by campaign answers
both, and every campaign after them, for about the price of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialgauge.model.expression import And, Compare, Expression, Literal, conjunction, names
from dialgauge.plan.nodes import Leg, Plan

_CREDITED = ("credited_campaign_id", "credited_list_id")
_FEW = frozenset(
    {"campaign_id", "country", "lead_source", "list_id", "product", "region", "team", *_CREDITED}
)
"""Columns of which a lake holds tens or hundreds of values: an answer for each is still small."""


@dataclass(frozen=True, slots=True)
class Wide:
    """A plan, and which part of its answer is that of another plan.

    Attributes:
        plan: Parted by a column.
        value: The part that is wanted.
    """

    plan: Plan
    value: str


def widened(plan: Plan) -> Wide | None:
    """Take one filter out of a plan and part the plan by what it filters instead.

    Only a filter for one value of a column with few values can be taken out, and only where every
    leg has it, be it that some work the value out.

    Returns:
        The parted plan; None when there is no such filter.

    Example:
        >>> from dialgauge.model.expression import Name
        >>> from dialgauge.plan.nodes import Aggregation, Function
        >>> where = Compare("=", Name("region"), Literal("Bavaria"))
        >>> dials = Aggregation(name="dials", function=Function.COUNT)
        >>> leg = Leg(fact="calls", columns=("region",), clocks=(), aggregations=(dials,))
        >>> wide = widened(Plan(legs=(replace(leg, where=where),), outputs=()))
        >>> wide.value, wide.plan.legs[0].where, wide.plan.legs[0].part
        ('Bavaria', None, Name(name='region'))
    """
    conditions = [_conditions(leg) for leg in plan.legs]
    if len({len(each) for each in conditions}) != 1:
        return None
    for place, across in enumerate(zip(*conditions, strict=True)):
        value = _one_value(across)
        if value is not None:
            legs = (
                replace(leg, where=_without(kept, place), part=_left(kept[place]))
                for leg, kept in zip(plan.legs, conditions, strict=True)
            )
            return Wide(plan=replace(plan, legs=tuple(legs)), value=value)
    return None


def _conditions(leg: Leg) -> tuple[Expression, ...]:
    match leg.where:
        case None:
            return ()
        case And(operands):
            return operands
        case single:
            return (single,)


def _one_value(across: tuple[Expression, ...]) -> str | None:
    """Find the value that all legs filter by, where it is one of few."""
    values: set[str] = set()
    few = False
    for condition in across:
        match condition:
            case Compare("=", left, Literal(str(value))):
                values.add(value)
                few |= any(name.rpartition(".")[2] in _FEW for name in names(left))
            case _:
                return None
    return values.pop() if few and len(values) == 1 else None


def _left(condition: Expression) -> Expression | None:
    return condition.left if isinstance(condition, Compare) else None


def _without(conditions: tuple[Expression, ...], place: int) -> Expression | None:
    return conjunction(*(each for other, each in enumerate(conditions) if other != place))
