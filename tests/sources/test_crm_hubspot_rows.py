"""What do HubSpot's records become?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from crm_hubspot import CONNECTED, NO_ANSWER, HubSpot
from crm_server import Spool, account, listening
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.hubspot import fetch, stage
from dialgauge.sources.phone import token
from staging import Result


@pytest.fixture
def crm() -> Iterator[HubSpot]:
    """Serve an account."""
    served = HubSpot()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def staged(crm: HubSpot, spool: Spool, **options: str) -> Mapping[str, Result]:
    """Fetch and stage: table to what came out."""
    spool.run(account(crm))
    return spool.stage(**options)


def test_a_call_has_all_that_hubspot_says(crm: HubSpot, spool: Spool) -> None:
    """61,500 milliseconds are 61.5 seconds; the number becomes a token and a place."""
    crm.call("1", contacts=["51"], hs_timestamp="2026-01-05T09:00:00.250Z")
    calls = staged(crm, spool)["calls"]
    assert calls.texts(
        *("call_id", "started_at", "ended_at", "direction", "result", "disposition", "contact"),
        *("talk_s", "lead_id", "agent_id", "country", "region", "test", "source"),
    ) == [
        (
            *("hubspot-1", "2026-01-05 09:00:00.25+00", "2026-01-05 09:01:01.75+00", "outbound"),
            *("human", "Connected", "true", "61.5", "hubspot-51", "hubspot-7", "DE", "Berlin"),
            *("false", "hubspot"),
        )
    ]
    assert calls.rows("phone_token") == [(token(b"key", "+4930123456"),)]


@pytest.mark.parametrize(
    ("properties", "result", "contact"),
    [
        ({"hs_call_disposition": NO_ANSWER}, "no_answer", False),
        ({"hs_call_disposition": "9d9162e7-6cf3-4944-bf63-4dff82258764"}, "busy", False),
        ({"hs_call_disposition": "b2cf5968-551e-4856-9783-52b3da59a7d0"}, "machine", False),
        ({"hs_call_disposition": "17b47fee-58de-441e-a44c-c6300d46f273"}, "human", True),
        ({"hs_call_disposition": None}, "answered", None),
        ({"hs_call_disposition": None, "hs_call_status": "BUSY"}, "busy", False),
        ({"hs_call_disposition": None, "hs_call_status": "CANCELED"}, "cancelled", False),
        ({"hs_call_disposition": None, "hs_call_status": "MISSED"}, "no_answer", False),
        (
            {
                "hs_call_disposition": None,
                "hs_call_status": "MISSED",
                "hs_call_direction": "INBOUND",
            },
            "abandoned",
            False,
        ),
        ({"hs_call_disposition": None, "hs_call_status": None}, "answered", None),
        ({"hs_call_status": "IN_PROGRESS"}, None, None),
        ({"hs_call_disposition": None, "hs_call_status": "BEAMED"}, None, None),
    ],
)
def test_outcomes_and_statuses_have_these_meanings(
    crm: HubSpot,
    spool: Spool,
    properties: dict[str, str | None],
    result: str | None,
    contact: bool | None,  # noqa: FBT001 - a value of the table
) -> None:
    """The outcome an agent chose comes before the status of the line."""
    crm.call("1", **properties)
    assert staged(crm, spool)["calls"].rows("result", "contact") == [(result, contact)]


def test_a_team_says_what_its_own_outcomes_mean(crm: HubSpot, spool: Spool) -> None:
    """By their labels, whatever the case; what is not said is counted in a note."""
    crm.call("1", hs_call_disposition="C0FFEE")
    crm.call("2", hs_call_disposition="gone")
    crm.call("3", hs_call_disposition="b0b", hs_call_status=None, hs_call_duration=None)
    calls = staged(crm, spool, dispositions="interested: human contact converted")["calls"]
    found = sorted(calls.rows("call_id", "disposition", "result", "converted"))
    assert found == [
        ("hubspot-1", "Interested", "human", True),
        ("hubspot-2", "gone", "answered", None),
        ("hubspot-3", "b0b", None, None),
    ]
    assert "1 calls came to 'b0b', which nobody has said the meaning of" in calls.notes


def test_long_talk_is_a_conversation_where_a_team_says_so(crm: HubSpot, spool: Spool) -> None:
    """Only where no outcome says it."""
    crm.call("1", hs_call_disposition=None, hs_call_duration="30000")
    crm.call("2", hs_call_disposition=None, hs_call_duration="29999")
    crm.call("3", hs_call_disposition=NO_ANSWER, hs_call_duration="99000")
    calls = staged(crm, spool, contact_after="30")["calls"]
    assert sorted(calls.rows("call_id", "contact", "talk_s")) == [
        ("hubspot-1", True, 30.0),
        ("hubspot-2", False, 29.999),
        ("hubspot-3", False, None),
    ]


def test_a_call_belongs_to_the_contact_that_was_called(crm: HubSpot, spool: Spool) -> None:
    """HubSpot names three contacts, two a page; the callee is the third."""
    crm.call(
        "1",
        contacts=["51", "52", "53"],
        hs_call_callee_object_type_id="0-1",
        hs_call_callee_object_id="53",
    )
    crm.call("2", contacts=["51", "52"])
    calls = staged(crm, spool)["calls"]
    assert sorted(calls.rows("call_id", "lead_id")) == [
        ("hubspot-1", "hubspot-53"),
        ("hubspot-2", "hubspot-51"),
    ]
    assert "2 calls belong to several contacts" in calls.notes


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"hs_timestamp": None}, "hs_timestamp is missing"),
        ({"hs_timestamp": "soon"}, "hs_timestamp is no time"),
        ({"hs_call_duration": "-5000"}, "hs_call_duration is negative"),
        ({"hs_call_duration": "long"}, "hs_call_duration is no number"),
    ],
)
def test_damaged_calls_are_kept_with_their_reason(
    crm: HubSpot, spool: Spool, properties: dict[str, str | None], reason: str
) -> None:
    """The healthy one beside is loaded; the damaged one shows no phone number."""
    crm.call("1")
    crm.call("2", **properties)
    calls = staged(crm, spool)["calls"]
    assert calls.rows("call_id") == [("hubspot-1",)]
    ((found, raw),) = calls.problems()
    assert found == reason
    assert json.loads(json.loads(raw)["properties"])["hs_call_to_number"] == "#"
    assert "123456" not in raw


def test_a_page_that_is_no_json_any_more_is_kept(crm: HubSpot, spool: Spool) -> None:
    """As when somebody cut a dump: each row of it ends in quarantine, with its number hidden."""
    crm.call("1")
    spool.run(account(crm))
    spool.emptied()
    (spool.folder / "calls").mkdir(exist_ok=True)
    line = '"id";"properties"\n"1";"{""hs_call_to_number"":""+49 30 90182014"\n'
    (spool.folder / "calls" / "cut.csv").write_text(line)
    calls = spool.stage()["calls, again"]
    assert calls.reasons() == ["properties is no JSON"]
    assert "90182014" not in calls.problems()[0][1]


def test_the_last_change_of_a_record_counts(crm: HubSpot, spool: Spool) -> None:
    """Also when an older page arrives later, and as often as it comes."""
    crm.call("1", changed="2026-01-05T11:00:00.000Z", hs_call_duration="5000")
    spool.run(account(crm))
    crm.call("1", changed="2026-01-05T10:59:00.000Z", hs_call_duration="4000")
    spool.run(account(crm))
    calls = spool.stage()
    assert calls["calls"].rows("talk_s") == [(5.0,)]
    assert "rows came again; of each record the last change counts" in calls["agents"].notes


def test_a_contact_is_a_lead_and_maybe_a_customer(crm: HubSpot, spool: Spool) -> None:
    """By its lifecycle, under the newer names of its dates or the older ones."""
    crm.put(
        "contacts",
        "51",
        createdate="2026-01-01T08:00:00Z",
        hs_analytics_source="PAID_SEARCH",
        state="Bavaria",
        country="Germany",
        phone="+49 89 123456",
        lifecyclestage="customer",
        hs_v2_date_entered_marketingqualifiedlead="2026-01-02T00:00:00Z",
        hs_lifecyclestage_salesqualifiedlead_date="1767398400000",
        hs_v2_date_entered_customer="2026-01-04T00:00:00Z",
    )
    crm.put("contacts", "52", createdate="2026-01-01T08:00:00Z", hs_country_region_code="at")
    crm.put(
        *("contacts", "53"),
        createdate="2026-01-01T08:00:00Z",
        archived_at="2026-01-07T00:00:00.000Z",
        hs_merged_object_ids="40;41",
    )
    found = staged(crm, spool)
    assert found["leads"].texts(
        *("lead_id", "lead_source", "region", "country", "mql_at", "sql_at", "converted_at"),
        *("customer_id", "lost_at"),
    ) == [
        (
            *("hubspot-51", "PAID_SEARCH", "Bavaria", "DE", "2026-01-02 00:00:00+00"),
            *("2026-01-03 00:00:00+00", "2026-01-04 00:00:00+00", "hubspot-51", None),
        ),
        ("hubspot-52", None, None, "AT", None, None, None, None, None),
        ("hubspot-53", None, None, None, None, None, None, None, "2026-01-07 00:00:00+00"),
    ]
    assert found["customers"].texts("customer_id", "lead_id", "acquired_at", "country") == [
        ("hubspot-51", "hubspot-51", "2026-01-04 00:00:00+00", "DE")
    ]
    assert "1 contacts were merged" in found["leads"].notes


def test_owners_are_agents_with_their_main_team(crm: HubSpot, spool: Spool) -> None:
    """One that was archived has left."""
    agents = staged(crm, spool)["agents"]
    assert agents.texts("agent_id", "name", "team", "left_on") == [
        ("hubspot-7", "Ann Lee", "North", None),
        ("hubspot-8", "Bo", None, "2025-06-30"),
    ]


DEAL = {
    "createdate": "2026-01-02T00:00:00Z",
    "pipeline": "default",
    "hubspot_owner_id": "7",
    "amount": "1200.50",
}
WON = {
    **DEAL,
    "dealstage": "won",
    "hs_is_closed": "true",
    "hs_is_closed_won": "true",
    "closedate": "2026-01-09T00:00:00Z",
}


def test_deals_have_a_status_an_amount_and_an_end(crm: HubSpot, spool: Spool) -> None:
    """An open deal's closedate is a guess; money without a currency has the account's."""
    crm.put("deals", "1", contacts=["51"], **{**WON, "deal_currency_code": "usd"})
    crm.put("deals", "2", **{**WON, "dealstage": "lost", "hs_is_closed_won": "false"})
    crm.put("deals", "3", **DEAL, dealstage="offer", closedate="2026-01-31T00:00:00Z")
    deals = staged(crm, spool)["deals"]
    assert sorted(
        deals.texts("deal_id", "status", "amount", "currency", "closed_at", "pipeline", "lead_id")
    ) == [
        (
            *("hubspot-1", "won", "1200.5000", "USD", "2026-01-09 00:00:00+00", "Sales"),
            "hubspot-51",
        ),
        ("hubspot-2", "lost", "1200.5000", "EUR", "2026-01-09 00:00:00+00", "Sales", None),
        ("hubspot-3", "open", "1200.5000", "EUR", None, "Sales", None),
    ]


def test_the_history_of_a_deal_becomes_visits(crm: HubSpot, spool: Spool) -> None:
    """Back to an earlier stage is a visit of its own; the same stage written twice is one."""
    crm.put("deals", "1", **DEAL, dealstage="offer")
    crm.history["1"] = [
        ("meeting", "2026-01-02T00:00:00Z"),
        ("offer", "2026-01-03T00:00:00Z"),
        ("offer", "2026-01-03T12:00:00Z"),
        ("meeting", "2026-01-04T00:00:00Z"),
        ("gone", "2026-01-05T00:00:00Z"),
    ]
    stages = staged(crm, spool)["stages"]
    assert stages.texts("stage", "position", "entered_at", "left_at") == [
        ("Meeting", "1", "2026-01-02 00:00:00+00", "2026-01-03 00:00:00+00"),
        ("Offer sent", "2", "2026-01-03 00:00:00+00", "2026-01-04 00:00:00+00"),
        ("Meeting", "1", "2026-01-04 00:00:00+00", "2026-01-05 00:00:00+00"),
        ("gone", None, "2026-01-05 00:00:00+00", None),
    ]
    assert "1 visits are to stages that no pipeline has any more" in stages.notes


def test_without_history_a_deal_is_where_it_is_now(crm: HubSpot, spool: Spool) -> None:
    """Since it came there, else since it was made."""
    crm.put(
        "deals", "1", **DEAL, dealstage="offer", hs_v2_date_entered_current_stage="1767484800000"
    )
    crm.put("deals", "2", **DEAL, dealstage="meeting")
    stages = staged(crm, spool)["stages"]
    assert sorted(stages.texts("deal_id", "stage", "entered_at")) == [
        ("hubspot-1", "Offer sent", "2026-01-04 00:00:00+00"),
        ("hubspot-2", "Meeting", "2026-01-02 00:00:00+00"),
    ]


def test_won_deals_are_orders_where_a_team_wants_it(crm: HubSpot, spool: Spool) -> None:
    """One that was won once, or was deleted, is a cancelled order."""
    crm.put("deals", "1", contacts=["51"], **WON)
    crm.put("deals", "2", **DEAL, dealstage="offer")
    crm.put("deals", "3", archived_at="2026-01-10T00:00:00.000Z", **WON)
    found = staged(crm, spool, orders="won")
    wanted = ("order_id", "ordered_at", "amount", "cancelled")
    assert found["orders"].texts(*wanted) == [
        ("hubspot-1", "2026-01-09 00:00:00+00", "1200.5000", "false")
    ]
    assert found["orders, again"].texts(*wanted) == [
        ("hubspot-3", "2026-01-09 00:00:00+00", "1200.5000", "true")
    ]
    assert "1 deals were won once and are not now" in found["orders"].notes
    assert sorted(found["deals"].texts("deal_id", "status", "closed_at")) == [
        ("hubspot-1", "won", "2026-01-09 00:00:00+00"),
        ("hubspot-2", "open", None),
    ]
    assert found["deals, again"].texts("deal_id", "status", "closed_at") == [
        ("hubspot-3", None, "2026-01-09 00:00:00+00")
    ]
    assert "orders" not in spool.stage()


def test_a_deal_that_was_reopened_takes_its_order_back(crm: HubSpot, spool: Spool) -> None:
    """It is open, and what it earned counts no more."""
    crm.put("deals", "1", **DEAL, dealstage="offer", closedate="2026-01-09T00:00:00Z")
    crm.history["1"] = [("won", "2026-01-09T00:00:00Z"), ("offer", "2026-01-10T00:00:00Z")]
    found = staged(crm, spool, orders="won")
    assert found["deals"].texts("status", "closed_at") == [("open", None)]
    assert found["orders"].texts("order_id", "ordered_at", "cancelled") == [
        ("hubspot-1", "2026-01-09 00:00:00+00", "true")
    ]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"amount": "a lot"}, "amount is no number"),
        ({"createdate": "once"}, "createdate is no time"),
        ({"closedate": "x"}, "closedate is no time"),
    ],
)
def test_damaged_deals_are_kept_with_their_reason(
    crm: HubSpot, spool: Spool, properties: dict[str, str], reason: str
) -> None:
    """And make no order."""
    crm.put("deals", "1", **{**WON, **properties})
    found = staged(crm, spool, orders="won")
    assert found["deals"].reasons() == [reason]
    assert found["orders"].rows("order_id") == []


def test_a_team_s_fields_fill_typed_columns(crm: HubSpot, spool: Spool) -> None:
    """And what cannot be read as the column's type is a problem."""
    crm.put("deals", "1", **WON, margin="100.25", team_campaign="spring")
    crm.put("deals", "2", **WON, margin="most of it", team_campaign="")
    spool.run(account(crm, properties="deals.margin deals.team_campaign"))
    found = spool.stage(
        orders="won", fields="orders.margin = margin, deals.campaign_id = team_campaign"
    )
    assert found["orders"].texts("order_id", "margin", "campaign_id") == [
        ("hubspot-1", "100.2500", "spring")
    ]
    assert found["orders"].reasons() == ["margin cannot be read as margin"]


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"ordres": "won"}, UnknownNameError, "unknown hubspot option 'ordres'"),
        ({"orders": "all"}, UnknownNameError, "value of option orders 'all'"),
        ({"fields": "calls.nothing = x"}, UnknownNameError, "column of calls in option fields"),
        ({"fields": "campaign"}, UsageError, "write table.column = field"),
        ({"dispositions": "Sale"}, UsageError, "write outcome: what it means"),
        ({"dispositions": "Sale: sold"}, UnknownNameError, "word in option dispositions 'sold'"),
        ({"contact_after": "a while"}, UsageError, "must be a number of seconds"),
        ({"currency": "euro"}, UsageError, "must be a code such as EUR"),
    ],
)
def test_options_are_checked(
    crm: HubSpot, spool: Spool, options: dict[str, str], error: type[Exception], sentence: str
) -> None:
    """With one sentence on what is wrong and what is allowed."""
    crm.call("1")
    spool.run(account(crm))
    with pytest.raises(error, match=sentence):
        spool.stage(**options)


def test_connected_is_known_without_the_account_s_list(crm: HubSpot, spool: Spool) -> None:
    """An app without the right to list outcomes still understands the usual ones."""
    crm.call("1", hs_call_disposition=CONNECTED.upper())
    spool.run(account(crm))
    for path in (spool.folder / "dispositions").iterdir():
        path.unlink()
    assert spool.stage()["calls"].rows("disposition", "result") == [("Connected", "human")]
