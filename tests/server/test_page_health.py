"""Does the page Data health say what a check finds, to those who may see all rows?"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from visiting import browser, log_in, people, post

from dialgauge import front
from dialgauge.config import Config
from dialgauge.intake import Counts, take_in
from dialgauge.lake import Lake
from dialgauge.lake.manifest import Manifest
from dialgauge.server.app import create_app
from dialgauge.server.panels.stock import last_changes
from dialgauge.server.site import Site
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.store import Store
from dialgauge.syncing import status
from dialgauge.syncing.status import Status

CALLS = (
    ("c1", "2026-04-29T10:00:00+00:00", "2026-04-29T10:05:00+00:00", "outbound", 60),
    ("c2", "2026-04-29T11:00:00+00:00", "2026-04-29T11:01:00+00:00", "outbound", 900),
    ("c3", "2026-04-29T12:00:00+00:00", "2026-04-29T12:05:00+00:00", "sideways", 60),
)
PAGE = {"Accept": "text/html"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Import three calls: one good, one that talked longer than it lasted, one refused."""
    with (tmp_path / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("call_id", "started_at", "ended_at", "direction", "talk_s"))
        rows.writerows(CALLS)
    found = Lake.create(str(tmp_path / "lake"))
    request = Request(paths=(tmp_path / "calls.csv",), phone_key=found.phone_key)
    take_in(found, source("files"), request)
    return found


@pytest.fixture
def dirty(lake: Lake, store: Store) -> Site:
    """Serve it."""
    config = Config(root=Path(lake.path), lake=Path(lake.path))
    return Site(gauge=front.gauge(config), config=config, store=store, hosts=("testserver",))


@pytest.fixture
def asked(dirty: Site) -> Iterator[TestClient]:
    """Ask it from this machine."""
    with TestClient(create_app(dirty)) as opened:
        yield opened


def panel(asked: TestClient, name: str) -> dict[str, Any]:
    """Read a panel's data from the twin."""
    panels = asked.get("/health.json").json()["panels"]
    (found,) = (each["data"] for each in panels if each["name"] == name)
    return dict(found)


def test_nothing_is_checked_until_somebody_asks(asked: TestClient, dirty: Site) -> None:
    """The page shows what was found in this version; the button looks, and leaves a line."""
    assert panel(asked, "findings") == {"checked": False, "findings": []}
    answer = post(asked, "/health/check", on="/health")
    assert answer.status_code == 200  # after the redirect
    found = panel(asked, "findings")
    assert found["checked"] is True
    told = [finding.check for finding in dirty.gauge.check()]
    assert [each["check"] for each in found["findings"]] == told
    assert "talk_longer_than_call" in told
    assert dirty.store.audit.list(limit=1)[0].what == "check"
    page = asked.get("/health", headers=PAGE).text
    assert 'href="/health/rows/talk_longer_than_call"' in page
    assert 'href="/kpi/avg_call_duration' in page


def test_rows_of_a_check_are_listed(asked: TestClient) -> None:
    """The call that talked longer than it lasted stands there, and no other."""
    found = asked.get("/health/rows/talk_longer_than_call.json").json()
    assert [row["call_id"] for row in found["rows"]] == ["c2"]
    assert found["finding"]["rows"] == 1
    assert "c2" in asked.get("/health/rows/talk_longer_than_call", headers=PAGE).text
    assert asked.get("/health/rows/no_such_check", headers=PAGE).status_code == 404


def test_refused_rows_are_counted(asked: TestClient) -> None:
    """The sideways call was refused, with its reason and its file."""
    (found,) = panel(asked, "refused")["refused"]
    assert (found["table"], found["rows"], found["mended"]) == ("calls", 1, 0)
    assert "direction" in found["reason"]
    assert "calls.csv" in asked.get("/health", headers=PAGE).text


def test_tables_tell_their_rows_and_what_waits(asked: TestClient) -> None:
    """Two calls between 10 and 11 o'clock; revenue waits for orders, and nothing for calls."""
    found = panel(asked, "stock")
    (calls,) = (each for each in found["tables"] if each["table"] == "calls")
    assert calls["rows"] == 2
    assert calls["oldest"] == "2026-04-29T10:00:00+00:00"
    assert calls["newest"] == "2026-04-29T11:00:00+00:00"
    waiting = found["waiting"]
    assert "calls" not in waiting
    assert "revenue" in waiting["orders"]
    page = asked.get("/health", headers=PAGE).text
    assert "dialgauge import files orders.csv --table orders" in page


def test_the_last_import_stands_first(asked: TestClient) -> None:
    """Two rows were new and one was refused."""
    (newest, *_) = panel(asked, "imports")["imports"]
    assert newest["counts"]["loaded"] == 2
    assert newest["counts"]["quarantined"] == 1


def test_systems_that_are_read_tell_how_they_stand(asked: TestClient, lake: Lake) -> None:
    """None was read at first; then what came of it, and why it failed, as text."""
    assert panel(asked, "sources") == {"sources": []}
    folder = Path(lake.layout.sync("pbx"), "fetch")
    folder.mkdir(parents=True)
    at = dt.datetime(2026, 4, 30, 8, 0, tzinfo=dt.UTC)
    read = Counts(read=5, loaded=3, unchanged=2)
    told = Status(name="pbx", system="vicidial", feed="fetch", error="<b>no</b>", failures=2)
    refused = ("2 refused for calls: started_at is missing",)
    status.write(folder, replace(told, counts=read, refused=refused, ended_at=at, newest_at=at))
    (found,) = panel(asked, "sources")["sources"]
    assert (found["name"], found["state"], found["counts"]["loaded"]) == ("pbx", "failed", 3)
    page = asked.get("/health?lang=ka", headers=PAGE).text
    assert "pbx (vicidial)" in page
    assert "&lt;b&gt;no&lt;/b&gt;. 2 refused for calls: started_at is missing." in page


def test_each_table_has_its_own_last_change() -> None:
    """A table is as the newest state left it that changed its version."""
    moment = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)

    def state(version: int, **tables: int) -> Manifest:
        return Manifest(version=version, at=moment, operation=str(version), tables=tables)

    found = last_changes(
        [state(3, calls=2, leads=1), state(2, calls=1, leads=1), state(1, calls=1)]
    )
    assert {name: each.version for name, each in found.items()} == {"calls": 3, "leads": 2}


def test_only_who_sees_all_rows_sees_health(dirty: Site) -> None:
    """Mia manages; Leo leads one team, and what is wrong with all is not his to see."""
    people(dirty)
    app: FastAPI = create_app(dirty)
    statuses = {}
    for name in ("Mia", "Leo", "Vic"):
        come = browser(app)
        log_in(come, name)
        paths = ("/health", "/health.json", "/health/rows/talk_longer_than_call")
        statuses[name] = {come.get(path).status_code for path in paths}
    assert statuses == {"Mia": {200}, "Leo": {403}, "Vic": {403}}
