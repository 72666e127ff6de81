"""How do tests serve a small demo?

The lake is made once a process; whoever changes it asks for a copy.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import io
import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from dialgauge import front
from dialgauge.cli import main
from dialgauge.config import find
from dialgauge.server import api, refusals
from dialgauge.server.site import Site
from dialgauge.server.viewer import AT_HOME, Viewer
from dialgauge.store import open_store

CALLS = 2_000


@functools.cache
def demo() -> Path:
    """Make the demo's lake; nobody may change it."""
    folder = Path(tempfile.mkdtemp(prefix="dialgauge-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["demo", str(folder / "lake"), "--calls", str(CALLS)]) == 0
    return folder / "lake"


def copy_of_demo(folder: Path) -> Path:
    """Copy the demo's lake, for who changes it."""
    return shutil.copytree(demo(), folder / "lake")


def site(lake: Path, folder: Path) -> Site:
    """Open a lake for a server.

    Args:
        lake: The lake.
        folder: Where its database is made.
    """
    config = find(None, str(lake), os.environ)
    store = open_store(f"sqlite:///{folder / 'dialgauge.db'}")
    return Site(gauge=front.configured(config), config=config, store=store)


def application(served: Site, who: Viewer = AT_HOME) -> FastAPI:
    """Serve the API alone to one viewer, whom nobody asks for a password."""
    app = FastAPI(title="dialgauge", openapi_url="/api/v1/openapi.json", docs_url=None)
    app.state.site = served
    refusals.install(app)

    @app.middleware("http")
    async def known(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        request.state.viewer, request.state.csrf = who, "-"
        return await call_next(request)

    api.install(app)
    return app


def client(served: Site, who: Viewer = AT_HOME) -> TestClient:
    """Ask the API in this process."""
    return TestClient(application(served, who), raise_server_exceptions=False)


def printed(lake: Path, *words: str) -> Any:
    """Run a command and read the JSON it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*words, "--format", "json", "--lake", str(lake)]) == 0
    return json.loads(out.getvalue())


def refused(lake: Path, *words: str) -> str:
    """Run a command that is refused and give its sentence."""
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        assert main([*words, "--lake", str(lake)]) != 0
    return err.getvalue().strip().removeprefix("dialgauge: ")


@contextlib.contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """Serve an application on a port of this machine, and give its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)
