"""What does a server show before anything was imported?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialgauge import front
from dialgauge.config import Config
from dialgauge.lake import Lake
from dialgauge.lang import LANGUAGES
from dialgauge.server.app import create_app
from dialgauge.server.pages.menu import PAGES
from dialgauge.server.site import Site
from dialgauge.store import Store

PAGE = {"Accept": "text/html"}


@pytest.fixture
def fresh(tmp_path: Path, store: Store) -> Iterator[TestClient]:
    """Ask a server whose lake was just made."""
    lake = Lake.create(str(tmp_path / "lake"))
    config = Config(root=tmp_path, lake=Path(lake.path))
    served = Site(gauge=front.gauge(config), config=config, store=store, hosts=("testserver",))
    with TestClient(create_app(served)) as opened:
        yield opened


def test_every_page_says_what_to_import(fresh: TestClient) -> None:
    """Each page opens, names the command that fills it, and its twin answers as well."""
    for page in PAGES:
        if "{" in page.path:
            continue
        answer = fresh.get(page.path, headers=PAGE)
        assert answer.status_code == 200, page.path
        assert "dialgauge import files calls.csv --table calls" in answer.text, page.path
        assert fresh.get(f"{page.path}.json").status_code == 200, page.path


def test_the_wall_says_what_to_import(fresh: TestClient) -> None:
    """The wallboard has no card of its own for that; its tiles refuse with the sentence."""
    answer = fresh.get("/wallboard", headers=PAGE)
    assert answer.status_code == 200
    assert "import files calls.csv" in answer.text


def test_it_is_said_in_each_language(fresh: TestClient) -> None:
    """The first page anybody ever sees is in their own language."""
    told = {fresh.get(f"/overview?lang={code}", headers=PAGE).text for code in LANGUAGES}
    assert len(told) == len(LANGUAGES)
