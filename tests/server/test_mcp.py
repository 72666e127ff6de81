"""Does an assistant get what the lake says, and no more than it may see?

The real command is started, and asked over its standard input by the protocol's own client.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from dialgauge.server.app import create_app
from dialgauge.server.masking import MASKED
from dialgauge.store import open_store
from served import copy_of_demo, demo, listening, printed, refused, site

Visit: TypeAlias = Callable[[Client], Coroutine[Any, Any, Any]]
APRIL = {"start": "2026-04-01", "end": "2026-05-01"}


@pytest.fixture(scope="module")
def lake() -> Path:
    """The demo's lake."""
    return demo()


def visit(todo: Visit, *words: str, **variables: str) -> Any:
    """Start the command, let a client do something, and end it."""

    async def visiting() -> Any:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "dialgauge", "mcp", *words],
            env={**os.environ, **variables},
        )
        async with Client(parameters) as client:
            return await todo(client)

    # A thread of its own: where a browser's tests ran before, its loop holds the main one.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(anyio.run, visiting).result()


def called(client_words: tuple[str, ...], tool: str, **arguments: Any) -> Any:
    """Call one tool and read what it gives, or the sentence of its refusal."""

    async def todo(client: Client) -> Any:
        found = await client.call_tool(tool, arguments)
        text = "".join(block.text for block in found.content if block.type == "text")
        if found.is_error:
            return text
        assert json.loads(text) == found.structured_content
        return found.structured_content

    return visit(todo, *client_words)


def at(lake: Path) -> tuple[str, ...]:
    """Name a lake."""
    return ("--lake", str(lake))


def test_the_tools_are_described(lake: Path) -> None:
    """Four tools, each argument explained, none of which changes anything; and how to answer."""

    async def todo(client: Client) -> Any:
        return client.instructions, (await client.list_tools()).tools

    instructions, tools = visit(todo, *at(lake))
    assert "interval" in instructions
    assert {tool.name for tool in tools} == {"list_kpis", "describe", "ask", "rows"}
    for tool in tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        properties = tool.input_schema["properties"]
        undescribed = [name for name, told in properties.items() if "description" not in told]
        assert undescribed == []


def test_kpis_are_listed_and_explained(lake: Path) -> None:
    """All of the catalogue; those that a word finds, in a language; all that is said of one."""

    async def todo(client: Client) -> Any:
        return [
            (await client.call_tool(name, arguments)).structured_content
            for name, arguments in (
                ("list_kpis", {}),
                ("list_kpis", {"search": "дозвон", "lang": "ru"}),
                ("describe", {"kpi": "contact_rate", "lang": "ka"}),
            )
        ]

    everything, found, told = visit(todo, *at(lake))
    names = [kpi["name"] for kpi in printed(lake, "kpis")]
    assert [kpi["name"] for kpi in everything["kpis"]] == names
    assert 0 < len(found["kpis"]) < len(names)
    assert told == printed(lake, "kpis", "contact_rate", "--lang", "ka")


def test_answers_are_those_of_the_command(lake: Path) -> None:
    """With intervals and notes, split, filtered and compared."""
    found = called(
        at(lake),
        "ask",
        kpis=["contact_rate", "dials"],
        by=["team"],
        where=["line_type = 'mobile'"],
        versus="previous",
        timezone="Asia/Tbilisi",
        **APRIL,
    )
    words = ["--by", "team", "--where", "line_type = 'mobile'", "--versus", "previous"]
    days = ["--from", "2026-04-01", "--to", "2026-05-01", "--timezone", "Asia/Tbilisi"]
    assert found == printed(lake, "ask", "contact_rate", "dials", *words, *days)
    value = found["total"]["contact_rate"]
    assert value["low"] < value["value"] < value["high"]


