"""What besides the keys of a table's rows names what was taken in?

A source makes one call of many legs; only the first one's name is the key. A leg that came before
the one that made it was refused under that one's name, which may be the key of no call ever. So a
source lists the further names of what it has read, in a temporary table beside the staged rows,
and rows that were refused under one of them are mended.
"""

from __future__ import annotations

from dialgauge.model.table import Table

NAME = "key"
"""The only column of such a table, a text."""


def parts_of(table: Table) -> str:
    """Name the temporary table of the further names.

    Example:
        >>> from dialgauge.tables.calls import CALLS
        >>> parts_of(CALLS)
        'calls_parts'
    """
    return f"{table.name}_parts"
