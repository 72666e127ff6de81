"""Does all that a Salesforce organisation has come, and what does it become?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm_salesforce import SECRET, Salesforce
from crm_server import Answer, Spool, Trouble, account, everything, listening, status, streams
from dialgauge.errors import ForbiddenError, ServerError, UnknownNameError
from dialgauge.sources.base import Request
from dialgauge.sources.live import Account, Span
from dialgauge.sources.phone import token
from dialgauge.sources.salesforce import fetch, probe, stage
from staging import Result


@pytest.fixture
def crm() -> Iterator[Salesforce]:
    """Serve an organisation."""
    served = Salesforce()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def app(crm: Salesforce, **settings: object) -> Account:
    """Give the account of an app with a consumer key and secret."""
    return account(crm, ("client_secret", SECRET), client_id="3MVG9", **settings)


def staged(crm: Salesforce, spool: Spool, **options: str) -> Mapping[str, Result]:
    """Fetch and stage: table to what came out."""
    spool.run(app(crm))
    return spool.stage(**options)


def at(minute: int) -> str:
    """Write an instant as Salesforce does."""
    return f"2026-01-05T{10 + minute // 60:02d}:{minute % 60:02d}:00.000+0000"


def test_all_pages_come_and_then_only_what_changed(crm: Salesforce, spool: Spool) -> None:
    """Seven tasks, two a page; the next time those of the last ten minutes and the new one."""
    for number in range(7):
        crm.task(f"00T{number}", at(number * 20))
    assert [row["Id"] for row in streams(spool.run(app(crm)))["task"]] == [
        f"00T{number}" for number in range(7)
    ]
    assert spool.cursors["task"] == "2026-01-05T12:00:00+00:00"
    crm.task("00T9", at(130))
    assert [row["Id"] for row in streams(spool.run(app(crm)))["task"]] == ["00T6", "00T9"]


def test_a_token_that_expires_in_the_middle_is_renewed(crm: Salesforce, spool: Spool) -> None:
    """The session ends while tasks are read; no page is lost."""
    for number in range(7):
        crm.task(f"00T{number}", at(number))
    crm.troubles.append(("/query/", _expired(crm)))
    assert len(streams(spool.run(app(crm)))["task"]) == 7
    assert crm.tokens == 3


def _expired(crm: Salesforce) -> Trouble:
    def trouble(answer: Callable[[], Answer]) -> Answer:
        crm.tokens += 1  # nobody has this one
        return answer()

    return trouble


def test_a_server_that_dies_half_way_loses_and_doubles_nothing(
    crm: Salesforce, spool: Spool
) -> None:
    """The first pages are kept; the next time reading goes on behind them."""
    for number in range(60, 90):
        crm.task(f"00T{number}", at(number * 5))
    crm.size = 5
    crm.troubles = [("/query/", lambda answer: answer()), *[("/query/", status(503))] * 3]
    with pytest.raises(ServerError, match="with 503"):
        spool.run(app(crm))
    assert spool.cursors
    spool.run(app(crm))
    calls = spool.stage()["calls"].rows("call_id")
    assert sorted(calls) == [(f"00T{number}",) for number in range(60, 90)]


def test_a_day_s_limit_stops_with_a_sentence(crm: Salesforce, spool: Spool) -> None:
    """Salesforce says so with 403, which is no missing right."""
    limit = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    crm.troubles.append(("/queryAll", status(403, limit)))
    with pytest.raises(ServerError, match=r"had enough for now \(REQUEST_LIMIT_EXCEEDED"):
        spool.run(app(crm))


def test_a_wrong_secret_is_told_and_not_shown(crm: Salesforce) -> None:
    """Even when the server repeats it."""
    wrong = account(crm, ("client_secret", "wrong-s3cret"), client_id="3MVG9")
    with pytest.raises(ForbiddenError, match=r"invalid_client.*; check the client_id") as caught:
        list(fetch(wrong, Span()))
    assert "wrong-s3cret" not in str(caught.value)


def test_no_page_holds_a_secret(crm: Salesforce, spool: Spool) -> None:
    """Neither the app's nor the session's."""
    crm.task("00T1")
    held = everything(spool.run(app(crm)))
    assert SECRET not in held
    assert "token-1" not in held


def test_a_field_that_is_not_there_is_told(crm: Salesforce, spool: Spool) -> None:
    """Our own are left out where an organisation lacks them; a team's must be there."""
    crm.own["Task"] = ["Campaign__c"]
    crm.task("00T1", Campaign__c="spring")
    spool.run(app(crm, fields="task.Campaign__c"))
    calls = spool.stage(fields="calls.campaign_id = Campaign__c")["calls"]
    assert calls.rows("campaign_id") == [("spring",)]
    with pytest.raises(UnknownNameError, match="unknown field of Task 'Campain__c'"):
        list(fetch(app(crm, fields="task.Campain__c"), Span()))


