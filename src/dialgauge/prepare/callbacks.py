"""Was the call we promised made?

A promise is kept by the party's first dial between 5 minutes before and 30 minutes after it was
due, if that dial is later than the call on which it was given.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialgauge.prepare.affected import DIAL, PARTY, PROMISE, Affected
from dialgauge.prepare.attempts import Steps
from dialgauge.prepare.changes import changed_rows, typed
from dialgauge.prepare.scratch import Scratch, listed
from dialgauge.tables.callbacks import CALLBACKS
from dialgauge.tables.storage import empty_select

EARLY_US = 5 * 60_000_000
LATE_US = 30 * 60_000_000

_COPIED = ("campaign_id", "list_id", "agent_id", "region", "country", "timezone", "source")


def callbacks(
    scratch: Scratch,
    batch: str,
    steps: Steps,
    affected: Affected | None,
    views: Mapping[str, str],
) -> str:
    """Make the callbacks that are new, different or gone.

    Args:
        scratch: Where relations are made.
        batch: Relation of calls.
        steps: The ordered dials.
        affected: What the lake knows; None when it has no calls.
        views: The lake's views.

    Returns:
        The name of a relation with the columns of the callbacks table.
    """
    if affected is None:
        promises = scratch.table("promises", _given(batch, affected))
        result = scratch.table("callbacks", _rows(scratch, promises, steps))
        scratch.drop([promises])
        return result
    still_open = _still_open(scratch, batch, affected, views)
    names = listed(CALLBACKS.types)
    stored = scratch.table(
        "stored",
        f"SELECT {names} FROM {views['callbacks']}"
        f" WHERE party_id IN (SELECT party FROM {affected.slow})"
        f" OR call_id IN (SELECT call_id FROM {affected.updated})"
        f" UNION ALL SELECT {names} FROM {still_open}",
    )
    promises = scratch.table(
        "promises",
        f"{_given(batch, affected)} UNION ALL SELECT party_id, call_id, given_us,"
        f" epoch_us(due_at), {listed(_COPIED)} FROM {still_open}",
    )
    rows = scratch.table("kept", _rows(scratch, promises, steps))
    result = changed_rows(scratch, CALLBACKS, rows, stored)
    scratch.drop([promises, stored, rows, still_open])
    return result


def _rows(scratch: Scratch, promises: str, steps: Steps) -> str:
    if not scratch.count(promises):
        return empty_select(CALLBACKS)
    at_us = "epoch_us(d.started_at)"
    values = {name: f"p.{name}" for name in _COPIED}
    values |= {
        "call_id": "p.call_id",
        "due_at": "make_timestamptz(p.due_us)",
        "dialled_at": "min(d.started_at)",
        "party_id": "p.party",
    }
    return (
        f"SELECT {typed(CALLBACKS, values)} FROM {promises} AS p LEFT JOIN {steps.dials} AS d"
        " ON d.party = p.party"
        f" AND {at_us} BETWEEN p.due_us - {EARLY_US} AND p.due_us + {LATE_US}"
        f" AND ({at_us} > p.given_us OR {at_us} = p.given_us AND d.call_id > p.call_id)"
        " GROUP BY ALL"
    )


def _given(batch: str, affected: Affected | None) -> str:
    """Write the query of the batch's promises and those of parties to be worked out again."""
    columns = (
        "call_id, epoch_us(started_at) AS given_us, epoch_us(callback_at) AS due_us,"
        f" {listed(_COPIED)}"
    )
    select = f"SELECT {PARTY} AS party, {columns} FROM {batch} WHERE {PROMISE}"
    if affected is not None:
        select += f" UNION ALL SELECT party_id, {columns} FROM {affected.history} WHERE {PROMISE}"
    return select


def _still_open(scratch: Scratch, batch: str, affected: Affected, views: Mapping[str, str]) -> str:
    """Find stored promises that nobody kept and that a dial of the batch may keep.

    Parties to be worked out again are left out. Of all others a new dial is later than every
    stored one, so a promise that is kept already stays as it is.
    """
    dials = f"{batch} WHERE {DIAL} AND {PARTY} IS NOT NULL"
    first, last, count = scratch.row(
        f"SELECT min(epoch_us(started_at)), max(epoch_us(started_at)), count(*) FROM {dials}"
    )
    if not count:
        return scratch.table("open", f"SELECT *, 0 AS given_us FROM ({empty_select(CALLBACKS)})")
    # A promise given before the first dial of the batch precedes them all: only younger ones
    # are looked up, so that older calls are not read.
    return scratch.table(
        "open",
        f"SELECT o.*, coalesce(y.given_us, {first} - 1) AS given_us"
        f" FROM (SELECT * FROM {views['callbacks']} WHERE dialled_at IS NULL"
        f" AND due_at BETWEEN make_timestamptz({first - LATE_US})"
        f" AND make_timestamptz({last + EARLY_US})"
        f" AND party_id IN (SELECT {PARTY} FROM {dials})"
        f" AND party_id NOT IN (SELECT party FROM {affected.slow})"
        f" AND call_id NOT IN (SELECT call_id FROM {affected.updated})) AS o"
        f" LEFT JOIN (SELECT call_id, epoch_us(started_at) AS given_us FROM {views['calls']}"
        f" WHERE {PROMISE} AND started_at >= make_timestamptz({first})) AS y"
        " ON y.call_id = o.call_id",
    )
