"""Does all that an EspoCRM has come, and what does it become?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_espocrm import EspoCrm
from crm_server import TOKEN, Spool, account, broken_json, everything, listening, status, streams
from dialgauge.errors import ForbiddenError, ServerError, UsageError
from dialgauge.sources.espocrm import fetch, probe, stage
from dialgauge.sources.live import Span
from dialgauge.sources.phone import token
from staging import Result


@pytest.fixture
def crm() -> Iterator[EspoCrm]:
    """Serve an installation."""
    served = EspoCrm()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def staged(crm: EspoCrm, spool: Spool, **options: str) -> Mapping[str, Result]:
    """Fetch and stage: table to what came out."""
    spool.run(account(crm))
    return spool.stage(**options)


def test_more_calls_than_a_page_of_one_second_all_come(crm: EspoCrm, spool: Spool) -> None:
    """450 in one second, 200 a page, and some after."""
    for number in range(450):
        crm.call(f"c{number:04d}", "2026-01-05 10:00:05")
    for number in range(450, 600):
        crm.call(f"c{number:04d}", f"2026-01-05 10:01:{number % 60:02d}")
    rows = streams(spool.run(account(crm)))["call"]
    assert {row["id"] for row in rows} == {f"c{number:04d}" for number in range(600)}
    assert spool.cursors["call"] == "2026-01-05T10:01:59+00:00"
    crm.call("later", "2026-01-05 10:30:00")
    assert [row["id"] for row in streams(spool.run(account(crm)))["call"]][-1] == "later"


def test_a_server_that_dies_half_way_loses_nothing(crm: EspoCrm, spool: Spool) -> None:
    """The next time reading goes on behind what was kept."""
    for number in range(450):
        crm.call(f"c{number:04d}", f"2026-01-05 {10 + number // 60:02d}:{number % 60:02d}:00")
    crm.troubles = [
        ("/Call", broken_json),
        ("/Call", lambda answer: answer()),
        *[("/Call", status(500))] * 3,
    ]
    with pytest.raises(ServerError, match="with 500"):
        spool.run(account(crm))
    spool.run(account(crm))
    assert len(set(spool.stage()["calls"].rows("call_id"))) == 450


def test_a_wrong_key_is_told_and_not_shown(crm: EspoCrm) -> None:
    """In one sentence."""
    with pytest.raises(ForbiddenError, match="does not accept the API key") as caught:
        list(fetch(account(crm, ("token", "wrong-s3cret")), Span()))
    assert "wrong-s3cret" not in str(caught.value)


def test_an_address_without_https_must_be_wanted(crm: EspoCrm) -> None:
    """Somebody says that their own network may see the key."""
    with pytest.raises(UsageError, match="plain_http = true"):
        list(fetch(account(crm, url="http://crm.lan"), Span()))


def test_no_page_holds_the_key_or_a_name(crm: EspoCrm, spool: Spool) -> None:
    """But those of our own people."""
    crm.call("c1", description="she is ill")
    crm.put("Lead", "l1", name="Eve Adams", emailAddress="eve@x.org")
    held = everything(spool.run(account(crm)))
    for secret in (TOKEN, "Eve", "eve@x.org", "she is ill"):
        assert secret not in held
    assert "Ann Lee" in held


def test_a_server_that_does_not_count_gives_all_pages(crm: EspoCrm, spool: Spool) -> None:
    """250 users, and 250 notes of one opportunity whose first stage is in the last of them."""
    crm.counts = False
    crm.rows["User"] = [
        {"id": f"u{n:03d}", "name": f"Ann {n}", "createdAt": f"{n:03d}"} for n in range(250)
    ]
    crm.put("Opportunity", "o1", stage="Proposal")
    crm.notes["o1"] = [
        *({"type": "Post", "createdAt": "2026-01-08 15:00:00"} for _ in range(249)),
        {"type": "Create", "createdAt": "2026-01-02 08:00:00",
         "data": {"statusField": "stage", "statusValue": "Prospecting"}},
    ]  # fmt: skip
    found = staged(crm, spool)
    assert len(found["agents"].rows("agent_id")) == 250
    assert found["stages"].rows("stage") == [("Prospecting",)]


def test_stages_of_an_older_server_have_their_places(crm: EspoCrm, spool: Spool) -> None:
    """Before 8.2 it gives all metadata, whatever is asked for."""
    crm.before_8_2 = True
    crm.put("Opportunity", "o1", stage="Proposal")
    assert staged(crm, spool)["stages"].rows("stage", "position") == [("Proposal", 2)]


def test_only_what_is_needed_is_asked_for(crm: EspoCrm, spool: Spool) -> None:
    """Names never leave the server; fields of one's own do, where they are wanted."""
    crm.put("Lead", "l1", name="Eve Adams", cShop="Web 7")
    spool.run(account(crm, fields="lead.cShop"))
    asked = [each.params["select"] for each in crm.asked if each.path == "/api/v1/Lead"]
    assert all("name" not in select.split(",") for select in asked)
    assert spool.stage(fields="leads.lead_source = cShop")["leads"].rows("lead_source") == [
        ("Web 7",)
    ]
    with pytest.raises(UsageError, match="write the object and its field"):
        spool.run(account(crm, fields="shop.cShop"))


def test_probe_says_what_there_is(crm: EspoCrm) -> None:
    """And as whom."""
    crm.call("c1")
    said = probe(account(crm))
    assert said[0].endswith("user api.")
    assert said[-1] == "There are 1 rows of Call."


