"""Are the tables that FreeSWITCH and FusionPBX keep in PostgreSQL read, whatever their types?

The people's clock is in New York, five hours behind UTC.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pbx_postgres import PASSWORD, Postgres

from crm_server import Spool
from dialgauge.sources.freeswitch import fetch, probe, stage
from dialgauge.sources.live import Account, Span

DATABASE = "switch"

# as the example that comes with mod_cdr_pg_csv has them
PG_CSV = """CREATE TABLE cdr (id serial PRIMARY KEY, local_ip_v4 inet NOT NULL,
    caller_id_name varchar, caller_id_number varchar, destination_number varchar NOT NULL,
    context varchar NOT NULL, start_stamp timestamptz NOT NULL, answer_stamp timestamptz,
    end_stamp timestamptz NOT NULL, duration int NOT NULL, billsec int NOT NULL,
    hangup_cause varchar NOT NULL, uuid uuid NOT NULL, bleg_uuid uuid, accountcode varchar,
    read_codec varchar, write_codec varchar, sip_hangup_disposition varchar, ani varchar)"""
FUSION = """CREATE TABLE v_xml_cdr (xml_cdr_uuid uuid PRIMARY KEY, domain_uuid uuid,
    direction text, context text, caller_id_number text, destination_number text,
    start_epoch numeric, start_stamp timestamptz, answer_stamp timestamptz, answer_epoch numeric,
    end_epoch numeric, end_stamp timestamptz, duration numeric, billsec numeric, bridge_uuid uuid,
    accountcode text, hangup_cause text, json jsonb, record_path text)"""
PLAIN = """CREATE TABLE cdr (caller_id_number varchar, destination_number varchar,
    context varchar, start_stamp {type}, answer_stamp {type}, end_stamp {type},
    duration {number}, billsec {number}, hangup_cause varchar, uuid varchar, bleg_uuid varchar,
    accountcode varchar, pin varchar)"""


def uuid_of(number: int) -> str:
    """Give a leg's name."""
    return f"00000000-0000-0000-0000-{number:012d}"


class Table:
    """A table of calls in PostgreSQL."""

    def __init__(self, server: Postgres, made: str, order: str = "start_stamp") -> None:
        self.server, self.name = server, made.split()[2]
        server.new(DATABASE)
        self.run(made)
        self.run(f"CREATE INDEX ON {self.name} ({order})")

    def run(self, statement: str, *values: object) -> None:
        """Change the database."""
        with self.server.root(DATABASE) as cursor:
            cursor.execute(statement, values or None)

    def add(self, number: int, start: str, key: str = "uuid", **told: object) -> None:
        """Add a call that rang 10 seconds and was talk for 20; `start` is New York's clock."""
        began = dt.datetime.fromisoformat(start)
        row: dict[str, object] = {
            "caller_id_number": "1001",
            "destination_number": "+4930901820",
            "context": "default",
            "start_stamp": start,
            "answer_stamp": str(began + dt.timedelta(seconds=10)),
            "end_stamp": str(began + dt.timedelta(seconds=30)),
            "duration": 30,
            "billsec": 20,
            "hangup_cause": "NORMAL_CLEARING",
            key: uuid_of(number),
            "accountcode": "spring",
        } | told
        marks = ", ".join(["%s"] * len(row))
        self.run(f"INSERT INTO {self.name} ({', '.join(row)}) VALUES ({marks})", *row.values())

    def account(self, **settings: object) -> Account:
        """Give an account of a reader."""
        known: dict[str, Any] = {"url": self.server.url(DATABASE), **settings}
        return Account(name="pbx", settings=known, secret=lambda _: PASSWORD)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


COLUMNS = ("call_id", "started_at", "answered_at", "ended_at", "result", "talk_s", "ring_s")
CALL = (
    *(uuid_of(1), "2026-01-05 14:00:00+00", "2026-01-05 14:00:10+00", "2026-01-05 14:00:30+00"),
    *("answered", "20.0", "10.0"),
)
"""The call that began at nine in New York."""


