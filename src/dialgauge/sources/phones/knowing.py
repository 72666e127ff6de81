"""What do the numbers of some rows tell?

Each different text is looked at once, whatever the rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import duckdb

from dialgauge.sources.phone import digits, token
from dialgauge.sources.phones.homes import ANYWHERE

FILLED = ("country", "region", "line_type", "timezone")
"""What a number may tell of who is called, by the names of columns."""

NUMBERS = "phone_numbers"
"""Temporary table of every number a connection has understood: phone_token, number. A vault may
keep it; nothing else may."""

_KINDS = (
    "fixed", "mobile", "fixed_or_mobile", "toll_free", "premium", "shared_cost", "voip",
    "personal", "pager", "company", "voicemail",
)  # fmt: skip
_COLUMNS = ("said", "phone_token", *FILLED, "carrier", "number")


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
        - valid: whether such a number can exist; NULL when nobody knows its country

        All but the token and the text are NULL when unknown.

    Raises:
        UsageError: There is no secret.
    """
    taken = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    name = next(
        f"known_numbers_{n}" for n in itertools.count(1) if f"known_numbers_{n}" not in taken
    )
    said = [
        text
        for (text,) in con.execute(
            f"SELECT DISTINCT {number} FROM {rows} WHERE {number} IS NOT NULL"
        ).fetchall()
    ]
    found = list(_found(said, key, home))
    lists = ", ".join(f"unnest(CAST(? AS VARCHAR[])) AS {column}" for column in _COLUMNS)
    con.execute(
        f"CREATE TEMP TABLE {name} AS SELECT {lists}, unnest(CAST(? AS BOOLEAN[])) AS valid",
        [[row[place] for row in found] for place in range(len(_COLUMNS) + 1)],
    )
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {NUMBERS} (phone_token VARCHAR, number VARCHAR)")
    con.execute(f"INSERT INTO {NUMBERS} SELECT DISTINCT phone_token, number FROM {name}")
    con.execute(f"ALTER TABLE {name} DROP COLUMN number")
    return name


def _found(said: list[str], key: bytes, home: str) -> Iterator[tuple[str | bool | None, ...]]:
    import phonenumbers  # noqa: PLC0415 - slow, and rarely needed
    from phonenumbers import carrier, geocoder, timezone  # noqa: PLC0415

    for text in said:
        plain = digits(text)
        if len(plain) < 3:
            continue
        written = f"+{plain}" if text.startswith("00") and home in ("", ANYWHERE) else text
        if home == ANYWHERE:
            written = f"+{plain}"
        try:
            number = phonenumbers.parse(written, None if home in ("", ANYWHERE) else home)
        except phonenumbers.NumberParseException:
            yield text, token(key, text), None, None, None, None, None, plain, None
            continue
        if not phonenumbers.is_possible_number(number):
            yield text, token(key, text), None, None, None, None, None, plain, False
            continue
        full = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        kind = phonenumbers.number_type(number)
        zones = [
            zone for zone in timezone.time_zones_for_number(number)
            if zone != timezone.UNKNOWN_TIMEZONE
        ]  # fmt: skip
        country = phonenumbers.region_code_for_number(number)
        place = geocoder.description_for_number(number, "en")
        yield (
            text,
            token(key, full),
            country if country != "001" else None,
            place if place != geocoder.country_name_for_number(number, "en") else None,
            _KINDS[kind] if kind < len(_KINDS) else None,
            "|".join(zones) or None,
            carrier.name_for_number(number, "en") or None,
            full,
            phonenumbers.is_valid_number(number),
        )
