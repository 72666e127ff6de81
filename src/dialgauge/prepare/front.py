"""Where does a batch begin?"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dialgauge.model.rules import Rules
from dialgauge.model.table import Table
from dialgauge.prepare.calls import prepare_calls
from dialgauge.prepare.following import step_of
from dialgauge.prepare.leads import prepare_leads
from dialgauge.prepare.scratch import Rows, Scratch
from dialgauge.prepare.step import Given


def prepare(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    batch: str,
    views: Mapping[str, str],
    rules: Rules | None = None,
) -> Mapping[str, Rows]:
    """Work out derived columns and derived rows of a batch.

    Nothing is written to the lake. The relations returned are temporary tables and views of the
    connection; they read `batch` and the views, which must stay until they have been read.

    A row of a derived table (journeys, callbacks) whose clock is NULL says that the row of that
    key is gone, for example because its only call turned out to be a test: store nothing for it
    and remove what is stored.

    Args:
        con: Connection in which the relations live, its TimeZone UTC.
        table: The canonical table of the batch.
        batch: Relation with the new and the changed rows, each key once: all columns that are
            not derived, and perhaps helper columns beginning with `_`. A batch of calls needs
            `_row BIGINT`, unique and not negative. `_updated BOOLEAN`, whether the lake holds a
            row of this key, is read when it is there; without it stored keys are searched.
        views: Table name to a view over all rows of the lake's current snapshot, derived columns
            included; `calls`, `journeys`, `callbacks` and `leads` are needed for calls and leads,
            for other tables those that their step reads.
        rules: What the team decided; nothing when None.

    Returns:
        Table name to the rows of that table to be stored by key. Rows of the lake that stay as
        they are do not appear.

    Example:
        >>> from dialgauge.tables import TABLES
        >>> prepare(duckdb.connect(), TABLES["agents"], "staged_agents", {})["agents"].relation
        'staged_agents'
    """
    scratch = Scratch(con)
    if table.name == "calls":
        return prepare_calls(scratch, batch, views)
    if table.name == "leads":
        return prepare_leads(scratch, batch, views)
    step = step_of(table.name)
    if step is None:
        return {table.name: Rows(batch)}
    given = Given(scratch=scratch, own=batch, views=views, rules=rules or Rules())
    return {table.name: Rows(scratch.table(table.name, step.rows(given)))}
