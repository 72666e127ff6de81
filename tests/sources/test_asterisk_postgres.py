"""Are the tables that Asterisk keeps in PostgreSQL read, whatever their types?

The people's clock is in New York, five hours behind UTC.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pbx_postgres import PASSWORD, Postgres

from crm_server import Spool
from dialgauge.errors import ServerError
from dialgauge.sources.asterisk import fetch, probe, stage
from dialgauge.sources.live import Account, Span

DATABASE = "asterisk"
NUMBER = "15551234567"
START = dt.datetime(2026, 1, 5, 9)  # noqa: DTZ001 - a wall clock
EPOCH = 1_767_621_600  # the same moment

_TEXTS = ("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata")
PGSQL = f"""CREATE TABLE cdr (calldate {{time}} NOT NULL,
    {", ".join(f"{name} varchar(80) NOT NULL DEFAULT ''" for name in _TEXTS)},
    duration int NOT NULL DEFAULT 0, billsec int NOT NULL DEFAULT 0,
    disposition varchar(45) NOT NULL DEFAULT '', amaflags int NOT NULL DEFAULT 0,
    accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(150) NOT NULL DEFAULT '',
    userfield varchar(255) NOT NULL DEFAULT '', linkedid varchar(150), sequence int)"""
"""What the docs of cdr_pgsql say, and what comes of newer ones."""
REALTIME = f"""CREATE TABLE cdr (accountcode varchar(80),
    {", ".join(f"{name} varchar(80)" for name in _TEXTS)}, start timestamp, answer timestamp,
    "end" timestamp, duration int, billsec int, disposition varchar(45), amaflags varchar(45),
    userfield varchar(256), uniqueid varchar(150), linkedid varchar(150), peeraccount varchar(80),
    sequence int)"""
"""What Asterisk's own migrations make."""
QUEUE = """CREATE TABLE queue_log (id bigserial PRIMARY KEY, time {time}, callid varchar(80),
    queuename varchar(256), agent varchar(80), event varchar(32), data1 varchar(100),
    data2 varchar(100), data3 varchar(100), data4 varchar(100), data5 varchar(100))"""
CEL = """CREATE TABLE cel (id serial PRIMARY KEY, eventtype varchar(30) NOT NULL,
    eventtime timestamp NOT NULL, cid_num varchar(80), uniqueid varchar(150),
    linkedid varchar(150), extra text)"""


class Pbx:
    """An Asterisk's tables in PostgreSQL."""

    def __init__(self, server: Postgres, *made: str, start: str = "calldate") -> None:
        self.server, self.start = server, start
        server.new(DATABASE)
        for statement in made:
            self.run(statement)
        self.run(f"CREATE INDEX ON cdr ({start})")
        if len(made) > 1:
            self.run("CREATE INDEX ON queue_log (time)")

    def run(self, statement: str, *values: object) -> None:
        """Change the database."""
        with self.server.root(DATABASE) as cursor:
            cursor.execute(statement, values or None)

    def insert(self, table: str, **row: object) -> None:
        """Add a row."""
        listed = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        self.run(f"INSERT INTO {table} ({listed}) VALUES ({marks})", *row.values())

    def call(self, after_s: int = 0, **told: object) -> str:
        """Add a queue call: 20 seconds of waiting, 40 of talk."""
        at, name = START + dt.timedelta(seconds=after_s), f"{EPOCH + after_s}.7"
        row: dict[str, object] = {
            self.start: str(at),
            "src": NUMBER,
            "dst": "600",
            "dcontext": "from-trunk",
            "channel": "PJSIP/trunk-0000001a",
            "dstchannel": "PJSIP/101-0000001b",
            "lastapp": "Queue",
            "duration": 60,
            "billsec": 60,
            "disposition": "ANSWERED",
            "uniqueid": name,
            "linkedid": name,
        }
        self.insert("cdr", **(row | told))
        return name

    def events(self, said: Any) -> None:
        """Add what the queue says of it; `said` writes a moment by its seconds after the start."""
        name = f"{EPOCH}.7"
        for after_s, callid, agent, event, *data in (
            (0, "NONE", "PJSIP/101", "ADDMEMBER"),
            (0, name, "NONE", "ENTERQUEUE", "", NUMBER, "1"),
            (20, name, "PJSIP/101", "CONNECT", "20", "x", "5"),
            (60, name, "PJSIP/101", "COMPLETECALLER", "20", "40", "1"),
            (90, "NONE", "PJSIP/101", "REMOVEMEMBER"),
        ):
            more = {f"data{place}": value for place, value in enumerate(data, start=1)}
            self.insert("queue_log", time=said(after_s), callid=callid, queuename="sales",
                        agent=agent, event=event, **more)  # fmt: skip

    def account(self, **settings: object) -> Account:
        """Give an account of a reader."""
        known: dict[str, Any] = {"url": self.server.url(DATABASE), **settings}
        return Account(name="pbx", settings=known, secret=lambda _: PASSWORD)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def wall(after_s: int) -> str:
    """Write a moment as a clock in New York shows it."""
    return str(START + dt.timedelta(seconds=after_s))


