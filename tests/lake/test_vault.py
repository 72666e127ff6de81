"""Are phone numbers kept only where a team wants them, only encrypted, and forgotten for good?"""

from __future__ import annotations

import getpass
import json
import sqlite3
from pathlib import Path

import pytest

from dialgauge.cli import main
from dialgauge.errors import LakeError, UsageError
from dialgauge.intake import take_in
from dialgauge.lake import Lake, Person
from dialgauge.lake.vault import VARIABLE, Vault, new_key
from dialgauge.sources import files
from dialgauge.sources.base import Request
from dialgauge.sources.phone import token

NUMBER = "+4930901820"
MAPPING = """
table = "leads"
[columns]
lead_id = "Id"
created_at = "At"
phone_token = { expression = "token(Phone)" }
"""


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Return a lake with an open vault and its key in the environment."""
    monkeypatch.setenv(VARIABLE, new_key())
    made = Lake.create(str(tmp_path / "lake"))
    made.vault.open()
    return made


def load(lake: Lake, tmp_path: Path, *rows: str) -> None:
    """Import leads with numbers."""
    mapping, leads = tmp_path / "map.toml", tmp_path / "leads.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    written = "".join(f"{row}\n" for row in ("Id,At,Phone", *rows))
    leads.write_text(written, encoding="utf-8")
    take_in(lake, files.stage, Request(paths=(leads,), mapping=mapping, phone_key=lake.phone_key))


def stored(lake: Lake) -> list[tuple[str, bytes]]:
    """Read what lies in the vault's file."""
    with sqlite3.connect(lake.vault.path) as file:
        return file.execute("SELECT token, sealed FROM numbers ORDER BY token").fetchall()


def test_an_import_puts_numbers_into_the_vault(lake: Lake, tmp_path: Path) -> None:
    """The number comes back for its token; rows that were refused leave none."""
    rows = ("a,2026-01-05T10:00:00Z,+49 (0)30 901820", ",2026-01-05T10:00:00Z,+49 30 901821")
    load(lake, tmp_path, *rows)
    mine = token(lake.phone_key, NUMBER)
    assert mine is not None
    assert [kept for kept, _ in stored(lake)] == [mine]
    assert lake.vault.show(mine, "ann") == NUMBER
    assert [row[1:] for row in lake.vault.shown()] == [("ann", mine, "the number")]


def test_the_number_stands_in_no_file_of_the_lake(lake: Lake, tmp_path: Path) -> None:
    """Neither the tables, the quarantine nor the vault hold its digits."""
    rows = ("a,2026-01-05T10:00:00Z,+49 30 901820", "b,never,+49 30 901820")
    load(lake, tmp_path, *rows)
    for path in Path(lake.path).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"30901820" not in content, path
            assert b"901820" not in content, path


def test_without_a_vault_no_number_is_kept(tmp_path: Path) -> None:
    """A lake has no vault unless somebody opens one."""
    lake = Lake.create(str(tmp_path / "lake"))
    load(lake, tmp_path, "a,2026-01-05T10:00:00Z,+49 30 901820")
    assert not lake.vault.opened
    assert not Path(lake.layout.vault).exists()


