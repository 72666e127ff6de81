"""What do the numbers of some rows tell?

Each different text is looked at once, whatever the rows: `spelling` finds the number in it,
`kinds` its country and kind, `places` what its prefix tells.
"""

from __future__ import annotations

import itertools

import duckdb

from dialgauge.sources.phone import digits_sql, token_parameters, token_sql
from dialgauge.sources.phones.kinds import EITHER, FIXED, GEOGRAPHIC_MOBILES, MOBILE, kind_sql
from dialgauge.sources.phones.places import (
    PLACES,
    country_zones_sql,
    drop_places,
    key_sql,
    load_places,
    within_sql,
)
from dialgauge.sources.phones.plans import WORLD
from dialgauge.sources.phones.spelling import spelled, stacked

FILLED = ("country", "region", "line_type", "carrier", "phone_valid", "timezone")
"""What a number may tell of who is called, by the names of columns."""

NUMBERS = "phone_numbers"
"""Temporary table that whoever keeps a vault makes in a connection, with the columns phone_token
and number; sources then leave each number there. Without it no number is left anywhere."""

_ARGENTINA, _ITS_MOBILES = "54", "9"


def understand(
    con: duckdb.DuckDBPyConnection, rows: str, number: str, key: bytes, home: str = ""
) -> str:
    """Make the table of what the numbers of some rows tell.

    Args:
        con: Where the rows are, and where the table shall be.
        rows: What stands behind FROM.
        number: SQL of a row's number as it is written, a VARCHAR; where a system keeps the
            calling code apart, put `'+' ||` and the code before the number.
        key: The lake's secret.
        home: Where numbers without + belong, as `home_of` gave it.

    Returns:
        The name of a temporary table with one row a different text that carries a number:

        - said: the text
        - phone_token: stands for the number; the same however it is written
        - country: ISO 3166 code; region: the city or area of its prefix, in English
        - line_type: fixed, mobile, fixed_or_mobile, toll_free and the like
        - timezone: the IANA zone, or all that are possible, joined by |
        - carrier: to whom the prefix was given first
        - phone_valid: whether such a number can exist; NULL when nobody knows its country

        All but the token and the text are NULL when unknown.

    Raises:
        UsageError: There is no secret.

    Example:
        >>> con = duckdb.connect()
        >>> known = understand(con, "(SELECT '+49 30 901820' AS phone)", "phone", b"secret")
        >>> con.execute(f"SELECT country, region, line_type, timezone FROM {known}").fetchone()
        ('DE', 'Berlin', 'fixed', 'Europe/Berlin')
    """
    secret = dict(token_parameters(key))
    name = _new_name(con)
    texts = f"SELECT DISTINCT {number} AS said FROM {rows}"
    con.execute(
        f"CREATE TEMP TABLE {name}_read AS SELECT said, p_code AS code, p_rest AS rest,"
        f" p_country AS country FROM ({stacked(f'({texts})', spelled('said', home, 'p'))})"
        f" WHERE length({digits_sql('said')}) >= 3 OR p_code IS NOT NULL"
    )
    found = con.execute(f"SELECT DISTINCT code FROM {name}_read WHERE code IS NOT NULL").fetchall()
    codes = [code for (code,) in found]
    if codes:
        load_places(con)
    con.execute(f"CREATE TEMP TABLE {name} AS {_told(f'{name}_read', codes)}", secret)
    con.execute(f"DROP TABLE {name}_read")
    drop_places(con)
    keep_numbers(con, name)
    con.execute(f"ALTER TABLE {name} DROP COLUMN number")
    return name


