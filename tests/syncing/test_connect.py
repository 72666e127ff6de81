"""Does somebody who has never done it get a system connected at a terminal?"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import folder_system
import pytest
from folder_system import add_calls

from dialgauge.cli import main
from dialgauge.config import read
from dialgauge.errors import UsageError
from dialgauge.lake import Lake
from dialgauge.syncing.settings_file import add

PROGRAM = """
import sys
import dialgauge.sources
import folder_system
sys.modules["dialgauge.sources.folder"] = folder_system
dialgauge.sources.SOURCES = ("files", "folder")
from dialgauge.cli import main
sys.exit(main(["connect"]))
"""
SETTINGS = "# ours\nlake = '.'  # here\n\n[server]\npublic_url = \"https://gauge.example.com\"\n"


@dataclass
class Terminal:
    """A person at a terminal."""

    handle: int
    said: str = ""
    heard: int = 0

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question, and type the answer."""
        self.wait(question)
        os.write(self.handle, f"{answer}\n".encode())

    def wait(self, words: str, seconds: float = 60) -> None:
        """Read until some words come."""
        deadline = time.monotonic() + seconds
        while words not in self.said[self.heard :]:
            left = deadline - time.monotonic()
            assert left > 0, f"'{words}' was not said: {self.said}"
            if select.select([self.handle], [], [], left)[0]:
                more = os.read(self.handle, 65_536).decode()
                self.said += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", more)
        self.heard = self.said.index(words, self.heard) + len(words)

    def rest(self) -> str:
        """Read to the end."""
        with contextlib.suppress(OSError):
            while more := os.read(self.handle, 65_536):
                self.said += more.decode()
        return self.said


