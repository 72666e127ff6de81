"""How did each party's dials unfold?

One row a dialled party. The milestones of a kept journey stand, later dials only add to them;
every other journey is read off all the party's dials.
"""

from __future__ import annotations

from dialgauge.prepare.affected import Affected
from dialgauge.prepare.attempts import Steps
from dialgauge.prepare.changes import changed_rows, typed
from dialgauge.prepare.scratch import Scratch
from dialgauge.tables.journeys import JOURNEYS

_OF_FIRST_DIAL = ("campaign_id", "list_id", "region", "country", "timezone", "source")
_MILESTONES = """
    SELECT party,
        min(started_at) AS first_dial_at,
        max(started_at) AS last_dial_at,
        max(attempt) AS dials,
        max(contacts_before + contact::BIGINT) AS contacts,
        min(started_at) FILTER (contact_number = 1) AS first_contact_at,
        min(attempt) FILTER (contact_number = 1) AS attempts_to_contact,
        min(started_at) FILTER (contact_number = 2) AS second_contact_at,
        min(started_at) FILTER (contacts_before > 0) AS dialled_after_contact_at,
        min(started_at) FILTER (converted) AS converted_at,
        bool_or(converted) FILTER (contact_number = 1) AS converted_on_first_contact,
        min(started_at) FILTER (converted AND contacts_before > 0) AS converted_later_at,
        min("row") FILTER (attempt = 1) AS first_row,
        min("row") FILTER (contact_number = 1) AS contact_row
    FROM {dials} GROUP BY party
"""


def journeys(scratch: Scratch, origin: str, steps: Steps, affected: Affected | None) -> str:
    """Make the journeys that are new, different or gone.

    Args:
        scratch: Where the result is made.
        origin: Relation of the calls with `row` as in `Steps`.
        steps: The ordered dials.
        affected: What the lake knows; None when it has no calls.

    Returns:
        The name of a relation with the columns of the journeys table.
    """
    milestones = f"({_MILESTONES.format(dials=steps.dials)}) AS m"
    fresh = _fresh()
    if affected is None:
        return scratch.table("journeys", _select(milestones, fresh, origin, steps))
    grown = {name: _grown(name, found) for name, found in fresh.items()}
    source = f"{milestones} FULL JOIN {affected.kept} AS k ON k.party_id = m.party"
    rows = scratch.view("journeys", _select(source, grown, origin, steps))
    changed = changed_rows(scratch, JOURNEYS, rows, affected.prior)
    scratch.drop([rows])
    return changed


def _select(source: str, values: dict[str, str], origin: str, steps: Steps) -> str:
    return (
        f"SELECT {typed(JOURNEYS, values)} FROM {source}"
        f' LEFT JOIN {origin} AS f ON f."row" = m.first_row'
        # Only contacts are looked up there, which are few beside all calls.
        f' LEFT JOIN (FROM {origin} WHERE contact) AS c ON c."row" = m.contact_row'
        f" LEFT JOIN {steps.stops} AS q ON q.party = {values['party_id']}"
    )


def _fresh() -> dict[str, str]:
    """Write each column as the dials at hand tell it."""
    values = {name: f"m.{name}" for name in JOURNEYS.types}
    values |= {name: f"f.{name}" for name in _OF_FIRST_DIAL}
    return values | {
        "party_id": "m.party",
        "agent_id": "c.agent_id",
        "do_not_call_at": "make_timestamptz(q.first.at_us)",
    }


def _grown(name: str, fresh: str) -> str:
    """Write a column of a journey that may stand already and to which later dials are added."""
    if name == "do_not_call_at":  # the requests at hand include the stored one
        return fresh
    if name in {"last_dial_at", "dials", "contacts"}:
        return f"coalesce({fresh}, k.{name})"
    if name == "agent_id":
        return f"CASE WHEN k.first_contact_at IS NULL THEN {fresh} ELSE k.{name} END"
    if name in _OF_FIRST_DIAL:
        return f"CASE WHEN k.party_id IS NULL THEN {fresh} ELSE k.{name} END"
    return f"coalesce(k.{name}, {fresh})"
