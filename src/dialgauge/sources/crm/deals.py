"""How do deals, their stages and what they earned come out of any CRM?

- A deal that was deleted was open until then (or closed when it was), and is neither won nor lost.
- A visit to a stage lasts until the stage changes; that the same stage is written twice is one
  visit.
- Where a team wants it, each won deal is an order. One that is no longer won, or was deleted, is
  a cancelled order, so that it does not count and the lake does not forget the row.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.staging import count, own_fields, staged
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.tables.deals import DEALS
from dialgauge.tables.orders import ORDERS
from dialgauge.tables.stages import STAGES

_WHOSE = ("lead_id", "customer_id")
VISIT_ROWS = 10_000
"""Rows are numbered so that each deal has room for so many visits."""


def stage_deals(
    con: duckdb.DuckDBPyConnection, deals: str, options: Options, notes: Sequence[str]
) -> list[Staged]:
    """Stage deals and, where wanted, the orders they are.

    Args:
        con: Where they are.
        deals: The table that `tell` made: canonical columns, `_gone_at` (when it was deleted),
            `_won_at` (when it was won last, whatever it is now) and the struct `p`; maybe
            `_unlinked`, true where the CRM did not say whom a deal is with.
        options: What the team decided.
        notes: What to tell people.
    """
    ended = (
        "CASE WHEN status IN ('won', 'lost') THEN coalesce(closed_at, _gone_at) ELSE _gone_at END"
    )
    there = {name for name, *_ in con.execute(f"DESCRIBE FROM {deals}").fetchall()}
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {deals}_now AS SELECT * REPLACE"
        " (CASE WHEN _gone_at IS NULL THEN status END AS status,"
        f" CASE WHEN _gone_at IS NULL THEN closed_at ELSE {ended} END AS closed_at)"
        f" FROM {deals}"
    )
    poor = count(con, f"{deals} WHERE _why IS NULL AND amount IS NOT NULL AND currency IS NULL")
    if poor:
        told = f"{poor} deals have an amount and no currency; say it with --option currency=EUR."
        notes = [*notes, told]
    found = []
    if "_unlinked" in there:
        found.append(staged(con, DEALS, f"{deals}_now WHERE NOT _unlinked", notes))
        if count(con, f"{deals}_now WHERE _unlinked"):
            loose = f"{deals}_now WHERE _unlinked"
            found.append(staged(con, DEALS, loose, without=_WHOSE))
    else:
        found.append(staged(con, DEALS, f"{deals}_now", notes))
    if options.orders == "won":
        found += _orders(con, deals, options)
    con.execute(f"DROP TABLE {deals}_now")
    return found


def _orders(con: duckdb.DuckDBPyConnection, deals: str, options: Options) -> list[Staged]:
    won = "status IS NOT DISTINCT FROM 'won' AND _gone_at IS NULL"
    same = ("deal_id", "lead_id", "agent_id", "amount", "currency", "source")
    there = {name for name, *_ in con.execute(f"DESCRIBE FROM {deals}").fetchall()}
    columns = {name: name for name in (*same, "campaign_id") if name in there}
    own, wrong = own_fields(options, ORDERS)
    columns |= {
        "order_id": "deal_id",
        "customer_id": "lead_id",
        "ordered_at": "CASE WHEN status = 'won' THEN coalesce(closed_at, _won_at) ELSE _won_at END",
        "cancelled": f"NOT ({won})",
        **own,
    }
    whens = " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in wrong)
    never = "coalesce(closed_at, _won_at) IS NULL"
    problem = f"CASE WHEN {never} THEN 'it is not said when the deal was won' {whens} END"
    rows = f"{deals} WHERE _why IS NULL AND (({won}) OR _won_at IS NOT NULL)"
    back = count(con, f"{rows} AND NOT ({won})")
    notes = (
        [f"{back} deals were won once and are not now; their orders count as cancelled."]
        if back
        else []
    )
    if "_unlinked" not in there:
        shape = Shape(columns=columns, rows=rows, problem=problem, raw="_was")
        return [stage_shapes(con, ORDERS, [shape], notes)]
    linked = Shape(columns=columns, rows=f"{rows} AND NOT _unlinked", problem=problem, raw="_was")
    found = [stage_shapes(con, ORDERS, [linked], notes)]
    if count(con, f"{rows} AND _unlinked"):
        fewer = {name: sql for name, sql in columns.items() if name not in _WHOSE}
        loose = Shape(columns=fewer, rows=f"{rows} AND _unlinked", problem=problem, raw="_was")
        found.append(stage_shapes(con, ORDERS, [loose]))
    return found


def stage_visits(
    con: duckdb.DuckDBPyConnection, changes: str, prefix: str, notes: Sequence[str] = ()
) -> Staged:
    """Stage visits to stages.

    Args:
        con: Where the changes are.
        changes: A table of one row a change of a deal's stage: `deal` (its identifier in the
            CRM), `pipeline`, `stage`, `position`, `entered_at`, `source`, and of the deal's row
            `_row`, `_file` and `_was`.
        prefix: Of identifiers.
        notes: What to tell people.
    """
    order = "PARTITION BY deal ORDER BY entered_at, _nth"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE crm_visits AS SELECT *,"
        f" lead(entered_at) OVER ({order}) AS left_at,"
        f" row_number() OVER ({order}) AS nth FROM ("
        f" SELECT * FROM {changes} WHERE entered_at IS NOT NULL QUALIFY"
        f" stage IS DISTINCT FROM lag(stage) OVER ({order}))"
    )
    columns = {
        "stage_id": f"'{prefix}' || deal || '-' || epoch_ms(entered_at)",
        "deal_id": f"'{prefix}' || deal",
        **{name: name for name in ("pipeline", "stage", "position", "entered_at", "source")},
        "left_at": "left_at",
    }
    unknown = {"deal_id": f"'{prefix}' || deal", "stage": "stage", "source": "source"}
    shapes = (
        Shape(columns=columns, rows="crm_visits", row=f"_row * {VISIT_ROWS} + nth"),
        Shape(
            columns=unknown,
            rows=f"(SELECT *, row_number() OVER (PARTITION BY deal) AS nth FROM {changes}"
            " WHERE entered_at IS NULL)",
            row=f"_row * {VISIT_ROWS} + {VISIT_ROWS // 2} + nth",
            problem="'it is not said when the deal came into the stage'",
            raw="_was",
        ),
    )
    found = stage_shapes(con, STAGES, shapes, notes)
    con.execute("DROP TABLE crm_visits")
    return found
