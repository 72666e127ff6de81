"""What has each customer been worth so far?

Made by `prepare` from customers and orders: one row for each customer of either table.
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup, Money
from dialgauge.model.measure import count, expected_value, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import agent_tenure

LIFETIMES = Table(
    name="lifetimes",
    key="customer_id",
    clock="acquired_at",
    derived=True,
    made_from="orders",
    meaning="Customers, with the milestones of their orders.",
    columns=(
        Column("customer_id", Type.TEXT, "The customer."),
        Column("acquired_at", Type.TIME, "As written, else its first order."),
        Column("cohort", Type.TEXT, "The UTC month it was acquired in, such as 2026-01."),
        Column("ended_at", Type.TIME, "When it left or, without orders, counts as gone."),
        Column("first_order_at", Type.TIME, "Its first order."),
        Column("first_order_on", Type.DATE, "The UTC day of its first order."),
        Column("second_order_at", Type.TIME, "Its second order."),
        Column("last_order_at", Type.TIME, "Its last order."),
        Column("orders", Type.INTEGER, "How many orders."),
        Column("order_days", Type.INTEGER, "On how many UTC days it ordered."),
        Column("value", Type.MONEY, "Its orders less refunds, in the lake's currency."),
        Column("margin_value", Type.MONEY, "The margin of those orders that tell it."),
        Column("worth", Type.MONEY, "Margin of orders that tell it, value of the others."),
        Column("repeat_worth", Type.MONEY, "The same of orders after its first day."),
        Column("unconverted", Type.INTEGER, "Orders in a currency without a rate."),
        Column("value_currency", Type.TEXT, "The currency of value."),
        Column("lead_id", Type.TEXT, "The lead it was."),
        Column("campaign_id", Type.TEXT, "The campaign that won it."),
        Column("list_id", Type.TEXT, "The list that won it."),
        Column("agent_id", Type.TEXT, "The agent who won it."),
        Column("product", Type.TEXT, "What it bought first."),
        Column("source", Type.TEXT, "The system it was read from."),
    ),
)

_90_DAYS = 90 * 86_400
_YEARS = "seconds_between(acquired_at, greatest(acquired_at, least(ended_at, now))) / 31557600"
"""Years of 365.25 days."""

LIFETIMES_FACT = Fact(
    table=LIFETIMES,
    clocks=("acquired_at", "first_order_at"),
    money=Money(missing="unconverted > 0"),
    lookups=(
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        Lookup(table="customers", on="customer_id"),
        Lookup(table="agents", on="agent_id"),
        *experiment_lookups(lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("acquired_at"),
        "region": "coalesce(customers.region, leads.region)",
        "country": "coalesce(customers.country, leads.country)",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "cohort": "cohort",
        "product": "product",
        **experiment_dimensions(lead="acquired_at", agent="acquired_at"),
        "source": "source",
    },
    measures={
        "acquired": count(),
        "first_bought_90_days_ago": count(clock="first_order_at", matures_in=_90_DAYS),
        "repeated_in_90_days": count(
            "second_order_at <= first_order_at + 90 days",
            clock="first_order_at",
            matures_in=_90_DAYS,
        ),
        "value": total("value"),
        "margin": total("margin_value", empty=None),
        "worth": total("coalesce(worth, 0)"),
        "years": total(_YEARS, empty=None),
        "lost": count("ended_at <= now"),
        "expected_value": expected_value("order_days >= 1"),
    },
)
