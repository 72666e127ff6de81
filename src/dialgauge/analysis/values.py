"""How do an engine's numbers become values with parts, counts and intervals?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa

from dialgauge.analysis.distribution import Array
from dialgauge.analysis.expected import Expectation
from dialgauge.analysis.formula import computed
from dialgauge.analysis.interval import (
    Interval,
    compound_poisson,
    mean,
    poisson_rate,
    ratio_of_sums,
    wilson,
)
from dialgauge.analysis.listed import Times, times_to, tuples
from dialgauge.analysis.quantile import quantile_interval
from dialgauge.model.answer import Value
from dialgauge.model.expression import Call, Expression, Literal, Name, names, walk
from dialgauge.model.kpi import Unit
from dialgauge.plan.nodes import Aggregation, Function, Plan
from dialgauge.plan.reading import Certainty, Reading

_LEAST = {
    Unit.COUNT: 0.0,
    Unit.SECONDS: 0.0,
    Unit.DAYS: 0.0,
    Unit.HOURS: 0.0,
    Unit.SHARE: 0.0,
    Unit.POINTS: -100.0,
}
_MOST = {Unit.SHARE: 1.0, Unit.POINTS: 100.0}
"""Where a unit ends; a value beyond, such as more paid than worked hours, has no such end."""
_NOT_PART = "the numerator is not a part of the denominator, so this is no share of it"
_TOO_FEW = "too few rows for an interval"
_UNDEFINED = "the denominator is 0"
_NO_ROWS = "no rows"


_NOT_YET = "fewer than half have come to it, and nothing says when half will have"


def values(
    numbers: pa.Table, plan: Plan, reading: Reading, expectation: Expectation | None = None
) -> list[Value]:
    """Read a KPI's values off an engine's table.

    Args:
        numbers: Number rows of the plan's result.
        plan: What the engine was asked.
        reading: How the KPI is read.
        expectation: What customers' histories make expect; None when nobody asks.

    Returns:
        One value a row, in the order of rows.
    """
    return _Reader(numbers, plan, reading, expectation).values()


class _Reader:
    """One KPI's columns of an engine's table."""

    def __init__(
        self,
        numbers: pa.Table,
        plan: Plan,
        reading: Reading,
        expectation: Expectation | None = None,
    ) -> None:
        self.numbers, self.plan, self.reading = numbers, plan, reading
        self.expectation = expectation
        self.nodes = {node.name: node for node in plan.aggregations}
        self.worked_out: dict[str, Times] = {}
        self.value = self.output(reading.kpi.name, reading.formula)
        self.top, self.bottom = self.part("numerator"), self.part("denominator")

    def part(self, which: str) -> Array:
        """Read the numerator or denominator; a sum that is 0 without rows in the value is so."""
        formula = getattr(self.reading, which)
        if formula is None:
            return np.full(self.numbers.num_rows, np.nan)
        name = self.reading.column(which)
        return self.output(name, formula) if self.reading.listed else self.filled(name)

    def output(self, name: str, formula: Expression) -> Array:
        """Read what the engine computed, else compute it from the measures."""
        if self.reading.listed:
            found = computed(formula, self.column)
            return np.broadcast_to(found, (self.numbers.num_rows,)).astype(np.float64)
        return self.column(name)

    def column(self, name: str) -> Array:
        node = self.nodes.get(name)
        if node is not None and node.function is Function.TUPLES:
            return self.times(node)[0] if node.fractions else self.expected(node)
        return np.asarray(
            self.numbers.column(name).to_numpy(zero_copy_only=False), dtype=np.float64
        )

    def times(self, node: Aggregation) -> Times:
        if node.name not in self.worked_out:
            groups = tuples(self.numbers.column(node.name), 1 + len(node.more))
            self.worked_out[node.name] = times_to(groups, node.fractions[0])
        return self.worked_out[node.name]

    def expected(self, node: Aggregation) -> Array:
        groups = tuples(self.numbers.column(node.name), 1 + len(node.more))
        if self.expectation is None:
            return np.full(len(groups), np.nan)
        return np.array([self.expectation.worth(group) for group in groups], dtype=np.float64)

    def measure(self, number: int = 0) -> str:
        fact, name = self.reading.measures[number]
        return f"{fact}.{name}"

    def values(self) -> list[Value]:
        low, high = self.interval()
        known = ~np.isnan(self.value)
        low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
        unit = self.reading.kpi.unit
        if unit in _LEAST:
            low = np.maximum(low, _LEAST[unit])
        if unit in _MOST:
            high = np.where(self.value <= _MOST[unit], np.minimum(high, _MOST[unit]), high)
        columns = zip(
            *(part.tolist() for part in (self.value, self.top, self.bottom, self.n(), low, high)),
            strict=True,
        )
        return [self.one(*(_known(cell) for cell in row)) for row in columns]

    def one(self, *cells: float | None) -> Value:
        value, top, bottom, n, low, high = cells
        reason = ""
        if value is None:
            reason = self.why_unknown(bottom, n)
        elif low is None:
            too_much = top is not None and bottom is not None and top > bottom
            is_share = self.reading.certainty is Certainty.SHARE
            reason = self.reading.reason or (_NOT_PART if is_share and too_much else _TOO_FEW)
        return Value(
            value=value,
            numerator=top,
            denominator=bottom,
            n=int(n or 0),
            low=low,
            high=high,
            reason=reason,
        )

    def why_unknown(self, bottom: float | None, n: float | None) -> str:
        if bottom == 0:
            return _UNDEFINED
        if self.reading.certainty is Certainty.TIME_TO and n:
            return _NOT_YET
        if self.expectation is not None and self.expectation.refusal and self.reading.listed:
            return self.expectation.refusal
        return _NO_ROWS

    def n(self) -> Array:
        return self.column(self.reading.counted)

    def interval(self) -> Interval:
        unknown = np.full(len(self.value), np.nan)
        match self.reading.certainty:
            case Certainty.SHARE:
                part = np.where(self.top <= self.bottom, self.top, np.nan)
                return wilson(part, np.where(self.bottom > 0, self.bottom, np.nan))
            case Certainty.MEAN:
                return mean(self.top, self.column(f"{self.measure()}:squares"), self.bottom)
            case Certainty.RATIO:
                return self.ratio()
            case Certainty.RATE:
                exposure = np.where(self.bottom > 0, self.bottom, np.nan)
                return poisson_rate(self.top, exposure)
            case Certainty.COUNT:
                return poisson_rate(self.value)
            case Certainty.SUM:
                return compound_poisson(self.value, self.column(f"{self.measure()}:squares"))
            case Certainty.QUANTILE:
                return self.quantile()
            case Certainty.TIME_TO:
                return self.times(self.nodes[self.measure()])[1:]
            case Certainty.PLUGGED:
                return self.plugged()
        return unknown, unknown

    def ratio(self) -> Interval:
        left, right = (
            names(part)[0] for part in (self.reading.numerator, self.reading.denominator)
        )
        return ratio_of_sums(
            self.top,
            self.bottom,
            self.column(f"{left}:squares"),
            self.column(f"{left}:{right}"),
            self.column(f"{right}:squares"),
            self.n(),
        )

    def plugged(self) -> Interval:
        """Put the ends of the one uncertain measure's interval into the formula."""
        name = self.reading.uncertain
        node = self.nodes[name]
        count = self.column(name)
        if node.function is Function.SUM:
            sure = np.where(np.isnan(count), 0.0, count)
            low, high = compound_poisson(sure, self.column(f"{name}:squares"))
        else:
            low, high = poisson_rate(count)
        ends = []
        for end in (low, high):

            def column(other: str, end: Array = end) -> Array:
                return end if other == name else self.filled(other)

            ends.append(computed(self.reading.formula, column))
        return np.fmin(*ends), np.fmax(*ends)

    def filled(self, name: str) -> Array:
        """Read a measure; a sum of nothing that is 0 in the value is 0."""
        cells = self.column(name)
        output = next(each for each in self.plan.outputs if each.name == self.reading.kpi.name)
        for node in walk(output.formula):
            match node:
                case Call("coalesce", (Name(named), Literal(value))) if named == name:
                    return np.where(np.isnan(cells), float(str(value)), cells)
        return cells

    def quantile(self) -> Interval:
        node = self.nodes[self.measure()]
        width = len(node.fractions)
        cells = self.numbers.column(node.name).to_pylist()
        grid = np.array([cell or [np.nan] * width for cell in cells], dtype=np.float64)
        fraction = node.fractions[node.picked]
        return quantile_interval(node.fractions, grid.reshape(-1, width), self.n(), fraction)


def unknown(value: Value, reason: str) -> Value:
    """Take back a value whose numerator nobody recorded; one that is unknown anyway stays."""
    if value.value is None:
        return value
    return replace(value, value=None, numerator=None, low=None, high=None, reason=reason)


def immature(numbers: pa.Table, reading: Reading) -> int:
    """Count the rows that a KPI leaves out because their outcome is not known yet.

    Args:
        numbers: The number rows, or the total row alone.
        reading: How the KPI is read; its last measure decides, the denominator of a rate.
    """
    fact, measure = reading.measures[-1]
    name = f"{fact}.{measure}:immature"
    if name not in numbers.column_names:
        return 0
    return sum(count or 0 for count in numbers.column(name).to_pylist())


def _known(cell: float) -> float | None:
    return None if math.isnan(cell) else cell
