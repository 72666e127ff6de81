"""How are the texts of an API read in SQL?

Each function writes an expression that is NULL for what it cannot read; `unread` says whether
something stood there all the same, so that the row gets a problem instead of a hole.
"""

from __future__ import annotations

from collections.abc import Iterable

from dialgauge.model.table import Type
from dialgauge.sources.zones import utc_sql
from dialgauge.tables.storage import quoted, text


def instant(value: str) -> str:
    """Write a text as an instant: milliseconds or seconds since 1970, or ISO 8601, UTC if unsaid.

    Example:
        >>> import duckdb
        >>> [str(duckdb.execute(f"SELECT CAST({instant(t)} AS VARCHAR)").fetchone()[0])
        ...  for t in ("'1767600000000'", "'2026-01-05T10:00:00.000+0200'", "'soon'")]
        ['2026-01-05 08:00:00+00', '2026-01-05 08:00:00+00', 'None']
    """
    return (
        f"CASE WHEN regexp_full_match({value}, '-?[0-9]{{12,13}}')"
        f" THEN make_timestamptz(TRY_CAST({value} AS BIGINT) * 1000)"
        f" WHEN regexp_full_match({value}, '-?[0-9]{{9,10}}')"
        f" THEN make_timestamptz(TRY_CAST({value} AS BIGINT) * 1000000)"
        # the cast alone would also read 'infinity', 'epoch' and years that nobody means
        f" WHEN regexp_matches({value}, '^ *[0-9]{{4}}-') THEN TRY_CAST({value} AS TIMESTAMPTZ) END"
    )


def midnight(day: str, zone: str) -> str:
    """Write a day (`2026-01-05`, or the beginning of a time) as the instant it begins in a zone.

    Example:
        >>> import duckdb
        >>> begins = midnight("'2026-07-05'", "Europe/Berlin")
        >>> duckdb.execute(f"SELECT CAST({begins} AS VARCHAR)").fetchone()[0]
        '2026-07-04 22:00:00+00'
    """
    wall = f"epoch_us(CAST(TRY_CAST(left({day}, 10) AS DATE) AS TIMESTAMP))"
    return f"make_timestamptz({utc_sql(wall, zone, 2000, 2040)})"


def money(value: str) -> str:
    """Write a text as an amount."""
    return f"TRY_CAST({value} AS DECIMAL(18,4))"


def seconds(value: str) -> str:
    """Write a text as a duration; one of more than thirty years is none.

    Example:
        >>> import duckdb
        >>> said = ("'30'", "'1e46'", "'nan'")
        >>> [duckdb.execute(f"SELECT {seconds(text)}").fetchone()[0] for text in said]
        [30.0, None, None]
    """
    number = f"TRY_CAST({value} AS DOUBLE)"
    return f"CASE WHEN {number} BETWEEN -1e9 AND 1e9 THEN {number} END"


def yes(value: str) -> str:
    """Write a text as true or false.

    Example:
        >>> import duckdb
        >>> [duckdb.execute(f"SELECT {yes(t)}").fetchone()[0] for t in ("'Yes'", "'0'", "'x'")]
        [True, False, None]
    """
    return (
        f"CASE lower(trim({value})) WHEN 'true' THEN true WHEN 'yes' THEN true WHEN '1' THEN true"
        " WHEN 'false' THEN false WHEN 'no' THEN false WHEN '0' THEN false END"
    )


def typed(value: str, type: Type) -> str:
    """Write a text as a value of a column."""
    if type is Type.TIME:
        return instant(value)
    if type is Type.BOOL:
        return yes(value)
    if type is Type.MONEY:
        return money(value)
    names = {Type.NUMBER: "DOUBLE", Type.INTEGER: "BIGINT", Type.DATE: "DATE"}
    if type not in names:
        return f"nullif(trim({value}), '')"
    read = f"TRY_CAST({value} AS {names[type]})"
    return read if type is Type.INTEGER else f"CASE WHEN isfinite({read}) THEN {read} END"


def unread(raw: str, read: str) -> str:
    """Write the condition that something stands there and could not be read."""
    return f"(nullif(trim({raw}), '') IS NOT NULL AND ({read}) IS NULL)"


def object_of(value: str, names: Iterable[str]) -> str:
    """Write a JSON text as a struct of texts with these fields; NULL when it is no JSON.

    One look at the JSON gives all fields, where one extraction a field would look each time.
    """
    listed = ",".join(f'"{name}":"VARCHAR"' for name in dict.fromkeys(names))
    return (
        f"json_transform(CASE WHEN json_valid({value}) THEN {value} END, {text(f'{{{listed}}}')})"
    )


def picked_from(value: str, names: Iterable[str], flat: Iterable[str]) -> str:
    """Write a struct of a team's fields: columns of the row, else entries of a JSON object.

    An entry that is itself an object gives its `value`, as fields for money and dates do.

    Args:
        value: The JSON object, a text.
        names: The fields.
        flat: The columns of the row.
    """
    wanted, columns = tuple(dict.fromkeys(names)), set(flat)
    if not wanted:
        return "NULL"
    whole = f"CASE WHEN json_valid({value}) THEN {value} END"
    listed = (
        f"{quoted(name)} := "
        + (
            quoted(name)
            if name in columns
            else f"coalesce({whole} ->> {text(f'$.{quoted(name)}.value')},"
            f" {whole} ->> {text(f'$.{quoted(name)}')})"
        )
        for name in wanted
    )
    return f"struct_pack({', '.join(listed)})"


def first_problem(*problems: tuple[str, str]) -> str:
    """Write the first reason whose condition holds, NULL when none does.

    Args:
        problems: Conditions and reasons.
    """
    if not problems:
        return "CAST(NULL AS VARCHAR)"
    whens = " ".join(f"WHEN {condition} THEN {text(reason)}" for condition, reason in problems)
    return f"CASE {whens} END"


def named(prefix: str, value: str) -> str:
    """Write an identifier with its prefix; NULL and '' name nothing."""
    return f"{text(prefix)} || nullif(trim({value}), '')"


def masked(said: str, names: Iterable[str]) -> str:
    r"""Write a row's JSON with the values of some fields hidden, at any depth.

    Example:
        >>> import duckdb
        >>> row = '{"id":"1","properties":"{\\"phone\\":\\"+49 170\\"}"}'
        >>> duckdb.execute(f"SELECT {masked('$1', ['phone'])}", [row]).fetchone()[0]
        '{"id":"1","properties":"{\\"phone\\":\\"#\\"}"}'
    """
    listed = "|".join(names)
    pattern = rf'((?:{listed})\\*"\s*:\s*\\*")[^"\\]*'
    return f"regexp_replace({said}, {text(pattern)}, {text(chr(92) + '1#')}, 'g')"


def column(name: str) -> str:
    """Write a field of the struct `p`."""
    return f"p.{quoted(name)}"
