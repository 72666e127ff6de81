"""Does the page of checks tell every check?"""

from __future__ import annotations

import re

from pages import ROOT

from dialgauge.checks import CHECKS

PAGE = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")


def test_every_check_is_told() -> None:
    """Each check stands in a table of the page with its severity, and no other does."""
    told: dict[str, list[str]] = {}
    for line in PAGE.partition("## What is checked")[2].splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and cells[0].startswith("`"):
            told |= dict.fromkeys(re.findall(r"`(\w+)`", cells[0]), cells[1].split(" or "))
    assert told.keys() == CHECKS.keys()
    wrong = [name for name, check in CHECKS.items() if check.severity.value not in told[name]]
    assert wrong == []


def test_what_a_check_says_is_told() -> None:
    """Where a check is about one table, the page has its own words."""
    missing = [check.name for check in CHECKS.values() if not check.text and check.says not in PAGE]
    assert missing == []
