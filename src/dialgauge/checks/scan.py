"""How are the rows found that a check is about?

All SQL of checks is put together here. `Sight` is what can be seen: one version of a lake through
one connection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from dialgauge.checks.check import Check, Empty, Judged, Keys, Known, Late, Never, Where
from dialgauge.checks.relations import MADE
from dialgauge.model.table import Table, Type
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.tables.storage import quoted, text

EXAMPLES = 3
"""How many keys of found rows are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One version of a lake, to be looked at.

    Attributes:
        con: The connection, its TimeZone UTC.
        relations: Relation name to what reads it: the tables' views, and what is made.
        rows: Table name to how many rows it has.
        words: What may be named.
        now: The moment of checking.
    """

    con: duckdb.DuckDBPyConnection
    relations: Mapping[str, str]
    rows: Mapping[str, int]
    words: Vocabulary
    now: dt.datetime

    def table(self, check: Check) -> Table:
        """Return the table of a check."""
        return self.words.tables[check.table]

    def holds(self, relation: str) -> bool:
        """Tell whether a relation can have rows."""
        of = MADE[relation].of if relation in MADE else relation
        return self.rows.get(of, 0) > 0


def applies(check: Check, sight: Sight) -> bool:
    """Decide whether there is anything to check; an empty table is told by `Empty` alone."""
    if isinstance(check.finds, Empty):
        return True
    needed = [check.table, *check.needs]
    if isinstance(check.finds, Where):
        needed += (known.relation for known in check.finds.known)
    return all(sight.holds(name) for name in needed)


def made(checks: Iterable[Check]) -> tuple[str, ...]:
    """List the made relations that checks read, each once."""
    read: list[str] = []
    for check in checks:
        match check.finds:
            case Where(known=known):
                read += (each.relation for each in known)
            case Keys(made=names):
                read += names
    return tuple(dict.fromkeys(name for name in read if name in MADE))


def make(names: Iterable[str], sight: Sight) -> dict[str, str]:
    """Make relations as temporary tables and return where they are."""
    found = {}
    for name in names:
        query = MADE[name].query.format(**sight.relations)
        sight.con.execute(f"CREATE OR REPLACE TEMP TABLE checked_{name} AS {query}")
        found[name] = f"checked_{name}"
    return found


def condition(check: Check, sight: Sight) -> str:
    """Write the condition of a row `r`, the relations it looks up joined."""
    match check.finds:
        case Where(condition=written):
            return written.format(now=_now(sight), currency=text(sight.words.rules.currency))
        case Never(column=column, counts=counts):
            return f"({counts}) AND r.{quoted(column)} IS NULL"
        case Keys(query=query):
            key = quoted(sight.table(check).key)
            return f"r.{key} IN (SELECT key FROM ({query.format(**sight.relations)}))"
        case Judged():
            return _listed(check, judged(check, sight), sight)
        case Late() | Empty():
            return "false"


def source(checks: Sequence[Check], sight: Sight) -> str:
    """Write the FROM of checks of one table: its rows `r` and all that they look up."""
    found: dict[str, Known] = {}
    for check in checks:
        if isinstance(check.finds, Where):
            found |= {known.relation: known for known in check.finds.known}
    joins = "".join(
        f" LEFT JOIN {sight.relations[name]} AS {name} ON {name}.{quoted(known.key)} = {known.on}"
        for name, known in found.items()
    )
    return f"{sight.relations[checks[0].table]} AS r{joins}"


def counts(checks: Sequence[Check], sight: Sight) -> tuple[int, ...]:
    """Count the rows that conditions of one table find, all in one scan."""
    if not checks:
        return ()
    columns = ", ".join(_count(each, sight) for each in checks)
    ((*found,),) = sight.con.execute(f"SELECT {columns} FROM {source(checks, sight)}").fetchall()
    return tuple(int(number) for number in found)


def named(check: Check, sight: Sight) -> int:
    """Count the rows that a query names, or that the vocabulary judges wrong."""
    if isinstance(check.finds, Judged):
        return len(judged(check, sight))
    if not isinstance(check.finds, Keys):
        return 0
    query = check.finds.query.format(**sight.relations)
    ((number,),) = sight.con.execute(f"SELECT count(*) FROM ({query})").fetchall()
    return int(number)


def judged(check: Check, sight: Sight) -> list[str]:
    """List the keys of rows that the vocabulary judges wrong."""
    if not isinstance(check.finds, Judged):
        return []
    columns = ", ".join(quoted(name) for name in (sight.table(check).key, *check.finds.columns))
    rows = sight.con.execute(f"SELECT {columns} FROM {sight.relations[check.table]}").fetchall()
    return [key for key, *row in rows if check.finds.wrong(tuple(row), sight.words)]


def examples(checks: Sequence[Check], sight: Sight) -> tuple[tuple[str, ...], ...]:
    """Give the first keys of the rows that checks of one table find, all in one scan."""
    if not checks:
        return ()
    key = f"r.{quoted(sight.table(checks[0]).key)}"
    columns = ", ".join(
        f"min(CASE WHEN {condition(each, sight)} THEN {key} END, {EXAMPLES})" for each in checks
    )
    ((*found,),) = sight.con.execute(f"SELECT {columns} FROM {source(checks, sight)}").fetchall()
    return tuple(tuple(keys or ()) for keys in found)


def selecting(check: Check, sight: Sight) -> str:
    """Write the query of the rows a check finds."""
    return f"SELECT r.* FROM {source([check], sight)} WHERE {condition(check, sight)}"


def told(check: Check, sight: Sight) -> str:
    """Tell what more there is to tell of the rows a check finds."""
    if not check.detail:
        return ""
    query = check.detail.format(rows=f"({selecting(check, sight)})")
    ((answer,),) = sight.con.execute(query).fetchall()
    return str(answer or "")


def newest(table: str, clock: str, sight: Sight) -> int | None:
    """Find a table's newest time that is not ahead, in microseconds since 1970."""
    at = f"epoch_us({quoted(clock)})"
    if sight.words.tables[table].types[clock] is Type.DATE:
        at = f"epoch_us(CAST({quoted(clock)} AS TIMESTAMP))"
    ((latest,),) = sight.con.execute(
        f"SELECT max({at}) FROM {sight.relations[table]} WHERE {at} <= {_now_us(sight)}"
    ).fetchall()
    return None if latest is None else int(latest)


def _count(check: Check, sight: Sight) -> str:
    """Write the number of rows a check finds; all that count, of what is never known."""
    if not isinstance(check.finds, Never):
        return f"count(CASE WHEN {condition(check, sight)} THEN 1 END)"
    column, counts = quoted(check.finds.column), check.finds.counts
    known = f"count(CASE WHEN {counts} THEN r.{column} END)"
    return f"CASE WHEN {known} = 0 THEN count(CASE WHEN {counts} THEN 1 END) ELSE 0 END"


def _listed(check: Check, keys: Sequence[str], sight: Sight) -> str:
    if not keys:
        return "false"
    return f"r.{quoted(sight.table(check).key)} IN ({', '.join(text(key) for key in keys)})"


def _now_us(sight: Sight) -> int:
    past = sight.now - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return past // dt.timedelta(microseconds=1)


def _now(sight: Sight) -> str:
    return f"make_timestamptz({_now_us(sight)})"
