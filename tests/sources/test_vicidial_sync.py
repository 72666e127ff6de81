"""Does a connected VICIdial come into a lake, stay right when killed, and reconcile?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from running_mariadb import PASSWORD, Server
from vicidial_tables import Dialler, dialler, fill, insert, later

from dialgauge.cli import main

DATABASE = "synced"
START = "2026-01-05 09:00:00"


@pytest.fixture
def lake(mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a lake that is connected to a VICIdial with calls of thirty days."""
    made = dialler()
    for number in range(1, 151):
        at = later(START, number * 17_280)
        made.call(f"{number}.1", at, 60, lead_id=number, user="ann", status="NI")
        made.cycle(number, "ann", later(at, -60), (0, 60, 60, 10, 0), lead_id=number,
                   uniqueid=f"{number}.1")  # fmt: skip
        made.add("vicidial_list", {"lead_id": number, "entry_date": START, "list_id": 101})
    fill(mariadb, DATABASE, made.tables)
    monkeypatch.setenv("DIALGAUGE_PBX_PASSWORD", PASSWORD)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "lake"]) == 0
    settings = tmp_path / "lake" / "dialgauge.toml"
    settings.write_text(
        settings.read_text() + f'\n[sources.pbx]\nsystem = "vicidial"\ntimezone = '
        f'"America/New_York"\nurl = "{mariadb.url(DATABASE)}"\npage_rows = 20\n'
    )
    return tmp_path / "lake"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run a command and return the JSON it prints."""
    capsys.readouterr()
    assert main([*arguments, "--format", "json", "--lake", "lake"]) == 0
    return json.loads(capsys.readouterr().out)


def held(capsys: pytest.CaptureFixture[str]) -> tuple[int, int, float]:
    """Return the lake's dials, conversations and seconds of handling."""
    names = ("dials", "contacts", "avg_handle_time")
    values = asked(capsys, "ask", *names)["rows"][0]["values"]
    dials, contacts, handling = (values[name] for name in names)
    return dials["value"], contacts["value"], handling["value"]


def test_sync_goes_on_where_it_stopped(
    lake: Path, mariadb: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second round brings what is new, and changes nothing else."""
    assert lake.is_dir()
    (first,) = asked(capsys, "sync", "pbx")
    # 150 calls, their 3 parts of time each, 150 leads, 2 agents, 2 campaigns
    assert first["counts"]["loaded"] == 150 + 450 + 150 + 2 + 2
    assert held(capsys) == (150, 150, 70)
    more = Dialler({})
    more.call("999.1", later(START, 151 * 17_280), 30, user="bob", status="SALE", lead_id=7)
    insert(mariadb, DATABASE, more.tables)
    (second,) = asked(capsys, "sync", "pbx")
    assert (second["counts"]["loaded"], second["counts"]["updated"]) == (1, 0)
    assert second["counts"]["quarantined"] == 0
    assert held(capsys)[:2] == (151, 151)


@pytest.mark.parametrize("after", [0.8, 1.4, 2.0])
def test_a_round_that_is_killed_loses_and_doubles_nothing(
    lake: Path, capsys: pytest.CaptureFixture[str], after: float
) -> None:
    """SIGKILL at some moment of the first round; the next one makes up for it."""
    command = [sys.executable, "-m", "dialgauge", "sync", "pbx", "--lake", str(lake)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    asked(capsys, "sync", "pbx")
    assert held(capsys) == (150, 150, 70)


def test_a_range_is_read_again(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A backfill changes nothing that is known, and leaves out nothing of its days."""
    assert lake.is_dir()
    asked(capsys, "sync", "pbx", "--from", "2026-01-10", "--to", "2026-01-12")
    dials = held(capsys)[0]
    assert 8 <= dials <= 12  # five calls a day
    asked(capsys, "sync", "pbx")
    assert held(capsys) == (150, 150, 70)
    (again,) = asked(capsys, "sync", "pbx", "--from", "2026-01-10", "--to", "2026-01-12")
    assert (again["counts"]["loaded"], again["counts"]["updated"]) == (0, 0)


def test_a_connected_system_reconciles(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its tables are read for the report, and nothing is stored."""
    days = ["--from", "2026-01-10", "--to", "2026-01-12"]
    figures = asked(capsys, "reconcile", "pbx", *days)
    placed = next(figure for figure in figures if figure["name"] == "calls placed")
    assert placed["theirs"] == placed["ours"] == 10
    talk = next(figure for figure in figures if figure["name"] == "talk time")
    assert talk["theirs"] == talk["ours"] == 600
    assert not (lake / "calls").exists() or not any((lake / "calls").rglob("*.parquet"))


def test_a_wrong_password_is_one_sentence(
    lake: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the password, in the terminal and in the status."""
    monkeypatch.setenv("DIALGAUGE_PBX_PASSWORD", "not-the-password")
    assert main(["sync", "pbx", "--lake", str(lake)]) == 1
    told = capsys.readouterr()
    assert "check the user's name and password" in told.err
    assert "not-the-password" not in told.out + told.err
    (status,) = asked(capsys, "sync", "pbx", "--status")
    assert "not-the-password" not in json.dumps(status)
