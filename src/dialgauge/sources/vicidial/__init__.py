"""What did a VICIdial see: which calls, which leads, and what were the agents doing?

Reads VICIdial's own tables, from its MySQL or MariaDB while it runs (`fetch`), or from files of
those tables (`stage`). The rooms of this house, in the order the data walks through them:

- `tables`: what is read; `fetching`: how a running one is read
- `options`: what the user said; `loading`: files to tables, archive and live as one
- `statuses`: what a status means; `legs`: rows of the logs to calls; `calls`: what came of them
- `intervals`: agents' time; `holds`: what of it was hold; `clock`: what is paid
- `people`: leads, agents, campaigns
- `reconcile`: VICIdial's own figures beside ours
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.phones import understand
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.sources.vicidial import calls, clock, holds, intervals, people, tables
from dialgauge.sources.vicidial.fetching import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.vicidial.legs import LEGS, create_legs
from dialgauge.sources.vicidial.loading import called, drop, left_out, load, named, relation
from dialgauge.sources.vicidial.options import Options, read_options
from dialgauge.sources.vicidial.statuses import create_meanings
from dialgauge.sources.vicidial.tables import CALLBACKS, LOG, PAUSE_CODES
from dialgauge.sources.zones import utc_sql, zone
from dialgauge.tables.agent_time import AGENT_TIME
from dialgauge.tables.agents import AGENTS
from dialgauge.tables.calls import CALLS
from dialgauge.tables.campaigns import CAMPAIGNS
from dialgauge.tables.leads import LEADS

__all__ = ["SECRETS", "SETTINGS", "TABLES", "fetch", "probe", "stage"]

TABLES = ("agents", "campaigns", "leads", "calls", "agent_time")
"""What VICIdial can fill."""

_CALL_COLUMNS = (
    *("call_id", "direction", "result", "disposition", "contact", "right_party", "converted"),
    *("do_not_call", "ended_by", "ring_s", "wait_s", "talk_s", "hold_s", "wrap_s", "campaign_id"),
    *("list_id", "lead_id", "agent_id", "phone_token", "region", "country", "line_type", "carrier"),
    *("phone_valid", "timezone", "recording", "test"),
)


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read files of VICIdial's tables.

    Args:
        con: Where the rows shall be; everything runs inside DuckDB, so memory stays bounded.
        request: A spool, or files named for their tables; `table` may narrow what is wanted to
            one of `TABLES`; options are those of `options.Options`.

    Returns:
        Agents, campaigns, leads, calls and agents' time; what is empty is left out.

    Raises:
        FileError: A file cannot be read.
        UnknownNameError: An option, a zone or the table does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    options = checked(request)
    told = understand_all(con, request, options)
    notes = [*_notes(con, request), *told]
    wanted = [name for name in TABLES if request.table in (None, name)]
    made = (
        stage_shapes(con, AGENTS, [people.agent_shape(options)]),
        stage_shapes(con, CAMPAIGNS, people.campaign_shapes(options)),
        stage_shapes(con, LEADS, [people.lead_shape(dnc=people.dnc_read(con))]),
        stage_shapes(con, CALLS, _call_shapes(options), notes),
        stage_shapes(con, AGENT_TIME, [intervals.interval_shape()]),
    )
    drop(con)
    staged = []
    for part in made:
        ((rows,),) = con.execute(f"SELECT count(*) FROM {part.relation}").fetchall()
        if part.table.name in wanted and (rows or part.notes):
            staged.append(part)
        else:
            con.execute(f"DROP TABLE {part.relation}")
    return staged


def checked(request: Request) -> Options:
    """Check what was asked, before anything is read."""
    options = read_options(request.options)
    if request.table is not None and request.table not in TABLES:
        raise UnknownNameError("table of vicidial", request.table, TABLES)
    if request.mapping is not None:
        raise UsageError(
            "vicidial needs no mapping file, its columns are known; say what it cannot know with "
            "--option, or read the file with 'dialgauge import files'"
        )
    if request.timezone:
        zone(request.timezone)
    if not request.paths:
        raise UsageError("nothing to read; give a folder with files of VICIdial's tables")
    return options


def understand_all(
    con: duckdb.DuckDBPyConnection,
    request: Request,
    options: Options,
    narrow: Callable[[], None] = lambda: None,
) -> list[str]:
    """Load the files and make calls, intervals and leads of them, as temporary tables.

    Args:
        con: Where the tables shall be.
        request: What is read.
        options: What the user said.
        narrow: Called when the files are loaded; may leave rows out.

    Returns:
        What to tell people about rows that could not be used.
    """
    where = request.timezone or "UTC"
    drop(con)
    load(con, request.paths)
    narrow()
    create_meanings(con, options)
    create_legs(con, where)
    con.execute(f"CREATE TEMP TABLE {intervals.CYCLES} AS {intervals.cycles_sql(where)}")
    notes = [*left_out(con), *holds.create_holds(con, intervals.CYCLES, where)]
    phones = f"SELECT phone FROM {LEGS} UNION SELECT {called('phone_code', 'phone_number')} FROM "
    rows = f"({phones} {relation(tables.LEADS)})"
    known = understand(con, rows, "phone", request.phone_key, options.region)
    calls.create_calls(con, options, where, known)
    notes += people.create_leads(con, options, where, known)
    con.execute(f"DROP TABLE {known}")
    con.execute(f"CREATE TEMP TABLE {intervals.INTERVALS} AS {intervals.intervals_sql(options)}")
    if options.paid == "timeclock":
        notes += clock.pay_by_clock(con, options)
    return notes


def _call_shapes(options: Options) -> tuple[Shape, ...]:
    columns = {name: f"c.{name}" for name in _CALL_COLUMNS} | {
        "started_at": "make_timestamptz(c.start_us)",
        "answered_at": "make_timestamptz(c.answer_us)",
        "ended_at": "make_timestamptz(c.end_us)",
        "callback_at": "make_timestamptz(c.callback_us)",
        "source": "'vicidial'",
    }
    lost = "'a transfer whose first leg is not among the rows that were read'"
    return (
        Shape(columns=columns, rows=f"{calls.CALLS} c", row="c._row", file="c._file"),
        Shape(
            columns={"call_id": named("l.leg", options.server), "source": "'vicidial'"},
            rows=f"{LEGS} l WHERE NOT _context AND (_problem IS NOT NULL OR call IS NULL)",
            row="l._row",
            file="l._file",
            problem=f"coalesce(l._problem, {lost})",
            raw="l._raw",
        ),
    )


def _notes(con: duckdb.DuckDBPyConnection, request: Request) -> list[str]:
    legs, made, passed = con.execute(
        f"SELECT (SELECT count(*) FROM {LEGS} WHERE call IS NOT NULL AND NOT _context), "
        f"(SELECT count(*) FROM {calls.CALLS}), "
        f"(SELECT count(*) FROM {LEGS} WHERE call IS NOT NULL AND call <> leg AND NOT _context)"
    ).fetchall()[0]
    notes = [
        f"{legs:,} rows of the call logs are {made:,} calls; {passed:,} rows are further legs."
    ]
    unknown = con.execute(
        f"SELECT disposition, count(*) FROM {calls.CALLS} "
        "WHERE result IS NULL AND disposition IS NOT NULL "
        "AND upper(disposition) NOT IN ('QUEUE', 'INCALL', 'NEW') GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if unknown:
        listed = ", ".join(f"{status} ({count})" for status, count in unknown[:5])
        notes.append(
            f"Statuses that no table explains were kept, and their result is unknown: {listed}."
        )
    half = con.execute(
        f"SELECT count(*) FROM {intervals.INTERVALS} i JOIN {relation(PAUSE_CODES)} p "
        "ON upper(p.pause_code) = upper(i.reason) WHERE upper(p.billable) = 'HALF'"
    ).fetchall()[0][0]
    if half:
        notes.append(f"{half} pauses are half billable; whether they are billed stays unknown.")
    return [*notes, *_clock_notes(con, request)]


def _clock_notes(con: duckdb.DuckDBPyConnection, request: Request) -> list[str]:
    """Compare wall clocks with epochs, where rows have both."""
    where = request.timezone or "UTC"
    found = con.execute(
        f"SELECT count(*), count(*) FILTER (abs(off) > 900), median(off) FROM (SELECT "
        f"l.start_us / 1e6 - epoch(TRY_CAST(r.call_date AS TIMESTAMP)) + {_offset(where)} off "
        f"FROM {LEGS} l JOIN {relation(LOG)} r ON r.uniqueid = l.leg "
        "WHERE TRY_CAST(r.start_epoch AS BIGINT) > 0 AND l._problem IS NULL) WHERE off IS NOT NULL"
    ).fetchall()[0]
    rows, apart, off = found
    if not rows or apart * 2 <= rows:
        return []
    clocks = con.execute(f"SELECT count(*) FROM {relation(CALLBACKS)}").fetchall()[0][0]
    said = (
        f"The wall clock of {apart} of {rows} calls is {off / 3600:+.2f} hours off from {where}: "
        "say the server's zone with --timezone. Calls and agents' time have epochs and are right; "
        f"entry dates of leads and {clocks} callbacks are not."
    )
    return [said]


def _offset(where: str) -> str:
    clock = "epoch_us(TRY_CAST(r.call_date AS TIMESTAMP))"
    return f"({clock} - {utc_sql(clock, where, 2000, 2050)}) / 1e6"
