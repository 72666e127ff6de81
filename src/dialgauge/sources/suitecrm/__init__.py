"""What does SuiteCRM know: which calls were held, with whom, and what came of it?

`fetch` gets the rows, `rows` gives them the names that `crm.office` understands.
"""

from __future__ import annotations

from types import MappingProxyType

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.office import Office, stage_office
from dialgauge.sources.suitecrm.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.suitecrm.rows import STREAMS, read_rows

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

_FILLED = MappingProxyType(
    {
        "calls": ("calls",),
        "leads": ("leads", "contacts"),
        "deals": ("opportunities",),
        "orders": ("opportunities",),
    }
)
_OFFICE = Office(system="suitecrm", streams=STREAMS, filled=_FILLED, read=read_rows)


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of SuiteCRM's API, or dumps of its tables.

    Args:
        con: Where the rows shall be.
        request: A spool, or files named for the streams of `rows.STREAMS`; options are those of
            `crm.options.Options`; `timezone` is that of days without a time.

    Returns:
        What the pages hold, table by table; what is empty is left out.

    Raises:
        FileError: A file is no stream's, or cannot be read.
        UnknownNameError: An option, a zone, or the table that is wanted, does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    return stage_office(con, request, _OFFICE)
