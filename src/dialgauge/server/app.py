"""How are the rooms of the server put together?"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from dialgauge.server import access, api, export, heads, pages, pressing, refusals, static
from dialgauge.server.api import hooks
from dialgauge.server.site import Site

_AT_ONCE = 200  # requests; few of them work, the others wait for an answer and must stop nobody


@contextlib.asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _AT_ONCE
    app.state.intake.start()
    yield
    await run_in_threadpool(app.state.intake.stop)


def create_app(site: Site) -> FastAPI:
    """Make the application that serves a lake.

    Args:
        site: What every request may need.

    Returns:
        An ASGI application: pages, their twins, exports and the API.
    """
    app = FastAPI(
        title="dialgauge",
        summary="Telemarketing measured: true, explained numbers from call records.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # they would load scripts from elsewhere; `api` serves its own
        redoc_url=None,
        lifespan=_running,
    )
    app.state.site = site
    refusals.install(app)
    access.install(app, site)
    static.install(app)
    api.install(app)
    hooks.install(app, site)
    pages.install(app)
    export.install(app)
    pressing.install(app)
    heads.install(app)
    return app
