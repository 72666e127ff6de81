"""Which records of leads, deals and customers contradict themselves?

Systems write some times to the day, as at its midnight: an end on the day of the beginning is no
contradiction.
"""

from __future__ import annotations

from dialgauge.checks.check import Check, Known, Severity, Where, of_rows

_DAY_US = 86_400_000_000


def _earlier(end: str, start: str) -> str:
    """Write that one time is before another, and on an earlier day in UTC."""
    days = " < ".join(f"epoch_us(r.{name}) // {_DAY_US}" for name in (end, start))
    return f"(r.{end} < r.{start} AND {days})"


_LEAD_TIMES = ("mql_at", "sql_at", "converted_at", "lost_at")

CONTRADICTORY_SALES = (
    of_rows(
        "leads",
        "leads_moved_before_created",
        "Leads that were qualified, converted or lost before they came in",
        " OR ".join(_earlier(name, "created_at") for name in _LEAD_TIMES),
        " ".join(_LEAD_TIMES[:3]),
        severity=Severity.WARNING,
    ),
    of_rows(
        "leads",
        "leads_sales_before_marketing",
        "Leads that sales qualified before marketing did",
        _earlier("sql_at", "mql_at"),
        "sql_at mql_at",
        severity=Severity.WARNING,
    ),
    of_rows(
        "leads",
        "leads_converted_and_lost",
        "Leads that were converted and given up",
        "r.converted_at IS NOT NULL AND r.lost_at IS NOT NULL",
        "converted_at lost_at",
        severity=Severity.WARNING,
    ),
    Check(
        name="leads_converted_without_customer",
        table="leads",
        says="Converted leads that are no customer's",
        severity=Severity.WARNING,
        touches=("converted_at", "customers.acquired_at"),
        finds=Where(
            "r.converted_at IS NOT NULL AND r.customer_id IS NULL"
            " AND customer_leads.lead_id IS NULL",
            (Known("customer_leads", "r.lead_id", "lead_id"),),
        ),
    ),
    of_rows(
        "meetings",
        "meetings_held_and_cancelled",
        "Meetings that were held and called off",
        "r.held_at IS NOT NULL AND r.cancelled_at IS NOT NULL",
        "held_at cancelled_at",
        severity=Severity.WARNING,
    ),
    of_rows(
        "meetings",
        "meetings_held_before_set",
        "Meetings that were held before they were agreed",
        _earlier("held_at", "set_at"),
        "held_at",
    ),
    of_rows(
        "deals",
        "deals_open_with_end",
        "Deals that are open and closed",
        "r.status = 'open' AND r.closed_at IS NOT NULL",
        "status closed_at",
    ),
    of_rows(
        "deals",
        "deals_closed_before_created",
        "Deals that were closed before they were opened",
        _earlier("closed_at", "created_at"),
        "closed_at",
    ),
    of_rows(
        "stages",
        "visits_end_before_they_start",
        "Visits to a stage that ended before they began",
        _earlier("left_at", "entered_at"),
        "left_at",
    ),
    of_rows(
        "customers",
        "customers_lost_before_won",
        "Customers who left before they came",
        _earlier("churned_at", "acquired_at"),
        "churned_at",
    ),
    of_rows(
        "orders",
        "orders_refunded_over_amount",
        "Orders of which more was paid back than was paid",
        "r.amount >= 0 AND r.refunded > r.amount",
        "refunded",
    ),
    of_rows(
        "orders",
        "orders_with_negative_amount",
        "Orders with an amount below 0; write refunds into refunded",
        "r.amount < 0",
        "amount",
        severity=Severity.WARNING,
    ),
    of_rows(
        "orders",
        "orders_with_margin_over_amount",
        "Orders with more margin than amount",
        "r.amount >= 0 AND r.margin > r.amount",
        "margin",
        severity=Severity.WARNING,
    ),
    Check(
        name="orders_of_lost_deal",
        table="orders",
        says="Orders that closed a deal which was lost",
        severity=Severity.WARNING,
        touches=("deal_id>deals", "deals.status"),
        finds=Where(
            "deals.status = 'lost' AND r.cancelled IS NOT TRUE",
            (Known("deals", "r.deal_id", "deal_id"),),
        ),
    ),
)
"""Checks of leads, meetings, deals, stages, customers and orders."""
