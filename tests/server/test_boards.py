"""Is what was written shown only to those it is for, and is it small on its way?"""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from dialgauge.errors import UsageError
from dialgauge.model.question import Period
from dialgauge.server.app import create_app
from dialgauge.server.pages import health, overview, rows
from dialgauge.server.pages.boards import Board, Key, boards, key
from dialgauge.server.panels.panel import Look
from dialgauge.server.site import Site, steady
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME, Role, viewer

PAGE = {"Accept": "text/html"}


@pytest.fixture
def look(site: Site) -> Look:
    """Look at everything, as the owner."""
    view = View(path="/overview", period=Period())
    return Look(gauge=site.gauge, view=view, say=speech("en"), viewer=AT_HOME)


def known(look: Look) -> Key:
    """Say what the overview depends on."""
    found = key(overview.PAGE, look, "", 0)
    assert found is not None
    return found


def test_another_reader_language_or_view_is_another_board(look: Look) -> None:
    """A lead of another team, what is decided, and notes of people among them."""
    alder = viewer("Lena", Role.TEAM_LEAD, user_id=1, teams=("Alder",))
    others = [
        replace(look, viewer=alder),
        replace(look, viewer=replace(alder, teams=("Birch",))),
        replace(look, viewer=viewer("Vera", Role.VIEWER)),
        replace(look, say=speech("ka")),
        replace(look, view=look.view.with_filter("team", "Alder")),
        replace(look, view=replace(look.view, parts={"name": "dials"})),
        replace(look, annotations=(("2026-04-01", "new script"),)),
    ]
    keys = {known(look), *(known(each) for each in others), key(overview.PAGE, look, "", 1)}
    keys.add(key(overview.PAGE, look, "first", 0))
    assert len(keys) == len(others) + 3


def test_readers_with_the_same_rights_share_a_board(look: Look) -> None:
    """Their names do not stand in it."""
    ann = viewer("Ann", Role.TEAM_LEAD, user_id=1, teams=("Alder",))
    bob = viewer("Bob", Role.TEAM_LEAD, user_id=2, teams=("Alder",))
    assert known(replace(look, viewer=ann)) == known(replace(look, viewer=bob))


def test_a_board_lasts_five_minutes(look: Look) -> None:
    """Unless the lake changes before."""
    begin = dt.datetime(2026, 5, 2, 9, tzinfo=dt.UTC)

    def at(seconds: int) -> Key:
        moment = begin + dt.timedelta(seconds=seconds)
        return known(replace(look, gauge=steady(replace(look.gauge, clock=lambda: moment))))

    assert at(0) == at(299)
    assert at(299) != at(300)


def test_rows_about_people_are_not_kept(look: Look) -> None:
    """Nor are pages with forms in them."""
    assert [key(page, look, "", 0) for page in (rows.ROWS, rows.LEAD, health.PAGE)] == [None] * 3


def test_the_longest_not_asked_for_goes_first(look: Look) -> None:
    """When there is no more room."""
    most = 5_000
    kept = boards(most_bytes=most)
    written: list[str] = []

    def board(name: str) -> Board:
        def write() -> Board:
            written.append(name)
            return Board(written=Markup("x" * 1_000), notes=())

        return kept.of(replace(known(look), address=name), write)

    for name in ("a", "b", "a", "c", "a", "b"):
        board(name)
    assert written == ["a", "b", "c", "b"]
    assert 0 < kept.held <= most


def test_a_page_is_written_once(site: Site) -> None:
    """Asked again it is the same but for the token of its forms."""
    app = create_app(site)
    with TestClient(app) as asked:
        first, second = (asked.get("/overview", headers=PAGE) for _ in range(2))
        assert app.state.boards.kept == 1
    assert first.text != second.text
    board = first.text[first.text.index('<div class="board">') : first.text.index("<footer")]
    assert board in second.text


def test_answers_are_small_on_their_way(client: TestClient) -> None:
    """Pages and data are pressed, unless the reader cannot read that; workbooks are already."""
    page = client.get("/overview", headers=PAGE)
    assert page.headers["content-encoding"] == "gzip"
    assert int(page.headers["content-length"]) < len(page.content) / 3
    assert "Accept-Encoding" in page.headers["vary"]
    plain = client.get("/overview", headers={**PAGE, "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    book = client.get("/export/overview.xlsx")
    assert "content-encoding" not in book.headers
    assert ".xlsx" in book.headers["content-disposition"]


def test_one_writes_what_many_ask_for(look: Look) -> None:
    """The others wait for it, and who asks after a failure tries again."""
    kept, begun, wanted = boards(), threading.Event(), known(look)
    written: list[int] = []

    def slow() -> Board:
        written.append(1)
        begun.wait(60)
        return Board(written=Markup("x"), notes=())

    def failing() -> Board:
        raise UsageError("no")

    with pytest.raises(UsageError):
        kept.of(wanted, failing)
    with ThreadPoolExecutor(8) as people:
        found = [people.submit(kept.of, wanted, slow) for _ in range(8)]
        begun.set()
        assert {each.result(60).written for each in found} == {Markup("x")}
    assert written == [1]
