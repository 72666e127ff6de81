"""What does a reader see?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import duckdb

from dialgauge.lake import deltalog
from dialgauge.lake.deltalog import DataFile, Stored
from dialgauge.lake.layout import Layout
from dialgauge.lake.manifest import Manifest
from dialgauge.model.table import Table

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One whole state of the lake over all tables; it stays readable while others write.

    Attributes:
        manifest: Where it is written down.
        tables: Table name to what the table consists of; tables without rows may be missing.
    """

    manifest: Manifest
    tables: Mapping[str, Stored]
    _found: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: object, find: Callable[[], _Found]) -> _Found:
        """Find something out about this state once: it never changes.

        Args:
            key: Names what is found out.
            find: Finds it out.
        """
        if key not in self._found:
            self._found[key] = find()
        return cast(_Found, self._found[key])

    @property
    def version(self) -> int:
        """The lake's version, 0 before anything was written."""
        return self.manifest.version

    @property
    def files(self) -> Mapping[str, tuple[DataFile, ...]]:
        """Table name to files."""
        return {name: stored.files for name, stored in self.tables.items()}

    def stored(self, table: Table) -> Stored:
        """Return what a table consists of."""
        return self.tables.get(table.name, Stored())

    def rows(self, table: Table) -> int:
        """Return how many rows a table has."""
        return sum(file.rows for file in self.stored(table).files)


def load(layout: Layout, manifest: Manifest) -> Snapshot:
    """Find the files of a manifest's tables."""
    return Snapshot(
        manifest,
        {
            name: deltalog.read(layout.table(name), version)
            for name, version in manifest.tables.items()
        },
    )


def view(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: Table) -> str:
    """Create a temporary view of a table as a snapshot sees it, and return its name.

    Args:
        con: Where the view is made.
        snapshot: The state to be read.
        table: The table; without rows the view is empty and has all its columns.
    """
    name = f"{table.name}_{snapshot.version}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {snapshot.stored(table).reading(table)}")
    return name