@pytest.mark.parametrize(
    ("cdr", "queue", "said"),
    [
        (PGSQL.format(time="timestamp"), "timestamp", wall),
        (PGSQL.format(time="timestamp"), "varchar(26)", lambda s: f"{wall(s)}.000000"),
        (PGSQL.format(time="timestamp"), "varchar(26)", lambda s: str(EPOCH + s)),
        (PGSQL.format(time="timestamp"), "int", lambda s: EPOCH + s),
        (PGSQL.format(time="timestamptz"), "timestamptz", wall),
        (PGSQL.format(time="timestamptz"), "timestamp", wall),
        (REALTIME, "timestamp", wall),
        (REALTIME, "timestamptz", wall),
    ],
)
def test_every_shape_makes_the_same_call(
    postgres: Postgres, spool: Spool, cdr: str, queue: str, said: Any
) -> None:
    """Whatever says when: the queue and the line are one call, in one hour, with one agent."""
    start = "start" if "start timestamp" in cdr else "calldate"
    pbx = Pbx(postgres, cdr, QUEUE.format(time=queue), start=start)
    more: dict[str, Any] = {"answer": wall(0), "end": wall(60)} if start == "start" else {}
    name = pbx.call(**more)
    pbx.events(said)
    spool.run(pbx.account())
    spool.cursors.clear()
    spool.run(pbx.account(timezone="America/New_York", page_rows=1))
    found = spool.stage()
    columns = ("call_id", "started_at", "direction", "result", "wait_s", "talk_s", "agent_id")
    assert found["calls"].texts(*columns) == [
        (name, "2026-01-05 14:00:00+00", "inbound", "human", "20.0", "40.0", "101")
    ]
    assert found["agent_time"].texts("state", "started_at", "ended_at") == [
        ("available", "2026-01-05 14:00:00+00", "2026-01-05 14:00:20+00"),
        ("talking", "2026-01-05 14:00:20+00", "2026-01-05 14:01:00+00"),
        ("available", "2026-01-05 14:01:00+00", "2026-01-05 14:01:30+00"),
    ]


def test_days_of_calls_in_small_pages(postgres: Postgres, spool: Spool) -> None:
    """Each once; the next round reads the last hours and what is new."""
    pbx = Pbx(postgres, PGSQL.format(time="timestamptz"))
    names = [pbx.call(3_600 * 7 * number) for number in range(12)]
    account = pbx.account(page_rows=2, timezone="America/New_York")
    spool.run(account)
    assert [name for (name,) in spool.stage()["calls"].rows("call_id")] == names
    assert probe(account)[0] == (
        "The table cdr can be read, with rows since 2026-01-05 14:00:00+00."
    )
    spool.emptied()
    names.append(pbx.call(3_600 * 7 * 12))
    spool.run(account)
    came = [name for (name,) in spool.stage()["calls"].rows("call_id")]
    assert came == names[-len(came) :]
    assert len(came) < 6


def test_a_range(postgres: Postgres, spool: Spool) -> None:
    """The server's clock tells where it begins, where the team has not named a zone."""
    pbx = Pbx(postgres, PGSQL.format(time="timestamp"))
    names = [pbx.call(3_600 * number) for number in range(6)]
    begin, end = (dt.datetime(2026, 1, 5, hour, tzinfo=dt.UTC) for hour in (15, 17))
    spool.run(pbx.account(overlap_hours=1), Span(start=begin, end=end))
    assert [name for (name,) in spool.stage()["calls"].rows("call_id")] == names[1:3]


def test_cel_tells_why_calls_failed(postgres: Postgres, spool: Spool) -> None:
    """There is no such number."""
    pbx = Pbx(postgres, PGSQL.format(time="timestamp"))
    pbx.run(CEL)
    name = pbx.call(disposition="FAILED", billsec=0, src="101", dst=NUMBER, lastapp="Dial",
                    channel="PJSIP/101-1", dstchannel="PJSIP/trunk-2")  # fmt: skip
    pbx.insert("cel", eventtype="HANGUP", eventtime=wall(1), uniqueid=name, linkedid=name,
               extra='{"hangupcause":1,"hangupsource":"","dialstatus":"CHANUNAVAIL"}')  # fmt: skip
    spool.run(pbx.account())
    assert spool.stage()["calls"].rows("result") == [("failed",)]  # CEL has no index
    pbx.run("CREATE INDEX ON cel (linkedid)")
    spool.cursors.clear()
    spool.run(pbx.account())
    assert spool.stage()["calls"].rows("result") == [("invalid",)]


def test_an_index_is_asked_for(postgres: Postgres) -> None:
    """An index that holds no order does not do."""
    pbx = Pbx(postgres, PGSQL.format(time="timestamp"))
    pbx.run("DROP INDEX cdr_calldate_idx")
    pbx.run("CREATE INDEX ON cdr USING brin (calldate)")
    with pytest.raises(ServerError, match="CREATE INDEX cdr_calldate ON cdr"):
        list(fetch(pbx.account(), Span()))
