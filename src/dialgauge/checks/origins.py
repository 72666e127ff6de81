"""From which columns does `prepare` work out each derived one?

So that a check of what was imported knows the KPIs that read what follows from it. A column with
`>` and a table stands for what is looked up there by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COPIED_FROM_CALL = ("campaign_id", "list_id", "region", "country", "timezone", "source")
_DIALS = ("calls.party_id", "calls.started_at", "calls.direction", "calls.test")
_CONTACTS = (*_DIALS, "calls.contact")
_CONVERTED = (*_CONTACTS, "calls.converted")
_CREDIT = (
    "orders.call_id>calls",
    "orders.deal_id>deals",
    "orders.credited_lead_id",
    "calls.contact",
)
_REVIEWED = tuple(
    f"reviews.{name}" for name in ("score", "max_score", "weight", "state", "auto_fail")
)
_SPENT = ("orders.customer_id", "orders.value")
_BEGAN = ("customers.acquired_at", "orders.customer_id", "orders.ordered_at")


def _of(table: str, **columns: str | tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Write where columns of a table come from; names without a table are of the table itself."""
    found = {}
    for column, named in columns.items():
        names = named.split() if isinstance(named, str) else named
        found[f"{table}.{column}"] = tuple(
            name if "." in name else f"{table}.{name}" for name in names
        )
    return found


def _same(table: str, other: str, names: str, via: str = "") -> dict[str, tuple[str, ...]]:
    """Write that columns are copied from another table, looked up by a column of the table."""
    through = (f"{table}.{via}>{other}",) if via else ()
    return {f"{table}.{name}": (f"{other}.{name}", *through) for name in names.split()}


def _assigned(unit: str) -> dict[str, tuple[str, ...]]:
    """Write where the columns of what a unit is in come from."""
    columns = {
        "place_id": ("assignments.unit_id", "assignments.unit"),
        f"{unit}_id": ("assignments.unit_id", "assignments.unit"),
        "asked_experiment": ("assignments.experiment",),
        "experiment": ("assignments.experiment",),
        "variant": ("assignments.variant",),
        "assigned_at": ("assignments.assigned_at",),
        "several_at": ("assignments.assigned_at", "assignments.experiment"),
    }
    return _of(f"{unit}_experiments", **columns)


