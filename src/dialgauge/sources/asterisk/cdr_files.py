"""How do the rows of a CDR file come into DuckDB, whatever the order and number of columns?

A file whose rows all have one width is read as CSV. Any other (a setting was changed meanwhile, a
line is damaged) is cut up line by line, which costs four times as much and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialgauge.sources.asterisk.detect import CDR_FIELDS, CdrFile
from dialgauge.sources.asterisk.masking import UNIQUEID
from dialgauge.tables.storage import text

WIDEST = 40
"""Columns kept of a row; what stands further right is only counted."""

_CSV = CDR_FIELDS[:16]
_CUSTOM = (
    *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start"),
    *("answer", "end", "duration", "billsec", "disposition", "amaflags", "accountcode"),
)


def readings(file: CdrFile) -> Iterator[str]:
    """Yield queries for a file's rows, the cheapest first; one that does not fit fails when run.

    Each gives `line` (from 1, without blank lines and header), `width` (the row's number of
    columns) and `c1`.. up to `WIDEST`, as text without quotes.
    """
    if file.relation:
        padding = "".join(f", NULL::VARCHAR c{i}" for i in range(file.width + 1, WIDEST + 1))
        columns = ", ".join(f"c{i}" for i in range(1, file.width + 1))
        yield f"SELECT line, {file.width} width, {columns}{padding} FROM {file.relation}"
        return
    for encoding in ("utf-8", "latin-1"):
        if file.width <= WIDEST:
            yield _as_csv(file, encoding)
        yield _by_line(file, encoding)


def fields(file: CdrFile) -> Mapping[str, str]:
    """Map the CDR fields a file has to SQL over the columns of `readings`.

    Which optional columns a row has follows from its width; with one of two, a uniqueid looks
    like no userfield.
    """
    if file.order in ("header", "columns"):
        named = enumerate(file.names[:WIDEST], start=1)
        return {name: f"c{i}" for i, name in named if name in CDR_FIELDS}
    names = _CSV if file.order == "cdr_csv" else _CUSTOM
    found = {name: f"c{i}" for i, name in enumerate(names, start=1)}
    one = f"coalesce(regexp_full_match(c17, '{UNIQUEID}'), false)"
    if file.order == "cdr_csv":
        return found | {
            "uniqueid": "CASE WHEN width IN (18, 21)"
            f" OR (width IN (17, 20) AND {one}) THEN c17 END",
            "userfield": "CASE WHEN width IN (18, 21) THEN c18"
            f" WHEN width IN (17, 20) AND NOT {one} THEN c17 END",
            "linkedid": "CASE width WHEN 19 THEN c18 WHEN 20 THEN c19 WHEN 21 THEN c20 END",
            "sequence": "CASE width WHEN 19 THEN c19 WHEN 20 THEN c20 WHEN 21 THEN c21 END",
        }
    linked = " ".join(
        f"WHEN width >= {i} AND regexp_full_match(c{i}, '{UNIQUEID}') THEN c{i}"
        for i in (19, 20, 21)
    )
    return found | {
        "uniqueid": f"CASE WHEN {one} OR width > 17 THEN c17 END",
        "userfield": f"CASE WHEN width > 17 THEN c18 WHEN NOT {one} THEN c17 END",
        "linkedid": f"CASE {linked} END",
        "sequence": "coalesce(try_cast(c19 AS BIGINT), try_cast(c21 AS BIGINT))::VARCHAR",
    }


def fits(file: CdrFile) -> str:
    """Write SQL for whether a row has a number of columns its file may have."""
    if file.order in ("header", "columns"):
        return f"width = {file.width}"
    return "width BETWEEN 16 AND 21"


def _as_csv(file: CdrFile, encoding: str) -> str:
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, file.width + 1))
    header = "true" if file.order == "header" else "false"
    rest = (
        f"columns={{{columns}}}, header={header}, delim={text(file.delimiter)}, "
        "quote='\"', escape='\"'"
    )
    padding = "".join(f", NULL::VARCHAR c{i}" for i in range(file.width + 1, WIDEST + 1))
    return (
        f"SELECT row_number() OVER () line, {file.width} width, *{padding} "
        f"FROM {_read(file, encoding, rest)}"
    )


def _by_line(file: CdrFile, encoding: str) -> str:
    skip = ", skip=1" if file.order == "header" else ""
    # no text holds these two control characters side by side, so a line stays whole
    rest = "columns={'text': 'VARCHAR'}, header=false, delim='\x1d\x1e', quote='', escape=''"
    pattern = f"""'(?:^|{file.delimiter})("(?:[^"]|"")*"|[^{file.delimiter}]*)'"""
    cells = ", ".join(
        f"CASE WHEN cells[{i}] LIKE '\"%\"' THEN"
        f" replace(substr(cells[{i}], 2, length(cells[{i}]) - 2), '\"\"', '\"')"
        f" ELSE cells[{i}] END c{i}"
        for i in range(1, WIDEST + 1)
    )
    return (
        f"SELECT line, len(cells) width, {cells} FROM (SELECT row_number() OVER () line, "
        f"regexp_extract_all(text, {pattern}, 1) cells "
        f"FROM {_read(file, encoding, rest + skip)} WHERE trim(text) <> '')"
    )


def _read(file: CdrFile, encoding: str, rest: str) -> str:
    return (
        f"read_csv({text(str(file.path))}, auto_detect=false, compression='{file.packed}', "
        f"encoding='{encoding}', max_line_size=4194304, {rest})"
    )
