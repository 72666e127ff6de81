"""What does a writer that died leave behind, and who tidies up?

Before its first file a writer notes its change in `pending.json`. The next writer that finds such
a note, under the lock, puts the tables back to the newest manifest and removes the files of that
change; nothing else has to be searched.
"""

from __future__ import annotations

import datetime as dt
import json
import os

from dialgauge.lake import connection, deltalog, disk, manifest
from dialgauge.lake.layout import Layout
from dialgauge.lake.manifest import Manifest
from dialgauge.model.table import Table


def begin(layout: Layout, change: str, operation: str) -> None:
    """Note that a change begins to write files."""
    note = {"change": change, "operation": operation}
    disk.write(layout.pending, json.dumps(note))


def finish(layout: Layout) -> None:
    """Note that no change is unfinished."""
    disk.remove(layout.pending)


def repair(layout: Layout, tables: dict[str, Table]) -> Manifest:
    """Undo what an unfinished change did, and return the newest manifest.

    Args:
        layout: The lake; its lock is held.
        tables: The tables the lake may hold, by name.
    """
    latest = manifest.newest(layout.snapshots)
    change = _pending(layout)
    if change is None:
        return latest
    if change != latest.change:
        latest = _undo(layout, tables, latest, change)
    _remove_drafts(layout)
    connection.sweep(layout.scratch)
    finish(layout)
    return latest


def _pending(layout: Layout) -> str | None:
    try:
        return str(json.loads(disk.read(layout.pending))["change"])
    except FileNotFoundError:
        return None


def _undo(layout: Layout, tables: dict[str, Table], latest: Manifest, change: str) -> Manifest:
    versions = dict(latest.tables)
    for name, table in tables.items():
        folder = layout.table(name)
        now = deltalog.newest(folder)
        if now is not None and now != versions.get(name):
            versions[name] = deltalog.restore(folder, table, versions.get(name))
        _remove_files(folder, change)
    if versions == latest.tables:
        return latest
    repaired = Manifest(
        version=latest.version + 1,
        at=dt.datetime.now(dt.UTC),
        operation="repair",
        tables=versions,
        details={"undone": change},
        change=change,
    )
    manifest.publish(layout.snapshots, repaired)
    return repaired


def _remove_files(folder: str, change: str) -> None:
    for path, _, names in os.walk(folder):
        for name in names:
            if name.startswith(f"{change}-"):
                disk.remove(f"{path}/{name}")


def _remove_drafts(layout: Layout) -> None:
    for folder in (layout.hidden, layout.snapshots):
        for name in disk.names(folder):
            if name.endswith(".draft"):
                disk.remove(f"{folder}/{name}")
