"""Is a 0 a 0, or did nobody write it down?

A count of rows with a flag or a result says nothing when no row of the table has that column at
all. Such columns are looked for only where a count came out as 0, so that asking costs nothing
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialgauge.model.expression import Name, names
from dialgauge.model.fact import Fact
from dialgauge.model.measure import Aggregate
from dialgauge.model.parse import parse
from dialgauge.model.table import Type
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.nodes import Aggregation, Function, Leg, Plan
from dialgauge.plan.reading import Reading

_COUNTS = (Aggregate.COUNT, Aggregate.DISTINCT)


def flags(reading: Reading, words: Vocabulary) -> dict[str, tuple[str, tuple[str, ...]]]:
    """List the counts above a KPI's line that rest on flags and enumerations.

    Returns:
        The measure's column, `fact.measure`, to its fact and the flags it reads.

    Example:
        >>> from dialgauge.catalogue.user import built_in
        >>> from dialgauge.plan.reading import read
        >>> words = built_in()
        >>> flags(read(words.kpi("contact_rate"), words), words)
        {'calls.contacts': ('calls', ('direction', 'contact'))}
    """
    found = {}
    for column in names(reading.numerator):
        fact_name, _, measure_name = column.partition(".")
        fact = words.facts[fact_name]
        measure = fact.measures[measure_name]
        if fact.table.derived or measure.aggregate not in _COUNTS or not measure.where:
            continue
        read = tuple(name for name in names(parse(measure.where)) if _is_flag(name, fact))
        if read:
            found[column] = (fact_name, read)
    return found


def count_plan(facts: Mapping[str, Iterable[str]], words: Vocabulary) -> Plan:
    """Plan to count the rows of whole tables that have a value in each of some columns.

    Args:
        facts: Fact name to columns of it.
        words: What may be named.

    Returns:
        A plan whose aggregations are `fact.column`.
    """
    return Plan(legs=tuple(_counting(words.facts[name], facts[name]) for name in facts), outputs=())


def _counting(fact: Fact, columns: Iterable[str]) -> Leg:
    counted = tuple(dict.fromkeys(columns))
    clock = fact.clocks[0]
    return Leg(
        fact=fact.name,
        columns=tuple(dict.fromkeys((clock, *counted))),
        clocks=(clock,),
        aggregations=tuple(
            Aggregation(
                name=f"{fact.name}.{name}",
                function=Function.COUNT,
                argument=Name(name),
                type=Type.INTEGER,
            )
            for name in counted
        ),
    )


def _is_flag(name: str, fact: Fact) -> bool:
    if name not in fact.table.types:
        return False
    column = fact.table.column(name)
    return not column.derived and (column.type is Type.BOOL or bool(column.values))
