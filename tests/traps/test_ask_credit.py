"""Whose work was an order?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dialgauge.model.rules import Rules
from small_lake import SmallLake, by, call, small_lake

LEAD = {"lead_id": "l", "created_at": "2026-01-01T00:00:00Z", "lead_source": "web", "list_id": "L"}


def contact(call_id: str, started_at: str, campaign: str, **columns: object) -> dict[str, object]:
    """Write a conversation with the lead."""
    said = {"contact": True, "lead_id": "l", "campaign_id": campaign, "agent_id": f"of {campaign}"}
    return {**call(call_id, started_at, "human"), **said, **columns}


def sold(lake: SmallLake, name: str = "campaign") -> Mapping[Any, float | None]:
    """Ask revenue by whose work it was."""
    return by(lake.ask("revenue", by=(name,)), "revenue")


def order(**columns: object) -> dict[str, object]:
    """Write an order of 10 on 1 March."""
    return {"order_id": 1, "ordered_at": "2026-03-01T00:00:00Z", "amount": 10} | columns


def test_what_an_order_names_comes_first(tmp_path: Path) -> None:
    """The order's own campaign wins over its call's, and its call over the last contact."""
    calls = [
        contact("k1", "2026-02-01T00:00:00Z", "A"),
        contact("k2", "2026-02-02T00:00:00Z", "B"),
    ]
    named = small_lake(
        tmp_path, leads=[LEAD], calls=calls, orders=[order(call_id="k1", campaign_id="C")]
    )
    assert sold(named) == {"C": 10}
    assert sold(named, "agent") == {"of A": 10}
    assert sold(named, "lead_source") == {"web": 10}


def test_a_named_call_comes_before_the_last_contact(tmp_path: Path) -> None:
    """The order was made on the first call, whoever spoke to the lead later."""
    calls = [
        contact("k1", "2026-02-01T00:00:00Z", "A"),
        contact("k2", "2026-02-02T00:00:00Z", "B"),
    ]
    lake = small_lake(tmp_path, leads=[LEAD], calls=calls, orders=[order(call_id="k1")])
    assert sold(lake) == {"A": 10}
    assert sold(lake, "credited_by") == {"call": 10}


def test_else_the_last_contact_before_it_counts(tmp_path: Path) -> None:
    """Neither a later contact, nor a call nobody answered, nor a test, nor one too long ago."""
    calls = [
        contact("k0", "2025-11-01T00:00:00Z", "long ago"),
        contact("k1", "2026-02-01T00:00:00Z", "A"),
        contact("k2", "2026-02-02T00:00:00Z", "unanswered", contact=False),
        contact("k3", "2026-02-03T00:00:00Z", "test", test=True),
        contact("k4", "2026-03-02T00:00:00Z", "later"),
    ]
    lake = small_lake(tmp_path, leads=[LEAD], calls=calls, orders=[order(lead_id="l")])
    assert sold(lake) == {"A": 10}
    assert sold(lake, "credited_by") == {"last contact": 10}


def test_the_team_chooses_how_far_back_a_contact_counts(tmp_path: Path) -> None:
    """With 14 days, a contact of 28 days ago earns nothing; the answer tells the rule."""
    lake = small_lake(
        tmp_path,
        rules=Rules(attribution_days=14),
        leads=[LEAD],
        calls=[contact("k1", "2026-02-01T00:00:00Z", "A")],
        orders=[order(lead_id="l")],
    )
    answer = lake.ask("revenue", by=("campaign",))
    assert by(answer, "revenue") == {None: 10}
    assert any("14 days before" in note for note in answer.notes)
    assert not any("14 days before" in note for note in lake.ask("revenue").notes)


def test_contacts_imported_after_the_order_earn_it(tmp_path: Path) -> None:
    """The order of import does not matter."""
    lake = small_lake(tmp_path, leads=[LEAD], orders=[order(lead_id="l")])
    assert sold(lake) == {None: 10}
    lake.load(calls=[contact("k1", "2026-02-01T00:00:00Z", "A")])
    assert sold(lake) == {"A": 10}
