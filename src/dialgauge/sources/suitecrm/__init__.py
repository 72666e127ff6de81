"""What does SuiteCRM know: which calls were held, with whom, and what came of it?

`fetch` gets the rows, `rows` gives them the names that `crm.office` understands.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.office import MEANINGS, TABLES, stage_office
from dialgauge.sources.crm.options import read_options
from dialgauge.sources.crm.rolls import stage_missed
from dialgauge.sources.crm.staging import finished, load, with_fields
from dialgauge.sources.suitecrm.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.suitecrm.rows import STREAMS, read_rows
from dialgauge.sources.zones import zone

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

_FILLED = {"calls": ("calls",), "leads": ("leads", "contacts"), "deals": ("opportunities",)}


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
    options = read_options(request.options, "suitecrm", "", MEANINGS)
    home = request.timezone or "UTC"
    zone(home)
    filled = dict(_FILLED, orders=("opportunities",))
    notes = load(con, request, "suitecrm", TABLES, with_fields(STREAMS, options, filled))
    read_rows(con)
    found = [
        *stage_office(con, "suitecrm", options, request.phone_key, home),
        *stage_missed(con, "suitecrm_gone", options, _FILLED),
    ]
    return finished(con, "suitecrm", request, found, notes)
