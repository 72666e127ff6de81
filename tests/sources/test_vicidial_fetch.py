"""Is a running VICIdial read gently, wholly, and only where it may be?"""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest
from running_mariadb import Server
from vicidial_tables import (
    SCHEMA,
    SECRET_COLUMNS,
    Dialler,
    Read,
    Tables,
    account,
    dialler,
    fill,
    insert,
    keep,
    later,
    read,
    spool,
    staged,
    utc,
)

from dialgauge.errors import DialgaugeError, ServerError, UnknownNameError, UsageError
from dialgauge.sources.live import Page, Span
from dialgauge.sources.vicidial import fetch, probe
from dialgauge.sources.vicidial.tables import STREAMS

DATABASE = "asterisk"
START = "2026-01-05 09:00:00"


def busy_days() -> Dialler:
    """Give four days: some calls, a transfer over midnight, a callback, a recording, leads."""
    made = dialler()
    ids = itertools.count(1)
    for day, hour in itertools.product(range(4), (9, 12, 20)):
        number = next(ids)
        at = later(START, (day * 24 + hour - 9) * 3600 + number)
        sold = number % 3 == 0
        made.call(
            f"{number}.1", at, 120, lead_id=number, user="ann", status="SALE" if sold else "NI"
        )
        made.call(f"{number}.2", at, lead_id=100 + number, phone_number=f"212555{1000 + number}")
        made.cycle(number, "ann", later(at, -600), (500, 100, 120, 9, 20),
                   lead_id=number, uniqueid=f"{number}.1")  # fmt: skip
        made.add(
            "vicidial_list",
            *(
                {"lead_id": lead, "entry_date": START, "status": "NEW", "list_id": 101,
                 "phone_code": "1", "phone_number": "2125550101", "state": "NY"}
                for lead in (number, 100 + number)
            ),
        )  # fmt: skip
    for day in range(4):
        made.clock(10 * day + 1, "ann", later(START, day * 86_400 - 900),
                   later(START, day * 86_400 + 12 * 3_600))  # fmt: skip
    made.add("vicidial_dnc", {"phone_number": "9175550199"})  # nobody's here, but the list is read
    made.call("90.1", "2026-01-05 23:59:50", 60, lead_id=90, user="ann", status="XFER")
    made.add(
        "vicidial_xfer_log",
        {"xfercallid": 5, "lead_id": 90, "call_date": "2026-01-06 00:00:10", "user": "ann",
         "closer": "bob", "front_uniqueid": "90.1"},
    )  # fmt: skip
    made.passed(50, "2026-01-06 00:00:10", 90, lead_id=90, user="bob", status="SALE", xfercallid=5)
    made.add("vicidial_list", {"lead_id": 90, "entry_date": START, "status": "SALE"})
    for name, lead, seconds in (("2.1", 2, 40), ("5.1", 5, 15), ("90.1", 90, 5)):
        made.park(name, "ann", later(made.call_at(name), 30), seconds, lead=lead)
    made.add(
        "vicidial_callbacks",
        {"callback_id": 1, "lead_id": 1, "entry_time": later(START, 100), "user": "ann",
         "callback_time": "2026-01-09 15:00:00"},
    )  # fmt: skip
    made.add(
        "recording_log",
        {"recording_id": 77, "length_in_sec": 110, "vicidial_id": "1.1",
         "filename": "20260105_2125550101", "location": "http://rec.example/2125550101.wav"},
    )  # fmt: skip
    return made


def pages(server: Server, cursors: dict[str, str] | None = None, **more: Any) -> list[Page]:
    """Read all pages there are."""
    start, end = more.pop("start", None), more.pop("end", None)
    span = Span(cursors=cursors or {}, start=start, end=end)
    return list(fetch(account(server, DATABASE, **more), span))


def all_rows(result: Read) -> dict[str, dict[str, dict[str, Any]]]:
    """Return everything that may be loaded, without where it came from."""
    return {
        table: {
            key: {name: value for name, value in row.items() if not name.startswith("_")}
            for key, row in result.rows(table).items()
        }
        for table in result.staged
    }


def fetched(folder: Path, some: list[Page]) -> dict[str, dict[str, dict[str, Any]]]:
    """Stage pages."""
    spool(folder, some)
    return all_rows(read(folder))


