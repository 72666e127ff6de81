"""What does a batch of calls lead to?

The batch with its derived columns, stored calls whose derived columns it changes, journeys and
callbacks.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialgauge.prepare import local_time
from dialgauge.prepare.affected import ORIGIN, PARTY, Affected, find_affected
from dialgauge.prepare.attempts import Steps, order_dials
from dialgauge.prepare.callbacks import callbacks
from dialgauge.prepare.changes import typed
from dialgauge.prepare.journeys import journeys
from dialgauge.prepare.scratch import Rows, Scratch, listed
from dialgauge.tables.calls import CALLS

_AT_US = "epoch_us(b.started_at)"
_ORDERED = ("attempt", "contact_number", "recent_dials", "do_not_call_since")


def prepare_calls(scratch: Scratch, batch: str, views: Mapping[str, str]) -> Mapping[str, Rows]:
    """Prepare a batch of calls.

    Args:
        scratch: Where relations are made.
        batch: Relation of new and changed calls, numbered by `_row`: unique and not negative.
        views: The lake's views.

    Returns:
        Rows of calls, journeys and callbacks.
    """
    affected = find_affected(scratch, batch, views)
    steps = order_dials(scratch, batch, affected)
    origin = _origin(scratch, batch, affected)
    result = {
        "calls": _calls(scratch, batch, steps, affected, views),
        "journeys": Rows(journeys(scratch, origin, steps, affected)),
        "callbacks": Rows(callbacks(scratch, batch, steps, affected, views)),
    }
    scratch.drop([origin, steps.stops])
    if affected is not None:
        affected.drop(scratch)
    return result


def _origin(scratch: Scratch, batch: str, affected: Affected | None) -> str:
    columns = ", ".join((*ORIGIN, "contact"))
    select = f'SELECT _row AS "row", {columns} FROM {batch}'
    if affected is not None:
        select += f" UNION ALL SELECT -1 - rowid, {columns} FROM {affected.history}"
    return scratch.view("origin", select)


def _calls(
    scratch: Scratch, batch: str, steps: Steps, affected: Affected | None, views: Mapping[str, str]
) -> Rows:
    values = {column.name: f"b.{column.name}" for column in CALLS.columns}
    values |= {name: f"s.{name}" for name in _ORDERED}
    values |= {"party_id": PARTY}
    zones = _zones(scratch, batch, views)
    values |= {"local_hour": local_time.hour(_AT_US), "local_weekday": local_time.weekday(_AT_US)}
    select = (
        f"SELECT {typed(CALLS, values)} FROM {batch} AS b {zones}"
        # The time adds nothing to the row but lets a month be joined with its own dials only.
        f' LEFT JOIN {steps.dials} AS s ON s."row" = b._row AND s.started_at = b.started_at'
    )
    changed = "" if affected is None else _changed(scratch, steps, affected)
    if not changed:
        return Rows(scratch.view("calls", select), keys=batch)
    select += f" UNION ALL {_with_order(scratch, changed, views)}"
    keys = f"SELECT call_id, started_at FROM {batch} UNION ALL"
    return Rows(
        scratch.view("calls", select),
        keys=scratch.view("keys", f"{keys} SELECT call_id, started_at FROM {changed}"),
    )


def _zones(scratch: Scratch, batch: str, views: Mapping[str, str]) -> str:
    """Write the joins that find each call's offset to UTC: its own zone's, else its lead's."""
    (zoneless,) = scratch.row(
        f"SELECT count(*) FROM {batch} WHERE lead_id IS NOT NULL AND"
        f" {local_time.unsettled('timezone')}"
    )
    zone, lookup = "b.timezone", ""
    if zoneless:
        leads = scratch.table(
            "lead_zones",
            f"SELECT lead_id, timezone FROM {views['leads']} WHERE timezone IS NOT NULL AND"
            f" lead_id IN (SELECT lead_id FROM {batch}"
            f" WHERE {local_time.unsettled('timezone')})",
        )
        zone = local_time.zone_of("b.timezone", "l.timezone")
        lookup = f"LEFT JOIN {leads} AS l USING (lead_id)"
    moments = f"(SELECT {zone} AS zone, {_AT_US} AS at_us FROM {batch} AS b {lookup})"
    table = local_time.offsets(scratch, moments)
    return f"{lookup} {local_time.joined(table, zone, _AT_US)}"


def _changed(scratch: Scratch, steps: Steps, affected: Affected) -> str:
    """Find the stored calls whose order columns differ now; '' when there is none."""
    ordered = listed(_ORDERED, "s")
    changed = scratch.table(
        "changed",
        f"SELECT h.call_id, h.started_at, {ordered} FROM {affected.history} AS h"
        f' JOIN {steps.dials} AS s ON s."row" = -1 - h.rowid'
        f" WHERE ({ordered}) IS DISTINCT FROM ({listed(_ORDERED, 'h')})",
    )
    if scratch.count(changed):
        return changed
    scratch.drop([changed])
    return ""


def _with_order(scratch: Scratch, changed: str, views: Mapping[str, str]) -> str:
    """Write the select of the stored calls that got other order columns."""
    low, high = scratch.row(
        f"SELECT min(epoch_us(started_at)), max(epoch_us(started_at)) FROM {changed}"
    )
    values = {column.name: f"b.{column.name}" for column in CALLS.columns}
    values |= {name: f"s.{name}" for name in _ORDERED}
    return (
        f"SELECT {typed(CALLS, values)} FROM {views['calls']} AS b"
        f" JOIN {changed} AS s ON s.call_id = b.call_id WHERE b.started_at"
        f" BETWEEN make_timestamptz({low}) AND make_timestamptz({high})"
    )
