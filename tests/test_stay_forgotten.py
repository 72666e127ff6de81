"""Does a person who was erased stay forgotten, whatever comes in afterwards?"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from dialgauge.accounts import Connected
from dialgauge.cli import main
from dialgauge.intake import Report, take_in
from dialgauge.lake import QUARANTINE, Lake, Person, view
from dialgauge.lake.vault import VARIABLE, new_key
from dialgauge.model.table import Table
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.sources.live import Page
from dialgauge.syncing.feed import Feed, Round, read_feed
from dialgauge.syncing.feeds import hook_feed
from dialgauge.syncing.hooklog import HookLog
from dialgauge.syncing.remains import remains
from dialgauge.syncing.spool import Spool
from dialgauge.tables import TABLES
from small_lake import SmallLake, call, small_lake

AT, LATER = "2026-01-05T10:00:00Z", "2026-02-05T10:00:00Z"
LEADS = (
    {"lead_id": "anna", "created_at": AT, "phone_token": "t1", "customer_id": "K1"},
    {"lead_id": "bert", "created_at": AT, "phone_token": "t1", "customer_id": "K2"},
)
CALLS = (
    call("c1", AT, "human", lead_id="anna", phone_token="t1", recording="anna.wav"),
    call("c2", AT, "busy", lead_id="bert", phone_token="t1"),
)
PEOPLE: Final = ("lead_id", "customer_id", "phone_token", "recording")


@pytest.fixture
def forgetful(tmp_path: Path) -> SmallLake:
    """Give a lake in which anna was called, who shares her phone with bert, and was forgotten."""
    small = small_lake(tmp_path, leads=LEADS, calls=CALLS)
    small.lake.erase(Person(lead_id="anna"))
    return small


def rows(lake: Lake, table: Table, columns: str = "*") -> list[dict[str, Any]]:
    """Read a table, in the order of its keys."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), table)
        found = con.execute(f"SELECT {columns} FROM {seen} ORDER BY {table.key}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def everything(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """Read all tables."""
    return {name: rows(lake, table) for name, table in lake.tables.items()}


def whose(lake: Lake, key: str) -> list[object]:
    """Say what a call tells of the person."""
    (found,) = (row for row in rows(lake, TABLES["calls"]) if row["call_id"] == key)
    return [found[name] for name in (*PEOPLE, "party_id")]


def test_the_same_files_again_change_nothing(forgetful: SmallLake) -> None:
    """Neither the lead nor its call comes back, and nothing is counted twice."""
    before = everything(forgetful.lake)
    reports = forgetful.load(leads=LEADS, calls=CALLS)
    assert [(each.counts.read, each.counts.unchanged) for each in reports] == [(2, 2), (2, 2)]
    assert everything(forgetful.lake) == before
    assert reports[0].notes == ("1 row of leads is of somebody who was erased, and was left out",)
    assert forgetful.total("leads_created").value == 2
    assert forgetful.total("leads_worked").value == 2


def test_a_new_call_counts_and_does_not_say_whose_it_is(forgetful: SmallLake) -> None:
    """The dial was made and the agent's time spent; whom it was about stays unknown."""
    new = call("c3", LATER, "human", lead_id="anna", phone_token="t1", recording="x", talk_s=7)
    (report,) = forgetful.load(calls=[new])
    assert report.counts.loaded == 1
    assert report.notes == (
        "1 row of calls is of somebody who was erased; it counts, and does not say whose it is",
    )
    assert whose(forgetful.lake, "c3") == [None] * 5
    assert forgetful.total("dials").value == 3
    (again,) = forgetful.load(calls=[{**new, "talk_s": 8}])
    assert (again.counts.unchanged, again.counts.updated) == (1, 0)


def test_who_shares_a_phone_or_a_firm_with_them_stays(forgetful: SmallLake) -> None:
    """Bert has the same number, and a lead of its own; so has whoever comes new with it."""
    carl = {"lead_id": "carl", "created_at": LATER, "phone_token": "t1", "customer_id": "K1"}
    calls = [call("c4", LATER, lead_id="bert", phone_token="t1"), call("c5", LATER, lead_id="carl")]
    forgetful.load(leads=[carl], calls=calls)
    assert whose(forgetful.lake, "c4")[:3] == ["bert", None, "t1"]
    assert whose(forgetful.lake, "c5")[0] == "carl"
    assert forgetful.total("leads_created").value == 3


def test_a_call_that_names_only_their_number_is_nobodys(forgetful: SmallLake) -> None:
    """A call without a lead belongs to whoever has the number."""
    forgetful.load(calls=[call("c6", LATER, phone_token="t1"), call("c7", LATER, customer_id="K1")])
    assert whose(forgetful.lake, "c6") == whose(forgetful.lake, "c7") == [None] * 5


def test_a_later_word_on_their_call_brings_nothing_back(forgetful: SmallLake) -> None:
    """A row that names only the call cannot bring the recording back."""
    before = whose(forgetful.lake, "c1")
    forgetful.load(calls=[{"call_id": "c1", "started_at": AT, "recording": "anna.wav"}])
    assert whose(forgetful.lake, "c1") == before
    assert before[3] is None


def test_a_number_that_was_asked_for_is_forgotten_whatever_lead_has_it(tmp_path: Path) -> None:
    """Who asks by number means the number; new leads with it are left out, too."""
    small = small_lake(tmp_path, leads=LEADS, calls=CALLS)
    small.lake.erase(Person(phone_token="t1"))
    carl = {"lead_id": "carl", "created_at": LATER, "phone_token": "t1"}
    small.load(leads=[carl], calls=[call("c8", LATER, lead_id="new", phone_token="t1")])
    assert small.total("leads_created").value == 2
    assert whose(small.lake, "c8") == [None] * 5


def test_who_is_erased_before_they_came_is_not_let_in(tmp_path: Path) -> None:
    """A person the lake does not know yet may be named, too; orders of other people come in."""
    small = small_lake(tmp_path)
    small.lake.erase(Person(lead_id="anna"))
    orders = [
        {"order_id": "o1", "ordered_at": AT, "lead_id": "anna", "customer_id": "K1", "amount": 5},
        {"order_id": "o2", "ordered_at": AT, "customer_id": "K2", "amount": 5},
    ]
    small.load(leads=LEADS, orders=orders)
    assert [row["lead_id"] for row in rows(small.lake, TABLES["leads"])] == ["bert"]
    found = rows(small.lake, TABLES["orders"], "lead_id, customer_id")
    assert [tuple(row.values()) for row in found] == [(None, None), (None, "K2")]


def test_refused_rows_of_theirs_are_not_kept(forgetful: SmallLake) -> None:
    """A row that cannot be taken in goes to quarantine as it was, but not theirs."""
    path = forgetful.folder / "bad.csv"
    lines = ("call_id,started_at,lead_id", "c8,never,anna", "c9,never,bert")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = imported(forgetful.lake, path)
    assert (report.counts.quarantined, report.counts.unchanged) == (1, 1)
    kept = rows(forgetful.lake, QUARANTINE)
    assert [(row["key"], row["row"]) for row in kept] == [("c9", 2)]
    assert "anna" not in json.dumps(report.as_json())


def test_words_of_theirs_are_known_in_refused_rows(tmp_path: Path) -> None:
    """What was named with --text is known again where the columns cannot be read."""
    small = small_lake(tmp_path)
    small.lake.erase(Person(lead_id="anna", texts=("Anna Lund",)))
    path = tmp_path / "bad.csv"
    path.write_text("call_id,started_at,name\nc8,never,Anna Lund\nc9,never,Bo\n", encoding="utf-8")
    assert imported(small.lake, path).counts.quarantined == 1
    assert [row["key"] for row in rows(small.lake, QUARANTINE)] == ["c9"]


def test_their_number_does_not_come_back_into_the_vault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file with the number is imported again, and the vault keeps the others' only."""
    monkeypatch.setenv(VARIABLE, new_key())
    small = small_lake(tmp_path)
    small.lake.vault.open()
    path, mapping = tmp_path / "leads.csv", tmp_path / "map.toml"
    path.write_text(f"Id,At,Phone\na,{AT},+49 30 901820\nb,{AT},+49 30 901821\n", encoding="utf-8")
    mapping.write_text(
        'table = "leads"\n[columns]\nlead_id = "Id"\ncreated_at = "At"\n'
        'phone_token = { expression = "token(Phone)" }\n',
        encoding="utf-8",
    )
    imported(small.lake, path, mapping)
    gone, kept = (row["phone_token"] for row in rows(small.lake, TABLES["leads"]))
    small.lake.erase(Person(lead_id="a"))
    imported(small.lake, path, mapping)
    assert set(small.lake.vault.show_all([gone, kept], "ann")) == {kept}


def test_rows_that_wait_for_a_sync_do_not_bring_them_back(forgetful: SmallLake) -> None:
    """What was read or sent before they were erased is taken in afterwards, as nobody's."""
    log = HookLog(Path(forgetful.lake.layout.sync("dialler"), "hook", "log"))
    event = {"call_id": "c1", "started_at": AT, "lead_id": "anna", "recording": "anna.wav"}
    log.append([json.dumps(event), json.dumps({**event, "call_id": "c2", "lead_id": "bert"})])
    log.append([json.dumps({**event, "call_id": "c3"})])
    log.close()
    account = Connected(name="dialler", system="files", table="calls", hook=True)
    feed: Feed = hook_feed(forgetful.lake, account)
    before = whose(forgetful.lake, "c1")
    assert remains(forgetful.lake) == ("dialler",)
    outcome = read_feed(forgetful.lake, feed, Round())
    assert outcome.status.error == ""
    assert remains(forgetful.lake) == ()
    assert whose(forgetful.lake, "c1") == before
    assert whose(forgetful.lake, "c2")[0] == "bert"
    assert whose(forgetful.lake, "c3") == [None] * 5
    folder = Path(forgetful.lake.layout.sync("dialler"))
    assert [path for path in folder.rglob("*") if wrote(path)] == []


def test_pages_of_a_round_that_broke_off_are_told(forgetful: SmallLake) -> None:
    """Pages that were read and not taken in are rows as they came."""
    assert remains(forgetful.lake) == ()
    spool = Spool(Path(forgetful.lake.layout.sync("pbx"), "fetch"), "pbx")
    spool.add(Page(stream="calls", rows=pa.table({"lead_id": ["anna"]}), cursors={"calls": "1"}))
    assert remains(forgetful.lake) == ("pbx",)


def test_commands_erase_tell_and_let_in_again(
    forgetful: SmallLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever erases hears where rows are left; a name nobody had is said to be none."""
    monkeypatch.setenv("DIALGAUGE_LAKE", forgetful.lake.path)
    spool = Spool(Path(forgetful.lake.layout.sync("pbx"), "fetch"), "pbx")
    spool.add(Page(stream="calls", rows=pa.table({"lead_id": ["anna"]}), cursors={"calls": "1"}))
    assert main(["lake", "erase", "--lead", "bert"]) == 0
    assert "rows of pbx stand beside the tables" in " ".join(capsys.readouterr().out.split())
    assert main(["lake", "readmit", "--lead", "bert"]) == 0
    assert "again from now on" in capsys.readouterr().out
    assert main(["lake", "readmit", "--lead", "carl"]) == 0
    assert "nobody of this name" in capsys.readouterr().out
    assert main(["lake", "readmit"]) != 0


def test_the_list_of_the_forgotten_names_nobody(forgetful: SmallLake) -> None:
    """Whoever reads the lake's folder finds no name in it; the list is the owner's."""
    path = Path(forgetful.lake.layout.forgotten)
    assert path.stat().st_mode & 0o077 == 0
    text = path.read_text(encoding="utf-8")
    assert not any(word in text for word in ("anna", "t1", "K1"))
    other = small_lake(forgetful.folder / "other")
    other.lake.erase(Person(lead_id="anna"))
    marks = [set(each.lake.forgotten.marks()) for each in (forgetful, other)]
    assert not marks[0] & marks[1]


def test_somebody_is_let_in_again(forgetful: SmallLake) -> None:
    """Who comes back and agrees is a lead like any other; what was forgotten stays forgotten."""
    assert forgetful.lake.readmit(Person(lead_id="anna")) is True
    assert forgetful.lake.readmit(Person(lead_id="anna")) is False
    forgetful.load(leads=[{"lead_id": "anna", "created_at": LATER}], calls=CALLS)
    names = [row["lead_id"] for row in rows(forgetful.lake, TABLES["leads"])]
    assert "anna" in names
    assert len(names) == 3
    assert whose(forgetful.lake, "c1")[0] != "anna"


def imported(lake: Lake, path: Path, mapping: Path | None = None) -> Report:
    """Import a file, refused rows and all."""
    request = Request(paths=(path,), phone_key=lake.phone_key, mapping=mapping)
    request = request if mapping else replace(request, table="calls")
    return take_in(lake, source("files"), request)


def wrote(path: Path) -> bool:
    """Whether a file holds anything of anna."""
    return path.is_file() and b"anna" in path.read_bytes()
