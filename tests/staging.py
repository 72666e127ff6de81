"""How do tests stage a small file and look at what came out?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.files import stage


@dataclass(frozen=True)
class Result:
    """What staging gave: for the first table its rows as dictionaries, and what was said."""

    con: duckdb.DuckDBPyConnection
    staged: Sequence[Staged]

    def rows(self, *columns: str, table: int = 0) -> list[tuple[Any, ...]]:
        """Return columns of the rows that may be loaded, in order."""
        relation = self.staged[table].relation
        wanted = ", ".join(f'"{column}"' for column in columns)
        return self.con.execute(
            f"SELECT {wanted} FROM {relation} WHERE _problem IS NULL ORDER BY _row"
        ).fetchall()

    def texts(self, *columns: str, table: int = 0) -> list[tuple[str | None, ...]]:
        """Return columns of the rows that may be loaded as DuckDB writes them, in order."""
        relation = self.staged[table].relation
        wanted = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in columns)
        return self.con.execute(
            f"SELECT {wanted} FROM {relation} WHERE _problem IS NULL ORDER BY _row"
        ).fetchall()

    def problems(self, table: int = 0) -> list[tuple[str, str]]:
        """Return the reason and the original row of each row that may not be loaded, in order."""
        relation = self.staged[table].relation
        return self.con.execute(
            f"SELECT _problem, _raw FROM {relation} WHERE _problem IS NOT NULL ORDER BY _row"
        ).fetchall()

    def reasons(self, table: int = 0) -> list[str]:
        """Return the reason of each row that may not be loaded, in order."""
        return [reason for reason, _ in self.problems(table)]

    @property
    def notes(self) -> str:
        """All notes, one a line."""
        return "\n".join(note for one in self.staged for note in one.notes)


def staged(
    folder: Path,
    content: str | bytes,
    name: str = "file.csv",
    mapping: str = "",
    **request: Any,
) -> Result:
    """Write a file, and a mapping if there is one, and stage it."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return staged_path(path, mapping, **request)


def staged_path(path: Path, mapping: str = "", **request: Any) -> Result:
    """Stage a file that exists, with a mapping if there is one."""
    if mapping:
        request["mapping"] = path.parent / "mapping.toml"
        request["mapping"].write_text(mapping, encoding="utf-8")
    con = duckdb.connect()
    return Result(con, stage(con, Request(paths=(path,), **request)))


def options(**told: str) -> Mapping[str, str]:
    """Return options as the command line hands them over."""
    return told
