"""How do the records of FreeSWITCH, whatever their form, become rows of texts?

cdr_csv doubles no quotes: a caller's name with one in it breaks what CSV is. But its templates put
every value between quotes, so a row is cut at `","`. What a spreadsheet has saved lacks the quotes
and is cut as CSV. mod_json_cdr writes its variables like addresses of the web, `%20` for a blank,
unless it is told not to; a time with a blank in it shows that it was.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.asterisk.masking import shown_if_safe
from dialgauge.sources.base import FILE, ROW
from dialgauge.sources.freeswitch.finding import Found
from dialgauge.sources.freeswitch.options import Options
from dialgauge.sources.freeswitch.streams import (
    ALSO_NAMED,
    CONTEXT,
    STREAMS,
    TEMPLATES,
    VARIABLES,
    WIDTHS,
)
from dialgauge.sources.packed import opened, packing
from dialgauge.sources.raw import literal_path
from dialgauge.sources.spooled import load_stream
from dialgauge.tables.storage import quoted, text

ROWS = "fs_rows"
"""Temporary table with one row a leg's record: `VARIABLES` and the user's own, VARCHAR, NULL when
empty; `_row`, `_file`; `_wrong`, why it cannot be cut up, and `_cut`, what may be shown of it;
`_context`, as `streams` says."""

UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_CAUSE = "[A-Z][A-Z0-9_]+"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FROM_PROFILE = ("caller_id_number", "destination_number", "context")
_NO_TEMPLATE = (
    "no template that comes with FreeSWITCH has such a row; tell its order with --option columns"
)
_NO_JSON = "not what mod_json_cdr writes"


def names_of(options: Options) -> tuple[str, ...]:
    """List the variables that are read, the user's own among them."""
    return tuple(dict.fromkeys((*VARIABLES, *options.own)))


def read(con: duckdb.DuckDBPyConnection, found: Found, options: Options) -> None:
    """Make the table `ROWS` of all files.

    Args:
        con: Where it shall be.
        found: The files.
        options: The order of a template of one's own, and variables of one's own.

    Raises:
        FileError: A file cannot be read at all.
    """
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in names_of(options))
    con.execute(
        f"CREATE TEMP TABLE {ROWS} ({columns}, {ROW} BIGINT, {FILE} VARCHAR, _wrong VARCHAR, "
        f"_cut VARCHAR, {CONTEXT} VARCHAR)"
    )
    for path in found.lines:
        _add_lines(con, path, options)
    if found.tables:
        _add_table(con, found.tables, options)
    if found.objects:
        _add_files(con, found.objects, options)
    if found.events:
        load_stream(con, "fs_events", found.events, STREAMS["json_cdr"])
        _add_objects(con, f"(SELECT event, {FILE}, {ROW} AS n FROM fs_events)", options)
        con.execute("DROP TABLE fs_events")


def _add_files(con: duckdb.DuckDBPyConnection, paths: Sequence[Path], options: Options) -> None:
    listed = ", ".join(text(str(path)) for path in paths)
    places = f"unnest([{listed}]) AS path, unnest(range({len(paths)})) + 1 AS n"
    rows = (
        f"(SELECT ltrim(content, chr(65279)) AS event, filename AS {FILE}, n "
        f"FROM {{reading}} JOIN (SELECT {places}) ON path = filename)"
    )
    try:
        _add_objects(con, rows.format(reading=f"read_text([{listed}])"), options)
    except duckdb.InvalidInputException:  # its message quotes the file, so it goes no further
        con.execute("CREATE OR REPLACE TEMP TABLE fs_texts (filename VARCHAR, content VARCHAR)")
        con.executemany(
            "INSERT INTO fs_texts VALUES (?, ?)",
            [(str(path), _text_of(path.read_bytes())) for path in paths],
        )
        _add_objects(con, rows.format(reading="fs_texts"), options)
        con.execute("DROP TABLE fs_texts")


