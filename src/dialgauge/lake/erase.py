"""How is a person forgotten?

The law lets people ask for it, and the numbers of the past must stay true. So the person's calls,
lead, journey and callbacks stay and keep counting, but nothing says any more whose they were:

- the identifiers (lead, customer, phone token, party) are replaced by random ones, the same in
  all tables, so that "people reached" and "calls a lead" do not change; nothing leads back
- personal columns (recording, attributes ...) become unknown
- refused rows that mention the person are removed from quarantine
- older states that still know the person are given up, and their files removed at once

Calls belong to the person by lead; by customer or phone token only where they name no lead, or
when it was this customer or token that was asked for, because several people may share a number
or work for the same customer.

Agents are staff and not covered; to forget an agent, import the agent again with an empty name.
What this does not do: files outside the lake are not touched, nor are the systems it is read from.
What they say of the person is recognised when it comes in again, and left out: see `forgotten`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from dialgauge.errors import UsageError
from dialgauge.lake import sql, upkeep
from dialgauge.lake.change import Change
from dialgauge.lake.deltalog import Stored
from dialgauge.lake.layout import Layout
from dialgauge.lake.names import ASKED, LEADS, NAMED, SHARED, UNIT, WORD, among, new_name
from dialgauge.lake.quarantine import QUARANTINE
from dialgauge.lake.snapshot import Snapshot
from dialgauge.model.table import Table
from dialgauge.tables.storage import DUCKDB_TYPES, quoted, text

_PARTY = "party_id"
_BY_PHONE = "phone:"  # how `prepare` names a party that has no lead
_BY_LEAD = "lead:"  # how it names a party that goes through stages without a deal
_LEAST_WORD = 6  # a shorter name may stand in any field of a row that is somebody else's
_NUMBERED = {"spell_id": "customer_id", "place_id": "lead_id"}  # begins with the other, then `#`


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom to forget; at least one of the identifiers.

    Attributes:
        lead_id: The lead.
        customer_id: The customer.
        phone_token: What stands for the phone number in the lake.
        texts: Other words that tell of the person in refused rows, such as the phone number
            itself, as a file has them in one field.
    """

    lead_id: str | None = None
    customer_id: str | None = None
    phone_token: str | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was done.

    Attributes:
        version: The lake's version afterwards.
        rows: Table name to rows that were the person's.
        lost: Older states that were given up because they knew the person.
        files: How many files were removed with them.
    """

    version: int
    rows: dict[str, int]
    lost: tuple[int, ...]
    files: int


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything the person goes by: column name to values; `asked` as the user gave it."""

    ids: dict[str, frozenset[str]]
    asked: Person


def check(person: Person) -> None:
    """Refuse to forget nobody.

    Raises:
        UsageError: No identifier is given.
    """
    if not any((person.lead_id, person.customer_id, person.phone_token)):
        raise UsageError("whom to forget? Allowed: a lead_id, a customer_id or a phone_token.")


def erase(
    change: Change, con: duckdb.DuckDBPyConnection, tables: Sequence[Table], person: Person
) -> dict[str, int]:
    """Rewrite the files that know a person and return, for each table, how many rows did.

    Args:
        change: The change to be published.
        con: Where the rows are rewritten.
        tables: All tables of the lake.
        person: Whom to forget.
    """
    known = _identify(con, person, tables, [{t.name: change.stored(t) for t in tables}])
    new = {value: new_name() for values in known.ids.values() for value in values}
    new |= {_BY_PHONE + token: _BY_PHONE + new[token] for token in known.ids["phone_token"]}
    new |= {_BY_LEAD + lead: _BY_LEAD + new[lead] for lead in known.ids["lead_id"]}
    done = {}
    for table in tables:
        stored = change.stored(table)
        condition = _belongs(table, known)
        rows = 0
        for file in stored.files:
            reading = stored.reading(table, [file.path])
            mine = sql.count(con, f"SELECT count(*) FROM ({reading}) WHERE {condition}")
            if mine:
                change.rewrite(con, table, [file], _forgetting(table, reading, condition, new))
                rows += mine
        if rows:
            done[table.name] = rows
    return done


def names(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    person: Person,
    states: Sequence[Snapshot],
) -> frozenset[tuple[str, str]]:
    """List by which names a person is to be known again, each with its kind.

    Args:
        con: Where the files are read.
        tables: All tables of the lake.
        person: Whom to look for.
        states: The states that can be read.
    """
    known = _identify(con, person, tables, [state.tables for state in states])
    found = {(kind, name) for kind, some in known.ids.items() for name in some}
    words = {(WORD, name) for _, name in found if len(name) >= _LEAST_WORD}
    return frozenset({*found, *words, *asked_names(person)})


def asked_names(person: Person) -> frozenset[tuple[str, str]]:
    """List the names by which somebody asked, each with its kind."""
    given = {kind: name for kind, name in _asked(person).items() if name}
    shared = {(ASKED + kind, name) for kind, name in given.items() if kind in SHARED}
    words = {(WORD, word) for word in (*given.values(), *person.texts) if len(word) >= _LEAST_WORD}
    return frozenset({*given.items(), *shared, *words})