def test_what_is_fetched_is_what_the_tables_hold(mariadb: Server, tmp_path: Path) -> None:
    """Reading the database in pages of five gives what files of whole tables give."""
    made = busy_days()
    fill(mariadb, DATABASE, made.tables)
    found = fetched(tmp_path / "spool", pages(mariadb, page_rows=5))
    assert found == all_rows(staged(tmp_path, made))
    assert len(found["calls"]) == 25
    assert found["calls"]["90.1"]["agent_id"] == "bob"
    assert (found["calls"]["2.1"]["talk_s"], found["calls"]["2.1"]["hold_s"]) == (60, 40)
    assert found["calls"]["1.1"]["recording"] == "recording_log/77"
    assert found["calls"]["1.1"]["callback_at"] == utc("2026-01-09 15:00:00")


def test_no_secret_column_is_ever_asked_for(mariadb: Server, tmp_path: Path) -> None:
    """The server's own log names no password, no customer's name and no comment."""
    fill(mariadb, DATABASE, busy_days().tables)
    mariadb.said()
    some = pages(mariadb)
    asked = [said for said in mariadb.said() if said.startswith("SELECT")]
    assert any("FROM vicidial_users" in said for said in asked)
    words = {word.strip("`,() ") for said in asked for word in said.split()}
    assert words & set(SECRET_COLUMNS) == set()
    assert not any("*" in said for said in asked)
    columns = {name for page in some for name in page.rows.column_names}
    assert columns & set(SECRET_COLUMNS) == set()
    spool(tmp_path, some)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    assert b"pw-ann" not in kept
    assert b"hash-ann" not in kept


def test_every_question_is_small(mariadb: Server) -> None:
    """Each SELECT of a table has a LIMIT or asks for some keys; nothing is written or locked."""
    fill(mariadb, DATABASE, busy_days().tables)
    mariadb.said()
    assert max(page.rows.num_rows for page in pages(mariadb, page_rows=5)) <= 5 * 4
    said = mariadb.said()
    tables = [each for each in said if " FROM " in each and "information_schema" not in each]
    assert len(tables) > 40
    small = [" LIMIT " in each or " IN (" in each for each in tables]
    assert all(small)
    limits = {int(each.rsplit(" LIMIT ")[1]) for each in tables if " LIMIT " in each}
    assert max(limits) <= 5 * 4
    allowed = ("SELECT", "SET", "SHOW", "ROLLBACK")
    assert [each for each in said if not each.startswith(allowed)] == []
    assert "SET SESSION TRANSACTION READ ONLY" in said


def test_the_reader_needs_select_alone(mariadb: Server) -> None:
    """The user of these tests was granted nothing else."""
    with mariadb.root() as cursor:
        cursor.execute("SHOW GRANTS FOR 'reader'@'localhost'")
        grants = " ".join(row[0] for row in cursor.fetchall() if "`asterisk`" in row[0])
    assert grants.startswith("GRANT SELECT ON `asterisk`.*")


def test_reading_goes_on_after_any_page(mariadb: Server, tmp_path: Path) -> None:
    """Killed behind any page, what was kept and what comes next make the same rows together.

    As sync does, pages behind the last cursor are thrown away.
    """
    made = busy_days()
    fill(mariadb, DATABASE, made.tables)
    whole = pages(mariadb, page_rows=7)
    expected = fetched(tmp_path / "whole", whole)
    moved = [number for number, page in enumerate(whole) if page.cursors]
    assert len(moved) > 5
    for stop in moved:
        folder = tmp_path / f"stop-{stop}"
        cursors = spool(folder, whole[: stop + 1])
        for page in pages(mariadb, cursors, page_rows=7):
            keep(folder, page)
        assert all_rows(read(folder)) == expected


def test_what_was_taken_in_before_a_crash_stays_right(mariadb: Server, tmp_path: Path) -> None:
    """Rows made of the first pages, overwritten by those made of the later ones, are the same."""
    fill(mariadb, DATABASE, busy_days().tables)
    whole = pages(mariadb, page_rows=7)
    expected = fetched(tmp_path / "whole", whole)
    logs = [number for number, page in enumerate(whole) if "logs" in page.cursors]
    for stop in logs:
        cursors = {key: value for page in whole[: stop + 1] for key, value in page.cursors.items()}
        first = fetched(tmp_path / f"a{stop}", whole[: stop + 1])
        second = fetched(tmp_path / f"b{stop}", pages(mariadb, cursors, page_rows=7))
        for table, rows in expected.items():
            assert {**first.get(table, {}), **second.get(table, {})} == rows, (stop, table)


