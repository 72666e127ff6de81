"""Does all that a SuiteCRM has come, and what does it become?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_server import Spool, account, everything, listening, status, streams
from crm_suitecrm import SECRET, SuiteCrm
from dialgauge.errors import ForbiddenError, ServerError
from dialgauge.sources.live import Account, Span
from dialgauge.sources.suitecrm import fetch, probe, stage
from staging import Result


@pytest.fixture
def crm() -> Iterator[SuiteCrm]:
    """Serve an installation."""
    served = SuiteCrm()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def ours(crm: SuiteCrm, secret: str = SECRET, **settings: object) -> Account:
    """Give the account of a client."""
    return account(crm, ("client_secret", secret), client_id="b8f0c1a2", **settings)


def staged(crm: SuiteCrm, spool: Spool, **options: str) -> Mapping[str, Result]:
    """Fetch and stage: table to what came out."""
    spool.run(ours(crm))
    return spool.stage(**options)


def test_all_pages_come_whatever_changed_at_once(crm: SuiteCrm, spool: Spool) -> None:
    """250 calls of one second, 100 a page, some later, and 120 users."""
    for number in range(250):
        crm.call(f"c{number:03d}", "2026-01-05 10:00:05")
    for number in range(250, 300):
        crm.call(f"c{number:03d}", f"2026-01-05 10:01:{number % 60:02d}")
    rows = streams(spool.run(ours(crm)))
    assert {row["id"] for row in rows["calls"]} == {f"c{number:03d}" for number in range(300)}
    assert len(rows["users"]) == 120
    assert spool.cursors["calls"] == "2026-01-05T10:01:59+00:00"


def test_a_token_that_expires_in_the_middle_is_renewed(crm: SuiteCrm, spool: Spool) -> None:
    """No page is lost."""
    crm.call("c1")
    crm.troubles = [("/Calls", status(401, {"errors": {"status": 401}}))]
    assert len(streams(spool.run(ours(crm)))["calls"]) == 1
    assert crm.tokens == 2


def test_a_server_that_dies_half_way_loses_nothing(crm: SuiteCrm, spool: Spool) -> None:
    """The next time reading goes on behind what was kept."""
    for number in range(250):
        crm.call(f"c{number:03d}", f"2026-01-05 {10 + number // 60:02d}:{number % 60:02d}:00")
    crm.troubles = [
        ("/Calls", lambda answer: answer()),
        ("/Calls", lambda answer: answer()),
        *[("/Calls", status(500))] * 3,
    ]
    with pytest.raises(ServerError, match="with 500"):
        spool.run(ours(crm))
    spool.run(ours(crm))
    assert len(set(spool.stage()["calls"].rows("call_id"))) == 250


def test_a_wrong_secret_is_told_and_not_shown(crm: SuiteCrm) -> None:
    """Even when the server repeats it."""
    with pytest.raises(ForbiddenError, match="does not accept") as caught:
        list(fetch(ours(crm, "wrong-s3cret"), Span()))
    assert "wrong-s3cret" not in str(caught.value)


def test_no_page_holds_a_secret(crm: SuiteCrm, spool: Spool) -> None:
    """Neither the client's nor the token."""
    crm.call("c1")
    held = everything(spool.run(ours(crm)))
    assert SECRET not in held
    assert "token-1" not in held


def test_probe_says_what_there_is(crm: SuiteCrm) -> None:
    """By module, without what was deleted."""
    crm.call("c1")
    crm.call("c2", deleted="1")
    said = probe(ours(crm))
    assert said[0].endswith("with 100 users.")
    assert said[-1] == "There are 1 rows of Calls."


def test_a_server_that_cannot_show_deleted_records_shows_the_others(
    crm: SuiteCrm, spool: Spool
) -> None:
    """It refuses the whole page for one of them, and reading goes on without."""
    crm.call("c1")
    crm.call("c2", deleted="1")
    crm.put("Leads", "l1")
    rows = streams(spool.run(ours(crm)))
    assert [row["id"] for row in rows["calls"]] == ["c1"]
    assert [row["id"] for row in rows["leads"]] == ["l1"]
    assert spool.cursors["calls"] == "2026-01-05T10:00:00+00:00"


def test_what_a_server_refuses_is_told_with_its_words(crm: SuiteCrm, spool: Spool) -> None:
    """Only the deleted ones may be refused."""
    wrong = {"errors": {"status": 400, "title": None, "detail": "Filter field x is not found"}}
    crm.call("c1")
    crm.troubles = [("/Calls", lambda answer: answer()), ("/Calls", status(400, wrong))]
    with pytest.raises(ServerError, match=r"refuses .* with 400 \(Filter field x"):
        spool.run(ours(crm))


