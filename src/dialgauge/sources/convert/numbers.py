"""Which phone number does each row of a file carry?

`token()` finds it in the text it is given, as `phones.spelling` does; what is understood of it is
looked up once all files are read, each different number once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialgauge.sources.phone import digits_sql, token_sql
from dialgauge.sources.phones.spelling import spelled, stacked


def with_numbers(rows: str, numbers: Mapping[str, str], home: str) -> str:
    """Write a query that adds the numbers of texts to its rows.

    Args:
        rows: The query of the rows.
        numbers: SQL of each text to the name of its number.
        home: Where numbers without + belong.

    Returns:
        A query with a column `{name}_number` for each: + and all digits where the number is
        understood, else the digits of the text.
    """
    query = rows
    for written, name in numbers.items():
        found = stacked(f"({query})", spelled(written, home, name))
        whole = f"'+' || {name}_code || {name}_rest"
        query = (
            f"SELECT * EXCLUDE ({name}_code, {name}_rest),"
            f" coalesce({whole}, {digits_sql(f'{name}_a')}) AS {name}_number FROM ({found})"
        )
    return query


def chosen_number(asked: Sequence[str], token: str) -> str:
    """Write the number that a row's token stands for, NULL when its text carries none.

    Args:
        asked: The names of the numbers among which the row's expression chooses.
        token: SQL of the token it came to.
    """
    names = list(dict.fromkeys(asked))
    if not names:
        return "NULL"
    cases = " ".join(
        f"WHEN {token} = {token_sql(f'{name}_number')} THEN {name}_number" for name in names
    )
    return f"CASE {cases} END" if len(names) > 1 else f"{names[0]}_number"
