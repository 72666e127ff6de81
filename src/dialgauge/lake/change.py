"""How does a batch get into the lake, all of it or nothing?

A `Change` is the work of one writer under the lock. It writes files that no table knows yet, and
`publish` makes them part of their tables and names the new state in one manifest. Until then no
reader sees anything; when the work ends otherwise, or the process dies, the files are removed.

Files are never changed: one that holds a row to be replaced is written anew without it, and all
others stay as they are, so that new rows cost what they weigh and not what the lake weighs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import duckdb

from dialgauge.errors import LakeError
from dialgauge.lake import classify, deltalog, disk, manifest, merge, sql, writer
from dialgauge.lake.classify import Batch, Classified
from dialgauge.lake.deltalog import DataFile, NewFile, Stored
from dialgauge.lake.layout import Layout
from dialgauge.lake.manifest import Manifest
from dialgauge.lake.merge import Incoming
from dialgauge.lake.snapshot import Snapshot
from dialgauge.lake.writer import Target
from dialgauge.model.table import Table


class Change:
    """What one writer adds to the lake; made by `Lake.write`.

    Attributes:
        name: Begins the names of all files it writes.
        before: The lake as it was.
        published: The manifest, once there is one.
    """

    def __init__(self, layout: Layout, before: Snapshot, operation: str, name: str) -> None:
        self.name = name
        self.published: Manifest | None = None
        self._layout = layout
        self.before = before
        self._operation = operation
        self._tables: dict[str, Table] = {}
        self._added: dict[str, list[NewFile]] = {}
        self._removed: dict[str, list[DataFile]] = {}
        # Views handed out may still read them, so they go at the end.
        self._discarded: list[str] = []
        self._written = 0

    def stored(self, table: Table) -> Stored:
        """Return what a table consists of, with what this change has done to it so far."""
        before = self.before.stored(table)
        if table.name not in self._tables:
            return before
        gone = {file.path for file in self._removed[table.name]}
        kept = [file for file in before.files if file.path not in gone]
        new = [added.file for added in self._added[table.name]]
        return Stored((*kept, *new), _names(table))

    def view(self, con: duckdb.DuckDBPyConnection, table: Table) -> str:
        """Create a view of a table with what this change has done to it, and return its name."""
        name = sql.fresh(table.name)
        con.execute(f"CREATE TEMP VIEW {name} AS {self.stored(table).reading(table)}")
        return name

    def classify(
        self, con: duckdb.DuckDBPyConnection, table: Table, relation: str, present: Sequence[str]
    ) -> Classified:
        """Sort rows by what they do to a table; see `classify.classify`.

        Args:
            con: Where the rows are.
            table: Their table.
            relation: Relation with the columns that are not derived and `_row`.
            present: The columns the rows say something about.
        """
        batch = Batch(table=table, relation=relation, present=present)
        return classify.classify(con, batch, self.stored(table))

    def upsert(
        self, con: duckdb.DuckDBPyConnection, table: Table, relation: str, keys: str = ""
    ) -> None:
        """Store rows; those whose key the table has take the old row's place.

        Args:
            con: Where the rows are.
            table: Their table.
            relation: A relation with all columns of the table, derived ones too, each key once.
                In a table that is derived a row without clock says that the row of its key is
                gone.
            keys: A relation with the key and the clock of the very same rows, where it costs less
                to read.

        Raises:
            LakeError: A key comes twice, or is missing, or a row has no clock.
        """
        incoming = Incoming(table=table, relation=relation, keys=keys)
        with sql.temporary(con) as temp:
            plan = merge.plan(con, temp, incoming, self.stored(table))
            added = [
                new
                for month, query in plan.queries
                for new in self._write(con, table, month, query)
            ]
        written = sum(new.file.rows for new in added)
        if written != plan.rows:
            raise LakeError(
                f"{written} rows of {table.name} were written instead of {plan.rows};"
                " nothing was stored. Please report it."
            )
        self.replace(table, added, plan.touched)

    def rewrite(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        files: Sequence[DataFile],
        query: str,
    ) -> None:
        """Put the rows of a query in the place of some files, all of one month.

        Args:
            con: Where the query runs.
            table: The table.
            files: Files of the table, at least one.
            query: Gives all columns of the table.
        """
        self.replace(table, self._write(con, table, files[0].month, query), files)

    def replace(self, table: Table, added: Sequence[NewFile], removed: Sequence[DataFile]) -> None:
        """Note that files come in the place of others."""
        if not added and not removed:
            return
        self._tables[table.name] = table
        mine = self._added.setdefault(table.name, [])
        before = self._removed.setdefault(table.name, [])
        gone = {file.path for file in removed}
        for new in [new for new in mine if new.file.path in gone]:
            mine.remove(new)
            self._discarded.append(new.file.path)
            gone.discard(new.file.path)
        before.extend(file for file in removed if file.path in gone)
        mine.extend(added)

    @property
    def touched(self) -> tuple[str, ...]:
        """Names of the tables this change has done something to."""
        return tuple(name for name in self._tables if self._added[name] or self._removed[name])

    def publish(
        self,
        details: Mapping[str, object] | None = None,
        counts: Mapping[str, int] | None = None,
        *,
        same_rows: bool = False,
    ) -> int:
        """Make everything visible at once.

        Args:
            details: What to remember of the operation, as JSON allows.
            counts: Rows by what happened to them.
            same_rows: True when files changed and rows did not.

        Returns:
            The lake's version; the one before when there was nothing to do.
        """
        if not self.touched:
            return self.before.version
        for path in self._discarded:
            disk.remove(path)
        tables = dict(self.before.manifest.tables)
        for name in self.touched:
            tables[name] = deltalog.commit(
                self._layout.table(name),
                self._tables[name],
                self._added[name],
                self._removed[name],
                same_rows=same_rows,
            )
        return self.announce(tables, details or {}, counts or {})

    def announce(
        self,
        tables: Mapping[str, int],
        details: Mapping[str, object],
        counts: Mapping[str, int],
    ) -> int:
        """Publish a manifest over versions that tables have already, and return its version."""
        self.published = Manifest(
            version=self.before.version + 1,
            at=dt.datetime.now(dt.UTC),
            operation=self._operation,
            tables=tables,
            details=details,
            counts=counts,
            change=self.name,
        )
        manifest.publish(self._layout.snapshots, self.published)
        return self.published.version

    def _write(
        self, con: duckdb.DuckDBPyConnection, table: Table, month: str | None, query: str
    ) -> list[NewFile]:
        self._written += 1
        target = Target(
            table=table,
            folder=self._layout.table(table.name),
            month=month,
            stem=f"{self.name}-{self._written}",
        )
        return writer.write(con, query, target)


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)
