"""What does each CDR row say, and what is wrong with it?

One row of a CDR file is one leg. Times stay wall-clock here; `zones` finds out what clock it was.
Rows with a problem keep what they said, without the digits and letters that tell who called whom.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.asterisk.cdr_files import WIDEST, fields, fits, readings
from dialgauge.sources.asterisk.detect import CDR_FIELDS, CdrFile
from dialgauge.sources.asterisk.masking import hidden, shown, shown_if_safe
from dialgauge.sources.asterisk.options import Options

LEGS = "asterisk_legs"
"""Temporary table with one row a CDR row."""

_COLUMNS = (
    "_row BIGINT, file INTEGER, uniqueid VARCHAR, linkedid VARCHAR, identity VARCHAR, "
    "epoch BIGINT, wall BIGINT, zoned BOOLEAN, ring DOUBLE, duration DOUBLE, billsec DOUBLE, "
    "answered BOOLEAN, disposition VARCHAR, src VARCHAR, dst VARCHAR, dcontext VARCHAR, "
    "channel VARCHAR, dstchannel VARCHAR, lastapp VARCHAR, accountcode VARCHAR, "
    "userfield VARCHAR, did VARCHAR, cnum VARCHAR, recordingfile VARCHAR, sequence BIGINT, "
    "_problem VARCHAR, _raw VARCHAR"
)
_IDENTITY = ("start", "src", "dst", "channel", "dstchannel", "duration", "billsec", "lastapp")
_HIDDEN = (
    *("clid", "src", "dst", "did", "cnum", "cnam", "outbound_cnum", "outbound_cnam", "dst_cnam"),
    *("lastdata", "recordingfile", "userfield"),
)
_FIRST_US = 631_152_000_000_000  # 1990: an earlier time is a clock that was never set
_LAST_US = 4_102_444_800_000_000  # 2100
_LONGEST_S = 7 * 86_400  # a longer call is a lost start time, known from old versions


def create_legs(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table of legs.

    `wall` is microseconds of the wall clock as if it were UTC, and `zoned` says that it really is;
    `epoch` is the second of UTC at which the channel was made; `ring`, `duration` and `billsec`
    are seconds; `identity` stands for the row when it has neither uniqueid nor linkedid.
    """
    con.execute(f"CREATE TEMP TABLE {LEGS} ({_COLUMNS})")


def read_cdr(
    con: duckdb.DuckDBPyConnection, file: CdrFile, number: int, first_row: int, options: Options
) -> int:
    """Add a file's rows to the legs.

    Args:
        con: Where the legs are.
        file: What to read.
        number: Which file this is.
        first_row: `_row` of its first row.
        options: Whether recordings are kept.

    Returns:
        How many rows it has.

    Raises:
        FileError: The file cannot be read at all.
    """
    for reading in readings(file):
        try:
            con.execute(f"INSERT INTO {LEGS} {_legs(file, reading, number, first_row, options)}")
        except duckdb.InvalidInputException:
            continue  # its message quotes the row, so it goes no further
        found = con.execute(f"SELECT count(*) FROM {LEGS} WHERE file = {number}").fetchall()
        return int(found[0][0])
    raise FileError(
        f"{file.path} cannot be read as text in UTF-8 or Latin-1; remove its damaged lines"
    )


def _legs(file: CdrFile, reading: str, number: int, first_row: int, options: Options) -> str:
    had = fields(file)
    named = ", ".join(
        f"{_or_null(had[name]) if name in had else 'NULL::VARCHAR'} f_{name}" for name in CDR_FIELDS
    )
    cells = ", ".join(f"c{i}" for i in range(1, min(file.width, WIDEST) + 1))
    typed = ", ".join(f"{sql} {name}" for name, sql in _typed(options).items())
    problem = " ".join(f"WHEN {when} THEN '{reason}'" for reason, when in _problems().items())
    chosen = ", ".join(column.split()[0] for column in _COLUMNS.split(", ")[2:-2])
    return (
        f"SELECT line + {first_row - 1}, {number}, {chosen}, problem, "
        f"CASE WHEN problem IS NOT NULL THEN {_raw(had)} END "
        f"FROM (SELECT *, CASE {problem} END problem "
        f"FROM (SELECT *, {typed} "
        f"FROM (SELECT line, width, {fits(file)} fits, [{cells}] cells, {named} "
        f"FROM ({reading}))))"
    )


