"""How does a table's Delta log say which files hold its rows?

The files are written by DuckDB; here they are only listed, added and removed. Everything that
knows the `deltalake` package stands in this module.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from deltalake import DeltaTable, Field, Schema
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from dialgauge.lake import disk, sql
from dialgauge.model.table import Table, Type

MONTH = "month"
"""The column that names a file's month; it is in the folder's name, not in the file."""

_LOG_ENTRY = re.compile(r"(\d{20})\.json")
_TYPES = {
    Type.TEXT: "string",
    Type.BOOL: "boolean",
    Type.INTEGER: "long",
    Type.NUMBER: "double",
    Type.MONEY: "decimal(18,4)",
    Type.TIME: "timestamp",
    Type.DATE: "date",
    Type.JSON: "string",
}
# Old entries are needed by old snapshots; `vacuum` decides when they go, not the clock.
_CONFIGURATION: dict[str, str | None] = {"delta.enableExpiredLogCleanup": "false"}


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file of a table.

    Attributes:
        path: Absolute.
        month: 'YYYY-MM' of its rows' clock in UTC; None for tables not kept by month.
        rows: How many it holds.
        size: Its length in bytes.
    """

    path: str
    month: str | None
    rows: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """What a table consists of at some moment.

    Attributes:
        files: Its files.
        columns: The columns they hold; a column the package has gained since is not among them.
    """

    files: tuple[DataFile, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """The files' paths."""
        return [file.path for file in self.files]

    def reading(self, table: Table, paths: Sequence[str] | None = None) -> str:
        """Write the query that reads all columns of the table.

        Args:
            table: The table; its columns come in its order.
            paths: Some of the files; all when None.
        """
        return sql.stored(table, self.paths if paths is None else paths, self.columns)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A Parquet file that has been written and is not yet part of its table.

    Attributes:
        file: What it is.
        stats: Delta's statistics, JSON.
    """

    file: DataFile
    stats: str


def newest(folder: str) -> int | None:
    """Return the newest version in a table's log, None when there is no table."""
    found = (_LOG_ENTRY.fullmatch(name) for name in disk.names(f"{folder}/_delta_log"))
    return max((int(match[1]) for match in found if match), default=None)


def read(folder: str, version: int) -> Stored:
    """List the files of one version of a table, and the columns they hold."""
    table = DeltaTable(folder, version=version)
    actions = table.get_add_actions(flatten=True)
    paths, rows, sizes = (
        actions.column(name).to_pylist() for name in ("path", "num_records", "size_bytes")
    )
    months: list[str | None] = [None] * len(paths)
    if f"partition.{MONTH}" in actions.column_names:
        months = actions.column(f"partition.{MONTH}").to_pylist()
    files = tuple(
        DataFile(path=f"{folder}/{path}", month=month, rows=number, size=size)
        for path, month, number, size in sorted(
            zip(paths, months, rows, sizes, strict=True), key=lambda file: str(file[0])
        )
    )
    columns = tuple(field.name for field in table.schema().fields if field.name != MONTH)
    return Stored(files, columns)


def commit(
    folder: str,
    table: Table,
    added: Sequence[NewFile],
    removed: Sequence[DataFile],
    *,
    same_rows: bool = False,
) -> int:
    """Add and remove files in one commit and return the version it made.

    Args:
        folder: The table's folder; the table is made when there is none.
        table: Its columns.
        added: Files that lie in the folder already.
        removed: Files that are part of the table.
        same_rows: True when the rows are the same as before, only laid out anew.
    """
    log = _opened(folder, table)
    now = int(time.time() * 1000)
    actions: list[AddAction | RemoveAction] = [
        AddAction(
            path=_relative(folder, new.file.path),
            size=new.file.size,
            partition_values=_partition(new.file),
            modification_time=now,
            data_change=not same_rows,
            stats=new.stats,
        )
        for new in added
    ]
    actions += [
        RemoveAction(
            path=_relative(folder, file.path),
            data_change=not same_rows,
            deletion_timestamp=now,
            size=file.size,
            partition_values=_partition(file),
        )
        for file in removed
    ]
    log.create_write_transaction(
        actions, mode="append", schema=schema(table), partition_by=_partition_by(table)
    )
    return _settled(folder)


def restore(folder: str, table: Table, version: int | None) -> int:
    """Make a table's newest version hold what an older one held.

    Args:
        folder: The table's folder.
        table: Its columns.
        version: The older version; None for no rows at all.

    Returns:
        The version this made.
    """
    if version is None:
        now = newest(folder)
        files = () if now is None else read(folder, now).files
        return commit(folder, table, (), files)
    DeltaTable(folder).restore(version)
    return _settled(folder)


def schema(table: Table) -> Schema:
    """Return a table's columns as Delta writes them."""
    fields = [Field(column.name, PrimitiveType(_TYPES[column.type])) for column in table.columns]
    if table.by_month:
        fields.append(Field(MONTH, PrimitiveType("string")))
    return Schema(fields)


def _opened(folder: str, table: Table) -> DeltaTable:
    if newest(folder) is None:
        disk.make_folder(folder)
        return DeltaTable.create(
            folder,
            schema=schema(table),
            partition_by=_partition_by(table),
            description=table.meaning,
            configuration=_CONFIGURATION,
        )
    log = DeltaTable(folder)
    known = {field.name for field in log.schema().fields}
    missing = [field for field in schema(table).fields if field.name not in known]
    if missing:
        log.alter.add_columns(missing)
        return DeltaTable(folder)
    return log


def _settled(folder: str) -> int:
    version = newest(folder)
    if version is None:  # a commit has just been made
        raise AssertionError(folder)
    disk.sync(f"{folder}/_delta_log/{version:020d}.json")
    disk.sync_folder(f"{folder}/_delta_log")
    return version


def _partition_by(table: Table) -> list[str]:
    return [MONTH] if table.by_month else []


def _partition(file: DataFile) -> dict[str, str | None]:
    return {} if file.month is None else {MONTH: file.month}


def _relative(folder: str, path: str) -> str:
    return path.removeprefix(f"{folder}/")
