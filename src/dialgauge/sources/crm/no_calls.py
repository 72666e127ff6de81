"""Who must not be called, when several records speak of one person?

A lead that was converted stays our lead, and people go on with its contact: whoever said no to
either is left alone. Nobody's word is not the same as a no to that: it stays unknown.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.crm.sql import yes
from dialgauge.sources.crm.staging import count


def any_of(*said: str) -> str:
    """Write whether one of some texts is a yes: true, else false, or NULL when none says anything.

    Args:
        said: SQL of the texts.

    Example:
        >>> import duckdb
        >>> words = (("'0'", "'yes'"), ("NULL", "'false'"), ("NULL", "''"))
        >>> [duckdb.execute(f"SELECT {any_of(*each)}").fetchone()[0] for each in words]
        [True, False, None]
    """
    values = [yes(each) for each in said]
    return f"CASE WHEN {' OR '.join(values)} THEN true ELSE coalesce({', '.join(values)}) END"


def unread_contacts(con: duckdb.DuckDBPyConnection, leads: str) -> list[str]:
    """Tell of leads that became contacts whose word is not known.

    Args:
        con: Where they are.
        leads: What stands behind FROM; those leads, one a row.
    """
    found = count(con, leads)
    if not found:
        return []
    told = (
        f"{found} leads became contacts that were not read; whether those must not be called is "
        "not known, and do_not_call is what the leads themselves say."
    )
    return [told]
