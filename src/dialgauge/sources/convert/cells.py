"""What kinds of values do files hold, and how is each turned into text or a number?

SQL is written here and nowhere executed. A `Cell` is an expression with its kind; conversions
between kinds keep what a person would see: a whole number has no `.0`, a time is ISO 8601.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

BLANKS = "chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' || chr(160) || chr(12288)"


class Kind(enum.Enum):
    """What an expression holds."""

    TEXT = "text"
    NUMBER = "number"
    DECIMAL = "decimal number"
    BOOL = "true or false"
    TIME = "instant"
    WALL = "time without a zone"
    DATE = "day"
    JSON = "JSON value"
    NULL = "nothing"


@dataclass(frozen=True, slots=True)
class Cell:
    """A SQL expression with the kind of its values."""

    sql: str
    kind: Kind


def kind_of(duckdb_type: str) -> Kind:
    """Return the kind of a DuckDB type's values.

    Example:
        >>> kind_of("DECIMAL(10,2)"), kind_of("STRUCT(a INTEGER)")
        (<Kind.DECIMAL: 'decimal number'>, <Kind.JSON: 'JSON value'>)
    """
    name = duckdb_type.upper()
    if name.startswith("DECIMAL") and "[" not in name:
        return Kind.DECIMAL
    if name in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"):
        return Kind.TIME
    if name in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATETIME"):
        return Kind.WALL
    if name in ("FLOAT", "DOUBLE", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT"):
        return Kind.NUMBER
    if name in ("UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "UHUGEINT"):
        return Kind.NUMBER
    if name in ("BOOLEAN", "DATE"):
        return Kind.BOOL if name == "BOOLEAN" else Kind.DATE
    if "[" in name or name.startswith(("STRUCT", "MAP", "UNION", "JSON")):
        return Kind.JSON
    return Kind.TEXT


def trimmed(value: str, null: tuple[str, ...] = ()) -> str:
    """Write a text without surrounding blanks, NULL when nothing is left.

    Args:
        value: SQL of a text.
        null: SQL literals of texts that mean unknown.
    """
    bare = (
        f"CASE WHEN {value} < '!' OR {value} LIKE '% ' OR {value} >= chr(160) "
        f"OR suffix({value}, chr(9)) OR suffix({value}, chr(13)) OR suffix({value}, chr(10)) "
        f"OR suffix({value}, chr(160)) "
        f"THEN nullif(trim({value}, {BLANKS}), '') ELSE {value} END"
    )
    if null:
        return f"CASE WHEN {bare} NOT IN ({', '.join(null)}) THEN {bare} END"
    return bare


def as_text(cell: Cell) -> str:
    """Write any cell as text.

    Example:
        >>> as_text(Cell("flag", Kind.BOOL))
        'CAST(flag AS VARCHAR)'
    """
    sql = cell.sql
    if cell.kind is Kind.NUMBER:
        return (
            f"CASE WHEN isfinite(CAST({sql} AS DOUBLE)) AND {sql} = trunc({sql}) "
            f"AND abs({sql}) < 1e18 THEN CAST(CAST({sql} AS HUGEINT) AS VARCHAR) "
            f"ELSE CAST({sql} AS VARCHAR) END"
        )
    if cell.kind is Kind.TIME:
        return f"strftime(CAST({sql} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if cell.kind in (Kind.TEXT, Kind.NULL):
        return sql if cell.kind is Kind.TEXT else "CAST(NULL AS VARCHAR)"
    return f"CAST({sql} AS VARCHAR)"


def as_number(cell: Cell) -> str:
    """Write a cell as a number, NULL where it is none."""
    if cell.kind in (Kind.NUMBER, Kind.DECIMAL):
        return cell.sql
    if cell.kind is Kind.BOOL:
        return f"CAST({cell.sql} AS INTEGER)"
    return number_of_text(as_text(cell))


def number_of_text(value: str) -> str:
    """Write a plain text as a number; digit separators, `nan` and `inf` are none.

    Example:
        >>> import duckdb
        >>> texts = ["1.5", "1e3", "1_000", "nan", "1,5"]
        >>> [duckdb.execute(f"SELECT {number_of_text(repr(t))}").fetchone()[0] for t in texts]
        [1.5, 1000.0, None, None, None]
    """
    return (
        f"CASE WHEN isfinite(TRY_CAST({value} AS DOUBLE)) AND NOT contains({value}, '_') "
        f"THEN TRY_CAST({value} AS DOUBLE) END"
    )


def plain_number(value: str, decimal: str, thousands: str) -> str:
    """Rewrite a text with a decimal comma or grouped digits as a plain number, NULL if it is none.

    Example:
        >>> import duckdb
        >>> [duckdb.execute(f"SELECT {plain_number(repr(t), ',', '.')}").fetchone()[0]
        ...  for t in ("1.234,50", "-7", "1.23", "12,5")]
        ['1234.50', '-7', None, '12.5']
    """
    mark = "\\." if decimal == "." else ","
    if not thousands:
        pattern = f"[+-]?\\d+({mark}\\d*)?"
    else:
        group = {".": "\\.", "'": "''", " ": "[ \\x{00a0}\\x{202f}]"}.get(
            thousands, "\\" + thousands
        )
        pattern = f"[+-]?(\\d+|\\d{{1,3}}({group}\\d{{3}})+)({mark}\\d*)?"
    bare = value
    for character in _separators(thousands):
        bare = f"replace({bare}, {character}, '')"
    return (
        f"CASE WHEN regexp_full_match({value}, '{pattern}') "
        f"THEN replace({bare}, '{decimal}', '.') END"
    )


def _separators(thousands: str) -> tuple[str, ...]:
    if thousands == " ":
        return ("' '", "chr(160)", "chr(8239)")
    return ("'" + thousands.replace("'", "''") + "'",) if thousands else ()
