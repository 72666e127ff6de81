"""Is somebody left alone who must not be called, when nobody knows since when?

Do-not-call lists and CRMs often hold a mere yes. A call list that waits for a moment offers them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from dialgauge.outward.callable import WHY_NOT, Rules, judged
from dialgauge.outward.lists import Wanted, call_list
from small_lake import Record, SmallLake, call, small_lake

# A Monday, 12:00 in Berlin.
NOW = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC)
DIALLED = "2026-02-02T10:00:00Z"


def lead(name: str, **columns: object) -> Record:
    """Write a lead of Berlin."""
    return {
        "lead_id": name,
        "created_at": "2026-01-01T00:00:00Z",
        "timezone": "Europe/Berlin",
        **columns,
    }


def why_not(lake: SmallLake) -> dict[str, str]:
    """Give each lead's reason not to be called."""
    return {each.lead_id: each.why_not for each in judged(lake.gauge(), (), Rules(), NOW)}


def firm(folder: Path) -> SmallLake:
    """Make a lake with a lead that must not be called, since nobody knows when."""
    return small_lake(
        folder,
        leads=[
            lead("never", do_not_call="true", phone_token="t1", list_id="A"),
            lead("no_number", do_not_call="true", list_id="A"),
            lead("same_number", phone_token="t1", list_id="B"),
            lead("dialled_there", list_id="B"),
            lead("may", do_not_call="false", phone_token="t2", list_id="B"),
            lead("unsaid", phone_token="t3", list_id="B"),
        ],
        calls=[
            call(1, DIALLED, lead_id="never", phone_token="t1"),
            call(2, DIALLED, lead_id="dialled_there", phone_token="t1"),
        ],
    )


def test_a_yes_without_a_moment_leaves_the_number_alone(tmp_path: Path) -> None:
    """The lead, others with its number, and whoever was dialled there; a no leaves nobody out."""
    lake = firm(tmp_path)
    assert why_not(lake) == {
        "never": "do_not_call",
        "no_number": "do_not_call",
        "same_number": "do_not_call",
        "dialled_there": "do_not_call",
        "may": "",
        "unsaid": "",
    }
    found = call_list(lake.gauge(), Wanted(at=NOW))
    assert {entry.lead.lead_id for entry in found.entries} == {"may", "unsaid"}
    assert found.left_out[WHY_NOT["do_not_call"]] == 4


def test_the_wish_holds_whoever_looks(tmp_path: Path) -> None:
    """Who may see list B only is told nothing of list A, and still does not call its number."""
    lake = replace(firm(tmp_path), guard=("list = 'B'",))
    assert why_not(lake) == {
        "same_number": "do_not_call",
        "dialled_there": "do_not_call",
        "may": "",
        "unsaid": "",
    }


def test_no_violation_is_counted_without_a_moment(tmp_path: Path) -> None:
    """A dial breaks the wish ten days after it was said; nobody knows whether these did."""
    lake = firm(tmp_path)
    assert lake.total("do_not_call_violations").value == 0
    lake.load(leads=[lead("never", do_not_call="true", do_not_call_at="2026-01-02T00:00:00Z")])
    assert lake.total("do_not_call_violations").value == 1
