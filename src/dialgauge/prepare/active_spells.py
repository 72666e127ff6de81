"""When was each customer active?

A customer whose end is written has one spell until then, whatever it ordered. Others stay for
ever or, with `inactive_after_days`, for so many days after they were acquired and after each
order; an order before they were acquired, as written, counts from there.
"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.lifetimes import COUNTS
from dialgauge.prepare.scratch import DAY_US
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.active_spells import ACTIVE_SPELLS

COPIED = ("customer_id", "lead_id", "campaign_id", "list_id", "agent_id", "source")
"""What a spell says of its customer, as lifetimes does."""

_UNTIL_WRITTEN = """
    SELECT f.customer_id, f.acquired_at AS started_at, u.churned_at AS ended_at, 1 AS number
    FROM {lifetimes} AS f LEFT JOIN {customers} AS u ON u.customer_id = f.customer_id
"""

_ISLANDS = f"""
    SELECT customer_id, make_timestamptz(min(at_us)) AS started_at,
        make_timestamptz(max(at_us) + {{lasts_us}}) AS ended_at, number
    FROM (
        SELECT customer_id, at_us,
            1 + sum((at_us > before_us + {{lasts_us}})::INTEGER) OVER life AS number
        FROM (
            SELECT customer_id, at_us, coalesce(lag(at_us) OVER life, at_us) AS before_us FROM (
                SELECT customer_id, epoch_us(acquired_at) AS at_us FROM {{lifetimes}}
                UNION ALL
                SELECT f.customer_id, greatest(epoch_us(f.acquired_at), epoch_us(o.ordered_at))
                FROM (FROM {{orders}} WHERE {COUNTS}) AS o
                JOIN {{lifetimes}} AS f ON f.customer_id = o.customer_id
            )
            WINDOW life AS (PARTITION BY customer_id ORDER BY at_us)
        )
        WINDOW life AS (PARTITION BY customer_id ORDER BY at_us ROWS UNBOUNDED PRECEDING)
    )
    WHERE customer_id NOT IN
        (SELECT customer_id FROM {{customers}} WHERE churned_at IS NOT NULL)
    GROUP BY customer_id, number
"""


def _rows(given: Given) -> str:
    views = {name: given.views[name] for name in STEP.reads}
    spells = _UNTIL_WRITTEN.format(**views)
    days = given.rules.inactive_after_days
    if days is not None:
        islands = _ISLANDS.format(lasts_us=days * DAY_US, **views)
        spells = f"{spells} WHERE u.churned_at IS NOT NULL UNION ALL {islands}"
    values = {name: f"f.{name}" for name in COPIED}
    values |= {
        "spell_id": "s.customer_id || '#' || s.number",
        "started_at": "s.started_at",
        "ended_at": "s.ended_at",
    }
    return (
        f"SELECT {typed(ACTIVE_SPELLS, values)} FROM ({spells}) AS s"
        f" JOIN {views['lifetimes']} AS f ON f.customer_id = s.customer_id"
    )


STEP = Step(
    table="active_spells", reads=frozenset({"lifetimes", "customers", "orders"}), rows=_rows
)
"""How customers' active times are read off their orders."""
