"""How do programs ask?

Under /api/v1, one file a subject. Every number comes from the gauge of whoever asks, so their row
rules hold; every refusal is a problem document with the sentence of the command line.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from dialgauge.server.access.cookies import SESSION
from dialgauge.server.api import (
    ask,
    checks,
    cohorts,
    health,
    imports,
    kpis,
    rows,
    sources,
    targets,
    try_it,
    why,
)
from dialgauge.server.api.problems import problems
from dialgauge.server.api.query import only_known

PREFIX = "/api/v1"

# They let nobody in and keep nobody out, `access` does: they only say so in the document.
_TOKEN = HTTPBearer(auto_error=False, description="A token, made under Tokens.")
_COOKIE = APIKeyCookie(name=SESSION, auto_error=False, description="Whoever is logged in.")


def install(app: FastAPI) -> None:
    """Serve the API and its try-it page."""
    known = Depends(only_known)
    public = APIRouter(prefix=PREFIX, dependencies=[known], responses=problems())
    public.include_router(health.router)
    private = APIRouter(
        prefix=PREFIX,
        dependencies=[known, Security(_TOKEN), Security(_COOKIE)],
        responses=problems(),
    )
    for part in (kpis, ask, rows, why, targets, cohorts, checks, sources, imports):
        private.include_router(part.router)
    app.include_router(private)
    app.include_router(public)
    app.include_router(try_it.router)
