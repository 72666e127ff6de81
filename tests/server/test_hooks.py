"""Is every event that the server acknowledged in the lake once, whenever it is killed?"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dialgauge.cli import main
from dialgauge.config import read
from dialgauge.front import configured
from dialgauge.lake import Lake, view
from dialgauge.server.app import create_app
from dialgauge.server.intake import not_ready
from dialgauge.server.site import Site
from dialgauge.store import open_store
from dialgauge.syncing.hooks import twilio_signature
from dialgauge.tables import TABLES

SECRET = "a secret that both sides know"
SETTINGS = """\
[server]
public_url = "https://gauge.example.com"
[sources.dialler]
system = "files"
table = "calls"
hook = true
hook_every = "5s"
[sources.pbx]
system = "freeswitch"
hook = true
[sources.phone]
system = "twilio"
hook = true
[sources.bare]
system = "freeswitch"
hook = true
[sources.silent]
system = "files"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a team's folder, with systems that send events."""
    Lake.create(str(tmp_path))
    (tmp_path / "dialgauge.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("DIALGAUGE_DIALLER_HOOK_SECRET", SECRET)
    monkeypatch.setenv("DIALGAUGE_PBX_HOOK_SECRET", SECRET)
    monkeypatch.setenv("DIALGAUGE_PHONE_AUTH_TOKEN", SECRET)
    monkeypatch.delenv("DIALGAUGE_BARE_HOOK_SECRET", raising=False)
    return tmp_path


@pytest.fixture
def app(folder: Path) -> Iterator[FastAPI]:
    """Serve it to a team that logs in; nothing is taken in meanwhile."""
    config = read(folder / "dialgauge.toml")
    store = open_store(f"sqlite:///{folder / 'dialgauge.db'}")
    store.users.add("Ann", "owner", password="four words are long")
    names = ("testserver", "gauge.example.com")
    yield create_app(
        Site(gauge=configured(config), config=config, store=store, hosts=names, login=True)
    )
    store.close()


@pytest.fixture
def asked(app: FastAPI) -> TestClient:
    """Come as a program that nobody knows."""
    return TestClient(app, raise_server_exceptions=False)


def signed(body: bytes, at: float | None = None) -> dict[str, str]:
    """Sign a body."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "X-Dialgauge-Timestamp": timestamp,
        "X-Dialgauge-Signature": f"sha256={digest.hexdigest()}",
    }


def call(number: int) -> bytes:
    """Write a call."""
    event = {
        "call_id": f"c{number}",
        "started_at": "2026-01-05T09:00:00Z",
        "direction": "outbound",
        "result": "busy",
    }
    return json.dumps(event).encode()


def test_each_kind_of_sender_is_heard(asked: TestClient, folder: Path) -> None:
    """204, and it is in the log of the system."""
    sent = asked.post("/api/v1/hooks/dialler", content=call(1), headers=signed(call(1)))
    assert (sent.status_code, sent.content) == (204, b"")
    shown = base64.b64encode(f"x:{SECRET}".encode()).decode()
    basic = {"Authorization": f"Basic {shown}", "Content-Type": "application/json"}
    sent = asked.post("/api/v1/hooks/pbx?uuid=u1", content=b'{"variables": {}}', headers=basic)
    assert sent.status_code == 204
    form = urlencode({"CallSid": "CA1", "CallStatus": "completed"}).encode()
    url = "https://gauge.example.com/api/v1/hooks/phone?leg=a"
    twilio = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": twilio_signature(SECRET, url, form),
    }
    sent = asked.post("/api/v1/hooks/phone?leg=a", content=form, headers=twilio)
    assert sent.status_code == 204
    for name in ("dialler", "pbx", "phone"):
        (log,) = (folder / "_dialgauge" / "sync" / name / "hook" / "log").glob("*.log")
        assert log.stat().st_size > 30


def test_nothing_is_taken_from_who_cannot_prove_it(asked: TestClient, folder: Path) -> None:
    """401 without a word on why, 404 where nothing is expected; and nothing is kept."""
    late = signed(call(1), at=time.time() - 3600)
    for name, headers, status in (
        ("dialler", {"Content-Type": "application/json"}, 401),
        ("dialler", {**signed(call(2))}, 401),
        ("dialler", late, 401),
        ("pbx", signed(call(1)), 401),
        ("phone", signed(call(1)), 401),
        ("bare", signed(call(1)), 503),
        ("silent", signed(call(1)), 404),
        ("nobody", signed(call(1)), 404),
        ("..%2Fdialler", signed(call(1)), 404),
    ):
        said = asked.post(f"/api/v1/hooks/{name}", content=call(1), headers=headers)
        assert said.status_code == status, name
        assert said.headers["content-type"] == "application/problem+json"
        if status == 401:
            assert said.json()["detail"] == "this is not signed as it must be"
        assert "set-cookie" not in said.headers
    assert not (folder / "_dialgauge" / "sync").exists()


def test_what_cannot_be_read_is_told(asked: TestClient) -> None:
    """Too long, of another kind, no JSON, or asked for instead of sent."""
    path = "/api/v1/hooks/dialler"
    long = b'{"a": "' + b"x" * 1_000_001 + b'"}'
    assert asked.post(path, content=long, headers=signed(long)).status_code == 413
    text = {**signed(call(1)), "Content-Type": "text/plain"}
    assert asked.post(path, content=call(1), headers=text).status_code == 415
    said = asked.post(path, content=b"{", headers=signed(b"{"))
    assert (said.status_code, said.json()["error"]) == (400, "UsageError")
    assert asked.get(path).status_code == 405


def test_a_log_in_is_of_no_use_here(asked: TestClient) -> None:
    """Who is logged in proves nothing about a system, and is not even looked for."""
    token = {"Authorization": "Bearer dg_nothing", "Content-Type": "application/json"}
    assert asked.post("/api/v1/hooks/dialler", content=call(1), headers=token).status_code == 401


def test_the_very_same_request_is_kept_once(asked: TestClient, folder: Path) -> None:
    """Whoever overhears it cannot undo with it what came later; the sender hears 204 again."""
    headers = signed(call(1))
    for _ in range(3):
        sent = asked.post("/api/v1/hooks/dialler", content=call(1), headers=headers)
        assert sent.status_code == 204
    (log,) = (folder / "_dialgauge" / "sync" / "dialler" / "hook" / "log").glob("*.log")
    assert log.read_bytes().count(b"c1") == 1


def test_a_running_server_takes_events_into_the_lake(app: FastAPI, folder: Path) -> None:
    """Soon after they came; those it cannot understand yet are kept and told of."""
    lake = Lake.open(str(folder))
    with TestClient(app) as asked:
        asked.post("/api/v1/hooks/dialler", content=call(1), headers=signed(call(1)))
        deadline = time.monotonic() + 60
        while calls(lake) != ["c1"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def calls(lake: Lake) -> list[str]:
    """List the calls of the lake."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), TABLES["calls"])
        return [name for (name,) in con.execute(f"SELECT call_id FROM {seen}").fetchall()]


def test_owners_see_how_sources_stand(asked: TestClient, app: FastAPI) -> None:
    """At /api/v1/sources, as the command tells; one that cannot be read says why."""
    store = app.state.site.store
    ends_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    token = store.tokens.make(store.users.by_name("Ann").id, "test", ("health",), ends_at)
    said = asked.get("/api/v1/sources", headers={"Authorization": f"Bearer {token}"})
    assert said.status_code == 200
    found = {(each["name"], each["feed"], each["state"]) for each in said.json()["sources"]}
    assert {("dialler", "hook", "never"), ("pbx", "hook", "never")} <= found
    (silent,) = [each for each in said.json()["sources"] if each["name"] == "silent"]
    assert silent["error"].startswith("[sources.silent] names files, which cannot be read while")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start a real server; yield its address and its process."""
    with subprocess.Popen(
        [sys.executable, "-m", "dialgauge", "serve", "--port", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "300"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        try:
            yield found[0], process
        finally:
            process.kill()


def _send(address: str, numbers: Iterator[int], acknowledged: list[int], sent: list[int]) -> None:
    """Send calls until the server is gone."""
    with httpx2.Client(trust_env=False, timeout=30) as client:
        while True:
            number = next(numbers)
            sent.append(number)
            try:
                answer = client.post(
                    f"{address}/api/v1/hooks/dialler",
                    content=call(number),
                    headers=signed(call(number)),
                )
            except httpx2.HTTPError:
                return
            assert answer.status_code == 204
            acknowledged.append(number)


def _check_kills(folder: Path, attempts: int) -> None:
    plain = (folder / "dialgauge.toml").read_text(encoding="utf-8")
    local = plain.replace('[server]\npublic_url = "https://gauge.example.com"\n', "")
    (folder / "dialgauge.toml").write_text(local, encoding="utf-8")
    chance = random.Random(3)
    acknowledged: list[int] = []
    sent: list[int] = []
    for attempt in range(attempts):
        with serving(folder) as (address, process):
            assert httpx2.get(f"{address}/api/v1/healthz", trust_env=False, timeout=60)
            senders = [
                threading.Thread(
                    target=_send,
                    args=(address, iter(range(first, first + 1_000_000, 4)), acknowledged, sent),
                )
                for first in range(attempt * 1_000_000, attempt * 1_000_000 + 4)
            ]
            for sender in senders:
                sender.start()
            time.sleep(0.2 + chance.random() * 1.5)
            process.kill()
            for sender in senders:
                sender.join()
    assert len(acknowledged) > 20 * attempts
    assert main(["sync", "dialler", "--lake", str(folder)]) == 0
    there = calls(Lake.open(str(folder)))
    assert len(there) == len(set(there))
    assert {f"c{number}" for number in acknowledged} <= set(there)
    assert set(there) <= {f"c{number}" for number in sent}
    assert list((folder / "_dialgauge" / "sync" / "dialler" / "hook").rglob("*.log")) == []


def test_a_killed_server_loses_and_doubles_no_event(folder: Path) -> None:
    """Four send at once, the process dies at any moment, again and again."""
    _check_kills(folder, 3)


@pytest.mark.long
def test_a_server_killed_often_loses_and_doubles_no_event(folder: Path) -> None:
    """The same, many times."""
    _check_kills(folder, 25)


def test_a_server_says_whose_events_it_must_refuse(folder: Path) -> None:
    """A secret that is missing is told when it starts, and never shown."""
    config = read(folder / "dialgauge.toml")
    (said,) = not_ready(config)
    assert said.startswith("'bare' may send events, but its hook_secret is not known or has fewer")
