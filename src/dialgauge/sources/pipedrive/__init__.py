"""What does Pipedrive know: which calls, with whom, and what came of it?

- `names`: the streams that are read, and what outcomes mean
- `fetch`: which rows a company's account gives, and from where they are read on
- `calls`, `people`, `deals`: those rows to the canonical tables
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.options import read_options
from dialgauge.sources.crm.rolls import stage_missed
from dialgauge.sources.crm.staging import finished, load
from dialgauge.sources.pipedrive.calls import stage_calls
from dialgauge.sources.pipedrive.deals import stage_pipeline
from dialgauge.sources.pipedrive.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.pipedrive.names import MEANINGS, STREAMS
from dialgauge.sources.pipedrive.people import stage_people

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

TABLES = ("calls", "leads", "agents", "deals", "stages", "orders")
"""What Pipedrive can fill."""


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of Pipedrive's API.

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
    told = {"direction": "outbound", **request.options}
    options = read_options(told, "pipedrive", "pipedrive-", MEANINGS)
    notes = load(con, request, "pipedrive", TABLES, STREAMS)
    found = [
        *stage_people(con, options, request.phone_key),
        *stage_pipeline(con, options),
        *stage_calls(con, options, request.phone_key),
        *stage_missed(con, "pipedrive_gone", options, {"calls": ["activities"]}),
    ]
    return finished(con, "pipedrive", request, found, notes)