def test_calls_are_completed_later(mariadb: Server, tmp_path: Path) -> None:
    """A call that was going on is complete after the next round, and no older call suffers."""
    made = dialler()
    made.call("1.1", "2026-01-05 07:00:00", 100, user="ann", status="NI")
    made.cycle(1, "ann", "2026-01-05 06:50:00", (500, 100, 100, 9, 0), uniqueid="1.1")
    made.call("2.1", "2026-01-05 12:00:00", None, user="ann", status="INCALL")
    fill(mariadb, DATABASE, made.tables)
    first = tmp_path / "first"
    cursors = spool(first, pages(mariadb))
    going_on = read(first).call("2.1")
    assert (going_on["result"], going_on["talk_s"], going_on["ended_at"]) == (None, None, None)
    more = Dialler({})
    more.call("2.1", "2026-01-05 12:00:00", 300, user="ann", status="SALE")
    more.cycle(2, "ann", "2026-01-05 11:50:00", (500, 100, 300, 30, 100), uniqueid="2.1")
    insert(mariadb, DATABASE, more.tables)
    second = tmp_path / "second"
    after = spool(second, pages(mariadb, cursors))
    calls = read(second).rows("calls")
    assert list(calls) == ["2.1"]
    assert (calls["2.1"]["result"], calls["2.1"]["talk_s"]) == ("human", 200)
    assert calls["2.1"]["wrap_s"] == 30
    assert after["logs"] == "2026-01-05 12:00:00"


def test_a_leg_that_comes_late_finds_its_call(mariadb: Server, tmp_path: Path) -> None:
    """The first leg began before the hours that are read again: then no call is made of half."""
    made = dialler()
    made.call("1.1", "2026-01-05 08:59:30", 60, user="ann", status="XFER")
    made.passed(9, "2026-01-05 09:00:20", 50, user="bob", status="NI", uniqueid="1.1")
    made.call("2.1", "2026-01-05 12:00:00", 0)
    fill(mariadb, DATABASE, made.tables)
    spool(
        tmp_path,
        pages(mariadb, {"logs": "2026-01-05 12:00:00", "leads": "0 2026-01-05T00:00:00+00:00"}),
    )
    result = read(tmp_path)
    assert list(result.rows("calls")) == ["2.1"]
    assert result.problems("calls") == []


def test_the_hour_that_comes_twice_is_read(mariadb: Server, tmp_path: Path) -> None:
    """When clocks go back, later calls show an earlier time; the hours read again hold them."""
    made = dialler()
    made.call("1.1", "2025-11-02 01:59:30", start_epoch=1762063170, end_epoch=1762063170)
    fill(mariadb, DATABASE, made.tables)
    cursors = spool(tmp_path / "first", pages(mariadb))
    assert cursors["logs"] == "2025-11-02 01:59:30"
    more = Dialler({})
    more.call("1.2", "2025-11-02 01:10:00", start_epoch=1762063800, end_epoch=1762063800)
    insert(mariadb, DATABASE, more.tables)
    spool(tmp_path / "second", pages(mariadb, cursors))
    calls = read(tmp_path / "second").rows("calls")
    starts = [calls[name]["started_at"].strftime("%H:%M:%S") for name in ("1.1", "1.2")]
    assert starts == ["05:59:30", "06:10:00"]


def test_rows_in_live_and_archive_count_once(mariadb: Server, tmp_path: Path) -> None:
    """While rows are moved they are in both; afterwards only in the archive."""
    made = dialler()
    made.call("1.1", "2026-01-05 10:00:00", 60, user="ann", status="NI")
    old: Tables = {}
    archive = Dialler(old)
    archive.call("1.1", "2026-01-05 10:00:00", 60, user="ann", status="NI")
    archive.call("0.1", "2025-11-05 10:00:00", 30, user="bob", status="SALE")
    archive.cycle(3, "bob", "2025-11-05 09:59:00", (0, 60, 30, 5, 0), uniqueid="0.1")
    both = {**made.tables, **{f"{name}_archive": rows for name, rows in old.items()}}
    fill(mariadb, DATABASE, both)
    spool(tmp_path, pages(mariadb))
    result = read(tmp_path)
    assert {key: row["converted"] for key, row in result.rows("calls").items()} == {
        "0.1": True,
        "1.1": False,
    }
    assert sorted(result.rows("agent_time")) == ["3-dispo", "3-talk", "3-wait"]