def _text_of(data: bytes) -> str:
    """Read a file that may have been saved by other programs, or hold a caller's name in Latin-1.

    Example:
        >>> _text_of("Ähm".encode("utf-16")), _text_of("Ähm".encode("latin-1"))
        ('Ähm', 'Ähm')
    """
    for encoding in ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "latin-1"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _count(con: duckdb.DuckDBPyConnection) -> int:
    ((rows,),) = con.execute(f"SELECT count(*) FROM {ROWS}").fetchall()
    return int(rows)


def _add_lines(con: duckdb.DuckDBPyConnection, path: Path, options: Options) -> None:
    packed, first = _look(path)
    header = _header(first)
    told = header or options.columns
    for encoding in ("utf-8", "latin-1"):
        # no text holds these two control characters side by side, so a line stays whole
        lines = (
            f"read_csv({literal_path(path)}, auto_detect=false, "
            f"compression='{packed}', encoding='{encoding}', "
            "max_line_size=4194304, columns={'text': 'VARCHAR'}, header=false, "
            f"delim='\x1d\x1e', quote='', escape='', skip={1 if header else 0})"
        )
        try:
            con.execute(
                f"INSERT INTO {ROWS} {_cut_up(lines, str(path), _count(con), told, options)}"
            )
        except duckdb.InvalidInputException:
            continue  # its message quotes the line, so it goes no further
        return
    raise FileError(f"{path} cannot be read as text in UTF-8 or Latin-1; remove its damaged lines")


def _cut_up(lines: str, path: str, before: int, told: Sequence[str], options: Options) -> str:
    body = (
        "CASE WHEN regexp_matches(line, '^(?i)insert into ') "
        "THEN regexp_extract(line, '\\((.*)\\) *;? *$', 1) ELSE line END"
    )
    whole = "body LIKE '\"%\"'"
    delimiter = (
        "CASE WHEN contains(body, ';') AND NOT contains(body, ',') THEN ';' "
        "WHEN contains(body, chr(9)) AND NOT contains(body, ',') THEN chr(9) ELSE ',' END"
    )
    quoted_cells = (
        "string_split(substr(replace(body, '\", \"', '\",\"'), 2, "
        "length(replace(body, '\", \"', '\",\"')) - 2), '\",\"')"
    )
    comma, semicolon, tab = (
        f'regexp_extract_all(body, \'(?:^|{mark})("(?:[^"]|"")*"|[^{mark}]*)\', 1)'
        for mark in (",", ";", "\t")
    )
    plain = (
        f"list_transform(CASE {delimiter} WHEN ';' THEN {semicolon} WHEN ',' THEN {comma} "
        f"ELSE {tab} END, lambda x: trim(x, '\" '))"
    )
    layouts = {"told": f"width = {len(told)}"} if told else {}
    layouts |= {
        layout: f"width IN ({', '.join(map(str, widths))}) "
        f"AND regexp_full_match(cells[{TEMPLATES[layout].index('uuid') + 1}], '{UUID}')"
        for layout, widths in WIDTHS.items()
    }
    layouts["asterisk"] += f" AND regexp_full_match(cells[15], '{_CAUSE}')"
    chosen = " ".join(f"WHEN {when} THEN '{layout}'" for layout, when in layouts.items())
    orders = {"told": tuple(ALSO_NAMED.get(name, name) for name in told), **TEMPLATES}
    values = ", ".join(_value(name, orders) for name in names_of(options))
    said = f"list_transform(cells, lambda x: {shown_if_safe('x')})"
    return (
        f"SELECT {values}, {before} + number, {text(path)}, "
        f"CASE WHEN layout IS NULL THEN {text(_NO_TEMPLATE)} END, CASE WHEN layout IS NULL "
        f"THEN json_object('line', number, 'columns', width, 'cells', {said})::VARCHAR END, NULL "
        f"FROM (SELECT *, CASE {chosen} END layout FROM (SELECT *, len(cells) width "
        f"FROM (SELECT number, CASE WHEN {whole} THEN {quoted_cells} ELSE {plain} END cells "
        f"FROM (SELECT number, {body} body FROM (SELECT row_number() OVER () number, "
        f"trim(text) line FROM {lines} WHERE trim(text) <> '')))))"
    )