def test_the_table_of_mod_cdr_pg_csv(postgres: Postgres, spool: Spool) -> None:
    """Its times are instants, whatever zone the team names; the second round reads no more."""
    table = Table(postgres, PG_CSV)
    for number in range(1, 6):
        table.add(number, f"2026-01-05 {number + 8:02d}:00:00", local_ip_v4="10.0.0.1")
    account = table.account(page_rows=2, timezone="Asia/Tokyo", overlap_hours=1)
    spool.run(account)
    found = spool.stage()["calls"]
    assert found.texts(*COLUMNS)[0] == CALL
    assert len(found.rows("call_id")) == 5
    assert "carry no zone" not in found.notes
    assert spool.cursors == {"cdr": "2026-01-05 18:00:00"}
    spool.emptied()
    table.add(6, "2026-01-05 13:30:00", local_ip_v4="10.0.0.1")
    spool.run(account)
    came = [name for (name,) in spool.stage()["calls"].rows("call_id")]
    assert came == [uuid_of(number) for number in (4, 5, 6)]


def test_a_range_of_instants(postgres: Postgres, spool: Spool) -> None:
    """From ten to before twelve in New York."""
    table = Table(postgres, PG_CSV)
    for number in range(1, 6):
        table.add(number, f"2026-01-05 {number + 8:02d}:00:00", local_ip_v4="10.0.0.1")
    begin, end = (dt.datetime(2026, 1, 5, hour, tzinfo=dt.UTC) for hour in (15, 17))
    spool.run(table.account(), Span(start=begin, end=end))
    assert [n for (n,) in spool.stage()["calls"].rows("call_id")] == [uuid_of(2), uuid_of(3)]
    assert spool.cursors == {}


def test_the_table_of_fusionpbx(postgres: Postgres, spool: Spool) -> None:
    """Read by its epochs, which are numeric, or by its stamps: the same call."""
    for order in ("start_epoch", "start_stamp"):
        table = Table(postgres, FUSION, order)
        at = 1_767_621_600  # nine in New York
        epochs = {"start_epoch": at, "answer_epoch": at + 10, "end_epoch": at + 30}
        table.add(1, "2026-01-05 09:00:00", "xml_cdr_uuid", direction="outbound", **epochs)
        account = table.account(table="v_xml_cdr", order=order, page_rows=1)
        spool.emptied()
        spool.cursors.clear()
        spool.run(account)
        spool.run(account)
        assert spool.stage()["calls"].texts(*COLUMNS) == [CALL]
        assert "calls since " in probe(account)[0]
    assert spool.cursors == {"cdr": "2026-01-05 14:00:00"}


@pytest.mark.parametrize(
    ("kind", "number"), [("timestamp", "int"), ("varchar", "varchar"), ("timestamp(0)", "numeric")]
)
def test_clocks_on_the_wall_and_texts(
    postgres: Postgres, spool: Spool, kind: str, number: str
) -> None:
    """A table of one's own without zones: the team's zone tells."""
    table = Table(postgres, PLAIN.format(type=kind, number=number))
    table.add(1, "2026-01-05 09:00:00", pin="blue")
    table.add(2, "2026-01-05 10:00:00")
    if kind == "varchar":
        table.add(3, "2026-01-05 10:00:00", start_stamp="", answer_stamp="", end_stamp="")
        table.add(4, "2026-01-05 10:00:00", start_stamp="soon", duration="")
    account = table.account(timezone="America/New_York", variables="pin", page_rows=1)
    spool.run(account)
    spool.run(account)
    found = spool.stage(campaign="pin")["calls"]
    assert found.rows("call_id", "campaign_id") == [(uuid_of(1), "blue"), (uuid_of(2), None)]
    reasons = ["missing start time", "unreadable start time"] if kind == "varchar" else []
    assert found.reasons() == reasons
