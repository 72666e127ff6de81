"""What was bought, and whose work was it?

`prepare` credits each order to a call, an agent, a campaign and a list: what the order names
itself comes first, then the call and the deal it names, then the last contact with its lead
before it (see `attribution_days` in dialgauge.toml).
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup, Money
from dialgauge.model.measure import count, distinct, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import CURRENCY, SOURCE, VALUE_CURRENCY, agent_tenure

ORDER_KINDS = ("new", "repeat", "cross_sell", "up_sell", "renewal")

CREDITED_BY = ("order", "call", "deal", "last contact", "nothing")

ORDERS = Table(
    name="orders",
    key="order_id",
    clock="ordered_at",
    by_month=True,
    meaning="Purchases, one row each.",
    columns=(
        Column("order_id", Type.TEXT, "Names the order."),
        Column("customer_id", Type.TEXT, "Who bought."),
        Column("lead_id", Type.TEXT, "The lead who bought."),
        Column("deal_id", Type.TEXT, "The deal it closed."),
        Column("call_id", Type.TEXT, "The call it was made on."),
        Column("agent_id", Type.TEXT, "The agent it is credited to."),
        Column("campaign_id", Type.TEXT, "The campaign it is credited to."),
        Column("ordered_at", Type.TIME, "When it was made."),
        Column("amount", Type.MONEY, "What was to be paid."),
        Column("margin", Type.MONEY, "What of it is left after the goods."),
        CURRENCY,
        Column("kind", Type.TEXT, "What kind of order.", ORDER_KINDS),
        Column("product", Type.TEXT, "What was bought."),
        Column("refunded", Type.MONEY, "What was paid back; true stands for all of it."),
        Column("cancelled", Type.BOOL, "It was called off, and never counts."),
        SOURCE,
        Column("value", Type.MONEY, "Amount less refunds, in the lake's currency.", derived=True),
        Column("margin_value", Type.MONEY, "Margin of what was not paid back.", derived=True),
        VALUE_CURRENCY,
        Column("credited_by", Type.TEXT, "What it is credited by.", CREDITED_BY, derived=True),
        Column("credited_lead_id", Type.TEXT, "The lead it belongs to.", derived=True),
        Column("credited_call_id", Type.TEXT, "The call it is credited to.", derived=True),
        Column("credited_agent_id", Type.TEXT, "The agent it is credited to.", derived=True),
        Column("credited_campaign_id", Type.TEXT, "The campaign credited.", derived=True),
        Column("credited_list_id", Type.TEXT, "The list it is credited to.", derived=True),
        Column("credited_script", Type.TEXT, "The script of the credited call.", derived=True),
    ),
)

ORDERS_FACT = Fact(
    table=ORDERS,
    clocks=("ordered_at",),
    left_out={"cancelled": "cancelled"},
    money=Money(),
    lookups=(
        Lookup(table="leads", on="credited_lead_id"),
        Lookup(table="journeys", on="credited_lead_id"),
        Lookup(table="customers", on="customer_id"),
        Lookup(table="lifetimes", on="customer_id"),
        Lookup(table="agents", on="credited_agent_id"),
        *experiment_lookups(
            call="credited_call_id", lead="credited_lead_id", agent="credited_agent_id"
        ),
    ),
    dimensions={
        "campaign": "credited_campaign_id",
        "list": "credited_list_id",
        "agent": "credited_agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("ordered_at"),
        "region": "coalesce(leads.region, customers.region)",
        "country": "coalesce(leads.country, customers.country)",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "cohort": "lifetimes.cohort",
        "product": "product",
        "script": "credited_script",
        "order_kind": "kind",
        "credited_by": "credited_by",
        **experiment_dimensions(call=WHOLE, lead="ordered_at", agent="ordered_at"),
        "source": "source",
    },
    measures={
        "count": count(),
        "revenue": total("value"),
        "margin": total("margin_value", empty=None),
        "with_value": count("value is not null"),
        "customers": distinct("customer_id"),
        "cross_sell": count("kind = 'cross_sell'"),
        "up_sell": count("kind = 'up_sell'"),
    },
)