def test_probe_says_what_there_is(crm: Salesforce) -> None:
    """And how many requests are left."""
    crm.task("00T1")
    said = probe(app(crm))
    assert "14,998 of 15,000 requests are left today" in said[0]
    assert said[-1] == "There are 1 rows of Task."


def test_a_call_has_all_that_salesforce_says(crm: Salesforce, spool: Spool) -> None:
    """Seconds stay seconds; a national number gets its country from the option."""
    crm.task("00T1", WhoId="00Q1")
    calls = staged(crm, spool, region="DE")["calls"]
    assert calls.texts(
        *("call_id", "started_at", "ended_at", "direction", "result", "disposition", "contact"),
        *("talk_s", "lead_id", "agent_id", "country", "test"),
    ) == [
        (
            *("00T1", "2026-01-05 09:30:00+00", "2026-01-05 09:31:30+00", "outbound", "human"),
            *("Connected", "true", "90.0", "00Q1", "005A", "DE", "false"),
        )
    ]
    assert calls.rows("phone_token") == [(token(b"key", "+4930123456"),)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"CallType": "Internal"}, ("internal", "human", "005A", False)),
        ({"CallType": "Inbound", "OwnerId": "00G1"}, ("inbound", "human", None, False)),
        ({"CallDisposition": "left voicemail"}, ("outbound", "machine", "005A", False)),
        ({"CallDisposition": None}, ("outbound", "answered", "005A", False)),
        (
            {"CallDisposition": None, "CallDurationInSeconds": 0},
            ("outbound", None, "005A", False),
        ),
        ({"IsDeleted": True}, ("outbound", "human", "005A", True)),
    ],
)
def test_tasks_have_these_meanings(
    crm: Salesforce, spool: Spool, fields: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """Ways, outcomes, queues as owners, and deleted calls."""
    crm.task("00T1", **fields)
    calls = staged(crm, spool)["calls"]
    assert calls.rows("direction", "result", "agent_id", "test") == [expected]


def test_planned_calls_are_no_calls(crm: Salesforce, spool: Spool) -> None:
    """A task that is open is a plan; another kind of task is none either."""
    crm.task("00T1", IsClosed=False)
    crm.task("00T2", TaskSubtype="Email", CallType=None)
    crm.task("00T3", TaskSubtype="Task", CallType="Outbound")
    assert staged(crm, spool)["calls"].rows("call_id") == [("00T3",)]


def test_a_call_written_down_later_keeps_its_day(crm: Salesforce, spool: Spool) -> None:
    """Its hour is not known; the day is that of the team's zone."""
    crm.task("00T1", ActivityDate="2026-01-02")
    crm.task("00T2", CreatedDate="2026-01-04T23:30:00.000+0000")
    spool.run(app(crm))
    con = duckdb.connect()
    request = Request(paths=(spool.folder,), timezone="Europe/Berlin", phone_key=b"key")
    found = {each.table.name: Result(con, [each]) for each in stage(con, request)}
    assert found["calls"].texts("call_id", "started_at") == [
        ("00T1", "2026-01-02 11:00:00+00"),
        ("00T2", "2026-01-04 23:30:00+00"),
    ]
    assert "1 calls were written down on another day" in found["calls"].notes


def test_a_lead_stays_a_lead_when_it_is_converted(crm: Salesforce, spool: Spool) -> None:
    """Salesforce moves its calls to the new contact; here they stay with the lead."""
    crm.put(
        "Lead",
        "00Q1",
        at(0),
        LeadSource="Web",
        IsConverted=True,
        ConvertedDate="2026-01-09",
        ConvertedContactId="0031",
        ConvertedAccountId="0011",
        ConvertedOpportunityId="0061",
        DoNotCall=True,
        Status="Converted",
    )
    crm.put("Lead", "00Q2", at(1), IsDeleted=True, MasterRecordId="00Q1")
    crm.put("Contact", "0031", at(1))
    crm.put("Contact", "0032", at(2), MailingState="Bavaria", AccountId="0012")
    crm.task("00T1", WhoId="0031")
    crm.task("00T2", WhoId="0032")
    crm.put("Opportunity", "0061", at(0), StageName="Talk", CloseDate="2026-02-01")
    spool.run(app(crm))
    con = duckdb.connect()
    found = list(stage(con, Request(paths=(spool.folder,), phone_key=b"key")))
    leads = [Result(con, [each]) for each in found if each.table.name == "leads"]
    said = leads[0].texts("lead_id", "lead_source", "converted_at", "customer_id", "lost_at")
    assert sorted(said, key=lambda row: str(row[0])) == [
        ("00Q1", "Web", "2026-01-09 00:00:00+00", "0011", None),
        ("00Q2", None, None, None, "2026-01-05 10:01:00+00"),
    ]
    assert leads[1].texts("lead_id", "region") == [("0032", "Bavaria")]
    assert "1 leads were merged" in leads[0].notes
    by_name = {each.table.name: Result(con, [each]) for each in found}
    assert sorted(by_name["calls"].rows("call_id", "lead_id")) == [
        ("00T1", "00Q1"),
        ("00T2", "0032"),
    ]
    assert by_name["deals"].rows("lead_id") == [("00Q1",)]


def test_who_must_not_be_called_is_said(crm: Salesforce, spool: Spool) -> None:
    """Of leads and contacts; whose right does not show the field leaves alone what is known."""
    crm.put("Lead", "00Q1", at(0), DoNotCall=True, Status="Open")
    crm.put("Lead", "00Q2", at(0), DoNotCall=False)
    found = staged(crm, spool)["leads"]
    assert found.rows("lead_id", "do_not_call", "attributes") == [
        ("00Q1", True, '{"status":"Open"}'),
        ("00Q2", False, '{"status":null}'),
    ]
    for row in crm.rows["Lead"]:
        del row["DoNotCall"]
    crm.missing.add("DoNotCall")
    other = Spool(spool.folder.parent / "other", fetch, stage)
    (later,) = staged(crm, other)["leads"].staged
    assert "do_not_call" not in later.present
    crm.missing.remove("DoNotCall")
    crm.put("Contact", "0032", at(2), DoNotCall=True)
    con = duckdb.connect()
    other.run(app(crm))
    parts = stage(con, Request(paths=(other.folder,), phone_key=b"key"))
    contacts = [Result(con, [each]) for each in parts if each.table.name == "leads"][1]
    assert contacts.rows("lead_id", "do_not_call") == [("0032", True)]


def opportunity(crm: Salesforce, name: str, **fields: object) -> None:
    """Store an opportunity that was won."""
    usual: dict[str, object] = {
        "StageName": "Closed Won",
        "IsClosed": True,
        "IsWon": True,
        "Amount": 1200.5,
        "CloseDate": "2026-01-09",
        "OwnerId": "005A",
        "AccountId": "0011",
        "OpportunityHistories": [
            {"StageName": "Talk", "CreatedDate": "2026-01-02T08:00:00.000+0000"},
            {"StageName": "Talk", "CreatedDate": "2026-01-03T08:00:00.000+0000"},
            {"StageName": "Offer", "CreatedDate": "2026-01-04T08:00:00.000+0000"},
            {"StageName": "Closed Won", "CreatedDate": "2026-01-09T15:00:00.000+0000"},
        ],
        "OpportunityContactRoles": [
            {"ContactId": "0031", "IsPrimary": False},
            {"ContactId": "0032", "IsPrimary": True},
        ],
    }
    crm.put("Opportunity", name, at(0), **{**usual, **fields})


def test_an_opportunity_moves_and_ends(crm: Salesforce, spool: Spool) -> None:
    """A change of the amount is no visit; the history knows the hour of the closing day."""
    opportunity(crm, "0061")
    found = staged(crm, spool, orders="won", currency="eur")
    assert found["deals"].texts(
        *("deal_id", "status", "amount", "currency", "closed_at", "lead_id", "customer_id")
    ) == [
        (
            *("0061", "won", "1200.5000", "EUR", "2026-01-09 15:00:00+00"),
            *("0032", "0011"),
        )
    ]
    assert found["stages"].texts("stage", "position", "entered_at", "left_at") == [
        ("Talk", "1", "2026-01-02 08:00:00+00", "2026-01-04 08:00:00+00"),
        ("Offer", "2", "2026-01-04 08:00:00+00", "2026-01-09 15:00:00+00"),
        ("Closed Won", "3", "2026-01-09 15:00:00+00", None),
    ]
    assert found["orders"].texts("order_id", "ordered_at", "amount", "customer_id") == [
        ("0061", "2026-01-09 15:00:00+00", "1200.5000", "0032")
    ]


def test_opportunities_without_history_or_currency(crm: Salesforce, spool: Spool) -> None:
    """They are where they are since they were made; the missing currency is told."""
    opportunity(
        crm,
        "0061",
        StageName="Closed Lost",
        IsWon=False,
        OpportunityHistories=[],
        OpportunityContactRoles=[],
    )
    opportunity(crm, "0062", Amount="much")
    found = staged(crm, spool)
    assert found["deals"].texts("status", "closed_at", "lead_id") == [
        ("lost", "2026-01-09 00:00:00+00", None)
    ]
    assert found["deals"].reasons() == ["Amount is no number"]
    assert "1 deals have an amount and no currency" in found["deals"].notes
    assert found["stages"].texts("stage", "entered_at")[0] == (
        "Closed Lost",
        "2026-01-02 08:00:00+00",
    )


def test_users_are_agents(crm: Salesforce, spool: Spool) -> None:
    """Their role is their team."""
    agents = staged(crm, spool)["agents"]
    assert agents.rows("agent_id", "name", "team") == [
        ("005A", "Ann Lee", "North"),
        ("005B", "Bo", None),
    ]


def test_an_export_of_tasks_is_read_too(tmp_path: Path) -> None:
    """As Data Loader writes it."""
    (tmp_path / "Task.csv").write_text(
        "Id,CreatedDate,ActivityDate,CallType,CallDurationInSeconds,CallDisposition\n"
        "00T1,2026-01-05T09:30:00.000+0000,2026-01-05,Outbound,12,No Answer\n"
        ",2026-01-05T09:30:00.000+0000,2026-01-05,Outbound,12,No Answer\n"
    )
    con = duckdb.connect()
    (calls,) = stage(con, Request(paths=(tmp_path / "Task.csv",), phone_key=b"key"))
    result = Result(con, [calls])
    assert result.rows("call_id", "result", "talk_s") == [("00T1", "no_answer", None)]
    assert result.reasons() == ["Id is missing"]
