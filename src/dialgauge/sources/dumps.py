"""How is a table's dump in CSV read: all of it, or nothing?

Who dumps a table can dump it again, and rows belong to those of other tables: so one line that
cannot be split refuses the file, and is named. It is read as other CSV files are, by rules and not
by guesses: DuckDB alone takes one line that breaks off for another way to write them all.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.files.csv_load import load
from dialgauge.sources.files.csv_look import look
from dialgauge.sources.raw import BLANKS, Look, Settings
from dialgauge.tables.storage import quoted

ROWS = "dump_rows"
"""The temporary table that `loaded` makes."""

_UNKNOWN = "('', 'NULL', '\\N')"


@contextlib.contextmanager
def loaded(con: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    r"""Read a dump into a temporary table of texts, which goes in the end.

    Args:
        con: Where the table shall be.
        path: The file, in UTF-8; the first line names its columns.

    Yields:
        The table's name. Its columns have the file's names; empty texts, NULL and `\N` are
        unknown.

    Raises:
        FileError: A line cannot be read.
    """
    seen = look(path, Settings(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="dialgauge-") as scratch:
        rows = _Rows(con, Path(scratch), seen)
        refused = load(seen, rows)
    try:
        if refused:
            first = refused[0]
            more = f", and {len(refused) - 1:,} more lines" if len(refused) > 1 else ""
            raise FileError(
                f"'{path}' cannot be read: line {first.line}{more}: {first.reason}. "
                "Make the dump again; nothing was taken in"
            )
        yield ROWS
    finally:
        con.execute(f"DROP TABLE {ROWS}")


@dataclass(slots=True)
class _Rows:
    """Takes the rows of one file; see `raw.Loader`."""

    con: duckdb.DuckDBPyConnection
    scratch: Path
    seen: Look
    comma: frozenset[str] = frozenset()
    multiplies: bool = False

    def __post_init__(self) -> None:
        names = ", ".join(f"{quoted(name)} VARCHAR" for name in self.seen.headers)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {ROWS} ({names})")

    def insert(self, relation: str, blanks: str = BLANKS) -> int:  # noqa: ARG002 - a Loader's
        """Add rows."""
        values = ", ".join(
            f"CASE WHEN c{place} NOT IN {_UNKNOWN} THEN c{place} END"
            for place in range(len(self.seen.headers))
        )
        found = self.con.execute(f"INSERT INTO {ROWS} SELECT {values} FROM {relation}").fetchall()
        return int(found[0][0])

    def undo(self) -> None:
        """Forget them."""
        self.con.execute(f"DELETE FROM {ROWS}")
