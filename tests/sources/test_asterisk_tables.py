"""Are FreePBX's tables read from a MariaDB, and do they make the calls that the files would?

Wall clocks are those of the server, five hours behind UTC.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
from running_mariadb import PASSWORD, Server

from crm_server import Spool, everything
from dialgauge.errors import ServerError, UnknownNameError, UsageError
from dialgauge.sources.asterisk import fetch, probe, stage
from dialgauge.sources.base import Request
from dialgauge.sources.live import Account, Span
from staging import Result

DATABASE = "asteriskcdrdb"
NUMBER = "15551234567"
BEHIND = dt.timedelta(hours=5)
START = dt.datetime(2026, 1, 5, 9)  # noqa: DTZ001 - a wall clock

CDR = """CREATE TABLE cdr (calldate DATETIME NOT NULL, clid VARCHAR(80) NOT NULL DEFAULT '',
    src VARCHAR(80) NOT NULL DEFAULT '', dst VARCHAR(80) NOT NULL DEFAULT '',
    dcontext VARCHAR(80) NOT NULL DEFAULT '', channel VARCHAR(80) NOT NULL DEFAULT '',
    dstchannel VARCHAR(80) NOT NULL DEFAULT '', lastapp VARCHAR(80) NOT NULL DEFAULT '',
    lastdata VARCHAR(80) NOT NULL DEFAULT '', duration INT NOT NULL DEFAULT 0,
    billsec INT NOT NULL DEFAULT 0, disposition VARCHAR(45) NOT NULL DEFAULT '',
    amaflags INT NOT NULL DEFAULT 0, accountcode VARCHAR(20) NOT NULL DEFAULT '',
    uniqueid VARCHAR(32) NOT NULL DEFAULT '', userfield VARCHAR(255) NOT NULL DEFAULT '',
    did VARCHAR(50) NOT NULL DEFAULT '', recordingfile VARCHAR(255) NOT NULL DEFAULT '',
    cnum VARCHAR(80) NOT NULL DEFAULT '', linkedid VARCHAR(32) NOT NULL DEFAULT '',
    peeraccount VARCHAR(80) NOT NULL DEFAULT '', sequence INT NOT NULL DEFAULT 0,
    KEY calldate (calldate), KEY uniqueid (uniqueid))"""
QUEUE = """CREATE TABLE queuelog (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, time CHAR(32),
    callid CHAR(64), queuename CHAR(64), agent CHAR(64), event CHAR(32), data CHAR(64),
    data1 CHAR(64), data2 CHAR(64), data3 CHAR(64), data4 CHAR(64), data5 CHAR(64),
    KEY time (time))"""
CEL = """CREATE TABLE cel (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, eventtype VARCHAR(30),
    eventtime DATETIME, cid_num VARCHAR(80), uniqueid VARCHAR(32), linkedid VARCHAR(32),
    extra VARCHAR(512), KEY linkedid_index (linkedid))"""


class Pbx:
    """A FreePBX's tables in MariaDB."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.new(DATABASE)
        self.run(CDR)
        self.run(QUEUE)
        self.run(CEL)
        server.said()

    def run(self, statement: str, *values: object) -> None:
        """Change the database."""
        with self.server.root(DATABASE) as cursor:
            cursor.execute(statement, values)

    def insert(self, table: str, **row: object) -> None:
        """Add a row."""
        marks = ", ".join(["%s"] * len(row))
        self.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())

    def leg(self, at: dt.datetime, name: str = "", **told: object) -> str:
        """Add a leg: extension 101 dials a number, 8 seconds of ringing and 30 of talk."""
        unique = name_of(at)
        row: dict[str, object] = {
            "calldate": at,
            "clid": '"Ann" <101>',
            "src": "101",
            "dst": NUMBER,
            "dcontext": "from-internal",
            "channel": "PJSIP/101-0000001a",
            "dstchannel": "PJSIP/trunk-0000001b",
            "lastapp": "Dial",
            "duration": 38,
            "billsec": 30,
            "disposition": "ANSWERED",
            "uniqueid": unique,
            "linkedid": name or unique,
        }
        self.insert("cdr", **(row | told))
        return name or unique

    def event(self, at: dt.datetime, callid: str, agent: str, event: str, *data: object) -> None:
        """Add an event of the queue sales."""
        more = {f"data{place}": value for place, value in enumerate(data, start=1)}
        self.insert(
            "queuelog",
            time=at.strftime("%Y-%m-%d %H:%M:%S.250000"),
            callid=callid,
            queuename="sales",
            agent=agent,
            event=event,
            **more,
        )

    def account(self, **settings: object) -> Account:
        """Give an account of a reader."""
        known: dict[str, Any] = {"url": self.server.url(DATABASE), **settings}
        return Account(name="pbx", settings=known, secret=lambda _: PASSWORD)