def test_a_client_who_sees_no_users_reads_the_rest(crm: SuiteCrm, spool: Spool) -> None:
    """An empty answer has no number of pages."""
    crm.rows["Users"] = []
    crm.call("c1")
    assert "users" not in (rows := streams(spool.run(ours(crm))))
    assert len(rows["calls"]) == 1


@pytest.mark.parametrize(
    ("is_", "expected"),
    [
        ({}, ("outbound", "human", 4500.0, "l1", False)),
        ({"duration_hours": "", "status": "Not Held"},
         ("outbound", "no_answer", None, "l1", False)),
        ({"parent_type": "Accounts", "parent_id": "a"},
         ("outbound", "human", 4500.0, "k2", False)),
        ({"deleted": "1", "direction": "Inbound"}, ("inbound", "human", 4500.0, "l1", True)),
    ],
)  # fmt: skip
def test_calls_have_these_meanings(
    crm: SuiteCrm, spool: Spool, is_: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """Hours and minutes are seconds; a deleted call stays and does not count."""
    crm.call("c1", **is_)
    crm.call("c2", status="Planned")
    crm.related["c1", "contacts"] = ["k2", "k3"]
    crm.shows_deleted = True
    calls = staged(crm, spool)["calls"]
    assert calls.rows("direction", "result", "talk_s", "lead_id", "test") == [expected]
    assert calls.texts("started_at") == [("2026-01-05 09:00:00+00",)]


def test_damaged_durations_are_kept_with_their_reason(crm: SuiteCrm, spool: Spool) -> None:
    """Minutes that are no number, and less than none."""
    crm.call("c1", duration_minutes="some")
    crm.call("c2", duration_hours="-2", duration_minutes="0")
    assert sorted(staged(crm, spool)["calls"].reasons()) == [
        "its duration is negative",
        "its duration is no number",
    ]


def test_who_must_not_be_called_is_said(crm: SuiteCrm, spool: Spool) -> None:
    """Of leads and contacts, as the database writes yes and no."""
    crm.put("Leads", "l1", do_not_call="1")
    crm.put("Leads", "l2", do_not_call="0")
    crm.put("Contacts", "k1", do_not_call=True)
    spool.run(ours(crm, objects="leads contacts"))
    assert spool.stage()["leads"].rows("lead_id", "do_not_call") == [
        ("l1", True),
        ("l2", False),
        ("k1", True),
    ]


def test_leads_and_opportunities(crm: SuiteCrm, spool: Spool) -> None:
    """With the audit of stages from a dump beside the pages."""
    crm.put(
        *("Leads", "l1"),
        lead_source="Web Site",
        primary_address_country="DE",
        phone_work="030 1",
        account_id="a1",
    )
    crm.put("Leads", "l2", deleted="1")
    crm.shows_deleted = True
    crm.put(
        *("Opportunities", "o1"),
        sales_stage="Closed Won",
        amount="1200.5",
        date_closed="2026-01-09",
        account_id="a1",
    )
    found = staged(crm, spool, currency="EUR")
    assert sorted(found["leads"].texts("lead_id", "lead_source", "country", "lost_at")) == [
        ("l1", "Web Site", "DE", None),
        ("l2", None, None, "2026-01-05 10:00:00+00"),
    ]
    assert found["stages"].rows("stage") == []
    assert found["deals"].texts("status", "closed_at") == [("won", "2026-01-09 00:00:00+00")]
    (spool.folder / "opportunities_audit.csv").write_text(
        "id,parent_id,date_created,field_name,before_value_string,after_value_string\n"
        "1,o1,2026-01-04 08:00:00,sales_stage,Prospecting,Negotiation/Review\n"
        "2,o1,2026-01-05 08:00:00,amount,5,1200.5\n"
        "3,o1,2026-01-09 15:00:00,sales_stage,Negotiation/Review,Closed Won\n"
    )
    found = spool.stage(orders="won", currency="EUR")
    assert found["stages"].texts("stage", "position", "entered_at", "left_at") == [
        ("Prospecting", "1", "2026-01-02 08:00:00+00", "2026-01-04 08:00:00+00"),
        ("Negotiation/Review", "8", "2026-01-04 08:00:00+00", "2026-01-09 15:00:00+00"),
        ("Closed Won", "9", "2026-01-09 15:00:00+00", None),
    ]
    assert found["orders"].texts("order_id", "ordered_at", "amount", "currency") == [
        ("o1", "2026-01-09 15:00:00+00", "1200.5000", "EUR")
    ]
