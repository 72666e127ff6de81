"""How are JSON lines read?

Each line is an object; its keys are headers. Nested objects and lists become JSON text. A line
that is not an object is refused, the others are read.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.files.csv_look import find_encoding, open_bytes
from dialgauge.sources.raw import Loader, Look, Refused, Settings
from dialgauge.tables.storage import text

NOT_OBJECT = "the line is not a JSON object"
_HEAD = 1 << 20


def look(path: Path, settings: Settings) -> Look:
    """Look at the keys of a file of JSON lines; all lines are read for them.

    Raises:
        FileError: It holds no JSON objects, or is not UTF-8.
    """
    with open_bytes(path) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise FileError(f"{path} is empty; JSON lines need at least one object")
    if find_encoding(path, head, settings.encoding) != "utf-8":
        raise FileError(f"{path} must be UTF-8, as JSON is")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise FileError(f"{path} is a JSON array; write one object a line (JSON lines) instead")
    with duckdb.connect() as con:
        keys = con.execute(
            f"SELECT key FROM (SELECT unnest(json_keys(line)) AS key, n FROM "
            f"(SELECT line, row_number() OVER () AS n FROM {_objects(path)})) "
            f"GROUP BY key ORDER BY min(n), first(key)"
        ).fetchall()
    if not keys:
        raise FileError(f"{path} holds no JSON objects; each line must be one")
    return Look(
        path=path,
        kind="jsonl",
        headers=tuple(key for (key,) in keys),
        types=("JSON",) * len(keys),
        details={"encoding": "utf-8"},
        settings=settings,
    )


def load(look: Look, loader: Loader) -> list[Refused]:
    """Load a file of JSON lines."""
    shape = json.dumps(dict.fromkeys(look.headers, "JSON"))
    fields = ", ".join(
        f"struct_extract(row, {place + 1}) AS c{place}" for place in range(len(look.headers))
    )
    loader.insert(
        f"(SELECT {fields} FROM (SELECT json_transform(line, {text(shape)}) AS row "
        f"FROM {_objects(look.path)}))"
    )
    refused = loader.con.execute(
        f"SELECT n, line FROM (SELECT line, row_number() OVER () AS n FROM {_lines(look.path)}) "
        f"WHERE NOT ({_IS_OBJECT}) AND trim(line, chr(32) || chr(9) || chr(13)) <> '' ORDER BY n"
    ).fetchall()
    return [Refused(int(number), str(line), NOT_OBJECT) for number, line in refused]


_IS_OBJECT = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END"


def _objects(path: Path) -> str:
    return f"(SELECT line FROM {_lines(path)} WHERE {_IS_OBJECT})"


def _lines(path: Path) -> str:
    """Write the SQL that yields a file's lines; control characters cannot stand in JSON."""
    return (
        f"(SELECT coalesce(line, '') AS line FROM read_csv({text(str(path))}, "
        f"auto_detect = false, columns = {{'line': 'VARCHAR'}}, delim = '\\x1f', quote = '', "
        f"escape = '', header = false, max_line_size = 16777216, buffer_size = 67108864))"
    )