def test_the_archive_is_left_alone_when_it_cannot_matter(mariadb: Server) -> None:
    """Going on, as long as live tables reach back far enough."""
    made = dialler()
    made.call("1.1", "2026-01-04 10:00:00")
    made.cycle(1, "ann", "2026-01-04 10:00:00", (1, 1, 1, 1, 0))
    made.passed(1, "2026-01-04 10:00:00")
    made.call("1.2", "2026-01-05 12:00:00")
    fill(mariadb, DATABASE, made.tables)
    cursors = {"logs": "2026-01-05 12:00:00", "leads": "0 2026-01-05T00:00:00+00:00"}
    streams = {page.stream for page in pages(mariadb, cursors)}
    mariadb.said()
    pages(mariadb, cursors)
    asked = [said for said in mariadb.said() if "vicidial_log_archive" in said]
    assert "vicidial_log" in streams
    assert "vicidial_log_archive" not in streams
    assert [said for said in asked if not said.startswith("SHOW") and "LIMIT 1" not in said] == []


def test_a_span_is_read_with_what_belongs_to_its_calls(mariadb: Server, tmp_path: Path) -> None:
    """Calls of one day alone; the leg after midnight belongs to the call before it."""
    made = busy_days()
    fill(mariadb, DATABASE, made.tables)
    start, end = utc("2026-01-05 00:00:00"), utc("2026-01-06 00:00:00")
    some = pages(mariadb, start=start, end=end)
    assert [page.cursors for page in some if page.cursors] == []
    calls = fetched(tmp_path / "day", some)["calls"]
    whole = all_rows(staged(tmp_path, made))["calls"]
    assert calls == {key: row for key, row in whole.items() if row["started_at"] < end}
    assert calls["90.1"]["converted"] is True


def test_a_clock_that_was_wrong_does_not_stop_reading(mariadb: Server) -> None:
    """A call dated in the year 2090 is read; the cursor stays at the server's own time."""
    made = dialler()
    made.call("1.1", "2026-01-05 10:00:00")
    made.call("9.9", "2090-01-05 10:00:00")
    fill(mariadb, DATABASE, made.tables)
    some = pages(mariadb)
    assert sum(page.rows.num_rows for page in some if page.stream == "vicidial_log") == 2
    cursors = {key: value for page in some for key, value in page.cursors.items()}
    now = dt.datetime.now(dt.UTC) - dt.timedelta(hours=5)
    assert abs(dt.datetime.fromisoformat(f"{cursors['logs']}+00:00") - now) < dt.timedelta(hours=1)


def test_changed_leads_are_found_without_an_index(mariadb: Server, tmp_path: Path) -> None:
    """A lead that somebody edited comes with the daily sweep, in small ranges of lead_id."""
    made = dialler()
    leads = [
        {"lead_id": number, "entry_date": START, "status": "NEW", "list_id": 101,
         "modify_date": "2026-01-01 00:00:00"}
        for number in (1, 2, 5000, 9000)
    ]  # fmt: skip
    made.add("vicidial_list", *leads)
    fill(mariadb, DATABASE, made.tables)
    spool(tmp_path / "first", pages(mariadb))
    edited = {**leads[2], "status": "DNC", "modify_date": "2026-02-01 00:00:00"}
    new = {**leads[0], "lead_id": 9001}
    insert(mariadb, DATABASE, {"vicidial_list": [edited, new]})
    mariadb.said()
    swept = "9000 2026-01-20T00:00:00+00:00"
    cursors = {"logs": "2026-01-05 12:00:00", "leads": swept}
    some = pages(mariadb, cursors, page_rows=100)
    rows = [row["lead_id"] for page in some if page.stream == "vicidial_list"
            for row in page.rows.to_pylist()]  # fmt: skip
    assert rows == ["5000", "9001"]
    asked = [said for said in mariadb.said() if "modify_date >=" in said]
    assert len(asked) == 3
    assert all("lead_id <" in said for said in asked)
    fresh = {**cursors, "leads": f"9000 {dt.datetime.now(dt.UTC).isoformat()}"}
    some = pages(mariadb, fresh)
    rows = [row["lead_id"] for page in some if page.stream == "vicidial_list"
            for row in page.rows.to_pylist()]  # fmt: skip
    assert rows == ["9001"]