def test_an_import_without_the_key_is_refused(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says which variable is missing, and nothing is taken in."""
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(LakeError, match=VARIABLE):
        load(lake, tmp_path, "a,2026-01-05T10:00:00Z,+49 30 901820")
    assert lake.snapshot().version == 0


def test_a_person_who_is_erased_has_no_number_any_more(lake: Lake, tmp_path: Path) -> None:
    """Erasing the lead removes its number; the others' stay, and no key is needed."""
    rows = ("a,2026-01-05T10:00:00Z,+49 30 901820", "b,2026-01-05T10:00:00Z,+49 30 901821")
    load(lake, tmp_path, *rows)
    lake.vault.show(str(token(lake.phone_key, NUMBER)), "ann")
    lake.erase(Person(lead_id="a"))
    assert [kept for kept, _ in stored(lake)] == [token(lake.phone_key, "4930901821")]
    assert lake.vault.shown() == []


def test_keys_are_changed_one_by_one(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the old key behind the new one everything is sealed anew; then the old one may go."""
    load(lake, tmp_path, "a,2026-01-05T10:00:00Z,+49 30 901820")
    mine, (before,) = str(token(lake.phone_key, NUMBER)), stored(lake)
    old, new = lake_key(), new_key()
    monkeypatch.setenv(VARIABLE, new)
    with pytest.raises(LakeError, match="another key"):
        lake.vault.seal_anew()
    assert stored(lake) == [before]
    monkeypatch.setenv(VARIABLE, f"{new},{old}")
    assert lake.vault.show(mine, "ann") == NUMBER
    assert (lake.vault.seal_anew(), lake.vault.seal_anew()) == (1, 0)
    monkeypatch.setenv(VARIABLE, new)
    assert lake.vault.show(mine, "ann") == NUMBER


def lake_key() -> str:
    """Return the key in the environment."""
    import os  # noqa: PLC0415 - only here

    return os.environ[VARIABLE]


def test_a_vault_of_an_older_version_goes_on(lake: Lake) -> None:
    """Whoever looked then saw the whole number; later looks are added behind."""
    lake.vault.keep([("one", "+1")])
    with sqlite3.connect(lake.vault.path) as file:
        file.execute("DROP TABLE shown")
        file.execute(
            "CREATE TABLE shown (at TEXT NOT NULL, who TEXT NOT NULL, token TEXT NOT NULL)"
        )
        file.execute("INSERT INTO shown VALUES ('2026-01-05T10:00:00+00:00', 'ann', 'one')")
    assert lake.vault.glimpse("one", "bob", lambda number: number[:1]) == "+"
    assert [row[1:] for row in lake.vault.shown()] == [
        ("bob", "one", "its mask"),
        ("ann", "one", "the number"),
    ]


def test_a_number_cannot_be_moved_to_another_token(lake: Lake) -> None:
    """Whoever exchanges two sealed numbers makes both unreadable."""
    lake.vault.keep([("one", "+1"), ("two", "+2")])
    with sqlite3.connect(lake.vault.path) as file:
        file.execute("UPDATE numbers SET sealed = (SELECT sealed FROM numbers WHERE token = 'two')")
    assert lake.vault.show("two", "ann") == "+2"
    with pytest.raises(LakeError, match="changed from outside"):
        lake.vault.show("one", "ann")


def test_the_same_number_is_sealed_once_and_never_alike(lake: Lake) -> None:
    """A known token is left alone; equal numbers look different, so nobody can compare them."""
    assert lake.vault.keep([("one", "+1"), ("two", "+1")]) == 2
    assert lake.vault.keep([("one", "+1"), ("one", "+1")]) == 0
    assert len({sealed for _, sealed in stored(lake)}) == 2


def test_what_is_no_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password is not a key, and the sentence does not repeat it."""
    monkeypatch.setenv(VARIABLE, "hunter2")
    with pytest.raises(LakeError, match="no key") as told:
        Vault(str(tmp_path / "vault.db")).open()
    assert "hunter2" not in str(told.value)


def test_an_unknown_token_is_said_to_be_unknown(lake: Lake) -> None:
    """Nothing is remembered of a look at nothing."""
    with pytest.raises(UsageError, match="no number for 'nobody'"):
        lake.vault.show("nobody", "ann")
    assert lake.vault.shown() == []


def test_commands_open_show_and_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key is made, the vault opened, a number shown, and all of it forgotten."""
    lake = Lake.create(str(tmp_path / "lake"))
    monkeypatch.setenv("DIALGAUGE_LAKE", lake.path)
    assert main(["lake", "number", "x"]) != 0
    assert main(["lake", "vault", "--new-key"]) == 0
    key = capsys.readouterr().out.strip().splitlines()[-1]
    monkeypatch.setenv(VARIABLE, key)
    assert main(["lake", "vault"]) == 0
    load(lake, tmp_path, "a,2026-01-05T10:00:00Z,+49 30 901820")
    capsys.readouterr()
    mine = str(token(lake.phone_key, NUMBER))
    assert main(["lake", "number", mine]) == 0
    told = capsys.readouterr().out
    assert told.startswith("+49 30 ****20\n")
    assert "9018" not in told
    assert main(["lake", "number", mine, "--reveal"]) == 0
    assert capsys.readouterr().out.strip() == NUMBER
    assert main(["lake", "looked", "--format", "json"]) == 0
    looked = json.loads(capsys.readouterr().out)
    assert [(look["who"], look["phone_token"], look["saw"]) for look in looked] == [
        (getpass.getuser(), mine, "the number"),
        (getpass.getuser(), mine, "its mask"),
    ]
    assert main(["lake", "looked", "--format", "csv"]) == 0
    assert mine in capsys.readouterr().out
    assert main(["lake", "looked"]) == 0
    assert "its mask" in capsys.readouterr().out
    assert main(["lake", "vault", "--close"]) == 0
    assert not lake.vault.opened
