"""Does everybody who logs in see what is theirs, and nothing of what is not?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from deltalake import DeltaTable
from playwright.sync_api import expect
from watching import NARROW, PASSWORD, Watched

from dialgauge.server.pages.menu import PAGES
from dialgauge.server.viewer import MAY, May, Role

Knock = Callable[..., Watched]
OWN_TEAM, OWN_AGENT = "Alder", "A0001"


def log_in(watched: Watched, name: str, password: str = PASSWORD) -> None:
    """Fill the form."""
    page = watched.page
    page.goto(f"{watched.home}/login?next=/overview")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("button[type=submit]").click()


def agents(lake: Path) -> list[tuple[str, str, str]]:
    """Read who works in which team: key, name, team."""
    table = DeltaTable(lake / "agents").to_pyarrow_table().to_pylist()
    return [(str(each["agent_id"]), str(each["name"]), str(each["team"])) for each in table]


def said(source: str, words: Iterable[str]) -> list[str]:
    """List the words that stand in a page's source."""
    return [word for word in words if re.search(rf"\b{re.escape(word)}\b", source)]


def sources(watched: Watched, role: Role) -> Iterable[tuple[str, str]]:
    """Fetch every page that a role may open, and its twin."""
    for page in PAGES:
        if page.needs in MAY[role] and "{" not in page.path:
            for path in (page.path, f"{page.path}.json"):
                address = f"{watched.home}{path}?period=all"
                answer = watched.page.request.get(address, headers={"Accept": "text/html"})
                assert answer.status == 200, path
                yield path, answer.text()


def test_a_wrong_password_is_told(knock: Knock) -> None:
    """Without saying whether the name is known; the right one then opens the page asked for."""
    watched = knock()
    watched.failing = frozenset({401, 403})
    page = watched.page
    page.goto(f"{watched.home}/overview?period=7d")
    page.wait_for_url("**/login?next=*")
    assert watched.accessible() == []
    page.locator("input[name=name]").fill("Olga")
    page.locator("input[name=password]").fill("not this one at all")
    page.locator("button[type=submit]").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    assert watched.accessible() == []
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.wait_for_url("**/overview?period=7d")
    watched.stands()
    session = {each.get("name"): each for each in page.context.cookies()}["dialgauge_session"]
    assert (session.get("httpOnly"), session.get("sameSite")) == (True, "Lax")


def test_whoever_logs_out_is_out(knock: Knock) -> None:
    """Back shows nothing of what was there."""
    watched = knock()
    page = watched.page
    log_in(watched, "Olga")
    page.wait_for_url("**/overview")
    watched.stands()
    page.locator(".tools summary", has_text="Olga").click()
    page.locator("form[action='/logout'] button").click()
    page.wait_for_url("**/login*")
    page.go_back()
    page.wait_for_url("**/login*")
    assert page.locator("#cards").count() == 0
    assert list(watched.stored()) == [0, 0, 0, 0]


@pytest.mark.parametrize("path", ["/users", "/audit", "/account"])
def test_the_owners_pages_stand(knock: Knock, path: str) -> None:
    """In both themes, wide and narrow, in two languages."""
    watched = knock()
    log_in(watched, "Olga")
    watched.page.wait_for_url("**/overview")
    for language in ("en", "ka"):
        watched.open(f"{path}?lang={language}")
        for scheme, width in (("light", 1440), ("dark", NARROW)):
            watched.seen(width=width, scheme=scheme)
            watched.fits()
            assert watched.accessible() == []


def test_a_team_lead_sees_the_team(knock: Knock, lake: Path) -> None:
    """No name, key or team of the others stands in any page or twin."""
    watched = knock()
    log_in(watched, "Lena")
    watched.page.wait_for_url("**/overview")
    watched.stands()
    others = [each for each in agents(lake) if each[2] != OWN_TEAM]
    forbidden = {word for each in others for word in each}
    assert len(forbidden) > 6
    own = {each[1] for each in agents(lake) if each[2] == OWN_TEAM}
    listed = watched.page.locator("#agents tbody th").all_inner_texts()
    assert listed
    assert set(listed) <= own
    for path, source in sources(watched, Role.TEAM_LEAD):
        assert said(source, forbidden) == [], path
    choices = watched.page.locator("details[data-name=team] input[name=team]")
    assert [each.get_attribute("value") for each in choices.all()] == [OWN_TEAM]


def test_an_agent_sees_their_own(knock: Knock, lake: Path) -> None:
    """Not even colleagues of the same team."""
    watched = knock()
    log_in(watched, "Finn")
    watched.page.wait_for_url("**/overview")
    watched.stands()
    forbidden = {word for each in agents(lake) if each[0] != OWN_AGENT for word in each[:2]}
    listed = watched.page.locator("#agents tbody th").all_inner_texts()
    assert listed == ["Finn Abbott"]
    for path, source in sources(watched, Role.AGENT):
        assert said(source, forbidden) == [], path
    assert watched.page.locator("a[href^='/export']").count() == 0


def test_a_viewer_sees_numbers_and_no_rows(knock: Knock) -> None:
    """No link leads to rows, and whoever types the address is refused."""
    watched = knock()
    watched.failing = frozenset({403})
    page = watched.page
    log_in(watched, "Vera")
    page.wait_for_url("**/overview")
    watched.stands()
    assert May.ROWS not in MAY[Role.VIEWER]
    assert "/rows" not in page.content()
    watched.open("/rows?kpi=dials")
    expect(page.locator(".refusal")).to_be_visible()
    for path in ("/users", "/health"):
        assert page.request.get(f"{watched.home}{path}").status == 403