def test_old_versions_lack_columns_and_tables(mariadb: Server, tmp_path: Path) -> None:
    """What is not there is unknown; the rest is read."""
    made = dialler()
    made.call("1.1", "2026-01-05 10:00:00", 60, user="ann", status="SALE", lead_id=3)
    made.cycle(1, "ann", "2026-01-05 09:59:00", (0, 60, 60, 5, 0), lead_id=3)
    names = ("vicidial_log", "vicidial_agent_log", "vicidial_statuses", "vicidial_users")
    tables = {name: made.tables[name] for name in names}
    fill(mariadb, DATABASE, tables, only=names)
    with mariadb.root(DATABASE) as cursor:
        cursor.execute("ALTER TABLE vicidial_agent_log DROP COLUMN uniqueid")
        cursor.execute("ALTER TABLE vicidial_log DROP COLUMN term_reason")
    spool(tmp_path, pages(mariadb))
    call = read(tmp_path).call()
    assert (call["talk_s"], call["wrap_s"], call["ended_by"]) == (60, 5, None)


def test_a_table_without_its_index_is_not_read(mariadb: Server) -> None:
    """Sorting it would lock it for as long as that takes."""
    fill(mariadb, DATABASE, dialler().tables)
    with mariadb.root(DATABASE) as cursor:
        cursor.execute("ALTER TABLE vicidial_log DROP KEY call_date")
    with pytest.raises(ServerError, match="vicidial_log has no index on call_date"):
        pages(mariadb)


def test_the_carrier_log_is_read_when_wanted(mariadb: Server) -> None:
    """It is as long as the log of calls, so somebody must ask for it."""
    made = dialler()
    made.call("1.1", "2026-01-05 10:00:00")
    made.add("vicidial_carrier_log", {"uniqueid": "1.1", "call_date": "2026-01-05 10:00:00"})
    fill(mariadb, DATABASE, made.tables)
    assert "vicidial_carrier_log" not in {page.stream for page in pages(mariadb)}
    assert "vicidial_carrier_log" in {page.stream for page in pages(mariadb, carrier_log=True)}


def test_a_probe_says_what_is_there(mariadb: Server) -> None:
    """How many tables, what its clock shows, since when there are calls."""
    fill(mariadb, DATABASE, busy_days().tables)
    first, second = probe(account(mariadb, DATABASE))
    assert first.startswith("15 tables of VICIdial can be read; its clock shows 20")
    assert second == "Its calls begin on 2026-01-05 09:00:01."


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"page_rows": 0}, UsageError, "page_rows is 0, but must be a whole number from 1"),
        ({"page_rows": "many"}, UsageError, "must be a whole number"),
        ({"overlap_hours": 1000}, UsageError, "must be a whole number from 1 to 72"),
        ({"carrier_log": "yes"}, UsageError, "must be true or false"),
        ({"pagerows": 5}, UnknownNameError, "did you mean 'page_rows'"),
        ({"url": ""}, UsageError, "the setting url is missing"),
    ],
)
def test_wrong_settings_are_refused(
    mariadb: Server, settings: dict[str, object], error: type[DialgaugeError], words: str
) -> None:
    """Each with what is allowed."""
    with pytest.raises(error, match=words):
        list(fetch(account(mariadb, DATABASE, **settings), Span()))


def test_a_database_that_dies_half_way(mariadb: Server, tmp_path: Path) -> None:
    """One sentence; what was read until then, and what comes later, make the whole."""
    fill(mariadb, DATABASE, busy_days().tables)
    expected = fetched(tmp_path / "whole", pages(mariadb))
    cursors: dict[str, str] = {}
    folder = tmp_path / "spool"

    def go_on() -> None:
        for page in fetch(account(mariadb, DATABASE, page_rows=7), Span()):
            keep(folder, page)
            cursors.update(page.cursors)
            if "logs" in page.cursors:
                with mariadb.root() as cursor:
                    cursor.execute("KILL USER reader@localhost")

    with pytest.raises(ServerError, match="what was read is kept; try again"):
        go_on()
    assert "logs" in cursors
    spool(folder, pages(mariadb, cursors))
    assert all_rows(read(folder)) == expected


def test_another_database_is_no_vicidial(mariadb: Server) -> None:
    """Somebody named the database of something else."""
    mariadb.new(DATABASE)
    with pytest.raises(ServerError, match="has no table vicidial_log"):
        pages(mariadb)


def test_every_stream_has_a_table_in_these_tests() -> None:
    """So that a table that is added is read in them, too."""
    assert set(STREAMS) <= set(SCHEMA)
