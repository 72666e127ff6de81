"""What did an Asterisk see: which calls, and what were the agents doing?

Reads Master.csv in both orders and all widths, CDR exports with a header (FreePBX's `cdr` table,
cdr_adaptive_odbc) and queue_log, also rotated and compressed. Rows of the CDR are legs; they are
joined to calls. The rooms of this house, in the order the data walks through them:

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
from dialgauge.sources.asterisk.calls import CALLS, PIECES, gather_calls
from dialgauge.sources.asterisk.cdr import LEGS, create_legs, read_cdr
from dialgauge.sources.asterisk.clock import STARTS, find_starts
from dialgauge.sources.asterisk.detect import CDR_FIELDS, Found, find
from dialgauge.sources.asterisk.options import Options, read_options
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.zones import zone

TABLES = ("calls", "agent_time")
"""What Asterisk can fill."""

_SCRATCH = (LEGS, STARTS, PIECES, CALLS, staging.MATCH)
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
    for table in (*_SCRATCH, *_QUEUE_SCRATCH):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    staged = _stage(con, find(request.paths, options), request, options)
    for table in (*_SCRATCH, *_QUEUE_SCRATCH):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    return [each for each in staged if request.table in (None, each.table.name)]


def _stage(
    con: duckdb.DuckDBPyConnection, found: Found, request: Request, options: Options
) -> list[Staged]:
    files = [*(str(cdr.path) for cdr in found.cdr), *(str(log.path) for log in found.queue)]
    notes = list(found.notes)
    rows = 0
    staged: list[Staged] = []
    if found.cdr:
        create_legs(con)
        for number, cdr in enumerate(found.cdr):
            rows += read_cdr(con, cdr, number, rows + 1, options)
        notes += find_starts(con, [file.path.name for file in found.cdr], request.timezone)
        gather_calls(con, options, request.phone_key)
        notes += _cdr_notes(con)
    if found.queue:
        queue_log.create_events(con)
        for number, log in enumerate(found.queue, start=len(found.cdr)):
            rows += queue_log.read_queue_log(con, log, number, rows + 1)
        queue_notes = _queue_notes(con, found)
        queue_notes += queue_calls.gather_queue_calls(con, options, request.phone_key)
        time_notes = agent_intervals.gather_intervals(con, options, request.phone_key)
        staged.append(staging.stage_queue_calls(con, files, queue_notes))
        time_notes += _dialling_agents(con) if found.cdr else []
        intervals = staging.stage_intervals(con, files, rows + 1, time_notes)
    if found.cdr:
        staged.append(staging.stage_cdr_calls(con, files, options, _unused(found), notes))
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
    counts = con.execute(
        f"SELECT (SELECT count(*) FROM {LEGS} WHERE _problem IS NULL), count(*), "
        "count(*) FILTER (WHERE direction IS NULL), "
        "count(*) FILTER (WHERE result IS NULL) "
        f"FROM {CALLS}"
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
