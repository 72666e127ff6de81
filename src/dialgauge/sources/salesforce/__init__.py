"""What does Salesforce know: which calls were logged, with whom, and what came of it?

- `names`: the objects and fields that are read, and what outcomes usually mean
- `fetch`: which rows an organisation gives, and from where they are read on
- `calls`, `people`, `deals`: those rows to the canonical tables
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.options import read_options
from dialgauge.sources.crm.staging import finished, load, with_fields
from dialgauge.sources.salesforce.calls import stage_calls
from dialgauge.sources.salesforce.deals import stage_pipeline
from dialgauge.sources.salesforce.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.salesforce.names import MEANINGS, STREAMS
from dialgauge.sources.salesforce.people import stage_people
from dialgauge.sources.zones import zone

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

TABLES = ("calls", "leads", "agents", "deals", "stages", "orders")
"""What Salesforce can fill."""

_FILLED = {"calls": ("task",), "leads": ("lead", "contact"), "deals": ("opportunity",)}


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of Salesforce's API, or exports of its objects.

    Args:
        con: Where the rows shall be.
        request: A spool, or files named for objects (`Task.csv`, `Lead.csv`); options are those
            of `crm.options.Options`; `timezone` is that of days without a time.

    Returns:
        What the pages hold, table by table; what is empty is left out.

    Raises:
        FileError: A file is no object's, or cannot be read.
        UnknownNameError: An option, a zone, or the table that is wanted, does not exist.
        UsageError: A value is not allowed, or nothing was given to read.
    """
    options = read_options(request.options, "salesforce", "", MEANINGS)
    own = dict(_FILLED, orders=("opportunity",))
    home = request.timezone or "UTC"
    zone(home)
    notes = load(con, request, "salesforce", TABLES, with_fields(STREAMS, options, own))
    found = [
        *stage_people(con, options, request.phone_key, home),
        *stage_pipeline(con, options, home),
        *stage_calls(con, options, request.phone_key, home),
    ]
    return finished(con, "salesforce", request, found, notes)
