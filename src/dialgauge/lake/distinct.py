"""Does a key come more than once?

Nearly always there is nothing to find, so that is made cheap: numbers made of the keys are sorted
in memory, which takes a fifth of the time of grouping them.
"""

from __future__ import annotations

import duckdb

from dialgauge.lake import connection, sql

_BYTES = 16
"""What a row takes while its number is fetched and sorted."""


def may_repeat(con: duckdb.DuckDBPyConnection, relation: str, key: str) -> bool:
    """Tell whether a key may come more than once.

    Args:
        con: Where the rows are.
        relation: The rows.
        key: The column.

    Returns:
        False when every key comes once. True when one seems to come again, or when there are too
        many rows for an eighth of the connection's memory: then `repeated` must be asked.

    Example:
        >>> may_repeat(duckdb.connect(), "range(1000)", "range")
        False
    """
    import numpy as np  # noqa: PLC0415 - only writers need it, and readers shall start at once

    rows = sql.count(con, f"SELECT count(*) FROM {relation}")
    if rows * _BYTES > connection.memory(con) // 8:
        return True
    fetched = con.execute(f"SELECT hash({key}) AS number FROM {relation}").fetchnumpy()
    numbers = np.asarray(fetched["number"])
    numbers.sort()
    return bool(np.any(numbers[1:] == numbers[:-1]))


def repeated(relation: str, key: str) -> str:
    """Write the query of the hashes of keys that may come more than once.

    Example:
        >>> con = duckdb.connect()
        >>> found = con.execute(repeated("(VALUES ('a'), ('b'), ('a')) AS t(k)", "k")).fetchall()
        >>> found == con.execute("SELECT hash('a')").fetchall()
        True
    """
    # Numbers group much cheaper than texts.
    return f"SELECT hash({key}) AS hash FROM {relation} GROUP BY 1 HAVING count(*) > 1"
