"""How did each lead's calls unfold?

Made by `prepare` from outbound calls that are not tests: one row for each lead that was dialled
(for each phone token where calls name no lead).
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count, median, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups

JOURNEYS = Table(
    name="journeys",
    key="party_id",
    clock="first_dial_at",
    by_month=True,
    derived=True,
    made_from="calls",
    meaning="Leads that were dialled, with the milestones of their calls.",
    columns=(
        Column("party_id", Type.TEXT, "The lead, else the phone token."),
        Column("first_dial_at", Type.TIME, "When it was first dialled."),
        Column("last_dial_at", Type.TIME, "When it was last dialled."),
        Column("dials", Type.INTEGER, "How often it was dialled."),
        Column("contacts", Type.INTEGER, "How often a conversation took place."),
        Column("first_contact_at", Type.TIME, "When it was first reached."),
        Column("attempts_to_contact", Type.INTEGER, "The attempt that reached it."),
        Column("second_contact_at", Type.TIME, "When it was reached again."),
        Column("dialled_after_contact_at", Type.TIME, "First dial after the first contact."),
        Column("converted_at", Type.TIME, "First call that converted it."),
        Column("converted_on_first_contact", Type.BOOL, "Its first contact converted it."),
        Column("converted_later_at", Type.TIME, "First conversion after the first contact."),
        Column("do_not_call_at", Type.TIME, "First request on a call not to be called."),
        Column("campaign_id", Type.TEXT, "The campaign of its first dial."),
        Column("list_id", Type.TEXT, "The list of its first dial."),
        Column("region", Type.TEXT, "Where it was at its first dial."),
        Column("country", Type.TEXT, "The country of its first dial."),
        Column("timezone", Type.TEXT, "The zone of its first dial."),
        Column("agent_id", Type.TEXT, "The agent of its first contact, NULL before."),
        Column("source", Type.TEXT, "The system of its first dial."),
    ),
)

_30_DAYS = 30 * 86_400
_CONTACTED = "first_contact_at is not null"

JOURNEYS_FACT = Fact(
    table=JOURNEYS,
    clocks=("first_dial_at", "first_contact_at"),
    lookups=(
        Lookup(table="leads", on="party_id"),
        Lookup(table="agents", on="agent_id"),
        *experiment_lookups(lead="party_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "region": "region",
        "country": "country",
        "timezone": "timezone",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "agent": "agent_id",
        "team": "agents.team",
        **experiment_dimensions(lead="first_dial_at"),
        "source": "source",
    },
    measures={
        "dialled": count(),
        "never_contacted": count("first_contact_at is null"),
        "contacted": count(_CONTACTED, clock="first_contact_at"),
        "attempts_to_contact": total(
            "attempts_to_contact", _CONTACTED, clock="first_contact_at", empty=None
        ),
        "median_attempts_to_contact": median(
            "attempts_to_contact", _CONTACTED, clock="first_contact_at"
        ),
        "closed_on_first_contact": count("converted_on_first_contact", clock="first_contact_at"),
        "contacted_30_days_ago": count(_CONTACTED, clock="first_contact_at", matures_in=_30_DAYS),
        "reached_again_in_30_days": count(
            "second_contact_at <= first_contact_at + 30 days",
            clock="first_contact_at",
            matures_in=_30_DAYS,
        ),
        "followed_up": count(
            f"{_CONTACTED} and dialled_after_contact_at is not null", clock="first_contact_at"
        ),
        "converted_on_follow_up": count(
            f"{_CONTACTED} and converted_later_at is not null", clock="first_contact_at"
        ),
    },
)
