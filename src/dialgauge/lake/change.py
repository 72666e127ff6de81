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
from dialgauge.lake import classify, deltalog, disk, manifest, sql, writer
from dialgauge.lake.classify import Batch, Classified
from dialgauge.lake.deltalog import DataFile, NewFile, Stored
from dialgauge.lake.layout import Layout
from dialgauge.lake.manifest import Manifest
from dialgauge.lake.snapshot import Snapshot
from dialgauge.lake.sql import Temporary
from dialgauge.lake.writer import Target
from dialgauge.model.table import Table
from dialgauge.tables.storage import quoted, text


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
            relation: Temporary table with the columns that are not derived and `_row`.
            present: The columns the rows say something about.
        """
        batch = Batch(table=table, relation=relation, present=present)
        return classify.classify(con, batch, self.stored(table))

    def upsert(self, con: duckdb.DuckDBPyConnection, table: Table, relation: str) -> None:
        """Store rows; those whose key the table has take the old row's place.

        Args:
            con: Where the rows are.
            table: Their table.
            relation: A relation with all columns of the table, derived ones too, each key once.
                A view is read once and kept, a table is read where it is. In a table that is
                derived a row without clock says that the row of its key is gone.

        Raises:
            LakeError: A key comes twice, or is missing, or a row has no clock.
        """
        stored = self.stored(table)
        with sql.temporary(con) as temp:
            months = _months(con, table, relation)
            source = relation
            if (len(months) > 1 or stored.files) and _is_view(con, relation):
                source = temp.table("rows", f"SELECT {_listed(table)} FROM {relation}")
            hits = _hits(temp, table, source, stored)
            paths = {
                path for (path,) in con.execute(f"SELECT DISTINCT file FROM {hits}").fetchall()
            }
            if stored.files and set(_names(table)) - set(stored.columns):
                # The package has given the table a column: all files get it.
                paths = set(stored.paths)
            touched = [file for file in stored.files if file.path in paths]
            added = []
            for month in _ordered({*months, *(file.month for file in touched)}):
                old = [file.path for file in touched if file.month == month]
                parts = [_remaining(table, stored, old, hits)] if old else []
                if month in months:
                    parts.append(_of_month(table, source, month))
                added += self._write(con, table, month, " UNION ALL ".join(parts))
        self.replace(table, added, touched)

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
            disk.remove(new.file.path)
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


def _months(con: duckdb.DuckDBPyConnection, table: Table, relation: str) -> set[str | None]:
    """Return the months of a relation's rows, after checking that they can be stored."""
    key = quoted(table.key)
    clock = None if table.clock is None else quoted(table.clock)
    needed = clock is not None and not table.derived
    lacking = f"{key} IS NULL" + (f" OR {clock} IS NULL" if needed else "")
    month = sql.month_of(clock) if clock and table.by_month else "NULL"
    found = con.execute(
        f"SELECT {month}, count(*), count(*) FILTER (WHERE {lacking}) FROM {relation} GROUP BY 1"
    ).fetchall()
    if any(missing for *_, missing in found):
        names = " or no ".join(filter(None, (table.key, table.clock)))
        raise LakeError(
            f"rows of {table.name} have no {names};"
            " nothing was stored. Such rows belong into quarantine."
        )
    twice = sql.count(
        con,
        f"SELECT count(*) FROM (SELECT {key} FROM {relation} WHERE hash({key}) IN (SELECT"
        f" hash({key}) FROM {relation} GROUP BY 1 HAVING count(*) > 1) GROUP BY 1"
        " HAVING count(*) > 1)",
    )
    if twice:
        raise LakeError(
            f"{twice} keys of {table.name} come more than once in what shall be stored;"
            " nothing was stored. Each key may come once."
        )
    return {month for month, *_ in found if month is not None or not table.by_month}


def _is_view(con: duckdb.DuckDBPyConnection, relation: str) -> bool:
    tables = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return (relation,) not in tables


def _hits(temp: Temporary, table: Table, relation: str, stored: Stored) -> str:
    """Find the stored rows whose place is taken, as `key` and `file`."""
    if not stored.files:
        return temp.table("hits", "SELECT '' AS key, '' AS file WHERE false")
    key = quoted(table.key)
    return temp.table(
        "hits",
        f"SELECT o.{key} AS key, o.filename AS file FROM {sql.files(stored.paths)} AS o"
        f" JOIN (SELECT {key} FROM {relation}) AS n ON o.{key} = n.{key}",
    )


def _remaining(table: Table, stored: Stored, paths: Sequence[str], hits: str) -> str:
    key = quoted(table.key)
    listed = ", ".join(text(path) for path in paths)
    return (
        f"SELECT * FROM ({stored.reading(table, paths)}) AS o ANTI JOIN"
        f" (SELECT key FROM {hits} WHERE file IN ({listed})) AS h ON o.{key} = h.key"
    )


def _of_month(table: Table, relation: str, month: str | None) -> str:
    wanted = f"SELECT {_listed(table)} FROM {relation}"
    if month is None or table.clock is None:
        return wanted
    return f"{wanted} WHERE {sql.in_month(quoted(table.clock), month)}"


def _ordered(months: set[str | None]) -> list[str | None]:
    return sorted(months, key=lambda month: month or "")


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


def _listed(table: Table) -> str:
    return sql.columns(_names(table))
