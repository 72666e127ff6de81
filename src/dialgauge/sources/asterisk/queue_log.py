"""What does each line of a queue_log say?

`epoch|callid|queue|agent|EVENT|data1|...`, times in UTC. The meaning of data1.. differs from event
to event, so here stand the positions of each, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.asterisk.detect import QueueLog
from dialgauge.sources.asterisk.masking import shown_if_safe
from dialgauge.tables.storage import text

EVENTS = "asterisk_events"
"""Temporary table with one row a line; `at` is microseconds of UTC."""

_DATA = 6
_LAST_US = 4_102_444_800_000_000  # 2100
_FIRST_US = 631_152_000_000_000  # 1990


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """An event that ends a stay in a queue without an agent.

    Attributes:
        waited: Which data field holds the seconds waited.
        result: What it means for the call.
    """

    waited: int
    result: str


ENDS: Mapping[str, End] = {
    "ABANDON": End(waited=3, result="abandoned"),
    "EXITWITHTIMEOUT": End(waited=3, result="failed"),
    "EXITEMPTY": End(waited=3, result="failed"),
    "EXITWITHKEY": End(waited=4, result="cancelled"),
    "WITHDRAW": End(waited=3, result="cancelled"),
}
"""The caller left, was put out, pressed a key, or was taken out by the dialplan."""

TALKS: Mapping[str, tuple[int, str]] = {
    "COMPLETEAGENT": (2, "agent"),
    "COMPLETECALLER": (2, "customer"),
    "BLINDTRANSFER": (4, "agent"),
    "ATTENDEDTRANSFER": (4, "agent"),
    "TRANSFER": (4, "agent"),
}
"""Events that end a talk: which data field holds its seconds, and who ended it."""

HOLDS: Mapping[str, int] = {
    "COMPLETEAGENT": 1,
    "COMPLETECALLER": 1,
    "BLINDTRANSFER": 3,
    "ATTENDEDTRANSFER": 3,
    "TRANSFER": 3,
}
"""In which data field the same events repeat the seconds waited."""

LOGINS: Mapping[str, bool] = {
    "ADDMEMBER": True,
    "REMOVEMEMBER": False,
    "AGENTLOGIN": True,
    "AGENTLOGOFF": False,
    "AGENTCALLBACKLOGIN": True,
    "AGENTCALLBACKLOGOFF": False,
}
PAUSES: Mapping[str, bool] = {
    "PAUSE": True,
    "UNPAUSE": False,
    "PAUSEALL": True,
    "UNPAUSEALL": False,
}
OTHERS = (
    *("ENTERQUEUE", "CONNECT", "RINGNOANSWER", "RINGCANCELED", "QUEUESTART", "CONFIGRELOAD"),
    *("PENALTY", "RINGINUSE", "AGENTDUMP", "SYSCOMPAT"),
)
KNOWN = (*ENDS, *TALKS, *LOGINS, *PAUSES, *OTHERS)
"""The events that are understood; others are kept, counted and reported."""

NO_CALL = ("NONE", "REALTIME", "MANAGER", "CLI", "")
"""What stands in place of a callid when no call is meant."""


def create_events(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of events."""
    data = ", ".join(f"d{i} VARCHAR" for i in range(1, _DATA + 1))
    con.execute(
        f"CREATE TEMP TABLE {EVENTS} (_row BIGINT, file INTEGER, at_us BIGINT, callid VARCHAR, "
        f"queue VARCHAR, agent VARCHAR, event VARCHAR, {data}, _problem VARCHAR, _raw VARCHAR)"
    )


def read_queue_log(
    con: duckdb.DuckDBPyConnection, file: QueueLog, number: int, first_row: int
) -> int:
    """Add a file's lines to the events.

    Args:
        con: Where the events are.
        file: What to read.
        number: Which file this is.
        first_row: `_row` of its first line.

    Returns:
        How many lines it has.

    Raises:
        FileError: The file cannot be read at all.
    """
    for reading in _readings(file):
        try:
            con.execute(f"INSERT INTO {EVENTS} {_events(reading, number, first_row)}")
        except duckdb.InvalidInputException:
            continue  # its message quotes the line, so it goes no further
        found = con.execute(f"SELECT count(*) FROM {EVENTS} WHERE file = {number}").fetchall()
        return int(found[0][0])
    raise FileError(
        f"{file.path} cannot be read as text in UTF-8 or Latin-1; remove its damaged lines"
    )


def drop_repeated(con: duckdb.DuckDBPyConnection) -> int:
    """Drop events that a second file repeats (a copy, an overlapping rotation); say how many."""
    same = ", ".join(("at_us", "callid", "queue", "agent", "event", *_data()))
    con.execute(
        f"DELETE FROM {EVENTS} WHERE _problem IS NULL AND _row IN (SELECT _row FROM (SELECT _row, "
        f"file, first_value(file) OVER (PARTITION BY {same} ORDER BY _row) earliest "
        f"FROM {EVENTS} WHERE _problem IS NULL) WHERE file <> earliest)"
    )
    return int(con.fetchall()[0][0])


def seconds(position: str) -> str:
    """Write SQL for a data field that holds seconds, NULL when it does not."""
    return f"CASE WHEN try_cast({position} AS DOUBLE) >= 0 THEN try_cast({position} AS DOUBLE) END"


def by_event(positions: Mapping[str, int]) -> str:
    """Write SQL for the seconds in the data field that each event keeps them in."""
    branches = " ".join(
        f"WHEN {text(event)} THEN {seconds(f'd{at}')}" for event, at in positions.items()
    )
    return f"CASE event {branches} END"


def _data() -> tuple[str, ...]:
    return tuple(f"d{i}" for i in range(1, _DATA + 1))


def _readings(file: QueueLog) -> Iterator[str]:
    if file.relation:
        yield f"SELECT line, cells FROM {file.relation}"
        return
    for encoding in ("utf-8", "latin-1"):
        yield (
            # no text holds these two control characters side by side, so a line stays whole
            f"SELECT row_number() OVER () line, string_split(trim(text), '|') cells "
            f"FROM read_csv({text(str(file.path))}, auto_detect=false, "
            f"compression='{file.packed}', encoding='{encoding}', "
            "max_line_size=4194304, columns={'text': 'VARCHAR'}, "
            "header=false, delim='\x1d\x1e', quote='', escape='') WHERE trim(text) <> ''"
        )


def _events(reading: str, number: int, first_row: int) -> str:
    data = ", ".join(f"nullif(trim(cells[{i + 5}]), '') d{i}" for i in range(1, _DATA + 1))
    raw = f"list_transform(cells, lambda x: {shown_if_safe('x')})"
    return (
        f"SELECT line + {first_row - 1}, {number}, at_us, callid, queue, agent, event, "
        f"{', '.join(_data())}, problem, CASE WHEN problem IS NOT NULL THEN "
        f"json_object('line', line, 'fields', {raw})::VARCHAR END FROM (SELECT *, CASE "
        "WHEN len(cells) < 5 THEN 'a queue_log line has at least five fields; this one has fewer' "
        f"WHEN at_us IS NULL OR at_us NOT BETWEEN {_FIRST_US} AND {_LAST_US} "
        "THEN 'unreadable time' WHEN event = '' THEN 'missing event' END problem "
        "FROM (SELECT line, cells, CAST(try_cast(cells[1] AS DOUBLE) * 1000000 AS BIGINT) at_us, "
        "trim(cells[2]) callid, nullif(trim(cells[3]), '') queue, nullif(trim(cells[4]), '') "
        f"agent, upper(trim(cells[5])) event, {data} FROM ({reading})))"
    )
