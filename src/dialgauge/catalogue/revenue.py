"""Revenue: what do we sell, and what brings it?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

REVENUE = (
    Kpi(
        name="revenue",
        formula="orders.revenue",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="How much did we sell?",
        definition="Amounts of orders less what was paid back, by the time of the order.",
        caveat="A refund lowers the day of its order, not the day it was paid back.",
    ),
    Kpi(
        name="orders",
        formula="orders.count",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many orders came in?",
        definition="Orders, refunded ones included.",
        caveat="A purchase that your system splits into lines counts once a line.",
    ),
    Kpi(
        name="avg_order_value",
        formula="orders.revenue / orders.with_value",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="How large is an order?",
        definition="Revenue divided by the orders whose amount is known.",
        caveat="A few large orders pull it up; those paid back in full count as 0.",
    ),
    Kpi(
        name="avg_deal_size",
        formula="deals.won_value / deals.won_with_value",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="How large are the deals we win?",
        definition="Amounts of deals won divided by the won deals whose amount is known.",
        caveat="What is agreed in a deal is not yet ordered, let alone paid.",
    ),
    Kpi(
        name="revenue_per_customer",
        formula="orders.revenue / orders.customers",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="How much does a customer spend with us?",
        definition="Revenue divided by the different customers who bought; ARPS when asked by"
        " segment.",
        caveat="Rises with the length of the period. Orders that name no customer add revenue and"
        " no customer.",
    ),
    Kpi(
        name="revenue_per_dial",
        formula="orders.revenue / calls.dials",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What does a dial bring?",
        definition="Revenue divided by dials.",
        caveat="Orders come later than the dials that led to them; ask it for long periods.",
    ),
    Kpi(
        name="revenue_per_contact",
        formula="orders.revenue / calls.contacts",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What does a conversation bring?",
        definition="Revenue divided by contacts.",
        caveat="Orders come later than the contacts that led to them; ask it for long periods.",
    ),
    Kpi(
        name="revenue_per_agent_hour",
        formula="orders.revenue / (agent_time.working / 3600)",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What does an agent's hour bring?",
        definition="Revenue divided by agent hours.",
        caveat="By agent, an order counts for the one it is credited to, however many worked on"
        " it.",
    ),
    Kpi(
        name="cross_sell_rate",
        formula="orders.cross_sell / orders.count",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How often do we sell customers something else as well?",
        definition="Orders of kind cross_sell divided by all orders.",
        caveat="Orders that do not tell their kind count as none of it.",
    ),
    Kpi(
        name="up_sell_rate",
        formula="orders.up_sell / orders.count",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How often do we sell customers something better than before?",
        definition="Orders of kind up_sell divided by all orders.",
        caveat="Orders that do not tell their kind count as none of it.",
    ),
)
