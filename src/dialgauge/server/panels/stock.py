"""What is in the lake, and how fresh is it? One row a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from dialgauge.lake import Lake, manifest
from dialgauge.lake.manifest import Manifest
from dialgauge.model.table import Table
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.server.panels.panel import Look, Shown

LOOKED_BACK = 60
"""So many states of the lake are looked through for each table's last import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Every table that is imported: rows, oldest, newest, last import; the empty ones at the end.

    Attributes:
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "stock"
    title: str = "health.stock"
    name: str = "stock"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Read it from the lake's own records; no table is scanned as a whole."""
        say, gauge = look.say, look.gauge
        snapshot = gauge.lake.snapshot()
        changed = last_changes(history(gauge.lake, LOOKED_BACK))
        tables = [table for table in gauge.words.tables.values() if not table.derived]
        found = [(table, snapshot.rows(table)) for table in tables]
        waiting = {table.name: waits(table, gauge.words) for table, rows in found if not rows}
        return Shown(
            title=say.t(self.title),
            data={
                "tables": [_json(table, rows, look) for table, rows in found],
                "waiting": waiting,
            },
            face={
                "rows": [_row(table, rows, changed, look) for table, rows in found if rows],
                "empty": [
                    {
                        "name": table.name,
                        "meaning": table.meaning,
                        "kpis": [say.title(gauge.words.kpis[kpi]) for kpi in waiting[table.name]],
                        "command": f"dialgauge import files {table.name}.csv --table {table.name}",
                    }
                    for table, rows in found
                    if not rows
                ],
            },
        )


def history(lake: Lake, most: int) -> list[Manifest]:
    """List the states of a lake, the newest first."""
    folder = lake.layout.snapshots
    return [manifest.read(folder, known) for known in reversed(manifest.versions(folder)[-most:])]


def last_changes(states: Sequence[Manifest]) -> dict[str, Manifest]:
    """Find by which change each table got as it is.

    Args:
        states: The newest first.

    Returns:
        Table name to the state that changed it last, as far back as the states reach.
    """
    found: dict[str, Manifest] = {}
    for place, state in enumerate(states):
        before = states[place + 1].tables if place + 1 < len(states) else {}
        for table, version in state.tables.items():
            if before.get(table) != version:
                found.setdefault(table, state)
    return found


def waits(table: Table, words: Vocabulary) -> list[str]:
    """List the KPIs that cannot be asked while a table is empty."""
    return [
        kpi.name
        for kpi in words.kpis.values()
        if any(
            (words.tables[fact].made_from or fact) == table.name for fact in read(kpi, words).facts
        )
    ]


def _row(table: Table, rows: int, changed: Mapping[str, Manifest], look: Look) -> Mapping[str, Any]:
    say, zone = look.say, ZoneInfo(look.view.timezone)
    reach = look.gauge.reach(table.name)
    last = changed.get(table.name)
    return {
        "name": table.name,
        "meaning": table.meaning,
        "rows": say.count(rows),
        "oldest": say.moment(reach.start.astimezone(zone)) if reach.start else "",
        "newest": say.moment(reach.end.astimezone(zone)) if reach.end else "",
        "changed": say.moment(last.at.astimezone(zone)) if last else "",
    }


def _json(table: Table, rows: int, look: Look) -> Mapping[str, Any]:
    reach = look.gauge.reach(table.name)
    return {
        "table": table.name,
        "rows": rows,
        "oldest": reach.start.isoformat() if reach.start else None,
        "newest": reach.end.isoformat() if reach.end else None,
    }