def tell(
    con: duckdb.DuckDBPyConnection, table: str, number: str, key: bytes, home: str = ""
) -> None:
    """Put in the place of a column of numbers what they tell.

    Args:
        con: Where the table is.
        table: A temporary table.
        number: Its VARCHAR column of numbers, which goes; phone_token and `FILLED` come.
        key: The lake's secret.
        home: Where numbers without + belong.

    Raises:
        UsageError: There is no secret.
    """
    known = understand(con, table, number, key, home)
    told = ", ".join(f"k.{name}" for name in ("phone_token", *FILLED))
    con.execute(
        f"CREATE TEMP TABLE {table}_told AS SELECT t.* EXCLUDE ({number}), {told}"
        f" FROM {table} AS t LEFT JOIN {known} AS k ON k.said = t.{number}"
    )
    con.execute(f"DROP TABLE {known}")
    con.execute(f"DROP TABLE {table}")
    con.execute(f"ALTER TABLE {table}_told RENAME TO {table}")


def keep_numbers(con: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Leave numbers for a vault, where there is one.

    Args:
        con: The connection.
        rows: What stands behind FROM; it has `phone_token` and `number`.
    """
    found = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [NUMBERS])
    if found.fetchall()[0][0]:
        con.execute(
            f"INSERT INTO {NUMBERS} SELECT DISTINCT phone_token, number FROM {rows}"
            " WHERE phone_token IS NOT NULL AND number IS NOT NULL"
        )


def _told(read: str, codes: list[str]) -> str:
    """Write the query of what numbers tell, from their calling code and the rest."""
    kinds = (
        f"SELECT *, code || rest AS whole, {kind_sql(codes, 'code', 'rest')} AS kind FROM {read}"
    )
    split = (
        f"SELECT *, nullif(split_part(kind, ':', 2), '') AS line_type,"
        f" nullif(split_part(kind, ':', 1), '{WORLD}') AS land, {key_sql('whole')} AS starts"
        f" FROM ({kinds})"
    )
    mobiles = ", ".join(f"'{code}'" for code in GEOGRAPHIC_MOBILES)
    placed = (
        f"coalesce(line_type IN ('{FIXED}', '{EITHER}')"
        f" OR (line_type = '{MOBILE}' AND code IN ({mobiles})), false)"
    )
    region, zones, carrier, joins = "NULL", "NULL", "NULL", ""
    if codes:
        prefixes = f"(FROM {PLACES} WHERE {within_sql(codes, 'starts')})"
        joins = (
            f"ASOF LEFT JOIN {prefixes} AS p ON r.starts >= p.starts"
            f" LEFT JOIN ({country_zones_sql(codes)}) AS z ON z.code = r.code"
        )
        region, carrier = "p.region", "p.carrier"
        zones = "CASE WHEN placed THEN p.zones WHEN line_type IS NOT NULL THEN z.zones END"
    if _ARGENTINA in codes:  # there, a mobile's place stands behind a 9
        behind = key_sql(f"('{_ARGENTINA}' || substr(rest, {len(_ITS_MOBILES) + 1}))")
        mobile = f"(r.code = '{_ARGENTINA}' AND starts_with(rest, '{_ITS_MOBILES}'))"
        joins += (
            f" ASOF LEFT JOIN (FROM {PLACES} WHERE {within_sql([_ARGENTINA], 'starts')}) AS a"
            f" ON CASE WHEN {mobile} THEN {behind} END >= a.starts"
        )
        region = f"CASE WHEN {mobile} THEN a.region ELSE p.region END"
    return (
        f"SELECT said, {token_sql('number')} AS phone_token, land AS country,"
        f" CASE WHEN placed THEN {region} END AS region, line_type, {zones} AS timezone,"
        f" CASE WHEN line_type IN ('{MOBILE}', '{EITHER}', 'pager') THEN {carrier} END AS carrier,"
        " CASE WHEN line_type IS NOT NULL THEN true WHEN r.country IS NOT NULL THEN false END"
        " AS phone_valid, number"
        f" FROM (SELECT * EXCLUDE (kind), {placed} AS placed,"
        f" coalesce('+' || whole, {digits_sql('said')}) AS number FROM ({split})) AS r {joins}"
    )


def _new_name(con: duckdb.DuckDBPyConnection) -> str:
    taken = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    names = (f"known_numbers_{number}" for number in itertools.count(1))
    return next(name for name in names if name not in taken)
