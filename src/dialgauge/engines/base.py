"""What must an engine offer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from dialgauge.model.table import Table
from dialgauge.plan.nodes import Plan, RowsPlan


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
