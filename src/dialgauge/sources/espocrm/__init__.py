"""What does EspoCRM know: which calls were held, with whom, and what came of it?

`fetch` gets the rows, `rows` gives them the names that `crm.office` understands.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.office import MEANINGS, TABLES, stage_office
from dialgauge.sources.crm.options import read_options
from dialgauge.sources.crm.rolls import stage_missed
from dialgauge.sources.crm.staging import finished, load, with_fields
from dialgauge.sources.espocrm.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.espocrm.rows import STREAMS, read_rows
from dialgauge.sources.zones import zone

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

_FILLED = {"calls": ("call",), "leads": ("lead", "contact"), "deals": ("opportunity",)}


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of EspoCRM's API.

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
    options = read_options(request.options, "espocrm", "", MEANINGS)
    home = request.timezone or "UTC"
    zone(home)
    filled = dict(_FILLED, orders=("opportunity",))
    notes = load(con, request, "espocrm", TABLES, with_fields(STREAMS, options, filled))
    read_rows(con)
    found = [
        *stage_office(con, "espocrm", options, request.phone_key, home),
        *stage_missed(con, "espocrm_gone", options, _FILLED),
    ]
    return finished(con, "espocrm", request, found, notes)
