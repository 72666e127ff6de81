"""What did a FreeSWITCH see: which calls, and what came of them?

Reads cdr_csv in every template that ships with it, the files of mod_json_cdr and what it sends by
itself, and the `cdr` table of a database, while that runs (`fetch`) or from a dump. The rooms of
this house, in the order the data walks through them:

- `options`: what the user said; `streams`: the names of things; `fetching`: the running database
- `finding`: which file is what; `reading`: records of any form to rows of texts
- `legs`: when each leg was, and which leg made it; `calls`: legs to calls, and what came of them
"""

from __future__ import annotations

import duckdb

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.base import FILE, PROBLEM, RAW, ROW, Request, Staged
from dialgauge.sources.freeswitch.calls import CALLS, create_calls, named
from dialgauge.sources.freeswitch.fetching import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.freeswitch.finding import find
from dialgauge.sources.freeswitch.legs import LEGS, create_legs
from dialgauge.sources.freeswitch.options import Options, read_options
from dialgauge.sources.freeswitch.reading import ROWS, read
from dialgauge.sources.freeswitch.streams import CONTEXT, EARLIER, YOUNG
from dialgauge.sources.phones import FILLED
from dialgauge.sources.staging import Shape, stage_shapes, with_parts
from dialgauge.sources.zones import zone
from dialgauge.tables.calls import CALLS as CALLS_TABLE

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

TABLES = ("calls",)
"""What FreeSWITCH can fill."""

_COLUMNS = (
    *("call_id", "direction", "result", "disposition", "contact", "ended_by", "ring_s", "wait_s"),
    *("talk_s", "hold_s", "campaign_id", "agent_id", "phone_token", *FILLED),
)
_FOR_ITSELF = f"{CONTEXT} IS DISTINCT FROM '{EARLIER}'"
_LOST = "'a leg whose first leg is not among these rows; read both together, or --option lone_legs'"


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read records of FreeSWITCH.

    Args:
        con: Where the rows shall be; everything runs inside DuckDB, so memory stays bounded.
        request: Files or folders of one FreeSWITCH; options are those of `options.Options`.

    Returns:
        The calls.

    Raises:
        FileError: A file is nothing that FreeSWITCH writes, or cannot be read.
        UnknownNameError: An option, a zone or the table does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    options = read_options(request.options)
    if request.table is not None and request.table not in TABLES:
        raise UnknownNameError("table of freeswitch", request.table, TABLES)
    if request.mapping is not None:
        raise UsageError(
            "freeswitch needs no mapping file, its variables are known; tell the order of your own "
            "template with --option columns, or read the file with 'dialgauge import files'"
        )
    where = zone(request.timezone).key if request.timezone else ""
    if not request.paths:
        raise UsageError("nothing to read; give Master.csv, or a folder with it")
    found = find(request.paths)
    _forget(con)
    read(con, found, options)
    repeated = create_legs(con, options, where or "UTC")
    create_calls(con, options, request.phone_key)
    notes = [*found.notes, *_notes(con, repeated, where)]
    extra = [name for name in ("lead_id", "list_id") if getattr(options, name)]
    columns = {name: f"c.{name}" for name in (*_COLUMNS, *extra)}
    columns |= {
        "started_at": "make_timestamptz(c.start_us)",
        "answered_at": "make_timestamptz(c.answer_us)",
        "ended_at": "make_timestamptz(c.end_us)",
        "source": "'freeswitch'",
    }
    shapes = (
        Shape(columns=columns, rows=f"{CALLS} c", row=f"c.{ROW}", file=f"c.{FILE}"),
        _damaged(options),
    )
    further = (
        f"SELECT {named('lower(uuid)', options)} FROM {LEGS}"
        f" WHERE {PROBLEM} IS NULL AND NOT lost AND lower(uuid) <> root"
    )
    staged = with_parts(con, stage_shapes(con, CALLS_TABLE, shapes, notes), further)
    _forget(con)
    return [staged]


def _damaged(options: Options) -> Shape:
    """Shape the rows that are no part of a call."""
    early = f"{CONTEXT} IS NOT DISTINCT FROM '{YOUNG}'"
    lone = "" if options.lone_legs == "calls" else f" OR (lost AND NOT {early})"
    return Shape(
        columns={
            "call_id": f"CASE WHEN {PROBLEM} IS NULL THEN {named('root', options)} "
            f"ELSE {named('lower(uuid)', options)} END",
            "source": "'freeswitch'",
        },
        rows=f"{LEGS} WHERE ({PROBLEM} IS NOT NULL{lone}) AND {_FOR_ITSELF}",
        problem=f"coalesce({PROBLEM}, {_LOST})",
        # the same words each time it is refused, or it would be kept several times
        raw=f"coalesce({RAW}, "
        "json_object('uuid', uuid, 'of', maker, 'hangup_cause', hangup_cause))",
    )


def _notes(con: duckdb.DuckDBPyConnection, repeated: int, where: str) -> list[str]:
    legs, blurred, walls, lone, waiting = con.execute(
        f"SELECT count(*) FILTER ({PROBLEM} IS NULL AND root NOT IN (SELECT lower(uuid) "
        f"FROM {LEGS} WHERE {CONTEXT} = '{EARLIER}' AND uuid IS NOT NULL)), "
        "count(*) FILTER (blurred), "
        f"count(*) FILTER ({PROBLEM} IS NULL AND unzoned), "
        f"count(*) FILTER ({PROBLEM} IS NULL AND lost AND {CONTEXT} IS NULL), "
        f"count(*) FILTER ({PROBLEM} IS NULL AND lost AND {CONTEXT} = '{YOUNG}') "
        f"FROM {LEGS} WHERE {_FOR_ITSELF}"
    ).fetchall()[0]
    calls, nowhere, unknown = con.execute(
        "SELECT count(*), count(*) FILTER (direction IS NULL), "
        f"count(*) FILTER (result IS NULL) FROM {CALLS}"
    ).fetchall()[0]
    notes = [f"{legs} legs are {calls} calls."]
    if repeated:
        notes.append(f"{repeated} records repeated a leg; the last one of each counts.")
    if blurred:
        notes.append(
            f"{blurred} records have no seconds in their times, as a spreadsheet leaves them: "
            "those calls begin up to 59 seconds early; how long they lasted is right."
        )
    if walls and not where:
        notes.append(
            f"{walls} records carry no zone, and were taken as UTC; if the server's clock is "
            "another, import again with --timezone."
        )
    if lone:
        notes.append(f"{lone} legs were made by a leg that is not among these records.")
    if waiting:
        notes.append(
            f"{waiting} legs are over before the call that they belong to; they are read again."
        )
    if nowhere:
        notes.append(
            f"{nowhere} calls have no direction, so no KPI counts them; say which contexts go "
            "where with --option outbound_contexts, inbound_contexts or internal_contexts."
        )
    if unknown:
        notes.append(
            f"{unknown} calls nobody answered have no hang-up cause that is known; it was kept."
        )
    return notes


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    for table in (ROWS, LEGS, CALLS):
        con.execute(f"DROP TABLE IF EXISTS {table}")
