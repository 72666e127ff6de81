"""Who did how much of the work that costs are shared out by?

Work is added up once for each stretch of days in which no cost begins or ends, so that a hundred
costs of the same months read the calls once. Costs that share the driver, the days and what they
are for share one scope, whose cells are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialgauge.prepare.rates import utc_day
from dialgauge.prepare.scratch import DAY_US
from dialgauge.prepare.step import Given

SPLITS = ("campaign_id", "list_id", "lead_source", "agent_id")
"""What cells are apart by."""

NAMED = ("campaign_id", "team", "agent_id", "lead_source")
"""What a cost may be for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Driver:
    """A kind of work.

    Attributes:
        table: In which relation of `_WORK` it is added up.
        amount: SQL of the work in a cell.
        splits: What its cells are apart by; unknown in all else.
        knows: What of a cost's scope it can be told by; all else it does not narrow.
    """

    table: str
    amount: str
    splits: tuple[str, ...]
    knows: tuple[str, ...] = NAMED


_DRIVERS: Mapping[str, _Driver] = {
    "calls": _Driver(table="calls", amount="sum(c.calls)", splits=SPLITS),
    "talk_time": _Driver(table="calls", amount="sum(c.talk_ms)", splits=SPLITS),
    "even": _Driver(table="calls", amount="count(c.campaign_id) > 0", splits=("campaign_id",)),
    "agent_hours": _Driver(
        table="agent_time",
        amount="sum(c.worked_us)",
        splits=("campaign_id", "agent_id"),
        knows=("campaign_id", "team", "agent_id"),
    ),
    "leads": _Driver(
        table="leads",
        amount="sum(c.leads)",
        splits=("campaign_id", "list_id", "lead_source"),
        knows=("campaign_id", "lead_source"),
    ),
}

_STRETCHES = """
    SELECT row_number() OVER (ORDER BY first) AS stretch, first, next FROM (
        SELECT day AS first, lead(day) OVER (ORDER BY day) AS next,
            sum(sum(step)) OVER (ORDER BY day) AS open
        FROM (
            SELECT starts_on AS day, 1 AS step FROM {scopes}
            UNION ALL SELECT ends_on + 1, -1 FROM {scopes}
        ) GROUP BY day
    ) WHERE open > 0
"""
_DAYS = """
    SELECT stretch, first + CAST(unnest(range(next - first)) AS INTEGER) AS day FROM {stretches}
"""

# Sums of whole milliseconds and microseconds do not depend on the order of rows.
_WORK: Mapping[str, str] = {
    "calls": f"""
        SELECT c.*, a.team FROM (
            SELECT d.stretch, c.campaign_id, c.list_id, l.lead_source, c.agent_id,
                count(*) AS calls, sum(TRY_CAST(round(c.talk_s * 1000) AS BIGINT)) AS talk_ms
            FROM {{view}} AS c JOIN {{days}} AS d ON d.day = {utc_day("c.started_at")}
            LEFT JOIN {{leads}} AS l ON l.lead_id = c.lead_id
            WHERE c.test IS NOT TRUE AND c.direction IS DISTINCT FROM 'internal'
                AND c.started_at >= {{since}} AND c.started_at < {{until}}
            GROUP BY ALL
        ) AS c LEFT JOIN {{agents}} AS a ON a.agent_id = c.agent_id
    """,
    "agent_time": f"""
        SELECT c.*, a.team FROM (
            SELECT d.stretch, c.campaign_id, c.agent_id, sum(
                least(epoch_us(c.ended_at), (c.n + 1) * {DAY_US})
                - greatest(epoch_us(c.started_at), c.n * {DAY_US})
            ) AS worked_us
            FROM (
                SELECT campaign_id, agent_id, started_at, ended_at, unnest(range(
                    {utc_day("greatest(started_at, {since})")} - DATE '1970-01-01',
                    {utc_day("least(ended_at, {until})")} - DATE '1970-01-01' + 1
                )) AS n
                FROM {{view}}
                WHERE state IN ('available', 'talking', 'hold', 'wrap') AND ended_at > started_at
                    AND ended_at > {{since}} AND started_at < {{until}}
            ) AS c JOIN {{days}} AS d ON d.day = DATE '1970-01-01' + CAST(c.n AS INTEGER)
            GROUP BY ALL
        ) AS c LEFT JOIN {{agents}} AS a ON a.agent_id = c.agent_id
    """,
    "leads": f"""
        SELECT d.stretch, c.campaign_id, c.list_id, c.lead_source, count(*) AS leads
        FROM {{view}} AS c JOIN {{days}} AS d ON d.day = {utc_day("c.created_at")}
        WHERE c.created_at >= {{since}} AND c.created_at < {{until}}
        GROUP BY ALL
    """,
}

