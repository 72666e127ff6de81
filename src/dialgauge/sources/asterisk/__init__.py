"""What did an Asterisk see: which calls, and what were the agents doing?

Reads Master.csv in both orders and all widths, CDR exports with a header (FreePBX's `cdr` table,
cdr_adaptive_odbc) and queue_log, also rotated and compressed. Rows of the CDR are legs; they are
joined to calls. The tables of FreePBX and of realtime set-ups are read while they run (`fetch`), or
from dumps. The rooms of this house, in the order the data walks through them:

- `streams`, `fetching`: a running database to a spool; `tables`: a spool to what files say
- `options`, `detect`: what the user said, and which file is what
- `cdr_files`, `cdr`: rows of any CDR file to legs; `masking`: what a damaged row may show
- `clock`: by what clock the file was written, and when each leg was in UTC
- `parties`: extensions, trunks, direction; `calls`: legs to calls
- `queue_log`: lines to events; `queue_calls`: events to calls; `agent_switches` and
  `agent_intervals`: events to time
- `staging`: calls and time to the canonical tables
"""

from __future__ import annotations

import duckdb

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.asterisk import agent_intervals, queue_calls, queue_log, staging
from dialgauge.sources.asterisk.calls import CALLS, PIECES, call_name, gather_calls
from dialgauge.sources.asterisk.cdr import LEGS, create_legs, read_cdr
from dialgauge.sources.asterisk.clock import STARTS, find_starts
from dialgauge.sources.asterisk.detect import CDR_FIELDS, Found, find
from dialgauge.sources.asterisk.fetching import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.asterisk.options import Options, read_options
from dialgauge.sources.asterisk.tables import (
    drop_tables,
    find_tables,
    forget_context,
    forget_earlier,
    forget_waiting,
    load_causes,
    load_cdr,
    load_queue_log,
    note_context,
    tell_causes,
)
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.zones import zone

__all__ = ["SECRETS", "SETTINGS", "TABLES", "fetch", "probe", "stage"]

TABLES = ("calls", "agent_time")
"""What Asterisk can fill."""

_CONTEXT = "asterisk_context"
_SCRATCH = (LEGS, STARTS, PIECES, CALLS, staging.MATCH, _CONTEXT)
_QUEUE_SCRATCH = (queue_log.EVENTS, queue_calls.QUEUE_CALLS, agent_intervals.INTERVALS)


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read files of Asterisk.

    Args:
        con: Where the rows shall be; everything runs inside DuckDB, so memory stays bounded.
        request: Files or folders of one Asterisk; `table` may narrow what is wanted to `calls` or
            `agent_time`; options are those of `options.Options`.

    Returns:
        Calls that went through a queue, the other calls, agents' time; what is empty is left out.

    Raises:
        FileError: A file is nothing that Asterisk writes, or cannot be read.
        UnknownNameError: An option, a zone or the table does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    options = read_options(request.options)
    if request.table is not None and request.table not in TABLES:
        raise UnknownNameError("table of asterisk", request.table, TABLES)
    if request.mapping is not None:
        raise UsageError(
            "asterisk needs no mapping file, its columns are known; say what it cannot know with "
            "--option, or read the file with 'dialgauge import files'"
        )
    if request.timezone:
        zone(request.timezone)
    if not request.paths:
        raise UsageError("nothing to read; give Master.csv, a queue_log or their folder")
    _forget(con)
    staged = _stage(con, _found(con, request, options), request, options)
    _forget(con)
    return [each for each in staged if request.table in (None, each.table.name)]


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    for table in (*_SCRATCH, *_QUEUE_SCRATCH):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    drop_tables(con)


def _found(con: duckdb.DuckDBPyConnection, request: Request, options: Options) -> Found:
    """Find the files, and load those of tables."""
    tables = find_tables(request.paths)
    found = find(tables.others, options) if tables.others else Found()
    cdr, queue, notes = list(found.cdr), list(found.queue), list(found.notes)
    if "cdr" in tables.files:
        cdr.append(load_cdr(con, tables.files["cdr"]))
    if "queue_log" in tables.files:
        log, told = load_queue_log(con, tables.files["queue_log"], request.timezone)
        queue.append(log)
        notes += told
    if not (cdr or queue or found.notes):
        raise UsageError("nothing to read; give the tables cdr or queue_log, cel tells no calls")
    load_causes(con, tables.files.get("cel", ()))
    return Found(cdr=tuple(cdr), queue=tuple(queue), notes=tuple(notes))


