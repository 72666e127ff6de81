"""Does every page stand in a real browser, by day and night, wide and narrow, in any language?"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from watching import NARROW, WIDE, Watched

from dialgauge.lang import LANGUAGES, texts
from dialgauge.server.pages.menu import PAGES, entries
from dialgauge.server.viewer import AT_HOME

MORE = (
    "/wallboard",
    "/settings/targets",
    "/settings/segments",
    "/settings/annotations",
    "/views",
    "/api",
)
PATHS = (*(page.path for page in PAGES), *MORE)
SCREENS = ((WIDE, "light"), (NARROW, "dark"))
_LINKS = {
    path: path.partition("{")[0]
    for path in ("/lead/{id:path}", "/customer/{id:path}", "/agent/{id}")
}
_UNTABLED = """() => [...document.querySelectorAll('.chart')]
    .filter(each => !each.closest('section').querySelector('table')).map(each => each.ariaLabel)"""
_EMPTY = """() => [...document.querySelectorAll('.chart')]
    .filter(each => !each.querySelector('svg path[d], svg rect')).map(each => each.ariaLabel)"""


def found(watched: Watched, path: str) -> str:
    """Fill what a path leaves open with what the lake's own pages link to."""
    if path not in _LINKS:
        return path.replace("{name}", "contact_rate")
    start = _LINKS[path]
    listed = "/agents" if start == "/agent/" else "/rows?kpi=orders&period=all&columns=all"
    source = watched.page.request.get(f"{watched.home}{listed}", headers={"Accept": "text/html"})
    link = re.search(rf'href="({start}[^"]+)"', source.text())
    assert link, f"no link to {start} on {listed}"
    return link[1].replace("&amp;", "&")


def stands(watched: Watched, path: str, language: str) -> None:
    """Open a page in a language and hold what holds of every page."""
    page = watched.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert page.evaluate(_EMPTY) == []
    assert page.evaluate(_UNTABLED) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_stands_everywhere(come: Callable[..., Watched], path: str) -> None:
    """No complaint, no sideways scrolling, nothing serious found by axe; charts have tables."""
    watched = come()
    path = found(watched, path)
    stands(watched, path, "en")
    serious: list[str] = []
    for width, scheme in SCREENS:
        watched.seen(width=width, scheme=scheme)
        watched.fits()
        serious += [f"{scheme} at {width}: {each}" for each in watched.accessible()]
    assert serious == []
    assert list(watched.stored()) == [0, 0, 0, 0]
    stands(watched, path, "ka")
    watched.fits()
    watched.seen(width=WIDE, scheme="dark")
    watched.fits()
    assert watched.accessible() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_speaks_every_language(come: Callable[..., Watched], language: str) -> None:
    """Wide and narrow; the menu names every page in it."""
    watched = come(color_scheme="dark")
    stands(watched, "/overview", language)
    menu = [text.strip() for text in watched.page.locator(".nav li").all_inner_texts()]
    assert menu == [texts(language).t(f"page.{each.name}") for each in entries(AT_HOME)]
    for width in (WIDE, NARROW):
        watched.seen(width=width, scheme="dark")
        watched.fits()
    assert watched.accessible() == []
