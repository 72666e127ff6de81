"""Does all that a company's Pipedrive has come, and what does it become?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_pipedrive import Pipedrive
from crm_server import TOKEN, Spool, account, broken_json, everything, listening, status, streams
from dialgauge.errors import ForbiddenError, ServerError
from dialgauge.sources.live import Span
from dialgauge.sources.phone import token
from dialgauge.sources.pipedrive import fetch, probe, stage
from staging import Result


@pytest.fixture
def crm() -> Iterator[Pipedrive]:
    """Serve a company."""
    served = Pipedrive()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def staged(crm: Pipedrive, spool: Spool, **options: str) -> Mapping[str, Result]:
    """Fetch and stage: table to what came out."""
    spool.run(account(crm, call_logs=True))
    return spool.stage(**options)


def at(minute: int) -> str:
    """Write an instant as Pipedrive does."""
    return f"2026-01-05T{10 + minute // 60:02d}:{minute % 60:02d}:00Z"


def test_all_pages_come_and_then_only_what_changed(crm: Pipedrive, spool: Spool) -> None:
    """Eight calls, three a page; the next time those of the last ten minutes and the new one."""
    for number in range(8):
        crm.call(number, at(number * 20))
    rows = streams(spool.run(account(crm)))["activities"]
    assert [row["id"] for row in rows] == [str(number) for number in range(8)]
    crm.call(9, at(145))
    rows = streams(spool.run(account(crm)))["activities"]
    assert [row["id"] for row in rows] == ["7", "9"]


def test_a_server_that_dies_half_way_loses_and_doubles_nothing(
    crm: Pipedrive, spool: Spool
) -> None:
    """What came is kept; the next time reading goes on behind it."""
    for number in range(12):
        crm.call(number, at(number * 20))
    crm.troubles = [
        ("activities", broken_json),
        ("activities", lambda answer: answer()),
        *[("activities", status(500))] * 3,
    ]
    with pytest.raises(ServerError, match="with 500"):
        spool.run(account(crm))
    assert spool.cursors["activities"] == "2026-01-05T10:40:00+00:00"
    spool.run(account(crm))
    calls = spool.stage()["calls"].rows("call_id")
    assert sorted(calls) == sorted((f"pipedrive-{number}",) for number in range(12))


def test_a_day_s_budget_stops_with_a_sentence(crm: Pipedrive, spool: Spool) -> None:
    """Reading goes on the next day."""
    spent = {"success": False, "error": "Daily API token budget exceeded"}
    crm.troubles.append(("activities", status(429, spent)))
    with pytest.raises(ServerError, match=r"had enough for now \(Daily API token budget"):
        spool.run(account(crm))


def test_a_wrong_token_is_told(crm: Pipedrive) -> None:
    """And not shown."""
    with pytest.raises(ForbiddenError, match="does not accept the token") as caught:
        list(fetch(account(crm, ("token", "wrong-s3cret")), Span()))
    assert "wrong-s3cret" not in str(caught.value)


def test_no_page_holds_the_token_or_a_customer_s_name(crm: Pipedrive, spool: Spool) -> None:
    """Names, notes and addresses are left out before anything is kept."""
    crm.call(1, note="she is ill")
    crm.put("persons", 51, name="Eve Adams", emails=[{"value": "eve@x.org"}])
    crm.put("deals", 9, title="Eve's car", status="open")
    held = everything(spool.run(account(crm)))
    for secret in (TOKEN, "Eve", "eve@x.org", "she is ill"):
        assert secret not in held


def test_probe_says_whose_it_is(crm: Pipedrive) -> None:
    """And what can be read."""
    crm.call(1)
    crm.troubles.append(("deals", status(403, {"success": False, "error": "no scope"})))
    said = probe(account(crm))
    assert said[0] == "This is Pipedrive of Acme (EUR)."
    assert said[1] == "Persons can be read; there are none."
    assert said[2].startswith("Deals cannot be read: Pipedrive")
    assert said[3] == "Activities can be read."


def test_a_call_has_what_its_log_says(crm: Pipedrive, spool: Spool) -> None:
    """Its beginning, its seconds, its outcome and the number."""
    crm.call(1)
    crm.log(1)
    calls = staged(crm, spool)["calls"]
    assert calls.texts(
        *("call_id", "started_at", "ended_at", "direction", "result", "contact", "talk_s"),
        *("lead_id", "agent_id", "country"),
    ) == [
        (
            *("pipedrive-1", "2026-01-05 08:58:00+00", "2026-01-05 08:59:01+00", "outbound"),
            *("human", "true", "61.0", "pipedrive-51", "pipedrive-7", "DE"),
        )
    ]
    assert calls.rows("phone_token") == [(token(b"key", "+4930123456"),)]


def test_call_logs_come_page_by_page(crm: Pipedrive, spool: Spool) -> None:
    """120 logs, 50 a page, and only where a team wants them."""
    for number in range(120):
        crm.call(number)
        crm.log(number)
    assert len(streams(spool.run(account(crm, call_logs=True)))["calllogs"]) == 120
    assert "calllogs" not in streams(spool.run(account(crm)))


@pytest.mark.parametrize(
    ("outcome", "result", "contact"),
    [
        ("connected", "human", True),
        ("left_message", "human", True),
        ("left_voicemail", "machine", False),
        ("no_answer", "no_answer", False),
        ("busy", "busy", False),
        ("wrong_number", "human", True),
        ("beamed", None, None),
    ],
)
def test_outcomes_have_these_meanings(
    crm: Pipedrive,
    spool: Spool,
    outcome: str,
    result: str | None,
    contact: bool | None,  # noqa: FBT001 - a value of the table
) -> None:
    """An unknown one is kept and counted in a note."""
    crm.call(1)
    crm.log(1, outcome=outcome)
    calls = staged(crm, spool)["calls"]
    assert calls.rows("disposition", "result", "contact") == [(outcome, result, contact)]
    assert ("came to 'beamed'" in calls.notes) == (result is None)


@pytest.mark.parametrize(
    ("is_", "started"),
    [
        ({}, "2026-01-05 09:00:00+00"),
        ({"marked_as_done_time": None}, "2026-01-05 08:00:00+00"),
        ({"marked_as_done_time": None, "due_time": ""}, "2026-01-05 00:00:00+00"),
    ],
)
def test_without_a_log_a_call_was_when_it_was_ticked_off(
    crm: Pipedrive, spool: Spool, is_: dict[str, Any], started: str
) -> None:
    """Else when it was due; its planned duration is not talk."""
    crm.call(1, **is_)
    calls = staged(crm, spool)["calls"]
    assert calls.texts("started_at", "talk_s", "result") == [(started, None, None)]


def test_only_calls_that_were_made_are_calls(crm: Pipedrive, spool: Spool) -> None:
    """Plans and meetings are none; a team names its own types."""
    crm.call(1)
    crm.call(2, done=False)
    crm.call(3, type="meeting")
    crm.call(4, type="Cold_Call")
    found = staged(crm, spool)
    assert found["calls"].rows("call_id") == [("pipedrive-1",)]
    assert "2 activities are no calls" in found["calls"].notes
    both = spool.stage(types="call, cold_call")["calls"].rows("call_id")
    assert sorted(both) == [("pipedrive-1",), ("pipedrive-4",)]


def test_a_person_is_a_lead(crm: Pipedrive, spool: Spool) -> None:
    """By its main number; one that was deleted was given up then."""
    crm.put(
        "persons",
        51,
        phones=[
            {"value": "040 1234567", "primary": False},
            {"value": "+49 89 123456", "primary": True},
        ],
        custom_fields={"abc": "Web", "def": {"value": "Bavaria"}},
    )
    crm.put("persons", 52, is_deleted=True)
    leads = staged(crm, spool, fields="leads.lead_source = abc, leads.region = def")["leads"]
    assert leads.texts("lead_id", "country", "lead_source", "region", "lost_at") == [
        ("pipedrive-51", "DE", "Web", "Bavaria", None),
        ("pipedrive-52", None, None, None, "2026-01-05 10:00:00+00"),
    ]
    assert leads.rows("phone_token")[0] == (token(b"key", "+4989123456"),)


def deal(crm: Pipedrive, name: int, **is_: Any) -> None:
    """Store a deal that was won after an offer."""
    usual = {
        "person_id": 51,
        "pipeline_id": 1,
        "stage_id": 12,
        "value": 1200.5,
        "currency": "USD",
        "status": "won",
        "won_time": "2026-01-09T15:00:00Z",
        "stage_change_time": "2026-01-04T08:00:00Z",
    }
    crm.put("deals", name, **{**usual, **is_})
    crm.changelogs[str(name)] = [
        {"field_key": "status", "old_value": "open", "new_value": "won",
         "time": "2026-01-09 15:00:00"},
        {"field_key": "title", "old_value": "Eve", "new_value": "Adam",
         "time": "2026-01-08 15:00:00"},
        {"field_key": "stage_id", "old_value": "11", "new_value": "12",
         "time": "2026-01-04 08:00:00"},
    ]  # fmt: skip


def test_a_deal_moves_and_ends(crm: Pipedrive, spool: Spool) -> None:
    """The first stage is what was before the first change."""
    deal(crm, 9)
    deal(crm, 10, status="open", won_time=None, stage_id=11, stage_change_time=None)
    crm.changelogs.pop("10")
    found = staged(crm, spool, orders="won")
    assert found["deals"].texts(
        *("deal_id", "status", "amount", "currency", "closed_at", "pipeline", "customer_id")
    ) == [
        (
            *("pipedrive-9", "won", "1200.5000", "USD", "2026-01-09 15:00:00+00", "Sales"),
            "pipedrive-51",
        ),
        ("pipedrive-10", "open", "1200.5000", "USD", None, "Sales", None),
    ]
    assert sorted(
        found["stages"].texts("deal_id", "stage", "position", "entered_at", "left_at")
    ) == [
        ("pipedrive-10", "Talk", "0", "2026-01-02 08:00:00+00", None),
        ("pipedrive-9", "Offer", "1", "2026-01-04 08:00:00+00", None),
        ("pipedrive-9", "Talk", "0", "2026-01-02 08:00:00+00", "2026-01-04 08:00:00+00"),
    ]
    assert found["orders"].texts("order_id", "ordered_at", "amount") == [
        ("pipedrive-9", "2026-01-09 15:00:00+00", "1200.5000")
    ]
    # a deal whose stage never changed costs no request
    assert [path for path in crm.paths() if "changelog" in path] == [
        "/api/v1/deals/9/changelog",
        "/api/v1/deals/9/changelog",
    ]


def test_without_changelogs_a_deal_is_where_it_is(crm: Pipedrive, spool: Spool) -> None:
    """A team that saves its budget knows the stage of now, and since when."""
    deal(crm, 9)
    spool.run(account(crm, history=False))
    assert spool.stage()["stages"].texts("stage", "entered_at") == [
        ("Offer", "2026-01-04 08:00:00+00")
    ]
    assert not [path for path in crm.paths() if "changelog" in path]


def test_deleted_reopened_and_archived_deals(crm: Pipedrive, spool: Spool) -> None:
    """A deleted deal is neither won nor lost; one reopened pays its order back."""
    deal(crm, 9, status="deleted", is_deleted=True)
    deal(crm, 10, status="open", won_time=None)
    crm.put("archived", 11, status="lost", lost_time="2026-01-08T00:00:00Z", stage_id=11)
    found = staged(crm, spool, orders="won")
    assert sorted(found["deals"].texts("deal_id", "status", "closed_at", "currency")) == [
        ("pipedrive-10", "open", None, "USD"),
        ("pipedrive-11", "lost", "2026-01-08 00:00:00+00", "EUR"),
        ("pipedrive-9", None, "2026-01-05 10:00:00+00", "USD"),
    ]
    assert sorted(found["orders"].texts("order_id", "cancelled")) == [
        ("pipedrive-10", "true"),
        ("pipedrive-9", "true"),
    ]


def test_damaged_rows_are_kept_with_their_reason(crm: Pipedrive, spool: Spool) -> None:
    """The others are loaded."""
    deal(crm, 9, value="much")
    deal(crm, 10, status="paused")
    crm.call(1)
    crm.log(1, duration="-3")
    crm.call(2, marked_as_done_time="soon")
    found = staged(crm, spool)
    assert sorted(found["deals"].reasons()) == [
        "status is none of open, won, lost, deleted",
        "value is no number",
    ]
    assert sorted(found["calls"].reasons()) == [
        "duration is negative",
        "marked_as_done_time is no time",
    ]


def test_users_are_agents(crm: Pipedrive, spool: Spool) -> None:
    """Our own people's names are kept."""
    agents = staged(crm, spool)["agents"]
    assert agents.rows("agent_id", "name") == [("pipedrive-7", "Ann Lee"), ("pipedrive-8", "Bo")]
