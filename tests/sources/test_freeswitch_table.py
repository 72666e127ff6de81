"""Is the table of calls read in pages, and does it make the same calls as the file?"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running_mariadb import PASSWORD, Server

from crm_server import Spool
from dialgauge.errors import ServerError, UnknownNameError, UsageError
from dialgauge.sources.freeswitch import fetch, probe, stage
from dialgauge.sources.live import Account, Span

COLUMNS = (
    *("caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp"),
    *("answer_stamp", "end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid"),
    "accountcode",
)


def uuid_of(number: int) -> str:
    """Give a leg's name."""
    return f"00000000-0000-0000-0000-{number:012d}"


class Table:
    """A table of calls in SQLite, as mod_cdr_sqlite keeps it."""

    def __init__(self, folder: Path, name: str = "cdr", key: str = "uuid") -> None:
        self.path, self.name = folder / "cdr.db", name
        columns = ", ".join(key if each == "uuid" else each for each in COLUMNS)
        self.run(f"CREATE TABLE {name} ({columns})")
        self.run(f"CREATE INDEX {name}_start ON {name} (start_stamp)")

    def run(self, statement: str, *values: object) -> None:
        """Change the database."""
        con = sqlite3.connect(self.path)
        con.execute(statement, values)
        con.commit()
        con.close()

    def add(self, number: int, start: str) -> None:
        """Add a call of thirty seconds, twenty of them talk."""
        values = ("Ann", "1001", "+4930901820", "default", start, start, start, 30, 20)
        marks = ", ".join("?" for _ in COLUMNS)
        more = ("NORMAL_CLEARING", uuid_of(number), "", "spring")
        self.run(f"INSERT INTO {self.name} VALUES ({marks})", *values, *more)

    def account(self, **settings: object) -> Account:
        """Give an account that reads it."""
        known = {"url": f"sqlite:///{self.path}", **settings}
        return Account(name="pbx", settings=known, secret=lambda _: "")


def test_calls_come_in_pages_and_then_only_the_last_hours(tmp_path: Path) -> None:
    """A call that began before the cursor and ended after it comes late, and is not missed."""
    table = Table(tmp_path)
    for number in range(1, 8):
        table.add(number, f"2026-01-05 {number + 8:02d}:00:00")
    spool = Spool(tmp_path / "spool", fetch, stage)
    account = table.account(page_rows=3, overlap_hours=2)
    pages = spool.run(account)
    assert len(pages) == 4
    assert spool.cursors == {"cdr": "2026-01-05 15:00:00"}
    found = spool.stage()["calls"]
    assert found.rows("call_id") == [(uuid_of(number),) for number in range(1, 8)]
    assert found.rows("direction", "result", "talk_s", "agent_id")[0] == (
        *("outbound", "answered"),
        *(20, "1001"),
    )
    table.add(8, "2026-01-05 13:30:00")
    spool.emptied()
    spool.run(account)
    came = spool.stage()["calls"].rows("call_id")
    assert came == [(uuid_of(number),) for number in (5, 8, 6, 7)]


def test_a_range_is_read_again(tmp_path: Path) -> None:
    """With what lies an overlap before and behind it."""
    table = Table(tmp_path)
    for number in range(1, 8):
        table.add(number, f"2026-01-{number:02d} 09:00:00")
    spool = Spool(tmp_path / "spool", fetch, stage)
    account = table.account(overlap_hours=1, timezone="Europe/Berlin")

    # 09:00 in Berlin is 08:00 of UTC
    span = Span(start=datetime(2026, 1, 3, 8, tzinfo=UTC), end=datetime(2026, 1, 5, 7, tzinfo=UTC))
    spool.run(account, span)
    assert len(spool.stage()["calls"].rows("call_id")) == 2


def test_fusionpbx_names_things_in_its_own_way(tmp_path: Path) -> None:
    """Its table, and its name of the leg."""
    table = Table(tmp_path, name="v_xml_cdr", key="xml_cdr_uuid")
    table.add(1, "2026-01-05 09:00:00")
    account = table.account(table="v_xml_cdr")
    spool = Spool(tmp_path / "spool", fetch, stage)
    spool.run(account)
    assert spool.stage()["calls"].rows("call_id") == [(uuid_of(1),)]
    assert probe(account) == [
        "The table v_xml_cdr has 12 columns that are read; calls since 2026-01-05 09:00:00."
    ]


def test_instants_of_mariadb(mariadb: Server, tmp_path: Path) -> None:
    """TIMESTAMP is UTC whatever the team's zone; the server's people are five hours behind."""
    mariadb.new("switch")
    with mariadb.root("switch") as cursor:
        kinds = {name: "TIMESTAMP NULL" for name in COLUMNS if name.endswith("_stamp")}
        listed = ", ".join(f"{name} {kinds.get(name, 'VARCHAR(80)')}" for name in COLUMNS)
        cursor.execute(f"CREATE TABLE cdr ({listed}, KEY started (start_stamp))")
        for number in range(1, 8):
            start = f"2026-01-05 {number + 8:02d}:00:00"
            values = ("Ann", "1001", "+4930901820", "default", start, "0000-00-00 00:00:00", start)
            more = (30, 20, "NORMAL_CLEARING", uuid_of(number), "", "spring")
            marks = ", ".join("%s" for _ in COLUMNS)
            cursor.execute(f"INSERT INTO cdr VALUES ({marks})", (*values, *more))
    settings = {
        "url": mariadb.url("switch"),
        "timezone": "Asia/Tokyo",
        "page_rows": 2,
        "overlap_hours": 2,
    }
    account = Account(name="pbx", settings=settings, secret=lambda _: PASSWORD)
    spool = Spool(tmp_path / "spool", fetch, stage)
    spool.run(account)
    found = spool.stage()["calls"]
    assert found.texts("started_at", "talk_s")[0] == ("2026-01-05 14:00:00+00", "20.0")
    assert len(found.rows("call_id")) == 7
    spool.emptied()
    spool.run(account)
    came = spool.stage()["calls"].rows("call_id")
    assert came == [(uuid_of(number),) for number in (5, 6, 7)]


def test_a_row_from_the_future_hides_nothing(tmp_path: Path) -> None:
    """The cursor goes no further than now."""
    table = Table(tmp_path)
    table.add(1, "2099-01-05 09:00:00")
    spool = Spool(tmp_path / "spool", fetch, stage)
    spool.run(table.account())
    assert spool.cursors["cdr"] < "2099"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """No table, no index, a name that is none."""
    table = Table(tmp_path)
    with pytest.raises(ServerError, match="there is no table calls with a column start_stamp"):
        list(fetch(table.account(table="calls"), Span()))
    table.run("DROP INDEX cdr_start")
    with pytest.raises(ServerError, match="CREATE INDEX cdr_start_stamp ON cdr"):
        list(fetch(table.account(), Span()))
    with pytest.raises(UsageError, match="no name of a table"):
        list(fetch(table.account(table="cdr; DROP"), Span()))
    with pytest.raises(UsageError, match="page_rows"):
        list(fetch(table.account(page_rows=0), Span()))
    with pytest.raises(UsageError, match="order"):
        list(fetch(table.account(order="duration"), Span()))
    nowhere = Account(name="pbx", settings={}, secret=lambda _: "")
    with pytest.raises(UsageError, match="url is missing"):
        list(fetch(nowhere, Span()))
    assert probe(nowhere) == ["No database is read; FreeSWITCH sends its calls by itself."]
    with pytest.raises(UnknownNameError, match="tabel"):
        list(fetch(table.account(tabel="cdr"), Span()))
