"""Who was forgotten, so that no file and no system brings them back?

A list of marks beside the tables: of each name a person went by its HMAC with the lake's secret.
It names nobody; it only tells, of a name that comes in, whether its owner was erased. Rows of
such people are then treated as erasing treats them:

- what the lake has already stays as it is: the row says nothing new
- people themselves, leads and customers, are left out; so are rows that cannot be taken in
- whatever else is new (a call, an order) counts, and does not say whose it is

A row is theirs as in `erase`: by lead; by customer or phone token where it names no lead, or when
it was this customer or token that was asked for; and when the row the lake has under its key was
made nameless.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dialgauge.errors import LakeError
from dialgauge.lake import disk, sql
from dialgauge.lake.names import ASKED, LEADS, NAMED, SHARED, UNIT, WORD, among, is_new
from dialgauge.model.table import Table
from dialgauge.tables.storage import quoted, text

_BLOCK, _LENGTH = 64, 32
_SAID = "erased {kind}:"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The list of one lake.

    Attributes:
        path: Its file; there is none before somebody was erased.
        key: The lake's secret.
    """

    path: str
    key: bytes

    @property
    def begun(self) -> bool:
        """Whether anybody was ever erased."""
        return Path(self.path).exists()

    def marks(self) -> frozenset[str]:
        """Return all marks.

        Raises:
            LakeError: The list cannot be read; nothing may be taken in without it.
        """
        if not self.begun:
            return frozenset()
        try:
            return frozenset(map(str, json.loads(disk.read(self.path))["marks"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LakeError(
                f"'{self.path}' cannot be read, which says who was erased; put it back from a copy,"
                " or remove it and erase those people once more."
            ) from error

    def add(self, names: Iterable[tuple[str, str]]) -> None:
        """Put names on the list, each with what kind of name it is."""
        self._write(self.marks() | {self.mark(kind, name) for kind, name in names})

    def remove(self, names: Iterable[tuple[str, str]]) -> bool:
        """Take names from the list; return whether any was on it."""
        before = self.marks()
        left = before - {self.mark(kind, name) for kind, name in names}
        if left != before:
            self._write(left)
        return left != before

    def mark(self, kind: str, name: str) -> str:
        """Return what stands for a name."""
        said = f"{_SAID.format(kind=kind)}{name}".encode()
        return f"{kind}:{hmac.new(self.key, said, hashlib.sha256).hexdigest()[:_LENGTH]}"

    def _write(self, marks: Iterable[str]) -> None:
        disk.write(self.path, json.dumps({"marks": sorted(marks)}, indent=0), mode=0o600)


@dataclass(frozen=True, slots=True)
class Sifted:
    """Rows without what would bring somebody back.

    Attributes:
        relation: The rows to be taken in.
        left_out: How many others there were.
        nameless: How many of the rows no longer say whose they are.
    """

    relation: str
    left_out: int = 0
    nameless: int = 0


def sift(
    con: duckdb.DuckDBPyConnection, known: Forgotten, table: Table, relation: str, stored: str
) -> Sifted:
    """Take the names of the forgotten out of rows that are to be stored.

    Args:
        con: Where the rows are.
        known: Who was forgotten.
        table: Their table.
        relation: Rows as sources stage them.
        stored: A view of what the lake has of the table.
    """
    if not known.begun:
        return Sifted(relation)
    theirs, own = _theirs(_Marks(con, known), table, relation)
    key = quoted(table.key)
    rows = sql.fresh("erased")
    nameless = " OR ".join(is_new(name) for name in _columns(table, (*NAMED, *LEADS))) or "false"
    con.execute(
        f"CREATE TEMP TABLE {rows} AS SELECT _row, {key} AS key,"
        f" _problem IS NOT NULL OR {own} AS gone FROM {relation} WHERE {theirs}"
    )
    con.execute(
        f"UPDATE {rows} SET gone = true WHERE NOT gone AND key IN"
        f" (SELECT {key} FROM {stored} WHERE {key} IN (SELECT key FROM {rows}))"
    )
    con.execute(
        f"INSERT INTO {rows} SELECT _row, {key}, true FROM {relation} WHERE {key} IN"
        f" (SELECT {key} FROM {stored} WHERE {nameless}) AND _row NOT IN (SELECT _row FROM {rows})"
    )
    gone, named = con.execute(
        f"SELECT count(*) FILTER (gone), count(*) FILTER (NOT gone) FROM {rows}"
    ).fetchall()[0]
    if not gone and not named:
        return Sifted(relation)
    hidden = ", ".join(
        f"CASE WHEN e._row IS NULL THEN r.{name} END AS {name}"
        for name in map(quoted, _said(con, table, relation, rows))
    )
    sifted = f"{relation}_sifted"
    con.execute(
        f"CREATE TEMP VIEW {sifted} AS SELECT r.* {f'REPLACE ({hidden})' if hidden else ''}"
        f" FROM {relation} AS r LEFT JOIN {rows} AS e ON e._row = r._row"
        " WHERE NOT coalesce(e.gone, false)"
    )
    return Sifted(sifted, left_out=gone, nameless=named)


class _Marks:
    """Finds names whose marks are on the list."""

    def __init__(self, con: duckdb.DuckDBPyConnection, known: Forgotten) -> None:
        self._con, self._secret = con, _pads(known.key)
        self._of_kind: dict[str, list[str]] = {}
        for each in sorted(known.marks()):
            kind, _, mark = each.partition(":")
            self._of_kind.setdefault(kind, []).append(mark)

    def among(self, kind: str, values: str) -> list[str]:
        """Return the names that a query of one column `v` gives and that are on the list."""
        if kind not in self._of_kind:
            return []
        said = f"encode({text(_SAID.format(kind=kind))} || v)"
        mark = f"left(sha256($outer || unhex(sha256($inner || {said}))), {_LENGTH})"
        found = self._con.execute(
            f"SELECT v FROM (SELECT DISTINCT v FROM ({values}) WHERE v IS NOT NULL)"
            f" WHERE {mark} IN (SELECT unnest($marks))",
            {**self._secret, "marks": self._of_kind[kind]},
        )
        return [value for (value,) in found.fetchall()]


def _pads(key: bytes) -> dict[str, bytes]:
    """Return what HMAC puts before a text and before its digest."""
    short = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
    block = short.ljust(_BLOCK, b"\0")
    return {
        "inner": bytes(each ^ 0x36 for each in block),
        "outer": bytes(each ^ 0x5C for each in block),
    }


def _theirs(marks: _Marks, table: Table, relation: str) -> tuple[str, str]:
    """Write the conditions that a row is theirs, and that it is about nothing but them."""
    leads, shared = _columns(table, LEADS), _columns(table, SHARED)
    nobody_else = "".join(f" AND {quoted(name)} IS NULL" for name in leads)
    parts = []
    for name in leads:
        found = marks.among("lead_id", f"SELECT {name} AS v FROM {relation}")
        parts.append(among(name, found))
    for name in shared:
        values = f"SELECT {name} AS v FROM {relation}"
        parts.append(f"({among(name, marks.among(name, values))}{nobody_else})")
        parts.append(among(name, marks.among(ASKED + name, values)))
    unit = "false"
    if _columns(table, (UNIT,)):
        units = f"SELECT {UNIT} AS v FROM {relation} WHERE unit = 'lead'"
        unit = f"(unit = 'lead' AND {among(UNIT, marks.among('lead_id', units))})"
        parts.append(unit)
    fields = "json_extract_string(_raw, '$.*')"
    bad = f"FROM {relation} WHERE _problem IS NOT NULL AND json_valid(_raw)"
    words = ", ".join(map(text, sorted(marks.among(WORD, f"SELECT unnest({fields}) AS v {bad}"))))
    parts.append(
        "(_problem IS NOT NULL AND CASE WHEN json_valid(_raw)"
        f" THEN list_has_any({fields}, CAST([{words}] AS VARCHAR[])) END)"
    )
    own = "true" if table.key in NAMED else f"coalesce({unit}, false)"
    return f"coalesce({' OR '.join(parts)}, false)", own


def _said(con: duckdb.DuckDBPyConnection, table: Table, relation: str, rows: str) -> list[str]:
    """List the columns in which some row tells of a person; others cost memory for nothing."""
    personal = [column.name for column in table.columns if column.personal]
    names = _columns(table, dict.fromkeys((*LEADS, *SHARED, *personal)))
    counts = ", ".join(f"count({quoted(name)})" for name in names) or "0"
    theirs = f"_row IN (SELECT _row FROM {rows} WHERE NOT gone)"
    found = con.execute(f"SELECT {counts} FROM {relation} WHERE {theirs}").fetchall()[0]
    return [name for name, count in zip(names, found, strict=False) if count]


def _columns(table: Table, names: Iterable[str]) -> list[str]:
    """Choose the columns that a table has and that sources fill."""
    filled = {column.name for column in table.columns if not column.derived}
    return [name for name in names if name in filled]
