"""What does a firm look like in whose records nothing is wrong?

One row of each table, all of one story: a lead comes in, is called, buys, is asked and reviewed.
Checks look at it, with rows added or changed, through a DuckDB without a lake.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeAlias

import duckdb

from dialgauge.catalogue.user import built_in
from dialgauge.checks import CHECKS, Finding, Sight, examine, rows_behind
from dialgauge.model.rules import Rules
from dialgauge.tables import TABLES
from run_step import arrow_rows

Row: TypeAlias = dict[str, Any]
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    """Read a moment of January 2026 in UTC, such as '20 10:00:30'."""
    number, _, time = text.partition(" ")
    return dt.datetime.fromisoformat(f"2026-01-{number}T{time or '00:00:00'}+00:00")


def on(text: str) -> dt.date:
    """Read a day."""
    return dt.date.fromisoformat(text)


_PARTIES = {"lead_id": "L", "customer_id": "K", "agent_id": "A", "campaign_id": "C"}
_AGENT = {"agent_id": "A", "campaign_id": "C"}

SOUND: Mapping[str, Row] = {
    "agents": {"agent_id": "A", "team": "North", "hired_on": on("2025-01-01")},
    "campaigns": {
        "campaign_id": "C",
        "started_on": on("2026-01-01"),
        "ended_on": on("2026-12-31"),
    },
    "leads": {
        "lead_id": "L",
        "created_at": at("18 09:00:00"),
        "lead_source": "web",
        "list_id": "X",
        "campaign_id": "C",
        "mql_at": at("18 10:00:00"),
        "sql_at": at("19 10:00:00"),
        "converted_at": at("20 10:00:00"),
        "customer_id": "K",
        "phone_token": "P",
    },
    "customers": {"customer_id": "K", "lead_id": "L", "acquired_at": at("20 10:02:00")},
    "calls": {
        "call_id": "G",
        "started_at": at("20 10:00:00"),
        "answered_at": at("20 10:00:10"),
        "ended_at": at("20 10:02:10"),
        "direction": "outbound",
        "result": "human",
        "contact": True,
        "converted": True,
        "ring_s": 10.0,
        "talk_s": 120.0,
        "list_id": "X",
        "phone_token": "P",
        "local_hour": 11,
        **_PARTIES,
    },
    "agent_time": {
        "interval_id": "T",
        "state": "talking",
        "started_at": at("20 10:00:00"),
        "ended_at": at("20 10:05:00"),
        "paid": True,
        **_AGENT,
    },
    "meetings": {
        "meeting_id": "M",
        "lead_id": "L",
        "set_at": at("19 11:00:00"),
        "due_at": at("20 09:00:00"),
        "held_at": at("20 09:05:00"),
        **_AGENT,
    },
    "deals": {
        "deal_id": "D",
        "created_at": at("19 12:00:00"),
        "closed_at": at("20 10:02:00"),
        "status": "won",
        "amount": Decimal(100),
        "value": Decimal(100),
        "currency": "EUR",
        "value_currency": "EUR",
        **_PARTIES,
    },
    "stages": {
        "stage_id": "S",
        "deal_id": "D",
        "party_id": "D",
        "stage": "offer",
        "entered_at": at("19 12:00:00"),
        "left_at": at("20 10:02:00"),
    },
    "orders": {
        "order_id": "O",
        "deal_id": "D",
        "call_id": "G",
        "ordered_at": at("20 10:01:00"),
        "amount": Decimal(100),
        "value": Decimal(100),
        "margin": Decimal(40),
        "refunded": Decimal(10),
        "currency": "EUR",
        "value_currency": "EUR",
        "kind": "new",
        "credited_agent_id": "A",
        "credited_campaign_id": "C",
        **_PARTIES,
    },
    "costs": {
        "cost_id": "Z",
        "category": "labour",
        "amount": Decimal(50),
        "currency": "EUR",
        "starts_on": on("2026-01-01"),
        "ends_on": on("2026-01-31"),
        "allocate_by": "calls",
        **_AGENT,
    },
    "cost_shares": {
        "share_id": "Z/1",
        "cost_id": "Z",
        "amount": Decimal(50),
        "value": Decimal(50),
        "currency": "EUR",
        "value_currency": "EUR",
        "starts_on": on("2026-01-01"),
        "ends_on": on("2026-01-31"),
        "shared_by": "calls",
    },
    "surveys": {
        "survey_id": "Q",
        "kind": "csat",
        "score": 5.0,
        "scale": 5,
        "asked_at": at("20 10:10:00"),
        "answered_at": at("20 10:20:00"),
        "call_id": "G",
        "customer_id": "K",
        "agent_id": "A",
    },
    "reviews": {
        "answer_id": "R",
        "call_id": "G",
        "agent_id": "A",
        "reviewed_at": at("21 09:00:00"),
        "score": 1.0,
        "max_score": 1.0,
        "weight": 2.0,
    },
    "conversations": {
        "call_id": "G",
        "started_at": at("20 10:00:00"),
        "agent_talk_s": 70.0,
        "customer_talk_s": 40.0,
        "silence_s": 15.0,
        "overlap_s": 5.0,
    },
    "assignments": {
        "assignment_id": "V",
        "experiment": "script",
        "variant": "A",
        "unit": "lead",
        "unit_id": "L",
        "assigned_at": at("18 09:00:00"),
    },
    "targets": {
        "target_id": "W",
        "kpi": "dials",
        "value": 10.0,
        "scope": "team = 'North'",
        "starts_on": on("2026-01-01"),
        "ends_on": on("2026-01-31"),
    },
    "currencies": {
        "rate_id": "Y",
        "currency": "USD",
        "on": on("2026-01-20"),
        "rate": 0.9,
    },
}
"""Table name to its one row."""


def look(
    *names: str,
    without: str = "",
    rules: Rules | None = None,
    tables: Mapping[str, Sequence[Row]] | None = None,
) -> tuple[Finding, ...]:
    """Look at the firm.

    Args:
        names: The checks; all of them when none is named.
        without: Tables that are empty, apart by blanks.
        rules: What the team decided.
        tables: Rows that are there besides the sound one, whose other columns they share.
    """
    with _sight(without, rules or Rules(), tables or {}) as sight:
        return examine([CHECKS[name] for name in names or CHECKS], sight)


def behind(name: str, tables: Mapping[str, Sequence[Row]], without: str = "") -> list[str]:
    """List the keys of the rows that a check finds, the firm's rows being as for `look`."""
    key = TABLES[CHECKS[name].table].key
    with _sight(without, Rules(), tables) as sight:
        query = f"SELECT {key} FROM ({rows_behind(CHECKS[name], sight)}) ORDER BY 1"
        return [str(found) for (found,) in sight.con.execute(query).fetchall()]


@contextlib.contextmanager
def _sight(without: str, rules: Rules, tables: Mapping[str, Sequence[Row]]) -> Iterator[Sight]:
    with contextlib.closing(duckdb.connect()) as con:
        con.execute("SET TimeZone = 'UTC'")
        rows: dict[str, int] = {}
        relations: dict[str, str] = {}
        for name, table in TABLES.items():
            sound = [SOUND[name]] if name in SOUND and name not in without.split() else []
            added = [{**SOUND.get(name, {}), **row} for row in tables.get(name, ())]
            con.register(f"stored_{name}", arrow_rows(table, [*sound, *added]))
            relations[name], rows[name] = f"stored_{name}", len(sound) + len(added)
        words = replace(built_in(), rules=rules)
        yield Sight(con=con, relations=relations, rows=rows, words=words, now=NOW)
