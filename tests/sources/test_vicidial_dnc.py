"""Are those left alone who are on a do-not-call list of a VICIdial, since when that is known?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from running_mariadb import Server
from vicidial_tables import (
    Dialler,
    Read,
    account,
    dialler,
    dump,
    fill,
    insert,
    read,
    spool,
    staged,
    utc,
)

from dialgauge.errors import UsageError
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.outward.callable import Rules, judged
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.sources.live import Span
from dialgauge.sources.vicidial import fetch
from small_lake import SmallLake

AT = "2026-01-05 10:00:00"
DATABASE = "left_alone"
TABLES = ("vicidial_dnc", "vicidial_campaign_dnc", "vicidial_dnc_log")


def leads(*numbers: str) -> Dialler:
    """Give leads of the campaign SOLAR with these numbers, 1 and on."""
    made = dialler()
    for number, phone in enumerate(numbers, 1):
        made.add("vicidial_list", {"lead_id": number, "entry_date": AT, "list_id": 101,
                                   "status": "NEW", "phone_code": "1",
                                   "phone_number": phone})  # fmt: skip
    for table in TABLES:
        made.add(table)
    return made


def log(made: Dialler, phone: str, action: str, at: str, scope: str = "-SYSINT-") -> None:
    """Write what somebody did to a list."""
    made.add("vicidial_dnc_log", {"phone_number": phone, "campaign_id": scope, "action": action,
                                  "action_date": at, "user": "6666"})  # fmt: skip


def told(result: Read) -> dict[str, tuple[Any, Any]]:
    """Return of each lead since when it must not be called, and whether it is on a list."""
    return {
        lead: (row["do_not_call_at"], row["do_not_call"])
        for lead, row in result.rows("leads").items()
    }


def test_the_log_says_since_when(tmp_path: Path) -> None:
    """The first adding after the last deletion; who was taken off the list may be called."""
    made = leads("2125550101", "2125550102", "2125550103")
    made.add("vicidial_dnc", {"phone_number": "2125550101"}, {"phone_number": "2125550103"})
    log(made, "2125550101", "add", "2025-01-01 09:00:00")
    log(made, "2125550101", "delete", "2025-02-01 09:00:00")
    log(made, "2125550101", "add", "2025-03-01 09:00:00")
    log(made, "2125550101", "add", "2025-04-01 09:00:00")
    log(made, "2125550102", "add", "2025-01-01 09:00:00")
    log(made, "2125550102", "delete", "2025-02-01 09:00:00")
    log(made, "2125550103", "add", "2025-07-01 09:00:00", "OTHER")
    result = staged(tmp_path, made)
    assert told(result) == {
        "1": (utc("2025-03-01 09:00:00"), True),
        "2": (None, False),
        "3": (None, True),  # added for another campaign then, to the system's list nobody knows
    }


def test_a_moment_that_nobody_wrote_is_not_made_up(tmp_path: Path) -> None:
    """Uploaded numbers are known to be on the list; the user may say from when they count."""
    made = leads("2125550101", "2125550102")
    made.add("vicidial_dnc", {"phone_number": "2125550101"})
    result = staged(tmp_path, made)
    assert told(result) == {"1": (None, True), "2": (None, False)}
    assert "1 leads are on a do-not-call list, and nothing says since when" in result.notes
    said = staged(tmp_path, made, do_not_call_since="2026-01-01")
    assert told(said) == {"1": (utc("2026-01-01 00:00:00"), True), "2": (None, False)}
    assert "do-not-call" not in said.notes
    with pytest.raises(UsageError, match="do_not_call_since is 'May'; write a day"):
        staged(tmp_path, made, do_not_call_since="May")


def test_a_call_list_leaves_out_uploaded_numbers(tmp_path: Path) -> None:
    """Nobody knows since when they are on the list, and nobody calls them."""
    made = leads("2125550101", "2125550102", "2125550101")
    made.add("vicidial_dnc", {"phone_number": "2125550101"})
    lake = Lake.create(str(tmp_path / "lake"))
    request = Request(
        paths=(dump(tmp_path / "dump", made.tables),),
        timezone="America/New_York",
        phone_key=lake.phone_key,
    )
    take_in(lake, source("vicidial"), request)
    small = SmallLake(lake, tmp_path)
    noon = dt.datetime(2026, 2, 2, 17, tzinfo=dt.UTC)
    found = judged(small.gauge(), (), Rules(), noon)
    why_not = {each.lead_id: each.why_not for each in found}
    assert why_not == {"1": "do_not_call", "2": "", "3": "do_not_call"}


def test_a_campaigns_list_holds_for_its_leads(tmp_path: Path) -> None:
    """SOLAR's holds for leads of SOLAR; another campaign's does not."""
    made = leads("2125550101", "2125550102")
    made.add("vicidial_campaign_dnc", {"phone_number": "2125550101", "campaign_id": "solar"},
             {"phone_number": "2125550102", "campaign_id": "OTHER"})  # fmt: skip
    log(made, "2125550101", "add", "2025-03-01 09:00:00", "SOLAR")
    log(made, "2125550102", "add", "2025-03-01 09:00:00", "OTHER")
    assert told(staged(tmp_path, made)) == {
        "1": (utc("2025-03-01 09:00:00"), True),
        "2": (None, False),
    }


def test_without_lists_what_is_known_stays(tmp_path: Path) -> None:
    """The columns are not told at all, so they are not emptied."""
    made = leads("2125550101")
    names = {"do_not_call", "do_not_call_at"}
    assert names <= set(staged(tmp_path / "with", made).staged["leads"].present)
    for table in TABLES:
        del made.tables[table]
    assert not names & set(staged(tmp_path / "without", made).staged["leads"].present)


def test_only_the_numbers_of_leads_are_asked_for(mariadb: Server, tmp_path: Path) -> None:
    """Of lists with many numbers, by the index; also when a lead is read again for its call."""
    made = leads(*(f"21255501{number:02}" for number in range(10, 40)))
    others = [{"phone_number": f"31255510{number:02}"} for number in range(100)]
    made.add("vicidial_dnc", {"phone_number": "2125550115"}, *others)
    log(made, "2125550115", "add", "2025-03-01 09:00:00")
    fill(mariadb, DATABASE, made.tables)
    mariadb.said()
    pages = list(fetch(account(mariadb, DATABASE, page_rows=10), Span()))
    asked = [said for said in mariadb.said() if "FROM vicidial_dnc" in said]
    assert asked
    assert all("WHERE phone_number IN (" in said and said.count("'") <= 2 * 5 for said in asked)
    assert sum(page.rows.num_rows for page in pages if page.stream == "vicidial_dnc") == 1
    cursors = spool(tmp_path / "first", pages)
    assert told(read(tmp_path / "first"))["6"] == (utc("2025-03-01 09:00:00"), True)
    more = Dialler({})
    more.call("1.1", "2026-01-05 11:00:00", lead_id=9, phone_number="2125550118")
    more.add("vicidial_dnc", {"phone_number": "2125550118"})
    log(more, "2125550118", "add", "2026-01-05 11:00:30")
    insert(mariadb, DATABASE, more.tables)
    spool(tmp_path / "second", fetch(account(mariadb, DATABASE), Span(cursors=cursors)))
    assert told(read(tmp_path / "second")) == {"9": (utc("2026-01-05 11:00:30"), True)}


def test_the_lists_may_be_left_alone(mariadb: Server, tmp_path: Path) -> None:
    """Where somebody does not want them to be read, or where there are none."""
    fill(mariadb, DATABASE, leads("2125550101").tables)
    mariadb.said()
    spool(tmp_path, fetch(account(mariadb, DATABASE, do_not_call_lists=False), Span()))
    assert not [said for said in mariadb.said() if "FROM vicidial_dnc" in said]
    assert "do_not_call_at" not in read(tmp_path).staged["leads"].present
