"""How are JSON lines read?

Each line is an object; its keys are headers. Nested objects and lists become JSON text. A line
that is not an object is refused, the others are read.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from dialgauge.errors import FileError
from dialgauge.sources.files.csv_look import find_encoding
from dialgauge.sources.packed import open_bytes, packing
from dialgauge.sources.raw import JSON_LINE as LINE
from dialgauge.sources.raw import TEXT, Loader, Look, Refused, Settings, literal_path, pointer
from dialgauge.tables.storage import quoted, text

NOT_OBJECT = "the line is not a JSON object"
_HEAD = 1 << 20
_NEVER = "\x1c\x1d\x1e\x1f"  # a delimiter that no JSON text can hold


def look(path: Path, settings: Settings) -> Look:
    """Look at the keys of a file of JSON lines; all lines are read for them.

    Raises:
        FileError: It holds no JSON objects, or is not UTF-8.
    """
    packing(path)
    with open_bytes(path) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise FileError(f"{path} is empty; JSON lines need at least one object")
    if find_encoding(path, head, settings.encoding) != "utf-8":
        raise FileError(f"{path} must be UTF-8, as JSON is")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise FileError(f"{path} is a JSON array; write one object a line (JSON lines) instead")
    numbered = f"(SELECT {LINE}, row_number() OVER () AS n FROM {_objects(path)})"
    alike = f"(SELECT json_keys({LINE}) AS keys, min(n) AS n FROM {numbered} GROUP BY keys)"
    try:
        with duckdb.connect() as con:
            keys = con.execute(
                f"SELECT key FROM (SELECT unnest(keys) AS key, "
                f"generate_subscripts(keys, 1) AS place, n FROM {alike}) "
                f"GROUP BY key ORDER BY min(n), min(place), key"
            ).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise FileError(f"{path} cannot be read as JSON lines: {reason}") from None
    if not keys:
        raise FileError(f"{path} holds no JSON objects; each line must be one")
    return Look(
        path=path,
        kind="jsonl",
        headers=tuple(key for (key,) in keys),
        types=(TEXT,) * len(keys),
        details={"encoding": "utf-8"},
        settings=settings,
    )


def load(look: Look, loader: Loader) -> list[Refused]:
    """Load a file of JSON lines."""
    shape: dict[str, str] = {}
    fields = []
    for place, header in enumerate(look.headers):
        if header.lower() in map(str.lower, shape) or not header:
            value = f"json_extract_string({LINE}, {text(pointer(header))})"  # fields ignore case
        else:
            shape[header] = "VARCHAR"
            value = f"_fields.{quoted(header)}"
        fields.append(f"{value} AS c{place}")
    loader.insert(
        f"(SELECT {', '.join(fields)}, {LINE} FROM (SELECT {LINE}, "
        f"json_transform({LINE}, {text(json.dumps(shape))}) AS _fields FROM {_objects(look.path)}))"
    )
    numbered = f"(SELECT {LINE}, row_number() OVER () AS n FROM {_lines(look.path)})"
    refused = loader.con.execute(
        f"SELECT n, {LINE} FROM {numbered} "
        f"WHERE NOT ({_IS_OBJECT}) AND trim({LINE}, chr(32) || chr(9) || chr(13)) <> '' ORDER BY n"
    ).fetchall()
    return [Refused(int(number), str(line), NOT_OBJECT) for number, line in refused]


_IS_OBJECT = f"CASE WHEN json_valid({LINE}) THEN json_type({LINE}) = 'OBJECT' ELSE false END"


def _objects(path: Path) -> str:
    return f"(SELECT {LINE} FROM {_lines(path)} WHERE {_IS_OBJECT})"


def _lines(path: Path) -> str:
    """Write the SQL that yields a file's lines; control characters cannot stand in JSON."""
    return (
        f"(SELECT coalesce({LINE}, '') AS {LINE} FROM read_csv({literal_path(path)}, "
        f"hive_partitioning = false, auto_detect = false, columns = {{'{LINE}': 'VARCHAR'}}, "
        f"delim = {text(_NEVER)}, quote = '', escape = '', header = false, strict_mode = false, "
        f"max_line_size = 16777216, buffer_size = 67108864))"
    )


def sample(seen: Look, rows: int) -> list[tuple[str | None, ...]]:
    """Return the first rows of a file as texts; lines that are no objects are left out."""
    with duckdb.connect() as con:
        found = con.execute(f"SELECT {LINE} FROM {_objects(seen.path)} LIMIT {rows}").fetchall()
    return [
        tuple(_written(fields.get(header)) for header in seen.headers)
        for fields in (json.loads(line) for (line,) in found)
    ]


def _written(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
