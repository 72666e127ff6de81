"""Do all calls of a Twilio account come, and what do they become?"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm_server import (
    TOKEN,
    Answer,
    Asked,
    Crm,
    Spool,
    account,
    broken_json,
    everything,
    listening,
    status,
    streams,
)
from dialgauge.errors import ForbiddenError, ServerError, UnknownNameError, UsageError
from dialgauge.sources.base import Request
from dialgauge.sources.live import Account, Span
from dialgauge.sources.phone import token
from dialgauge.sources.twilio import fetch, probe, stage
from staging import Result

SID = "AC" + "0" * 32
PATH = f"/2010-04-01/Accounts/{SID}"
CUSTOMER, OURS = "+4930901820", "+4930111111"
TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def said(at: dt.datetime) -> str:
    """Write an instant as Twilio does."""
    return email.utils.format_datetime(at.astimezone(dt.UTC))


def call(number: int, **told: Any) -> dict[str, Any]:
    """Give a call of the API: we called a customer and talked for a minute."""
    at = told.pop("at", dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC) + dt.timedelta(minutes=number))
    seconds = told.get("duration", "60")
    over = at + dt.timedelta(seconds=float(seconds or 0))
    known = {
        "sid": f"CA{number:032d}",
        "parent_call_sid": None,
        "account_sid": SID,
        "to": CUSTOMER,
        "to_formatted": "(030) 901820",
        "from": OURS,
        "status": "completed",
        "start_time": said(at),
        "end_time": said(over),
        "date_created": said(at),
        "date_updated": said(over),
        "duration": seconds,
        "price": "-0.01300",
        "price_unit": "USD",
        "direction": "outbound-api",
        "answered_by": None,
        "caller_name": "Eve Adams",
        "annotation": "she is ill",
    }
    return known | told


def sid(number: int) -> str:
    """Name a call."""
    return f"CA{number:032d}"


class Twilio(Crm):
    """An account that lists its calls as Twilio does: newest first, by day, page by page."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[dict[str, Any]] = []
        self.size = 3
        self.made = TODAY - dt.timedelta(days=4)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        shown = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {shown}":
            return Answer({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        if asked.path == f"{PATH}.json":
            about = {"friendly_name": "Acme", "status": "active", "date_created": said(self.made)}
            return Answer(about)
        assert asked.path == f"{PATH}/Calls.json"
        first, after = (asked.params[f"StartTime{sign}"] for sign in "><")
        found = [each for each in self.calls if first <= _day(each) < after]
        found.sort(key=lambda each: email.utils.parsedate_to_datetime(each["date_created"]))
        found.reverse()
        size = min(self.size, int(asked.params["PageSize"]))
        begin = int(asked.params.get("Page", "0")) * size
        query = f"StartTime%3E={first}&StartTime%3C={after}&PageSize={asked.params['PageSize']}"
        more = begin + size < len(found)
        following = f"{PATH}/Calls.json?{query}&Page={begin // size + 1}" if more else None
        return Answer({"calls": found[begin : begin + size], "next_page_uri": following})


def _day(row: dict[str, Any]) -> str:
    return email.utils.parsedate_to_datetime(row["date_created"]).date().isoformat()


@pytest.fixture
def crm() -> Iterator[Twilio]:
    """Serve an account."""
    served = Twilio()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def ours(crm: Twilio, secret: str = TOKEN, **settings: object) -> Account:
    """Give the account."""
    return account(crm, ("auth_token", secret), account_sid=SID, **settings)


def test_all_pages_of_all_days_come_and_then_the_last_days(crm: Twilio, spool: Spool) -> None:
    """A price that comes a day later is read."""
    for number in range(8):
        crm.calls.append(call(number, at=TODAY - dt.timedelta(days=2, minutes=-number)))
    crm.calls.append(call(9, at=TODAY - dt.timedelta(days=1), price=None, price_unit=None))
    rows = streams(spool.run(ours(crm)))["calls"]
    assert sorted(str(row["sid"]) for row in rows) == [sid(n) for n in (*range(8), 9)]
    assert spool.cursors == {"calls": TODAY.date().isoformat()}
    crm.calls[-1] = call(9, at=TODAY - dt.timedelta(days=1))
    rows = streams(spool.run(ours(crm, overlap_days=1)))["calls"]
    assert [row["sid"] for row in rows if not row.get("_context")] == [sid(9)]
    found = spool.stage()["calls"]
    assert len(found.rows("call_id")) == 9
    assert [str(cost) for (cost,) in found.rows("cost")] == ["0.0130"] * 9
    assert "9 rows came again" in found.notes  # the day before is context


def test_years_without_calls_cost_a_request_a_month(crm: Twilio, spool: Spool) -> None:
    """Of an old account."""
    crm.made = TODAY - dt.timedelta(days=1000)
    crm.calls.append(call(1, at=TODAY - dt.timedelta(days=700)))
    rows = streams(spool.run(ours(crm)))["calls"]
    assert [row["sid"] for row in rows] == [sid(1)]
    assert len(crm.asked) < 250
    crm.asked.clear()
    again = Spool(spool.folder / "again", fetch, stage)
    again.run(ours(crm, since=TODAY.date().isoformat()))
    assert len(crm.asked) == 2


def test_a_server_that_throttles_and_fails_is_asked_again(crm: Twilio, spool: Spool) -> None:
    """429 with Retry-After, 503, half of the JSON: no call is lost or doubled."""
    for number in range(8):
        crm.calls.append(call(number, at=TODAY + dt.timedelta(seconds=number)))
    crm.troubles = [
        ("Calls", status(429, {"code": 20429, "message": "Too Many Requests"}, Retry_After="0")),
        ("Calls", status(503)),
        ("Calls", lambda answer: answer()),
        ("Calls", broken_json),
    ]
    spool.run(ours(crm))
    assert len(spool.stage()["calls"].rows("call_id")) == 8


def test_a_server_that_dies_half_way(crm: Twilio, spool: Spool) -> None:
    """The days that came are kept; the next round goes on there."""
    for number in range(4):
        crm.calls.append(call(number, at=TODAY - dt.timedelta(days=3 - number)))
    crm.troubles = [("Calls", lambda answer: answer())] * 3 + [("Calls", status(500))] * 3
    with pytest.raises(ServerError, match="with 500"):
        spool.run(ours(crm))
    assert spool.cursors["calls"] == (TODAY - dt.timedelta(days=2)).date().isoformat()
    spool.run(ours(crm, overlap_days=1))
    assert len(spool.stage()["calls"].rows("call_id")) == 4


def test_a_range_is_read_without_moving_the_cursor(crm: Twilio, spool: Spool) -> None:
    """Whole days of it."""
    for number in range(5):
        crm.calls.append(call(number, at=dt.datetime(2026, 1, 5 + number, 9, tzinfo=dt.UTC)))
    span = Span(
        start=dt.datetime(2026, 1, 6, 12, tzinfo=dt.UTC),
        end=dt.datetime(2026, 1, 7, 1, tzinfo=dt.UTC),
    )
    spool.run(ours(crm), span)
    assert spool.cursors == {}
    assert spool.stage()["calls"].rows("call_id") == [(sid(1),), (sid(2),)]


def test_no_page_holds_a_secret_or_a_name(crm: Twilio, spool: Spool) -> None:
    """Nor does an error."""
    crm.calls.append(call(1, at=TODAY))
    held = everything(spool.run(ours(crm)))
    for secret in (TOKEN, "Eve", "she is ill"):
        assert secret not in held
    with pytest.raises(ForbiddenError, match="does not accept the auth_token") as caught:
        list(fetch(ours(crm, "wrong-s3cret"), Span()))
    assert "wrong-s3cret" not in str(caught.value)
    assert probe(ours(crm))[0].startswith("This is the Twilio account Acme (active), made on 2")


def test_settings_are_checked(crm: Twilio) -> None:
    """Each with a sentence."""
    for told, why in (
        ({"account_sid": "AC1"}, "account_sid is 'AC1'"),
        ({"since": "soon"}, "since is 'soon'"),
        ({"overlap_days": 0}, "overlap_days is 0"),
    ):
        known: dict[str, Any] = {"account_sid": SID, **told}
        with pytest.raises(UsageError, match=why):
            list(fetch(account(crm, ("auth_token", TOKEN), **known), Span()))


def staged(folder: Path, *rows: dict[str, Any], stream: str = "calls", **options: str) -> Result:
    """Stage rows of the API, or callbacks."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / f"{stream}.jsonl").write_text(lines, encoding="utf-8")
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    request = Request(paths=(folder,), options=options, phone_key=b"key")
    return Result(con, stage(con, request))


def test_what_a_call_becomes(tmp_path: Path) -> None:
    """Its times, who was called, what it cost: a negative price is what we paid."""
    found = staged(tmp_path, call(0))
    assert found.texts(
        *("call_id", "started_at", "answered_at", "ended_at", "direction", "result", "talk_s"),
        *("cost", "currency", "country", "disposition", "source"),
    ) == [
        (
            *(sid(0), "2026-01-05 09:00:00+00", "2026-01-05 09:00:00+00"),
            *("2026-01-05 09:01:00+00", "outbound", "answered", "60.0"),
            *("0.0130", "USD", "DE", "completed", "twilio"),
        )
    ]
    assert found.rows("phone_token") == [(token(b"key", CUSTOMER),)]


@pytest.mark.parametrize(
    ("word", "by", "result"),
    [
        ("completed", None, "answered"),
        ("completed", "unknown", "answered"),
        ("completed", "human", "human"),
        ("completed", "machine_start", "machine"),
        ("completed", "machine_end_beep", "machine"),
        ("completed", "fax", "machine"),
        ("busy", None, "busy"),
        ("no-answer", None, "no_answer"),
        ("canceled", None, "cancelled"),
        ("failed", None, "failed"),
        ("in-progress", "human", None),
        ("queued", None, None),
        ("of-tomorrow", None, None),
    ],
)
def test_what_a_status_means(word: str, by: str | None, result: str | None, tmp_path: Path) -> None:
    """Whatever picked up makes it completed; who did is told by answering machine detection."""
    length = "60" if word == "completed" else None
    found = staged(tmp_path, call(1, status=word, answered_by=by, duration=length))
    assert found.rows("result", "disposition") == [(result, word)]
    if result is None and word != "of-tomorrow":
        assert "1 calls were not over yet" in found.notes
        assert found.rows("ended_at") == [(None,)]


def test_two_legs_are_one_call(tmp_path: Path) -> None:
    """A dialler connects an agent: talk is the child's, and both legs cost."""
    parent = call(1, duration="90", answered_by="human")
    child = call(2, parent_call_sid=sid(1), to="client:ann", direction="outbound-dial",
                 duration="70", price="-0.00400")  # fmt: skip
    found = staged(tmp_path, child, parent)
    assert found.texts("call_id", "result", "talk_s", "agent_id", "cost") == [
        (sid(1), "human", "70.0", "ann", "0.0170")
    ]
    assert "2 legs are 1 calls" in found.notes


def test_a_browser_dialler_calls_out(tmp_path: Path) -> None:
    """Its parent is inbound from the agent; the child's end is the customer's."""
    parent = call(1, direction="inbound", **{"from": "client:ann"}, to="", duration="40")
    child = call(2, parent_call_sid=sid(1), direction="outbound-dial", status="busy",
                 duration="0", price=None)  # fmt: skip
    found = staged(tmp_path, parent, child)
    assert found.rows("direction", "result", "talk_s", "agent_id", "phone_token") == [
        ("outbound", "busy", 0, "ann", token(b"key", CUSTOMER))
    ]


def test_a_call_is_over_once_both_ends_are(tmp_path: Path) -> None:
    """The customer has hung up, the agent listens to the queue still: nobody knows the end yet."""
    parent = call(1, direction="inbound", **{"from": "client:ann"}, to="", status="in-progress")
    child = call(2, parent_call_sid=sid(1), direction="outbound-dial", duration="30")
    found = staged(tmp_path, parent | {"end_time": None, "duration": None}, child)
    assert found.rows("direction", "ended_at") == [("outbound", None)]
    assert "1 calls were not over yet; their results come when they are." in found.notes


def test_a_caller_who_is_handed_on_talks_to_both(tmp_path: Path) -> None:
    """Two children one after the other; the parent's menu before them is no talk."""
    parent = call(1, direction="inbound", duration="90")
    ann, bob = (
        call(number, parent_call_sid=sid(1), direction="outbound-dial", to=f"client:{name}",
             duration=str(lasted))
        for number, name, lasted in ((2, "ann", 20), (3, "bob", 50))
    )  # fmt: skip
    found = staged(tmp_path, parent, ann, bob)
    assert found.rows("direction", "talk_s", "agent_id") == [("inbound", 70, "bob")]


def test_of_a_call_that_comes_twice_the_last_row_counts(tmp_path: Path) -> None:
    """Pages of a round that was broken off are read again, and the call has ended meanwhile."""
    before = call(1, status="in-progress") | {"end_time": None, "duration": None, "price": None}
    found = staged(tmp_path, before, call(1, duration="50"))
    assert found.rows("result", "talk_s") == [("answered", 50)]


def test_click_to_call_over_an_agents_phone(tmp_path: Path) -> None:
    """Which phones are our people's, only the team knows."""
    parent = call(1, to="+49301234567", duration="50")
    child = call(2, parent_call_sid=sid(1), direction="outbound-dial", duration="30")
    found = staged(tmp_path, parent, child, agents="bob = +49 30 1234567")
    assert found.rows("result", "talk_s", "agent_id", "phone_token") == [
        ("answered", 30, "bob", token(b"key", CUSTOMER))
    ]
    alone = staged(tmp_path, parent, agents="bob = +49 30 1234567")
    assert alone.rows("direction", "phone_token") == [("internal", None)]


def test_inbound_and_dropped_calls(tmp_path: Path) -> None:
    """Who waited for an agent and got none gave up, or was dropped when we had called."""
    came = {"direction": "inbound", "from": CUSTOMER, "to": OURS}
    agent = {"direction": "outbound-dial", "to": "sip:ann@acme.example", "price": None}
    found = staged(
        tmp_path,
        call(1, **came),
        call(2, parent_call_sid=sid(1), **agent, duration="45"),
        call(3, **came),
        call(4, parent_call_sid=sid(3), **agent, status="no-answer", duration="0"),
        call(5),
        call(6, parent_call_sid=sid(5), **agent, status="no-answer", duration="0"),
        call(7, direction="trunking-originating", **{"from": CUSTOMER, "to": OURS}),
        call(8, direction="trunking-terminating"),
        contact_after="30",
    )
    assert found.rows("direction", "result", "talk_s", "agent_id", "contact") == [
        ("inbound", "answered", 45, "ann", True),
        ("inbound", "abandoned", 0, None, False),
        ("outbound", "dropped", 0, None, False),
        ("inbound", "answered", 60, None, True),
        ("outbound", "answered", 60, None, True),
    ]
    assert found.rows("phone_token") == [(token(b"key", CUSTOMER),)] * 5


def test_a_child_without_its_parent_is_kept_aside(tmp_path: Path) -> None:
    """Under the call's name, and without the number."""
    found = staged(tmp_path, call(2, parent_call_sid=sid(1)))
    assert found.reasons() == ["a leg whose parent is not among these rows; read both together"]
    assert CUSTOMER not in found.problems()[0][1]
    relation = found.staged[0].relation
    assert found.con.execute(f"SELECT call_id FROM {relation}").fetchall() == [(sid(1),)]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"start_time": "soon"}, "unreadable start_time"),
        ({"start_time": None, "date_created": None}, "missing start_time"),
        ({"duration": "1:00"}, "unreadable duration"),
        ({"duration": "-5"}, "negative duration"),
        ({"price": "cheap"}, "unreadable price"),
        ({"sid": None}, "missing sid"),
        ({"end_time": "Mon, 05 Jan 2015 09:00:00 +0000"}, "ends before it starts"),
    ],
)
def test_damaged_rows_are_kept(told: dict[str, Any], reason: str, tmp_path: Path) -> None:
    """With a reason."""
    length = told.pop("duration", "60")
    row = {**call(1), **told, "duration": length}
    assert staged(tmp_path, row, call(2)).reasons() == [reason]


