"""Cost and return: what do we spend, and does it pay?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

_CAC = "cost_shares.amount / lifetimes.acquired"
_MONTHLY_MARGIN = "lifetimes.margin / (lifetimes.years * 12)"

CLV_SIMPLE = (
    "(lifetimes.value / lifetimes.years)"
    " * least(coalesce(lifetimes.years / lifetimes.lost, 5), 5)"
    f" - {_CAC}"
)
"""Yearly revenue of a customer, times years until it leaves, less what winning it cost."""

COST = (
    Kpi(
        name="cost",
        formula="cost_shares.amount",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did we spend?",
        definition="All costs, each spread evenly over its days and shared out by its driver.",
        caveat="What has no driver, or nothing to be shared out by, stands under unknown, so that"
        " the parts add up to the whole.",
    ),
    Kpi(
        name="cost_labour",
        formula="cost_shares.labour",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did the people who call cost?",
        definition="Costs of category labour, such as wages, commissions and what comes on top.",
        caveat="Hours in agent_time are not priced by themselves; bring wages as costs.",
    ),
    Kpi(
        name="cost_training",
        formula="cost_shares.training",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did training cost?",
        definition="Costs of category training, such as courses, trainers and onboarding.",
        caveat="Less is not better when results fall; read it beside results by agent_tenure.",
    ),
    Kpi(
        name="cost_technology",
        formula="cost_shares.technology",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did tools cost?",
        definition="Costs of category technology, such as licences of the dialler and the CRM.",
        caveat="A licence for a year counts day by day, whenever it was paid.",
    ),
    Kpi(
        name="cost_lead_data",
        formula="cost_shares.lead_data",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did leads and data cost?",
        definition="Costs of category lead_data, such as lists bought and data enriched.",
        caveat="What a lead itself says it cost is not in it; bring it as a cost.",
    ),
    Kpi(
        name="cost_infrastructure",
        formula="cost_shares.infrastructure",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did lines, rooms and machines cost?",
        definition="Costs of category infrastructure, such as lines, minutes, rooms and machines.",
        caveat="What a call itself says it cost is not in it; bring it as a cost.",
    ),
    Kpi(
        name="cost_management",
        formula="cost_shares.management",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did managing cost?",
        definition="Costs of category management, such as team leads, planning and quality work.",
        caveat="Often left out of such books, which makes every return look better than it is.",
    ),
    Kpi(
        name="cost_campaign",
        formula="cost_shares.campaign",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What did campaigns themselves cost?",
        definition="Costs of category campaign, such as advertising and mailings beside the calls.",
        caveat="Not the whole cost of a campaign: for that, ask cost by campaign.",
    ),
    Kpi(
        name="cost_other",
        formula="cost_shares.other",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What else did we spend?",
        definition="Costs of category other.",
        caveat="A large part here means that the other categories say little.",
    ),
    Kpi(
        name="cost_per_dial",
        formula="cost_shares.amount / calls.dials",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does a dial cost?",
        definition="All cost divided by dials.",
        caveat="Dialling more makes it smaller without reaching anyone.",
    ),
    Kpi(
        name="cost_per_contact",
        formula="cost_shares.amount / calls.contacts",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does a conversation cost?",
        definition="All cost divided by contacts.",
        caveat="Says nothing of how good the conversations were.",
    ),
    Kpi(
        name="cost_per_lead",
        formula="cost_shares.amount / leads.created",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does a lead cost us, all in?",
        definition="All cost divided by leads created (CPL).",
        caveat="Elsewhere only the price of bought leads is meant; that is"
        " cost_per_purchased_lead beside it.",
        beside=("cost_per_purchased_lead",),
    ),
    Kpi(
        name="cost_per_purchased_lead",
        formula="cost_shares.lead_data / leads.created",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What do we pay for a lead?",
        definition="Costs of category lead_data divided by leads created.",
        caveat="Leads that cost nothing are below the line too; ask it by lead_source.",
    ),
    Kpi(
        name="cost_per_qualified_lead",
        formula="cost_shares.amount / leads.qualified",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does a lead cost that sales accepts?",
        definition="All cost divided by leads that sales qualified in the period.",
        caveat="Leads qualified now were often paid for earlier.",
    ),
    Kpi(
        name="cost_per_meeting",
        formula="cost_shares.amount / meetings.held",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does a meeting cost?",
        definition="All cost divided by meetings held.",
        caveat="Work on meetings that are still to come is in the cost already.",
    ),
    Kpi(
        name="cost_per_conversion",
        formula="cost_shares.amount / calls.conversions",
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does a conversion cost?",
        definition="All cost divided by outbound calls that converted.",
        caveat="What counts as a conversion differs by campaign; compare within one goal.",
    ),
    Kpi(
        name="customer_acquisition_cost",
        formula=_CAC,
        unit=Unit.MONEY,
        better=Better.LOWER,
        question="What does it cost to win a customer?",
        definition="All cost divided by new customers (CAC); CPA when asked by segment.",
        caveat="Costs of serving present customers are in it when your books do not keep them"
        " apart. Money is spent before the customers come.",
    ),
    Kpi(
        name="roi",
        formula="(orders.revenue - cost_shares.amount) / cost_shares.amount",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        question="Does what we spend come back?",
        definition="Revenue less cost, divided by cost: 50,000 spent and 200,000 sold is 3.0, or"
        " 300 %.",
        caveat="Revenue is not what is left of it; margin_roi beside it counts that. Customers won"
        " now buy later, too.",
        beside=("margin_roi",),
    ),
    Kpi(
        name="margin_roi",
        formula="(orders.margin - cost_shares.amount) / cost_shares.amount",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        question="Does what we spend come back as margin?",
        definition="Margin of orders less cost, divided by cost.",
        caveat="Orders that do not tell their margin add none.",
    ),
    Kpi(
        name="ltv_to_cac",
        formula=f"({CLV_SIMPLE}) / ({_CAC})",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        question="Are customers worth what winning them costs?",
        definition="The simple lifetime value (clv_simple) divided by the acquisition cost per"
        " customer (customer_acquisition_cost).",
        caveat="The acquisition cost is taken off above the line already; where it is not, the"
        " ratio is higher by 1, and the common rule of 3 means that one.",
    ),
    Kpi(
        name="payback_months",
        formula=f"({_CAC}) / ({_MONTHLY_MARGIN})",
        unit=Unit.RATIO,
        better=Better.LOWER,
        question="After how many months has a customer paid back what winning it cost?",
        definition="Acquisition cost per customer divided by the margin that a customer acquired"
        " in the period has brought in a month so far.",
        caveat="Needs orders that tell their margin. Those who leave early never pay back.",
    ),
)
