"""Who caused which part of the costs?

Made by `prepare` from costs: each cost is shared out over its whole period by its driver, among
the campaigns, lists, lead sources and agents it may be for. Questions spread each share evenly
over its days, so that the parts add up to the whole for any days and any split. What has no
driver, or nothing to be shared out by, stays where the cost says, unknown in all else. A cost
falls only to what it names; what its driver cannot tell, such as the team of a lead, stays as
the cost says. Costs in another currency are cut into their days first, each at its own rate.
"""

from __future__ import annotations

from dialgauge.model.fact import Days, Fact, Lookup, Money
from dialgauge.model.measure import total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.costs import COST_CATEGORIES, COST_DRIVERS

SHARED_BY = (*COST_DRIVERS, "nothing")

COST_SHARES = Table(
    name="cost_shares",
    key="share_id",
    clock="starts_on",
    derived=True,
    made_from="costs",
    meaning="Parts of costs, each for one campaign, list, lead source and agent.",
    columns=(
        Column("share_id", Type.TEXT, "The cost and the number of the share."),
        Column("cost_id", Type.TEXT, "The cost it is a part of."),
        Column("category", Type.TEXT, "What it was paid for.", COST_CATEGORIES),
        Column("starts_on", Type.DATE, "The first day it is for."),
        Column("ends_on", Type.DATE, "The last day it is for."),
        Column("amount", Type.MONEY, "The part, in the cost's own currency."),
        Column("currency", Type.TEXT, "ISO 4217 code of amount."),
        Column("value", Type.MONEY, "The part in the lake's currency."),
        Column("value_currency", Type.TEXT, "The currency of value."),
        Column("campaign_id", Type.TEXT, "The campaign."),
        Column("list_id", Type.TEXT, "The list."),
        Column("lead_source", Type.TEXT, "The lead source."),
        Column("agent_id", Type.TEXT, "The agent."),
        Column("team", Type.TEXT, "The team."),
        Column("shared_by", Type.TEXT, "What it was shared out by.", SHARED_BY),
        Column("source", Type.TEXT, "The system the cost was read from."),
    ),
)

_CATEGORIES = {
    category: total("portion", f"category = '{category}'") for category in COST_CATEGORIES
}

COST_SHARES_FACT = Fact(
    table=COST_SHARES,
    clocks=("starts_on",),
    days=Days(first="starts_on", last="ends_on", portion_of="value"),
    money=Money(),
    lookups=(Lookup(table="campaigns", on="campaign_id"),),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "lead_source": "lead_source",
        "agent": "agent_id",
        "team": "team",
        "product": "campaigns.product",
        "cost_category": "category",
        "shared_by": "shared_by",
        "source": "source",
    },
    measures={"amount": total("portion"), **_CATEGORIES},
)
