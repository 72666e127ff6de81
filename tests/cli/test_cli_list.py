"""Does a call list leave as files that a dialler and a spreadsheet may open?"""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

import pytest
from commands import Run

from dialgauge.lake import Lake
from dialgauge.lake.vault import VARIABLE, new_key
from dialgauge.store import open_store

LEADS = """\
lead_id,created_at,list_id,lead_source,timezone,phone_token,do_not_call_at
L1,2026-01-01T00:00:00Z,101,=1+1,Europe/Berlin,t1,
L2,2026-01-02T00:00:00Z,101,fair,Europe/Berlin,t2,
L3,2026-01-03T00:00:00Z,101,fair,Europe/Berlin,t3,2026-01-04T00:00:00Z
"""
NOON = ("--as-of", "2026-03-02T11:00:00", "--order-by", "newest")


@pytest.fixture
def callers(team: Run) -> Run:
    """Type commands in the folder of a team that also has leads."""
    Path("leads.csv").write_text(LEADS, encoding="utf-8")
    assert team("import", "files", "leads.csv").status == 0
    return team


def test_csv_is_pure_and_harmless(callers: Run) -> None:
    """Only the list goes to standard output, without numbers, and no text in it is a formula."""
    said = callers("list", *NOON, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert [row["lead_id"] for row in rows] == ["L2", "L1"]
    assert rows[1]["lead_source"] == "'=1+1"
    assert "phone_number" not in rows[0]
    assert said.err == "2 leads to call\n  1 left out: asked not to be called\n"


def test_json_tells_who_was_left_out(callers: Run) -> None:
    """The records of the list, and the reasons with their counts."""
    told = callers("list", *NOON, "--format", "json", "--where", "lead_source = 'fair'").json
    assert [lead["lead_id"] for lead in told["leads"]] == ["L2"]
    assert told["leads"][0]["local_hour"] == 12
    assert told["left_out"] == {"asked not to be called": 1}


def test_numbers_go_into_a_private_file(callers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """They need the vault and its key, and nobody else on the machine may read the file."""
    options = ("list", *NOON, "--format", "vicidial", "--numbers", "--output", "list.txt")
    assert callers(*options).sentence.startswith("this lake keeps no phone numbers, only tokens")
    monkeypatch.setenv(VARIABLE, new_key())
    vault = Lake.open(".").vault
    vault.open()
    vault.keep([("t1", "+4930901820"), ("t2", "+12125550123")])
    Path("list.txt").write_text("older", encoding="utf-8")
    said = callers(*options)
    assert said.status == 0
    assert "901820" not in said.out + said.err
    path = Path("list.txt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line[:5] for line in lines] == [
        ["L2", "fair", "101", "1", "2125550123"],
        ["L1", "1+1", "101", "49", "30901820"],
    ]
    assert {len(line) for line in lines} == {25}
    assert {row[2] for row in vault.shown()} == {"t1", "t2"}
    monkeypatch.delenv(VARIABLE)
    assert VARIABLE in callers(*options).sentence


def test_what_was_listed_is_in_the_audit_trail(callers: Run) -> None:
    """Where the team has an application database, it says how many leads left, and not whom."""
    store = open_store("sqlite:///dialgauge.db")
    assert callers("list", *NOON).status == 0
    (entry,) = store.audit.list()
    assert (entry.what, entry.detail) == ("export", "call list of 2 leads (table)")


def test_a_register_and_days_are_told_with_what_they_leave_out(callers: Run) -> None:
    """Their own sentences, after the list; and what cannot be understood is refused."""
    token = "0123456789abcdef0123456789abcdef"
    Path("more.csv").write_text(LEADS.replace(",t1,", f",{token},"), encoding="utf-8")
    assert callers("import", "files", "more.csv").status == 0
    Path("register.txt").write_text(f"number\n{token}\n", encoding="utf-8")
    said = callers("list", *NOON, "--format", "csv", "--except", "register.txt", "--days", "mon")
    assert [row["lead_id"] for row in csv.DictReader(io.StringIO(said.out))] == ["L2"]
    assert said.err == (
        "1 lead to call\n  1 left out: asked not to be called\n"
        "  1 left out: on the do-not-call register\n1 line is no number in 'register.txt'\n"
    )
    assert "0 leads to call" in callers("list", *NOON, "--days", "sat-sun").out
    assert "--days 'someday' is not understood" in callers("list", "--days", "someday").err
