"""On which rows do the golden plans stand?

Eleven calls, three deals and two costs are few enough to count by hand; `golden_plans` derives
every answer from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from legs import moment

_CALLS = """
call  started_at        direction  result     contact  talk  campaign  agent  lead  cost
c1    2026-03-02T09:00  outbound   human      yes      60    A         a1     l1    0.1000
c2    2026-03-02T10:00  outbound   no_answer  no       -     A         a1     l2    0.0500
c3    2026-03-03T09:30  outbound   human      yes      30    B         a2     l1    0.2000
c4    2026-03-09T11:00  outbound   machine    no       10    B         a2     l3    -
c5    2026-03-09T12:00  outbound   busy       -        -     -         a9     -     0.0100
c6    2026-03-10T08:00  inbound    human      yes      90    A         a1     l2    -
c7    2026-03-10T09:00  outbound   human      yes      120   A         a1     l3    0.4000
c8    2026-03-10T09:30  internal   human      yes      5     A         a2     -     -
c9    2026-10-25T00:30  outbound   no_answer  no       -     C         -      -     -
c10   2026-10-25T01:30  outbound   no_answer  no       -     C         -      -     -
c11   2026-12-31T23:30  outbound   no_answer  no       -     C         -      -     -
"""
"""A dash is NULL. c7 is a test call; nobody knows agent a9."""


def _call(line: str) -> dict[str, Any]:
    cells = [None if cell == "-" else cell for cell in line.split()]
    name, started, direction, result, contact, talk, campaign, agent, lead, cost = cells
    return {
        "call_id": name,
        "started_at": moment(started or ""),
        "direction": direction,
        "result": result,
        "contact": None if contact is None else contact == "yes",
        "talk_s": None if talk is None else float(talk),
        "campaign_id": campaign,
        "agent_id": agent,
        "lead_id": lead,
        "cost": None if cost is None else Decimal(cost),
        "test": name == "c7",
    }


def _deal(name: str, created: str, closed: str, status: str, value: str) -> dict[str, Any]:
    return {
        "deal_id": name,
        "created_at": moment(created),
        "closed_at": moment(closed) if closed else None,
        "status": status,
        "amount": Decimal(value),
        "value": Decimal(value),
    }


def _share(name: str, category: str, first: str, last: str | None, value: str) -> dict[str, Any]:
    return {
        "share_id": name,
        "category": category,
        "starts_on": dt.date.fromisoformat(first),
        "ends_on": dt.date.fromisoformat(last) if last else None,
        "amount": Decimal(value),
        "value": Decimal(value),
    }


_PLACES = """
unit   whom  asked   experiment  variant  assigned    several
call   c1    -       script      C        2026-03-05  -
call   c1    script  script      C        2026-03-05  -
lead   l1    -       script      A        2026-03-03  -
lead   l1    script  script      A        2026-03-03  -
lead   l2    -       script      B        2026-02-01  2026-03-02T09:30
lead   l2    price   price       X        2026-03-02T09:30  -
lead   l2    script  script      B        2026-02-01  -
agent  a2    -       script      B        2026-01-01  -
agent  a2    script  script      B        2026-01-01  -
"""
"""What leads, agents and calls are in; l1 was dialled before it came in."""


def _places(unit: str) -> list[dict[str, Any]]:
    lines = [line.split() for line in _PLACES.strip().splitlines()[1:]]
    return [
        {
            "place_id": f"{whom}#{asked}",
            f"{unit}_id": whom,
            "asked_experiment": asked.strip("-"),
            "experiment": experiment,
            "variant": variant,
            "assigned_at": moment(assigned),
            "several_at": None if several == "-" else moment(several),
        }
        for of, whom, asked, experiment, variant, assigned, several in lines
        if of == unit
    ]


TABLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "calls": [_call(line) for line in _CALLS.strip().splitlines()[1:]],
    "agents": [
        {"agent_id": "a1", "team": "North", "hired_on": dt.date(2026, 1, 1)},
        {"agent_id": "a2", "team": "South", "hired_on": dt.date(2026, 2, 20)},
    ],
    "agent_time": [
        {
            "interval_id": "i1",
            "agent_id": "a1",
            "state": "available",
            "started_at": moment("2026-03-02 08:30"),
            "ended_at": moment("2026-03-02 10:15"),
        },
        {
            "interval_id": "i2",
            "agent_id": "a2",
            "state": "paused",
            "started_at": moment("2026-03-02 09:45"),
            "ended_at": None,
        },
        {
            "interval_id": "i3",
            "agent_id": "a1",
            "state": "talking",
            "started_at": moment("2026-03-01 23:30"),
            "ended_at": moment("2026-03-02 00:30"),
        },
    ],
    "leads": [
        {
            "lead_id": "l1",
            "created_at": moment("2026-03-01 12:00"),
            "converted_at": moment("2026-03-09 15:00"),
            "lead_source": "web",
            "campaign_id": "A",
            "attributes": '{"size": 10, "note": "it\'s a \\\\ slash"}',
        },
        {
            "lead_id": "l2",
            "created_at": moment("2026-03-05 08:00"),
            "converted_at": None,
            "lead_source": "fair",
            "campaign_id": "A",
            "attributes": '{"size": "10"',
        },
        {
            "lead_id": "l3",
            "created_at": moment("2026-03-09 09:00"),
            "converted_at": None,
            "lead_source": None,
            "campaign_id": "D",
            "attributes": "[1]",
        },
    ],
    "deals": [
        _deal("d1", "2026-03-03", "2026-03-20", "won", "100.0000"),
        _deal("d2", "2026-03-10", "", "open", "40.0000"),
        _deal("d3", "2026-03-05", "2026-04-02", "lost", "7.0000"),
    ],
    "journeys": [],
    **{f"{unit}_experiments": _places(unit) for unit in ("lead", "agent", "call")},
    "cost_shares": [
        _share("s1", "labour", "2026-03-30", "2026-04-01", "100.0000"),
        _share("s2", "other", "2026-04-02", None, "-1.0000"),
    ],
}
