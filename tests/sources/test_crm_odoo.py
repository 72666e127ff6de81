"""Does all that a database of Odoo has come, and what does it become?"""

from __future__ import annotations

import logging
import re
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
from dialgauge.errors import ForbiddenError, ServerError, UnknownNameError, UsageError
from dialgauge.sources.live import Account, Span
from dialgauge.sources.odoo import fetch, probe, stage
from dialgauge.sources.phone import token
from staging import Result


@pytest.fixture(params=["18.0", "19.0"], ids=["over JSON-RPC", "over JSON-2"])
def crm(request: pytest.FixtureRequest) -> Iterator[Odoo]:
    """Serve a database, of a version before JSON-2 and of one with it."""
    served = Odoo(request.param)
    with listening(served):
        yield served


@pytest.fixture
def old() -> Iterator[Odoo]:
    """Serve a database of a version before 16."""
    served = Odoo("15.0")
    served.old = True
    with listening(served):
        yield served


@pytest.fixture
def modern() -> Iterator[Odoo]:
    """Serve a database of a version with JSON-2."""
    served = Odoo("saas~19.4+e")
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
    crm.troubles = [(crm.door, status(429, Retry_After="1")), (crm.door, broken_json)]
    assert len(streams(spool.run(ours(crm)))["leads"]) == 1


def test_a_wrong_key_is_told_and_not_shown(crm: Odoo) -> None:
    """Over JSON-RPC Odoo says it with status 200."""
    said = "does not accept the key" if crm.modern else r"does not know the user me@acme\.com"
    with pytest.raises(ForbiddenError, match=said) as caught:
        list(fetch(ours(crm, ("token", "wrong-s3cret")), Span()))
    assert "wrong-s3cret" not in str(caught.value)


def test_a_missing_right_is_told(crm: Odoo, spool: Spool) -> None:
    """With the model it is about, on one line; history can be left out."""
    crm.lead(1)
    crm.moved(90, 1, at(1), 1, 3)
    crm.forbidden = {"mail.tracking.value"}
    with pytest.raises(
        ForbiddenError, match=r"read mail\.tracking\.value\S* \(You are not allowed to"
    ):
        spool.run(ours(crm))
    spool.run(ours(crm, history=False))
    assert spool.stage()["stages"].texts("stage", "entered_at") == [
        ("New", "2026-01-03 08:00:00+00")
    ]


def test_other_failures_are_told_without_their_traceback(old: Odoo) -> None:
    """In one sentence."""
    wrong = {"error": {"data": {"name": "psycopg2.Error", "message": "no\nsuch", "debug": "Trace"}}}
    old.troubles = [("jsonrpc", status(200, wrong))]
    with pytest.raises(ServerError, match=r"^Odoo refuses \(no such\); what was read is kept"):
        list(fetch(ours(old), Span()))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (404, r"refuses mail\.message/search_read with 404 \(no such\); what was read is kept"),
        (422, r"refuses mail\.message/search_read with 422 \(no such\)"),
        (429, r"answered mail\.message/search_read with 429 \(no such\), 3 times"),
        (500, r"answered mail\.message/search_read with 500 \(no such\), 3 times; what was read"),
    ],
)
def test_statuses_are_told_without_their_traceback(
    modern: Odoo, spool: Spool, code: int, sentence: str
) -> None:
    """In one sentence; what came before stays."""
    modern.lead(1)
    wrong = {"name": "x.Error", "message": "no\nsuch", "arguments": [], "debug": "Traceback"}
    modern.troubles = [("mail.message/search_read", status(code, wrong))] * 3
    with pytest.raises(ServerError, match=sentence) as caught:
        spool.run(ours(modern, history=False))
    assert "Traceback" not in str(caught.value)
    assert spool.stage()["leads"].rows("lead_id") == [("odoo-1",)]


def test_json_that_breaks_off_again_and_again_is_told(crm: Odoo) -> None:
    """After as many attempts as are allowed."""
    crm.troubles = [(crm.door, broken_json)] * 3
    with pytest.raises(ServerError, match="sent JSON that breaks off, 3 times"):
        list(fetch(ours(crm), Span()))


def test_a_model_that_is_not_there_is_told(crm: Odoo) -> None:
    """Such as crm.lead, when the app CRM is not installed."""
    del crm.rows["crm.lead"]
    with pytest.raises(ServerError, match=r"refuses .*the model 'crm\.lead' does not exist"):
        list(fetch(ours(crm), Span()))


