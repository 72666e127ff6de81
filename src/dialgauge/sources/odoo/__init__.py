"""What does Odoo's CRM know: which calls were made, with whom, and what came of it?

- `names`: the models and fields that are read
- `fetch`: which rows a database gives, and from where they are read on
- `rows`: those rows to the canonical tables
"""

from __future__ import annotations

from types import MappingProxyType

import duckdb

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.crm.options import read_options
from dialgauge.sources.crm.rolls import stage_missed
from dialgauge.sources.crm.staging import finished, load, with_fields
from dialgauge.sources.odoo.fetch import SECRETS, SETTINGS, fetch, probe
from dialgauge.sources.odoo.names import MEANINGS, STREAMS
from dialgauge.sources.odoo.rows import stage_rows

__all__ = ["SECRETS", "SETTINGS", "fetch", "probe", "stage"]

TABLES = ("calls", "leads", "agents", "deals", "stages", "orders")
"""What Odoo can fill."""

_FILLED = MappingProxyType(
    {"leads": ("leads",), "deals": ("leads",), "orders": ("leads",), "calls": ("calls",)}
)


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Read pages of Odoo's API.

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
    options = read_options(told, "odoo", "odoo-", MEANINGS)
    notes = load(con, request, "odoo", TABLES, with_fields(STREAMS, options, _FILLED))
    found = [
        *stage_rows(con, options, request.phone_key),
        *stage_missed(con, "odoo_gone", options, _FILLED),
    ]
    return finished(con, "odoo", request, found, notes)
