"""Which server, which lake and which browser do these tests share?

One of each a process: a lake of an invented company, a server on it without users and one with
them, each with a database of its own, and a Chromium.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from watching import ARGUMENTS, CHROMIUM, MISSING, PASSWORD, Served, Watched, run, serve, visit

CALLS = 12_000
PEOPLE = (
    ("Olga", "--role", "owner"),
    ("Lena", "--role", "team_lead", "--team", "Alder"),
    ("Finn", "--role", "agent", "--agent", "A0001"),
    ("Vera", "--role", "viewer"),
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start a browser."""
    if not CHROMIUM.exists():
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lake(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo, as everybody does who tries it; not without a browser to look at it."""
    assert chromium.is_connected()
    folder = tmp_path_factory.mktemp("demo")
    run("demo", str(folder / "lake"), "--calls", str(CALLS), "--no-serve", database=folder / "a.db")
    return folder / "lake"


def _serving(lake: Path, database: Path) -> Iterator[Served]:
    served = serve(lake, database)
    yield served
    assert served.stop() == ""


@pytest.fixture(scope="session")
def server(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve to everybody on this machine."""
    yield from _serving(lake, tmp_path_factory.mktemp("open") / "dialgauge.db")


@pytest.fixture(scope="session")
def guarded(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve to an owner, a team lead, an agent and a viewer, who log in."""
    database = tmp_path_factory.mktemp("guarded") / "dialgauge.db"
    for name, *words in PEOPLE:
        asked = ("--lake", str(lake), "users", "add", name, *words, "--password-stdin")
        run(*asked, database=database, typed=f"{PASSWORD}\n")
    yield from _serving(lake, database)


@pytest.fixture
def come(chromium: Browser, server: Served) -> Iterator[Callable[..., Watched]]:
    """Come to the open server; at the end nothing may have happened that must not."""
    yield from _coming(chromium, server)


@pytest.fixture
def knock(chromium: Browser, guarded: Served) -> Iterator[Callable[..., Watched]]:
    """Come to the server with users; at the end nothing may have happened that must not."""
    yield from _coming(chromium, guarded)


def _coming(chromium: Browser, served: Served) -> Iterator[Callable[..., Watched]]:
    came: list[Watched] = []

    def coming(**options: Any) -> Watched:
        came.append(visit(chromium, served.address, **options))
        return came[-1]

    yield coming
    for each in came:
        each.page.context.close()
    assert [complaint for each in came for complaint in each.complaints] == []
