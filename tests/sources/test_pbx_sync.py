"""Do the calls of connected PBXs come into a lake, once each, round after round?"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from running_mariadb import PASSWORD, Server

from dialgauge.cli import main
from dialgauge.lake.layout import Layout
from dialgauge.syncing.hooklog import HookLog

DATABASE = "synced_pbx"
FREEPBX = """CREATE TABLE cdr (calldate DATETIME, src VARCHAR(80), dst VARCHAR(80),
    dcontext VARCHAR(80), channel VARCHAR(80), dstchannel VARCHAR(80), duration INT, billsec INT,
    disposition VARCHAR(45), uniqueid VARCHAR(32), linkedid VARCHAR(32), KEY calldate (calldate))"""
FREESWITCH = """CREATE TABLE cdr (caller_id_number, destination_number, context, start_stamp,
    answer_stamp, end_stamp, duration, billsec, hangup_cause, uuid, bleg_uuid, accountcode)"""
NINE = 1_767_603_600  # 2026-01-05 09:00 UTC, four in the morning on MariaDB's clock


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a lake, and work beside it."""
    monkeypatch.setenv("DIALGAUGE_PBX_PASSWORD", PASSWORD)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "lake"]) == 0
    return tmp_path


def connect(folder: Path, **settings: str) -> None:
    """Write the system into dialgauge.toml."""
    path = folder / "lake" / "dialgauge.toml"
    lines = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    path.write_text(f"{path.read_text()}\n[sources.pbx]\n{lines}")


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run a command and return the JSON it prints."""
    capsys.readouterr()
    assert main([*arguments, "--format", "json", "--lake", "lake"]) == 0
    return json.loads(capsys.readouterr().out)


def dials(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return the lake's dials."""
    return asked(capsys, "ask", "dials")["rows"][0]["values"]["dials"]["value"]


def test_a_freepbx(folder: Path, mariadb: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Thirty calls over ten days, one more, and a range once more: each is there once."""
    mariadb.new(DATABASE)

    def add(number: int) -> None:
        at = f"FROM_UNIXTIME({NINE + number * 28_800})"
        with mariadb.root(DATABASE) as cursor:
            cursor.execute(
                f"INSERT INTO cdr VALUES ({at}, '101', '15551234567', 'from-internal', "
                "'PJSIP/101-0000001a', 'PJSIP/trunk-0000001b', 38, 30, 'ANSWERED', "
                f"'{NINE + number * 28_800}.7', '{NINE + number * 28_800}.7')"
            )

    with mariadb.root(DATABASE) as cursor:
        cursor.execute(FREEPBX)
    for number in range(30):
        add(number)
    connect(folder, system="asterisk", url=mariadb.url(DATABASE), timezone="Etc/GMT+5")
    (first,) = asked(capsys, "sync", "pbx")
    assert (first["counts"]["loaded"], first["counts"]["quarantined"]) == (30, 0)
    add(30)
    (second,) = asked(capsys, "sync", "pbx")
    assert (second["counts"]["loaded"], second["counts"]["updated"]) == (1, 0)
    (again,) = asked(capsys, "sync", "pbx", "--from", "2026-01-06", "--to", "2026-01-08")
    assert (again["counts"]["loaded"], again["counts"]["updated"]) == (0, 0)
    assert again["counts"]["unchanged"] >= 6
    assert dials(capsys) == 31


def test_a_freeswitch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its table in SQLite; what was read is not read again in vain."""
    con = sqlite3.connect(folder / "cdr.db")
    con.execute(FREESWITCH)
    con.execute("CREATE INDEX cdr_start ON cdr (start_stamp)")
    row = "('1001', '+4930901820', 'default', ?, ?, ?, 38, 30, 'NORMAL_CLEARING', ?, '', 'x')"
    for number in range(20):
        at = f"2026-01-{number + 1:02d} 09:00:00"
        con.execute(f"INSERT INTO cdr VALUES {row}", (at, at, at, uuid_of(number)))
    con.commit()
    con.close()
    connect(folder, system="freeswitch", url=f"sqlite:///{folder / 'cdr.db'}")
    (first,) = asked(capsys, "sync", "pbx")
    assert (first["counts"]["loaded"], first["counts"]["quarantined"]) == (20, 0)
    (second,) = asked(capsys, "sync", "pbx")
    assert (second["counts"]["loaded"], second["counts"]["updated"]) == (0, 0)
    assert dials(capsys) == 20


@pytest.mark.parametrize("system", ["freeswitch", "twilio"])
def test_what_only_sends_is_not_asked(
    system: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an address there is nobody to ask, and that is no error."""
    connect(folder, system=system)
    path = folder / "lake" / "dialgauge.toml"
    path.write_text(path.read_text() + "hook = true\n")
    (status,) = asked(capsys, "sync", "pbx", "--status")
    assert status["feed"] == "hook"
    assert not status["error"]
    (done,) = asked(capsys, "sync", "pbx")
    assert done["counts"]["loaded"] == 0


def test_a_leg_that_is_over_before_its_call(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An agent did not answer, and the call goes on: it is kept aside until the call is known."""
    connect(folder, system="freeswitch")
    path = folder / "lake" / "dialgauge.toml"
    path.write_text(path.read_text() + "hook = true\n")
    log = HookLog(Path(Layout(str(folder / "lake")).sync("pbx"), "hook", "log"))
    log.append([sent(2, originator=uuid_of(1), hangup_cause="NO_ANSWER")])
    (first,) = asked(capsys, "sync", "pbx")
    assert (first["counts"]["loaded"], first["counts"]["quarantined"]) == (0, 1)
    assert len(asked(capsys, "check")["quarantine"]) == 1
    whole = sent(1, billsec=20, answer_epoch=NINE + 10)
    log.append([whole, whole])
    (second,) = asked(capsys, "sync", "pbx")
    assert (second["counts"]["loaded"], second["counts"]["quarantined"]) == (1, 0)
    assert dials(capsys) == 1
    (kept,) = asked(capsys, "check")["quarantine"]
    assert (kept["rows"], kept["mended"]) == (1, 1)
    log.close()


def sent(number: int, **told: object) -> str:
    """Write a leg as mod_json_cdr sends it."""
    variables: dict[str, object] = {
        "uuid": uuid_of(number),
        "start_epoch": NINE,
        "end_epoch": NINE + 30,
    }
    variables |= {"duration": 30, "billsec": 0, **told}
    profile = {"caller_id_number": "1001", "destination_number": "+4930901820"}
    said = {name: str(value) for name, value in variables.items()}
    return json.dumps({"variables": said, "callflow": [{"caller_profile": profile}]})


def uuid_of(number: int) -> str:
    """Name a leg."""
    return f"00000000-0000-0000-0000-{number:012d}"
