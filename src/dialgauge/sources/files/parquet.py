"""How is a Parquet file read?

Its columns keep their types: a time without a zone is a wall-clock time, a NaN is an unknown,
lists and structs become JSON.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dialgauge.errors import FileError
from dialgauge.sources.raw import Loader, Look, Refused, Settings, literal_path
from dialgauge.tables.storage import quoted


def look(path: Path, settings: Settings) -> Look:
    """Look at a Parquet file's schema.

    Raises:
        FileError: It is not a Parquet file.
    """
    try:
        rows = pq.read_metadata(path).num_rows
        with duckdb.connect() as con:
            described = con.execute(f"DESCRIBE FROM {_source(path)}").fetchall()
    except (pa.ArrowException, duckdb.Error, OSError) as error:
        reason = str(error).splitlines()[0]
        raise FileError(f"{path} cannot be read as Parquet: {reason}") from None
    return Look(
        path=path,
        kind="parquet",
        headers=tuple(str(row[0]) for row in described),
        types=tuple(str(row[1]) for row in described),
        details={"rows": f"{rows:,}"},
        settings=settings,
    )


def load(look: Look, loader: Loader) -> list[Refused]:
    """Load a Parquet file."""
    columns = ", ".join(
        f"{quoted(header)} AS c{place}" for place, header in enumerate(look.headers)
    )
    loader.insert(f"(SELECT {columns} FROM {_source(look.path)})")
    return []


def _source(path: Path) -> str:
    return f"read_parquet({literal_path(path)}, hive_partitioning = false)"


def sample(seen: Look, rows: int) -> list[tuple[str | None, ...]]:
    """Return the first rows of a file as texts."""
    columns = ", ".join(f"CAST({quoted(header)} AS VARCHAR)" for header in seen.headers)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        found = con.execute(f"SELECT {columns} FROM {_source(seen.path)} LIMIT {rows}").fetchall()
    return [tuple(row) for row in found]
