"""Which attempt was this dial, which contact, how soon after others, and against whose wish?

A party's dials are ordered by time, then by call_id. The day before a dial is a sliding window of
24 hours, not a calendar day.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgauge.prepare.affected import DIAL, PARTY, STOP, Affected
from dialgauge.prepare.scratch import DAY_US, Scratch

_COLUMNS = "call_id, epoch_us(started_at) AS at_us, contact IS TRUE AS contact"


@dataclass(frozen=True, slots=True)
class Steps:
    """The ordered dials of a batch's parties; each field names a relation.

    Attributes:
        dials: row, party, started_at, call_id, contact, converted, attempt, contact_number,
            contacts_before, recent_dials, do_not_call_since. `row` is the batch's `_row`; below 0
            it is -1 - rowid of a stored call in `Affected.history`. Numbers are kept in few bytes,
            for large batches must not outgrow memory.
        stops: party, first ({at_us, call_id}): its earliest request to stop.
    """

    dials: str
    stops: str


def order_dials(scratch: Scratch, batch: str, affected: Affected | None) -> Steps:
    """Order the dials of the batch and of the history it must be seen with.

    Args:
        scratch: Where relations are made.
        batch: Relation of calls.
        affected: What the lake knows; None when it has no calls.
    """
    stops = _stops(scratch, batch, affected)
    has_stops = bool(scratch.count(stops))
    since = "NULL::TIMESTAMPTZ"
    joins = ""
    if has_stops:
        since = (
            "CASE WHEN q.first < {'at_us': w.at_us, 'call_id': w.call_id}"
            " THEN make_timestamptz(q.first.at_us) END"
        )
        joins += f" LEFT JOIN {stops} AS q ON q.party = w.party"
    base_dials = base_contacts = "0"
    if affected is not None:
        base_dials, base_contacts = "coalesce(k.base_dials, 0)", "coalesce(k.base_contacts, 0)"
        joins += f" LEFT JOIN {affected.kept} AS k ON k.party_id = w.party"
    dials = scratch.table(
        "dials",
        "SELECT w.row, w.party, make_timestamptz(w.at_us) AS started_at, w.call_id, w.contact,"
        f" w.converted, CAST(w.place + {base_dials} AS INTEGER) AS attempt,"
        f" CAST(CASE WHEN w.contact THEN w.reached + {base_contacts} END AS INTEGER)"
        " AS contact_number,"
        f" CAST(w.reached + {base_contacts} - w.contact::BIGINT AS INTEGER) AS contacts_before,"
        " CAST(w.place - 1 - w.stale AS INTEGER) AS recent_dials,"
        f" {since} AS do_not_call_since"
        f" FROM ({_windows(batch, affected)}) AS w {joins} WHERE w.row IS NOT NULL",
    )
    return Steps(dials, stops)


def _windows(batch: str, affected: Affected | None) -> str:
    return (
        "SELECT *, row_number() OVER ordered AS place,"
        " count(*) FILTER (contact) OVER (ordered ROWS UNBOUNDED PRECEDING) AS reached,"
        " count(*) OVER (PARTITION BY party ORDER BY at_us"
        f" RANGE BETWEEN UNBOUNDED PRECEDING AND {DAY_US} PRECEDING) AS stale"
        f" FROM ({_moves(batch, affected)})"
        " WINDOW ordered AS (PARTITION BY party ORDER BY at_us, call_id)"
    )


def _moves(batch: str, affected: Affected | None) -> str:
    moves = (
        f"SELECT _row AS row, {PARTY} AS party, {_COLUMNS}, converted IS TRUE AS converted"
        f" FROM {batch} WHERE {DIAL} AND {PARTY} IS NOT NULL"
    )
    if affected is not None:
        moves += (
            f" UNION ALL SELECT -1 - rowid, party_id, {_COLUMNS}, converted IS TRUE"
            f" FROM {affected.history} WHERE {DIAL}"
            # These are all earlier than the batch, so their call_id never breaks a tie.
            f" UNION ALL SELECT NULL, party, '', at_us, contact IS TRUE, false"
            f" FROM {affected.recent}"
        )
    return moves


def _stops(scratch: Scratch, batch: str, affected: Affected | None) -> str:
    request = "{'at_us': epoch_us(started_at), 'call_id': call_id} AS request"
    requests = (
        f"SELECT {PARTY} AS party, {request} FROM {batch} WHERE {STOP} AND {PARTY} IS NOT NULL"
    )
    if affected is not None:
        requests += (
            f" UNION ALL SELECT party_id, {request} FROM {affected.history} WHERE {STOP}"
            " UNION ALL SELECT party_id, {'at_us': epoch_us(do_not_call_at), 'call_id': ''}"
            f" FROM {affected.kept} WHERE do_not_call_at IS NOT NULL"
        )
    return scratch.table(
        "stops", f"SELECT party, min(request) AS first FROM ({requests}) GROUP BY party"
    )