def event(number: int, word: str, second: int, **told: Any) -> dict[str, Any]:
    """Give a status callback."""
    at = dt.datetime(2026, 1, 5, 9, 0, second, tzinfo=dt.UTC)
    known = {"CallSid": sid(number), "CallStatus": word, "Timestamp": said(at), "To": CUSTOMER}
    known |= {"From": OURS, "Direction": "outbound-api", "received_at": at.isoformat()}
    return known | told


def test_callbacks_of_a_call(tmp_path: Path) -> None:
    """All events of it, in any order; Duration is minutes, and is not read."""
    last = event(1, "completed", 50, CallDuration="30", Duration="1", SequenceNumber="3")
    found = staged(
        tmp_path,
        last,
        event(1, "ringing", 12, SequenceNumber="1"),
        event(1, "initiated", 10, SequenceNumber="0"),
        event(1, "in-progress", 20, SequenceNumber="2", AnsweredBy="human"),
        last,
        stream="twilio_status",
    )
    columns = ("call_id", "started_at", "ended_at", "result", "talk_s", "ring_s")
    assert found.texts(*columns) == [
        (sid(1), "2026-01-05 09:00:20+00", "2026-01-05 09:00:50+00", "human", "30.0", "10.0")
    ]
    assert "cost" not in found.staged[0].present