def _value(name: str, orders: dict[str, tuple[str, ...]]) -> str:
    whens = " ".join(
        f"WHEN '{layout}' THEN nullif(trim(cells[{order.index(name) + 1}]), '')"
        for layout, order in orders.items()
        if name in order
    )
    return f"CASE layout {whens} END" if whens else "NULL"


def _add_table(con: duckdb.DuckDBPyConnection, files: Sequence[Path], options: Options) -> None:
    columns = dict.fromkeys((*names_of(options), *STREAMS["cdr"], CONTEXT))
    load_stream(con, "fs_table", files, tuple(columns), _count(con) + 1)
    others = {name: other for other, name in ALSO_NAMED.items()}
    values = ", ".join(
        f"nullif(trim(coalesce({quoted(name)}, {quoted(others[name])})), '')"
        if name in others
        else f"nullif(trim({quoted(name)}), '')"
        for name in names_of(options)
    )
    con.execute(
        f"INSERT INTO {ROWS} SELECT {values}, {ROW}, {FILE}, NULL, NULL, {CONTEXT} FROM fs_table"
    )
    con.execute("DROP TABLE fs_table")


def _add_objects(con: duckdb.DuckDBPyConnection, rows: str, options: Options) -> None:
    names = names_of(options)
    fields = ",".join(f'"{name}":"VARCHAR"' for name in names)
    form = (
        f'{{"variables":{{{fields}}},"channel_data":{{"direction":"VARCHAR"}},"callflow":"JSON"}}'
    )
    values = ", ".join(f"nullif(trim({_said(name)}), '')" for name in names)
    con.execute(
        f"INSERT INTO {ROWS} SELECT {values}, {_count(con)} + n, {FILE}, "
        f"CASE WHEN v.uuid IS NULL THEN {text(_NO_JSON)} END, "
        "CASE WHEN v.uuid IS NULL THEN json_object('length', length(event))::VARCHAR END, NULL "
        "FROM (SELECT *, j.variables v, NOT coalesce(contains(j.variables.start_stamp, ' '), "
        "false) encoded FROM (SELECT *, json_transform(CASE WHEN json_valid(event) THEN event END, "
        f"{text(form)}) j FROM {rows}))"
    )


def _said(name: str) -> str:
    value = f"v.{quoted(name)}"
    plain = (
        f"CASE WHEN encoded AND contains({value}, '%') THEN coalesce(TRY(url_decode({value})), "
        f"{value}) ELSE {value} END"
    )
    if name == "direction":
        return f"coalesce(j.channel_data.direction, {plain})"
    if name not in _FROM_PROFILE:
        return plain
    # the last profile is the first one: with whom the call began, before it was passed on
    found = (
        f"json_extract_string(j.callflow, '{place}.caller_profile.{name}')"
        for place in ("$[#-1]", "$")
    )
    return f"coalesce({', '.join(found)}, {plain})"


def _look(path: Path) -> tuple[str, str]:
    try:
        packed = packing(path)
        with opened(path, packed) as file:
            begin = file.readline(1 << 20)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error}") from error
    if begin.startswith(_UTF_16):
        raise FileError(f"{path} is written in UTF-16; save it as UTF-8 and import it again")
    return packed, begin.decode("latin-1").lstrip("\xef\xbb\xbf")


def _header(line: str) -> tuple[str, ...]:
    """Read the first line as names of columns, when it is that."""
    delimiter = max(",;\t", key=line.count)
    cells = next(csv.reader([line.strip()], delimiter=delimiter), [])
    names = tuple(cell.strip().lower() for cell in cells)
    return names if {"uuid", "hangup_cause"} <= set(names) else ()
