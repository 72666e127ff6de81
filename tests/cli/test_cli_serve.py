"""Does `serve` start where it should, refuse where it must, and end quietly?"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from commands import Run

COMMAND = [sys.executable, "-m", "dialgauge"]
LONG = "four words are long"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer a password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{LONG}\n"))


@contextlib.contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """Start a server; yield its address, what it said, and its process."""
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *words],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", said)
        try:
            yield found[0] if found else "", said, process
        finally:
            process.kill()


@pytest.mark.usefixtures("team")
def test_a_server_at_home_says_so_and_ends_quietly() -> None:
    """It answers on loopback, names who is owner, and Ctrl-C ends it with status 0."""
    with serving(Path.cwd()) as (address, said, process):
        assert said.startswith(f"the dashboard is at {address}/ and the API at {address}/api/v1;")
        assert process.stdout is not None
        assert process.stderr is not None
        assert "everyone on this machine is its owner" in process.stdout.readline()
        alive = httpx2.get(f"{address}/api/v1/readyz", trust_env=False, timeout=60)
        assert alive.status_code == 200
        assert "server" not in alive.headers
        rebound = httpx2.get(address, headers={"Host": "evil.example"}, trust_env=False, timeout=60)
        assert rebound.status_code == 400
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "stopped\n"
        assert process.stderr.read() == ""


@pytest.mark.usefixtures("typed")
def test_with_users_everybody_logs_in(team: Run) -> None:
    """On loopback as well; the API asks for a token."""
    added = team("users", "add", "Ann", "--role", "owner", "--password-stdin")
    assert added.out == "Ann may log in as owner\n"
    with serving(Path.cwd()) as (address, _, _):
        asked = httpx2.get(f"{address}/api/v1/kpis", trust_env=False, timeout=60)
        assert asked.status_code == 401
        assert asked.headers["www-authenticate"].startswith("Bearer")
        page = httpx2.get(
            f"{address}/overview?team=A%26B",
            headers={"Accept": "text/html"},
            trust_env=False,
            timeout=60,
        )
        assert page.status_code == 303
        assert page.headers["location"] == "/login?next=%2Foverview%3Fteam%3DA%2526B"


def test_a_taken_port_is_told(team: Run) -> None:
    """With the next one to try."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = team("serve", "--port", port)
    assert said.status == 2
    assert said.sentence == (
        f"port {port} is taken; choose another with --port, such as --port {port + 1}, or 0 for "
        "any that is free"
    )


def test_a_log_in_service_needs_its_secret(team: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from the environment, never from the file."""
    monkeypatch.delenv("DIALGAUGE_OIDC_SECRET", raising=False)
    with Path("dialgauge.toml").open("a", encoding="utf-8") as file:
        file.write('oidc_issuer = "https://id.example"\noidc_client_id = "gauge"\n')
    said = team("serve", "--port", "0")
    assert said.status == 2
    assert said.sentence.endswith("give its secret in the variable DIALGAUGE_OIDC_SECRET")


@pytest.mark.usefixtures("team")
def test_without_the_extra_it_says_what_to_install() -> None:
    """One sentence, status 1."""
    for missing in ("uvicorn", "fastapi"):
        program = (
            f"import sys; sys.modules['{missing}'] = None; from dialgauge.cli import main;"
            "sys.exit(main(['serve', '--port', '0']))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr == (
            f"dialgauge: the dashboard needs {missing}, which is not installed; run: pip install "
            '"dialgauge[server]"\n'
        )


@pytest.mark.usefixtures("typed")
def test_users_are_added_listed_and_kept_out(team: Run) -> None:
    """Names are found in any case; the trail tells what the command line did."""
    assert team("users", "list").out.startswith("nobody logs in yet;")
    assert team("users", "add", "Ann", "--role", "owner", "--password-stdin").status == 0
    lead = ("users", "add", "Beate", "--role", "team_lead", "--no-password", "--email", "b@b.c")
    assert team(*lead).sentence == "a team lead sees the rows of their teams; say of which"
    assert team(*lead, "--team", "Alder", "--team", "Birch").status == 0
    found = team("users", "list", "--format", "json").json
    assert [(each["name"], each["teams"], each["has_password"]) for each in found] == [
        ("Ann", [], True),
        ("Beate", ["Alder", "Birch"], False),
    ]
    assert team("users", "disable", "beate").out.startswith("Beate is kept out")
    assert "kept out" in team("users", "list").out
    assert team("users", "enable", "BEATE").status == 0
    assert "nobody would be left" in team("users", "disable", "Ann").sentence


def test_passwords_are_typed_or_piped(team: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal the sentence names the option; two that differ change nothing."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "--password-stdin" in team("users", "add", "Ann", "--role", "owner").sentence
    short = team("users", "add", "Ann", "--role", "owner", "--password-stdin")
    assert short.sentence.startswith("a password has from 12 to 1024 characters, not 0;")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter([LONG, "something else", LONG, LONG])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    assert "the two passwords differ" in team("users", "add", "Ann", "--role", "owner").sentence
    assert team("users", "add", "Ann", "--role", "owner").status == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("a password of another kind\n"))
    assert team("users", "password", "ann", "--password-stdin").out == "Ann has a new password\n"
