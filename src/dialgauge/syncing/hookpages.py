"""How do events that were sent become rows that a source reads?

FreeSWITCH's and Twilio's stay as they are, for the modules of these systems understand them. Other
events are read as JSON lines are: by the names of their keys, or by a mapping.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dialgauge.errors import UsageError
from dialgauge.model.expression import names
from dialgauge.sources import SOURCES, source
from dialgauge.sources.base import FILE, Request, Stage, Staged, new_relation
from dialgauge.sources.mapping import read_mapping, table_named
from dialgauge.sources.raw import folded
from dialgauge.tables.storage import text

STREAMS: Mapping[str, str] = MappingProxyType(
    {"files": "events", "freeswitch": "json_cdr", "twilio": "twilio_status"}
)
"""System to the stream of its events."""

_LINES = "events.jsonl"


def table_of(system: str, events: Sequence[tuple[float, str]]) -> pa.Table:
    """Make a page of events.

    Args:
        system: Who sent them.
        events: When each came, in seconds since 1970, and what it said, JSON.

    Returns:
        `event` and `received_at`; for Twilio the fields of the form instead of `event`.

    Example:
        >>> table_of("twilio", [(0.0, '{"CallSid": "CA1"}')]).to_pylist()
        [{'CallSid': 'CA1', 'received_at': '1970-01-01T00:00:00+00:00'}]
    """
    came = [dt.datetime.fromtimestamp(at, dt.UTC).isoformat() for at, _ in events]
    if system != "twilio":
        said = pa.array([event for _, event in events], pa.string())
        return pa.table({"event": said, "received_at": pa.array(came, pa.string())})
    forms = [json.loads(event) for _, event in events]
    names = dict.fromkeys(name for form in forms for name in form if name != "received_at")
    columns = {name: pa.array([form.get(name) for form in forms], pa.string()) for name in names}
    return pa.table({**columns, "received_at": pa.array(came, pa.string())})


def stage_of(system: str) -> Stage:
    """Return what makes canonical tables of a system's events."""
    if system == "files":
        return _stage_events

    def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
        if system not in SOURCES:
            raise UsageError(
                f"this dialgauge does not understand what {system} sends; the events are kept "
                "until one that does is installed"
            )
        staged: list[Staged] = importlib.import_module(f"dialgauge.sources.{system}").stage(
            con, request
        )
        return staged

    return stage


def _stage_events(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    (folder,) = request.paths
    with tempfile.TemporaryDirectory(prefix="dialgauge-", dir=folder.parent) as scratch:
        lines = Path(scratch, _LINES)
        keys = _Keys(request)
        with lines.open("w", encoding="utf-8") as file:
            for page in sorted((folder / STREAMS["files"]).glob("*.parquet")):
                for event in pq.read_table(page, columns=["event"])["event"].to_pylist():
                    file.write(keys.settled(event) + "\n")
        parts = source("files")(con, replace(request, paths=(lines,)))
        return [_called(con, part, f"{folder}/{_LINES}") for part in parts]


class _Keys:
    """Gives all events of a round the same keys, written alike.

    Each event stands for itself: one may lack what the mapping reads, another write it in capitals.
    In a file that would be a mistake in its header, which stops all rows.
    """

    def __init__(self, request: Request) -> None:
        wanted = _wanted(request)
        self._spelled = {folded(name): name for name in wanted}
        self._wanted = dict.fromkeys(wanted)

    def settled(self, event: str) -> str:
        """Write an event with these keys."""
        found = json.loads(event)
        named = {self._spelled.setdefault(folded(key), key): found[key] for key in found}
        missing = self._wanted.keys() - named.keys()
        if named.keys() == found.keys() and not missing:
            return event
        lacking = {key: None for key in self._wanted if key in missing}
        return json.dumps({**named, **lacking}, ensure_ascii=False)


def _wanted(request: Request) -> list[str]:
    """List the keys without which no event can be read."""
    if request.mapping is None:
        table = table_named(request.table) if request.table else None
        return [name for name in (table.key, table.clock) if name] if table else []
    told = read_mapping(request.mapping, request.table)
    named = [
        name
        for table in told.tables
        for rule in table.rules
        for name in (rule.header, rule.timezone_from, *names(rule.expression))
    ]
    named += [name for table in told.tables for name in names(table.repeat)]
    return list(dict.fromkeys(told.names.get(name, name) for name in named if name))


def _called(con: duckdb.DuckDBPyConnection, part: Staged, name: str) -> Staged:
    relation = new_relation(con, part.table)
    con.execute(
        f"CREATE TEMP VIEW {relation} AS SELECT * REPLACE ({text(name)} AS {FILE})"
        f" FROM {part.relation}"
    )
    return replace(part, relation=relation)
