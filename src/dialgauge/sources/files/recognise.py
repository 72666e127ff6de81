"""Which table is this file, when its headers are ours?"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from dialgauge.errors import MappingError
from dialgauge.model.table import Table
from dialgauge.sources.base import stored_columns
from dialgauge.sources.mapping import Rule, TableMapping
from dialgauge.sources.raw import folded
from dialgauge.tables import TABLES


def recognise(headers: Sequence[str], where: str) -> Table:
    """Tell the table by its key's header and its clock's.

    A table whose key is only a reference in another one that fits too (an agent in a call) is
    not meant; of tables with the same key the one that knows most headers is. A table without a
    clock is told only by headers of which half are its own.

    Args:
        headers: The file's headers.
        where: The file, for the message.

    Raises:
        MappingError: No table fits, or several do.

    Example:
        >>> recognise(["call_id", "started_at", "agent_id"], "x.csv").name
        'calls'
    """
    known = {folded(header) for header in headers}
    fitting = [
        table
        for table in TABLES.values()
        if not table.derived and table.key in known and _tells(table, known)
    ]
    meant = [
        table
        for table in fitting
        if not any(_goes_before(other, table, known) for other in fitting if other is not table)
    ]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(table.name for table in meant or fitting)
    if fitting:
        raise MappingError(f"{where} could be {names}; say which with --table")
    needs = "; ".join(
        f"{table.name} needs {' and '.join(filter(None, (table.key, table.clock)))}"
        for table in TABLES.values()
        if not table.derived
    )
    raise MappingError(
        f"{where} has no headers of a table we know ({needs}); write a mapping, which "
        "--dry-run proposes, and give it with --mapping"
    )


def _goes_before(other: Table, table: Table, known: set[str]) -> bool:
    if other.key == table.key:
        return _own(other, known) > _own(table, known)
    return table.key in other.types


def _own(table: Table, known: set[str]) -> int:
    return sum(column.name in known for column in stored_columns(table))


def _tells(table: Table, known: set[str]) -> bool:
    if table.clock:
        return table.clock in known
    return 2 * len(known.intersection(table.types)) >= len(known)


def by_header(table: Table, headers: Sequence[str], where: str) -> TableMapping:
    """Map headers that are ours onto a table.

    Args:
        table: The canonical table.
        headers: The file's headers.
        where: The file, for the message.

    Raises:
        MappingError: The key or the clock is missing, or a header stands twice.
    """
    found: dict[str, str] = {}
    for header in headers:
        name = folded(header)
        if name in table.types and name in found:
            raise MappingError(f"{where} has the header {name} twice; rename one of them")
        found[name] = header
    for needed in (table.key, table.clock):
        if needed and needed not in found:
            close = difflib.get_close_matches(needed, found, n=1, cutoff=0.6)
            guess = f" (did you mean '{found[close[0]]}'?)" if close else ""
            raise MappingError(
                f"{where} has no header {needed}{guess}, which every row of {table.name} needs; "
                "rename it, or map it with --mapping, which --dry-run proposes"
            )
    return TableMapping(
        table=table,
        rules=tuple(
            Rule(column=column, header=found[column.name])
            for column in stored_columns(table)
            if column.name in found
        ),
    )
