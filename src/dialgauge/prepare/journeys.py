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

_FIRST_DIAL = ("campaign_id", "list_id", "region", "country", "timezone", "source")

# Two groupings, since few dials reach anyone and each aggregate over all dials costs.
_MILESTONES = """
    SELECT a.*, r.* EXCLUDE (party)
    FROM (
        SELECT party,
            min(at_us) AS first_dial_at,
            max(at_us) AS last_dial_at,
            max(attempt) AS dials,
            min("row") FILTER (attempt = 1) AS first_row
        FROM {dials} GROUP BY party
    ) AS a LEFT JOIN (
        SELECT party,
            max(contacts_before + contact::BIGINT) AS contacts,
            min(at_us) FILTER (contact_number = 1) AS first_contact_at,
            min(attempt) FILTER (contact_number = 1) AS attempts_to_contact,
            min(at_us) FILTER (contact_number = 2) AS second_contact_at,
            min(at_us) FILTER (contacts_before > 0) AS dialled_after_contact_at,
            min(at_us) FILTER (converted) AS converted_at,
            bool_or(converted) FILTER (contact_number = 1) AS converted_on_first_contact,
            min(at_us) FILTER (converted AND contacts_before > 0) AS converted_later_at,
            min("row") FILTER (contact_number = 1) AS contact_row
        FROM {dials} WHERE contact OR converted OR contacts_before > 0 GROUP BY party
    ) AS r ON r.party = a.party
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
    milestones = _MILESTONES.format(dials=steps.dials)
    if affected is None:
        return scratch.table("journeys", _select(f"({milestones}) AS m", origin, steps, kept=False))
    source = f"({milestones}) AS m FULL JOIN {affected.kept} AS k ON k.party_id = m.party"
    rows = scratch.view("journeys", _select(source, origin, steps, kept=True))
    changed = changed_rows(scratch, JOURNEYS, rows, affected.prior)
    scratch.drop([rows])
    return changed


def _select(source: str, origin: str, steps: Steps, *, kept: bool) -> str:
    party = "coalesce(m.party, k.party_id)" if kept else "m.party"

    def first(name: str, found: str) -> str:
        return f"coalesce(k.{name}, {found})" if kept else found

    def moment(name: str) -> str:
        return first(name, f"make_timestamptz(m.{name})")

    values = {
        "party_id": party,
        "last_dial_at": (
            "greatest(k.last_dial_at, make_timestamptz(m.last_dial_at))"
            if kept
            else "make_timestamptz(m.last_dial_at)"
        ),
        "dials": "coalesce(m.dials, k.dials)" if kept else "m.dials",
        "contacts": "coalesce(m.contacts, k.contacts, 0)" if kept else "coalesce(m.contacts, 0)",
        "attempts_to_contact": first("attempts_to_contact", "m.attempts_to_contact"),
        "converted_on_first_contact": first(
            "converted_on_first_contact", "m.converted_on_first_contact"
        ),
        "do_not_call_at": "make_timestamptz(q.first.at_us)",
        "agent_id": (
            "CASE WHEN k.first_contact_at IS NULL THEN c.agent_id ELSE k.agent_id END"
            if kept
            else "c.agent_id"
        ),
    }
    values |= {
        name: moment(name)
        for name in (
            "first_dial_at",
            "first_contact_at",
            "second_contact_at",
            "dialled_after_contact_at",
            "converted_at",
            "converted_later_at",
        )
    }
    values |= {
        name: f"CASE WHEN k.party_id IS NULL THEN f.{name} ELSE k.{name} END"
        if kept
        else f"f.{name}"
        for name in _FIRST_DIAL
    }
    return (
        f"SELECT {typed(JOURNEYS, values)} FROM {source}"
        f' LEFT JOIN {origin} AS f ON f."row" = m.first_row'
        f' LEFT JOIN {origin} AS c ON c."row" = m.contact_row'
        f" LEFT JOIN {steps.stops} AS q ON q.party = {party}"
    )
