"""Does all that a database of Odoo has come, and what does it become?"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_odoo import Odoo
from crm_server import (
    TOKEN,
    Spool,
    account,
    broken_json,
    everything,
    listening,
    status,
    streams,
)
from dialgauge.errors import ForbiddenError, ServerError, UnknownNameError
from dialgauge.sources.live import Account, Span
from dialgauge.sources.odoo import fetch, probe, stage
from dialgauge.sources.phone import token
from staging import Result


@pytest.fixture
def crm() -> Iterator[Odoo]:
    """Serve a database."""
    served = Odoo()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def ours(crm: Odoo, *secrets: tuple[str, str], **settings: object) -> Account:
    """Give the account of a user."""
    return account(crm, *secrets, database="acme", login="me@acme.com", **settings)


def staged(crm: Odoo, spool: Spool, **options: str) -> Mapping[str, Result]:
    """Fetch and stage: table to what came out."""
    spool.run(ours(crm))
    return spool.stage(**options)


def at(second: int) -> str:
    """Write an instant as Odoo does."""
    return f"2026-01-05 {10 + second // 3600:02d}:{second % 3600 // 60:02d}:{second % 60:02d}"


def test_more_leads_than_a_page_of_one_second_all_come(crm: Odoo, spool: Spool) -> None:
    """1,099 of them were imported in the same second, 500 a page."""
    for number in range(1, 1100):
        crm.lead(number, at(5))
    for number in range(1100, 1300):
        crm.lead(number, at(number))
    rows = streams(spool.run(ours(crm, history=False)))["leads"]
    assert {row["id"] for row in rows} == {str(number) for number in range(1, 1300)}


def test_going_on_reads_what_changed_since(crm: Odoo, spool: Spool) -> None:
    """And those of the last ten minutes before."""
    crm.lead(1, at(0))
    crm.lead(2, at(3600))
    spool.run(ours(crm))
    assert spool.cursors["leads"] == "2026-01-05T11:00:00+00:00"
    crm.lead(3, at(3700))
    rows = streams(spool.run(ours(crm)))["leads"]
    assert [row["id"] for row in rows] == ["2", "3"]


def test_throttling_and_damage_cost_nothing(crm: Odoo, spool: Spool) -> None:
    """Each is asked again."""
    crm.lead(1)
    crm.troubles = [("jsonrpc", status(429, Retry_After="1")), ("jsonrpc", broken_json)]
    assert len(streams(spool.run(ours(crm)))["leads"]) == 1


def test_a_wrong_key_is_told_and_not_shown(crm: Odoo) -> None:
    """Odoo says it with status 200."""
    with pytest.raises(ForbiddenError, match=r"does not know the user me@acme\.com") as caught:
        list(fetch(ours(crm, ("token", "wrong-s3cret")), Span()))
    assert "wrong-s3cret" not in str(caught.value)


def test_a_missing_right_is_told(crm: Odoo, spool: Spool) -> None:
    """With the model it is about, on one line; history can be left out."""
    crm.lead(1)
    crm.moved(90, 1, at(1), 1, 3)
    crm.forbidden = {"mail.tracking.value"}
    with pytest.raises(ForbiddenError, match=r"read mail.tracking.value \(You are not allowed to"):
        spool.run(ours(crm))
    spool.run(ours(crm, history=False))
    assert spool.stage()["stages"].texts("stage", "entered_at") == [
        ("New", "2026-01-03 08:00:00+00")
    ]


def test_other_failures_are_told_without_their_traceback(crm: Odoo) -> None:
    """In one sentence."""
    wrong = {"error": {"data": {"name": "psycopg2.Error", "message": "no\nsuch", "debug": "Trace"}}}
    crm.troubles = [("jsonrpc", status(200, wrong))]
    with pytest.raises(ServerError, match=r"^Odoo refuses \(no such\); what was read is kept"):
        list(fetch(ours(crm), Span()))


def test_neither_pages_nor_logs_hold_the_key(
    crm: Odoo, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    """The key is in the body of each request, and nowhere else."""
    caplog.set_level(logging.DEBUG)
    crm.lead(1)
    assert TOKEN not in everything(spool.run(ours(crm)))
    assert TOKEN not in caplog.text
    assert all(TOKEN not in str(asked.headers) + asked.path for asked in crm.asked)


def test_probe_says_what_there_is(crm: Odoo) -> None:
    """And what may not be read."""
    crm.lead(1)
    crm.forbidden = {"mail.message"}
    said = probe(ours(crm))
    assert said[0] == "This is Odoo's database acme, user 2."
    assert said[1] == "There are 1 leads."
    assert said[2].startswith("Calls cannot be read: Odoo does not let this user")


@pytest.mark.parametrize("old", [False, True], ids=["since 17", "until 16"])
def test_an_opportunity_is_a_lead_and_a_deal(crm: Odoo, spool: Spool, old: object) -> None:
    """Its stages come from the tracked changes, whatever Odoo calls their field."""
    crm.old = bool(old)
    crm.lead(
        1,
        stage_id=[4, "Won"],
        date_closed="2026-01-09 15:00:00",
        partner_id=[51, "Eve"],
        phone="+49 30 123456",
        country_id=[57, "Germany"],
        state_id=[9, "Bavaria (DE)"],
        source_id=[5, "Web"],
    )
    crm.moved(90, 1, "2026-01-04 08:00:00", 1, 3)
    crm.moved(91, 1, "2026-01-09 15:00:00", 3, 4)
    found = staged(crm, spool, orders="won")
    assert found["leads"].texts("lead_id", "lead_source", "region", "country", "converted_at") == [
        ("odoo-1", "Web", "Bavaria", "DE", "2026-01-09 15:00:00+00")
    ]
    assert found["leads"].rows("phone_token") == [(token(b"key", "+4930123456"),)]
    assert found["deals"].texts(
        *("deal_id", "lead_id", "status", "amount", "currency", "closed_at", "pipeline"),
        *("customer_id", "agent_id"),
    ) == [
        (
            *("odoo-1", "odoo-1", "won", "1200.5000", "EUR", "2026-01-09 15:00:00+00", "North"),
            *("odoo-51", "odoo-7"),
        )
    ]
    assert found["stages"].texts("stage", "position", "entered_at", "left_at") == [
        ("New", "1", "2026-01-02 08:00:00+00", "2026-01-04 08:00:00+00"),
        ("Proposal", "2", "2026-01-04 08:00:00+00", "2026-01-09 15:00:00+00"),
        ("Won", "3", "2026-01-09 15:00:00+00", None),
    ]
    assert found["orders"].texts("order_id", "ordered_at") == [("odoo-1", "2026-01-09 15:00:00+00")]


def test_leads_that_are_no_deals_and_deals_that_ended(crm: Odoo, spool: Spool) -> None:
    """Lost is put away without a chance; put away with one, it left the pipeline."""
    closed: dict[str, Any] = {"active": False, "date_closed": "2026-01-08 00:00:00"}
    crm.lead(1, type="lead")
    crm.lead(2, probability=0.0, lost_reason_id=[1, "Too dear"], **closed)
    crm.lead(3, active=False, probability=20.0)
    found = staged(crm, spool)
    assert len(found["leads"].rows("lead_id")) == 3
    assert found["deals"].texts("deal_id", "status", "closed_at") == [
        ("odoo-2", "lost", "2026-01-08 00:00:00+00"),
        ("odoo-3", None, "2026-01-05 10:00:00+00"),
    ]


def test_before_16_the_reason_of_a_loss_had_another_name(crm: Odoo, spool: Spool) -> None:
    """It is asked for by that name, and means the same."""
    crm.old = True
    closed: dict[str, Any] = {"active": False, "date_closed": "2026-01-08 00:00:00"}
    crm.lead(2, probability=20.0, lost_reason=[1, "Too dear"], **closed)
    assert staged(crm, spool)["deals"].rows("deal_id", "status") == [("odoo-2", "lost")]


def test_own_fields_are_read_and_must_be_there(crm: Odoo, spool: Spool) -> None:
    """One that Odoo lacks is told, with those it has."""
    crm.own = {"crm.lead": ["x_margin"]}
    crm.lead(1, x_margin=77.5)
    spool.run(ours(crm, fields="leads.x_margin"))
    found = spool.stage(fields="orders.margin = x_margin, deals.amount = x_margin")
    assert found["deals"].texts("amount") == [("77.5000",)]
    with pytest.raises(UnknownNameError, match=r"field of crm\.lead 'x_profit'"):
        spool.run(ours(crm, fields="leads.x_profit"))


def test_phone_calls_that_were_ticked_off_are_calls(crm: Odoo, spool: Spool) -> None:
    """Odoo tells who, whom and when; the outcome nobody knows, and a note says so."""
    crm.lead(1, phone="+49 30 123456")
    crm.call(500, 1)
    calls = staged(crm, spool)["calls"]
    assert calls.texts("call_id", "started_at", "direction", "result", "lead_id", "agent_id") == [
        ("odoo-500", "2026-01-05 09:00:00+00", "outbound", None, "odoo-1", "odoo-7")
    ]
    assert calls.rows("phone_token") == [(token(b"key", "+4930123456"),)]
    assert "1 calls do not say what came of them" in calls.notes


def test_a_call_that_comes_again_keeps_its_number(crm: Odoo, spool: Spool) -> None:
    """Its lead, which did not change since, is not read with it any more."""
    crm.lead(1, phone="+49 30 123456")
    crm.call(500, 1, at(5))
    crm.call(501, 0, at(5))
    spool.run(ours(crm))
    crm.lead(2, "2026-01-06 10:00:00")
    spool.run(ours(crm))
    spool.emptied()
    spool.run(ours(crm))
    found = spool.stage()
    assert found["leads"].rows("lead_id") == [("odoo-2",)]
    assert found["calls"].rows("call_id", "phone_token") == [
        ("odoo-500", token(b"key", "+4930123456")),
        ("odoo-501", None),
    ]


def test_users_are_agents(crm: Odoo, spool: Spool) -> None:
    """With their team."""
    assert staged(crm, spool)["agents"].rows("agent_id", "name", "team") == [
        ("odoo-7", "Ann Lee", "North"),
        ("odoo-8", "Bo", None),
    ]
