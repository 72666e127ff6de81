"""Who remembers what was asked a moment ago?

A dashboard is asked the same by many people at once. An answer is kept under its plan, into which
the row rules are folded, and the files it was read from: whoever may see other rows has another
plan, and whoever asks after an import reads other files, so neither can get what is not theirs.

Who filters by one campaign will ask for the next. Such a plan is asked for every campaign in one
go, and each reader is given the part that their own plan, filter and row rules, asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.once import Once
from dialgauge.plan.nodes import Plan, RowsPlan
from dialgauge.plan.widening import widened

_MOST_BYTES = 64_000_000

_Key: TypeAlias = tuple[Plan, tuple[tuple[str, tuple[str, ...]], ...]]


class RememberingEngine:
    """An engine that answers a question once, however many ask it, and keeps the last answers.

    Rows behind numbers are not kept: they are about people.

    Args:
        engine: Who does the work.
        most_bytes: How much memory answers may take; the longest not asked for go first.
        at_once: How many questions are worked on at a time.

    Example:
        >>> from dialgauge.engines.reference import ReferenceEngine
        >>> RememberingEngine(ReferenceEngine()).kept
        0
    """

    def __init__(self, engine: Engine, *, most_bytes: int = _MOST_BYTES, at_once: int = 2) -> None:
        self._engine = engine
        self._answers: Once[_Key, pa.Table] = Once(
            size=lambda table: int(table.nbytes), most=most_bytes, at_once=at_once
        )

    @property
    def kept(self) -> int:
        """How many answers are kept."""
        return self._answers.kept

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Answer a plan, or give the answer that somebody has got already."""
        wide = widened(plan)
        if wide is None:
            return self._once(plan, files)
        part = part_of(self._once(wide.plan, files), wide.value)
        if plan.keys and not plan.totals:
            return part
        numbers = part.filter(pc.is_null(part.column("left_out")))
        if pc.any(numbers.column("is_total"), min_count=0).as_py():
            return part
        return pa.concat_tables([self._nothing(wide.plan, files), part])

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List the rows behind a number."""
        with self._answers.turn():
            return self._engine.rows(plan, files)

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Show the statement that `run` would execute."""
        return self._engine.explain(plan, files)

    def _nothing(self, wide: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Give the total of no rows, which is the same whatever is filtered."""
        alone = replace(wide, legs=tuple(replace(leg, part=None) for leg in wide.legs))
        return self._once(alone, {name: replace(each, paths=()) for name, each in files.items()})

    def _once(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        key = (plan, tuple((name, each.paths) for name, each in sorted(files.items())))
        return self._answers.of(key, lambda: self._engine.run(plan, files))


def part_of(answer: pa.Table, value: str) -> pa.Table:
    """Take one part out of the answer of a parted plan.

    Args:
        answer: Of the parted plan.
        value: Of the part that is wanted.

    Returns:
        Its rows, without the column that tells the parts apart; without a total where no row
        counts.
    """
    return answer.filter(pc.equal(answer.column("part"), value)).drop_columns("part")