def test_long_answers_are_cut_and_say_so(lake: Path) -> None:
    """No more groups than an assistant can read."""
    found = called(at(lake), "ask", kpis=["dials"], by=["agent", "hour", "weekday"])
    everything = printed(lake, "ask", "dials", "--by", "agent", "--by", "hour", "--by", "weekday")
    assert found["rows"] == everything["rows"][:200]
    assert f"Only the first 200 of {len(everything['rows']):,} groups" in found["notes"][0]
    assert found["total"] == everything["total"]


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("ask", {"kpis": ["contact_rat"]}, ["ask", "contact_rat"]),
        ("ask", {"kpis": ["dials"], "by": ["teem"]}, ["ask", "dials", "--by", "teem"]),
        ("ask", {"kpis": ["dials"], "start": "June"}, ["ask", "dials", "--from", "June"]),
        ("describe", {"kpi": "contact_rat"}, ["kpis", "contact_rat"]),
        ("rows", {"kpi": "dail"}, ["rows", "dail"]),
    ],
)
def test_refusals_are_sentences_of_the_command(
    lake: Path, tool: str, arguments: dict[str, Any], words: list[str]
) -> None:
    """An assistant reads what can be asked instead."""
    assert called(at(lake), tool, **arguments).endswith(refused(lake, *words))


def test_rows_are_few_and_masked(lake: Path) -> None:
    """Even for the owner no token of a phone is shown, and none can be guessed."""
    found = called(at(lake), "rows", kpi="dials", limit=5)
    assert len(found["rows"]) == 5
    assert {row.get("phone_token", MASKED) for row in found["rows"]} == {MASKED}
    told = called(at(lake), "rows", kpi="dials", where=["phone_token > 'a'"])
    assert "may not see" in told
    told = called(at(lake), "rows", kpi="dials", limit=101)
    assert "less than or equal to 100" in told


def test_a_user_sees_their_own_rows(tmp_path: Path) -> None:
    """A team lead's numbers are those of the team; a viewer gets no rows; who is kept out none."""
    lake = copy_of_demo(tmp_path)
    own = printed(lake, "ask", "dials", "--where", "team = 'Alder'")["total"]
    with contextlib.closing(open_store(f"sqlite:///{lake / 'dialgauge.db'}")) as store:
        store.users.add("owner", "owner")
        store.users.add("lead", "team_lead", teams=("Alder",))
        store.users.add("guest", "viewer")
        gone = store.users.add("gone", "viewer")
        store.users.disable(gone.id)
    assert called((*at(lake), "--as", "lead"), "ask", kpis=["dials"])["total"] == own
    assert "may not" in called((*at(lake), "--as", "guest"), "rows", kpi="dials")
    assert "kept out" in refused(lake, "mcp", "--as", "gone")
    assert "did you mean 'lead'" in refused(lake, "mcp", "--as", "leat")


def test_a_server_is_asked_with_a_token(tmp_path: Path, lake: Path) -> None:
    """The same tools through a server: answers of whoever the token belongs to."""
    served = site(lake, tmp_path)
    served.store.users.add("owner", "owner")
    user = served.store.users.add("lead", "team_lead", teams=("Alder",))
    ends_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    token = served.store.tokens.make(user.id, "assistant", ("ask", "rows"), ends_at)
    own = printed(lake, "ask", "dials", "--where", "team = 'Alder'")["total"]

    async def todo(client: Client) -> Any:
        asked = await client.call_tool("ask", {"kpis": ["dials"], **APRIL})
        whole = await client.call_tool("ask", {"kpis": ["dials"]})
        rows = await client.call_tool("rows", {"kpi": "dials", "limit": 3})
        wrong = await client.call_tool("ask", {"kpis": ["dail"]})
        listed = await client.call_tool("list_kpis", {})
        told = await client.call_tool("describe", {"kpi": "dials"})
        return asked, whole, rows, wrong, listed, told

    with listening(create_app(served)) as url:
        words = ("--url", url, "--token-env", "GAUGE_TOKEN")
        asked, whole, rows, wrong, listed, told = visit(todo, *words, GAUGE_TOKEN=token)
    assert asked.structured_content["question"]["from"] == "2026-04-01"
    assert whole.structured_content["total"] == own
    assert len(rows.structured_content["rows"]) == 3
    assert wrong.is_error
    assert "did you mean 'dials'" in wrong.content[0].text
    assert len(listed.structured_content["kpis"]) == len(printed(lake, "kpis"))
    assert told.structured_content == printed(lake, "kpis", "dials")


def test_what_cannot_be_is_refused_at_once(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without a token, a user on a server."""
    monkeypatch.delenv("DIALGAUGE_TOKEN", raising=False)
    assert "DIALGAUGE_TOKEN is not set" in refused(lake, "mcp", "--url", "https://g.example.com")
    both = refused(lake, "mcp", "--url", "https://g.example.com", "--as", "lead")
    assert "the token says who asks" in both
