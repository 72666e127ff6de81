"""Does every link and every file that a page names lead somewhere?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, named

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
)


def prose(page: Path) -> str:
    """Read a page without its blocks."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """List what may stand behind `#`."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        given = re.search(r"\{ #([\w-]+) \}", heading)
        plain = re.sub(r"[^\w\- ]", "", heading.lower()).strip()
        found.add(given[1] if given else re.sub(r"[- ]+", "-", plain))
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link inside the project names a file that is there, and a heading of it."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_files_of_the_recipes_are_there() -> None:
    """What CONTRIBUTING names in the project exists."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = re.findall(r"`((?:src|tests|scripts|docs|examples|benchmarks)/[\w./]*)", text)
    assert len(told) > 30
    assert [name for name in told if not (ROOT / name).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    """Readers of the site find each page."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    listed = re.findall(r"\S+\.md$", navigation, re.MULTILINE)
    assert sorted(pages) == sorted(listed)
