"""How do the rows of files get into the lake?

The only place where sources, prepare and the lake meet: a source stages rows, problem rows go to
quarantine, the lake says which of the others are new or changed, prepare completes them, tables
that follow from them are brought up to date, and one change stores it all. Every row that was
read is accounted for in the report.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial

import duckdb

from dialgauge.errors import LakeError, RefusedRowsError
from dialgauge.lake import QUARANTINE, Change, Lake, Sifted, manifest, sift
from dialgauge.lake.manifest import Manifest
from dialgauge.lake.quarantine import mended, refused
from dialgauge.model.rules import Rules
from dialgauge.model.table import Table
from dialgauge.prepare import Touched, follow, prepare
from dialgauge.sources.base import PROBLEM, Request, Stage, Staged, nowhere
from dialgauge.sources.phones import NUMBERS
from dialgauge.tables.storage import DUCKDB_TYPES, quoted

_MANY_NUMBERS = 10_000
_PLACES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of rows; `read` is the sum of the others.

    Attributes:
        read: Rows of the files.
        loaded: Rows whose key is new.
        updated: Rows that change what is known, or that a later row of the files corrects.
        unchanged: Rows that repeat what is known.
        quarantined: Rows that cannot be taken in, kept with their reason.

    Example:
        >>> Counts(read=3, loaded=2, unchanged=1) + Counts(read=1, quarantined=1)
        Counts(read=4, loaded=2, updated=0, unchanged=1, quarantined=1)
    """

    read: int = 0
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            read=self.read + other.read,
            loaded=self.loaded + other.loaded,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            quarantined=self.quarantined + other.quarantined,
        )

    def as_json(self) -> dict[str, int]:
        """Return the counts by name."""
        return {
            "read": self.read,
            "loaded": self.loaded,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "quarantined": self.quarantined,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why rows were put into quarantine.

    Attributes:
        table: The table they were meant for.
        reason: The words.
        rows: How many.
        example: The first such row as it was read, JSON.
        file: The file of that row.
        where: Which rows of that file, the first ones, where people would not count: in Excel.
    """

    table: str
    reason: str
    rows: int
    example: str
    file: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did.

    Attributes:
        version: The lake's version afterwards; the one before when nothing had to be stored.
        tables: Table name to its counts.
        reasons: Why rows were put into quarantine, most frequent first.
        unused: Headers of the files that nothing reads.
        notes: What the source decided while reading, in sentences.
    """

    version: int
    tables: Mapping[str, Counts]
    reasons: tuple[Reason, ...] = ()
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counts:
        """All tables together."""
        return sum(self.tables.values(), Counts())

    def as_json(self) -> dict[str, object]:
        """Return the report in the shape `import --format json` prints."""
        return {
            **self.counts.as_json(),
            "version": self.version,
            "tables": {name: counts.as_json() for name, counts in self.tables.items()},
            "reasons": [
                {
                    "table": reason.table,
                    "reason": reason.reason,
                    "rows": reason.rows,
                    "example": reason.example,
                    "file": reason.file,
                    "where": reason.where,
                }
                for reason in self.reasons
            ],
            "unused": list(self.unused),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What working everything out anew did.

    Attributes:
        version: The lake's version afterwards; the one before when nothing came out differently.
        tables: Tables of which rows came out differently.
    """

    version: int
    tables: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    tables: dict[str, Counts] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    grown: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    whole: dict[str, str] = field(default_factory=dict)  # rows to those with whom they stood

    def add(self, table: str, counts: Counts) -> None:
        self.tables[table] = self.tables.get(table, Counts()) + counts

    def touched(self, change: Change) -> Touched:
        new = {name: rows for name, rows in self.grown.items() if name not in self.changed}
        return Touched(tables=frozenset(change.touched), new=new)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables as a change has them."""

    con: duckdb.DuckDBPyConnection
    lake: Lake
    change: Change

    def holds(self, table: Table) -> bool:
        return any(file.rows for file in self.change.stored(table).files)

    def view(self, table: Table) -> str:
        return self.change.view(self.con, table)

    def upsert(self, table: Table, rows: str) -> None:
        self.change.upsert(self.con, table, rows)

    def replace(self, table: Table, rows: str) -> None:
        files = self.change.stored(table).files
        if files:
            self.change.rewrite(self.con, table, files, f"FROM {rows}")
        else:
            self.change.upsert(self.con, table, rows)


def _silent(_: str) -> None:
    pass


def take_in(  # noqa: PLR0913 - what is read, how it counts, how it is told
    lake: Lake,
    stage: Stage,
    request: Request,
    *,
    rules: Rules | None = None,
    strict: bool = False,
    progress: Callable[[str], None] = _silent,
) -> Report:
    """Read files into the lake: all of them or, when something fails, nothing.

    Args:
        lake: The lake.
        stage: The source's function; it has only read when rows are refused in strict mode.
        request: What is to be read.
        rules: What the team decided; nothing when None. Under other rules than those of the last
            import everything that follows from them is worked out anew.
        strict: Refuse everything when one row has a problem.
        progress: Told in a few words what is being done.

    Returns:
        What became of every row.

    Raises:
        RefusedRowsError: Strict mode met rows with problems; nothing was stored.
    """
    rules = rules or Rules()
    with contextlib.closing(lake.connect()) as con:
        if lake.vault.opened:
            lake.vault.need_key()
            con.execute(f"CREATE TEMP TABLE {NUMBERS} (phone_token VARCHAR, number VARCHAR)")
        progress("reading")
        staged = stage(con, request)
        tally = _Tally()
        if strict and (reasons := _all_reasons(con, staged, {})):
            raise RefusedRowsError(_refusal(reasons))
        with lake.write(_operation(request), waiting=progress) as change:
            tables = _Tables(con, lake, change)
            # Only now: whoever is erased meanwhile must not come back either.
            staged = [_without_forgotten(tables, part, tally) for part in staged]
            tally.reasons += _all_reasons(con, staged, tally.whole)
            for part in staged:
                progress(f"storing {part.table.name}")
                _store(tables, _completed(tables, part, tally), rules, tally)
            touched = tally.touched(change)
            if _rules_of(lake, change.before.manifest) not in (asdict(rules), None):
                touched = Touched(tables=frozenset(lake.tables))
            follow(con, tables, touched, rules, progress)
            progress("publishing")
            # Before the rows: a number nobody needs does no harm, one that is missing does.
            _keep_numbers(con, lake, staged)
            version = change.publish(_details(request, rules), _total(tally).as_json())
    return Report(
        version=version,
        tables=tally.tables,
        reasons=tuple(sorted(tally.reasons, key=lambda reason: -reason.rows)),
        unused=tuple(dict.fromkeys(name for part in staged for name in part.unused)),
        notes=tuple(dict.fromkeys(note for part in staged for note in part.notes)),
    )


def prepare_anew(
    lake: Lake, rules: Rules, *, progress: Callable[[str], None] = _silent
) -> Prepared:
    """Work out anew all that follows from what is stored, such as under other rules.

    Args:
        lake: The lake.
        rules: What the team decided.
        progress: Told in a few words what is being done.
    """
    with (
        contextlib.closing(lake.connect()) as con,
        lake.write("prepare", waiting=progress) as change,
    ):
        everything = Touched(tables=frozenset(lake.tables))
        changed = follow(con, _Tables(con, lake, change), everything, rules, progress)
        before = change.before.manifest
        details = _decided(rules)
        if not changed and _rules_of(lake, before) not in (asdict(rules), None):
            return Prepared(version=change.announce(before.tables, details, {}), tables=())
        return Prepared(version=change.publish(details), tables=changed)


def _keep_numbers(con: duckdb.DuckDBPyConnection, lake: Lake, staged: Iterable[Staged]) -> None:
    """Put the numbers of the rows that were taken in into the vault, where there is one."""
    told = [
        f"SELECT phone_token FROM {part.relation} WHERE _problem IS NULL"
        for part in staged
        if "phone_token" in part.table.types
    ]
    if not lake.vault.opened or not told:
        return
    found = con.execute(
        f"SELECT phone_token, min(number) FROM {NUMBERS}"
        f" WHERE phone_token IN ({' UNION ALL '.join(told)}) GROUP BY 1"
    )
    lake.vault.keep(
        (token, number)
        for some in iter(partial(found.fetchmany, _MANY_NUMBERS), [])
        for token, number in some
    )


def _store(tables: _Tables, part: Staged, rules: Rules, tally: _Tally) -> None:
    con, change, table = tables.con, tables.change, part.table
    ((read, bad),) = con.execute(
        f"SELECT count(*), count(_problem) FROM {part.relation}"
    ).fetchall()
    now_us = time.time_ns() // 1000
    good = f"{part.relation}_good"
    con.execute(f"CREATE TEMP VIEW {good} AS FROM {part.relation} WHERE _problem IS NULL")
    if bad:
        whole = tally.whole[part.relation]
        _keep(con, change, partial(refused, con, table, part.relation, whole=whole, at_us=now_us))
    if change.stored(QUARANTINE).files:
        _keep(con, change, partial(mended, con, table, good, parts=part.parts, at_us=now_us))
    found = change.classify(con, table, good, part.present)
    if found.loaded or found.updated:
        views = {name: change.view(con, other) for name, other in tables.lake.tables.items()}
        prepared = prepare(con, table, found.rows, views, rules)
        for name, rows in prepared.items():
            change.upsert(con, tables.lake.tables[name], rows.relation, rows.keys)
        tally.changed |= prepared.keys() - {table.name}
        if found.updated or table.name in tally.grown:
            tally.changed.add(table.name)
        tally.grown[table.name] = found.rows
    tally.add(
        table.name,
        Counts(
            read=read,
            loaded=found.loaded,
            updated=found.updated,
            unchanged=found.unchanged,
            quarantined=bad,
        ),
    )


def _keep(con: duckdb.DuckDBPyConnection, change: Change, rows: Callable[[str], str]) -> None:
    """Store the rows that are made from the quarantine as it is."""
    relation = rows(change.view(con, QUARANTINE))
    ((some,),) = con.execute(f"SELECT count(*) FROM {relation}").fetchall()
    if some:
        change.upsert(con, QUARANTINE, relation)


def _completed(tables: _Tables, part: Staged, tally: _Tally) -> Staged:
    """Complete rows of which only the lake knows the rest, with those stored before them."""
    if not part.from_lake:
        return part
    con, name, key = tables.con, part.table.name, quoted(part.table.key)
    relation = f"{part.relation}_completed"
    values = ", ".join(
        f"CAST({sql} AS {DUCKDB_TYPES[part.table.types[column]]}) AS {quoted(column)}"
        for column, sql in part.from_lake.items()
    )
    con.execute(
        f"CREATE TEMP TABLE {relation} AS SELECT said.* REPLACE ({values})"
        f" FROM {part.relation} AS said LEFT JOIN {tables.view(part.table)} AS known"
        f" ON known.{key} = said.{key} WHERE known.{key} IS NOT NULL OR said.{PROBLEM} IS NOT NULL"
    )
    ((unknown,),) = con.execute(
        f"SELECT (SELECT count(*) FROM {part.relation}) - (SELECT count(*) FROM {relation})"
    ).fetchall()
    tally.add(name, Counts(read=unknown, unchanged=unknown))
    tally.whole[relation] = tally.whole[part.relation]
    return replace(part, relation=relation, present=(*part.present, *part.from_lake))


def _without_forgotten(tables: _Tables, part: Staged, tally: _Tally) -> Staged:
    """Leave out what would bring people back who were erased, and say so."""
    stored = tables.view(part.table)
    found = sift(tables.con, tables.lake.forgotten, part.table, part.relation, stored)
    if found.left_out:
        counts = Counts(read=found.left_out, unchanged=found.left_out)
        tally.add(part.table.name, counts)
    notes = (*part.notes, *_told_of_forgotten(part.table.name, found))
    tally.whole[found.relation] = part.relation
    return replace(part, relation=found.relation, notes=notes)


def _told_of_forgotten(table: str, found: Sifted) -> Iterator[str]:
    if found.left_out:
        were = "was" if found.left_out == 1 else "were"
        yield f"{_of_erased(table, found.left_out)}, and {were} left out"
    if found.nameless:
        one = "it counts, and does not say whose it is"
        more = "they count, and do not say whose they are"
        yield f"{_of_erased(table, found.nameless)}; {one if found.nameless == 1 else more}"


def _of_erased(table: str, rows: int) -> str:
    return f"{_rows(rows)} of {table} {'is' if rows == 1 else 'are'} of somebody who was erased"


def _all_reasons(
    con: duckdb.DuckDBPyConnection, staged: Iterable[Staged], whole: Mapping[str, str]
) -> list[Reason]:
    return [
        reason
        for part in staged
        for reason in _reasons(con, part, whole.get(part.relation, part.relation))
    ]


def _reasons(con: duckdb.DuckDBPyConnection, part: Staged, whole: str) -> list[Reason]:
    found = con.execute(
        "SELECT _problem, count(*), arg_min(_raw, _row), arg_min(_file, _row)"
        f" FROM {part.relation} WHERE _problem IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return [
        Reason(
            table=part.table.name,
            reason=reason,
            rows=rows,
            example=raw or "",
            file=file or "",
            where=_where(con, part, whole, file or "", reason),
        )
        for reason, rows, raw, file in found
    ]


def _where(con: duckdb.DuckDBPyConnection, part: Staged, whole: str, file: str, reason: str) -> str:
    if part.where is nowhere:
        return ""
    places = con.execute(
        f"SELECT _row - (SELECT min(_row) FROM {whole} WHERE _file = $file) + 1"
        f" FROM {part.relation} WHERE _file = $file AND _problem = $reason"
        f" ORDER BY 1 LIMIT {_PLACES + 1}",
        {"file": file, "reason": reason},
    ).fetchall()
    told = part.where(file, [place for (place,) in places[:_PLACES]], reason)
    return f"{told}, and more" if told and len(places) > _PLACES else told


def _refusal(reasons: list[Reason]) -> str:
    rows = sum(reason.rows for reason in reasons)
    most = max(reasons, key=lambda reason: reason.rows)
    where = f", {most.where}" if most.where else ""
    return (
        f"{_rows(rows)} cannot be taken in, so nothing was stored; most often: {most.reason}"
        f" ({_rows(most.rows)}, first in '{most.file}'{where}). Mend them, or import"
        " without --strict to keep them in quarantine."
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _total(tally: _Tally) -> Counts:
    return sum(tally.tables.values(), Counts())


def _operation(request: Request) -> str:
    names = [path.name for path in request.paths]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"import {shown}"


def _details(request: Request, rules: Rules) -> dict[str, object]:
    return {
        "files": [str(path) for path in request.paths],
        "mapping": None if request.mapping is None else str(request.mapping),
        **_decided(rules),
    }


def _decided(rules: Rules) -> dict[str, object]:
    return {"rules": asdict(rules)}


def _rules_of(lake: Lake, state: Manifest) -> object:
    """Find under which rules the rows of a state were prepared.

    Returns:
        As `_decided` wrote them; None for a lake without rows, {} when nothing tells any more.
    """
    while state.version:
        if "rules" in state.details:
            return state.details["rules"]
        before = state.details.get("restored", state.version - 1)
        try:
            state = manifest.read(lake.layout.snapshots, int(str(before)))
        except LakeError:  # given up since
            return {}
    return None