def traces(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    tables: Sequence[Table],
    person: Person,
    states: Sequence[Snapshot],
) -> frozenset[str]:
    """Find every file on the disk that knows a person, by any name some state knew.

    Args:
        con: Where the files are read.
        layout: The lake.
        tables: All tables of the lake.
        person: Whom to look for.
        states: The states that can be read.
    """
    known = _identify(con, person, tables, [state.tables for state in states])
    knowing = set()
    for table in tables:
        condition = _belongs(table, known)
        columns = {
            path: stored.columns
            for stored in (state.stored(table) for state in states)
            for path in stored.paths
        }
        for path in upkeep.data_files(layout, [table]):
            reading = sql.stored(table, [path], columns.get(path, _names(table)))
            if sql.count(con, f"SELECT count(*) FROM ({reading}) WHERE {condition}"):
                knowing.add(path)
    return frozenset(knowing)


def knowing_states(states: Iterable[Snapshot], files: frozenset[str]) -> tuple[int, ...]:
    """Return the versions that need one of some files, oldest first."""
    return tuple(
        sorted(
            state.version
            for state in states
            if any(path in files for stored in state.tables.values() for path in stored.paths)
        )
    )


def _identify(
    con: duckdb.DuckDBPyConnection,
    person: Person,
    tables: Iterable[Table],
    states: Sequence[Mapping[str, Stored]],
) -> _Known:
    """Follow what was asked for to the other names of the person, through its lead and calls."""
    ids = _asked_for(person)
    for table in sorted(tables, key=lambda table: table.name != "leads"):
        held = [name for name in NAMED if name in table.types]
        for reading in _readings(table, states) if "lead_id" in held else ():
            # A number or a firm may be shared: only one that was asked for leads on to a lead.
            first = {**_asked_for(person), "lead_id": ids["lead_id"]}
            condition = " OR ".join(among(name, first[name]) for name in held)
            found = con.execute(
                f"SELECT DISTINCT {sql.columns(held)} FROM ({reading}) WHERE {condition}"
            ).fetchall()
            for row in found:
                for name, value in zip(held, row, strict=True):
                    ids[name] |= set() if value is None else {value}
    return _Known({name: frozenset(values) for name, values in ids.items()}, person)


def _readings(table: Table, states: Iterable[Mapping[str, Stored]]) -> list[str]:
    """Write the queries that read each file of some states once."""
    paths: dict[tuple[str, ...], dict[str, None]] = {}
    for state in states:
        stored = state.get(table.name, Stored())
        paths.setdefault(stored.columns, {}).update(dict.fromkeys(stored.paths))
    return [sql.stored(table, list(some), columns) for columns, some in paths.items() if some]


def _belongs(table: Table, known: _Known) -> str:
    """Write the condition that a row of a table is the person's."""
    ids = known.ids
    if table.name == QUARANTINE.name:
        words = sorted(frozenset().union(*ids.values(), known.asked.texts))
        values = "json_extract_string(raw, '$.*')"
        mentioned = f"list_has_any({values}, [{', '.join(map(text, words))}])"
        return f"coalesce((json_valid(raw) AND {mentioned}) OR {among('key', words)}, false)"
    asked = _asked_for(known.asked)
    leads = [name for name in LEADS if name in table.types]
    shared = [name for name in SHARED if name in table.types]
    nobody_else = "".join(f" AND {name} IS NULL" for name in leads)
    parts = [among(name, ids["lead_id"]) for name in leads]
    parts += [f"({among(name, ids[name])}{nobody_else})" for name in shared]
    parts += [among(name, asked[name]) for name in shared]
    if _PARTY in table.types:
        parts.append(among(_PARTY, _parties(ids)))
    if UNIT in table.types:
        parts.append(f"(unit = 'lead' AND {among(UNIT, ids['lead_id'])})")
    return f"coalesce({' OR '.join(parts) or 'false'}, false)"


def _parties(ids: Mapping[str, frozenset[str]]) -> set[str]:
    by_phone = (_BY_PHONE + token for token in ids["phone_token"])
    return {*ids["lead_id"], *by_phone, *(_BY_LEAD + lead for lead in ids["lead_id"])}


def _asked(person: Person) -> dict[str, str | None]:
    return {
        "lead_id": person.lead_id,
        "customer_id": person.customer_id,
        "phone_token": person.phone_token,
    }


def _asked_for(person: Person) -> dict[str, set[str]]:
    return {name: {value} if value else set() for name, value in _asked(person).items()}


def _forgetting(table: Table, reading: str, condition: str, new: dict[str, str]) -> str:
    """Write the query of a file's rows without the person."""
    if table.name == QUARANTINE.name:
        return f"SELECT * FROM ({reading}) WHERE NOT {condition}"
    changed = {}
    for column in table.columns:
        name = quoted(column.name)
        if column.name in {*NAMED, *LEADS, _PARTY, UNIT}:
            changed[name] = _renamed(name, new)
        elif _NUMBERED.get(column.name) in table.types:
            whose = _NUMBERED[column.name]
            changed[name] = f"{_renamed(whose, new)} || substr({name}, length({whose}) + 1)"
        elif column.personal:
            changed[name] = f"CAST(NULL AS {DUCKDB_TYPES[column.type]})"
    replaced = ", ".join(
        f"CASE WHEN {condition} THEN {value} ELSE {name} END AS {name}"
        for name, value in changed.items()
    )
    return f"SELECT * REPLACE ({replaced}) FROM ({reading})"


def _renamed(name: str, new: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN {text(old)} THEN {text(fresh)}" for old, fresh in new.items())
    return f"CASE {name} {cases} ELSE {name} END"


def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)