def test_the_version_is_asked_once_and_without_the_key(crm: Odoo, spool: Spool) -> None:
    """Then all is asked over what that version speaks."""
    crm.lead(1)
    crm.call(500, 1)
    spool.run(ours(crm))
    first, *rest = crm.asked
    assert (first.method, first.path) == ("GET", "/web/version")
    assert TOKEN not in str(first)
    assert all(asked.path.startswith(crm.door) for asked in rest)


def test_json_2_needs_neither_login_nor_database(modern: Odoo, spool: Spool) -> None:
    """The key tells whose it is; the database must be told when there are several."""
    modern.lead(1)
    assert len(streams(spool.run(account(modern)))["leads"]) == 1
    modern.others = True
    with pytest.raises(
        UsageError, match=r"does not say which database is meant.*write its databas"
    ):
        list(fetch(account(modern), Span()))
    assert len(list(fetch(account(modern, database="acme"), Span()))) > 0
    with pytest.raises(UsageError, match="there is no database 'amce' behind http"):
        list(fetch(account(modern, database="amce"), Span()))


def test_json_rpc_needs_both(old: Odoo) -> None:
    """With neither, an Odoo that does not tell its version is taken for one with JSON-2."""
    for given in ({"database": "acme"}, {"login": "me@acme.com"}):
        with pytest.raises(UsageError, match=r"write .*database"):
            list(fetch(account(old, **given), Span()))
        with pytest.raises(
            UsageError, match=r"is read over JSON-RPC.*write its database and the u"
        ):
            list(fetch(account(old, api="json-rpc", **given), Span()))


def test_the_api_may_be_told(modern: Odoo, spool: Spool) -> None:
    """Then the version is not asked; other words than the two are refused."""
    modern.lead(1)
    spool.run(ours(modern, api="json-rpc"))
    assert set(modern.paths()) == {"/jsonrpc"}
    modern.asked.clear()
    spool.run(account(modern, api="json-2"))
    assert "/web/version" not in modern.paths()
    with pytest.raises(UsageError, match="api is 'rest', but must be one of: json-2, json-rpc"):
        spool.run(ours(modern, api="rest"))


def test_a_version_that_nobody_may_ask_changes_nothing(modern: Odoo, spool: Spool) -> None:
    """Who gave a login is read as before, and who gave none over JSON-2."""
    modern.lead(1)
    for settings in ({"database": "acme", "login": "me@acme.com"}, {}):
        modern.troubles = [("/web/version", status(403))]
        assert len(streams(spool.run(account(modern, **settings)))["leads"]) == 1
    assert modern.paths()[1] == "/jsonrpc"
    assert modern.paths()[-1].startswith("/json/2/")


def test_neither_pages_nor_logs_hold_the_key(
    crm: Odoo, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    """The key is in the body of each request, or in its own header, and nowhere else."""
    caplog.set_level(logging.DEBUG)
    crm.lead(1)
    assert TOKEN not in everything(spool.run(ours(crm)))
    assert TOKEN not in caplog.text
    for asked in crm.asked:
        others = {name: said for name, said in asked.headers.items() if name != "authorization"}
        assert TOKEN not in str(others) + asked.path
        assert not crm.modern or TOKEN not in str(asked.body)


def test_probe_says_what_there_is(crm: Odoo) -> None:
    """And what may not be read."""
    crm.lead(1)
    crm.forbidden = {"mail.message"}
    said = probe(ours(crm))
    assert said[0] == (
        "This is Odoo 19.0, database acme, user 2, over JSON-2."
        if crm.modern
        else "This is Odoo's database acme, user 2, over JSON-RPC."
    )
    assert said[1] == "There are 1 leads."
    assert re.match(r"Calls cannot be read: Odoo.* does not let this (user|key) read", said[2])


def test_an_opportunity_is_a_lead_and_a_deal(crm: Odoo, spool: Spool) -> None:
    """Its stages come from the tracked changes."""
    check_opportunity(crm, spool)


def test_tracked_changes_had_another_field(old: Odoo, spool: Spool) -> None:
    """Until 16, and mean the same."""
    check_opportunity(old, spool)


def check_opportunity(crm: Odoo, spool: Spool) -> None:
    """Read one that was won."""
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


def test_before_16_the_reason_of_a_loss_had_another_name(old: Odoo, spool: Spool) -> None:
    """It is asked for by that name, and means the same."""
    closed: dict[str, Any] = {"active": False, "date_closed": "2026-01-08 00:00:00"}
    old.lead(2, probability=20.0, lost_reason=[1, "Too dear"], **closed)
    assert staged(old, spool)["deals"].rows("deal_id", "status") == [("odoo-2", "lost")]


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
