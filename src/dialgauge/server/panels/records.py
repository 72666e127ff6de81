"""Which calls, leads or orders are behind a number?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from dialgauge.errors import UsageError
from dialgauge.model.table import Table
from dialgauge.model.wire import plain_records
from dialgauge.plan.reading import read
from dialgauge.server.masking import for_viewer
from dialgauge.server.panels.cells import FIRST, Cell, cell, heading
from dialgauge.server.panels.counted import rows_behind
from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.view import View

LIMITS = (100, 1000)
"""So many rows are shown, as the reader likes."""

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The rows that a KPI counts, above or below its line.

    Attributes:
        kpi: Which.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "records"
    kpi: str
    name: str = "records"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """List them, the earliest first."""
        view, say, words = look.view, look.say, look.gauge.words
        limit = how_many(view)
        question = view.question(self.kpi)
        found = for_viewer(look.gauge.rows(question, limit), look.viewer)
        table = words.facts[read(words.kpi(self.kpi), words).facts[0]].table
        everything = view.first("columns") == ALL
        columns = shown_columns(found, table, everything=everything)
        records = found.to_pylist()
        there = rows_behind(look.gauge, question) if found.num_rows == limit else found.num_rows
        return Shown(
            title=say.t(f"rows.of.{table.name}") if table.name in FIRST else table.name,
            subtitle=_told(found.num_rows, there, limit, look),
            data={"rows": plain_records(records), "there": there},
            records=plain_records(records),
            face={
                "headings": [heading(name, look) for name in columns],
                "columns": columns,
                "rows": [_row(record, columns, table, look) for record in records],
                "limits": [
                    (say.count(each), view.with_rest(limit=str(each)).address, each == limit)
                    for each in LIMITS
                ],
                "everything": everything,
                "other": view.with_rest(columns=None if everything else ALL).address,
                "hidden": sum(1 for name in found.column_names if _known(found, name))
                - len(columns),
            },
        )


def how_many(view: View) -> int:
    """Read how many rows an address asks for.

    Raises:
        UsageError: Too many, or no number.
    """
    text = view.first("limit", str(LIMITS[0]))
    if not text.isdecimal() or not 1 <= int(text) <= LIMITS[-1]:
        raise UsageError(f"'{text}' rows cannot be listed; ask for 1 to {LIMITS[-1]}")
    return int(text)


def shown_columns(found: pa.Table, table: Table, *, everything: bool) -> list[str]:
    """Choose the columns: the telling ones, or all in which anything stands.

    Args:
        found: The rows.
        table: The table they are from.
        everything: Whether all columns are wanted; the telling ones still come first.
    """
    first = [name for name in FIRST.get(table.name, ()) if name in found.column_names]
    rest = [name for name in found.column_names if name not in first and _known(found, name)]
    if everything:
        return [*first, *rest]
    return first or rest[:10]


def _known(found: pa.Table, name: str) -> bool:
    return bool(found.column(name).null_count < found.num_rows)


def _row(
    record: Mapping[str, object], columns: Sequence[str], table: Table, look: Look
) -> list[Cell]:
    return [cell(record, name, table.column(name).type, look) for name in columns]


def _told(found: int, there: int | None, limit: int, look: Look) -> str:
    say = look.say
    if there is None:
        return say.t("rows.first", count=say.count(found))
    if there > limit:
        return say.t("rows.some", count=say.count(found), all=say.count(there))
    return say.t("rows.every", count=say.count(found))
