"""Which KPIs, and which splits, rest on a column?

Worked out from the vocabulary: a KPI reads what its measures read, their clocks and the rows that
never count; what is derived reads what it is derived from.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialgauge.checks.check import Check
from dialgauge.checks.origins import ORIGINS
from dialgauge.errors import UsageError
from dialgauge.model.expression import Expression, Name, names
from dialgauge.model.fact import ALIVE, Fact, Spread
from dialgauge.model.kpi import Kpi
from dialgauge.model.parse import parse
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import TIME_DIMENSIONS, Scope, dimensions, resolve


@dataclass(frozen=True, slots=True)
class Reach:
    """What the words of a lake rest on, as `table.column`, `table.column>table` or `table.*`.

    Attributes:
        kpis: KPI name to what it reads.
        dimensions: `fact.dimension` to what it reads.
    """

    kpis: Mapping[str, frozenset[str]]
    dimensions: Mapping[str, frozenset[str]]

    def touched(self, check: Check) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """List the KPIs and the `fact.dimension`s that rest on what a check finds wrong."""
        wrong = {name if "." in name else f"{check.table}.{name}" for name in check.touches}
        return _resting(self.kpis, wrong), _resting(self.dimensions, wrong)


def reach(words: Vocabulary) -> Reach:
    """Work out what every KPI and every dimension rests on."""
    of_fact = functools.cache(lambda name: _fact_reads(words.facts[name]))
    kpis = {
        name: _origins(
            column
            for fact, measure in _measures(kpi, words)
            for column in (
                *of_fact(fact),
                *_measure_reads(words.facts[fact], measure, words),
            )
        )
        for name, kpi in words.kpis.items()
    }
    splits = {
        f"{fact.name}.{name}": _origins(_columns(_meaning(name, fact, words), fact, words))
        for fact in words.facts.values()
        for name in dimensions(fact, words)
        if name not in TIME_DIMENSIONS
    }
    return Reach(kpis, splits)


def _resting(words: Mapping[str, frozenset[str]], wrong: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, reads in words.items() if not reads.isdisjoint(wrong))


def _measures(kpi: Kpi, words: Vocabulary) -> tuple[tuple[str, str], ...]:
    try:
        return read(kpi, words).measures
    except UsageError:  # a formula that cannot be read is refused when it is asked
        return ()


def _fact_reads(fact: Fact) -> tuple[str, ...]:
    """List what every measure of a fact reads: its rows, and which of them never count."""
    read_ = [f"{fact.name}.*"]
    for condition in fact.left_out.values():
        read_ += (f"{fact.name}.{name}" for name in names(parse(condition)) if "." not in name)
    if fact.spread is Spread.INTERVAL:
        read_ += (f"{fact.name}.started_at", f"{fact.name}.ended_at")
    if fact.days is not None:
        days = (fact.days.first, fact.days.last, fact.days.portion_of)
        read_ += (f"{fact.name}.{name}" for name in days)
    return tuple(read_)


def _measure_reads(fact: Fact, measure: str, words: Vocabulary) -> list[str]:
    found = fact.measures[measure]
    clock = found.clock or fact.clocks[0]
    alive = fact.alive if clock == ALIVE else None
    clocks = [clock] if alive is None else [alive.since, alive.until]
    read_ = [f"{fact.name}.{name}" for name in clocks]
    for text in (found.of, found.where, found.event, found.instead):
        if text:
            read_ += _columns(parse(text), fact, words)
    return read_


def _columns(expression: Expression, fact: Fact, words: Vocabulary) -> list[str]:
    """List what an expression over a fact's columns and lookups reads."""
    found: list[str] = []
    lookups = {lookup.table: lookup for lookup in fact.lookups}
    for name in names(expression):
        table, _, column = name.rpartition(".")
        if table in lookups:
            own = f"{fact.name}.{lookups[table].on}"
            key = lookups[table].key or words.tables[table].key
            found += (name, own, f"{own}>{table}", f"{table}.*", f"{table}.{key}")
        elif not table and column in fact.table.types:
            found.append(f"{fact.name}.{column}")
    return found


def _meaning(name: str, fact: Fact, words: Vocabulary) -> Expression:
    scope = Scope(fact=fact, words=words, at=Name(fact.clocks[0]), offsets=())
    return resolve(Name(name), scope)


def _origins(columns: Iterable[str]) -> frozenset[str]:
    """Add all that columns follow from."""
    found: set[str] = set()
    waiting = list(columns)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        column, arrow, other = name.partition(">")
        for origin in ORIGINS.get(column, ()):
            if not arrow:
                waiting.append(origin)
            elif ">" not in origin:
                waiting.append(f"{origin}>{other}")
        table, _, what = name.partition(".")
        if what == "*":
            waiting += (f"{each}.*" for each in _MADE_OF.get(table, ()))
    return frozenset(found)


_MADE_OF: Mapping[str, tuple[str, ...]] = {
    "journeys": ("calls",),
    "callbacks": ("calls",),
    "lifetimes": ("orders", "customers"),
    "active_spells": ("orders", "customers"),
    "cost_shares": ("costs",),
    "scores": ("reviews",),
    "reviewed_calls": ("reviews",),
    "stage_norms": ("stages",),
    "lead_experiments": ("assignments",),
    "agent_experiments": ("assignments",),
    "call_experiments": ("assignments",),
}
"""Derived table to those whose import makes it."""