_NUMBERED = f"""
    SELECT scope, {", ".join(SPLITS)}, row_number() OVER ordered AS number,
        count(*) OVER (PARTITION BY scope) AS cells,
        sum(work) OVER (PARTITION BY scope) AS total,
        sum(work) OVER ordered - work AS before, sum(work) OVER ordered AS until
    FROM ({{found}})
    WINDOW ordered AS (PARTITION BY scope ORDER BY {", ".join(SPLITS)}
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
"""


_NOTHING = f"""
    SELECT 0 AS scope, {", ".join(f"NULL::VARCHAR AS {name}" for name in SPLITS)},
        0::HUGEINT AS work WHERE false
"""


def find_cells(given: Given, scopes: str) -> str:
    """Make the cells that the costs of each scope are shared out among.

    Args:
        given: With the views of calls, agent_time, leads and agents.
        scopes: Relation of `scope` (a number), `driver`, `starts_on`, `ends_on` and the columns
            of `NAMED`, NULL for any.

    Returns:
        The name of a table of scope, the columns of `SPLITS`, `number` (1 to `cells` in a fixed
        order), and HUGEINTs: `before` and `until`, between which of `total` the work of the cell
        lies. A scope without work has no cells.
    """
    scratch = given.scratch
    named = ", ".join(f"{name} IS NOT NULL" for name in NAMED)
    kinds = scratch.con.execute(
        f"SELECT DISTINCT driver, {named} FROM {scopes} ORDER BY ALL"
    ).fetchall()
    stretches = scratch.table("stretches", _STRETCHES.format(scopes=scopes))
    spans = scratch.table(
        "spans",
        f"SELECT s.*, t.stretch FROM {scopes} AS s"
        f" JOIN {stretches} AS t ON t.first BETWEEN s.starts_on AND s.ends_on",
    )
    days = scratch.table("days", _DAYS.format(stretches=stretches))
    work = {
        table: _work(given, table, days)
        for table in sorted({_DRIVERS[driver].table for driver, *_ in kinds})
    }
    found = [_NOTHING]
    for driver, *flags in kinds:
        names = [name for name, is_named in zip(NAMED, flags, strict=True) if is_named]
        found.append(_matched(_DRIVERS[driver], driver, names, spans, work))
    cells = scratch.table("cells", _NUMBERED.format(found=" UNION ALL ".join(found)))
    scratch.drop([stretches, spans, days, *work.values()])
    return cells


def _work(given: Given, table: str, days: str) -> str:
    """Add up the work in each stretch."""
    first, last = given.scratch.row(
        f"SELECT min(day) - DATE '1970-01-01', max(day) - DATE '1970-01-01' FROM {days}"
    )
    select = _WORK[table].format(
        view=given.views[table],
        leads=given.views["leads"],
        agents=given.views["agents"],
        days=days,
        # Constants, so that files and row groups of other days are never opened.
        since=f"make_timestamptz({first * DAY_US})",
        until=f"make_timestamptz({(last + 1) * DAY_US})",
    )
    return given.scratch.table(f"work_of_{table}", select)


def _matched(
    driver: _Driver, name: str, named: Iterable[str], spans: str, work: Mapping[str, str]
) -> str:
    """Write the query of the cells of all scopes with a driver that name the same columns.

    Each such set of columns is a join by equality; one join for all would try every pair.
    """
    splits = ", ".join(
        f"{f'c.{split}' if split in driver.splits else 'NULL'} AS {split}" for split in SPLITS
    )
    narrowed = "".join(f" AND c.{n} = s.{n}" for n in named if n in driver.knows)
    exactly = " AND ".join(f"s.{n} IS {'NOT ' if n in named else ''}NULL" for n in NAMED)
    return (
        f"SELECT s.scope, {splits}, CAST({driver.amount} AS HUGEINT) AS work"
        f" FROM {spans} AS s JOIN {work[driver.table]} AS c ON c.stretch = s.stretch{narrowed}"
        f" WHERE s.driver = '{name}' AND {exactly} GROUP BY ALL HAVING work > 0"
    )
