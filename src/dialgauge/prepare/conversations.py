"""Which call does a measured conversation belong to?"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.conversations import CONVERSATIONS


def conversation_rows(given: Given) -> str:
    """Write the query of conversations with columns of their calls, NULL where it is unknown.

    Args:
        given: The conversations, and the view of calls.
    """
    values = {
        column.name: f"{'c' if column.derived else 'o'}.{column.name}"
        for column in CONVERSATIONS.columns
    }
    return (
        f"SELECT {typed(CONVERSATIONS, values)} FROM {given.own} AS o"
        f" LEFT JOIN {given.views['calls']} AS c ON c.call_id = o.call_id"
    )


STEP = Step(table="conversations", reads=frozenset({"calls"}), rows=conversation_rows)
