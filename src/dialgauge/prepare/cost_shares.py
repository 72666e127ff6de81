"""Which part of each cost falls to whom?

A cost is cut in whole ten-thousandths: a cell that does the work from `before` to `until` of
`total` gets what is due by `until` less what is due by `before`, both rounded towards 0. So the
parts add up to the cost, to the last digit. Costs in another currency are first cut into their
days in the same way, since each day has its own rate.
"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.cost_cells import NAMED, find_cells
from dialgauge.prepare.rates import Rates, find_rates, ten_thousandths
from dialgauge.prepare.scratch import Scratch
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.cost_shares import COST_SHARES
from dialgauge.tables.storage import text

# greatest() passes over an unknown end. A cost of 0 has nothing to be shared out.
_COSTS = f"""
    SELECT *, dense_rank() OVER (ORDER BY driver, starts_on, ends_on, {", ".join(NAMED)}) AS scope
    FROM (
        SELECT * REPLACE (greatest(ends_on, starts_on) AS ends_on),
            CASE WHEN amount <> 0 THEN allocate_by END AS driver,
            coalesce({{abroad}} AND amount <> 0, false) AS abroad
        FROM {{costs}}
    )
"""

_DAY_BY_DAY = """
    SELECT * REPLACE (
        CASE WHEN abroad THEN starts_on + CAST(n AS INTEGER) ELSE starts_on END AS starts_on,
        CASE WHEN abroad THEN starts_on + CAST(n AS INTEGER) ELSE ends_on END AS ends_on,
        units * (n + 1) // pieces - units * n // pieces AS units
    ) FROM (
        SELECT *, {units} AS units,
            CASE WHEN abroad THEN ends_on - starts_on + 1 ELSE 1 END AS pieces,
            unnest(range(pieces)) AS n
        FROM {costs}
    )
"""

_PART = "p.{0} * s.until // s.total - p.{0} * s.before // s.total"

# Whole numbers divide slowly; few rows need it to tell that their part is not 0.
_SURELY_SOME = "abs(p.units) * (s.until - s.before) >= s.total"


def share_rows(given: Given) -> str:
    """Write the query of all shares of all costs.

    Args:
        given: With the lake's currency, and the views of costs, currencies, agents and of the
            work that costs are shared out by.
    """
    scratch, rates = given.scratch, find_rates(given)
    costs = scratch.table("costs", _COSTS.format(costs=given.views["costs"], abroad=_abroad(rates)))
    scopes = scratch.table(
        "scopes",
        f"SELECT DISTINCT scope, driver, starts_on, ends_on, {', '.join(NAMED)} FROM {costs}"
        " WHERE driver IS NOT NULL",
    )
    cells = find_cells(given, scopes)
    pieces = _pieces(scratch, costs, rates)
    scratch.drop([costs, scopes])
    return _select(pieces, cells, rates, given.views["agents"])


def _abroad(rates: Rates) -> str:
    """Write whether a cost is in another currency than the lake's."""
    return f"currency <> {text(rates.currency)}" if rates.currency else "false"


def _pieces(scratch: Scratch, costs: str, rates: Rates) -> str:
    """Cut costs in other currencies into days, and value each piece."""
    cut = _DAY_BY_DAY.format(costs=costs, units=ten_thousandths("amount"))
    value = rates.value(_money("p.units"), "p.currency", "p.starts_on")
    return scratch.table(
        "pieces",
        # 0 is worth 0 whatever the rate.
        f"SELECT p.*, CASE WHEN p.units = 0 THEN 0 ELSE {ten_thousandths(value)} END AS value_units"
        f" FROM ({cut}) AS p {rates.join('p.currency', 'p.starts_on')}"
        " WHERE p.units <> 0 OR NOT p.abroad",
    )


def _select(pieces: str, cells: str, rates: Rates, agents: str) -> str:
    """Write the query that shares pieces out; one of a scope without work stays whole."""
    amount, value = _PART.format("units"), _PART.format("value_units")
    agent = "coalesce(p.agent_id, s.agent_id)"
    values = {name: f"p.{name}" for name in COST_SHARES.types} | {
        "share_id": "p.cost_id || '/' || (p.n * coalesce(s.cells, 1) + coalesce(s.number, 1))",
        "amount": _money(f"CASE WHEN s.scope IS NULL THEN p.units ELSE {amount} END"),
        "value": _money(
            "CASE WHEN s.scope IS NULL THEN p.value_units"
            f" WHEN p.value_units = p.units THEN {amount} ELSE {value} END"
        ),
        "value_currency": rates.value_currency("p.currency"),
        "campaign_id": "coalesce(p.campaign_id, s.campaign_id)",
        "list_id": "s.list_id",
        "lead_source": "coalesce(p.lead_source, s.lead_source)",
        "agent_id": agent,
        "team": "coalesce(p.team, a.team)",
        "shared_by": "CASE WHEN s.scope IS NULL THEN 'nothing' ELSE p.driver END",
    }
    return (
        f"SELECT {typed(COST_SHARES, values)} FROM {pieces} AS p"
        f" LEFT JOIN {cells} AS s ON s.scope = p.scope"
        f" LEFT JOIN {agents} AS a ON a.agent_id = {agent}"
        f" WHERE s.scope IS NULL OR {_SURELY_SOME} OR {amount} <> 0 OR {value} <> 0"
    )


def _money(units: str) -> str:
    """Write ten-thousandths as money, exactly."""
    return f"CAST({units} AS DECIMAL(18,0)) * CAST(0.0001 AS DECIMAL(4,4))"


STEP = Step(
    table="cost_shares",
    reads=frozenset({"costs", "calls", "agent_time", "leads", "agents", "currencies"}),
    rows=share_rows,
)
