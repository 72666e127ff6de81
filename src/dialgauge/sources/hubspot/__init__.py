"""What does HubSpot know: which calls, with whom, and what came of it?

- `names`: what HubSpot calls things, and what its outcomes and statuses mean
- `fetch`: which rows an account gives, and from where they are read on
- `calls`, `people`, `deals`: those rows to the canonical tables
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.options import read_options
from dialgauge.sources.crm.staging import finished, load
from dialgauge.sources.hubspot.calls import stage_calls
from dialgauge.sources.hubspot.deals import stage_pipeline
from dialgauge.sources.hubspot.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.hubspot.names import MEANINGS, STREAMS
from dialgauge.sources.hubspot.people import stage_people

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

TABLES = ("calls", "leads", "customers", "agents", "deals", "stages", "orders")
"""What HubSpot can fill."""


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of HubSpot's API.

    Args:
        con: Where the rows shall be.
        request: A spool, or files named for the streams of `names.STREAMS`; options are those of
            `crm.options.Options`.

    Returns:
        What the pages hold, table by table; what is empty is left out.

    Raises:
        FileError: A file is no stream's, or cannot be read.
        UnknownNameError: An option, or the table that is wanted, does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    options = read_options(request.options, "hubspot", "hubspot-", MEANINGS)
    notes = load(con, request, "hubspot", TABLES, STREAMS)
    found = [
        *stage_people(con, options, request.phone_key),
        *stage_pipeline(con, options),
        *stage_calls(con, options, request.phone_key),
    ]
    return finished(con, "hubspot", request, found, notes)
