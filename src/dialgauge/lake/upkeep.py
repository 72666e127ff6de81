"""How does a lake stay small, fast and reversible?

- `restore` goes back to an older state, as a new version, so that going back can be undone too
- `compact` lays many small files out anew, in order of their clock; the rows stay the same
- `vacuum` gives up old states, and removes the files that only they needed
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dialgauge.errors import UsageError
from dialgauge.lake import deltalog, disk, manifest, snapshot, writer
from dialgauge.lake.change import Change
from dialgauge.lake.deltalog import DataFile
from dialgauge.lake.layout import Layout
from dialgauge.lake.manifest import Manifest
from dialgauge.model.table import Table
from dialgauge.tables.storage import quoted

_SMALL_ROWS = writer.FILE_ROWS // 2
_SMALL_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacuumed:
    """What was given up, or would be.

    Attributes:
        versions: States that can no longer be read.
        files: Files that are removed.
        size: Their length together, in bytes.
    """

    versions: tuple[int, ...]
    files: tuple[str, ...]
    size: int


def restore(change: Change, layout: Layout, tables: Iterable[Table], old: Manifest) -> int:
    """Make a new version that equals an older one, and return its number.

    Args:
        change: The change to be published.
        layout: The lake.
        tables: All tables it may hold.
        old: The state to go back to.
    """
    now = change.before.manifest.tables
    versions = dict(now)
    for table in tables:
        wanted = old.tables.get(table.name)
        if wanted != now.get(table.name):
            folder = layout.table(table.name)
            versions[table.name] = deltalog.restore(folder, table, wanted)
    return change.announce(versions, {"restored": old.version}, {})


def compact(change: Change, con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> int:
    """Merge the small files of each month, sorted by clock, and return how many were merged.

    Args:
        change: The change to be published.
        con: Where the sorting is done.
        tables: The tables to lay out anew.
    """
    merged = 0
    for table in tables:
        stored = change.stored(table)
        order = table.key if table.clock is None else table.clock
        for files in _small(stored.files):
            reading = stored.reading(table, [file.path for file in files])
            change.rewrite(con, table, files, f"{reading} ORDER BY {quoted(order)}")
            merged += len(files)
    return merged


def vacuum(
    layout: Layout, tables: Iterable[Table], *, older_than_days: float, dry_run: bool
) -> Vacuumed:
    """Give up the states that were overtaken longer ago than some days.

    Who began to read a state before it was overtaken can go on for that long.

    Args:
        layout: The lake; its lock is held.
        tables: All tables it may hold.
        older_than_days: How long an overtaken state is kept.
        dry_run: Only tell what would be removed.

    Raises:
        UsageError: The days are negative.
    """
    if older_than_days < 0:
        raise UsageError(f"cannot keep {older_than_days:g} days of history; allowed: 0 or more.")
    known = [
        manifest.read(layout.snapshots, version) for version in manifest.versions(layout.snapshots)
    ]
    cutoff = dt.datetime.now(dt.UTC) - dt.timedelta(days=older_than_days)
    overtaken = [old for old, later in itertools.pairwise(known) if later.at <= cutoff]
    kept = [state for state in known if state not in overtaken]
    needed = {
        file.path
        for state in kept
        for files in snapshot.load(layout, state).files.values()
        for file in files
    }
    loose = sorted(path for path in data_files(layout, tables) if path not in needed)
    found = Vacuumed(
        versions=tuple(state.version for state in overtaken),
        files=tuple(loose),
        size=sum(Path(path).stat().st_size for path in loose),
    )
    if not dry_run:
        drop(layout, found.versions, found.files)
    return found


def drop(layout: Layout, versions: Iterable[int], files: Iterable[str]) -> None:
    """Forget states first, then remove files, so that no state ever lacks a file."""
    for version in versions:
        disk.remove(manifest.path_of(layout.snapshots, version))
    disk.sync_folder(layout.snapshots)
    for path in files:
        disk.remove(path)


def data_files(layout: Layout, tables: Iterable[Table]) -> Iterator[str]:
    """Yield every Parquet file in the tables' folders, whichever state needs it."""
    for table in tables:
        folder = Path(layout.table(table.name))
        pattern = "month=*/*.parquet" if table.by_month else "*.parquet"
        yield from (str(path) for path in folder.glob(pattern))


def _small(files: Iterable[DataFile]) -> list[list[DataFile]]:
    """Group small files by month; a month with one has nothing to merge."""
    months: dict[str | None, list[DataFile]] = {}
    for file in files:
        if file.rows < _SMALL_ROWS and file.size < _SMALL_BYTES:
            months.setdefault(file.month, []).append(file)
    return [group for group in months.values() if len(group) > 1]