def _stage(
    con: duckdb.DuckDBPyConnection, found: Found, request: Request, options: Options
) -> list[Staged]:
    files = [*(str(cdr.path) for cdr in found.cdr), *(str(log.path) for log in found.queue)]
    notes = list(found.notes)
    rows = 0
    staged: list[Staged] = []
    con.execute(f"CREATE TEMP TABLE {_CONTEXT} (_row BIGINT)")
    if found.cdr:
        create_legs(con)
        for number, cdr in enumerate(found.cdr):
            note_context(con, cdr.relation, rows + 1, _CONTEXT)
            rows += read_cdr(con, cdr, number, rows + 1, options)
        notes += find_starts(con, [file.path.name for file in found.cdr], request.timezone)
        gather_calls(con, options, request.phone_key)
        tell_causes(con, call_name("linkedid", options))
        notes += _cdr_notes(con)
    if found.queue:
        queue_log.create_events(con)
        for number, log in enumerate(found.queue, start=len(found.cdr)):
            note_context(con, log.relation, rows + 1, _CONTEXT)
            log_row = rows + 1
            rows += queue_log.read_queue_log(con, log, number, rows + 1)
        queue_notes = [*([] if found.cdr else notes), *_queue_notes(con, found)]
        queue_notes += queue_calls.gather_queue_calls(con, options, request.phone_key)
        if found.cdr:
            queue_notes += forget_waiting(con, found.queue[-1].relation, log_row, LEGS)
        time_notes = agent_intervals.gather_intervals(con, options, request.phone_key)
        forget_earlier(con, agent_intervals.INTERVALS, queue_log.EVENTS, _CONTEXT)
        staged.append(staging.stage_queue_calls(con, files, queue_notes))
        time_notes += _dialling_agents(con) if found.cdr else []
        intervals = staging.stage_intervals(con, files, rows + 1, time_notes)
    if found.cdr:
        staged.append(staging.stage_cdr_calls(con, files, options, _unused(found), notes))
    for part in staged:
        forget_context(con, part.relation, _CONTEXT)
    if found.queue:
        staged.append(intervals)
    return staged


def _unused(found: Found) -> list[str]:
    names = (name for file in found.cdr for name in file.names if name not in CDR_FIELDS)
    return list(dict.fromkeys(names))


def _queue_notes(con: duckdb.DuckDBPyConnection, found: Found) -> list[str]:
    if len(found.queue) < 2:
        return []
    repeated = queue_log.drop_repeated(con)
    return [f"{repeated} events stood in two queue_logs and were read once."] if repeated else []


def _dialling_agents(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Say whose time in the queues hides calls that went past them."""
    ((agents, calls),) = con.execute(
        f"SELECT count(DISTINCT agent_id), count(*) FROM {CALLS} WHERE talk_s > 0 "
        f"AND agent_id IN (SELECT agent_id FROM {agent_intervals.INTERVALS}) "
        f"AND call_id NOT IN (SELECT call_id FROM {staging.MATCH})"
    ).fetchall()
    if not calls:
        return []
    note = (
        f"{agents} agents with time in the queue_log talked on {calls} calls that went past the "
        "queues; the queue_log has them available meanwhile, so their occupancy comes out too low."
    )
    return [note]


def _cdr_notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    itself = f"_row NOT IN (SELECT _row FROM {_CONTEXT})"
    counts = con.execute(
        f"SELECT (SELECT count(*) FROM {PIECES} WHERE call_id IN (SELECT call_id FROM {CALLS} "
        f"WHERE {itself})), count(*), "
        "count(*) FILTER (WHERE direction IS NULL), "
        "count(*) FILTER (WHERE result IS NULL) "
        f"FROM {CALLS} WHERE {itself}"
    ).fetchall()[0]
    legs, calls, lost, unknown = counts
    notes = [f"{legs} CDR rows are the legs of {calls} calls."]
    if lost:
        notes.append(
            f"{lost} calls have no direction, so no KPI counts them; say which channels lead "
            "outside with --option trunks=PJSIP/provider or which contexts go where."
        )
    if unknown:
        notes.append(f"{unknown} calls have a disposition with an unknown meaning; it was kept.")
    return notes
