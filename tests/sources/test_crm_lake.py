"""Does the lake know after several rounds what a CRM knows?"""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_hubspot import HubSpot
from crm_server import Spool, account, listening
from dialgauge.intake import Report, take_in
from dialgauge.lake import Lake, view
from dialgauge.sources.base import Request
from dialgauge.sources.hubspot import fetch, stage
from dialgauge.tables import TABLES

OPEN = {
    "createdate": "2026-01-02T00:00:00Z",
    "pipeline": "default",
    "amount": "1200.50",
    "dealstage": "meeting",
}
WON = {
    **OPEN,
    "dealstage": "won",
    "hs_is_closed": "true",
    "hs_is_closed_won": "true",
    "closedate": "2026-01-09T00:00:00Z",
}


def taken(crm: HubSpot, lake: Lake, spool: Spool) -> Report:
    """Go one round: fetch, take in, forget the pages."""
    spool.run(account(crm))
    options = {"orders": "won"}
    request = Request(paths=(spool.folder,), options=options, phone_key=lake.phone_key)
    report = take_in(lake, stage, request)
    spool.emptied()
    counts = report.counts
    assert counts.read == counts.loaded + counts.updated + counts.unchanged + counts.quarantined
    return report


def rows(lake: Lake, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Read a table of the lake; times as texts."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), TABLES[table])
        return con.execute(f"SELECT {columns} FROM {seen} ORDER BY ALL").fetchall()


def test_rounds_add_up_to_what_the_crm_knows(tmp_path: Path) -> None:
    """New, changed, deleted, damaged and repeated records, over three rounds."""
    crm, lake = HubSpot(), Lake.create(str(tmp_path / "lake"))
    spool = Spool(tmp_path / "spool", fetch, stage)
    crm.put("contacts", "51", createdate="2026-01-01T00:00:00Z")
    crm.call("1", contacts=["51"])
    crm.call("2", contacts=["51"])
    crm.put("deals", "9", contacts=["51"], **OPEN)
    crm.history["9"] = [("meeting", "2026-01-02T00:00:00Z")]
    with listening(crm):
        first = taken(crm, lake, spool)
        again = taken(crm, lake, spool)
        later = "2026-01-09T00:00:00.000Z"
        crm.call("2", contacts=["51"], archived_at=later)
        crm.call("3", changed=later, contacts=["51"], hs_timestamp="soon")
        crm.put("deals", "9", later, contacts=["51"], **WON)
        crm.history["9"].append(("won", "2026-01-09T00:00:00Z"))
        third = taken(crm, lake, spool)
    assert first.counts.loaded == first.counts.read
    assert (again.counts.loaded, again.counts.updated) == (0, 0)
    assert [reason.reason for reason in third.reasons] == ["hs_timestamp is no time"]
    assert rows(lake, "calls", "call_id, test, lead_id") == [
        ("hubspot-1", False, "hubspot-51"),
        ("hubspot-2", True, "hubspot-51"),
    ]
    assert rows(lake, "deals", "deal_id, status, amount") == [
        ("hubspot-9", "won", Decimal("1200.5"))
    ]
    assert rows(lake, "orders", "order_id, credited_lead_id") == [("hubspot-9", "hubspot-51")]
    assert rows(lake, "stages", "stage, CAST(ended_at AS VARCHAR)") == [
        ("Closed won", "2026-01-09 00:00:00+00"),
        ("Meeting", "2026-01-09 00:00:00+00"),
    ]
