"""When are two engines' answers the same?

Rows in any order; counts, keys, texts and times exactly; numbers to nine digits.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pyarrow as pa


def differences(expected: pa.Table, found: pa.Table, keys: int) -> list[str]:
    """Tell what differs between two answers.

    Args:
        expected: The reference engine's answer.
        found: The other's.
        keys: How many of the columns after `left_out` and `is_total` are keys.

    Returns:
        One sentence a difference; empty when there is none.
    """
    if expected.column_names != found.column_names:
        return [f"columns are {found.column_names}, expected {expected.column_names}"]
    wanted, given = _by_key(expected, keys), _by_key(found, keys)
    told = [f"{key} comes twice" for key, rows in given.items() if len(rows) > 1]
    told += [f"{key} is missing" for key in wanted if key not in given]
    told += [f"{key} should not be there" for key in given if key not in wanted]
    for key in wanted:
        for row in given.get(key, ()):
            told += [
                f"{key}: {name} is {row[name]!r}, expected {value!r}"
                for name, value in wanted[key][0].items()
                if not same(value, row[name])
            ]
    return told


def same(expected: Any, found: Any) -> bool:
    """Whether two cells hold the same value.

    Example:
        >>> same(Decimal("0.10"), 0.1), same(None, 0), same([1.0], [1.0])
        (True, False, True)
    """
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, list):
        if expected and isinstance(expected[0], list):  # tuples come in any order
            expected, found = (sorted(cells, key=repr) for cells in (expected, found))
        return len(expected) == len(found) and all(map(same, expected, found))
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, float) or isinstance(found, float):
        return math.isclose(float(expected), float(found), rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(expected, Decimal) or isinstance(found, Decimal):
        return Decimal(expected) == Decimal(found)
    return bool(expected == found)


def _by_key(answer: pa.Table, keys: int) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    names = answer.column_names[: 2 + keys]
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in answer.to_pylist():
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found
