"""What kinds of values do files hold, and how is each turned into text or a number?

SQL is written here and nowhere executed. A `Cell` is an expression with its kind; conversions
between kinds keep what a person would see: a whole number has no `.0`, a time is ISO 8601.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from dialgauge.sources.raw import BLANKS
from dialgauge.tables.storage import text

CUT_SHORT = "was cut short by a spreadsheet, as 1.2E+15 was; export that column as text"
"""Why a row is refused that `cut_short` finds."""

_CUT_SHORT = r"\s*[0-9]([.,][0-9]+)?E\+[0-9]{2,3}\s*"


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
    """A SQL expression with the kind of its values.

    Attributes:
        sql: The expression.
        kind: What it holds.
        blanks: The blanks that may stand around it, when it is a text that is not trimmed yet.
    """

    sql: str
    kind: Kind
    blanks: str = ""

    @property
    def loose(self) -> bool:
        """Whether it is a text that may have blanks around it."""
        return bool(self.blanks)


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


def trimmed(value: str, null: tuple[str, ...] = (), blanks: str = BLANKS) -> str:
    r"""Write a text without surrounding blanks, NULL when nothing is left.

    Args:
        value: SQL of a text.
        null: Texts that mean unknown.
        blanks: The blanks that may occur at all; the fewer, the faster.

    Example:
        >>> import duckdb
        >>> texts = [" a ", "a\u00a0", "   ", "a b"]
        >>> sql = f"SELECT {trimmed('t')} FROM (SELECT unnest($1) AS t)"
        >>> duckdb.connect().execute(sql, [texts]).fetchall()
        [('a',), ('a',), (None,), ('a b',)]
    """
    tests = [f"{value} < '!'"]  # begins with a blank or a control character, or is empty
    tests += [f"suffix({value}, {_character(blank)})" for blank in blanks]
    if any(blank > "\x7f" for blank in blanks):
        tests.append(f"{value} >= chr(160)")
    bare = f"CASE WHEN {' OR '.join(tests)} THEN {stripped(value)} ELSE {value} END"
    if not null:
        return bare
    return f"CASE WHEN {enum_of(bare, null)} IS NULL THEN {bare} END"


def cut_short(value: str) -> str:
    """Write whether a text is a long number as spreadsheets save it, its last digits lost.

    Example:
        >>> import duckdb
        >>> texts = "('4.91702E+11'), ('1E+15'), ('E+1'), ('123')"
        >>> con = duckdb.connect()
        >>> con.execute(f"SELECT {cut_short('x')} FROM (VALUES {texts}) AS v(x)").fetchall()
        [(True,), (True,), (False,), (False,)]
    """
    # the search for three letters is cheap, the pattern is not
    return f"(contains({value}, 'E+') AND regexp_full_match({value}, {text(_CUT_SHORT)}))"


def stripped(value: str) -> str:
    """Write a text without surrounding blanks, whatever they are, NULL when nothing is left."""
    return f"nullif(trim({value}, {' || '.join(_character(blank) for blank in BLANKS)}), '')"


def _character(blank: str) -> str:
    return "' '" if blank == " " else f"chr({ord(blank)})"


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
        >>> con = duckdb.connect()
        >>> [con.execute(f"SELECT {number_of_text(repr(t))}").fetchone()[0] for t in texts]
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
        >>> con = duckdb.connect()
        >>> [con.execute(f"SELECT {plain_number(repr(t), ',', '.')}").fetchone()[0]
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


def enum_of(value: str, allowed: Iterable[str]) -> str:
    """Write a text as a value of an enumeration, NULL when it is not in it.

    A cast to an enumeration looks values up in a hash table. IN and list_contains are planned as
    hash joins, and DuckDB then no longer keeps rows in the order of the file.

    Example:
        >>> import duckdb
        >>> con = duckdb.connect()
        >>> [con.execute(f"SELECT {enum_of(t, ('a', 'b'))}").fetchone()[0]
        ...  for t in ("'a'", "'c'", "NULL")]
        ['a', None, None]
    """
    return f"TRY_CAST({value} AS {enum_type(allowed)})"


def enum_type(allowed: Iterable[str]) -> str:
    """Write the type of an enumeration.

    Example:
        >>> enum_type(["b", "a", "b"])
        "ENUM('b', 'a')"
    """
    return f"ENUM({', '.join(map(text, dict.fromkeys(allowed)))})"


def either(usual: str, otherwise: str) -> str:
    """Write a value, or another where it is NULL.

    DuckDB computes all arguments of coalesce for all rows when they hold casts; CASE does not.

    Example:
        >>> either("a", "b")
        'CASE WHEN a IS NOT NULL THEN a ELSE b END'
    """
    return f"CASE WHEN {usual} IS NOT NULL THEN {usual} ELSE {otherwise} END"


def both(first: str, second: str) -> str:
    """Write a condition whose second, dearer part is computed only where the first holds.

    Example:
        >>> both("a", "b")
        'CASE WHEN a THEN b ELSE false END'
    """
    return f"CASE WHEN {first} THEN {second} ELSE false END"
