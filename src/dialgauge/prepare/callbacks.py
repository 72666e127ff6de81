"""Was the call we promised made?

A promise is kept by the party's first dial between 5 minutes before and 30 minutes after it was
due, if that dial is later than the call on which it was given.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialgauge.prepare.affected import DIAL, PARTY, PROMISE, Affected
from dialgauge.prepare.attempts import Steps
from dialgauge.prepare.changes import changed_rows, typed
from dialgauge.prepare.scratch import Scratch
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
        batch: Base table of calls.
        steps: The ordered dials.
        affected: What the lake knows; None when it has no calls.
        views: The lake's views.

    Returns:
        The name of a relation with the columns of the callbacks table.
    """
    promises = _given(scratch, batch, affected)
    stored = _stored(scratch, batch, affected, views)
    _reopen(scratch, promises, stored, affected, batch, views)
    if not scratch.count(promises) and not scratch.count(stored):
        scratch.drop([promises, stored])
        return scratch.table("callbacks", empty_select(CALLBACKS))
    values = {name: f"p.{name}" for name in _COPIED}
    values |= {
        "call_id": "p.call_id",
        "due_at": "make_timestamptz(p.due_us)",
        "dialled_at": "make_timestamptz(min(d.at_us))",
        "party_id": "p.party",
    }
    rows = scratch.table(
        "kept",
        f"SELECT {typed(CALLBACKS, values)} FROM {promises} AS p LEFT JOIN {steps.dials} AS d"
        " ON d.party = p.party"
        f" AND d.at_us BETWEEN p.due_us - {EARLY_US} AND p.due_us + {LATE_US}"
        " AND (d.at_us > p.at_us OR d.at_us = p.at_us AND d.call_id > p.call_id)"
        " GROUP BY ALL",
    )
    result = changed_rows(scratch, CALLBACKS, rows, stored)
    scratch.drop([promises, stored, rows])
    return result


def _given(scratch: Scratch, batch: str, affected: Affected | None) -> str:
    """Collect promises of the batch and of parties to be worked out again."""
    columns = (
        "call_id, epoch_us(started_at) AS at_us, epoch_us(callback_at) AS due_us, "
        + ", ".join(_COPIED)
    )
    select = f"SELECT {PARTY} AS party, {columns} FROM {batch} WHERE {PROMISE}"
    if affected is not None:
        select += f" UNION ALL SELECT party_id, {columns} FROM {affected.history} WHERE {PROMISE}"
    return scratch.table("promises", select)


def _stored(
    scratch: Scratch, batch: str, affected: Affected | None, views: Mapping[str, str]
) -> str:
    """Read the stored callbacks that may differ now."""
    if affected is None:
        return scratch.table("stored", empty_select(CALLBACKS))
    low, high, dials = scratch.row(
        f"SELECT min(epoch_us(started_at)) - {LATE_US}, max(epoch_us(started_at)) + {EARLY_US},"
        f" count(*) FROM {batch} WHERE {DIAL} AND {PARTY} IS NOT NULL"
    )
    again = (
        f"party_id IN (SELECT party FROM {affected.slow})"
        f" OR call_id IN (SELECT call_id FROM {affected.updated})"
    )
    select = f"SELECT * FROM {views['callbacks']} WHERE {again}"
    if dials:
        # A dial later than all others of its party can only keep a promise nobody kept yet.
        select += (
            f" UNION SELECT * FROM {views['callbacks']} WHERE dialled_at IS NULL"
            f" AND due_at BETWEEN make_timestamptz({low}) AND make_timestamptz({high})"
            f" AND party_id IN (SELECT {PARTY} FROM {batch} WHERE {DIAL})"
        )
    return scratch.table("stored", select)


def _reopen(
    scratch: Scratch,
    promises: str,
    stored: str,
    affected: Affected | None,
    batch: str,
    views: Mapping[str, str],
) -> None:
    """Add stored promises that nobody kept and that a dial of the batch may keep."""
    if affected is None:
        return
    open_promises = (
        f"SELECT * FROM {stored} WHERE dialled_at IS NULL"
        f" AND party_id NOT IN (SELECT party FROM {affected.slow})"
        f" AND call_id NOT IN (SELECT call_id FROM {affected.updated})"
    )
    if not scratch.row(f"SELECT count(*) FROM ({open_promises})")[0]:
        return
    # Only a promise given after the batch began can be younger than a dial of the batch.
    (began,) = scratch.row(f"SELECT min(epoch_us(started_at)) FROM {batch} WHERE {DIAL}")
    young = (
        f"SELECT call_id, epoch_us(started_at) AS at_us FROM {views['calls']}"
        f" WHERE started_at >= make_timestamptz({began}) AND {PROMISE}"
    )
    columns = ", ".join(f"o.{name}" for name in _COPIED)
    scratch.con.execute(
        f"INSERT INTO {promises} SELECT o.party_id, o.call_id,"
        f" coalesce(y.at_us, {began} - 1), epoch_us(o.due_at), {columns}"
        f" FROM ({open_promises}) AS o LEFT JOIN ({young}) AS y ON y.call_id = o.call_id"
    )
