"""Which leads does Odoo's phone blacklist forbid to call, and of which did that change?

A number comes on that list, or off it, and its lead stays as it was: going by what changed would
never see it. So all leads whose number is on the list are listed each round, and laid beside those
of the round before; a lead of which it changed is read again. Odoo's own search is asked, which
anybody in the sales team may do; the list itself only administrators may read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import pyarrow as pa

from dialgauge.errors import ForbiddenError
from dialgauge.sources.crm.api import Row
from dialgauge.sources.live import Page, Span
from dialgauge.sources.odoo.database import Database
from dialgauge.sources.odoo.names import BLACKLISTED

CURSOR = "blacklisted"
"""The name of the roll of those on the list, and of its cursor: when it was called."""

_PAGE = 2_000
_NO_LEADS = pa.table({"id": pa.array([], pa.string())})
_SCHEMA = pa.schema([("id", pa.int64())])


def on_the_list(odoo: Database) -> frozenset[int] | None:
    """Name the leads whose number is on the list; None when this Odoo, or user, does not tell.

    Args:
        odoo: Where to ask.

    Raises:
        ServerError: There was no answer.
    """
    # Not the field itself: read together with what was put away, it still says yes of numbers
    # that were taken off the list, which Odoo puts away, too.
    wanted = [[BLACKLISTED, "=", True], ["active", "in", [True, False]]]
    found: list[int] = []
    try:
        if BLACKLISTED not in odoo.fields("crm.lead"):
            return None
        while True:
            page = odoo.search("crm.lead", [*wanted, ["id", ">", max(found, default=0)]], _PAGE)
            found += page
            if len(page) < _PAGE:
                return frozenset(found)
    except ForbiddenError:
        return None


def marked(leads: Sequence[Row], listed: Collection[int] | None) -> Sequence[Row]:
    """Say of each lead whether its number is on the list, where that is known."""
    if listed is None:
        return leads
    return [{**lead, BLACKLISTED: lead["id"] in listed} for lead in leads]


def turned(span: Span, listed: Collection[int]) -> Sequence[int]:
    """Name the leads that must be read again, as they came on the list or off it.

    Args:
        span: With the roll of the round before. Without one all on the list are meant, unless no
            lead was read yet.
        listed: The leads on the list now.
    """
    before = span.roll(CURSOR)
    if before is not None:
        return sorted({*before["id"].to_pylist()} ^ {*listed})
    return sorted(listed) if "leads" in span.cursors else []


def roll_called(listed: Collection[int], at: dt.datetime) -> Page:
    """Make the page that ends a round: no rows, and who is on the list.

    Args:
        listed: The leads on the list.
        at: When it was asked; no two rolls may share it.
    """
    return Page(
        stream="leads",
        rows=_NO_LEADS,
        cursors={CURSOR: at.isoformat()},
        rolls={CURSOR: pa.table([pa.array(sorted(listed), pa.int64())], _SCHEMA)},
    )
