"""Which server do the tests of the server ask?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialgauge import front
from dialgauge.config import Config
from dialgauge.gauge import Gauge
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.model.rules import Rules
from dialgauge.server.app import create_app
from dialgauge.server.site import Site
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.store import Store, open_store
from dialgauge.testing import stream_world, write_world

RULES = Rules(currency="EUR")
NOW = dt.datetime(2026, 5, 2, 9, tzinfo=dt.UTC)
_FIRST = ("campaigns", "agents", "currencies", "leads")


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Give the settings of a lake of an invented company: 4,000 calls and all that belongs to them.

    Shared by all tests of a process: who writes into a lake makes one of their own.
    """
    folder = tmp_path_factory.mktemp("company")
    files = write_world(stream_world(seed=7, calls=4_000), folder / "files")
    lake = Lake.create(str(folder / "lake"))
    for names in (_FIRST, tuple(name for name in files if name not in _FIRST)):
        request = Request(paths=tuple(files[name] for name in names), phone_key=lake.phone_key)
        take_in(lake, source("files"), request, rules=RULES)
    return Config(root=folder, lake=folder / "lake", rules=RULES)


@pytest.fixture(scope="session")
def gauge(config: Config) -> Gauge:
    """Answer without row rules, at a moment that stands still."""
    return replace(front.configured(config), clock=lambda: NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty application database."""
    opened = open_store(f"sqlite:///{tmp_path / 'dialgauge.db'}")
    yield opened
    opened.close()


@pytest.fixture
def site(gauge: Gauge, config: Config, store: Store) -> Site:
    """Give a server on loopback without users: everybody is its owner."""
    return Site(gauge=gauge, config=config, store=store, hosts=("testserver",))


@pytest.fixture
def client(site: Site) -> Iterator[TestClient]:
    """Ask the server as a browser on this machine does."""
    with TestClient(create_app(site)) as asked:
        yield asked
