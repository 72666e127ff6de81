"""Is all money accounted for, and in one currency?"""

from __future__ import annotations

from dialgauge.checks.check import Check, Keys, Known, Severity, Where

_CURRENCIES = "SELECT string_agg(DISTINCT {column}, ', ' ORDER BY {column}) FROM {{rows}}"
_LONGEST_DAYS = 731
"""Two years, one of them a leap year."""

_WITH_VALUE = {"orders": "ordered_at", "deals": "created_at", "cost_shares": "starts_on"}


def _without_rate(table: str) -> Check:
    return Check(
        name=f"{table}_without_rate",
        table=table,
        says="Rows of {table} in a currency without a rate on their day",
        severity=Severity.ERROR,
        touches=("value",),
        finds=Where("r.amount IS NOT NULL AND r.value IS NULL"),
        detail=_CURRENCIES.format(column="currency"),
        text="without_rate",
        words={"table": table},
    )


def _mixed(table: str) -> Check:
    usual = (
        f"SELECT value_currency FROM {{{table}}} WHERE value_currency IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    key = {"orders": "order_id", "deals": "deal_id", "cost_shares": "share_id"}[table]
    return Check(
        name=f"{table}_of_mixed_currencies",
        table=table,
        says="Rows of {table} in another currency than most, and the lake has none of its own",
        severity=Severity.ERROR,
        touches=("value",),
        finds=Keys(f"SELECT {key} AS key FROM {{{table}}} WHERE value_currency <> ({usual})"),
        detail=_CURRENCIES.format(column="value_currency"),
        text="mixed_currencies",
        words={"table": table},
    )


def _no_currency(table: str) -> Check:
    return Check(
        name=f"{table}_without_currency",
        table=table,
        says="Rows of {table} with money but no currency, which counts as the lake's own",
        severity=Severity.INFO,
        touches=("currency",),
        finds=Where("r.amount IS NOT NULL AND r.currency IS NULL"),
        text="without_currency",
        words={"table": table},
    )


_BY_CURRENCY = (
    "SELECT string_agg(format('{{:,.2f}}', total::DOUBLE) || coalesce(' ' || currency, ''), ' + '"
    " ORDER BY currency) FROM"
    " (SELECT currency, sum(amount) AS total FROM {rows} GROUP BY currency)"
)

MONEY = (
    *(_without_rate(table) for table in _WITH_VALUE),
    *(_mixed(table) for table in _WITH_VALUE),
    *(_no_currency(table) for table in ("orders", "deals", "costs")),
    Check(
        name="rates_of_nothing",
        table="currencies",
        says="Rates that are unknown, 0 or negative",
        severity=Severity.ERROR,
        touches=("rate",),
        finds=Where("coalesce(r.rate, 0) <= 0"),
    ),
    Check(
        name="costs_end_before_they_start",
        table="costs",
        says="Costs whose last day is before their first; they count on the first",
        severity=Severity.ERROR,
        touches=("ends_on", "starts_on"),
        finds=Where("r.ends_on < r.starts_on"),
    ),
    Check(
        name="costs_over_two_years",
        table="costs",
        says="Costs that are spread over more than two years",
        severity=Severity.WARNING,
        touches=("ends_on", "starts_on"),
        finds=Where(f"r.ends_on - r.starts_on >= {_LONGEST_DAYS}"),
    ),
    Check(
        name="costs_below_zero",
        table="costs",
        says="Costs below 0",
        severity=Severity.WARNING,
        touches=("amount",),
        finds=Where("r.amount < 0"),
    ),
    Check(
        name="costs_shared_by_nothing",
        table="cost_shares",
        says="Costs that could not be shared out, since there was nothing of their driver",
        severity=Severity.WARNING,
        touches=("campaign_id", "list_id", "lead_source", "agent_id", "team"),
        finds=Where(
            "r.shared_by = 'nothing' AND costs.allocate_by IS NOT NULL AND r.amount <> 0",
            (Known("costs", "r.cost_id", "cost_id"),),
        ),
        detail=_BY_CURRENCY,
    ),
)
"""Checks of costs, currencies and rates."""