def _typed(options: Options) -> Mapping[str, str]:
    same = ("uniqueid", "linkedid", "disposition", "src", "dst", "dcontext", "channel")
    more = ("dstchannel", "lastapp", "accountcode", "userfield", "did", "cnum")
    wall, end, answer = _time("f_start"), _time("f_end"), _time("f_answer")
    return {
        **{name: f"f_{name}" for name in (*same, *more)},
        "identity": "CASE WHEN f_uniqueid IS NULL AND f_linkedid IS NULL THEN concat_ws('|', "
        + ", ".join(f"coalesce(f_{name}, '')" for name in _IDENTITY)
        + ") END",
        "epoch": "try_cast(regexp_extract(f_uniqueid, '([0-9]{9,10})[.][0-9]+$', 1) AS BIGINT)",
        "wall": wall,
        "wall_end": end,
        "wall_answer": answer,
        "zoned": f"coalesce(length(f_start) <> 19 AND ({_zoned('f_start')} OR {_epoch('f_start')})"
        ", false)",
        "ring": f"({answer} - {wall}) / 1e6",
        "duration": "CASE WHEN f_duration IS NOT NULL THEN try_cast(f_duration AS DOUBLE)"
        f" ELSE ({end} - {wall}) / 1e6 END",
        "billsec": "try_cast(f_billsec AS DOUBLE)",
        "answered": "coalesce(upper(f_disposition) IN ('ANSWERED', 'ANSWER'), false)",
        "recordingfile": "f_recordingfile" if options.recordings else "NULL::VARCHAR",
        "sequence": "try_cast(f_sequence AS BIGINT)",
    }


def _problems() -> Mapping[str, str]:
    """Map each reason to the condition under which it holds, the first that does counts."""
    # on the night the clocks change, end and start lie an hour further apart or nearer than
    # the duration says, and the duration is right
    shifted = (
        "coalesce(abs(abs((wall_end - wall) / 1e6 - try_cast(f_duration AS DOUBLE)) - 3600) <= 2"
        " OR abs(abs((wall_end - wall) / 1e6 - try_cast(f_duration AS DOUBLE)) - 1800) <= 2, false)"
    )
    return {
        "the number of columns is not one of a CDR row": "NOT fits",
        "missing start time": "f_start IS NULL",
        "unreadable start time": "wall IS NULL",
        "start time not between 1990 and 2100": f"wall NOT BETWEEN {_FIRST_US} AND {_LAST_US}",
        "unreadable answer time": "f_answer IS NOT NULL AND wall_answer IS NULL",
        "unreadable end time": "f_end IS NOT NULL AND wall_end IS NULL",
        "unreadable duration": "f_duration IS NOT NULL AND duration IS NULL",
        "missing duration": "duration IS NULL",
        "ends before it starts": f"wall_end < wall AND NOT {shifted}",
        "negative duration": "duration < 0",
        "unreadable billsec": "f_billsec IS NOT NULL AND billsec IS NULL",
        "negative billsec": "billsec < 0",
        "duration of more than seven days": f"duration > {_LONGEST_S}",
        "billsec longer than duration": "billsec > duration + 1",
    }


def _raw(had: Mapping[str, str]) -> str:
    known = ", ".join(
        f"'{name}', {(hidden if name in _HIDDEN else shown)(f'f_{name}')}" for name in had
    )
    cells = f"list_transform(cells, lambda x: {shown_if_safe('x')})"
    return (
        f"CASE WHEN fits THEN json_object('line', line, {known})::VARCHAR "
        f"ELSE json_object('line', line, 'columns', width, 'cells', {cells})::VARCHAR END"
    )


def _or_null(value: str) -> str:
    return (
        f"CASE WHEN trim({value}) IN ('', '\\N', 'NULL', '0000-00-00 00:00:00') THEN NULL "
        f"ELSE trim({value}) END"
    )


def _time(value: str) -> str:
    """Write SQL for the microseconds of a time, NULL when the text is none."""
    return (
        f"CASE WHEN length({value}) = 19 THEN epoch_us(try_cast({value} AS TIMESTAMP)) "
        f"WHEN {_zoned(value)} THEN epoch_us(try_cast({value} AS TIMESTAMPTZ)) "
        f"WHEN {_epoch(value)} THEN CAST(try_cast({value} AS DOUBLE) * 1000000 AS BIGINT) "
        f"WHEN length({value}) >= 16 THEN epoch_us(try_cast({value} AS TIMESTAMP)) END"
    )


def _zoned(value: str) -> str:
    return f"regexp_full_match({value}, '.{{19}}[.0-9]* ?(Z|[+-][0-9:]{{2,6}})')"


def _epoch(value: str) -> str:
    return f"regexp_full_match({value}, '[0-9]{{9,10}}([.][0-9]+)?')"
