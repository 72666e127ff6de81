"""Which stored rows can a batch change, and which must be read?

A party all of whose new rows are later than its last dial needs its journey only (and the dials
of the day before). Any other party, with a late or a changed row, is read in full and worked out
again; so is a party that asked us to stop before it was ever dialled, since journeys do not know
it. Reading is one scan of narrow columns for all such parties together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from dialgauge.prepare.scratch import DAY_US, Scratch

PARTY = "coalesce(lead_id, 'phone:' || phone_token)"
"""Whom a call is about, in SQL."""

DIAL = "(direction = 'outbound' AND test IS NOT TRUE)"
STOP = "(do_not_call IS TRUE AND test IS NOT TRUE)"
PROMISE = "(callback_at IS NOT NULL AND test IS NOT TRUE)"
RELEVANT = f"(coalesce({DIAL}, false) OR {STOP} OR {PROMISE})"

ORIGIN = (
    "call_id",
    "campaign_id",
    "list_id",
    "agent_id",
    "region",
    "country",
    "timezone",
    "source",
)
"""What journeys and callbacks copy from a call."""

_ORDERED = ("attempt", "contact_number", "recent_dials", "do_not_call_since")


@dataclass(frozen=True, slots=True)
class Affected:
    """What the lake knows about the parties of a batch; each field names a relation.

    Attributes:
        updated: call_id and party of stored calls that the batch replaces.
        slow: party; those to be worked out from all their calls.
        prior: Journeys of all parties touched, as stored.
        kept: The part of prior that still holds and only grows, with dials and contacts already
            lessened by the rows of `recent`.
        history: Relevant stored calls of slow parties without the replaced ones.
        recent: party, at_us, contact: dials of kept journeys within a day before the batch.
    """

    updated: str
    slow: str
    prior: str
    kept: str
    history: str
    recent: str

    def drop(self, scratch: Scratch) -> None:
        """Forget all of it."""
        scratch.drop(getattr(self, field.name) for field in fields(self))


def find_affected(scratch: Scratch, batch: str, views: Mapping[str, str]) -> Affected | None:
    """Read from the lake what the batch's parties need; None when the lake has no calls.

    Args:
        scratch: Where relations are made.
        batch: Relation of calls.
        views: The lake's views.
    """
    calls = views["calls"]
    if not scratch.con.execute(f"SELECT 1 FROM {calls} LIMIT 1").fetchall():
        return None
    updated = _updated(scratch, batch, calls)
    touched = scratch.table(
        "touched",
        f"SELECT {PARTY} AS party, min(epoch_us(started_at)) AS first_us,"
        f" max(epoch_us(started_at)) AS last_us,"
        f" min(epoch_us(started_at)) FILTER ({DIAL}) AS first_dial_us"
        f" FROM {batch} WHERE {RELEVANT} AND {PARTY} IS NOT NULL GROUP BY 1",
    )
    prior = scratch.table(
        "prior",
        f"SELECT * FROM {views['journeys']} WHERE party_id IN"
        f" (SELECT party FROM {touched} UNION ALL SELECT party FROM {updated})",
    )
    slow = _slow(scratch, calls, touched, prior, updated)
    history = _history(scratch, calls, slow, updated)
    recent = _recent(scratch, calls, touched, prior, slow)
    kept = scratch.table(
        "kept",
        f"SELECT p.*, dials - coalesce(r.n, 0) AS base_dials,"
        f" contacts - coalesce(r.c, 0) AS base_contacts"
        f" FROM {prior} AS p LEFT JOIN"
        f" (SELECT party, count(*) AS n, count(*) FILTER (contact) AS c FROM {recent} GROUP BY 1)"
        f" AS r ON r.party = p.party_id WHERE p.party_id NOT IN (SELECT party FROM {slow})",
    )
    scratch.drop([touched])
    return Affected(updated, slow, prior, kept, history, recent)


def _updated(scratch: Scratch, batch: str, calls: str) -> str:
    """Find stored calls that are replaced; a party counts when its old or new row matters."""
    known = "WHERE _updated" if "_updated" in scratch.columns(batch) else ""
    keys = f"SELECT call_id, {PARTY} AS party, {RELEVANT} AS matters FROM {batch} {known}"
    if known and not scratch.row(f"SELECT count(*) FROM {batch} {known}")[0]:
        calls = f"(SELECT * FROM {calls} LIMIT 0)"
    return scratch.table(
        "updated",
        f"SELECT c.call_id, unnest([c.party_id, b.party]) AS party,"
        f" {RELEVANT} OR b.matters AS matters"
        f" FROM {calls} AS c JOIN ({keys}) AS b ON b.call_id = c.call_id",
    )


def _slow(scratch: Scratch, calls: str, touched: str, prior: str, updated: str) -> str:
    slow = scratch.table(
        "slow",
        f"SELECT party FROM {updated} WHERE matters AND party IS NOT NULL"
        f" UNION SELECT t.party FROM {touched} AS t JOIN {prior} AS p ON p.party_id = t.party"
        " WHERE t.first_us <= epoch_us(p.last_dial_at)"
        # A request of the very same instant is ordered by call_id, which journeys do not keep.
        " OR epoch_us(p.do_not_call_at) BETWEEN t.first_us AND t.last_us",
    )
    newcomers = scratch.table(
        "newcomers",
        f"SELECT party FROM {touched} WHERE first_dial_us IS NOT NULL"
        f" AND party NOT IN (SELECT party_id FROM {prior})",
    )
    if scratch.count(newcomers):
        scratch.con.execute(
            f"INSERT INTO {slow} SELECT DISTINCT party_id FROM {calls} WHERE {STOP}"
            f" AND party_id IN (SELECT party FROM {newcomers})"
            f" AND party_id NOT IN (SELECT party FROM {slow})"
        )
    scratch.drop([newcomers])
    return slow


def _history(scratch: Scratch, calls: str, slow: str, updated: str) -> str:
    columns = (
        *ORIGIN,
        *("started_at", "direction", "test", "contact", "converted", "do_not_call", "callback_at"),
        *("party_id", *_ORDERED),
    )
    source = calls if scratch.count(slow) else f"(SELECT * FROM {calls} LIMIT 0)"
    return scratch.table(
        "history",
        f"SELECT {', '.join(columns)} FROM {source} WHERE {RELEVANT}"
        f" AND party_id IN (SELECT party FROM {slow})"
        f" AND call_id NOT IN (SELECT call_id FROM {updated})",
    )


def _recent(scratch: Scratch, calls: str, touched: str, prior: str, slow: str) -> str:
    near = (
        f"SELECT t.party, t.first_dial_us - {DAY_US} AS from_us, epoch_us(p.last_dial_at) AS to_us"
        f" FROM {touched} AS t JOIN {prior} AS p ON p.party_id = t.party"
        f" WHERE to_us > from_us AND t.party NOT IN (SELECT party FROM {slow})"
    )
    parties, low, high = scratch.row(f"SELECT count(*), min(from_us), max(to_us) FROM ({near})")
    # Constants, so that files and row groups of other days are never opened.
    window = f"started_at BETWEEN make_timestamptz({low}) AND make_timestamptz({high})"
    source = f"(SELECT * FROM {calls} {'WHERE ' + window if parties else 'LIMIT 0'})"
    return scratch.table(
        "recent",
        f"SELECT party_id AS party, epoch_us(started_at) AS at_us, contact FROM {source}"
        f" WHERE {DIAL} AND party_id IN (SELECT party FROM ({near}))",
    )