ORIGINS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **_of(
            "calls",
            party_id="lead_id phone_token",
            local_hour="timezone leads.timezone",
            local_weekday="timezone leads.timezone",
            attempt=_DIALS,
            contact_number=_CONTACTS,
            recent_dials=_DIALS,
            do_not_call_since=(*_DIALS, "calls.do_not_call"),
        ),
        **_same("journeys", "calls", " ".join(_COPIED_FROM_CALL)),
        **_of(
            "journeys",
            party_id="calls.party_id",
            first_dial_at=_DIALS,
            last_dial_at=_DIALS,
            dials=_DIALS,
            contacts=_CONTACTS,
            first_contact_at=_CONTACTS,
            attempts_to_contact=_CONTACTS,
            second_contact_at=_CONTACTS,
            dialled_after_contact_at=_CONTACTS,
            converted_at=_CONVERTED,
            converted_on_first_contact=_CONVERTED,
            converted_later_at=_CONVERTED,
            do_not_call_at=(*_DIALS, "calls.do_not_call"),
            agent_id=("calls.agent_id", *_CONTACTS),
        ),
        **_same("callbacks", "calls", f"call_id party_id agent_id {' '.join(_COPIED_FROM_CALL)}"),
        **_of("callbacks", due_at="calls.callback_at", dialled_at=_DIALS),
        **_of(
            "deals",
            value="amount currency currencies.rate",
            value_currency="currency",
        ),
        **_of(
            "stages",
            party_id="deal_id lead_id",
            ended_at="left_at entered_at deal_id>deals deals.closed_at",
            forward="ended_at position deal_id>deals deals.status",
            deal_lead_id="lead_id deal_id>deals deals.lead_id",
            deal_agent_id="deal_id>deals deals.agent_id",
            norm_id="pipeline stage",
        ),
        **_of(
            "stage_norms",
            norm_id="stages.norm_id",
            visits="stages.ended_at deals.status",
            usual_s="stages.ended_at stages.entered_at deals.status",
        ),
        **_of(
            "orders",
            value="amount refunded currency currencies.rate",
            margin_value="margin amount refunded currency currencies.rate",
            value_currency="currency",
            credited_lead_id="lead_id call_id>calls deal_id>deals customer_id>customers",
            credited_by=("orders.agent_id", "orders.campaign_id", *_CREDIT),
            credited_call_id=("orders.call_id", *_CREDIT),
            credited_agent_id=("orders.agent_id", *_CREDIT, "calls.agent_id"),
            credited_campaign_id=("orders.campaign_id", *_CREDIT, "calls.campaign_id"),
            credited_list_id=(*_CREDIT, "calls.list_id"),
            credited_script=(*_CREDIT, "calls.script"),
        ),
        **_of(
            "lifetimes",
            customer_id="customers.customer_id orders.customer_id",
            acquired_at=_BEGAN,
            cohort=_BEGAN,
            ended_at="customers.churned_at orders.ordered_at",
            first_order_at="orders.ordered_at orders.customer_id",
            first_order_on="orders.ordered_at orders.customer_id",
            second_order_at="orders.ordered_at orders.customer_id",
            last_order_at="orders.ordered_at orders.customer_id",
            orders=_SPENT,
            order_days="orders.ordered_at orders.customer_id",
            value=_SPENT,
            margin_value=(*_SPENT, "orders.margin_value"),
            worth=(*_SPENT, "orders.margin_value"),
            repeat_worth=(*_SPENT, "orders.margin_value"),
            unconverted=_SPENT,
            value_currency="orders.value_currency",
            lead_id="customers.lead_id orders.credited_lead_id",
            campaign_id="orders.credited_campaign_id leads.campaign_id customers.lead_id>leads",
            list_id="orders.credited_list_id leads.list_id customers.lead_id>leads",
            agent_id="orders.credited_agent_id",
            product="orders.product",
            source="customers.source orders.source",
        ),
        **_same(
            "active_spells", "lifetimes", "customer_id lead_id campaign_id list_id agent_id source"
        ),
        **_of(
            "active_spells",
            spell_id="customer_id",
            started_at="lifetimes.acquired_at",
            ended_at="lifetimes.ended_at",
        ),
        **_same("cost_shares", "costs", "cost_id category starts_on currency amount source"),
        **_of(
            "cost_shares",
            share_id="cost_id",
            ends_on="costs.ends_on costs.starts_on",
            value="costs.amount costs.currency currencies.rate",
            value_currency="costs.currency",
            campaign_id="costs.campaign_id costs.allocate_by calls.campaign_id",
            list_id="costs.allocate_by calls.list_id",
            lead_source="costs.lead_source costs.allocate_by calls.lead_id>leads",
            agent_id="costs.agent_id costs.allocate_by calls.agent_id",
            team="costs.team costs.allocate_by calls.agent_id>agents",
            shared_by="costs.allocate_by",
        ),
        **_same("surveys", "calls", "campaign_id list_id product script", "call_id"),
        **_of(
            "surveys",
            called_at="call_id>calls calls.started_at",
            about_agent_id="agent_id call_id>calls calls.agent_id",
            lead_id="call_id>calls calls.lead_id customers.lead_id",
        ),
        **_same(
            "conversations",
            "calls",
            "started_at direction test campaign_id list_id lead_id agent_id product script"
            " local_hour local_weekday converted",
            "call_id",
        ),
        **_of(
            "reviews",
            score_id="review_id",
            reviewed_agent_id="agent_id call_id>calls calls.agent_id",
            lead_id="call_id>calls calls.lead_id",
            called_at="call_id>calls calls.started_at",
        ),
        **_same("scores", "calls", "campaign_id list_id lead_id product script", "call_id"),
        **_same("scores", "reviews", "review_id call_id reviewed_at scorecard kind source"),
        **_of(
            "scores",
            earned=_REVIEWED,
            possible=_REVIEWED,
            raw_score=_REVIEWED,
            auto_failed=_REVIEWED,
            score=_REVIEWED,
            passed=_REVIEWED,
            superseded="reviews.kind reviews.call_id",
            agent_id="reviews.agent_id call_id>calls calls.agent_id",
            called_at="call_id>calls calls.started_at",
        ),
        **_of("reviewed_calls", call_id="reviews.call_id", reviews="reviews.call_id reviews.kind"),
        **_assigned("lead"),
        **_assigned("agent"),
        **_assigned("call"),
    }
)
"""Derived column to the columns it follows from, all as `table.column`."""
