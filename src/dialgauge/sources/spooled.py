"""Which rows of a system's own tables lie in these files?

A stream's rows are in files named for it: a folder `vicidial_log/` as a spool has, or a dump such
as `vicidial_log.csv`, `vicidial_log-2026.jsonl.gz`, `vicidial_log.parquet`. Each becomes one
temporary table of texts, so that SQL decides what a value means and a damaged one stays a row.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.base import FILE, ROW
from dialgauge.sources.dumps import loaded
from dialgauge.sources.packed import packing
from dialgauge.sources.raw import literal_path
from dialgauge.tables.storage import quoted, text

_PARQUET, _CSV, _JSONL = ".parquet", ".csv", ".jsonl"
_FILE_NAME = "_spool_file"  # `filename` is a column of VICIdial's
_NAME = re.compile(r"([a-z_][a-z0-9_]*?)(?:[-.][^.]*)?(\.[a-z]+?)(?:\.gz)?", re.IGNORECASE)


def find_streams(paths: Iterable[Path], streams: Sequence[str]) -> Mapping[str, tuple[Path, ...]]:
    """Say which files hold which stream.

    Args:
        paths: Files, and folders to look into.
        streams: The names that are known.

    Returns:
        The streams that have files, in the order of `streams`; their files in order.

    Raises:
        FileError: A file that was named itself is no stream's.
    """
    found: dict[str, list[Path]] = {name: [] for name in streams}
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            name = _stream(file, streams)
            if name is not None:
                found[name].append(file)
            elif not path.is_dir():
                raise FileError(
                    f"'{file}' is the dump of no table that is known; its name must begin with "
                    f"one of: {', '.join(streams)}, and end in .csv, .jsonl or .parquet"
                )
    return {name: tuple(files) for name, files in found.items() if files}


def load_stream(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    files: Sequence[Path],
    columns: Sequence[str],
    first_row: int = 1,
) -> int:
    """Read the files of one stream into a temporary table.

    Args:
        con: Where the table shall be.
        relation: Its name.
        files: The files, in order.
        columns: The columns that are wanted; one that a file lacks is NULL there.
        first_row: The number of the first row.

    Returns:
        How many rows it has. Besides `columns`, all VARCHAR, it has `_row BIGINT` and
        `_file VARCHAR`, and `_said VARCHAR`: the row as JSON, with these columns only.

    Raises:
        FileError: A file cannot be read as what its name says.
    """
    listed = ", ".join(f"{quoted(name)} VARCHAR" for name in columns)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {relation} ({listed}, {ROW} BIGINT, {FILE} VARCHAR, "
        "_said VARCHAR)"
    )
    rows = 0
    for alike in _alike(con, files):
        try:
            rows += _load(con, relation, alike, columns, first_row + rows)
        except duckdb.Error as error:
            raise _unreadable(alike, error) from error
    return rows


def _alike(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> list[list[Path]]:
    """Put neighbouring Parquet files of the same columns together: a spool has thousands of them.

    Files of other columns stand apart: together, numbers would be written as the others' type.
    """
    shapes = _shapes(con, [file for file in files if _suffix(file) == _PARQUET])
    groups: list[list[Path]] = []
    for file in files:
        if groups and file in shapes and shapes[file] == shapes.get(groups[-1][-1]):
            groups[-1].append(file)
        else:
            groups.append([file])
    return groups


def _shapes(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[Path, object]:
    """Tell the names and types of the columns of Parquet files."""
    if not files:
        return {}
    try:
        found = con.execute(
            "SELECT file_name, list((name, type, logical_type) ORDER BY name) "
            f"FROM parquet_schema([{_listed(files)}]) GROUP BY file_name"
        ).fetchall()
    except duckdb.Error as error:
        raise _unreadable(files, error) from error
    return {Path(name): shape for name, shape in found}


def _load(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    files: Sequence[Path],
    columns: Sequence[str],
    first: int,
) -> int:
    if _suffix(files[0]) == _CSV:
        with loaded(con, files[0]) as rows:
            return _insert(con, relation, (rows, "rowid", text(str(files[0]))), columns, first)
    return _insert(con, relation, _reading(con, files), columns, first)


def _insert(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    reading: tuple[str, str, str],
    columns: Sequence[str],
    first: int,
) -> int:
    rows, number, file = reading
    described = con.execute(f"DESCRIBE FROM {rows}").fetchall()
    there = {name.lower(): _as_text(name, kind) for name, kind, *_ in described}
    picked = {name: there.get(name.lower(), "NULL") for name in columns}
    said = ", ".join(f"{quoted(name)} := {value}" for name, value in picked.items())
    ((inserted,),) = con.execute(
        f"INSERT INTO {relation} SELECT {', '.join(picked.values())}, "
        f"{number} + {first}, {file}, to_json(struct_pack({said})) FROM {rows}"
    ).fetchall()
    return int(inserted)


def _reading(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> tuple[str, str, str]:
    """Write how files are read: the rows, the number of each from 0, and its file."""
    if _suffix(files[0]) != _PARQUET:
        packing(files[0])
        path = literal_path(files[0])
        rows = f"read_json({path}, format='newline_delimited', maximum_depth=1, sample_size=-1)"
        return rows, "row_number() OVER () - 1", text(str(files[0]))
    sizes = dict(
        con.execute(
            f"SELECT file_name, num_rows FROM parquet_file_metadata([{_listed(files)}])"
        ).fetchall()
    )
    before = itertools.accumulate((sizes[str(file)] for file in files), initial=0)
    begins = ", ".join(
        f"{text(str(file))}: {rows}" for file, rows in zip(files, before, strict=False)
    )
    reading = f"read_parquet([{_listed(files)}], filename = '{_FILE_NAME}', file_row_number = true)"
    return reading, f"file_row_number + (MAP {{{begins}}})[{_FILE_NAME}]", _FILE_NAME


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(map(literal_path, files))


def _unreadable(files: Sequence[Path], error: duckdb.Error) -> FileError:
    """Say which of some files cannot be read, and why."""
    reason = str(error).splitlines()[0].rstrip(" .")
    named = next((file for file in files if str(file) in reason), files[0])
    return FileError(
        f"'{named}' cannot be read: {reason}. Make the dump again; nothing was taken in"
    )


def _as_text(name: str, kind: str) -> str:
    column = quoted(name)
    return f"json_extract_string({column}, '$')" if kind == "JSON" else f"CAST({column} AS VARCHAR)"


def _stream(file: Path, streams: Sequence[str]) -> str | None:
    if _suffix(file) not in (_PARQUET, _CSV, _JSONL) or not file.is_file():
        return None
    if file.parent.name in streams:
        return file.parent.name
    named = _NAME.fullmatch(file.name)
    return named[1].lower() if named and named[1].lower() in streams else None


def _suffix(file: Path) -> str:
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() != ".gz"]
    return suffixes[-1] if suffixes else ""