def name_of(at: dt.datetime) -> str:
    """Name a channel that is made at a wall clock's time."""
    return f"{int((at + BEHIND).replace(tzinfo=dt.UTC).timestamp())}.7"


def later(seconds: float) -> dt.datetime:
    """Give a wall clock's time."""
    return START + dt.timedelta(seconds=seconds)


@pytest.fixture
def pbx(mariadb: Server) -> Pbx:
    """Make empty tables."""
    return Pbx(mariadb)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def calls(spool: Spool, *columns: str, **options: str) -> list[tuple[Any, ...]]:
    """Stage, and return columns of the calls in order of their start."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    request = Request(paths=(spool.folder,), options=options, phone_key=b"key")
    parts = [each for each in stage(con, request) if each.table.name == "calls"]
    rows: list[tuple[Any, ...]] = []
    for part in parts:
        rows += Result(con, [part]).texts("started_at", *columns)
    return [row[1:] for row in sorted(rows, key=str)]


def test_calls_come_with_their_own_clock(pbx: Pbx, spool: Spool) -> None:
    """Uniqueids tell the server's zone, as they do for files."""
    name = pbx.leg(START)
    pages = spool.run(pbx.account())
    found = spool.stage()["calls"]
    assert found.texts("call_id", "started_at", "result", "talk_s", "ring_s", "agent_id") == [
        (name, "2026-01-05 14:00:00+00", "answered", "30.0", "8.0", "101")
    ]
    held = everything(pages)
    assert "Ann" not in held
    assert PASSWORD not in held
    # the day is over, but a replica may be behind: the last row seen is where reading goes on
    assert spool.cursors == {"logs": "2026-01-05 09:00:00"}


def test_two_legs_and_the_queue_are_one_call(pbx: Pbx, spool: Spool) -> None:
    """The queue tells of waiting, talk and agent, the CDR of the line."""
    came = {"src": NUMBER, "dst": "600", "dcontext": "ext-queues", "did": "15559999999"}
    name = pbx.leg(START, channel="PJSIP/trunk-0000001a", dstchannel="PJSIP/101-0000001b",
                   lastapp="Queue", duration=60, billsec=60, **came)  # fmt: skip
    pbx.leg(later(5), name, channel="Local/101@from-queue-1;2", dstchannel="PJSIP/101-0000001b",
            duration=55, billsec=40, **came)  # fmt: skip
    pbx.event(START, "NONE", "PJSIP/101", "ADDMEMBER")
    pbx.event(START, name, "NONE", "ENTERQUEUE", "", NUMBER, 1)
    pbx.event(later(20), name, "PJSIP/101", "CONNECT", 20, "x", 5)
    pbx.event(later(60), name, "PJSIP/101", "COMPLETECALLER", 20, 40, 1)
    pbx.event(later(90), "NONE", "PJSIP/101", "REMOVEMEMBER")
    spool.run(pbx.account())
    columns = ("call_id", "direction", "result", "wait_s", "talk_s", "agent_id", "campaign_id")
    assert calls(spool, *columns) == [(name, "inbound", "human", "20.0", "40.0", "101", "sales")]
    time = spool.stage()["agent_time"]
    assert time.texts("state", "started_at", "ended_at") == [
        ("available", "2026-01-05 14:00:00.25+00", "2026-01-05 14:00:20.25+00"),
        ("talking", "2026-01-05 14:00:20.25+00", "2026-01-05 14:01:00.25+00"),
        ("available", "2026-01-05 14:01:00.25+00", "2026-01-05 14:01:30.25+00"),
    ]


def test_reading_goes_on_and_spoils_no_call(pbx: Pbx, spool: Spool) -> None:
    """What lies before helps to understand; a call that began there is not made anew."""
    hours = [pbx.leg(later(3_600 * hour)) for hour in range(40)]
    # began before the window of the next round, and has a leg in it
    pbx.leg(later(3_600 * 27.5), hours[26], disposition="NO ANSWER", billsec=0)
    spool.run(pbx.account(page_rows=7))
    assert [name for (name,) in calls(spool, "call_id")] == hours
    assert spool.cursors == {"logs": "2026-01-07 00:00:00"}
    hours.append(pbx.leg(later(3_600 * 41)))
    spool.emptied()
    spool.run(pbx.account())
    assert [name for (name,) in calls(spool, "call_id")] == hours[27:]
    # what only helps to understand is not counted
    assert "14 CDR rows are the legs of 14 calls" in spool.stage(region="US")["calls"].notes
    # the same rows once more, in the same spool
    spool.run(pbx.account())
    assert calls(spool, "call_id", "talk_s") == [(name, "30.0") for name in hours[27:]]


