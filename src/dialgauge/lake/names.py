"""By which names does a person go, and what stands for a name that was forgotten?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from dialgauge.tables.storage import quoted, text

NAMED = ("lead_id", "customer_id", "phone_token")
SHARED = ("customer_id", "phone_token")
"""Several people may have the same."""
LEADS = ("lead_id", "credited_lead_id", "deal_lead_id")
UNIT = "unit_id"
"""Of an assignment, whose unit may be a lead."""
ASKED = "asked "
"""Stands before a name of `SHARED` by which somebody asked to be forgotten."""
WORD = "word"
"""A text that tells of a person in refused rows, whatever its column."""

_NEW = "erased-"
_HEX = 32


def new_name() -> str:
    """Return what stands for a name from now on; nothing leads back."""
    return f"{_NEW}{uuid.uuid4().hex}"


def is_new(column: str) -> str:
    """Write the condition that a column holds such a name.

    Example:
        >>> import duckdb
        >>> values = f"('{new_name()}'), ('erased-7'), (NULL)"
        >>> con = duckdb.connect()
        >>> con.execute(f"SELECT {is_new('x')} FROM (VALUES {values}) AS v(x)").fetchall()
        [(True,), (False,), (False,)]
    """
    name = quoted(column)
    return f"coalesce(starts_with({name}, '{_NEW}') AND length({name}) = {len(_NEW) + _HEX}, false)"


def among(name: str, values: Iterable[str]) -> str:
    """Write the condition that a column holds one of some values.

    Example:
        >>> print(among("lead_id", ["b", "a"]), among("lead_id", []))
        "lead_id" IN ('a', 'b') false
    """
    listed = ", ".join(text(value) for value in sorted(values))
    return f"{quoted(name)} IN ({listed})" if listed else "false"