def test_a_last_callback_alone_is_enough(tmp_path: Path) -> None:
    """A SIP code tells that there is no such number; a call that goes on has no result yet."""
    found = staged(
        tmp_path,
        event(1, "completed", 50, CallDuration="30"),
        event(2, "failed", 10, SipResponseCode="404"),
        event(3, "failed", 10, SipResponseCode="503"),
        event(4, "ringing", 10),
        stream="twilio_status",
    )
    assert found.texts("started_at", "result", "talk_s") == [
        ("2026-01-05 09:00:20+00", "answered", "30.0"),
        ("2026-01-05 09:00:10+00", "invalid", "0.0"),
        ("2026-01-05 09:00:10+00", "failed", "0.0"),
        ("2026-01-05 09:00:10+00", None, None),
    ]
    broken = staged(tmp_path, event(1, "completed", 5, CallDuration="-1"), stream="twilio_status")
    assert broken.reasons() == ["CallDuration is no length of a call"]


def test_options_are_checked(tmp_path: Path) -> None:
    """Each with a sentence."""
    with pytest.raises(UnknownNameError, match="agent"):
        staged(tmp_path, call(1), agent="x")
    with pytest.raises(UsageError, match="contact_after"):
        staged(tmp_path, call(1), contact_after="soon")
    with pytest.raises(UsageError, match="agents says 'bob'"):
        staged(tmp_path, call(1), agents="bob")