@contextlib.contextmanager
def at_a_terminal(folder: Path) -> Iterator[tuple[Terminal, subprocess.Popen[bytes]]]:
    """Start the assistant."""
    ours, theirs = pty.openpty()
    paths = os.pathsep.join([str(Path(folder_system.__file__).parent), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={
            **{name: text for name, text in os.environ.items() if "DIALGAUGE" not in name},
            "PYTHONPATH": paths,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "COLUMNS": "300",
            "TERM": "dumb",
        },
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(ours), process
        finally:
            process.kill()
            os.close(ours)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Lay out a team's folder, and a system beside it."""
    folder = tmp_path / "team"
    Lake.create(str(folder))
    (folder / "dialgauge.toml").write_text(SETTINGS, encoding="utf-8")
    add_calls(tmp_path / "system", 1, 10)
    return folder


def test_a_system_is_asked_for_tried_written_down_and_read(team: Path, tmp_path: Path) -> None:
    """What is wrong is asked again; the password is in no file, and all else stays as it was."""
    with at_a_terminal(team) as (person, process):
        person.answer("Which system: files, folder, freeswitch, twilio?", "foldr")
        person.answer("did you mean 'folder'?", "folder")
        person.answer("What shall it be called? [folder]", "My PBX")
        person.answer("cannot be the name of a source", "pbx")
        person.answer("In which folder is it? (such as the/folder)", "")
        person.answer("this one is needed", "ftp://me:hunter2@host")
        person.answer("folder of [sources.pbx] holds a password", str(tmp_path / "system"))
        person.answer("In which time zone", "Europe/Berln")
        person.answer("did you mean 'Europe/Berlin'?", "Europe/Berlin")
        person.answer("Shall anything of this not be as usual: page? [y/N]", "y")
        person.answer("How many rows has a page?", "five")
        person.answer("page is a whole number, such as 3", "5")
        person.answer("With which password? (not shown)", "open sesame")
        person.wait("10 calls are there")
        person.answer("Write it? [Y/n]", "")
        person.wait("give the password in the variable DIALGAUGE_PBX_PASSWORD wherever dialgauge")
        person.answer("Read it now? [Y/n]", "y")
        said = person.rest()
        assert process.wait(timeout=60) == 0
    assert "sesame" not in said
    assert "Traceback" not in said
    assert re.search(r"pbx +folder .* 10 +8 +0 +2 ", said)
    text = (team / "dialgauge.toml").read_text(encoding="utf-8")
    assert text == SETTINGS + (
        f'\n[sources.pbx]\nsystem = "folder"\nfolder = "{tmp_path / "system"}"\n'
        'timezone = "Europe/Berlin"\npage = 5\n'
    )


def test_what_cannot_be_reached_is_told_and_written_only_when_wanted(
    team: Path, tmp_path: Path
) -> None:
    """It is asked again, what was answered stays; nothing changes unless somebody says so."""
    with at_a_terminal(team) as (person, process):
        person.answer("Which system", "folder")
        person.answer("What shall it be called?", "")
        person.answer("In which folder is it?", str(tmp_path / "none"))
        person.answer("In which time zone", "Europe/Berlin")
        person.answer("not be as usual", "")
        person.answer("With which password?", "open sesame")
        person.wait("it cannot be read: No such file or directory, while 'folder' was read")
        person.answer("Answer again? Enter keeps an answer. [Y/n]", "")
        person.answer(f"In which folder is it? (such as the/folder) [{tmp_path / 'none'}]", "")
        person.answer("[Europe/Berlin]", "")
        person.answer("not be as usual", "")
        person.answer("Enter keeps it. (not shown)", "")
        person.wait("it cannot be read")
        person.answer("Answer again?", "n")
        person.answer("Write it down all the same? [y/N]", "")
        assert "dialgauge: nothing was written" in person.rest()
        assert process.wait(timeout=60) == 2
    assert (team / "dialgauge.toml").read_text(encoding="utf-8") == SETTINGS


def test_events_from_anywhere_get_a_secret(team: Path) -> None:
    """It is made and shown once, with the address to send to."""
    with at_a_terminal(team) as (person, process):
        person.answer("Which system", "files")
        person.answer("What shall it be called?", "dialler")
        person.answer("Which table do its events belong to?", "calls")
        person.answer("In which time zone", "")
        person.answer("Shall anything of this not be as usual: mapping?", "")
        person.wait("with this secret, shown only now: ")
        person.answer("Write it?", "y")
        said = person.rest()
        assert process.wait(timeout=60) == 0
    assert "https://gauge.example.com/api/v1/hooks/dialler" in said
    assert "DIALGAUGE_DIALLER_HOOK_SECRET" in said
    (source,) = read(team / "dialgauge.toml").sources
    assert (source.name, source.table, source.hook) == ("dialler", "calls", True)


def test_without_a_terminal_it_shows_what_to_write(
    team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the variables of the secrets, and a refusal."""
    assert main(["connect", "vicidial", "--lake", str(team)]) == 2
    said = capsys.readouterr()
    assert said.out.startswith('[sources.name]\nsystem = "vicidial"\nurl = "mysql://')
    assert "# the password comes from the variable DIALGAUGE_NAME_PASSWORD" in said.out
    # whoever copies it must not switch off by it what is on
    assert "do_not_call_lists =" not in said.out
    assert "# where it is unusual also: page_rows, " in said.out
    assert said.err.startswith("dialgauge: connect asks at a terminal, and there is none; write")
    assert (team / "dialgauge.toml").read_text(encoding="utf-8") == SETTINGS


def test_only_its_own_part_is_added(tmp_path: Path) -> None:
    """Line ends, a mark at the beginning and the permissions stay."""
    path = tmp_path / "dialgauge.toml"
    before = b"\xef\xbb\xbf# caf\xc3\xa9\r\ntimezone = 'UTC'"
    path.write_bytes(before)
    path.chmod(0o600)
    add(path, "pbx", {"system": "vicidial", "note": 'a "quoted" \\ word', "hook_every": "5m"})
    assert path.read_bytes() == before + (
        b'\r\n\r\n[sources.pbx]\r\nsystem = "vicidial"\r\nnote = "a \\"quoted\\" \\\\ word"\r\n'
        b'hook_every = "5m"\r\n'
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_does_not_allow_it_stays(tmp_path: Path) -> None:
    """A name that is taken, and a table that is closed."""
    path = tmp_path / "dialgauge.toml"
    for text, sentence in (
        ('[sources.pbx]\nsystem = "files"\n', "has [sources.pbx] already"),
        ('sources = { web = { system = "files" } }\n', "written in a way that nothing can be put"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=re.escape(sentence)):
            add(path, "pbx", {"system": "files"})
        assert path.read_text(encoding="utf-8") == text
