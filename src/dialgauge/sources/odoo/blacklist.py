"""Which leads does Odoo's phone blacklist forbid to call, and of which did that change?

A number comes on that list, or off it, and its lead stays as it was: going by what changed would
never see it. So all leads whose number is on the list are listed each round, and laid beside those
of the round before. Odoo's own search is asked, which anybody in the sales team may do; the list
itself only administrators may read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from dialgauge.errors import ForbiddenError
from dialgauge.sources.crm.api import Row
from dialgauge.sources.live import Page, Span
from dialgauge.sources.odoo.database import Database
from dialgauge.sources.odoo.names import BLACKLISTED

CURSOR = "blacklisted"
"""The stream of leads that came on the list or off it, and the name of the roll and its cursor."""

_PAGE = 2_000
_TOLD = pa.schema([(name, pa.string()) for name in ("id", "create_date", BLACKLISTED)])
_ROLL = pa.schema([("id", pa.int64())])


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


def turned(odoo: Database, span: Span, listed: Collection[int], at: dt.datetime) -> Iterator[Page]:
    """Tell of which leads it changed whether their number is on the list.

    Args:
        odoo: Where to ask when those came in; of leads that are no more nothing is told.
        span: With the roll of the round before. Without one all on the list are told, unless no
            lead was read yet.
        listed: The leads on the list now.
        at: When that was asked; no two rolls may share it.

    Yields:
        At most one page: those leads, and the new roll.
    """
    before = span.roll(CURSOR)
    known = {*before["id"].to_pylist()} if before is not None else set()
    told = sorted(known ^ {*listed}) if before is not None or "leads" in span.cursors else []
    if before is not None and not told:
        return
    rows = [row for begin in range(0, len(told), _PAGE) for row in _read(odoo, told, begin)]
    yield Page(
        stream=CURSOR,
        rows=pa.Table.from_pylist(
            [{**row, "id": str(row["id"]), BLACKLISTED: str(row["id"] in listed)} for row in rows],
            _TOLD,
        ),
        cursors={CURSOR: at.isoformat()},
        rolls={CURSOR: pa.table([pa.array(sorted(listed), pa.int64())], _ROLL)},
    )


def _read(odoo: Database, leads: Sequence[int], begin: int) -> Sequence[Row]:
    some = [["id", "in", list(leads[begin : begin + _PAGE])]]
    return odoo.read("crm.lead", some, ("id", "create_date"), "id", 0)
