"""What does a lake look like in which two teams must not learn of each other?

The seen team is Alder. Everything of the other bears a name that stands nowhere else, so that one
such name in any answer is a leak. Money and counts of the other team are told by their digits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from dialgauge.model.rules import Rules
from small_lake import Record, SmallLake, small_lake

SECRET: Mapping[str, str] = {
    "team": "Quuxton",
    "agent": "zyzzy1",
    "agent_name": "Wexleya Thornquist",
    "campaign": "frobnic",
    "campaign_name": "Frobnication",
    "list": "plughlist",
    "lead_source": "grapevinex",
    "region": "Zembla",
    "industry": "snuffmaking",
    "script": "hornswoggle",
    "product": "gizmotron",
    "experiment": "blivetry",
    "call": "zzcall",
    "lead": "zzlead",
    "customer": "zzcust",
    "order": "zzorder",
    "deal": "zzdeal",
    "meeting": "zzmeet",
    "survey": "zzsurvey",
    "comment": "balderdash",
    "review": "zzreview",
    "reviewer": "Grumbleby",
    "section": "kerfuffle",
    "cost": "zzcost",
    "target": "zztarget",
    "phone": "zzphone",
    "recording": "zzrecording",
    "pipeline": "doohickey",
    "stage": "thingamajig",
}
"""Noun to what stands only with the other team."""

OWN: Mapping[str, str] = {
    "team": "Alder",
    "agent": "A1",
    "agent_name": "Nora Field",
    "campaign": "spring",
    "campaign_name": "Spring offer",
    "list": "L1",
    "lead_source": "web",
    "region": "Tbilisi",
    "industry": "retail",
    "script": "S1",
    "product": "basic",
    "experiment": "greeting",
    "call": "own-call",
    "lead": "own-lead",
    "customer": "own-cust",
    "order": "own-order",
    "deal": "own-deal",
    "meeting": "own-meet",
    "survey": "own-survey",
    "comment": "kind",
    "review": "own-review",
    "reviewer": "Rita",
    "section": "opening",
    "cost": "own-cost",
    "target": "own-target",
    "phone": "own-phone",
    "recording": "own-recording",
    "pipeline": "new",
    "stage": "offer",
}

COLLEAGUE: Mapping[str, str] = {
    **OWN,
    "agent": "grault2",
    "agent_name": "Corge Grault",
    **{
        noun: f"mate-{noun}"
        for noun in ("call", "lead", "customer", "order", "deal", "meeting", "survey", "review")
    },
    "phone": "mate-phone",
    "comment": "matecomment",
    "cost": "mate-cost",
    "target": "mate-target",
    "recording": "mate-recording",
}
"""Another agent of the seen team, whom its lead sees and the agent does not."""

MONEY = {"own": "111.00", "mate": "222.00", "secret": "98765.43"}
CALLS = 24
NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)


def two_teams(folder: Path) -> SmallLake:
    """Make the lake."""
    people = ((OWN, MONEY["own"]), (COLLEAGUE, MONEY["mate"]), (SECRET, MONEY["secret"]))
    lake = small_lake(folder, Rules(currency="EUR"))
    tables: dict[str, list[Record]] = {}
    for who, amount in people:
        for name, rows in _of(who, amount).items():
            known = tables.setdefault(name, [])
            known.extend(row for row in rows if row not in known)
    order = ("agents", "campaigns", "leads", "customers", "calls")
    lake.load(**{name: tables.pop(name) for name in order}, **tables)
    return lake


def _of(who: Mapping[str, str], amount: str) -> dict[str, Sequence[Record]]:
    """Write all that belongs to one agent."""
    ids = [f"{who['call']}-{number}" for number in range(CALLS)]
    days = [f"2026-04-{number % 28 + 1:02d}" for number in range(CALLS)]
    agent = {"agent_id": who["agent"], "campaign_id": who["campaign"]}
    person = {"lead_id": who["lead"], "customer_id": who["customer"]}
    money = {"amount": amount, "currency": "EUR"}
    calls = [
        {
            "call_id": call,
            "started_at": f"{day}T09:00:00Z",
            "answered_at": f"{day}T09:00:10Z",
            "ended_at": f"{day}T09:03:00Z",
            "direction": "outbound",
            "result": "human" if number % 3 else "busy",
            "contact": "true" if number % 3 else "false",
            "converted": "true" if number == 1 else "false",
            "talk_s": "160" if number % 3 else "0",
            **agent,
            **person,
            "list_id": who["list"],
            "region": who["region"],
            "timezone": "Asia/Tbilisi",
            "script": who["script"],
            "product": who["product"],
            "phone_token": who["phone"],
            "recording": who["recording"],
        }
        for number, (call, day) in enumerate(zip(ids, days, strict=True))
    ]
    return {
        "agents": [
            {
                "agent_id": who["agent"],
                "name": who["agent_name"],
                "team": who["team"],
                "hired_on": "2025-01-01",
            }
        ],
        "campaigns": [{"campaign_id": who["campaign"], "name": who["campaign_name"]}],
        "leads": [
            {
                "lead_id": who["lead"],
                "created_at": "2026-04-01T08:00:00Z",
                "lead_source": who["lead_source"],
                "list_id": who["list"],
                "campaign_id": who["campaign"],
                "region": who["region"],
                "industry": who["industry"],
                "phone_token": who["phone"],
                "customer_id": who["customer"],
                "converted_at": "2026-04-02T09:00:00Z",
            }
        ],
        "customers": [
            {
                "customer_id": who["customer"],
                "lead_id": who["lead"],
                "acquired_at": "2026-04-02T09:00:00Z",
                "region": who["region"],
            }
        ],
        "calls": calls,
        "agent_time": [
            {
                "interval_id": f"{who['call']}-time-{state}",
                "agent_id": who["agent"],
                "state": state,
                "started_at": f"2026-04-02T{hour:02d}:00:00Z",
                "ended_at": f"2026-04-02T{hour + 2:02d}:00:00Z",
                "paid": "true",
            }
            for hour, state in ((8, "talking"), (10, "available"), (12, "wrap"))
        ],
        "meetings": [
            {
                "meeting_id": who["meeting"],
                "lead_id": who["lead"],
                **agent,
                "set_at": "2026-04-03T09:00:00Z",
                "due_at": "2026-04-05T09:00:00Z",
                "held_at": "2026-04-05T09:00:00Z",
            }
        ],
        "deals": [
            {
                "deal_id": who["deal"],
                **person,
                **agent,
                "created_at": "2026-04-02T10:00:00Z",
                "closed_at": "2026-04-09T10:00:00Z",
                "status": "won",
                **money,
                "pipeline": who["pipeline"],
            }
        ],
        "stages": [
            {
                "stage_id": f"{who['deal']}-stage",
                "deal_id": who["deal"],
                "lead_id": who["lead"],
                "pipeline": who["pipeline"],
                "stage": who["stage"],
                "position": "1",
                "entered_at": "2026-04-02T10:00:00Z",
                "left_at": "2026-04-09T10:00:00Z",
            }
        ],
        "orders": [
            {
                "order_id": who["order"],
                **person,
                "deal_id": who["deal"],
                "call_id": ids[1],
                **agent,
                "ordered_at": "2026-04-09T10:00:00Z",
                **money,
                "kind": "new",
                "product": who["product"],
            }
        ],
        "surveys": [
            {
                "survey_id": who["survey"],
                "kind": "csat",
                "score": "5",
                "scale": "5",
                "asked_at": "2026-04-03T09:10:00Z",
                "answered_at": "2026-04-03T09:20:00Z",
                "call_id": ids[2],
                "customer_id": who["customer"],
                "agent_id": who["agent"],
                "comment": who["comment"],
            }
        ],
        "reviews": [
            {
                "answer_id": f"{who['review']}-1",
                "review_id": who["review"],
                "call_id": ids[1],
                "agent_id": who["agent"],
                "reviewer": who["reviewer"],
                "reviewed_at": "2026-04-04T09:00:00Z",
                "section": who["section"],
                "question": "1",
                "score": "1",
                "max_score": "1",
                "weight": "1",
            }
        ],
        "conversations": [
            {
                "call_id": call,
                "agent_talk_s": "80",
                "customer_talk_s": "60",
                "silence_s": "20",
                "overlap_s": "0",
            }
            for call in ids[1:3]
        ],
        "costs": [
            {
                "cost_id": who["cost"],
                "category": "labour",
                **money,
                "starts_on": "2026-04-01",
                "ends_on": "2026-04-30",
                **agent,
                "team": who["team"],
            }
        ],
        "assignments": [
            {
                "assignment_id": f"{who['lead']}-assigned",
                "experiment": who["experiment"],
                "variant": variant,
                "unit": "lead",
                "unit_id": who["lead"],
                "assigned_at": "2026-04-01T08:00:00Z",
            }
            for variant in ("a",)
        ],
        "targets": [
            {
                "target_id": who["target"],
                "kpi": "contact_rate",
                "value": "0.5",
                "scope": f"team = '{who['team']}'",
                "starts_on": "2026-04-01",
                "ends_on": "2026-04-30",
            }
        ],
    }
