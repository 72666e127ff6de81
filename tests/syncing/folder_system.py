"""What may a system be that is small enough to know by heart?

A folder: `calls.csv` grows at its end, `agents.csv` is read whole. Each call gets the name of its
agent as its script, so that a call that was taken in without the agents shows it. A folder that
holds a file `down` does not answer, and one whose `down` holds a number breaks off after so many
pages.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from dialgauge.accounts import Connected
from dialgauge.errors import ServerError
from dialgauge.lake import Lake
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.live import Account, Page, Setting, Span
from dialgauge.sources.spooled import find_streams, load_stream
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.syncing.feed import Feed
from dialgauge.tables import TABLES

SETTINGS = (
    Setting("folder", "In which folder is it?", "the/folder"),
    Setting("page", "How many rows has a page?", "3", required=False),
    Setting("timezone", "In which zone are its times?", "Europe/Berlin", required=False),
)
SECRETS = (Setting("password", "With which password?"),)

_CALLS = ("call_id", "started_at", "agent_id", "talk_s")


def probe(account: Account) -> list[str]:
    """Say how many calls there are."""
    return [f"{len(list(_rows(account, 'calls')))} calls are there"]


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read the agents whole, and calls from where it stopped."""
    down = Path(str(account.settings["folder"]), "down")
    left = int(down.read_text() or 0) if down.exists() else 1_000_000
    for page in _pages(account, span):
        if left == 0:
            raise ServerError(f"the folder does not answer to {account.secret('password')}")
        left -= 1
        time.sleep(float(str(account.settings.get("rest_s", 0))))
        yield page


def _pages(account: Account, span: Span) -> Iterator[Page]:
    yield Page(stream="agents", rows=_table(list(_rows(account, "agents")), ("agent_id", "name")))
    size = int(str(account.settings.get("page", 3)))
    first = 0 if span.start or span.end else int(span.cursors.get("calls", "0"))
    calls = list(_rows(account, "calls"))
    for place in range(first, len(calls), size):
        wanted = [
            call
            for call in calls[place : place + size]
            if (span.start is None or _at(call) >= span.start)
            and (span.end is None or _at(call) < span.end)
        ]
        where = {"calls": str(min(place + size, len(calls)))}
        yield Page(stream="calls", rows=_table(wanted, _CALLS), cursors=where)


def stage(con: duckdb.DuckDBPyConnection, request: Request) -> list[Staged]:
    """Make calls; one whose seconds are no number has a problem."""
    files = find_streams(request.paths, ("agents", "calls"))
    load_stream(con, "agents", files.get("agents", ()), ("agent_id", "name"))
    load_stream(con, "calls", files.get("calls", ()), _CALLS)
    shape = Shape(
        columns={
            "call_id": "call_id",
            "started_at": "TRY_CAST(started_at AS TIMESTAMPTZ)",
            "direction": "'outbound'",
            "result": "'human'",
            "agent_id": "calls.agent_id",
            "script": "coalesce(name, '(no agents)')",
            "talk_s": "TRY_CAST(talk_s AS DOUBLE)",
        },
        rows="(SELECT * FROM calls LEFT JOIN (SELECT agent_id, max_by(name, _row) AS name "
        "FROM agents GROUP BY 1) AS agents USING (agent_id)) AS calls",
        problem="CASE WHEN TRY_CAST(talk_s AS DOUBLE) IS NULL THEN 'talk_s is no number' END",
        raw="_said",
    )
    return [stage_shapes(con, TABLES["calls"], [shape])]


def add_calls(folder: Path, first: int, last: int, day: str = "2026-01-05") -> None:
    """Let calls happen; every fourth one cannot be understood."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "calls.csv").open("a", encoding="utf-8") as file:
        for number in range(first, last + 1):
            talk = "long" if number % 4 == 0 else f"{number}"
            file.write(f"c{number},{day}T09:00:{number % 60:02}Z,a{number % 2},{talk}\n")
    (folder / "agents.csv").write_text("a0,Ann\na1,Ben\n", encoding="utf-8")


def feed(lake: Lake, folder: Path, name: str = "pbx", **settings: object) -> Feed:
    """Describe the folder as a feed."""
    account = Connected(name=name, system="folder", settings={"folder": str(folder), **settings})
    live = Account(name=name, settings=account.settings, secret=lambda _: "open sesame")
    return Feed(
        account=account,
        kind="fetch",
        folder=Path(lake.layout.sync(name), "fetch"),
        stage=stage,
        pages=lambda span: fetch(live, span),
        said=["open sesame"],
    )


def cursors(lake: Lake, name: str = "pbx") -> dict[str, dict[str, str]]:
    """Read where reading stopped."""
    path = Path(lake.layout.sync(name), "fetch", "cursors.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    return {"kept": found["kept"], "fetched": found["fetched"]}


def pages_left(lake: Lake, name: str = "pbx") -> list[str]:
    """List the pages that wait."""
    folder = Path(lake.layout.sync(name), "fetch", "pages", name)
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def _rows(account: Account, name: str) -> Iterator[dict[str, str]]:
    path = Path(str(account.settings["folder"]), f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        headers = _CALLS if name == "calls" else ("agent_id", "name")
        yield from csv.DictReader(file, fieldnames=headers)


def _at(call: dict[str, str]) -> dt.datetime:
    return dt.datetime.fromisoformat(call["started_at"])


def _table(rows: list[dict[str, str]], columns: tuple[str, ...]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in columns})
