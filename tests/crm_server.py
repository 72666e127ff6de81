"""How do tests stand in for a CRM on the network?

A `Crm` answers over HTTP on this machine with what a test put into it, in the shapes that the
system documents; `troubles` come first, as real servers have them: throttling, failures, damage.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import uvicorn

from dialgauge.sources.base import Request, Stage
from dialgauge.sources.live import Account, Fetch, Page, Span
from staging import Result

TOKEN = "s3cret-token-of-the-test"

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    params: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What the server says; `cut` bytes at the end are announced and never sent."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: int = 0


class Trouble(Protocol):
    """What goes wrong instead of an answer."""

    def __call__(self, answer: Callable[[], Answer]) -> Answer:
        """Spoil the answer."""


def status(code: int, body: Any = None, **headers: str) -> Trouble:
    """Answer with a status instead; headers are written with _ for -."""
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(body if body is not None else {"message": "no"}, code, written)


def broken_json(answer: Callable[[], Answer]) -> Answer:
    """Answer with half of the JSON, as if that were all."""
    said = json.dumps(answer().body).encode()
    return Answer(None, raw=said[: len(said) // 2])


def cut_off(answer: Callable[[], Answer]) -> Answer:
    """Hang up in the middle of the answer."""
    return Answer(answer().body, cut=40)


class Crm(ABC):
    """A CRM on this machine; a system's own fills `answer`."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.troubles: list[tuple[str, Trouble]] = []
        self.url = ""

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""

    def paths(self) -> list[str]:
        """List which paths were asked for, in order."""
        return [asked.path for asked in self.asked]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, as ASGI wants it."""
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        asked = Asked(
            method=scope["method"],
            path=scope["path"],
            params=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            body=_read(body, headers.get("content-type", "")),
            headers=headers,
        )
        self.asked.append(asked)
        answer = self._spoiled(asked) or self.answer(asked)
        said = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
        shown = {"content-type": "application/json", "content-length": str(len(said))}
        shown |= {name.lower(): value for name, value in answer.headers.items()}
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(name.encode(), value.encode()) for name, value in shown.items()],
            }
        )
        sent = said[: len(said) - answer.cut] if answer.cut else said
        with contextlib.suppress(RuntimeError):
            await send({"type": "http.response.body", "body": sent, "more_body": bool(answer.cut)})

    def _spoiled(self, asked: Asked) -> Answer | None:
        for number, (path, trouble) in enumerate(self.troubles):
            if path in asked.path:
                del self.troubles[number]
                return trouble(lambda: self.answer(asked))
        return None


def _read(body: bytes, kind: str) -> Any:
    if "json" in kind:
        return json.loads(body)
    return dict(parse_qsl(body.decode())) if body else None


@contextlib.contextmanager
def listening(crm: Crm) -> Iterator[str]:
    """Serve a CRM on a port of this machine, and give its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(crm, log_level="critical", ws="none", date_header=True)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive()
        crm.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        yield crm.url
        server.should_exit = True
        thread.join(30)


def account(crm: Crm, *secrets: tuple[str, str], **settings: object) -> Account:
    """Give an account of the system under test; requests are tried three times."""
    known = dict(secrets) or {"token": TOKEN}
    return Account(
        name="crm", settings={"url": crm.url, "attempts": 3, **settings}, secret=known.__getitem__
    )


class Spool:
    """Keeps pages as a sync does, and stages them."""

    def __init__(self, folder: Any, fetch: Fetch, stage: Stage) -> None:
        self.folder, self.fetch, self._stage = folder, fetch, stage
        self.cursors: dict[str, str] = {}
        self.rolls: dict[str, pa.Table] = {}
        self.pages = 0

    def run(self, account: Account, span: Span | None = None) -> list[Page]:
        """Fetch until the end, or until it fails; what came is kept."""
        pages = []
        for page in self.fetch(account, span or self.span()):
            self.keep(page)
            pages.append(page)
        return pages

    def keep(self, page: Page) -> None:
        """Write a page, then take over its cursors."""
        self.pages += 1
        path = self.folder / page.stream / f"{self.pages:06d}.parquet"
        path.parent.mkdir(exist_ok=True, parents=True)
        pq.write_table(page.rows, path)
        self.cursors |= page.cursors
        self.rolls |= page.rolls

    def span(self) -> Span:
        """Say where reading goes on."""
        return Span(cursors=dict(self.cursors), roll=self.rolls.get)

    def a_day_later(self) -> None:
        """Let the time pass after which it is looked again for what was deleted."""
        for cursor in self.rolls:
            at = dt.datetime.fromisoformat(self.cursors[cursor])
            self.cursors[cursor] = (at - dt.timedelta(days=1)).isoformat()

    def emptied(self) -> None:
        """Forget the pages, as after they were taken in; the cursors stay."""
        for path in self.folder.rglob("*.parquet"):
            path.unlink()

    def stage(self, **options: str) -> Mapping[str, Result]:
        """Stage what is kept: table to its result."""
        con = duckdb.connect()
        request = Request(paths=(self.folder,), options=options, phone_key=b"key")
        found: dict[str, Result] = {}
        for each in self._stage(con, request):
            name = each.table.name
            found[f"{name}, again" if name in found else name] = Result(con, [each])
        return found


def streams(pages: Sequence[Page]) -> dict[str, list[dict[str, str | None]]]:
    """Gather the rows of pages by their streams."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for page in pages:
        found.setdefault(page.stream, []).extend(page.rows.to_pylist())
    return found


def everything(pages: Sequence[Page]) -> str:
    """Write all that pages hold as one text."""
    return "\n".join(str(pa.Table.to_pylist(page.rows)) + str(page.cursors) for page in pages)
