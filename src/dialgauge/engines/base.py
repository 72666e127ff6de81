"""What must an engine offer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from dialgauge.model.table import Table, Type
from dialgauge.plan.nodes import Aggregation, Function, Plan, RowsPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The Parquet files of one table in one snapshot.

    Attributes:
        table: What stands in them; a file may lack columns added later, which read as NULL.
        paths: Where they are; empty for an empty table.
    """

    table: Table
    paths: tuple[str, ...]


class Engine(Protocol):
    """Runs plans over files."""

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Answer a plan; the columns are described at `Plan`.

        Args:
            plan: What to do.
            files: Every table the plan reads.
        """

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List the rows behind a number.

        Args:
            plan: Which rows.
            files: Every table the plan reads.
        """

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Show the statement that `run` would execute, for people; empty when there is none."""


ARROW_TYPES: Mapping[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.decimal128(38, 4),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
    Type.JSON: pa.string(),
}
"""Column type to the Arrow type it has in memory; sums of money need more digits than money."""


def schema(plan: Plan) -> pa.Schema:
    """Say what columns the answer of a plan has."""
    return pa.schema(
        [
            ("left_out", pa.string()),
            ("is_total", pa.bool_()),
            *([("part", pa.string())] if plan.parted else []),
            *((key.name, ARROW_TYPES[key.type]) for key in plan.keys),
            *((each.name, _result_type(each)) for each in plan.aggregations),
            *((output.name, pa.float64()) for output in plan.outputs),
            ("rows", pa.int64()),
        ]
    )


def _result_type(aggregation: Aggregation) -> pa.DataType:
    if aggregation.function is Function.QUANTILES:
        return pa.list_(pa.float64())
    if aggregation.function is Function.TUPLES:
        return pa.list_(pa.list_(pa.float64()))
    return ARROW_TYPES[aggregation.type]