@pytest.mark.parametrize(
    ("is_", "expected"),
    [
        ({}, ("outbound", "human", True, 300.0, "l1")),
        ({"status": "Not Held", "direction": "Inbound"},
         ("inbound", "no_answer", False, None, "l1")),
        ({"parentType": "Account", "parentId": "a", "contactsIds": ["k2", "k3"]},
         ("outbound", "human", True, 300.0, "k2")),
        ({"status": "Odd"}, ("outbound", None, None, None, "l1")),
    ],
)  # fmt: skip
def test_calls_have_these_meanings(
    crm: EspoCrm, spool: Spool, is_: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """By their status; a call that is only planned is none."""
    crm.call("c1", **is_)
    crm.call("c2", status="Planned")
    calls = staged(crm, spool)["calls"]
    assert calls.rows("direction", "result", "contact", "talk_s", "lead_id") == [expected]
    assert calls.texts("started_at", "agent_id", "source") == [
        ("2026-01-05 09:00:00+00", "u7", "espocrm")
    ]


def test_damaged_calls_are_kept_with_their_reason(crm: EspoCrm, spool: Spool) -> None:
    """One that ends before it begins, and one without a beginning."""
    crm.call("c1", dateEnd="2026-01-05 08:00:00")
    crm.call("c2", dateStart=None)
    assert sorted(staged(crm, spool)["calls"].reasons()) == [
        "it is not said when the call was",
        "its duration is negative",
    ]


def test_leads_and_contacts_that_were_none(crm: EspoCrm, spool: Spool) -> None:
    """A contact that a lead became is that lead."""
    crm.put(
        *("Lead", "l1"),
        source="Web",
        phoneNumber="+49 30 123456",
        addressState="Berlin",
        convertedAt="2026-01-09 12:00:00",
        createdAccountId="a1",
    )
    crm.put("Contact", "k1", originalLeadId="l1")
    crm.put("Contact", "k2", addressCountry="at", accountId="a2")
    leads = staged(crm, spool)["leads"]
    assert leads.texts(
        "lead_id", "lead_source", "region", "country", "converted_at", "customer_id"
    ) == [
        ("l1", "Web", "Berlin", "DE", "2026-01-09 12:00:00+00", "a1"),
        ("k2", None, None, "AT", None, "a2"),
    ]
    assert leads.rows("phone_token")[0] == (token(b"key", "+4930123456"),)


def test_who_must_not_be_called_is_said(crm: EspoCrm, spool: Spool) -> None:
    """Of leads and contacts; a version without the field leaves alone what the lake knows."""
    crm.put("Lead", "l1", doNotCall=True)
    crm.put("Lead", "l2", doNotCall=False)
    crm.put("Contact", "k1", doNotCall=True)
    crm.put("Contact", "k2")
    found = staged(crm, spool)["leads"]
    assert found.rows("lead_id", "do_not_call") == [
        ("l1", True),
        ("l2", False),
        ("k1", True),
        ("k2", None),
    ]
    spool.emptied()
    crm.put("Lead", "l3", "2026-01-06 10:00:00")
    for kind in ("Lead", "Contact"):
        for row in crm.rows[kind]:
            row.pop("doNotCall", None)
    (later,) = staged(crm, spool)["leads"].staged
    assert "do_not_call" not in later.present


def test_an_opportunity_moves_and_ends(crm: EspoCrm, spool: Spool) -> None:
    """Its stream tells the stages, whatever form its notes have."""
    crm.put(
        *("Opportunity", "o1"),
        stage="Closed Won",
        amount=1200.5,
        amountCurrency="EUR",
        closeDate="2026-01-09",
        contactId="k2",
        accountId="a2",
    )
    crm.notes["o1"] = [
        {"type": "Status", "createdAt": "2026-01-09 15:00:00",
         "data": {"field": "stage", "value": "Closed Won"}},
        {"type": "Post", "createdAt": "2026-01-08 15:00:00", "post": "Eve called"},
        {"type": "Update", "createdAt": "2026-01-04 08:00:00",
         "data": {"fields": ["stage"], "attributes": {"was": {"stage": "Prospecting"},
                                                      "became": {"stage": "Proposal"}}}},
        {"type": "Create", "createdAt": "2026-01-02 08:00:00",
         "data": {"statusField": "stage", "statusValue": "Prospecting"}},
    ]  # fmt: skip
    crm.put("Opportunity", "o2", stage="Proposal", amount=5, amountCurrency=None)
    found = staged(crm, spool, orders="won")
    assert found["deals"].texts(
        "deal_id", "status", "amount", "currency", "closed_at", "customer_id", "lead_id"
    ) == [
        ("o1", "won", "1200.5000", "EUR", "2026-01-09 15:00:00+00", "a2", "k2"),
        ("o2", "open", "5.0000", None, None, None, None),
    ]
    assert "1 deals have an amount and no currency" in found["deals"].notes
    assert found["stages"].texts("deal_id", "stage", "position", "entered_at", "left_at") == [
        ("o1", "Prospecting", "1", "2026-01-02 08:00:00+00", "2026-01-04 08:00:00+00"),
        ("o1", "Proposal", "2", "2026-01-04 08:00:00+00", "2026-01-09 15:00:00+00"),
        ("o1", "Closed Won", "3", "2026-01-09 15:00:00+00", None),
        ("o2", "Proposal", "2", "2026-01-02 08:00:00+00", None),
    ]
    assert found["orders"].texts("order_id", "ordered_at") == [("o1", "2026-01-09 15:00:00+00")]
    assert found["agents"].rows("agent_id", "name", "team") == [("u7", "Ann Lee", "North")]
