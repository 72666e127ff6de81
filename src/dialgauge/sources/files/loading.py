"""Where do the rows of files go, and what becomes of those that cannot be split?

One temporary table takes the rows of all files for one canonical table; a view in front of it
adds the columns nobody provides, and the row numbers, at no cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from dialgauge.errors import FileError
from dialgauge.model.table import Column, Table
from dialgauge.sources.base import FILE, PROBLEM, RAW, ROW, new_relation, stored_columns
from dialgauge.sources.convert.cells import enum_type
from dialgauge.sources.convert.columns import words
from dialgauge.sources.convert.hiding import hidden_line, means_a_number
from dialgauge.sources.convert.projection import LEFT_OUT, Origin, project
from dialgauge.sources.files import formats
from dialgauge.sources.files.zones_used import local_zones
from dialgauge.sources.mapping import TableMapping
from dialgauge.sources.phone import LENGTH, digits_sql, token_parameters, token_sql
from dialgauge.sources.phones import FILLED, keep_numbers, understand
from dialgauge.sources.raw import BLANKS, Look, Refused
from dialgauge.tables.storage import DUCKDB_TYPES, quoted, text

NUMBER = "_number"
"""Stands among the columns of a file that tells phone numbers."""

_FILE_NUMBER, _MARKS = "_file_number", "_marks"
_TOKEN = "phone_token"  # noqa: S105 - the name of a column
_WRITTEN = r"\s*\+?[-0-9 ()./]+"
_LEAST_DIGITS = 7
_WITHOUT = f"* EXCLUDE ({NUMBER})"
_MOST_CODES = 10


class Target:
    """Takes in the rows of one canonical table; a `raw.Loader` for each file in turn.

    Attributes:
        relation: Name of the view that holds the rows, once `finish` was called.
        comma: Headers whose texts write decimals with a comma.
        notes: What is worth saying about the rows.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        present: Sequence[str],
        scratch: Path,
        phone_key: bytes,
    ) -> None:
        self.con, self.table, self.scratch = con, table, scratch
        self._columns = tuple(name for name in table.types if name in set(present))
        self._filled = tuple(
            name
            for name in FILLED
            if NUMBER in present and name in table.types and name not in self._columns
        )
        self.relation = new_relation(con, table)
        self.notes: list[str] = []
        self.comma: frozenset[str] = frozenset()
        self.multiplies = False
        self._phone_key, self._tells_numbers = phone_key, NUMBER in present
        self._paths: list[Path] = []
        self._before = 0
        columns = ", ".join(
            f"{quoted(name)} {_kept_as(table.column(name))}" for name in self._columns
        )
        if NUMBER in present:
            columns += f", {NUMBER} VARCHAR"
        con.execute(
            f"CREATE TEMP TABLE {self._rows} ({columns}, {_FILE_NUMBER} USMALLINT, "
            f"{_MARKS} UINTEGER, {PROBLEM} VARCHAR, {RAW} VARCHAR)"
        )

    @property
    def present(self) -> tuple[str, ...]:
        """The canonical columns that are filled, in the table's order."""
        return tuple(name for name in self.table.types if name in (*self._columns, *self._filled))

    @property
    def _rows(self) -> str:
        return f"{self.relation}_rows"

    def take(
        self, look: Look, mapping: TableMapping, names: Mapping[str, str], timezone: str
    ) -> None:
        """Read one file.

        Args:
            look: What was seen of it.
            mapping: How its rows become rows of the table.
            names: A mapping's short names for headers.
            timezone: Zone of times that carry none, where the mapping's columns say nothing.

        Raises:
            FileError: The file cannot be read.
        """
        self._origin, self._mapping, self._zone = Origin(look, names), mapping, timezone
        self._plan = project(mapping, self._origin)
        self.multiplies = self._plan.multiplies
        self.comma = frozenset(
            look.headers[place]
            for place in self._plan.used
            if any(
                rule.decimal == "," and rule.header == look.headers[place] for rule in mapping.rules
            )
        )
        self._paths.append(look.path)
        self._before = self._next_row()
        refused = formats.load(look, self)
        if refused and self._plan.counts_rows:
            raise FileError(
                f"{look.path}: the mapping counts rows with row_number(), but line "
                f"{refused[0].line} cannot be read ({refused[0].reason}), so the count would shift"
            )
        self.con.executemany(
            f"INSERT INTO {self._rows} ({_FILE_NUMBER}, {_MARKS}, {PROBLEM}, {RAW}) "
            f"VALUES ({len(self._paths)}, 0, ?, ?)",
            [[row.reason, json.dumps(self._shown(row), ensure_ascii=False)] for row in refused],
        ) if refused else None
        if mapping.where is not None:
            self._leave_out()
        self._note()

    def _leave_out(self) -> None:
        """Take out the rows that the mapping does not want, and say how many."""
        found = self.con.execute(
            f"DELETE FROM {self._rows} WHERE {PROBLEM} = {text(LEFT_OUT)}"
        ).fetchall()
        if rows := found[0][0]:
            self.notes.append(f"{self._origin.look.path}: {rows:,} rows {LEFT_OUT}")

    def _shown(self, row: Refused) -> dict[str, str | int]:
        numbers = self._plan.uses_token or any(map(means_a_number, self._origin.look.headers))
        return {"line": row.line, "text": hidden_line(row.text) if numbers else row.text}

    def insert(self, relation: str, blanks: str = BLANKS) -> int:
        """Convert and add the rows of a relation with columns c0, c1, ...; return how many."""
        origin = replace(self._origin, blanks=blanks)
        zones = local_zones(self.con, relation, origin, self._mapping, self._zone)
        self._plan = project(self._mapping, origin, zones)
        body = self._plan.body.replace("{relation}", relation)
        columns = ", ".join(quoted(name) for name in self._plan.columns)
        number, chosen = (f"{NUMBER}, ", "*") if self._plan.tells_number else ("", _WITHOUT)
        statement = (
            f"INSERT INTO {self._rows} ({columns}, {_MARKS}, {PROBLEM}, {RAW}, {number}"
            f"{_FILE_NUMBER}) SELECT {chosen}, {len(self._paths)} FROM ({body})"
        )
        parameters = dict(token_parameters(self._phone_key)) if self._plan.uses_token else None
        return int(self.con.execute(statement, parameters).fetchall()[0][0])

    def undo(self) -> None:
        """Forget what the last insert added."""
        self.con.execute(f"DELETE FROM {self._rows} WHERE rowid >= {self._before}")

    def finish(self) -> str:
        """Put the view in front of the rows and return its name."""
        if _TOKEN in self._columns:
            self._hide_numbers()
        known, numbers = "", {}
        if self._tells_numbers:
            known = self._understood()
            numbers = {name: f"k.{name}" for name in self._filled}
        own = {name: f"r.{quoted(name)}" for name in self._columns}
        columns = ", ".join(
            f"CAST({(own | numbers).get(column.name, 'NULL')}"
            f" AS {DUCKDB_TYPES[column.type]}) AS {quoted(column.name)}"
            for column in stored_columns(self.table)
        )
        paths = ", ".join(text(str(path)) for path in self._paths)
        self.con.execute(
            f"CREATE TEMP VIEW {self.relation} AS SELECT {columns}, r.rowid + 1 AS {ROW}, "
            f"[{paths}][{_FILE_NUMBER}] AS {FILE}, {PROBLEM}, {RAW} FROM {self._rows} AS r {known}"
        )
        return self.relation

    def _understood(self) -> str:
        """Find out what the rows' numbers tell, and write the join that adds it."""
        keep_numbers(self.con, f"(SELECT phone_token, {NUMBER} AS number FROM {self._rows})")
        if not self._filled:
            return ""
        whole = f"CASE WHEN starts_with({NUMBER}, '+') THEN {NUMBER} END"
        known = understand(self.con, self._rows, whole, self._phone_key)
        return f"LEFT JOIN {known} AS k ON k.phone_token = r.phone_token"

    def _hide_numbers(self) -> None:
        """Make tokens of phone numbers that stand where tokens belong."""
        number = (
            f"length({_TOKEN}) <> {LENGTH} AND regexp_full_match({_TOKEN}, {text(_WRITTEN)}) "
            f"AND length({digits_sql(_TOKEN)}) >= {_LEAST_DIGITS}"
        )
        where = f"WHERE {_TOKEN} IS NOT NULL AND {number}"
        found = self.con.execute(f"SELECT count(*) FROM {self._rows} {where}").fetchall()
        if not (rows := found[0][0]):
            return
        self.con.execute(
            f"UPDATE {self._rows} SET {_TOKEN} = {token_sql(_TOKEN)} {where}",
            dict(token_parameters(self._phone_key)),
        )
        self.notes.append(
            f"{rows:,} phone numbers stood in {_TOKEN} and became tokens; map their header with "
            "token(...) to fill country, region and zone, too"
        )

    def _next_row(self) -> int:
        found = self.con.execute(f"SELECT coalesce(max(rowid), -1) + 1 FROM {self._rows}")
        return int(found.fetchall()[0][0])

    def _note(self) -> None:
        """Count what the last file's rows are marked with."""
        notes = self._plan.notes
        if not notes:
            return
        where = f"FROM {self._rows} WHERE {_FILE_NUMBER} = {len(self._paths)} AND {PROBLEM} IS NULL"
        counts = ", ".join(f"count_if(({_MARKS} & {1 << bit}) <> 0)" for bit in range(len(notes)))
        found = self.con.execute(f"SELECT {counts} {where}").fetchall()[0]
        for bit, (note, rows) in enumerate(zip(notes, found, strict=True)):
            if not rows:
                continue
            more = ""
            if "disposition" in note:
                codes = self.con.execute(
                    f"SELECT disposition, count(*) {where} AND ({_MARKS} & {1 << bit}) <> 0 "
                    f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_CODES}"
                ).fetchall()
                more = ", " + ", ".join(f"{code} ({count:,})" for code, count in codes)
            self.notes.append(
                f"{self._origin.look.path}: {note.replace('{rows}', f'{rows:,}')}{more}"
            )


def _kept_as(column: Column) -> str:
    """Return the type in which a column waits: of a few words their numbers, which take less."""
    listed = words(column)
    return enum_type(listed) if listed else DUCKDB_TYPES[column.type]