def test_an_agent_who_stays_logged_in_for_days(pbx: Pbx, spool: Spool) -> None:
    """The login is context: the time after it is right, and the time before comes not again."""
    pbx.event(START, "NONE", "PJSIP/101", "ADDMEMBER")
    pbx.event(later(100), "NONE", "PJSIP/101", "PAUSE", "lunch")
    pbx.event(later(200), "NONE", "PJSIP/101", "UNPAUSE")
    pbx.leg(later(86_400 * 2))
    spool.run(pbx.account())
    assert len(spool.stage()["agent_time"].rows("state")) == 2
    pbx.event(later(86_400 * 3 + 60), "NONE", "PJSIP/101", "REMOVEMEMBER")
    spool.emptied()
    spool.run(pbx.account())
    # it began with the end of the pause, three days before; no call tells of a zone
    found = spool.stage()
    assert found["agent_time"].texts("state", "started_at", "ended_at") == [
        ("available", "2026-01-05 09:03:20.25+00", "2026-01-08 09:01:00.25+00")
    ]
    assert "times carry no zone and were taken as UTC" in found["calls, again"].notes


def test_a_range_is_read_without_moving_the_cursor(pbx: Pbx, spool: Spool) -> None:
    """Its calls are whole, and no others are made."""
    names = [pbx.leg(later(86_400 * day)) for day in range(5)]
    pbx.leg(later(86_400 * 3 + 600), names[2], billsec=10)  # a leg behind the end of the range
    utc = (START + BEHIND).replace(tzinfo=dt.UTC)
    span = Span(start=utc + dt.timedelta(days=1), end=utc + dt.timedelta(days=2, hours=20))
    spool.run(pbx.account(), span)
    assert [name for (name,) in calls(spool, "call_id")] == names[1:3]
    assert spool.cursors == {}


def test_cel_tells_why_calls_failed(pbx: Pbx, spool: Spool) -> None:
    """It is asked for those only; there is no such number, and there was no line."""
    failed = [
        pbx.leg(later(60 * n), disposition=word, billsec=0)
        for n, word in enumerate(("FAILED", "CONGESTION", "FAILED", "ANSWERED"))
    ]
    for name, cause in zip(failed, (1, 34, 16, 1), strict=True):
        extra = f'{{"hangupcause":{cause},"hangupsource":"","dialstatus":"CHANUNAVAIL"}}'
        pbx.insert("cel", eventtype="HANGUP", linkedid=name, uniqueid=name, extra=extra)
        pbx.insert("cel", eventtype="CHAN_END", linkedid=name, uniqueid=name, extra="")
    spool.run(pbx.account())
    assert calls(spool, "result") == [("invalid",), ("congestion",), ("failed",), ("answered",)]
    asked = [said for said in pbx.server.said() if "FROM cel" in said and "linkedid IN" in said]
    assert len(asked) == 1
    assert failed[3] not in asked[0]
    spool.emptied()
    again = Spool(spool.folder / "again", fetch, stage)
    again.run(pbx.account(cel=False))
    assert not [said for said in pbx.server.said() if "FROM cel" in said and "linkedid" in said]
    assert calls(again, "result")[0] == ("failed",)


def test_questions_are_small_and_only_read(pbx: Pbx, spool: Spool) -> None:
    """Each is bounded, ordered by an index, and the session may not write."""
    for number in range(9):
        pbx.leg(later(number))
    spool.run(pbx.account(page_rows=3))
    said = pbx.server.said()
    assert any("SET SESSION TRANSACTION READ ONLY" in each for each in said)
    assert any("max_statement_time" in each for each in said)
    read = [each for each in said if "FROM cdr" in each and "dcontext" in each]
    assert len(read) >= 4
    assert all("ORDER BY calldate" in each and "LIMIT" in each for each in read)


def test_what_cannot_be_read_is_told(pbx: Pbx) -> None:
    """No table, no index, no such setting; probe says what there is."""
    pbx.leg(START)
    assert probe(pbx.account()) == [
        "The table cdr can be read, with rows since 2026-01-05 09:00:00.",
        "The table queuelog can be read, and has no rows yet.",
    ]
    with pytest.raises(ServerError, match="no table calls of call records"):
        list(fetch(pbx.account(cdr_table="calls"), Span()))
    with pytest.raises(ServerError, match="no table events of queue events"):
        list(fetch(pbx.account(queue_table="events"), Span()))
    with pytest.raises(UsageError, match="overlap_hours"):
        list(fetch(pbx.account(overlap_hours=0), Span()))
    with pytest.raises(UnknownNameError, match="cdr_tabel"):
        list(fetch(pbx.account(cdr_tabel="x"), Span()))
    pbx.run("ALTER TABLE queuelog DROP KEY time")
    with pytest.raises(ServerError, match="CREATE INDEX queuelog_time ON queuelog"):
        list(fetch(pbx.account(), Span()))
    pbx.run("DROP TABLE queuelog")
    assert probe(pbx.account())[1].startswith("There is no table of queue events")
