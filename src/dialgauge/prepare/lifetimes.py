"""What became of each customer?

One row for each customer of customers or orders. Orders that were cancelled or paid back in full
are no orders: a customer who made no other, and of whom nothing is written, has no row.
"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.rates import utc_day
from dialgauge.prepare.scratch import DAY_US
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.lifetimes import LIFETIMES

COUNTS = "cancelled IS NOT TRUE AND (value = 0 AND refunded > 0) IS NOT TRUE"
"""Which orders count as such, in SQL."""

_LATER = f"{utc_day('ordered_at')} > {utc_day('began_at')}"
_ORDERS = f"""
    SELECT customer_id,
        min(ordered_at) FILTER ({COUNTS}) AS first_order_at,
        min(ordered_at, 2) FILTER ({COUNTS}) AS first_two,
        max(ordered_at) FILTER ({COUNTS}) AS last_order_at,
        count(*) FILTER ({COUNTS}) AS orders,
        count(DISTINCT {utc_day("ordered_at")}) FILTER ({COUNTS}) AS order_days,
        TRY_CAST(sum(value) AS DECIMAL(18,4)) AS value,
        TRY_CAST(sum(margin_value) AS DECIMAL(18,4)) AS margin_value,
        TRY_CAST(sum(coalesce(margin_value, value)) AS DECIMAL(18,4)) AS worth,
        count(*) FILTER ({_LATER}) AS later,
        TRY_CAST(sum(coalesce(margin_value, value)) FILTER ({_LATER}) AS DECIMAL(18,4))
            AS later_worth,
        count(*) FILTER (amount IS NOT NULL AND value IS NULL) AS unconverted,
        count(DISTINCT value_currency) FILTER (value IS NOT NULL) AS currencies,
        min(value_currency) FILTER (value IS NOT NULL) AS value_currency,
        arg_min(
            struct_pack(
                lead_id := credited_lead_id, campaign_id := credited_campaign_id,
                list_id := credited_list_id, agent_id := credited_agent_id,
                product := product, source := source
            ),
            (ordered_at, order_id)
        ) FILTER ({COUNTS}) AS first
    FROM (
        SELECT *, min(ordered_at) FILTER ({COUNTS}) OVER (PARTITION BY customer_id) AS began_at
        FROM {{orders}} WHERE customer_id IS NOT NULL AND cancelled IS NOT TRUE
    )
    GROUP BY 1
"""


def _rows(given: Given) -> str:
    views = given.views
    orders = given.scratch.table("ordered", _ORDERS.format(orders=views["orders"]))
    source = (
        f"{views['customers']} AS u FULL JOIN {orders} AS o ON o.customer_id = u.customer_id"
        f" LEFT JOIN (SELECT lead_id, campaign_id, list_id FROM {views['leads']}) AS l"
        " ON l.lead_id = coalesce(u.lead_id, o.first.lead_id)"
    )
    select = f"SELECT {typed(LIFETIMES, _values(given.rules.inactive_after_days))} FROM {source}"
    return f"{select} WHERE coalesce(u.acquired_at, o.first_order_at) IS NOT NULL"


def _values(inactive_after_days: int | None) -> dict[str, str]:
    ended_at = "u.churned_at"
    if inactive_after_days is not None:
        # A first order before what is written counts from there, as in active_spells.
        last = "greatest(u.acquired_at, o.last_order_at)"  # the known one when the other is not
        gone = f"make_timestamptz(epoch_us({last}) + {inactive_after_days * DAY_US})"
        ended_at = f"coalesce(u.churned_at, {gone})"
    ordered = "o.customer_id IS NULL"
    acquired_at = "coalesce(u.acquired_at, o.first_order_at)"
    return {
        "customer_id": "coalesce(u.customer_id, o.customer_id)",
        "acquired_at": acquired_at,
        "cohort": f"left(CAST({utc_day(acquired_at)} AS VARCHAR), 7)",
        "ended_at": ended_at,
        "first_order_at": "o.first_order_at",
        "first_order_on": utc_day("o.first_order_at"),
        "second_order_at": "o.first_two[2]",
        "last_order_at": "o.last_order_at",
        "orders": "coalesce(o.orders, 0)",
        "order_days": "coalesce(o.order_days, 0)",
        "value": f"CASE WHEN {ordered} THEN 0 ELSE o.value END",
        "margin_value": "o.margin_value",
        "worth": f"CASE WHEN {ordered} THEN 0 ELSE o.worth END",
        "repeat_worth": "CASE WHEN coalesce(o.later, 0) = 0 THEN 0 ELSE o.later_worth END",
        "unconverted": "coalesce(o.unconverted, 0)",
        "value_currency": "CASE WHEN o.currencies > 1 THEN 'mixed' ELSE o.value_currency END",
        "lead_id": "coalesce(u.lead_id, o.first.lead_id)",
        "campaign_id": "coalesce(o.first.campaign_id, l.campaign_id)",
        "list_id": "coalesce(o.first.list_id, l.list_id)",
        "agent_id": "o.first.agent_id",
        "product": "o.first.product",
        "source": "coalesce(u.source, o.first.source)",
    }


STEP = Step(table="lifetimes", reads=frozenset({"customers", "orders", "leads"}), rows=_rows)
"""How customers' lives are read off their orders."""
