"""Is every command and every option documented, and nothing that is not there?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import cyclopts
import pytest
from pages import ROOT

from dialgauge.cli import application

FOLDER = ROOT / "docs" / "commands"
EVERYWHERE = {"--lake", "--debug", "--help", "--version"}


def names(app: cyclopts.App) -> list[str]:
    """List the commands of an application or of a group."""
    return [name for name in app if not name.startswith("-")]


APP = application()
COMMANDS = names(APP)


def page(command: str) -> str:
    """Read a command's page."""
    return (FOLDER / f"{command}.md").read_text(encoding="utf-8")


def arguments(app: cyclopts.App) -> Iterator[tuple[str, ...]]:
    """Yield each argument of a command, and of the commands below it, with all its spellings."""
    below = names(app)
    if below:
        for name in below:
            yield from arguments(app[name])
        return
    for argument in app.assemble_argument_collection():
        yield argument.names


def table(text: str) -> str:
    """Take the rows of a page's tables."""
    return "\n".join(line for line in text.splitlines() if line.startswith("|"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented(command: str) -> None:
    """Each option stands in a table of the command's page, in each spelling."""
    rows = table(page(command))
    missing = [
        name
        for spellings in arguments(APP[command])
        for name in spellings
        if not re.search(rf"`{re.escape(name)}[ `]", rows)
        and f"`{name.strip('-').upper()}" not in rows
    ]
    assert missing == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_is_invented(command: str) -> None:
    """What a page calls an option is one."""
    known = {name for spellings in arguments(APP[command]) for name in spellings}
    told = set(re.findall(r"`(--?[a-z][a-z-]*)", table(page(command))))
    assert told - known - EVERYWHERE == set()


def test_every_command_has_a_page_and_a_line() -> None:
    """Each command has a page; the first page lists them all, and what holds everywhere."""
    first = page("index")
    assert {path.stem for path in FOLDER.glob("*.md")} == {*COMMANDS, "index"}
    assert [name for name in COMMANDS if f"`dialgauge {name}`]({name}.md)" not in first] == []
    assert [name for name in EVERYWHERE if f"`{name}" not in first] == []


def test_commands_below_lake_have_a_heading() -> None:
    """`dialgauge lake` is a group; each of its commands has a heading."""
    text = page("lake")
    assert [name for name in names(APP["lake"]) if f"\n## {name}\n" not in text] == []
