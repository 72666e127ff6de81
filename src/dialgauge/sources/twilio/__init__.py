"""What did a Twilio account see: which calls, what came of them, and what did they cost?

- `names`: what Twilio calls things, and what its words mean; `options`: what the user said
- `fetch`: which calls an account gives, day by day
- `calls`: legs to calls
"""

from __future__ import annotations

import duckdb

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.sql import masked
from dialgauge.sources.phones import FILLED, tell
from dialgauge.sources.spooled import find_streams, load_stream
from dialgauge.sources.staging import Shape, stage_shapes, with_parts
from dialgauge.sources.twilio.calls import LEGS, api_legs, callback_legs, calls_sql
from dialgauge.sources.twilio.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.twilio.names import CONTEXT, STREAMS
from dialgauge.sources.twilio.options import read_options
from dialgauge.tables.calls import CALLS

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

TABLES = ("calls",)
"""What Twilio can fill."""

_CALLS = "twilio_made"
_KEYS = {"calls": "sid", "twilio_status": "CallSid"}
_HIDDEN = ("to", "from", "To", "From")
_COLUMNS = (
    *("call_id", "started_at", "answered_at", "ended_at", "direction", "result", "disposition"),
    *("contact", "talk_s", "agent_id", "phone_token", *FILLED, "source"),
)
_OF_API = ("cost", "currency")
_OF_CALLBACKS = ("ring_s",)
_DEEPEST = 8
_LOST = "'a leg whose parent is not among these rows; read both together'"


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of Twilio's API, and what it sent.

    Args:
        con: Where the rows shall be.
        request: A spool, or files named for the streams of `names.STREAMS`; options are those of
            `options.Options`.

    Returns:
        The calls.

    Raises:
        FileError: A file is no stream's, or cannot be read.
        UnknownNameError: An option, or the table that is wanted, does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    options = read_options(request.options)
    if request.table is not None and request.table not in TABLES:
        raise UnknownNameError("table of twilio", request.table, TABLES)
    if request.mapping is not None:
        raise UsageError("twilio needs no mapping file, its fields are known; leave it out")
    found = find_streams(request.paths, tuple(STREAMS))
    if not found:
        raise UsageError(f"nothing to read; give a folder with pages of {', '.join(STREAMS)}")
    _forget(con)
    rows = 0
    for name, columns in STREAMS.items():
        known = (*columns, CONTEXT)
        rows += load_stream(con, f"twilio_{name}", found.get(name, ()), known, rows + 1)
        _empty_to_null(con, f"twilio_{name}", known)
    repeated = _keep_last(con)
    _make_legs(con)
    con.execute(f"CREATE TEMP TABLE {_CALLS} AS {calls_sql(options)}")
    tell(con, _CALLS, "phone", request.phone_key)
    told = [name for name, names in (("calls", _OF_API), ("twilio_status", _OF_CALLBACKS))
            for name in (names if name in found else ())]  # fmt: skip
    notes = _notes(con, repeated)
    shapes = (
        Shape(columns={name: name for name in (*_COLUMNS, *told)}, rows=_CALLS),
        Shape(
            columns={"call_id": "CASE WHEN _why IS NULL THEN root ELSE sid END",
                     "source": "'twilio'"},
            rows=f"{LEGS} WHERE (_why IS NOT NULL OR lost) AND NOT earlier",
            problem=f"coalesce(_why, {_LOST})",
            raw=masked("_said", _HIDDEN),
        ),
    )  # fmt: skip
    further = f"SELECT sid FROM {LEGS} WHERE _why IS NULL AND NOT lost AND sid <> root"
    staged = with_parts(con, stage_shapes(con, CALLS, shapes, notes), further)
    _forget(con)
    return [staged]


def _empty_to_null(con: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> None:
    listed = ", ".join(f'nullif(trim("{name}"), \'\') AS "{name}"' for name in columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * REPLACE ({listed}) FROM {table}")


def _keep_last(con: duckdb.DuckDBPyConnection) -> int:
    """Keep of each call of the API the row that came last; it is context if all are."""
    mark = (
        f"CASE WHEN count(*) OVER (PARTITION BY sid) = count({CONTEXT}) OVER (PARTITION BY sid) "
        f"THEN {CONTEXT} END AS {CONTEXT}"
    )
    ((before,),) = con.execute("SELECT count(*) FROM twilio_calls").fetchall()
    ((after,),) = con.execute(
        f"CREATE OR REPLACE TEMP TABLE twilio_calls AS SELECT * REPLACE ({mark}) "
        "FROM twilio_calls QUALIFY sid IS NULL "
        "OR row_number() OVER (PARTITION BY sid ORDER BY _row DESC) = 1"
    ).fetchall()
    return int(before - after)


def _make_legs(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `LEGS`; what the API says of a leg stands before what was sent of it."""
    con.execute(
        f"CREATE TEMP TABLE {LEGS} AS SELECT *, sid root FROM (FROM ({api_legs()}) "
        f"UNION ALL BY NAME FROM ({callback_legs()}) WHERE sid IS NULL "
        "OR sid NOT IN (SELECT sid FROM twilio_calls WHERE sid IS NOT NULL))"
    )
    con.execute(f"UPDATE {LEGS} SET root = coalesce(parent, sid)")
    for _ in range(_DEEPEST):
        ((moved,),) = con.execute(
            f"UPDATE {LEGS} SET root = up.root FROM {LEGS} up WHERE up.sid = {LEGS}.root "
            f"AND up.root <> {LEGS}.root AND up.root <> {LEGS}.sid"
        ).fetchall()
        if not moved:
            break
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {LEGS} AS SELECT *, _why IS NULL AND root NOT IN "
        f"(SELECT sid FROM {LEGS} WHERE _why IS NULL) lost FROM {LEGS}"
    )


def _notes(con: duckdb.DuckDBPyConnection, repeated: int) -> list[str]:
    legs, lost = con.execute(
        "SELECT count(*) FILTER (_why IS NULL AND NOT lost AND root NOT IN "
        f"(SELECT sid FROM {LEGS} WHERE earlier AND sid IS NOT NULL)), count(*) FILTER (lost) "
        f"FROM {LEGS} WHERE NOT earlier"
    ).fetchall()[0]
    calls, running, unpriced, mixed, nowhere = con.execute(
        "SELECT count(*), count(*) FILTER (NOT has_ended), "
        "count(*) FILTER (has_ended AND cost IS NULL), "
        f"count(*) FILTER (currencies > 1), count(*) FILTER (direction IS NULL) FROM {_CALLS}"
    ).fetchall()[0]
    notes = [f"{legs} legs are {calls} calls."]
    told = {
        f"{repeated} rows came again; of each leg the last one counts.": repeated,
        f"{running} calls were not over yet; their results come when they are.": running,
        f"{unpriced} calls have no price yet; it comes with a later round.": unpriced,
        f"{mixed} calls have legs in several currencies, and no cost.": mixed,
        f"{lost} legs have a parent that is not among these rows.": lost,
        f"{nowhere} calls have no direction, so no KPI counts them.": nowhere,
    }
    return [*notes, *(note for note, count in told.items() if count)]


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("twilio_calls", "twilio_twilio_status", LEGS, _CALLS):
        con.execute(f"DROP TABLE IF EXISTS {table}")
