"""What does a batch of leads lead to?

A lead may bring the zone that earlier calls lacked, or left open among several; those calls get
their local time now.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialgauge.prepare import local_time
from dialgauge.prepare.changes import typed
from dialgauge.prepare.scratch import Rows, Scratch
from dialgauge.tables.calls import CALLS

_AT_US = "epoch_us(b.started_at)"


def prepare_leads(scratch: Scratch, batch: str, views: Mapping[str, str]) -> Mapping[str, Rows]:
    """Prepare a batch of leads.

    Args:
        scratch: Where relations are made.
        batch: Relation of new and changed leads.
        views: The lake's views.

    Returns:
        The batch as it is, and the calls without one zone of their own whose local time changes.
    """
    moved = scratch.table(
        "moved_leads",
        f"SELECT b.lead_id, b.timezone AS zone FROM {batch} AS b LEFT JOIN"
        f" (SELECT lead_id, timezone FROM {views['leads']}"
        f" WHERE lead_id IN (SELECT lead_id FROM {batch})) AS s ON s.lead_id = b.lead_id"
        " WHERE b.timezone IS DISTINCT FROM s.timezone",
    )
    if not scratch.count(moved):
        scratch.drop([moved])
        return {"leads": Rows(batch)}
    calls = scratch.table(
        "zoneless_calls",
        f"SELECT b.*, {local_time.zone_of('b.timezone', 'l.zone')} AS zone, {_AT_US} AS at_us"
        f" FROM {views['calls']} AS b JOIN {moved} AS l ON l.lead_id = b.lead_id"
        f" WHERE {local_time.unsettled('b.timezone')}",
    )
    scratch.drop([moved])
    if not scratch.count(calls):
        scratch.drop([calls])
        return {"leads": Rows(batch)}
    offsets = local_time.offsets(scratch, calls)
    values = {column.name: f"b.{column.name}" for column in CALLS.columns}
    values |= {
        "local_hour": local_time.hour("b.at_us"),
        "local_weekday": local_time.weekday("b.at_us"),
    }
    changed = scratch.table(
        "calls",
        f"SELECT {typed(CALLS, values)} FROM {calls} AS b"
        f" {local_time.joined(offsets, 'b.zone', 'b.at_us')}"
        f" WHERE ({values['local_hour']}, {values['local_weekday']})"
        " IS DISTINCT FROM (b.local_hour, b.local_weekday)",
    )
    scratch.drop([calls, offsets])
    return {"leads": Rows(batch), "calls": Rows(changed)}
